package rest_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/pretendfriend/falafel-api/api/rest"
	"github.com/pretendfriend/falafel-api/api/telemetry"
)

func TestDurationsNameTheTraceThatTheyAreOf(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		provider := sdktrace.NewTracerProvider()
		t.Cleanup(func() { _ = provider.Shutdown(t.Context()) })
		handler, err := rest.New(s.store, rest.Options{
			CursorKey: make([]byte, 16), Metrics: s.counts, Timeout: 10 * time.Second, Tracing: telemetry.NewTracing(provider),
		})
		require.NoError(t, err)
		asks := func(trace, flags string) {
			in := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/restaurants/Habibi/reviews", nil)
			in.Header.Set("Traceparent", "00-"+trace+"-00f067aa0ba902b7-"+flags)
			handler.ServeHTTP(httptest.NewRecorder(), in)
		}
		const sampled, left = "4bf92f3577b34da6a3ce929d0e0e4736", "5bf92f3577b34da6a3ce929d0e0e4737"
		asks(left, "00")
		assert.NotContains(t, s.scrape(t, openMetrics), "trace_id", "what is not kept cannot be looked at")
		asks(sampled, "01")
		exemplars := regexp.MustCompile(`(?m)^(\w+)_bucket\{.*\} \d+ # \{(.*)\} [\d.e-]+ [\d.e+]+$`).FindAllStringSubmatch(s.scrape(t, openMetrics), -1)
		var of []string
		for _, exemplar := range exemplars {
			of = append(of, exemplar[1])
			assert.Contains(t, exemplar[2], `trace_id="`+sampled+`"`)
			assert.Regexp(t, `span_id="[0-9a-f]{16}"`, exemplar[2])
		}
		assert.ElementsMatch(t, []string{"http_response_duration_ms", "http_server_request_duration_seconds", "db_client_operation_duration_seconds"}, of)
		plain := s.scrape(t, "text/plain")
		assert.NotContains(t, plain, "trace_id", "the older format has no exemplars")
		assert.Contains(t, plain, "http_response_duration_ms_bucket")
	})
}

const openMetrics = "application/openmetrics-text; version=1.0.0"

// scrape reads the metrics in a format.
func (s *service) scrape(t testing.TB, format string) string {
	t.Helper()
	r := s.do(http.MethodGet, "/metrics").with("Accept", format)
	r.server, r.public = s.metrics, false
	a, err := r.try(t.Context())
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, a.status)
	mediaType, _, _ := strings.Cut(format, ";")
	require.Contains(t, a.header.Get("Content-Type"), mediaType)
	return a.body
}
