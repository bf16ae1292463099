package telemetry

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// requestMetrics are about requests to the API. Those that begin with http_server_ are
// OpenTelemetry's, under the names that its mapping to Prometheus gives them:
//
// https://opentelemetry.io/docs/specs/semconv/http/http-metrics/
// https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
//
// The first two were the earlier service's.
type requestMetrics struct {
	total        *prometheus.CounterVec
	milliseconds *prometheus.HistogramVec

	seconds      *prometheus.HistogramVec
	active       *prometheus.GaugeVec
	requestSize  *prometheus.HistogramVec
	responseSize *prometheus.HistogramVec

	consumed   *prometheus.CounterVec
	objectives *prometheus.CounterVec
	replays    prometheus.Counter
}

// TLS ends before the service.
var urlScheme = prometheus.Labels{"url_scheme": "http"}

func newRequestMetrics() requestMetrics {
	earlier := []string{"method", "route", "code"}
	conventional := []string{"http_request_method", "http_route", "http_response_status_code"}
	// Bodies are 102,400 bytes at most when they come, and rarely more when they go.
	sizes := []float64{100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 102_400, 1_000_000}
	return requestMetrics{
		total: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "http_requests_total",
			Help: "Requests answered, by method, route template and status code.",
		}, earlier),
		milliseconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "http_response_duration_ms",
			Help:    "Time from a request's header to the end of its answer, in milliseconds.",
			Buckets: []float64{0.1, 0.5, 1, 2.5, 5, 10, 15, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000},
		}, earlier),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "http_server_request_duration_seconds",
			Help: "Time from a request's header to the end of its answer.",
			// The convention's, and two below them: most answers take less than 5 ms.
			Buckets:     []float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10},
			ConstLabels: urlScheme,
		}, append(conventional, "error_type")),
		active: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "http_server_active_requests", Help: "Requests in flight.", ConstLabels: urlScheme,
		}, []string{"http_request_method"}),
		requestSize: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "http_server_request_body_size_bytes", Help: "Size of requests' bodies, where the client declares it.",
			Buckets: sizes, ConstLabels: urlScheme,
		}, conventional),
		responseSize: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "http_server_response_body_size_bytes", Help: "Size of answers' bodies.",
			Buckets: sizes, ConstLabels: urlScheme,
		}, conventional),
		consumed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "falafel_request_consumed_units_total",
			Help: "Capacity units that DynamoDB reported for the requests of a route: what each operation costs.",
		}, []string{"method", "route", "kind"}),
		objectives: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "falafel_slo_requests_total",
			Help: "Requests that count for an objective, by whether they kept it.",
		}, []string{"objective", "result"}),
		replays: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "falafel_idempotency_replays_total",
			Help: "Creations that were answered with the review of an earlier request with the same Idempotency-Key.",
		}),
	}
}

func (m requestMetrics) collectors() []prometheus.Collector {
	return []prometheus.Collector{
		m.total, m.milliseconds, m.seconds, m.active, m.requestSize, m.responseSize, m.consumed, m.objectives, m.replays,
	}
}

// RequestBegins counts a request as in flight, until [Metrics.RequestEnds].
func (m *Metrics) RequestBegins(method string) {
	if m == nil {
		return
	}
	m.requests.active.WithLabelValues(conventionalMethod(method)).Inc()
}

// RequestEnds counts one answered request; ctx is the request's. The route is a template
// such as /v1/reviews/{id}, never a path: labels must stay few.
func (m *Metrics) RequestEnds(ctx context.Context, answer Answer) {
	if m == nil {
		return
	}
	method, code, in := knownMethod(answer.Method), strconv.Itoa(answer.Status), exemplar(ctx)
	m.requests.total.WithLabelValues(method, answer.Route, code).Inc()
	observe(m.requests.milliseconds.WithLabelValues(method, answer.Route, code), float64(answer.Took)/float64(time.Millisecond), in)

	conventional, route, errorType := conventionalMethod(answer.Method), answer.Route, ""
	if route == Unmatched {
		route = "" // the convention leaves it out
	}
	if answer.Status >= http.StatusInternalServerError {
		errorType = code
	}
	observe(m.requests.seconds.WithLabelValues(conventional, route, code, errorType), answer.Took.Seconds(), in)
	if answer.RequestBytes >= 0 {
		m.requests.requestSize.WithLabelValues(conventional, route, code).Observe(float64(answer.RequestBytes))
	}
	m.requests.responseSize.WithLabelValues(conventional, route, code).Observe(float64(answer.ResponseBytes))
	m.requests.active.WithLabelValues(conventional).Dec()

	read, write := FromContext(ctx).consumed()
	if read > 0 {
		m.requests.consumed.WithLabelValues(method, answer.Route, kindRead).Add(read)
	}
	if write > 0 {
		m.requests.consumed.WithLabelValues(method, answer.Route, kindWrite).Add(write)
	}
}

// The kinds of capacity units.
const (
	kindRead  = "read"
	kindWrite = "write"
)

// DeclareObjective makes an objective's counters exist before the first request.
func (m *Metrics) DeclareObjective(name string) {
	if m == nil {
		return
	}
	for _, result := range []string{"good", "bad"} {
		m.requests.objectives.WithLabelValues(name, result)
	}
}

// ObjectiveJudged counts a request that counts for an objective.
func (m *Metrics) ObjectiveJudged(name string, good bool) {
	if m == nil {
		return
	}
	result := "bad"
	if good {
		result = "good"
	}
	m.requests.objectives.WithLabelValues(name, result).Inc()
}

// Replayed counts a creation that was answered with what an earlier one made.
func (m *Metrics) Replayed() {
	if m == nil {
		return
	}
	m.requests.replays.Inc()
}

// knownMethod bounds the label: a client may send any token as a method.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodOptions, http.MethodConnect, http.MethodTrace:
		return method
	default:
		return "OTHER"
	}
}

// conventionalMethod is [knownMethod] in OpenTelemetry's words.
func conventionalMethod(method string) string {
	if method = knownMethod(method); method == "OTHER" {
		return "_OTHER"
	}
	return method
}
