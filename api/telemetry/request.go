// Package telemetry is what the service tells about itself: metrics, logs, and
// what is known of each request while it is served. It knows nothing of reviews.
//
// Read [Request] first: the HTTP layer puts one in every context, the store adds
// what the database did, and log lines, metrics and headers are written from it.
package telemetry

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Request is what is known of one request while it is served. Its methods may be
// called from several goroutines, and on nil, where nothing is recorded.
type Request struct {
	ID      string // the X-Request-Id of the response
	TraceID string // of its trace, or the one that traceparent names; "" without either
	SpanID  string // of its own span; "" where tracing is off

	mu         sync.Mutex
	calls      int
	open       int
	openSince  time.Time
	waited     time.Duration
	readUnits  float64
	writeUnits float64
}

type requestKey struct{}

// WithRequest is a context in which [FromContext] finds the request.
func WithRequest(ctx context.Context, request *Request) context.Context {
	return context.WithValue(ctx, requestKey{}, request)
}

// FromContext is the request being served, or nil.
func FromContext(ctx context.Context) *Request {
	request, _ := ctx.Value(requestKey{}).(*Request)
	return request
}

// DatabaseCall notes that a call to the database begins. The function it returns
// notes the end, with the read and write capacity units that the call consumed.
// Calls that overlap are waited for once.
func (r *Request) DatabaseCall() (end func(readUnits, writeUnits float64)) {
	if r == nil {
		return func(float64, float64) {}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls++
	if r.open++; r.open == 1 {
		r.openSince = time.Now()
	}
	return func(readUnits, writeUnits float64) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.readUnits += readUnits
		r.writeUnits += writeUnits
		if r.open--; r.open == 0 {
			r.waited += time.Since(r.openSince)
		}
	}
}

// consumed is what the request's calls consumed so far.
func (r *Request) consumed() (readUnits, writeUnits float64) {
	if r == nil {
		return 0, 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.readUnits, r.writeUnits
}

// ServerTiming is the value of the Server-Timing header (W3C Server Timing): how
// long the request waited for the database, in milliseconds, in how many calls,
// and the capacity units that these consumed.
//
//	dynamodb;dur=4.217;desc="2 calls", read-units;desc="1", write-units;desc="10"
//
// A transaction that DynamoDB cancels does not report what it consumed, so that
// the units are a lower bound when there were conflicts.
func (r *Request) ServerTiming() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var b strings.Builder
	b.WriteString("dynamodb;dur=")
	b.WriteString(strconv.FormatFloat(float64(r.waited.Microseconds())/1000, 'f', -1, 64))
	b.WriteString(`;desc="`)
	b.WriteString(strconv.Itoa(r.calls))
	b.WriteString(` calls", read-units;desc="`)
	b.WriteString(strconv.FormatFloat(r.readUnits, 'f', -1, 64))
	b.WriteString(`", write-units;desc="`)
	b.WriteString(strconv.FormatFloat(r.writeUnits, 'f', -1, 64))
	b.WriteString(`"`)
	return b.String()
}
