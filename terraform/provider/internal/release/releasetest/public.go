package releasetest

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/rest"
	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/api/telemetry"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/embeddedtest"
)

// A Public is the API at its public address, on a database of its own.
type Public struct {
	URL   string
	Store *store.Store

	Server  *httptest.Server
	release atomic.Value // http.Handler: the API of that release
	fault   atomic.Value // func(http.Handler) http.Handler
}

type (
	handler    struct{ http.Handler }
	middleware func(http.Handler) http.Handler
)

// Serve serves release until the end of the test.
func Serve(t testing.TB, release string) *Public {
	t.Helper()
	client := embeddedtest.Start(t)
	_, err := client.CreateTable(t.Context(), store.Definition("Reviews"))
	require.NoError(t, err)
	p := &Public{}
	p.Store, err = store.Open(t.Context(), client, "Reviews", nil, nil)
	require.NoError(t, err)
	p.Deploy(t, release)
	p.Break(func(next http.Handler) http.Handler { return next })
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.fault.Load().(middleware)(p.release.Load().(handler)).ServeHTTP(w, r) //nolint:errcheck // nothing else is stored
	}))
	t.Cleanup(p.Server.Close)
	p.URL = p.Server.URL
	return p
}

// Deploy makes another release answer.
func (p *Public) Deploy(t testing.TB, release string) {
	t.Helper()
	api, err := rest.New(p.Store, rest.Options{
		CursorKey: make([]byte, 32), Metrics: telemetry.NewMetrics(telemetry.Build{}), Timeout: 10 * time.Second, Release: release,
	})
	require.NoError(t, err)
	p.release.Store(handler{api})
}

// Break puts a fault between the public and the API.
func (p *Public) Break(fault func(next http.Handler) http.Handler) { p.fault.Store(middleware(fault)) }
