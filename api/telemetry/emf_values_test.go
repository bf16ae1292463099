package telemetry_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/pretendfriend/falafel-api/api/telemetry"
)

// bounds are the upper ones of a histogram's buckets.
func bounds(t require.TestingT, metrics *telemetry.Metrics, name string) []float64 {
	families, err := metrics.Gatherer().Gather()
	require.NoError(t, err)
	var found []float64
	for _, family := range families {
		if family.GetName() == name {
			for _, bucket := range family.GetMetric()[0].GetHistogram().GetBucket() {
				found = append(found, bucket.GetUpperBound())
			}
		}
	}
	require.NotEmpty(t, found)
	require.LessOrEqual(t, len(found)+1, 100, "the values of a metric in a line")
	return found
}

func TestAPercentileIsTheUpperBoundOfItsBucket(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		metrics := telemetry.NewMetrics(telemetry.Build{})
		var log bytes.Buffer
		stop := telemetry.StartEMF(&log, metrics, namespace)
		micros := rapid.SliceOfN(rapid.OneOf(
			rapid.Int64Range(0, 20_000_000), rapid.Int64Range(0, 1000), rapid.SampledFrom([]int64{100, 1000, 1_000_000, 10_000_000, 10_000_001}),
		), 1, 200).Draw(t, "µs")
		for _, micro := range micros {
			served(metrics, http.StatusOK, time.Duration(micro)*time.Microsecond)
		}
		stop()
		lines := readLines(t, log.Bytes())
		require.Len(t, lines, 1)
		values := lines[0].values(t, "RequestDuration")
		require.Len(t, values.Counts, len(values.Values))
		require.LessOrEqual(t, len(values.Values), 100)
		require.Positive(t, slices.Min(values.Counts))
		require.InDelta(t, slices.Min(values.Values), values.Min, 0)
		require.InDelta(t, slices.Max(values.Values), values.Max, 0)

		var all []float64
		for i, value := range values.Values {
			all = append(all, slices.Repeat([]float64{value}, int(values.Counts[i]))...)
		}
		slices.Sort(all)
		slices.Sort(micros)
		limits := bounds(t, metrics, "http_response_duration_ms")
		for i, micro := range micros { // the percentile i of len(micros)
			truth := float64(micro) / 1000
			upper := 2 * limits[len(limits)-1]
			if at, _ := slices.BinarySearch(limits, truth); at < len(limits) {
				upper = limits[at]
			}
			require.InDelta(t, upper, all[i], 0, "of %g ms", truth)
		}
	})
}

func TestWithoutANamespaceNothingIsWritten(t *testing.T) {
	t.Parallel()
	metrics := telemetry.NewMetrics(telemetry.Build{})
	served(metrics, http.StatusOK, time.Millisecond)
	var log bytes.Buffer
	telemetry.StartEMF(&log, metrics, "")()
	telemetry.StartEMF(&log, nil, namespace)()
	assert.Empty(t, log.String())
}

func TestNamespaces(t *testing.T) {
	t.Parallel()
	for namespace, valid := range map[string]bool{
		"falafel-hosted/api":     true,
		"A.b_c#1:2":              true,
		strings.Repeat("n", 255): true,
		strings.Repeat("n", 256): false,
		"":                       false,
		"AWS/ECS":                false,
		"AWSome":                 true,
		"two words":              false,
		"fälafel":                false,
		"a\n":                    false,
		":a":                     false,
	} {
		assert.Equal(t, valid, telemetry.ValidNamespace(namespace), "%q", namespace)
	}
}

func TestThePageHasEachMetric(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/hosted-monitoring.md")
	require.NoError(t, err)
	rows := regexp.MustCompile("(?m)^\\| `([A-Za-z]+)` \\| ([A-Za-z]+) \\|(?: `([A-Za-z]+)`)? \\|").FindAllStringSubmatch(string(page), -1)
	var told []telemetry.EMFMetric
	for _, row := range rows {
		told = append(told, telemetry.EMFMetric{Name: row[1], Unit: row[2], Dimension: row[3]})
	}
	assert.ElementsMatch(t, telemetry.EMFMetrics(), told)
}

// What it costs, once a minute: go test ./api/telemetry -bench EMF -run - -benchmem
func BenchmarkEMF(b *testing.B) {
	metrics := telemetry.NewMetrics(telemetry.Build{})
	for b.Loop() {
		everything(metrics)
		telemetry.StartEMF(io.Discard, metrics, namespace)()
	}
}
