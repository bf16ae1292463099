// Package traces takes OpenTelemetry's spans as any collector does, over OTLP, keeps the
// last of them in memory, and shows a trace as a waterfall: in the console, in a terminal,
// and, by package tracestest, beside a test that failed.
//
//	buffer := traces.NewBuffer(traces.Limits{})
//	http.Handle("/v1/traces", buffer.Receiver()) // OTEL_EXPORTER_OTLP_ENDPOINT is this server
//	fmt.Print(buffer.Waterfall(id))
//
// It knows what DynamoDB's calls consumed and what that costs, where their spans say so;
// otherwise it takes the spans of any program. Read [Buffer] first.
package traces

import (
	"cmp"
	"container/list"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Limits are what a buffer holds at most. Zero is a default: 20,000 spans, 32 MB.
type Limits struct {
	Spans int
	Bytes int // about
}

const (
	defaultSpans = 20_000
	defaultBytes = 32 << 20
)

// Buffer holds the traces that came last. When there are too many, the ones that came first
// go, each as a whole. Its methods may be called from several goroutines.
type Buffer struct {
	limits  Limits
	decodes chan struct{} // as many places as batches are decoded at a time

	mu       sync.Mutex
	byID     map[string]*list.Element
	arrivals *list.List // of *trace, the first to come at the front
	spans    int
	bytes    int
	notify   []func(traceIDs []string)
}

// trace is what came of one.
type trace struct {
	id    string
	spans map[string]Span // by id: a batch that is sent twice is the same
	bytes int
}

// NewBuffer is an empty one.
func NewBuffer(limits Limits) *Buffer {
	if limits.Spans <= 0 {
		limits.Spans = defaultSpans
	}
	if limits.Bytes <= 0 {
		limits.Bytes = defaultBytes
	}
	return &Buffer{limits: limits, decodes: make(chan struct{}, maxDecodes), byID: map[string]*list.Element{}, arrivals: list.New()}
}

// Notify has tell called after spans came, with the ids of their traces.
func (b *Buffer) Notify(tell func(traceIDs []string)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.notify = append(b.notify, tell)
}

// Add keeps spans, and returns how many it had no place for: those of a trace that would
// fill the buffer alone.
func (b *Buffer) Add(spans ...Span) (rejected int) {
	b.mu.Lock()
	var ids []string
	for _, span := range spans {
		if !b.add(span) {
			rejected++
		} else if !slices.Contains(ids, span.TraceID) {
			ids = append(ids, span.TraceID)
		}
	}
	notify := slices.Clone(b.notify)
	b.mu.Unlock()
	if len(ids) > 0 {
		for _, tell := range notify { // which may look at the buffer
			tell(ids)
		}
	}
	return rejected
}

func (b *Buffer) add(span Span) bool {
	size := span.size()
	element, known := b.byID[span.TraceID]
	if !known {
		if size > b.limits.Bytes {
			return false
		}
		element = b.arrivals.PushBack(&trace{id: span.TraceID, spans: map[string]Span{}})
		b.byID[span.TraceID] = element
	}
	of := traceIn(element)
	more := 1
	if before, again := of.spans[span.SpanID]; again {
		more, size = 0, size-before.size()
	}
	if len(of.spans)+more > b.limits.Spans || of.bytes+size > b.limits.Bytes {
		return false
	}
	of.spans[span.SpanID] = span
	of.bytes += size
	b.spans += more
	b.bytes += size
	for b.spans > b.limits.Spans || b.bytes > b.limits.Bytes {
		oldest := b.arrivals.Front()
		if oldest == element { // which fits alone
			oldest = oldest.Next()
		}
		b.remove(oldest)
	}
	return true
}

func traceIn(element *list.Element) *trace {
	of, _ := element.Value.(*trace) // nothing else is in the list
	return of
}

func (b *Buffer) remove(element *list.Element) {
	of := traceIn(element)
	b.arrivals.Remove(element)
	delete(b.byID, of.id)
	b.spans -= len(of.spans)
	b.bytes -= of.bytes
}

// Clear forgets all.
func (b *Buffer) Clear() {
	b.mu.Lock()
	defer b.mu.Unlock()
	clear(b.byID)
	b.arrivals.Init()
	b.spans, b.bytes = 0, 0
}

// Bytes is about what the buffer takes in memory.
func (b *Buffer) Bytes() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.bytes
}

// Trace is all that came of a trace, in the order in which it began; nil where nothing did,
// or it had to make place.
func (b *Buffer) Trace(id string) []Span {
	b.mu.Lock()
	defer b.mu.Unlock()
	element, known := b.byID[strings.ToLower(id)]
	if !known {
		return nil
	}
	return traceIn(element).sorted()
}

func (t *trace) sorted() []Span {
	return slices.SortedFunc(maps.Values(t.spans), func(a, b Span) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.SpanID, b.SpanID))
	})
}

// Waterfall is the trace as text, see [Waterfall]; "" where there is none.
func (b *Buffer) Waterfall(traceID string) string { return Waterfall(b.Trace(traceID)) }

// Summary is what a list says of a trace.
type Summary struct {
	TraceID string    `json:"trace_id"`
	Root    string    `json:"root"`    // name of the span that it began with
	Service string    `json:"service"` // that span's
	At      time.Time `json:"at"`
	TookMS  float64   `json:"took_ms"` // from the first begin to the last end
	Spans   int       `json:"spans"`
	Error   bool      `json:"error"` // one of the spans failed
}

// Recent are the last traces that came, the newest first.
func (b *Buffer) Recent(limit int) []Summary {
	b.mu.Lock()
	defer b.mu.Unlock()
	summaries := []Summary{}
	for element := b.arrivals.Back(); element != nil && len(summaries) < limit; element = element.Prev() {
		summaries = append(summaries, traceIn(element).summary())
	}
	return summaries
}

func (t *trace) summary() Summary {
	s := Summary{TraceID: t.id, Spans: len(t.spans)}
	var root Span
	var end time.Time
	for _, span := range t.spans {
		_, hasParent := t.spans[span.ParentID]
		if !hasParent && (root.SpanID == "" || span.Start.Before(root.Start)) {
			root = span
		}
		if s.At.IsZero() || span.Start.Before(s.At) {
			s.At = span.Start
		}
		if ends := span.Start.Add(span.Took); ends.After(end) {
			end = ends
		}
		s.Error = s.Error || span.failed()
	}
	s.Root, s.Service, s.TookMS = root.Name, root.Service, milliseconds(end.Sub(s.At))
	s.At = s.At.Truncate(time.Millisecond)
	return s
}
