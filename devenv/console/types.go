package console

import (
	"encoding/json"
	"time"
)

// Time is one as the page reads it: UTC, to the millisecond.
type Time struct{ time.Time }

const timeLayout = "2006-01-02T15:04:05.000Z"

// MarshalJSON implements json.Marshaler.
func (t Time) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(t.UTC().Format(timeLayout))
}

// UnmarshalJSON implements json.Unmarshaler.
func (t *Time) UnmarshalJSON(content []byte) error { return json.Unmarshal(content, &t.Time) }

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// State is what is running, and what can be done with it.
type State struct {
	Project        string            `json:"project"`
	Snapshot       *SnapshotOf       `json:"snapshot"`
	Front          string            `json:"front"`
	Services       []Service         `json:"services"`
	Build          *Build            `json:"build"`
	Table          string            `json:"table"`
	DynamoDB       Database          `json:"dynamodb"`
	Versions       map[string]string `json:"versions"`
	AccessPatterns []AccessPattern   `json:"access_patterns"`
	Faults         json.RawMessage   `json:"faults"`
	Profiles       json.RawMessage   `json:"profiles"`
	Prices         Prices            `json:"prices"`
	Limits         Limits            `json:"limits"`
	MemoryBytes    int64             `json:"memory_bytes"` // that what is recorded takes
	CountedOnly    uint64            `json:"counted_only"` // requests that were not recorded
}

// SnapshotOf says of what is shown that it is not what runs.
type SnapshotOf struct {
	At   Time   `json:"at"`
	Name string `json:"name"`
}

// The states of a service, and of a build.
const (
	Healthy  = "healthy"
	Starting = "starting"
	Building = "building"
	Failed   = "failed"
	Stopped  = "stopped"
	BuildOK  = "ok"
)

// Service is a part of the environment.
type Service struct {
	Name     string `json:"name"`
	State    string `json:"state"`
	URL      string `json:"url"`
	Since    Time   `json:"since"`
	Restarts int    `json:"restarts"`
	Detail   string `json:"detail"`
}

// Build is the last build of the API.
type Build struct {
	State  string       `json:"state"` // building, ok or failed
	At     Time         `json:"at"`
	TookMS float64      `json:"took_ms"`
	Errors []BuildError `json:"errors"`
	Output string       `json:"output"`
}

// BuildError is one complaint of the compiler.
type BuildError struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Text   string `json:"text"`
}

// Database is the DynamoDB behind the tap.
type Database struct {
	Kind     string `json:"kind"`
	Endpoint string `json:"endpoint"`
}

// AccessPattern is one of the service's, see [store.AccessPattern].
type AccessPattern struct {
	Name           string `json:"name"`
	Operation      string `json:"operation"`
	Index          string `json:"index"`
	Keys           string `json:"keys"`
	ConsistentRead bool   `json:"consistent_read"`
}

// Prices are AWS's list prices.
type Prices struct {
	Read  float64 `json:"read_unit_usd_per_million"`
	Write float64 `json:"write_unit_usd_per_million"`
}

// Limits say where the console stops keeping.
type Limits struct {
	Requests          int   `json:"requests"`
	BodyBytes         int   `json:"body_bytes"`
	ItemBytes         int   `json:"item_bytes"`
	MemoryBytes       int64 `json:"memory_bytes"`
	RecordedPerSecond int   `json:"recorded_per_second"`
	Logs              int   `json:"logs"`
}

// Summary is a request in a list.
type Summary struct {
	ID            uint64  `json:"id"`
	At            Time    `json:"at"`
	Method        string  `json:"method"`
	Path          string  `json:"path"` // with the query
	Route         string  `json:"route"`
	Status        int     `json:"status"` // 0: the client went away before there was one
	TookMS        float64 `json:"took_ms"`
	RequestBytes  int64   `json:"request_bytes"`
	ResponseBytes int64   `json:"response_bytes"`
	Calls         int     `json:"calls"`
	CallCount     int     `json:"call_count"` // the same: in a [Request], calls are the calls
	DynamoDBMS    float64 `json:"dynamodb_ms"`
	ReadUnits     float64 `json:"read_units"`
	WriteUnits    float64 `json:"write_units"`
	USDPerMillion float64 `json:"usd_per_million"` // of such requests
	Error         string  `json:"error"`
	TraceID       string  `json:"trace_id"`
	SpanID        string  `json:"span_id"`
	RequestID     string  `json:"request_id"`
	ReplayOf      uint64  `json:"replay_of"`
}

// Request is all that is known of a request.
type Request struct {
	Summary

	Calls        []Call          `json:"calls"` // in the place of their number
	CallsDropped int             `json:"calls_dropped"`
	Request      Message         `json:"request"`
	Response     Message         `json:"response"`
	Spans        json.RawMessage `json:"spans"`
	Logs         []LogLine       `json:"logs"`
}

// Message is what went over the wire in one direction.
type Message struct {
	Headers [][2]string `json:"headers"`
	Body    Body        `json:"body"`
}

// Body is what is kept of a content: as text where it is text, else in base64.
type Body struct {
	Text      string `json:"text,omitempty"`
	Base64    []byte `json:"base64,omitempty"`
	Truncated bool   `json:"truncated"`
	Bytes     int64  `json:"bytes"` // of all of it
	Note      string `json:"note,omitempty"`
}

// Call is one request to DynamoDB.
type Call struct {
	ID            int          `json:"id"`
	Operation     string       `json:"operation"`
	AccessPattern string       `json:"access_pattern"`
	Index         string       `json:"index"`
	StartMS       float64      `json:"start_ms"` // after the begin of the request
	TookMS        float64      `json:"took_ms"`
	Status        int          `json:"status"`
	Error         string       `json:"error"`
	Attempt       int          `json:"attempt"`
	ReadUnits     float64      `json:"read_units"`
	WriteUnits    float64      `json:"write_units"`
	USDPerMillion float64      `json:"usd_per_million"` // of such calls
	Fault         string       `json:"fault"`
	Request       Body         `json:"request"`
	Response      Body         `json:"response"`
	Items         []ItemChange `json:"items"`
}

// ItemChange is an item before and after a write, in DynamoDB's JSON; null is none.
type ItemChange struct {
	PK      string          `json:"pk"`
	SK      string          `json:"sk"`
	Before  json.RawMessage `json:"before"`
	After   json.RawMessage `json:"after"`
	Omitted bool            `json:"omitted"` // it is too large to keep
}

// LogLine is one line of a log.
type LogLine struct {
	ID         uint64            `json:"id"`
	At         Time              `json:"at"`
	Level      string            `json:"level"` // "" where the line has none
	Message    string            `json:"message"`
	Attributes map[string]string `json:"attributes"`
	Raw        string            `json:"raw"`
	Source     string            `json:"source"`
}

// Tick is a second in which something happened.
type Tick struct {
	At          Time    `json:"at"`
	Requests    int     `json:"requests"`
	Errors      int     `json:"errors"`
	P50         float64 `json:"p50_ms"`
	P95         float64 `json:"p95_ms"`
	P99         float64 `json:"p99_ms"`
	ReadUnits   float64 `json:"read_units"`
	WriteUnits  float64 `json:"write_units"`
	Calls       int     `json:"calls"`
	CountedOnly int     `json:"counted_only"`
}
