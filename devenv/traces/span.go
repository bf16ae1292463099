package traces

import (
	"encoding/base64"
	"encoding/hex"
	"math"
	"strconv"
	"time"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
)

// Span is what one part of a program did, and for how long.
type Span struct {
	TraceID, SpanID string // hexadecimal, as in traceparent
	ParentID        string // "" without a parent
	TraceState      string // of W3C Trace Context, as it was when the span began
	Name            string
	Kind            string // server, client, producer, consumer, internal, or "" when it is not said
	Service         string // name of the service; "" when it is not said
	Start           time.Time
	Took            time.Duration
	Status          string // ok, error, or "" when it is not said
	Message         string // of the status
	Attributes      map[string]any
	Events          []Event
}

// Event is something that happened while a span ran.
type Event struct {
	Name       string
	At         time.Time
	Attributes map[string]any
}

// WireSpan is a span in the console's JSON.
type WireSpan struct {
	TraceID    string         `json:"trace_id"`
	SpanID     string         `json:"span_id"`
	ParentID   string         `json:"parent_id"`
	Name       string         `json:"name"`
	Kind       string         `json:"kind"`
	Service    string         `json:"service"`
	StartMS    float64        `json:"start_ms"` // since whatever the list begins with
	TookMS     float64        `json:"took_ms"`
	Status     string         `json:"status"`
	Message    string         `json:"message"`
	Attributes map[string]any `json:"attributes"`
	Events     []WireEvent    `json:"events"`
}

// WireEvent is an event in the console's JSON.
type WireEvent struct {
	Name       string         `json:"name"`
	StartMS    float64        `json:"start_ms"`
	Attributes map[string]any `json:"attributes"`
}

// Since is the span in JSON, with its times since begin.
func (s Span) Since(begin time.Time) WireSpan {
	wire := WireSpan{
		TraceID: s.TraceID, SpanID: s.SpanID, ParentID: s.ParentID, Name: s.Name, Kind: s.Kind, Service: s.Service,
		StartMS: milliseconds(s.Start.Sub(begin)), TookMS: milliseconds(s.Took), Status: s.Status, Message: s.Message,
		Attributes: orEmpty(s.Attributes), Events: make([]WireEvent, len(s.Events)),
	}
	for i, event := range s.Events {
		wire.Events[i] = WireEvent{event.Name, milliseconds(event.At.Sub(begin)), orEmpty(event.Attributes)}
	}
	return wire
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func orEmpty(attributes map[string]any) map[string]any {
	if attributes == nil {
		return map[string]any{}
	}
	return attributes
}

// text is an attribute of type string; "" without one.
func (s Span) text(attribute string) string {
	text, _ := s.Attributes[attribute].(string)
	return text
}

// failed reports whether whoever made the span says so.
func (s Span) failed() bool { return s.Status == statusError }

const statusError = "error"

// Ids of the wrong length, or all zeroes, are invalid: so says the protocol's definition.
func validID(id []byte, length int) bool {
	if len(id) != length {
		return false
	}
	for _, b := range id {
		if b != 0 {
			return true
		}
	}
	return false
}

// decode reads a span of the protocol; false for one that belongs to no trace.
func decode(from *tracepb.Span, service string) (Span, bool) {
	if !validID(from.GetTraceId(), 16) || !validID(from.GetSpanId(), 8) {
		return Span{}, false
	}
	s := Span{
		TraceID: hex.EncodeToString(from.GetTraceId()), SpanID: hex.EncodeToString(from.GetSpanId()),
		TraceState: from.GetTraceState(), Name: from.GetName(), Kind: kinds[from.GetKind()], Service: service,
		Start: timeOf(from.GetStartTimeUnixNano()), Attributes: attributesOf(from.GetAttributes()),
		Status: statuses[from.GetStatus().GetCode()], Message: from.GetStatus().GetMessage(),
	}
	if validID(from.GetParentSpanId(), 8) {
		s.ParentID = hex.EncodeToString(from.GetParentSpanId())
	}
	s.Took = max(0, timeOf(from.GetEndTimeUnixNano()).Sub(s.Start)) // clocks are set back
	for _, event := range from.GetEvents() {
		s.Events = append(s.Events, Event{event.GetName(), timeOf(event.GetTimeUnixNano()), attributesOf(event.GetAttributes())})
	}
	return s, true
}

var kinds = map[tracepb.Span_SpanKind]string{
	tracepb.Span_SPAN_KIND_INTERNAL: "internal", tracepb.Span_SPAN_KIND_SERVER: "server", tracepb.Span_SPAN_KIND_CLIENT: "client",
	tracepb.Span_SPAN_KIND_PRODUCER: "producer", tracepb.Span_SPAN_KIND_CONSUMER: "consumer",
}

var statuses = map[tracepb.Status_StatusCode]string{
	tracepb.Status_STATUS_CODE_OK: "ok", tracepb.Status_STATUS_CODE_ERROR: statusError,
}

func timeOf(nanoseconds uint64) time.Time {
	return time.Unix(0, int64(min(nanoseconds, math.MaxInt64))).UTC()
}

func attributesOf(list []*commonpb.KeyValue) map[string]any {
	if len(list) == 0 {
		return nil
	}
	attributes := make(map[string]any, len(list))
	for _, pair := range list {
		attributes[pair.GetKey()] = valueOf(pair.GetValue(), 0)
	}
	return attributes
}

const (
	// maxDepth is deeper than anybody nests attributes.
	maxDepth = 8

	// maxSafe is the largest integer that JavaScript keeps.
	maxSafe = 1<<53 - 1
)

// valueOf is a value that JSON can hold: what it cannot is written as text.
func valueOf(from *commonpb.AnyValue, depth int) any {
	switch value := from.GetValue().(type) {
	case *commonpb.AnyValue_StringValue:
		return value.StringValue
	case *commonpb.AnyValue_BoolValue:
		return value.BoolValue
	case *commonpb.AnyValue_IntValue:
		if value.IntValue > maxSafe || value.IntValue < -maxSafe {
			return strconv.FormatInt(value.IntValue, 10)
		}
		return value.IntValue
	case *commonpb.AnyValue_DoubleValue:
		if math.IsNaN(value.DoubleValue) || math.IsInf(value.DoubleValue, 0) {
			return strconv.FormatFloat(value.DoubleValue, 'g', -1, 64)
		}
		return value.DoubleValue
	case *commonpb.AnyValue_BytesValue:
		return base64.StdEncoding.EncodeToString(value.BytesValue)
	case *commonpb.AnyValue_ArrayValue:
		if depth == maxDepth {
			return "…"
		}
		list := make([]any, 0, len(value.ArrayValue.GetValues()))
		for _, element := range value.ArrayValue.GetValues() {
			list = append(list, valueOf(element, depth+1))
		}
		return list
	case *commonpb.AnyValue_KvlistValue:
		if depth == maxDepth {
			return "…"
		}
		nested := make(map[string]any, len(value.KvlistValue.GetValues()))
		for _, pair := range value.KvlistValue.GetValues() {
			nested[pair.GetKey()] = valueOf(pair.GetValue(), depth+1)
		}
		return nested
	default:
		return nil
	}
}

// size is about what the span takes in memory.
func (s Span) size() int {
	const ofSpan, ofEvent = 400, 100
	size := ofSpan + len(s.TraceID) + len(s.SpanID) + len(s.ParentID) + len(s.TraceState) + len(s.Name) + len(s.Message) + sizeOf(s.Attributes)
	for _, event := range s.Events {
		size += ofEvent + len(event.Name) + sizeOf(event.Attributes)
	}
	return size
}

func sizeOf(value any) int {
	const ofValue, ofPair = 32, 64
	switch value := value.(type) {
	case string:
		return ofValue + len(value)
	case []any:
		size := ofValue
		for _, element := range value {
			size += sizeOf(element)
		}
		return size
	case map[string]any:
		size := ofValue
		for name, element := range value {
			size += ofPair + len(name) + sizeOf(element)
		}
		return size
	default:
		return ofValue
	}
}
