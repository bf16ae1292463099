package rehearse

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"time"
)

// A front is the public address, which a load balancer has in AWS.
type front struct {
	url    string
	server *http.Server
	target atomic.Pointer[httputil.ReverseProxy]
}

func startFront() (*front, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // at once
	if err != nil {
		return nil, fmt.Errorf("the public address cannot be listened on: %w", err)
	}
	f := &front{url: "http://" + listener.Addr().String()}
	f.server = &http.Server{Handler: f, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = f.server.Serve(listener) }() // until close
	return f, nil
}

func (f *front) close() { _ = f.server.Close() }

// ServeHTTP implements http.Handler.
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	target := f.target.Load()
	if target == nil {
		http.Error(w, "no healthy target", http.StatusServiceUnavailable)
		return
	}
	target.ServeHTTP(w, r)
}

// use sends every request from now on to address ("http://127.0.0.1:PORT"). What is under
// way ends where it began.
func (f *front) use(address *url.URL) {
	f.target.Store(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(address)
			r.SetXForwarded()
		},
		// Connections of its own: those to a task that is stopping are never used again.
		Transport: &http.Transport{MaxIdleConnsPerHost: 16},
		ErrorLog:  slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	})
}

// drop answers 503 from now on.
func (f *front) drop() { f.target.Store(nil) }
