package page_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// lateServer has an address before it has something to serve.
type lateServer struct {
	url     string
	handler atomic.Pointer[http.Handler]
}

func newServer(t *testing.T) *lateServer {
	t.Helper()
	late := &lateServer{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if handler := late.handler.Load(); handler != nil {
			(*handler).ServeHTTP(w, r)
			return
		}
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	t.Cleanup(server.Close)
	late.url = server.URL
	return late
}

func (s *lateServer) serve(handler http.Handler) { s.handler.Store(&handler) }

func proxyTo(api *url.URL) http.Handler {
	return &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(api); r.Out.Host = r.In.Host }}
}

// without leaves out the lines that have a text.
func without(lines []string, text string) []string {
	return slices.DeleteFunc(lines, func(line string) bool { return strings.Contains(line, text) })
}
