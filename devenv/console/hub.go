package console

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/pretendfriend/falafel-api/devenv/internal/respond"
)

const (
	// Events that are kept for those whose connection broke, by number and by size.
	keptEvents, keptEventBytes = 2000, 4 << 20

	// waitingEvents is how far behind a reader may be before it loses events.
	waitingEvents = 512

	// heartbeat keeps a quiet connection from being taken for a dead one.
	heartbeat = 20 * time.Second

	// maxReaders bounds what tabs that nobody closes can cost.
	maxReaders = 64
)

type event struct {
	id   uint64
	kind string
	data []byte
}

// hub sends events to whoever listens (Server-Sent Events). Nobody waits for a reader: one
// that is too slow loses events, and is told so.
//
// https://html.spec.whatwg.org/multipage/server-sent-events.html
type hub struct {
	mu      sync.Mutex
	last    uint64
	kept    []event
	bytes   int
	readers map[*reader]struct{}
	closed  bool
}

type reader struct {
	events chan event
	lost   bool // since the last event that it got
}

func newHub() *hub { return &hub{readers: map[*reader]struct{}{}} }

// publish does nothing that takes long.
func (h *hub) publish(kind string, value any) {
	data, err := json.Marshal(value)
	if err != nil {
		return // of types of this package, of which none can fail
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last++
	e := event{h.last, kind, data}
	h.kept = append(h.kept, e)
	h.bytes += len(data)
	for len(h.kept) > keptEvents || h.bytes > keptEventBytes {
		h.bytes -= len(h.kept[0].data)
		h.kept[0].data = nil
		h.kept = h.kept[1:]
	}
	for r := range h.readers {
		h.send(r, e)
	}
}

func (h *hub) send(r *reader, e event) {
	if r.lost {
		// Room for both, or it would never learn of the gap.
		if cap(r.events)-len(r.events) < 2 {
			return
		}
		r.events <- event{e.id - 1, "gap", []byte("{}")}
		r.lost = false
	}
	select {
	case r.events <- e:
	default:
		r.lost = true
	}
}

// subscribe returns a reader, the events that it missed since the last one that it had,
// and whether that are all.
func (h *hub) subscribe(after uint64, resume bool) (r *reader, missed []event, complete bool, now uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || len(h.readers) >= maxReaders {
		return nil, nil, false, h.last
	}
	r = &reader{events: make(chan event, waitingEvents)}
	h.readers[r] = struct{}{}
	complete = true
	if resume {
		first := h.last - uint64(len(h.kept)) // the id before the first that is kept
		complete = after >= first && after <= h.last
		for _, e := range h.kept {
			if e.id > after && complete {
				missed = append(missed, e)
			}
		}
	}
	return r, missed, complete, h.last
}

func (h *hub) unsubscribe(r *reader) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.readers, r)
}

// close ends all readers, so that a server can stop.
func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return
	}
	h.closed = true
	for r := range h.readers {
		close(r.events)
		delete(h.readers, r)
	}
}

// ServeHTTP implements http.Handler.
func (h *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	last := r.Header.Get("Last-Event-ID")
	if last == "" {
		last = r.URL.Query().Get("last_event_id")
	}
	after, err := strconv.ParseUint(last, 10, 64)
	reader, missed, complete, now := h.subscribe(after, last != "" && err == nil)
	if reader == nil {
		respond.Problem(w, http.StatusServiceUnavailable, "Too many pages listen, or the console is stopping: close some, and load this one anew.")
		return
	}
	defer h.unsubscribe(reader)
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	out := &stream{w: w, control: http.NewResponseController(w)}
	out.send(event{0, "hello", fmt.Appendf(nil, `{"sequence":%d}`, now)})
	if !complete || last != "" && err != nil {
		out.send(event{now, "gap", []byte("{}")})
	}
	for _, e := range missed {
		out.send(e)
	}
	out.flush()
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()
	for out.err == nil {
		select {
		case e, open := <-reader.events:
			if !open {
				return
			}
			out.send(e)
			for range len(reader.events) { // those that wait go in one packet
				if e, open = <-reader.events; open {
					out.send(e)
				}
			}
			out.flush()
		case <-ticker.C:
			out.beat()
		case <-r.Context().Done():
			return
		}
	}
}

// stream writes events until that fails.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
	err     error
}

func (s *stream) send(e event) {
	if s.err != nil {
		return
	}
	// JSON has no line break in it.
	if e.id != 0 {
		_, s.err = fmt.Fprintf(s.w, "id: %d\n", e.id)
	}
	if s.err == nil {
		_, s.err = fmt.Fprintf(s.w, "event: %s\ndata: %s\n\n", e.kind, e.data)
	}
}

func (s *stream) beat() {
	if _, err := fmt.Fprint(s.w, ": still here\n\n"); err != nil {
		s.err = err
		return
	}
	s.flush()
}

func (s *stream) flush() {
	if err := s.control.Flush(); err != nil {
		s.err = err
	}
}
