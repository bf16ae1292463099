package console

import (
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// maxCalls is how many calls of a request are kept: the largest list asks 8 shards, and
// each a few times when the database refuses.
const maxCalls = 100

// exchange is a request that is recorded, while it passes and after.
type exchange struct {
	id      uint64
	began   time.Time
	traceID string
	spanID  string
	spans   json.RawMessage // of a snapshot; else they are in the buffer

	mu       sync.Mutex
	summary  Summary
	request  Message
	response Message
	calls    []Call
	dropped  int // calls
	ended    bool
	evicted  bool
	size     int64 // that it holds of the budget
}

// base is what an exchange takes without bodies and headers, and calls without theirs.
const baseSize, callSize = 1024, 512

func headerSize(fields [][2]string) (size int64) {
	for _, field := range fields {
		size += int64(len(field[0])+len(field[1])) + 32
	}
	return size
}

// full is all that is known of it, but spans and logs.
func (e *exchange) full() Request {
	e.mu.Lock()
	defer e.mu.Unlock()
	r := Request{Summary: e.summary, Calls: make([]Call, len(e.calls)), CallsDropped: e.dropped, Request: e.request, Response: e.response}
	copy(r.Calls, e.calls)
	return r
}

func (e *exchange) summarised() (summary Summary, ended bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.summary, e.ended
}

// contains reports whether one of the bodies has the text, in upper or lower case.
func (e *exchange) contains(text string) bool {
	e.mu.Lock()
	asked, answered := e.request.Body.Text, e.response.Body.Text
	e.mu.Unlock()
	text = strings.ToLower(text)
	return strings.Contains(strings.ToLower(asked), text) || strings.Contains(strings.ToLower(answered), text)
}

// add appends a call. It may come after the request has ended: the API does not always
// wait for what it has cancelled.
func (e *exchange) add(call Call, prices Prices, b *budget) {
	size := callSize + call.Request.size() + call.Response.size()
	for _, item := range call.Items {
		size += int64(len(item.PK) + len(item.SK) + len(item.Before) + len(item.After))
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.summary.Calls++
	e.summary.CallCount++
	e.summary.ReadUnits += call.ReadUnits
	e.summary.WriteUnits += call.WriteUnits
	e.summary.USDPerMillion = prices.of(e.summary.ReadUnits, e.summary.WriteUnits)
	if len(e.calls) == maxCalls || e.evicted || !b.take(size) {
		e.dropped++
		return
	}
	e.size += size
	call.ID = len(e.calls) + 1
	e.calls = append(e.calls, call)
	e.summary.DynamoDBMS = waited(e.calls)
}

// waited is how long at least one of the calls was under way, in milliseconds.
func waited(calls []Call) float64 {
	// Calls end in the order in which they are here, which is not that of their begin.
	type span struct{ from, to float64 }
	var spans []span
	for _, call := range calls {
		next := span{call.StartMS, call.StartMS + call.TookMS}
		spans = slices.DeleteFunc(spans, func(s span) bool {
			overlap := s.to >= next.from && next.to >= s.from
			if overlap {
				next.from, next.to = min(s.from, next.from), max(s.to, next.to)
			}
			return overlap
		})
		spans = append(spans, next)
	}
	var total float64
	for _, s := range spans {
		total += s.to - s.from
	}
	return math.Round(total*1000) / 1000
}

// of is what a million times so many units cost, in USD, to a hundredth of a cent.
func (p Prices) of(read, write float64) float64 {
	return math.Round((read*p.Read+write*p.Write)*10_000) / 10_000
}

// problemOf names in a few words what an error answer says.
func problemOf(status int, body Body) string {
	if status < http.StatusBadRequest {
		return ""
	}
	return errorText(body.Text)
}
