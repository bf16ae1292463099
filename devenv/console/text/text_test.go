package text_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/console"
	"github.com/pretendfriend/falafel-api/devenv/console/text"
	"github.com/pretendfriend/falafel-api/devenv/internal/screen"
)

// running is a console with a front, as an environment has them.
type running struct {
	*console.Console
	text.Client

	front string
	stop  context.CancelFunc
	ended chan error
}

func start(t *testing.T) *running {
	t.Helper()
	r := &running{Console: console.New(console.Options{Versions: map[string]string{"go": "go1.26"}}), ended: make(chan error, 1)}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	r.stop = stop
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() { r.ended <- r.Run(ctx, listener) }()
	t.Cleanup(func() { stop(); <-r.ended })
	r.Client = text.Client{URL: "http://" + listener.Addr().String()}
	front := httptest.NewServer(r.Front(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", "id-of-"+r.URL.Path[1:])
		if r.URL.Path == "/missing" {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = io.Copy(w, r.Body)
	})))
	t.Cleanup(front.Close)
	r.front = front.URL
	return r
}

func (r *running) send(t *testing.T, path, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.front+path, strings.NewReader(body))
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	_, _ = io.Copy(io.Discard, response.Body)
	response.Body.Close()
}

func shows(t *testing.T, s *screen.Screen, what string) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !strings.Contains(s.String(), what); time.Sleep(time.Millisecond) {
		require.True(t, time.Now().Before(deadline), "%q is not shown:\n%s", what, s)
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.SetService(console.Service{Name: "api", State: console.Failed, URL: "http://127.0.0.1:3000", Detail: "It ended\x1b[31m.", Restarts: 2})
	r.SetService(console.Service{Name: "dynamodb", State: console.Healthy})
	r.SetBuild(console.Build{State: console.Failed, TookMS: 1234, Errors: []console.BuildError{{File: "api/main.go", Line: 3, Column: 1, Text: "undefined: x"}}})
	r.SetTable("FalafelReviews")
	var out screen.Screen
	require.NoError(t, text.Status(t.Context(), r.Client, &out))
	assert.Regexp(t, `(?m)^api +failed +http://127\.0\.0\.1:3000 +for 0s +2 restarts\n +It ended�\[31m\.\n`, out.String())
	assert.Regexp(t, `(?m)^build +failed .*took 1\.23 s$`, out.String())
	assert.Contains(t, out.String(), "api/main.go:3:1: undefined: x")
	assert.Regexp(t, `(?m)^table +FalafelReviews`, out.String())
	assert.Regexp(t, `(?m)^faults +none$`, out.String())
}

func TestRequestsAreListedAndFollowed(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.send(t, "/first", "")
	r.send(t, "/missing", "")
	var out screen.Screen
	require.NoError(t, text.Requests(t.Context(), r.Client, text.RequestOptions{Limit: 10, Status: "4xx"}, &out))
	assert.NotContains(t, out.String(), "/first")
	assert.Regexp(t, `(?m)^ +2  \S+  POST +404 .* ms +0 +0/0 +0\.00  /missing$`, out.String())

	ctx, stop := context.WithCancel(t.Context())
	var following screen.Screen
	ended := make(chan error, 1)
	go func() {
		ended <- text.Requests(ctx, r.Client, text.RequestOptions{Limit: 10, Follow: true, Text: "T"}, &following)
	}()
	shows(t, &following, "/first")
	r.send(t, "/next", "")
	shows(t, &following, "/next")
	stop()
	require.NoError(t, <-ended, "Ctrl-C is no failure")
	assert.Equal(t, 1, strings.Count(following.String(), "/next"))
}

func TestLogsOfARequestFollowedToTheEnd(t *testing.T) {
	t.Parallel()
	r := start(t)
	log := r.LogWriter("api")
	r.send(t, "/first", "")
	fmt.Fprintln(log, `time=2026-11-30T20:57:31.085Z level=INFO msg="all is well" request_id=id-of-first path="a b"`)
	fmt.Fprintln(log, "time=2026-11-30T20:57:31.085Z level=DEBUG msg=other request_id=id-of-other")
	fmt.Fprintln(log, "panic: \x1b[2J")
	var out, following screen.Screen
	require.NoError(t, text.Logs(t.Context(), r.Client, text.LogOptions{Limit: 10, Request: "1"}, &out))
	assert.Regexp(t, `^\S+  INFO  all is well path="a b" request_id=id-of-first\n$`, out.String())
	require.NoError(t, text.Logs(t.Context(), r.Client, text.LogOptions{Limit: 10}, &out))
	assert.Contains(t, out.String(), "panic: �[2J")
	require.ErrorContains(t, text.Logs(t.Context(), r.Client, text.LogOptions{Limit: 10, Request: "99"}, &out), "that request is not kept any more")

	ended := make(chan error, 1)
	go func() {
		ended <- text.Logs(t.Context(), r.Client, text.LogOptions{Limit: 10, Follow: true, Level: "info"}, &following)
	}()
	shows(t, &following, "all is well")
	fmt.Fprintln(log, "time=2026-11-30T20:57:31.085Z level=ERROR msg=late")
	shows(t, &following, "late")
	assert.NotContains(t, following.String(), "other")
	r.stop()
	require.ErrorContains(t, <-ended, "the environment has stopped")
}

func TestARequestHasItsWaterfall(t *testing.T) {
	t.Parallel()
	answer := console.Request{
		Summary: console.Summary{Method: "POST", Path: "/v1/x", Status: 201, TookMS: 10, ReadUnits: 1, WriteUnits: 10, USDPerMillion: 7.7775, DynamoDBMS: 7},
		Calls: []console.Call{
			{ID: 1, Operation: "GetItem", AccessPattern: "review by id", StartMS: 0, TookMS: 2, Attempt: 1, ReadUnits: 1, USDPerMillion: 0.1525},
			{
				ID: 2, Operation: "TransactWriteItems", AccessPattern: "create a review", StartMS: 5, TookMS: 5, Attempt: 2, WriteUnits: 10, USDPerMillion: 7.625, Fault: "latency",
				Items: []console.ItemChange{{PK: "RESTAURANT#a", SK: "REVIEW#1", After: json.RawMessage(`{"pk":{"S":"RESTAURANT#a"}}`)}},
			},
		},
		Request: console.Message{Headers: [][2]string{{"Accept", "*/*"}}, Body: console.Body{Text: "one\ntwo\x1b", Bytes: 8}},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(answer) }))
	t.Cleanup(server.Close)
	var out screen.Screen
	require.NoError(t, text.Request(t.Context(), text.Client{URL: server.URL}, 1, &out))
	assert.Contains(t, out.String(), `
     DynamoDB         |========================================|     10.0 ms  units R/W     USD/M
  1  review by id     |########                                |      2.0 ms        1/0    0.1525  GetItem
  2  create a review  |                    ####################|      5.0 ms       0/10    7.6250  TransactWriteItems, attempt 2, fault: latency
     in all           |                                        |      7.0 ms       1/10    7.7775
`)
	assert.Contains(t, out.String(), "\n  2  created RESTAURANT#a / REVIEW#1\n     + {\"pk\":{\"S\":\"RESTAURANT#a\"}}\n")
	assert.Contains(t, out.String(), "\nRequest\nAccept: */*\n\none\ntwo�\n")
}

func TestAConsoleThatIsGoneIsASentence(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	gone := text.Client{URL: server.URL}
	require.ErrorContains(t, text.Status(t.Context(), gone, io.Discard), "the console answers 404")
	server.Close()
	require.ErrorContains(t, text.Status(t.Context(), gone, io.Discard), "does not answer")
}
