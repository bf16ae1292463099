package console

import (
	"container/list"
	"strconv"
	"strings"
	"sync"
)

// recorder keeps the last requests, by their number and by their size.
type recorder struct {
	limit  int
	budget *budget

	mu        sync.Mutex
	exchanges *list.List // of *exchange, oldest first
	byID      map[uint64]*list.Element
	byRequest map[string]*exchange // the API's X-Request-Id
	dropped   uint64
}

func newRecorder(limit int, b *budget) *recorder {
	return &recorder{limit: limit, budget: b, exchanges: list.New(), byID: map[uint64]*list.Element{}, byRequest: map[string]*exchange{}}
}

func exchangeIn(element *list.Element) *exchange {
	e, _ := element.Value.(*exchange) // nothing else is in the list
	return e
}

// begin takes an exchange in, and makes room for what it may bring.
func (r *recorder) begin(e *exchange) {
	e.size = baseSize + headerSize(e.request.Headers) + int64(len(e.summary.Path))
	r.budget.used.Add(e.size)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.byID[e.id] = r.exchanges.PushBack(e)
	r.makeRoom()
}

// end notes what an exchange takes and is called.
func (r *recorder) end(e *exchange, size int64, requestID string) {
	r.budget.used.Add(size)
	e.mu.Lock()
	e.size += size
	if e.evicted { // by whoever forgot everything meanwhile
		r.budget.give(e.size)
		e.size = 0
	}
	gone := e.evicted
	e.mu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	if requestID != "" && !gone {
		r.byRequest[requestID] = e
	}
	r.makeRoom()
}

// makeRoom leaves a quarter of the budget to what is under way. What has not ended is not
// what takes the room.
func (r *recorder) makeRoom() {
	for element := r.exchanges.Front(); element != nil && r.tooMuch(); {
		next := element.Next()
		e := exchangeIn(element)
		e.mu.Lock()
		if e.ended {
			r.forget(element, e)
			r.dropped++
		}
		e.mu.Unlock()
		element = next
	}
}

func (r *recorder) tooMuch() bool {
	return r.exchanges.Len() > r.limit || r.budget.used.Load() > r.budget.limit/4*3
}

// forget is called with both locks.
func (r *recorder) forget(element *list.Element, e *exchange) {
	r.exchanges.Remove(element)
	delete(r.byID, e.id)
	if r.byRequest[e.summary.RequestID] == e {
		delete(r.byRequest, e.summary.RequestID)
	}
	r.budget.give(e.size)
	e.evicted, e.size = true, 0
}

func (r *recorder) clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for element := r.exchanges.Front(); element != nil; {
		next := element.Next()
		e := exchangeIn(element)
		e.mu.Lock()
		r.forget(element, e)
		e.mu.Unlock()
		element = next
	}
	r.dropped = 0
}

// find is nil for an exchange that is not there any more.
func (r *recorder) find(id uint64) *exchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	if element, ok := r.byID[id]; ok {
		return exchangeIn(element)
	}
	return nil
}

// route notes which route a request had, as the API's log tells it.
func (r *recorder) route(requestID, route string) (Summary, bool) {
	r.mu.Lock()
	e := r.byRequest[requestID]
	r.mu.Unlock()
	if e == nil {
		return Summary{}, false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.summary.Route != "" {
		return Summary{}, false
	}
	e.summary.Route = route
	return e.summary, true
}

// Filter says which requests are meant.
type Filter struct {
	Limit  int
	Before uint64 // id; 0 is none
	Text   string // in the path, the route, an id, the error, or a body
	Status string // 404, or 4xx
	Method string
}

// list is newest first.
func (r *recorder) list(filter Filter) (items []Summary, dropped uint64) {
	items = []Summary{}
	r.mu.Lock()
	all := make([]*exchange, 0, r.exchanges.Len())
	for element := r.exchanges.Back(); element != nil; element = element.Prev() {
		all = append(all, exchangeIn(element))
	}
	dropped = r.dropped
	r.mu.Unlock()
	for _, e := range all {
		if len(items) == filter.Limit {
			break
		}
		if filter.Before != 0 && e.id >= filter.Before {
			continue
		}
		if summary, ended := e.summarised(); ended && filter.admits(summary) && (filter.matchesText(summary) || e.contains(filter.Text)) {
			items = append(items, summary)
		}
	}
	return items, dropped
}

// Matches reports whether a request is meant, as far as its summary tells.
func (f Filter) Matches(s Summary) bool { return f.admits(s) && f.matchesText(s) }

func (f Filter) admits(s Summary) bool {
	if f.Method != "" && !strings.EqualFold(f.Method, s.Method) {
		return false
	}
	if f.Status != "" {
		status := strconv.Itoa(s.Status)
		if class, ok := strings.CutSuffix(strings.ToLower(f.Status), "xx"); ok {
			if !strings.HasPrefix(status, class) {
				return false
			}
		} else if status != f.Status {
			return false
		}
	}
	return true
}

func (f Filter) matchesText(s Summary) bool {
	text := strings.ToLower(f.Text)
	for _, in := range []string{s.Path, s.Route, s.Error, s.TraceID, s.RequestID, s.Method, strconv.Itoa(s.Status)} {
		if strings.Contains(strings.ToLower(in), text) {
			return true
		}
	}
	return false
}
