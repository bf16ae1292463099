package telemetry

import (
	"context"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// databaseMetrics are about calls to DynamoDB. The histogram is OpenTelemetry's:
//
// https://opentelemetry.io/docs/specs/semconv/database/database-metrics/
// https://opentelemetry.io/docs/specs/semconv/database/dynamodb/
type databaseMetrics struct {
	seconds   *prometheus.HistogramVec
	calls     *prometheus.CounterVec
	retries   *prometheus.CounterVec
	throttles *prometheus.CounterVec
	consumed  *prometheus.CounterVec
	conflicts *prometheus.CounterVec
}

func newDatabaseMetrics() databaseMetrics {
	pattern := []string{"access_pattern", "operation"}
	and := func(label string) []string { return append(slices.Clip(pattern), label) }
	return databaseMetrics{
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "db_client_operation_duration_seconds",
			Help: "Time of a call to DynamoDB, with its retries.",
			// The convention's, and three between them, where DynamoDB's answers are.
			Buckets:     []float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 10},
			ConstLabels: prometheus.Labels{"db_system_name": "aws.dynamodb"},
		}, []string{"db_operation_name", "db_collection_name", "error_type"}),
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "falafel_dynamodb_calls_total",
			Help: "Calls to DynamoDB, by access pattern and what came of them. A call has one attempt or, with retries, several.",
		}, and("outcome")),
		retries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "falafel_dynamodb_retries_total",
			Help: "Attempts of calls to DynamoDB beyond the first.",
		}, pattern),
		throttles: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "falafel_dynamodb_throttles_total",
			Help: "Attempts of calls to DynamoDB that it throttled, whether or not a later one succeeded.",
		}, pattern),
		consumed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "falafel_dynamodb_consumed_units_total",
			Help: "Capacity units that DynamoDB reported. It reports none for calls that fail, although conditions that fail cost as well.",
		}, and("kind")),
		conflicts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "falafel_transaction_conflicts_total",
			Help: "Transactions that met another one and were tried again: at the same time, or because it changed the restaurant's summary in between.",
		}, []string{"access_pattern", "reason"}),
	}
}

func (m databaseMetrics) collectors() []prometheus.Collector {
	return []prometheus.Collector{m.seconds, m.calls, m.retries, m.throttles, m.consumed, m.conflicts}
}

// Outcome is what came of a call to the database.
type Outcome string

// The outcomes of a call.
const (
	OK              Outcome = "ok"
	ConditionFailed Outcome = "condition_failed"
	Conflict        Outcome = "conflict"    // with another transaction
	Throttled       Outcome = "throttled"   // and there were no more attempts
	Unavailable     Outcome = "unavailable" // no answer in time, or that of a server that failed
	Canceled        Outcome = "canceled"    // whoever asked went away
	Failed          Outcome = "error"       // a fault of ours: rights, a table that is gone, a request that is wrong
)

// The outcomes are all there are.
func outcomes() []Outcome {
	return []Outcome{OK, ConditionFailed, Conflict, Throttled, Unavailable, Canceled, Failed}
}

// ConflictReason is why a transaction was tried again.
type ConflictReason string

// The reasons of a conflict.
const (
	TransactionConflict ConflictReason = "transaction_conflict" // another one wrote the same items at the same time
	SummaryChanged      ConflictReason = "summary_changed"      // another one was faster
)

// DatabaseCall is one call to the database that ended.
type DatabaseCall struct {
	AccessPattern string
	Operation     string // "Query"
	Table         string
	Outcome       Outcome
	ErrorType     string // of a fixed set; "" when there was none
	Took          time.Duration
	Attempts      int
	Throttled     int // of the attempts

	ReadUnits, WriteUnits float64
}

// DatabaseUse is a way in which the database is called.
type DatabaseUse struct {
	AccessPattern, Operation string
	Reads, Writes            bool // the kinds of units that it consumes
	Conflicts                bool // it is a transaction
}

// DeclareDatabaseUse makes counters exist before the first call.
func (m *Metrics) DeclareDatabaseUse(use DatabaseUse) {
	if m == nil {
		return
	}
	for _, outcome := range outcomes() {
		m.database.calls.WithLabelValues(use.AccessPattern, use.Operation, string(outcome))
	}
	m.database.retries.WithLabelValues(use.AccessPattern, use.Operation)
	m.database.throttles.WithLabelValues(use.AccessPattern, use.Operation)
	if use.Reads {
		m.database.consumed.WithLabelValues(use.AccessPattern, use.Operation, kindRead)
	}
	if use.Writes {
		m.database.consumed.WithLabelValues(use.AccessPattern, use.Operation, kindWrite)
	}
	if use.Conflicts {
		for _, reason := range []ConflictReason{TransactionConflict, SummaryChanged} {
			m.database.conflicts.WithLabelValues(use.AccessPattern, string(reason))
		}
	}
}

// DatabaseCalled counts a call; ctx is that of whoever asked.
func (m *Metrics) DatabaseCalled(ctx context.Context, call DatabaseCall) {
	if m == nil {
		return
	}
	observe(m.database.seconds.WithLabelValues(call.Operation, call.Table, call.ErrorType), call.Took.Seconds(), exemplar(ctx))
	m.database.calls.WithLabelValues(call.AccessPattern, call.Operation, string(call.Outcome)).Inc()
	if call.Attempts > 1 {
		m.database.retries.WithLabelValues(call.AccessPattern, call.Operation).Add(float64(call.Attempts - 1))
	}
	if call.Throttled > 0 {
		m.database.throttles.WithLabelValues(call.AccessPattern, call.Operation).Add(float64(call.Throttled))
	}
	if call.ReadUnits > 0 {
		m.database.consumed.WithLabelValues(call.AccessPattern, call.Operation, kindRead).Add(call.ReadUnits)
	}
	if call.WriteUnits > 0 {
		m.database.consumed.WithLabelValues(call.AccessPattern, call.Operation, kindWrite).Add(call.WriteUnits)
	}
}

// Conflicted counts a transaction that is tried again.
func (m *Metrics) Conflicted(accessPattern string, reason ConflictReason) {
	if m == nil {
		return
	}
	m.database.conflicts.WithLabelValues(accessPattern, string(reason)).Inc()
}
