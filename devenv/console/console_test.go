package console_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/devenv/console"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/dynamodbtest"
	"github.com/pretendfriend/falafel-api/devenv/faults"
	"github.com/pretendfriend/falafel-api/devenv/servicetest"
)

func TestMain(m *testing.M) {
	servicetest.Main()
	dynamodbtest.Main(m)
}

// patience is how long anything may take, on a busy machine.
const patience = 30 * time.Second

// watched is a console that is asked over HTTP, as the page asks.
type watched struct {
	*console.Console

	url string
}

func newConsole(t *testing.T, options console.Options) watched {
	t.Helper()
	c := console.New(options)
	server := httptest.NewServer(c.Handler())
	t.Cleanup(server.Close)
	return watched{c, server.URL}
}

// run has the console listen as in the environment, until the test ends.
func (c watched) run(t *testing.T) string {
	t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx, listener) }()
	t.Cleanup(func() { stop(); assert.NoError(t, <-done) })
	return "http://" + listener.Addr().String()
}

// front serves a handler behind the console's front.
func (c watched) front(t *testing.T, api http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(c.Front(api))
	t.Cleanup(server.Close)
	return server.URL
}

// do sends a request; headers are names and values in turn.
func do(t *testing.T, method, target, body string, headers ...string) (status int, header http.Header, content string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	require.NoError(t, err)
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			request.Host = headers[i+1]
			continue
		}
		request.Header.Add(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	all, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, response.Header, string(all)
}

// get reads JSON from the console.
func get[T any](t *testing.T, c watched, path string) (value T) {
	t.Helper()
	status, _, content := do(t, http.MethodGet, c.url+path, "")
	require.Equal(t, http.StatusOK, status, content)
	require.NoError(t, json.Unmarshal([]byte(content), &value), content)
	return value
}

// command changes something, as a program does.
func (c watched) command(t *testing.T, method, path, body string) (status int, content string) {
	t.Helper()
	status, _, content = do(t, method, c.url+path, body, "X-Falafel-Console", "1", "Content-Type", "application/json")
	return status, content
}

type list struct {
	Items       []console.Summary
	Dropped     uint64
	CountedOnly uint64 `json:"counted_only"`
}

// last is the newest request, when it has ended.
func (c watched) last(t *testing.T) console.Request {
	t.Helper()
	var newest uint64
	eventually(t, func() bool {
		items := get[list](t, c, "/api/requests?limit=1").Items
		if len(items) == 1 {
			newest = items[0].ID
		}
		return newest != 0
	}, "no request is recorded")
	return c.request(t, newest)
}

func (c watched) request(t *testing.T, id uint64) console.Request {
	t.Helper()
	return get[console.Request](t, c, fmt.Sprintf("/api/requests/%d", id))
}

func eventually(t *testing.T, is func() bool, message string) {
	t.Helper()
	for deadline := time.Now().Add(patience); !is(); time.Sleep(time.Millisecond) {
		require.True(t, time.Now().Before(deadline), message)
	}
}

// environment is what `go run ./devenv` starts, in small: the API as a process of its own,
// and the console around it.
type environment struct {
	watched

	front  string
	table  string
	faults *faults.Proxy
}

func start(t *testing.T, db *dynamodbtest.Backend) environment {
	t.Helper()
	e := environment{table: db.Table(t, store.Definition(""))}
	endpoint, err := url.Parse(db.Endpoint)
	require.NoError(t, err)
	e.faults = faults.NewProxy(endpoint)
	e.watched = watched{Console: console.New(console.Options{Project: "falafel-api", Faults: e.faults})}
	e.url = e.run(t)
	e.SetDatabase(console.Database{Kind: "test", Endpoint: db.Endpoint}, direct(t, db))
	e.SetTable(e.table)
	tap := httptest.NewServer(e.Database(e.faults))
	t.Cleanup(tap.Close)
	api, err := url.Parse("http://" + e.startAPI(t, tap.URL))
	require.NoError(t, err)
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(api); r.Out.Host = r.In.Host }}
	e.front = e.watched.front(t, proxy.ServeHTTP)
	return e
}

// startAPI returns the address of the API, whose log goes to the console.
func (e environment) startAPI(t *testing.T, database string) string {
	t.Helper()
	return servicetest.Start(t, io.MultiWriter(t.Output(), e.LogWriter("api")), database, e.table,
		"FALAFEL_LOG_FORMAT=text", "OTEL_EXPORTER_OTLP_ENDPOINT="+e.url, "OTEL_BSP_SCHEDULE_DELAY=100").Addr
}
