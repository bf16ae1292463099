package faults

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/pretendfriend/falafel-api/api/store"
)

// maxRequestBytes is more than DynamoDB takes: a batch of 16 MB, in JSON.
const maxRequestBytes = 32 << 20

// idleConnections to the database are kept, for as many calls at a time. net/http's own 2
// would open one for each of the others.
const idleConnections = 256

// Proxy passes DynamoDB's calls on, unless a fault that is switched on has it otherwise.
// Its methods may be called at any time, from several goroutines.
//
// A call whose connection is to break ends in a panic with [http.ErrAbortHandler], which is
// net/http's way: a handler around this one has to let it pass.
type Proxy struct {
	next       http.Handler
	remembered *lru.Cache[question, remembered]

	mu      sync.Mutex
	faults  []Fault
	changed []func()
}

// New is a proxy in front of a DynamoDB that is a handler, such as the embedded one, or of
// what stands before it.
func New(next http.Handler) *Proxy {
	answers, err := lru.New[question, remembered](maxRemembered)
	if err != nil {
		panic(err) // its size is a constant above 0
	}
	return &Proxy{next: next, remembered: answers}
}

// NewProxy is a proxy in front of the DynamoDB at the endpoint.
func NewProxy(endpoint *url.URL) *Proxy {
	return New(&httputil.ReverseProxy{
		// The SDK signs the Host header, which some databases check.
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(endpoint); r.Out.Host = r.In.Host },
		Transport: &http.Transport{
			MaxIdleConns: idleConnections, MaxIdleConnsPerHost: idleConnections, IdleConnTimeout: 90 * time.Second,
			DisableCompression: true, // what the service asks for is passed on, and nothing else
		},
		// The database is not there, or the service did not wait: both see what they would
		// have seen without a proxy.
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
		ErrorLog:     slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	})
}

type noteKey struct{}

// Noting has note told which faults a call meets, before they act. It is for what stands in
// front of the proxy, in the same process, and passes calls on with this context.
func Noting(ctx context.Context, note func([]Fault)) context.Context {
	return context.WithValue(ctx, noteKey{}, note)
}

// ServeHTTP implements http.Handler.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !p.any() { // which is how it is nearly always, and must cost nothing
		p.next.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequestBytes))
	if err != nil {
		panic(http.ErrAbortHandler) // the service went away, or it is no call of DynamoDB's
	}
	again := r.WithContext(r.Context()) // a handler must not change the request that it was given
	again.Body, again.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	call := call{operation: operation, body: body}
	if pattern, ok := store.Recognise(operation, body); ok {
		call.pattern = pattern.Name
	}
	struck := p.strike(call)
	if note, ok := r.Context().Value(noteKey{}).(func([]Fault)); ok && len(struck) > 0 {
		note(struck)
	}
	p.carryOut(w, again, call, struck)
}

// carryOut passes the call on, as far as what struck it admits. It takes its time first,
// whatever becomes of it then; an answer is lost only of a call that was carried out.
func (p *Proxy) carryOut(w http.ResponseWriter, r *http.Request, c call, struck []Fault) {
	lost := false
	for _, fault := range struck {
		if fault.Kind == Latency && !pause(r.Context(), fault.Delay) {
			panic(http.ErrAbortHandler)
		}
		lost = lost || fault.Kind == Lost
	}
	for _, fault := range struck {
		switch fault.Kind {
		case Latency, Lost:
		case Gone:
			panic(http.ErrAbortHandler)
		case Throttling:
			c.throttled().write(w)
			return
		case Errors:
			internalServerError.write(w)
			return
		case Conflicts:
			c.conflict().write(w)
			return
		case Stale:
			if lost {
				panic(http.ErrAbortHandler) // a read: nobody can tell
			}
			p.stale(w, r, c, fault.Delay)
			return
		}
	}
	if lost {
		// Also when the service does not wait for it.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), maxDelay)
		defer cancel()
		p.next.ServeHTTP(&discarded{header: http.Header{}}, r.WithContext(ctx))
		panic(http.ErrAbortHandler)
	}
	p.next.ServeHTTP(w, r)
}

func (p *Proxy) any() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.faults) > 0
}

// strike returns the faults that this call meets.
func (p *Proxy) strike(c call) (struck []Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, fault := range p.faults {
		if (fault.AccessPattern == "" || fault.AccessPattern == c.pattern) && c.meets(fault.Kind) &&
			rand.Float64() < fault.Share { //nolint:gosec // a coin, no secret
			struck = append(struck, fault)
		}
	}
	return struck
}

// call is one request to the database.
type call struct {
	operation string
	body      []byte
	pattern   string // name of its access pattern; "" is none of the service's
}

// meets reports whether a fault of the kind can happen to the call at all.
func (c call) meets(kind Kind) bool {
	switch kind {
	case Conflicts:
		return c.writes()
	case Stale:
		return c.readsEventually()
	default:
		return true
	}
}

func (c call) writes() bool {
	switch c.operation {
	case "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems":
		return true
	default:
		return false
	}
}

// question is what a read asks, as a hash.
type question [sha256.Size]byte

// pause waits, and reports whether it could to the end.
func pause(ctx context.Context, delay time.Duration) bool {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// discarded is where an answer goes that does not arrive.
type discarded struct{ header http.Header }

func (d *discarded) Header() http.Header               { return d.header }
func (d *discarded) Write(content []byte) (int, error) { return len(content), nil }
func (d *discarded) WriteHeader(int)                   {}
