package console_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/console"
)

func TestARequestIsRecordedAsItPassed(t *testing.T) {
	t.Parallel()
	c := newConsole(t, console.Options{})
	front := c.front(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Request-Id", "an-id")
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusUnprocessableEntity)
		fmt.Fprintf(w, `{"title":"No","detail":"It is %d bytes."}`, len(body))
	})
	status, _, content := do(t, http.MethodPost, front+"/v1/a%2Fb/reviews?q=%C3%A4&q=2", "grüße", "Content-Type", "text/plain", "X-Twice", "1", "X-Twice", "2")
	require.Equal(t, http.StatusUnprocessableEntity, status)
	require.JSONEq(t, `{"title":"No","detail":"It is 7 bytes."}`, content)

	r := c.last(t)
	assert.Equal(t, "POST", r.Method)
	assert.Equal(t, "/v1/a%2Fb/reviews?q=%C3%A4&q=2", r.Path)
	assert.Equal(t, http.StatusUnprocessableEntity, r.Status)
	assert.Equal(t, "No: It is 7 bytes.", r.Error)
	assert.Equal(t, "an-id", r.RequestID)
	assert.EqualValues(t, 7, r.RequestBytes)
	assert.EqualValues(t, len(content), r.ResponseBytes)
	assert.Equal(t, console.Body{Text: "grüße", Bytes: 7}, r.Request.Body)
	assert.Equal(t, console.Body{Text: content, Bytes: int64(len(content))}, r.Response.Body)
	assert.Subset(t, r.Request.Headers, [][2]string{{"X-Twice", "1"}, {"X-Twice", "2"}, {"Content-Type", "text/plain"}})
	assert.Contains(t, r.Response.Headers, [2]string{"Content-Type", "application/problem+json"})
	assert.Empty(t, r.Calls)
}

func TestOfALongBodyTheBeginIsKept(t *testing.T) {
	t.Parallel()
	c := newConsole(t, console.Options{Limits: console.Limits{BodyBytes: 8}})
	front := c.front(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })
	for name, test := range map[string]struct {
		body string
		want console.Body
	}{
		"text":                          {"0123456789", console.Body{Text: "01234567", Truncated: true, Bytes: 10}},
		"a character that would be cut": {"0123456é", console.Body{Text: "0123456", Truncated: true, Bytes: 9}},
		"what is no text":               {"\xff\x00", console.Body{Base64: []byte{0xff, 0}, Bytes: 2}},
		"none":                          {"", console.Body{}},
	} {
		_, _, echoed := do(t, http.MethodPut, front+"/", test.body)
		require.Equal(t, test.body, echoed, name)
		r := c.last(t)
		assert.Equal(t, test.want, r.Request.Body, name)
		assert.Equal(t, test.want, r.Response.Body, name)
	}
}

func TestWhatIsStreamedIsNotDelayed(t *testing.T) {
	t.Parallel()
	c := newConsole(t, console.Options{})
	read := make(chan struct{})
	front := c.front(t, func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		assert.NoError(t, control.EnableFullDuplex())
		fmt.Fprint(w, "first")
		assert.NoError(t, control.Flush())
		<-read
		body, _ := io.ReadAll(r.Body)
		fmt.Fprint(w, string(body))
	})
	sending, send := io.Pipe()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, front, sending)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	first := make([]byte, len("first"))
	_, err = io.ReadFull(response.Body, first)
	require.NoError(t, err, "it arrives while the rest is not there yet")
	close(read)
	fmt.Fprint(send, " last")
	require.NoError(t, send.Close())
	rest, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	assert.Equal(t, " last", string(rest))
	r := c.last(t)
	assert.Equal(t, "first last", r.Response.Body.Text)
	assert.Equal(t, " last", r.Request.Body.Text)
}

func TestAClientThatGoesAwayAndAnAPIThatBreaksOffAreRecorded(t *testing.T) {
	t.Parallel()
	c := newConsole(t, console.Options{})
	arrived := make(chan struct{}, 1)
	front := c.front(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/waits":
			arrived <- struct{}{}
			<-r.Context().Done()
		case "/breaks":
			fmt.Fprint(w, "half")
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}
	})
	ctx, leave := context.WithCancel(t.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, front+"/waits", http.NoBody)
	require.NoError(t, err)
	go func() { <-arrived; leave() }()
	_, err = http.DefaultClient.Do(request) //nolint:bodyclose // there is no response
	require.ErrorIs(t, err, context.Canceled)
	assert.Zero(t, c.last(t).Status)

	response, err := http.Get(front + "/breaks")
	require.NoError(t, err)
	_, err = io.ReadAll(response.Body)
	require.Error(t, err, "the client sees that it is not all")
	response.Body.Close()
	eventually(t, func() bool { return c.last(t).Path == "/breaks" }, "it is not recorded")
	assert.Equal(t, "half", c.last(t).Response.Body.Text)
}

func TestATraceIsContinuedOrBegun(t *testing.T) {
	t.Parallel()
	const theirs = "4bf92f3577b34da6a3ce929d0e0e4736"
	for name, test := range map[string]struct {
		parent, state string
		trace         string // "": a new one
		others        string
	}{
		"nothing":              {},
		"a client's":           {"00-" + theirs + "-00f067aa0ba902b7-01", "vendor=x, other=y", theirs, ",vendor=x,other=y"},
		"not sampled":          {"00-" + theirs + "-00f067aa0ba902b7-00", "", theirs, ""},
		"what is none":         {"00-" + strings.Repeat("0", 32) + "-00f067aa0ba902b7-01", "vendor=x", "", ""},
		"a number of theirs":   {"00-" + theirs + "-00f067aa0ba902b7-01", "falafel=999", theirs, ""},
		"a state that is none": {"00-" + theirs + "-00f067aa0ba902b7-01", "=,=", theirs, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newConsole(t, console.Options{})
			var header http.Header
			front := c.front(t, func(_ http.ResponseWriter, r *http.Request) { header = r.Header })
			do(t, http.MethodGet, front, "", "Traceparent", test.parent, "Tracestate", test.state)
			r := c.last(t)
			if test.trace != "" {
				assert.Equal(t, test.trace, r.TraceID)
			}
			assert.Regexp(t, "^00-"+r.TraceID+"-"+r.SpanID+"-01$", header.Get("Traceparent"))
			assert.NotContains(t, header.Get("Traceparent"), "00f067aa0ba902b7", "the client's span is not the API's parent")
			assert.Equal(t, fmt.Sprintf("falafel=%d%s", r.ID, test.others), header.Get("Tracestate"))
			if test.state != "" {
				assert.Contains(t, r.Request.Headers, [2]string{"Tracestate", test.state}, "shown is what the client sent")
			}
		})
	}
}

func TestBeyondItsPaceRequestsAreCounted(t *testing.T) {
	t.Parallel()
	c := newConsole(t, console.Options{Limits: console.Limits{RecordedPerSecond: 1}})
	var sampled, unsampled, numbered atomic.Int64
	front := c.front(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.Header.Get("Traceparent"), "-01") {
			sampled.Add(1)
		} else {
			unsampled.Add(1)
			if parent := r.Header.Get("Traceparent"); parent != "" {
				assert.Regexp(t, "^00-a{32}-[0-9a-f]{16}-00$", parent)
			}
		}
		if r.Header.Get("Tracestate") != "" {
			numbered.Add(1)
		}
		w.Header().Set("Server-Timing", `dynamodb;dur=1.5;desc="2 calls", read-units;desc="0.5", write-units;desc="10"`)
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	const asked = 200
	for i := range asked {
		if i%2 == 0 {
			do(t, http.MethodGet, front, "")
		} else { // whoever keeps the trace
			do(t, http.MethodGet, front, "", "Traceparent", "00-"+strings.Repeat("a", 32)+"-00f067aa0ba902b7-01")
		}
	}
	all := get[list](t, c, "/api/requests?limit=5000")
	assert.Equal(t, asked, len(all.Items)+int(all.CountedOnly))
	assert.NotEmpty(t, all.Items)
	assert.NotZero(t, all.CountedOnly)
	assert.EqualValues(t, len(all.Items), sampled.Load())
	assert.EqualValues(t, all.CountedOnly, unsampled.Load())
	assert.EqualValues(t, len(all.Items), numbered.Load(), "of the others, the database hears nothing")

	var total console.Tick
	eventually(t, func() bool {
		// Ticks are told when the next second begins.
		do(t, http.MethodGet, front, "")
		total = console.Tick{}
		for _, tick := range get[struct{ Ticks []console.Tick }](t, c, "/api/series").Ticks {
			total.Requests += tick.Requests
			total.Errors += tick.Errors
			total.Calls += tick.Calls
			total.ReadUnits += tick.ReadUnits
			total.WriteUnits += tick.WriteUnits
			assert.Positive(t, tick.P99)
			assert.LessOrEqual(t, tick.P50, tick.P99)
		}
		return total.Requests >= asked
	}, "not all are in the charts")
	assert.Equal(t, total.Requests, total.Errors)
	assert.Equal(t, 2*total.Requests, total.Calls)
	assert.InDelta(t, 0.5*float64(total.Requests), total.ReadUnits, 1e-9)
	assert.InDelta(t, 10*float64(total.Requests), total.WriteUnits, 1e-9)
}

func TestRequestsAreFound(t *testing.T) {
	t.Parallel()
	c := newConsole(t, console.Options{})
	front := c.front(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusNotFound)
		}
		fmt.Fprint(w, "Answered")
	})
	do(t, http.MethodGet, front+"/v1/one", "")
	do(t, http.MethodPost, front+"/v1/two", "with a Body")
	do(t, http.MethodGet, front+"/v1/three", "")
	for query, want := range map[string][]uint64{
		"":                  {3, 2, 1},
		"limit=1":           {3},
		"before=3&limit=1":  {2},
		"before=1":          {},
		"status=404":        {2},
		"status=2xx":        {3, 1},
		"method=get":        {3, 1},
		"q=TWO":             {2},
		"q=a+body":          {2},
		"q=answered":        {3, 2, 1},
		"q=body&status=200": {},
		"q=nothing+like+it": {},
	} {
		got := []uint64{}
		for _, item := range get[list](t, c, "/api/requests?"+query).Items {
			got = append(got, item.ID)
		}
		assert.Equal(t, want, got, query)
	}
	for _, wrong := range []string{"limit=x", "limit=-1", "limit=999999", "before=x"} {
		status, _, content := do(t, http.MethodGet, c.url+"/api/requests?"+wrong, "")
		assert.Equal(t, http.StatusBadRequest, status, content)
	}
}

func TestOfManyRequestsTheLastAreKept(t *testing.T) {
	t.Parallel()
	c := newConsole(t, console.Options{Limits: console.Limits{Requests: 3}})
	front := c.front(t, func(http.ResponseWriter, *http.Request) {})
	for range 10 {
		do(t, http.MethodGet, front, "")
	}
	kept := get[list](t, c, "/api/requests")
	assert.Len(t, kept.Items, 3)
	assert.EqualValues(t, 10, kept.Items[0].ID)
	assert.EqualValues(t, 7, kept.Dropped)
}

// What runs through is a thousand times what may be kept.
func TestMemoryIsBoundedWhateverRunsThrough(t *testing.T) { //nolint:paralleltest // it measures the heap
	const (
		requests, bodies = 100_000, 1 << 30
		most             = 8 << 20  // what may be recorded
		slack            = 24 << 20 // buffers of the connections, spans and logs, and what the runtime keeps
	)
	for name, of := range map[string]struct{ pace, requests int }{
		"as in the environment":  {0, requests},
		"everything is recorded": {1 << 30, requests / 10}, // which takes longer
	} {
		t.Run(name, func(t *testing.T) {
			c := console.New(console.Options{Limits: console.Limits{MemoryBytes: most, RecordedPerSecond: of.pace}})
			answer := strings.Repeat("0123456789abcdef", bodies/2/requests/16)
			front := c.Front(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				_, _ = io.WriteString(w, answer)
			}))
			log := c.LogWriter("api")
			before := heap()
			var sending sync.WaitGroup
			for range 8 {
				sending.Go(func() {
					for i := range of.requests / 8 {
						body := strings.Repeat("fedcba9876543210", bodies/2/requests/16)
						r := httptest.NewRequest(http.MethodPost, fmt.Sprintf("/v1/%d", i), strings.NewReader(body))
						front.ServeHTTP(discarded{http.Header{}}, r)
						fmt.Fprintf(log, "time=2026-11-30T20:57:31.085Z level=INFO msg=request number=%d\n", i)
					}
				})
			}
			sending.Wait()
			grown := int64(heap()) - int64(before)
			t.Logf("%.1f MB more on the heap, of which %.1f MB are recorded", float64(grown)/1e6, float64(c.State().MemoryBytes)/1e6)
			assert.Less(t, grown, int64(most+slack))
			assert.LessOrEqual(t, c.State().MemoryBytes, int64(most))
			assert.Positive(t, c.State().MemoryBytes)
			runtime.KeepAlive(c)
		})
	}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// discarded is an answer that nobody reads.
type discarded struct{ header http.Header }

func (d discarded) Header() http.Header               { return d.header }
func (d discarded) Write(content []byte) (int, error) { return len(content), nil }
func (d discarded) WriteHeader(int)                   {}

// An exchange that was forgotten while it was under way gives back what it holds.
func TestForgettingGivesAllMemoryBack(t *testing.T) {
	t.Parallel()
	c := newConsole(t, console.Options{})
	inside, leave := make(chan struct{}), make(chan struct{})
	front := c.front(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path == "/waits" {
			close(inside)
			<-leave
		}
		_, _ = w.Write(body)
	})
	do(t, http.MethodPost, front+"/", strings.Repeat("x", 1000))
	c.last(t)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		response, err := http.Post(front+"/waits", "text/plain", strings.NewReader(strings.Repeat("y", 1000)))
		if assert.NoError(t, err) {
			response.Body.Close()
		}
	}()
	<-inside
	status, _ := c.command(t, http.MethodDelete, "/api/requests", "")
	require.Equal(t, http.StatusNoContent, status)
	assert.Empty(t, get[list](t, c, "/api/requests").Items)
	close(leave)
	<-ended
	eventually(t, func() bool { return c.State().MemoryBytes == 0 }, "something is still counted")
	assert.Empty(t, get[list](t, c, "/api/requests").Items)
}
