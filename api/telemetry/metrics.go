package telemetry

import (
	"context"
	"net/http"
	"runtime"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/trace"
)

// Metrics are the numbers that Prometheus collects. Its methods may be called from many
// goroutines, and on nil, which counts nothing.
//
// Every label takes its values from a fixed set: what a client or the database sends is
// looked up in it, and is never a value itself.
type Metrics struct {
	registry *prometheus.Registry
	requests requestMetrics
	database databaseMetrics
	business businessMetrics
	log      logMetrics
}

// NewMetrics registers the service's metrics, and the Go runtime's, in a registry
// of their own.
func NewMetrics(build Build) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(), requests: newRequestMetrics(), database: newDatabaseMetrics(),
		business: newBusinessMetrics(), log: newLogMetrics(),
	}
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "falafel_build_info", Help: "Always 1; the labels say what runs.",
		ConstLabels: prometheus.Labels{"version": build.Version, "go_version": runtime.Version(), "release": build.Release},
	})
	info.Set(1)
	m.registry.MustRegister(info,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.registry.MustRegister(m.requests.collectors()...)
	m.registry.MustRegister(m.database.collectors()...)
	m.registry.MustRegister(m.business.collectors()...)
	m.registry.MustRegister(m.log.dropped)
	return m
}

// Handler answers a scrape, in Prometheus' text format or OpenMetrics, which alone has
// exemplars.
func (m *Metrics) Handler() http.Handler {
	if m == nil {
		return http.NotFoundHandler()
	}
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry, EnableOpenMetrics: true})
}

// Gatherer is for what reads the metrics within the process.
func (m *Metrics) Gatherer() prometheus.Gatherer {
	if m == nil {
		return prometheus.Gatherers{}
	}
	return m.registry
}

// exemplar names the trace in which something was measured; nil where it is not kept.
func exemplar(ctx context.Context) prometheus.Labels {
	span := trace.SpanContextFromContext(ctx)
	if !span.IsSampled() {
		return nil
	}
	return prometheus.Labels{"trace_id": span.TraceID().String(), "span_id": span.SpanID().String()}
}

func observe(histogram prometheus.Observer, value float64, exemplar prometheus.Labels) {
	if with, ok := histogram.(prometheus.ExemplarObserver); ok && exemplar != nil {
		with.ObserveWithExemplar(value, exemplar)
		return
	}
	histogram.Observe(value)
}
