package telemetry

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics are the numbers that Prometheus collects.
type Metrics struct {
	registry  *prometheus.Registry
	requests  *prometheus.CounterVec
	durations *prometheus.HistogramVec
}

// NewMetrics registers the service's metrics, and the Go runtime's, in a registry
// of their own.
func NewMetrics(_ Build) *Metrics {
	labels := []string{"method", "route", "code"}
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "http_requests_total",
			Help: "Requests answered, by method, route template and status code.",
		}, labels),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "http_response_duration_ms",
			Help:    "Time from a request's header to the end of its answer, in milliseconds.",
			Buckets: []float64{0.1, 0.5, 1, 2.5, 5, 10, 15, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000},
		}, labels),
	}
	m.registry.MustRegister(m.requests, m.durations,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Handler answers a scrape, in Prometheus' text format or OpenMetrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry, EnableOpenMetrics: true})
}

// Gatherer is for what reads the metrics within the process.
func (m *Metrics) Gatherer() prometheus.Gatherer { return m.registry }

// RequestBegins counts a request as in flight, until [Metrics.RequestEnds].
func (m *Metrics) RequestBegins(string) {}

// RequestEnds counts one answered request; ctx is the request's. The route is a template
// such as /v1/reviews/{id}, never a path: labels must stay few.
func (m *Metrics) RequestEnds(_ context.Context, answer Answer) {
	if m == nil {
		return
	}
	values := []string{knownMethod(answer.Method), answer.Route, strconv.Itoa(answer.Status)}
	m.requests.WithLabelValues(values...).Inc()
	m.durations.WithLabelValues(values...).Observe(float64(answer.Took) / float64(time.Millisecond))
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
