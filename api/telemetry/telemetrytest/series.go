// Package telemetrytest reads metrics for tests.
package telemetrytest

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
)

// Series are the values of metrics, by name and labels as a scrape writes them:
//
//	http_requests_total{code="200",method="GET",route="/status"}
//
// Of a histogram they are how many values there were (…_count) and their sum (…_sum).
type Series map[string]float64

// Read takes what there is now of the metrics with one of the prefixes, or of all.
func Read(t testing.TB, from prometheus.Gatherer, prefixes ...string) Series {
	t.Helper()
	families, err := from.Gather()
	require.NoError(t, err)
	series := Series{}
	for _, family := range families {
		name := family.GetName()
		if !hasPrefix(name, prefixes) {
			continue
		}
		for _, metric := range family.GetMetric() {
			var pairs []string
			for _, label := range metric.GetLabel() {
				pairs = append(pairs, fmt.Sprintf("%s=%q", label.GetName(), label.GetValue()))
			}
			labels := ""
			if len(pairs) > 0 {
				labels = "{" + strings.Join(pairs, ",") + "}"
			}
			switch {
			case metric.GetHistogram() != nil:
				series[name+"_count"+labels] = float64(metric.GetHistogram().GetSampleCount())
				series[name+"_sum"+labels] = metric.GetHistogram().GetSampleSum()
			case metric.GetGauge() != nil:
				series[name+labels] = metric.GetGauge().GetValue()
			default:
				series[name+labels] = metric.GetCounter().GetValue()
			}
		}
	}
	return series
}

func hasPrefix(name string, prefixes []string) bool {
	for _, prefix := range prefixes {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return len(prefixes) == 0
}

// Since is what was added to counters and histograms; what did not change is left out.
func (s Series) Since(before Series) Series {
	added := maps.Clone(s)
	for name, value := range before {
		if added[name] -= value; added[name] == 0 {
			delete(added, name)
		}
	}
	maps.DeleteFunc(added, func(_ string, value float64) bool { return value == 0 })
	return added
}
