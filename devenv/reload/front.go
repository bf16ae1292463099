package reload

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"sync"
	"time"
)

const (
	// patience is how long a request waits for a build. A swap takes milliseconds; the
	// first build on a machine takes longer than anybody waits.
	patience = 30 * time.Second

	// headerWithin is as long as the API itself waits for a header.
	headerWithin = 5 * time.Second

	// idleConnections to the API are kept: fewer, and a busy client opens new ones.
	idleConnections = 256
)

// forwarded are what [httputil.ReverseProxy] takes out of a request.
var forwarded = []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"}

// front is the stable side of the environment: it forwards to the build that runs, and
// has requests wait while there is none but one is coming.
type front struct {
	transport *http.Transport

	mu      sync.Mutex
	current *instance     // nil: none runs
	broken  *problem      // where none runs: why none is coming; nil: one is coming
	news    chan struct{} // closed when one of these changes
}

func newFront() *front {
	return &front{
		news: make(chan struct{}),
		transport: &http.Transport{
			DialContext: (&net.Dialer{}).DialContext,
			// The API's bytes are the client's, compressed or not.
			DisableCompression:  true,
			MaxIdleConnsPerHost: idleConnections,
			IdleConnTimeout:     time.Minute,
		},
	}
}

// set makes the next requests go to the instance, or wait, or be told what is broken. It
// returns the instance before, which gets no more requests.
func (f *front) set(next *instance, broken *problem) (previous *instance) {
	f.mu.Lock()
	defer f.mu.Unlock()
	previous = f.current
	f.change(next, broken)
	return previous
}

func (f *front) change(next *instance, broken *problem) {
	f.current, f.broken = next, broken
	close(f.news)
	f.news = make(chan struct{})
}

// lose is set for an instance that ended by itself. It reports whether that was the
// running one.
func (f *front) lose(ended *instance, broken *problem) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.current != ended {
		return false
	}
	f.change(nil, broken)
	return true
}

// running is the instance that gets requests; nil is none.
func (f *front) running() *instance {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.current
}

// acquire returns the instance that runs, which stays up until its requests.Done is
// called, or why there is none.
func (f *front) acquire(ctx context.Context) (*instance, *problem) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		f.mu.Lock()
		current, broken, news := f.current, f.broken, f.news
		if current != nil {
			current.requests.Add(1)
		}
		f.mu.Unlock()
		if current != nil || broken != nil {
			return current, broken
		}
		select {
		case <-news:
		case <-ctx.Done():
			return nil, &problem{
				Type: problemStarting, Title: "The API is not up yet", Status: http.StatusServiceUnavailable,
				Detail: "It is being built and started; the terminal of the environment tells more.",
			}
		}
	}
}

// forward serves one of the addresses of the running instance.
func (f *front) forward(addr func(*instance) string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if page, own := problemPages[r.URL.Path]; own {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			_, _ = io.WriteString(w, page+"\n") // the client may be gone
			return
		}
		running, broken := f.acquire(r.Context())
		if broken != nil {
			broken.answer(w, r)
			return
		}
		defer running.requests.Done()
		proxy := httputil.ReverseProxy{
			Transport: f.transport,
			Rewrite: func(p *httputil.ProxyRequest) {
				p.Out.URL.Scheme, p.Out.URL.Host = "http", addr(running)
				// As the client wrote them: this is no proxy to the API.
				p.Out.Host, p.Out.URL.RawQuery = p.In.Host, p.In.URL.RawQuery
				for _, name := range forwarded {
					if values, sent := p.In.Header[name]; sent {
						p.Out.Header[name] = values
					}
				}
			},
			ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
				(&problem{
					Type: problemEnded, Title: "The API ended while it was asked", Status: http.StatusBadGateway,
					Detail: "The terminal of the environment tells why (" + err.Error() + ").",
				}).answer(w, r)
			},
		}
		proxy.ServeHTTP(w, r)
	})
}
