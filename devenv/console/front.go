package console

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// member is what tracestate is called in which the number of a request travels to the
// calls that it makes (W3C Trace Context, section 3.3): the API passes it on without
// knowing it, as anybody who keeps to that standard does.
const member = "falafel"

// Front stands before the API, and records what passes: in full as many requests a second
// as [Limits] say, and of the others that they were. These get no spans either: the API has
// to make none for requests whose traceparent does not ask for them.
func (c *Console) Front(next http.Handler) http.Handler {
	front := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent := sentBy(r.Context())
		if sent != nil || c.admit() {
			c.record(w, r, next, sent)
		} else {
			c.count(w, r, next)
		}
	})
	c.front.Store(&front)
	c.unwatched.Store(&next)
	return front
}

// admit reports whether one more request can be recorded.
func (c *Console) admit() bool {
	return c.underWay.Load() < maxUnderWay && c.budget.used.Load() < c.budget.limit && c.pace.Allow()
}

func (c *Console) count(w http.ResponseWriter, r *http.Request, next http.Handler) {
	began := time.Now()
	if r.Header.Get("Traceparent") != "" {
		parent := parentOf(r.Header)
		r = withHeader(r)
		r.Header.Set("Traceparent", parent.child(spanID(), false))
	}
	watched := &watchedResponse{ResponseWriter: w}
	defer func() {
		spent := spentOf(w.Header())
		c.counted.Add(1)
		c.sampled(sample{
			took: time.Since(began), status: watched.status,
			calls: spent.calls, readUnits: spent.read, writeUnits: spent.write,
		})
	}()
	next.ServeHTTP(watched, r)
}

func (c *Console) record(w http.ResponseWriter, r *http.Request, next http.Handler, sent *sent) {
	parent, span := parentOf(r.Header), spanID()
	e := &exchange{id: c.number.Add(1), began: time.Now(), traceID: parent.trace, spanID: span}
	e.request.Headers = c.mask.headers(r.Header)
	e.summary = Summary{
		ID: e.id, At: Time{e.began}, Method: c.mask.text(r.Method), Path: c.mask.target(r.URL.RequestURI()),
		TraceID: parent.trace, SpanID: span,
	}
	if sent != nil {
		e.summary.ReplayOf = sent.replayOf
		sent.id = e.id
	}
	c.underWay.Add(1)
	c.recorder.begin(e)

	encoding := r.Header.Get("Content-Encoding")
	r = withHeader(r)
	r.Header.Set("Traceparent", parent.child(span, true))
	r.Header.Set("Tracestate", parent.stateWith(e.id))
	asked := &capture{limit: c.limits.BodyBytes, budget: c.budget}
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = tapped{r.Body, asked}
	}
	answered := &capture{limit: c.limits.BodyBytes, budget: c.budget}
	watched := &watchedResponse{ResponseWriter: w, capture: answered}
	defer func() {
		c.underWay.Add(-1)
		if watched.status == http.StatusBadGateway && r.Context().Err() != nil {
			watched.status = 0 // the proxy's word for a client that went away
		}
		c.finish(e, watched, asked, encoding)
	}()
	next.ServeHTTP(watched, r)
}

// finish notes how a request ended.
func (c *Console) finish(e *exchange, w *watchedResponse, asked *capture, encoding string) {
	took := time.Since(e.began)
	header := w.Header()
	response := Message{Headers: c.mask.headers(header)}
	content, all := w.capture.end()
	response.Body = bodyOf(content, all, header.Get("Content-Encoding"), c.mask)
	content, all = asked.end()
	request := bodyOf(content, all, encoding, c.mask)
	spent := spentOf(header)
	requestID := c.mask.text(header.Get("X-Request-Id"))

	e.mu.Lock()
	e.response, e.request.Body, e.ended = response, request, true
	s := &e.summary
	s.Status, s.TookMS, s.RequestID = w.status, milliseconds(took), requestID
	s.RequestBytes, s.ResponseBytes = request.Bytes, response.Body.Bytes
	s.Error = problemOf(w.status, response.Body)
	s.Route = c.logs.routeOf(requestID)
	if s.Calls == 0 && spent.calls > 0 {
		// Its calls did not say whose they are: the developer has other plans for traces.
		s.Calls, s.CallCount, s.DynamoDBMS, s.ReadUnits, s.WriteUnits = spent.calls, spent.calls, spent.took, spent.read, spent.write
		s.USDPerMillion = c.prices.of(spent.read, spent.write)
	}
	summary := *s
	e.mu.Unlock()

	c.recorder.end(e, headerSize(response.Headers)+response.Body.size()+request.size(), requestID)
	c.sampled(sample{
		took: took, status: w.status, calls: summary.Calls,
		readUnits: summary.ReadUnits, writeUnits: summary.WriteUnits, recorded: true,
	})
	c.hub.publish("request", summary)
	// The log's line may have come between.
	if route := c.logs.routeOf(requestID); summary.Route == "" && route != "" {
		c.routed(requestID, route)
	}
}

func (c *Console) routed(requestID, route string) {
	if summary, changed := c.recorder.route(requestID, route); changed {
		c.hub.publish("request", summary)
	}
}

func (c *Console) sampled(of sample) {
	if done := c.series.add(time.Now(), of); done != nil {
		c.hub.publish("tick", done)
	}
}

// watchedResponse notes what is answered, while it is.
type watchedResponse struct {
	http.ResponseWriter
	status  int
	capture *capture // nil: the status is all that is wanted
}

// Unwrap is for [http.ResponseController].
func (w *watchedResponse) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (w *watchedResponse) WriteHeader(status int) {
	// 1xx are announcements, but for the one that ends the talk: the answer is still to come.
	if w.status == 0 && (status >= http.StatusOK || status == http.StatusSwitchingProtocols) {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *watchedResponse) Write(content []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(content)
	if w.capture != nil {
		w.capture.write(content[:n])
	}
	return n, err
}

// withHeader is the request with a header that may be changed.
func withHeader(r *http.Request) *http.Request {
	changed := *r
	changed.Header = maps.Clone(r.Header)
	return &changed
}

// parent is the trace that a request is of: its client's, or one of its own.
type parent struct {
	trace string
	state trace.TraceState
}

func parentOf(header http.Header) parent {
	if header.Get("Traceparent") != "" {
		remote := propagation.TraceContext{}.Extract(context.Background(), propagation.HeaderCarrier(header))
		if span := trace.SpanContextFromContext(remote); span.IsValid() {
			return parent{span.TraceID().String(), span.TraceState()}
		}
	}
	return parent{trace: randomHex(16)}
}

// child is the header that names the span as the parent.
func (p parent) child(span string, sampled bool) string {
	flags := "-00"
	if sampled {
		flags = "-01"
	}
	return "00-" + p.trace + "-" + span + flags
}

func (p parent) stateWith(id uint64) string {
	state, err := p.state.Insert(member, strconv.FormatUint(id, 10))
	if err != nil {
		return member + "=" + strconv.FormatUint(id, 10)
	}
	return state.String()
}

// numberOf is the request that a call was made for; 0 is none that is known.
func numberOf(header http.Header) uint64 {
	for _, value := range header["Tracestate"] {
		for entry := range strings.SplitSeq(value, ",") {
			if number, ok := strings.CutPrefix(strings.TrimSpace(entry), member+"="); ok {
				id, _ := strconv.ParseUint(number, 10, 64) // 0 is of nobody
				return id
			}
		}
	}
	return 0
}

func spanID() string { return randomHex(8) }

func randomHex(bytes int) string {
	var random [16]byte
	for i := 0; i < bytes; i += 8 {
		n := rand.Uint64() | 1 //nolint:gosec // no secret; zero would be invalid
		binary.LittleEndian.PutUint64(random[i:], n)
	}
	return hex.EncodeToString(random[:bytes])
}

// spent is what the API says that a request did to the database: see Server-Timing in
// api/telemetry.
type spent struct {
	calls             int
	took, read, write float64
}

func spentOf(header http.Header) (s spent) {
	timing := header.Get("Server-Timing")
	if timing == "" {
		return spent{}
	}
	for metric := range strings.SplitSeq(timing, ",") {
		name, parameters, _ := strings.Cut(strings.TrimSpace(metric), ";")
		for parameter := range strings.SplitSeq(parameters, ";") {
			key, value, _ := strings.Cut(parameter, "=")
			value = strings.TrimSuffix(strings.Trim(value, `"`), " calls")
			number, err := strconv.ParseFloat(value, 64)
			if err != nil {
				continue
			}
			switch name + ";" + key {
			case "dynamodb;dur":
				s.took = number
			case "dynamodb;desc":
				s.calls = int(number)
			case "read-units;desc":
				s.read = number
			case "write-units;desc":
				s.write = number
			}
		}
	}
	return s
}

// errorText is what an answer in JSON says about what went wrong.
func errorText(text string) string {
	var problem struct {
		Title  string `json:"title"`
		Detail string `json:"detail"`
		Error  string `json:"error"`
	}
	if json.Unmarshal([]byte(text), &problem) != nil {
		return ""
	}
	switch {
	case problem.Title != "" && problem.Detail != "":
		return problem.Title + ": " + problem.Detail
	case problem.Title != "":
		return problem.Title
	case problem.Detail != "":
		return problem.Detail
	}
	return problem.Error
}
