package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/pretendfriend/falafel-api/devenv/faults"
	"github.com/pretendfriend/falafel-api/devenv/internal/respond"
)

const (
	tracesPath    = "/v1/traces"
	snapshotsPath = "/api/snapshots"

	// maxAsked is more than any form of the page sends: a request to the API, in JSON.
	maxAsked = 1 << 20
)

// routes are the JSON API, OTLP, and the page.
func (c *Console) routes() *http.ServeMux {
	mux := http.NewServeMux()
	c.readable(mux)
	mux.Handle("GET /api/events", c.hub)
	mux.HandleFunc("POST /api/requests/{id}/replay", c.replay)
	mux.HandleFunc("POST /api/send", c.sendOne)
	mux.HandleFunc("DELETE /api/requests", func(w http.ResponseWriter, _ *http.Request) {
		c.clear()
		w.WriteHeader(http.StatusNoContent)
	})
	if c.options.Faults != nil {
		mux.Handle("/api/faults", faults.Handler(c.options.Faults))
	}
	if c.options.Table != nil {
		mux.Handle("/api/table", c.options.Table)
		mux.Handle("/api/table/", c.options.Table)
	}
	mux.HandleFunc("POST /api/seed", c.seed)
	mux.HandleFunc("POST /api/reset", c.reset)
	mux.HandleFunc("GET /api/snapshot", c.saveSnapshot)
	mux.HandleFunc("POST "+snapshotsPath, c.openSnapshot)
	mux.HandleFunc("/snapshots/{id}/", c.showSnapshot)
	mux.Handle("POST "+tracesPath, c.options.Traces.Receiver())
	return mux
}

// readable are the parts of the JSON API that only tell, and what is nowhere else.
func (c *Console) readable(mux *http.ServeMux) {
	mux.HandleFunc("GET /api/state", func(w http.ResponseWriter, _ *http.Request) { respond.JSON(w, c.State()) })
	mux.HandleFunc("GET /api/requests", c.listRequests)
	mux.HandleFunc("GET /api/requests/{id}", c.showRequest)
	mux.HandleFunc("GET /api/requests/{id}/copy", c.copyRequest)
	mux.HandleFunc("GET /api/logs", c.listLogs)
	mux.HandleFunc("GET /api/series", func(w http.ResponseWriter, _ *http.Request) {
		respond.JSON(w, map[string]any{"ticks": c.series.all()})
	})
	mux.HandleFunc("GET /api/traces", c.showTraces)
	mux.HandleFunc("GET /api/traces/{trace}", c.showTraces)
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		respond.Problem(w, http.StatusNotFound, "There is no "+r.Method+" "+c.mask.target(r.URL.Path)+" here.")
	})
	if c.options.Page != nil {
		mux.Handle("/", c.options.Page)
	}
}

// query reads the parameters of a list.
type query struct {
	r   *http.Request
	err error
}

func (q *query) text(name string) string { return q.r.URL.Query().Get(name) }

func (q *query) number(name string, standard, most uint64) uint64 {
	text := q.text(name)
	if text == "" {
		return standard
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n > most {
		q.err = fmt.Errorf("%s is a whole number up to %d", name, most)
	}
	return n
}

const (
	standardPage, largestPage = 50, 5000
	anyID                     = 1 << 62
)

func (c *Console) listRequests(w http.ResponseWriter, r *http.Request) {
	q := query{r: r}
	filter := Filter{
		Limit: int(q.number("limit", standardPage, largestPage)), Before: q.number("before", 0, anyID), //nolint:gosec // largestPage fits
		Text: q.text("q"), Status: q.text("status"), Method: q.text("method"),
	}
	if q.err != nil {
		respond.Problem(w, http.StatusBadRequest, "The list cannot be given: "+q.err.Error()+".")
		return
	}
	items, dropped := c.recorder.list(filter)
	respond.JSON(w, map[string]any{"items": items, "dropped": dropped, "counted_only": c.counted.Load()})
}

func (c *Console) listLogs(w http.ResponseWriter, r *http.Request) {
	q := query{r: r}
	filter := LogFilter{
		Limit: int(q.number("limit", 4*standardPage, largestPage)), Before: q.number("before", 0, anyID), //nolint:gosec // largestPage fits
		Level: q.text("level"), Text: q.text("q"), Source: q.text("source"), RequestID: q.text("request_id"), TraceID: q.text("trace_id"),
	}
	if q.err != nil {
		respond.Problem(w, http.StatusBadRequest, "The list cannot be given: "+q.err.Error()+".")
		return
	}
	items, dropped := c.logs.list(filter)
	respond.JSON(w, map[string]any{"items": items, "dropped": dropped})
}

// exchangeOf is the request that the path names; nil where the answer says that there is
// none.
func (c *Console) exchangeOf(w http.ResponseWriter, r *http.Request) *exchange {
	id, err := strconv.ParseUint(r.PathValue("id"), 10, 64)
	if e := c.recorder.find(id); e != nil && err == nil {
		return e
	}
	respond.Problem(w, http.StatusNotFound, "That request is not kept any more, or never was.")
	return nil
}

func (c *Console) showRequest(w http.ResponseWriter, r *http.Request) {
	if e := c.exchangeOf(w, r); e != nil {
		respond.JSON(w, c.requestOf(e))
	}
}

// maxRequestLogs is as many lines as one request has in its detail.
const maxRequestLogs = 200

func (c *Console) requestOf(e *exchange) Request {
	full := e.full()
	full.Spans = c.spansOf(e)
	full.Logs = []LogLine{}
	if full.RequestID != "" {
		full.Logs, _ = c.logs.list(LogFilter{Limit: maxRequestLogs, RequestID: full.RequestID})
	}
	return full
}

func (c *Console) seed(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Profile string `json:"profile"`
		Size    int    `json:"size"`
	}
	if c.options.Seed == nil {
		respond.Problem(w, http.StatusNotImplemented, "There is nothing to seed here.")
		return
	}
	if !respond.Read(w, r, maxAsked, &asked) {
		return
	}
	last := time.Now()
	loaded, err := c.options.Seed(r.Context(), asked.Profile, asked.Size, func(done, total int) {
		// As often as an eye can follow, and at the end.
		if done == total || time.Since(last) > 100*time.Millisecond {
			last = time.Now()
			c.hub.publish("seed", map[string]any{"profile": asked.Profile, "done": done, "total": total})
		}
	})
	if err != nil {
		respond.Problem(w, http.StatusUnprocessableEntity, c.mask.text(sentence(err)))
		return
	}
	respond.JSON(w, map[string]any{"loaded": loaded})
}

func (c *Console) reset(w http.ResponseWriter, r *http.Request) {
	if c.options.Reset == nil {
		respond.Problem(w, http.StatusNotImplemented, "There is nothing to reset here.")
		return
	}
	began := time.Now()
	if err := c.options.Reset(r.Context()); err != nil {
		respond.Problem(w, http.StatusUnprocessableEntity, c.mask.text(sentence(err)))
		return
	}
	respond.JSON(w, map[string]any{"took_ms": milliseconds(time.Since(began))})
}

// sentence makes one of an error, for a person.
func sentence(err error) string {
	text := strings.TrimRight(err.Error(), ".")
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// faults are the switches that are on, as JSON.
func (c *Console) faults() json.RawMessage {
	if c.options.Faults == nil {
		return json.RawMessage("[]")
	}
	list := c.options.Faults.Faults()
	if content, err := json.Marshal(list); err == nil && len(list) > 0 {
		return content
	}
	return json.RawMessage("[]")
}

func (c *Console) faultsChanged() { c.hub.publish("faults", c.faults()) }

// ask asks a part of this program as if from outside.
func ask(handler http.Handler, method, target string, body []byte) (status int, content []byte) {
	r, err := http.NewRequest(method, target, bytes.NewReader(body)) //nolint:noctx // it is answered at once
	if err != nil {
		return 0, nil
	}
	r.RequestURI = target
	r.Header.Set("Content-Type", "application/json")
	var w answerBuffer
	handler.ServeHTTP(&w, r)
	return w.code(), w.content.Bytes()
}

// answerBuffer is an answer that is not sent.
type answerBuffer struct {
	header  http.Header
	status  int
	content bytes.Buffer
	limit   int // of the content; 0 is none
}

func (a *answerBuffer) code() int {
	if a.status == 0 {
		return http.StatusOK
	}
	return a.status
}

// Header implements http.ResponseWriter.
func (a *answerBuffer) Header() http.Header {
	if a.header == nil {
		a.header = http.Header{}
	}
	return a.header
}

// WriteHeader implements http.ResponseWriter.
func (a *answerBuffer) WriteHeader(status int) {
	if a.status == 0 && status >= http.StatusOK {
		a.status = status
	}
}

// Write implements http.ResponseWriter.
func (a *answerBuffer) Write(content []byte) (int, error) {
	if a.limit == 0 || a.content.Len()+len(content) <= a.limit {
		a.content.Write(content)
	}
	return len(content), nil
}

// Flush implements http.Flusher.
func (a *answerBuffer) Flush() {}
