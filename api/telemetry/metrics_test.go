package telemetry_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/telemetry"
	"github.com/pretendfriend/falafel-api/api/telemetry/telemetrytest"
)

func TestMetricsThatAreOffCountNothing(t *testing.T) {
	t.Parallel()
	var off *telemetry.Metrics
	methods := reflect.ValueOf(off)
	for i := range methods.NumMethod() {
		arguments := make([]reflect.Value, methods.Method(i).Type().NumIn())
		for j := range arguments {
			if of := methods.Method(i).Type().In(j); of == reflect.TypeFor[context.Context]() {
				arguments[j] = reflect.ValueOf(t.Context())
			} else {
				arguments[j] = reflect.Zero(of)
			}
		}
		assert.NotPanics(t, func() { methods.Method(i).Call(arguments) }, methods.Type().Method(i).Name)
	}
	assert.Empty(t, telemetrytest.Read(t, off.Gatherer()))
	out := httptest.NewRecorder()
	off.Handler().ServeHTTP(out, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	assert.Equal(t, http.StatusNotFound, out.Code)
}

func TestMetricsSayWhatRuns(t *testing.T) {
	t.Parallel()
	metrics := telemetry.NewMetrics(telemetry.Build{Version: "1.2.3", Release: "sha256:0f1e"})
	for series, n := range telemetrytest.Read(t, metrics.Gatherer(), "falafel_build_info") {
		assert.Regexp(t, `^falafel_build_info\{go_version="go1\.[\d.]+.*",release="sha256:0f1e",version="1\.2\.3"\}$`, series)
		assert.InDelta(t, 1, n, 0)
	}
	all := telemetrytest.Read(t, metrics.Gatherer())
	for _, series := range []string{"go_goroutines", "process_resident_memory_bytes", "process_start_time_seconds"} {
		assert.Positive(t, all[series], series)
	}
}

// The conventional histograms have the buckets of the convention, whose dashboards and
// alerts others have, and the one that was there first has its own.
//
// https://opentelemetry.io/docs/specs/semconv/http/http-metrics/
// https://opentelemetry.io/docs/specs/semconv/database/database-metrics/
func TestBucketsAreAtLeastThoseThatOthersRelyOn(t *testing.T) {
	t.Parallel()
	metrics := telemetry.NewMetrics(telemetry.Build{})
	metrics.RequestEnds(t.Context(), telemetry.Answer{Method: http.MethodGet, Route: "/r", Status: 200})
	metrics.DatabaseCalled(t.Context(), telemetry.DatabaseCall{Operation: "Query"})
	for name, want := range map[string][]float64{
		"http_server_request_duration_seconds": {0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10},
		"db_client_operation_duration_seconds": {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10},
		"http_response_duration_ms":            {0.1, 5, 15, 50, 100, 500},
		"falafel_review_rating":                {0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5},
	} {
		assert.Subset(t, buckets(t, metrics.Gatherer(), name), want, name)
	}
}

func buckets(t *testing.T, from prometheus.Gatherer, name string) (bounds []float64) {
	t.Helper()
	families, err := from.Gather()
	require.NoError(t, err)
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
		for _, bucket := range family.GetMetric()[0].GetHistogram().GetBucket() {
			bounds = append(bounds, bucket.GetUpperBound())
		}
	}
	return bounds
}
