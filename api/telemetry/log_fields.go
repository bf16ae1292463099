package telemetry

// A LogField is a member of a log line: a name that searches and alarms may rely on.
type LogField struct {
	Name        string
	Description string
}

// Fields that this package writes itself.
const (
	fieldRequestID  = "request_id"
	fieldTraceID    = "trace_id"
	fieldSpanID     = "span_id"
	fieldSampledOut = "sampled_out"
)

// LogFields are all that the service writes. A test holds them to the code, and
// docs/logs.md to them.
func LogFields() []LogField {
	return []LogField{
		{"time", "when, RFC 3339 with nanoseconds"},
		{"level", "how important: DEBUG, INFO, WARN or ERROR"},
		{"msg", "what happened; always the same words for the same thing"},
		{fieldRequestID, "the X-Request-Id of the request that was being served"},
		{fieldTraceID, "its trace: of the service's spans, or the one that the client's traceparent names"},
		{fieldSpanID, "its span, where traces are on"},
		{"method", "of a request"},
		{"route", "its route's template, never the path; unmatched without one"},
		{"status", "of its answer"},
		{"duration_ms", "from the request's header to the end of the answer"},
		{"bytes", "of the answer's body"},
		{fieldSampledOut, "how many lines of the same kind were left out before this one"},
		{"error", "why, in the words of the part that failed"},
		{"stack", "where a panic was"},
		{"what", "of an internal error: what the client would have been told"},
		{"addr", "where the API listens"},
		{"metrics_addr", "where metrics and health are"},
		{"table", "the DynamoDB table"},
		{"in_flight", "requests that a stop waits for"},
		{"from", "the level of the log before it was changed"},
		{"to", "the level after that"},
		{"class", "of what the AWS SDK says: WARN or DEBUG"},
		{"text", "what it says"},
		{"endpoint", "where traces are sent"},
		{"spans", "that were lost"},
	}
}

var fieldNames = func() map[string]bool {
	names := map[string]bool{}
	for _, field := range LogFields() {
		names[field.Name] = true
	}
	return names
}()
