package page_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/devenv/console"
	"github.com/pretendfriend/falafel-api/devenv/console/page"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/embeddedtest"
	"github.com/pretendfriend/falafel-api/devenv/faults"
	"github.com/pretendfriend/falafel-api/devenv/items"
	"github.com/pretendfriend/falafel-api/devenv/servicetest"
)

func TestMain(m *testing.M) {
	servicetest.Main()
	os.Exit(m.Run())
}

// patience is how long a part may take to be there, on a busy machine.
const patience = 30 * time.Second

// An environment is what `go run ./devenv` starts, in small: the API on an embedded
// DynamoDB, and the console around both.
type environment struct {
	console *console.Console
	faults  *faults.Proxy
	client  *dynamodb.Client // past the console and the faults
	url     string           // of the console
	front   string           // of the API
	table   string

	mu     sync.Mutex
	resets int
	seeded []string
}

func start(t *testing.T, limits ...console.Limits) *environment {
	t.Helper()
	e := &environment{client: embeddedtest.Start(t), table: "FalafelReviews"}
	_, err := e.client.CreateTable(t.Context(), store.Definition(e.table))
	require.NoError(t, err)
	database, err := url.Parse(*e.client.Options().BaseEndpoint)
	require.NoError(t, err)

	e.faults = faults.NewProxy(database)
	front := newServer(t)
	e.front = front.url
	e.console = console.New(console.Options{
		Limits:  append(limits, console.Limits{})[0],
		Project: "falafel-api", Front: e.front, Versions: map[string]string{"go": "go1.26", "api": "1.0.0"},
		Faults: e.faults, Table: items.Handler(func() (*items.Table, error) { return items.New(e.client, e.table), nil }), Page: page.Handler(),
		Profiles: []map[string]any{
			{"name": "demo", "description": "500 reviews, as on the first day.", "sizes": []int{500}},
			{"name": "load", "description": "Many reviews of few restaurants, and few of many.", "sizes": []int{1000, 10000, 100000}},
		},
		Seed: func(_ context.Context, profile string, size int, progress func(done, total int)) (int, error) {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.seeded = append(e.seeded, fmt.Sprint(profile, " ", size))
			progress(size, size)
			return size, nil
		},
		Reset: func(context.Context) error {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.resets++
			return nil
		},
	})
	tap := httptest.NewServer(e.console.Database(e.faults))
	t.Cleanup(tap.Close)
	e.url = e.serve(t)

	api, err := url.Parse("http://" + e.startAPI(t, tap.URL))
	require.NoError(t, err)
	front.serve(e.console.Front(proxyTo(api)))
	e.console.SetService(console.Service{Name: "api", State: console.Healthy, URL: e.front})
	e.console.SetService(console.Service{Name: "dynamodb", State: console.Healthy, URL: database.String(), Detail: "embedded"})
	e.console.SetService(console.Service{Name: "console", State: console.Healthy, URL: e.url})
	e.console.SetBuild(console.Build{State: "ok", At: console.Time{Time: time.Now()}, TookMS: 1204})
	e.console.SetDatabase(console.Database{Kind: "embedded", Endpoint: database.String()}, faults.NewProxy(database))
	e.console.SetTable(e.table)
	return e
}

// serve has the console listen until the test ends.
func (e *environment) serve(t *testing.T) string {
	t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() { done <- e.console.Run(ctx, listener) }()
	t.Cleanup(func() { stop(); <-done })
	return "http://" + listener.Addr().String()
}

// startAPI returns the address of the API, whose log goes to the console.
func (e *environment) startAPI(t *testing.T, database string) string {
	t.Helper()
	return servicetest.Start(t, io.MultiWriter(t.Output(), e.console.LogWriter("api")), database, e.table,
		"FALAFEL_LOG_FORMAT=text", "FALAFEL_REQUEST_TIMEOUT=3s", "OTEL_EXPORTER_OTLP_ENDPOINT="+e.url, "OTEL_BSP_SCHEDULE_DELAY=200").Addr
}

// send asks the API through its front port, and returns the status.
func (e *environment) send(t *testing.T, method, path, body string, headers ...string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, e.front+path, strings.NewReader(body))
	require.NoError(t, err)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	require.NoError(t, err)
	return response.StatusCode
}

func (e *environment) review(t *testing.T, restaurant, comment string) {
	t.Helper()
	body := fmt.Sprintf(`{"rating": 4.5, "visited_at": "2026-11-20T12:30:00+01:00", "cost": 8.5, "comment": %q}`, comment)
	require.Equal(t, http.StatusCreated, e.send(t, http.MethodPost, "/v1/restaurants/"+url.PathEscape(restaurant)+"/reviews", body))
}

// items is how many the table has.
func (e *environment) items(t *testing.T) int32 {
	t.Helper()
	scanned, err := e.client.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(e.table), Select: "COUNT"})
	require.NoError(t, err)
	return scanned.Count
}
