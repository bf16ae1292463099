// Package otlptest is a receiver of traces for tests: OTLP over HTTP, read with the official
// messages. Read [Start].
package otlptest

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// Receiver keeps what was sent to it.
type Receiver struct {
	URL string // the base, as OTEL_EXPORTER_OTLP_ENDPOINT takes it

	answer func(attempt int, w http.ResponseWriter) bool

	mu       sync.Mutex
	attempts int
	requests []Request
	changed  chan struct{} // closed when there is more
}

// Request is one that was taken.
type Request struct {
	Path   string
	Header http.Header
	Body   []byte // unpacked
	Traces *tracepb.TracesData
}

// Start receives until the end of the test. An answer other than nil is asked about each
// attempt, counted from 1: it may write another answer than 200, and return false, for a
// batch that is not to be kept.
func Start(t testing.TB, answer func(attempt int, w http.ResponseWriter) bool) *Receiver {
	t.Helper()
	r := &Receiver{answer: answer, changed: make(chan struct{})}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if err := r.receive(w, request); err != nil {
			t.Errorf("what was sent to %s is no OTLP: %v", request.URL, err)
			w.WriteHeader(http.StatusBadRequest)
		}
	}))
	t.Cleanup(server.Close)
	r.URL = server.URL
	return r
}

func (r *Receiver) receive(w http.ResponseWriter, request *http.Request) error {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil // the sender gave up
	}
	if request.Header.Get("Content-Encoding") == "gzip" {
		unpacked, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return err
		}
		if body, err = io.ReadAll(unpacked); err != nil {
			return err
		}
	}
	traces := &tracepb.TracesData{}
	if err := proto.Unmarshal(body, traces); err != nil {
		return err
	}
	r.mu.Lock()
	r.attempts++
	attempt := r.attempts
	r.mu.Unlock()
	if r.answer != nil && !r.answer(attempt, w) {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests = append(r.requests, Request{request.URL.Path, request.Header.Clone(), body, traces})
	close(r.changed)
	r.changed = make(chan struct{})
	return nil
}

// Requests are those that were taken until now.
func (r *Receiver) Requests() []Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Request(nil), r.requests...)
}

// Attempts is how often something was sent, taken or not.
func (r *Receiver) Attempts() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.attempts
}

// Span is one that arrived, with whom it is of.
type Span struct {
	*tracepb.Span

	Resource *resourcepb.Resource
	Scope    string
}

// Attribute is the value as text; "" without one. A list is what it holds, each in its own
// brackets.
func (s Span) Attribute(key string) string { return Attribute(s.GetAttributes(), key) }

// Attribute is that of a span, an event or a resource.
func Attribute(attributes []*commonpb.KeyValue, key string) string {
	for _, attribute := range attributes {
		if attribute.GetKey() == key {
			return text(attribute.GetValue())
		}
	}
	return ""
}

func text(value *commonpb.AnyValue) string {
	switch v := value.GetValue().(type) {
	case *commonpb.AnyValue_StringValue:
		return v.StringValue
	case *commonpb.AnyValue_IntValue:
		return strconv.FormatInt(v.IntValue, 10)
	case *commonpb.AnyValue_BoolValue:
		return strconv.FormatBool(v.BoolValue)
	case *commonpb.AnyValue_DoubleValue:
		return strconv.FormatFloat(v.DoubleValue, 'g', -1, 64)
	case *commonpb.AnyValue_ArrayValue:
		var list strings.Builder
		for _, element := range v.ArrayValue.GetValues() {
			list.WriteString("[" + text(element) + "]")
		}
		return list.String()
	default:
		return ""
	}
}

// Spans are those that arrived until now.
func (r *Receiver) Spans() (spans []Span) {
	for _, request := range r.Requests() {
		for _, resource := range request.Traces.GetResourceSpans() {
			for _, scope := range resource.GetScopeSpans() {
				for _, span := range scope.GetSpans() {
					spans = append(spans, Span{span, resource.GetResource(), scope.GetScope().GetName()})
				}
			}
		}
	}
	return spans
}

// Wait returns the spans as soon as they are enough, or fails the test when the context
// ends.
func (r *Receiver) Wait(ctx context.Context, t testing.TB, enough func([]Span) bool) []Span {
	t.Helper()
	for {
		r.mu.Lock()
		changed := r.changed
		r.mu.Unlock()
		spans := r.Spans()
		if enough(spans) {
			return spans
		}
		select {
		case <-changed:
		case <-ctx.Done():
			t.Fatalf("the spans that are waited for do not come; there are %d", len(spans))
		}
	}
}
