package telemetry

import (
	"maps"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"
)

// EMFMetric is one that [StartEMF] writes. Alarms and the dashboard rely on it: a name, its
// unit or its dimension that changes has to change there.
type EMFMetric struct {
	Name      string
	Unit      string // of CloudWatch, such as "Count"
	Dimension string // the name of its only dimension, such as "Objective"; "" without one
}

// EMFMetrics are all that are written. There are none for a task, a route or an access
// pattern: each value of a dimension is a metric of its own, at a price. A task's log
// stream tells them apart, and /metrics has the rest.
func EMFMetrics() []EMFMetric {
	metrics := make([]EMFMetric, len(emfSources))
	for i, source := range emfSources {
		metrics[i] = source.EMFMetric
	}
	return metrics
}

// emfSource says which series make a metric of CloudWatch: their sum.
type emfSource struct {
	EMFMetric
	family        string
	label, prefix string // only series whose label begins with prefix; "": all
}

const objectiveDimension, objectiveLabel = "Objective", "objective"

const unitCount, unitMilliseconds = "Count", "Milliseconds"

var emfSources = []emfSource{
	{EMFMetric{"Requests", unitCount, ""}, "http_requests_total", "", ""},
	{EMFMetric{"ServerErrors", unitCount, ""}, "http_requests_total", "code", "5"},
	{EMFMetric{"RequestDuration", unitMilliseconds, ""}, "http_response_duration_ms", "", ""},
	{EMFMetric{"RequestsInFlight", unitCount, ""}, "http_server_active_requests", "", ""},
	{EMFMetric{"DynamoDBCalls", unitCount, ""}, "falafel_dynamodb_calls_total", "", ""},
	{EMFMetric{"DynamoDBThrottles", unitCount, ""}, "falafel_dynamodb_throttles_total", "", ""},
	{EMFMetric{"DynamoDBRetries", unitCount, ""}, "falafel_dynamodb_retries_total", "", ""},
	{EMFMetric{"ReadUnits", unitCount, ""}, "falafel_dynamodb_consumed_units_total", "kind", kindRead},
	{EMFMetric{"WriteUnits", unitCount, ""}, "falafel_dynamodb_consumed_units_total", "kind", kindWrite},
	{EMFMetric{"TransactionConflicts", unitCount, ""}, "falafel_transaction_conflicts_total", "", ""},
	{EMFMetric{"IdempotencyReplays", unitCount, ""}, "falafel_idempotency_replays_total", "", ""},
	{EMFMetric{"ReviewsWritten", unitCount, ""}, "falafel_reviews_written_total", "", ""},
	{EMFMetric{"LogLinesDropped", unitCount, ""}, "falafel_log_lines_dropped_total", "", ""},
	{EMFMetric{"SLORequestsGood", unitCount, objectiveDimension}, "falafel_slo_requests_total", "result", "good"},
	{EMFMetric{"SLORequestsBad", unitCount, objectiveDimension}, "falafel_slo_requests_total", "result", "bad"},
}

// emfDocument is what one line holds: all metrics that have a dimension, for one of its
// values, or all that have none.
type emfDocument struct {
	objective string // the value of the dimension; "" without one
	metrics   []emfReading
}

// emfReading is the sum of series, as it is since the process began.
type emfReading struct {
	emfSource
	gauge  bool
	value  float64   // of a counter or a gauge; the sum of what a histogram observed
	bounds []float64 // of a histogram's buckets, ascending
	counts []uint64  // observations in each, and beyond the last bound; nil: no histogram
}

// readDocuments takes what is written from all that was gathered.
func readDocuments(families []*dto.MetricFamily) []emfDocument {
	byName := map[string]*dto.MetricFamily{}
	objectives := map[string]bool{"": true}
	for _, family := range families {
		byName[family.GetName()] = family
		for _, series := range family.GetMetric() {
			objectives[labelOf(series, objectiveLabel)] = true
		}
	}
	var documents []emfDocument
	for _, objective := range slices.Sorted(maps.Keys(objectives)) {
		document := emfDocument{objective: objective}
		for _, source := range emfSources {
			if (source.Dimension == "") == (objective == "") {
				document.metrics = append(document.metrics, source.read(byName[source.family], objective))
			}
		}
		documents = append(documents, document)
	}
	return documents
}

// read adds up the series of the family, of one objective or, for "", of all.
func (s emfSource) read(family *dto.MetricFamily, objective string) emfReading {
	reading := emfReading{emfSource: s}
	for _, series := range family.GetMetric() {
		if !strings.HasPrefix(labelOf(series, s.label), s.prefix) || labelOf(series, objectiveLabel) != objective {
			continue
		}
		switch {
		case series.Counter != nil:
			reading.value += series.Counter.GetValue()
		case series.Gauge != nil:
			reading.gauge = true
			reading.value += series.Gauge.GetValue()
		case series.Histogram != nil:
			reading = reading.and(series.Histogram)
		}
	}
	return reading
}

func labelOf(metric *dto.Metric, name string) string {
	for _, pair := range metric.GetLabel() {
		if pair.GetName() == name {
			return pair.GetValue()
		}
	}
	return ""
}

// and adds a histogram. All of a family have the same buckets.
func (r emfReading) and(histogram *dto.Histogram) emfReading {
	if r.counts == nil {
		for _, bucket := range histogram.GetBucket() {
			r.bounds = append(r.bounds, bucket.GetUpperBound())
		}
		r.counts = make([]uint64, len(r.bounds)+1)
	}
	r.value += histogram.GetSampleSum()
	below := uint64(0) // buckets are cumulative
	for i, bucket := range histogram.GetBucket() {
		r.counts[i] += bucket.GetCumulativeCount() - below
		below = bucket.GetCumulativeCount()
	}
	r.counts[len(r.bounds)] += histogram.GetSampleCount() - below
	return r
}

// since is what was added to a counter or a histogram after before, and a gauge as it is.
func (r emfReading) since(before emfReading) emfReading {
	if r.gauge {
		return r
	}
	r.value -= before.value
	if before.counts != nil {
		r.counts = slices.Clone(r.counts)
		for i, written := range before.counts {
			r.counts[i] -= written
		}
	}
	return r
}

// isZero reports whether there is nothing to tell.
func (r emfReading) isZero() bool {
	return r.value == 0 && !slices.ContainsFunc(r.counts, func(count uint64) bool { return count > 0 })
}

// emfHistogram is a metric's value that stands for many: each of Values was observed as
// often as Counts says. CloudWatch makes percentiles of it.
type emfHistogram struct {
	Values []float64
	Counts []uint64
	Max    float64
	Min    float64
	Count  uint64
	Sum    float64
}

// target is what stands in a line for the reading; nil: nothing was observed.
//
// A bucket is represented by its upper bound. So a percentile is too high by less than the
// bucket is wide, and an alarm whose threshold is a bound is exact. What is beyond the last
// bound stands for twice that. Sum, and with it the average, is what was observed.
func (r emfReading) target() any {
	if r.Unit == unitCount {
		return r.value
	}
	histogram := emfHistogram{Sum: r.value}
	for i, count := range r.counts {
		if count == 0 {
			continue
		}
		histogram.Values = append(histogram.Values, r.representative(i))
		histogram.Counts = append(histogram.Counts, count)
		histogram.Count += count
	}
	if histogram.Count == 0 {
		return nil
	}
	histogram.Min, histogram.Max = histogram.Values[0], histogram.Values[len(histogram.Values)-1]
	return histogram
}

func (r emfReading) representative(bucket int) float64 {
	if bucket < len(r.bounds) {
		return r.bounds[bucket]
	}
	return 2 * r.bounds[len(r.bounds)-1]
}
