package console

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pretendfriend/falafel-api/devenv/internal/respond"
)

// A snapshot is one file: gzip, and in it one JSON object. Its format is what docs/console.md
// says; whoever changes it raises the version, and goes on reading those before.
const (
	snapshotFormat  = "falafel-console-snapshot"
	snapshotVersion = 1

	// What is taken of a file that somebody sends: what this console writes is less.
	maxSnapshotFile = 64 << 20
	maxSnapshot     = 256 << 20

	// snapshotItems is how much of the table is in it.
	snapshotItems = 10_000
	snapshotTable = 32 << 20

	snapshotTraces = 500
)

// snapshot is the content of the file.
type snapshot struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	At      Time   `json:"at"`

	State    State           `json:"state"`
	Requests []Request       `json:"requests"` // newest first
	Logs     []LogLine       `json:"logs"`     // newest first
	Traces   []savedTrace    `json:"traces"`
	Ticks    []Tick          `json:"ticks"`
	Table    savedTable      `json:"table"`
	Spec     json.RawMessage `json:"spec"` // the OpenAPI document, or null
}

type savedTrace struct {
	Summary json.RawMessage `json:"summary"`
	Trace   json.RawMessage `json:"trace"`
}

type savedTable struct {
	Description json.RawMessage   `json:"description"`
	Items       []json.RawMessage `json:"items"`
	Truncated   bool              `json:"truncated"` // there are more
}

// Save writes a snapshot of what there is.
func (c *Console) Save(w io.Writer) error {
	s := snapshot{Format: snapshotFormat, Version: snapshotVersion, At: Time{time.Now()}, State: c.State(), Ticks: c.series.all()}
	summaries, _ := c.recorder.list(Filter{Limit: c.limits.Requests})
	s.Requests = make([]Request, 0, len(summaries))
	for _, summary := range summaries {
		if e := c.recorder.find(summary.ID); e != nil {
			s.Requests = append(s.Requests, c.requestOf(e))
		}
	}
	s.Logs, _ = c.logs.list(LogFilter{Limit: c.limits.Logs})
	s.Traces = c.savedTraces()
	s.Table = c.savedTable()
	s.Spec = c.spec()
	packed := gzip.NewWriter(w)
	if err := json.NewEncoder(packed).Encode(s); err != nil {
		return fmt.Errorf("the snapshot cannot be written: %w", err)
	}
	if err := packed.Close(); err != nil {
		return fmt.Errorf("the snapshot cannot be written: %w", err)
	}
	return nil
}

func (c *Console) savedTraces() []savedTrace {
	saved := []savedTrace{}
	status, content := c.askTraces("/api/traces?limit=" + strconv.Itoa(snapshotTraces))
	var list struct{ Items []json.RawMessage }
	if status != http.StatusOK || json.Unmarshal(content, &list) != nil {
		return saved
	}
	for _, summary := range list.Items {
		if status, trace := c.askTraces("/api/traces/" + traceIDIn(summary)); status == http.StatusOK && json.Valid(trace) {
			saved = append(saved, savedTrace{summary, bytes.TrimSpace(trace)})
		}
	}
	return saved
}

func traceIDIn(summary json.RawMessage) string {
	var of struct {
		ID string `json:"trace_id"`
	}
	_ = json.Unmarshal(summary, &of) // "" is of no trace
	return of.ID
}

// savedTable has the begin of the table.
func (c *Console) savedTable() (saved savedTable) {
	saved.Items = []json.RawMessage{}
	if c.options.Table == nil {
		return saved
	}
	if status, content := ask(c.options.Table, http.MethodGet, "/api/table", nil); status == http.StatusOK {
		saved.Description = c.maskJSON(bytes.TrimSpace(content))
	}
	var size int
	next := json.RawMessage(nil)
	for {
		question := map[string]any{"limit": 100}
		if next != nil {
			question["start"] = next
		}
		body, err := json.Marshal(question)
		if err != nil {
			return saved
		}
		var page struct {
			Items []json.RawMessage `json:"items"`
			Next  json.RawMessage   `json:"next"`
		}
		status, content := ask(c.options.Table, http.MethodPost, "/api/table/scan", body)
		if status != http.StatusOK || json.Unmarshal(content, &page) != nil {
			saved.Truncated = true
			return saved
		}
		for _, item := range page.Items {
			saved.Items = append(saved.Items, c.maskJSON(item))
			size += len(item)
		}
		if end := string(page.Next); end == "" || end == "null" || end == `""` {
			return saved
		}
		if len(saved.Items) >= snapshotItems || size >= snapshotTable {
			saved.Truncated = true
			return saved
		}
		next = page.Next
	}
}

// spec is the API's document as it is served now.
func (c *Console) spec() json.RawMessage {
	front := c.unwatched.Load()
	if front == nil {
		return json.RawMessage("null")
	}
	answer := &answerBuffer{limit: 8 << 20}
	r, err := http.NewRequest(http.MethodGet, "/openapi.json", http.NoBody) //nolint:noctx // it is answered at once
	if err != nil {
		return json.RawMessage("null")
	}
	r.RequestURI, r.Host, r.RemoteAddr = "/openapi.json", "127.0.0.1", "127.0.0.1:0"
	r.Header.Set("Traceparent", parentOf(r.Header).child(spanID(), false)) // nobody wants to see this one
	func() {
		defer func() { _ = recover() }() // the API is just being replaced
		(*front).ServeHTTP(answer, r)
	}()
	if answer.code() != http.StatusOK || !json.Valid(answer.content.Bytes()) {
		return json.RawMessage("null")
	}
	return answer.content.Bytes()
}

func (c *Console) saveSnapshot(w http.ResponseWriter, _ *http.Request) {
	name := fmt.Sprintf("%s-%s.falafel.json.gz", c.options.Project, time.Now().UTC().Format("20060102-150405"))
	var content bytes.Buffer
	if err := c.Save(&content); err != nil {
		respond.Problem(w, http.StatusInternalServerError, sentence(err))
		return
	}
	w.Header().Set("Content-Type", "application/gzip")
	w.Header().Set("Content-Disposition", "attachment; filename="+strconv.Quote(name))
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(content.Bytes()) // the client may be gone
}

// errNoSnapshot begins what is said about a file that is none.
var errNoSnapshot = errors.New("that is no snapshot of the console")

// OpenSnapshot makes a console that shows what a file has, and changes nothing. The name
// is shown beside it, and the page is as in [Options]. Its error is a sentence.
func OpenSnapshot(r io.Reader, name string, page http.Handler) (*Console, error) {
	file, err := io.ReadAll(io.LimitReader(r, maxSnapshotFile))
	if err != nil {
		return nil, fmt.Errorf("the snapshot cannot be read: %w", err)
	}
	packed, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("%w: it is not compressed as one is", errNoSnapshot)
	}
	// Its size is looked at first: to decode a bomb takes as much memory as there is in it.
	switch size, err := io.CopyN(io.Discard, packed, maxSnapshot); {
	case size == maxSnapshot || len(file) == maxSnapshotFile:
		return nil, fmt.Errorf("%w: it is larger than one can be", errNoSnapshot)
	case !errors.Is(err, io.EOF):
		return nil, fmt.Errorf("%w: it is damaged", errNoSnapshot)
	}
	var s snapshot
	_ = packed.Reset(bytes.NewReader(file)) // as before
	switch err := json.NewDecoder(packed).Decode(&s); {
	case err != nil:
		return nil, fmt.Errorf("%w: it is damaged", errNoSnapshot)
	case s.Format != snapshotFormat:
		return nil, fmt.Errorf("%w: its format is not %s", errNoSnapshot, snapshotFormat)
	case s.Version < 1 || s.Version > snapshotVersion:
		return nil, fmt.Errorf("this snapshot is of version %d, and this console reads up to %d: open it with a newer checkout", s.Version, snapshotVersion)
	}
	return s.open(name, page), nil
}

func (s *snapshot) open(name string, page http.Handler) *Console {
	limits := s.State.Limits.orDefaults()
	limits.Requests, limits.Logs, limits.MemoryBytes = max(1, len(s.Requests)), max(1, len(s.Logs)), maxSnapshot*4
	c := New(Options{Project: s.State.Project, Front: s.State.Front, Limits: limits, Page: page, Table: &s.Table})
	c.traceList = savedTraces(s.Traces)
	c.saved = &s.State
	c.saved.Snapshot = &SnapshotOf{At: s.At, Name: name}
	for _, r := range slices.Backward(s.Requests) {
		r.Summary.Calls = r.CallCount
		c.recorder.begin(&exchange{
			id: r.ID, began: r.At.Time, traceID: r.TraceID, spanID: r.SpanID, spans: r.Spans, ended: true,
			summary: r.Summary, request: r.Request, response: r.Response, calls: r.Calls, dropped: r.CallsDropped,
		})
	}
	for _, line := range slices.Backward(s.Logs) {
		c.logs.lines = append(c.logs.lines, line)
	}
	c.series.ticks, c.series.fixed = s.Ticks, true
	return c
}

// savedTraces answers as the buffer did that they are from.
type savedTraces []savedTrace

// ServeHTTP implements http.Handler.
func (t savedTraces) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	items := []json.RawMessage{}
	for _, saved := range t {
		if strings.HasSuffix(r.URL.Path, "/"+traceIDIn(saved.Summary)) {
			respond.JSON(w, saved.Trace)
			return
		}
		items = append(items, saved.Summary)
	}
	if !strings.HasSuffix(r.URL.Path, "/api/traces") {
		respond.Problem(w, http.StatusNotFound, "That trace is not in the snapshot.")
		return
	}
	respond.JSON(w, map[string]any{"items": items})
}

// ServeHTTP shows what was saved of a table.
func (t *savedTable) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.Method + " " + r.URL.Path {
	case "GET /api/table":
		if t.Description == nil {
			respond.Problem(w, http.StatusNotFound, "There is no table in the snapshot.")
			return
		}
		respond.JSON(w, t.Description)
	case "POST /api/table/scan":
		respond.JSON(w, map[string]any{"items": t.Items, "next": "", "read_units": 0, "took_ms": 0, "call": nil, "truncated": t.Truncated})
	default:
		respond.Problem(w, http.StatusConflict, "Of a snapshot's table, the items can be seen, and nothing else can be done: scan it.")
	}
}

// opened are the snapshots that are shown.
type opened struct {
	mu   sync.Mutex
	last uint64
	open []shown // oldest first
}

type shown struct {
	id      string
	handler http.Handler
}

// maxOpened is enough to compare two, and bounds what they take.
const maxOpened = 3

func (o *opened) add(c *Console) (id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.last++
	id = strconv.FormatUint(o.last, 10)
	o.open = append(o.open, shown{id, c.readOnly()})
	if len(o.open) > maxOpened {
		o.open = append([]shown(nil), o.open[len(o.open)-maxOpened:]...)
	}
	return id
}

func (o *opened) find(id string) http.Handler {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, s := range o.open {
		if s.id == id {
			return s.handler
		}
	}
	return nil
}

// readOnly is the console of a snapshot.
func (c *Console) readOnly() http.Handler {
	mux := http.NewServeMux()
	c.readable(mux)
	mux.Handle("GET /api/table", c.options.Table)
	mux.Handle("/api/table/", c.options.Table)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if changes(r) && !strings.HasPrefix(r.URL.Path, "/api/table/") {
			respond.Problem(w, http.StatusConflict, "This is a snapshot: it can be read, and nothing can be changed.")
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func (c *Console) openSnapshot(w http.ResponseWriter, r *http.Request) {
	snapshot, err := OpenSnapshot(http.MaxBytesReader(w, r.Body, maxSnapshotFile), r.URL.Query().Get("name"), c.options.Page)
	if err != nil {
		respond.Problem(w, http.StatusUnprocessableEntity, sentence(err))
		return
	}
	respond.JSON(w, map[string]any{"id": c.opened.add(snapshot), "at": snapshot.saved.Snapshot.At})
}

func (c *Console) showSnapshot(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	handler := c.opened.find(id)
	if handler == nil {
		respond.Problem(w, http.StatusNotFound, "That snapshot is not open any more: open its file again.")
		return
	}
	http.StripPrefix("/snapshots/"+id, handler).ServeHTTP(w, r)
}
