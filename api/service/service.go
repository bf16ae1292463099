// Package service puts the parts together and runs them: configuration, store,
// HTTP servers, graceful stop. End-to-end tests start what the user starts.
package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"

	"github.com/pretendfriend/falafel-api/api/rest"
	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/api/telemetry"
)

const (
	// startTimeout bounds the look at the table, so that a start that cannot succeed
	// says so.
	startTimeout = 15 * time.Second

	// A header that takes longer, or is larger, is no honest client's. Node, which
	// the earlier service ran on, has 16 KiB as well.
	headerTimeout  = 5 * time.Second
	maxHeaderBytes = 16 << 10

	// idleTimeout is longer than a load balancer keeps its connections (60 s for an
	// ALB), or it would send a request on one that is being closed.
	//
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
	idleTimeout = 75 * time.Second

	// tracingStopTimeout is well within stopMargin.
	tracingStopTimeout = 3 * time.Second

	// gcPercent lets the heap grow to five times what is alive before it is
	// collected. That is a few MB here, and takes a fifth less CPU a request; the
	// memory limit of the container is respected all the same.
	gcPercent = 400
)

// Run serves until the context ends, then stops gracefully: not ready first, then
// requests in flight end, then the listener closes. When abort ends as well, it
// stops at once. Logs go to w. The error says in one sentence why it could not
// start or serve.
func Run(ctx, abort context.Context, config Config, w io.Writer) error {
	build := telemetry.Build{Version: rest.Version, Release: config.Release}
	metrics := telemetry.NewMetrics(build)
	w = telemetry.Serialize(w)
	level := new(slog.LevelVar)
	level.Set(config.LogLevel)
	logger := telemetry.NewLogger(w, config.LogFormat, level)
	slog.SetDefault(slog.New(telemetry.Sampled(logger.Handler(), metrics)))
	tuneMemory()

	tracing, err := telemetry.StartTracing(ctx, build)
	if err != nil {
		return err
	}
	defer stopTracing(abort, tracing)
	defer telemetry.StartEMF(w, metrics, config.EMFNamespace)()

	started, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	client, err := store.Connect(started)
	if err != nil {
		return err
	}
	reviews, err := store.Open(started, client, config.Table, metrics, tracing)
	if err != nil {
		return err
	}
	cursorKey, err := reviews.CursorKey(started)
	if err != nil {
		return fmt.Errorf("table %q cannot be read and written: %w", config.Table, err)
	}
	api, err := rest.New(reviews, rest.Options{
		CursorKey: cursorKey, Metrics: metrics, Tracing: tracing, Timeout: config.RequestTimeout, Origins: config.CORSOrigins, Docs: config.Docs,
		Release: config.Release,
	})
	if err != nil {
		return err
	}
	public, err := listen(started, "FALAFEL_ADDR", config.Addr)
	if err != nil {
		return err
	}
	private, err := listen(started, "FALAFEL_METRICS_ADDR", config.MetricsAddr)
	if err != nil {
		_ = public.Close()
		return err
	}
	return serve(ctx, abort, config, public, private, api, rest.NewOperations(metrics, reviews.Ready, level))
}

// stopTracing sends the spans that are left, of the requests that have ended.
func stopTracing(abort context.Context, tracing *telemetry.Tracing) {
	ctx, cancel := context.WithTimeout(abort, tracingStopTimeout)
	defer cancel()
	if err := tracing.Stop(ctx); err != nil {
		slog.WarnContext(ctx, "spans are lost", "error", err)
	}
}

// tuneMemory trades memory for CPU, within the limit of the container that the
// process runs in. GOGC and GOMEMLIMIT in the environment have the last word.
func tuneMemory() {
	if _, err := memlimit.Set(memlimit.WithRatio(0.9), memlimit.WithProvider(memlimit.FromCgroup)); err != nil {
		slog.Debug("no memory limit from the container", "error", err)
	}
	if _, set := syscall.Getenv("GOGC"); !set {
		debug.SetGCPercent(gcPercent)
	}
}

func listen(ctx context.Context, variable, addr string) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("the address %s is taken by another process: stop it, or set %s to another", addr, variable)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: cannot listen on %s: %w", variable, addr, err)
	}
	return listener, nil
}

func serve(ctx, abort context.Context, config Config, public, private net.Listener, api http.Handler, operations *rest.Operations) error {
	var requests traffic
	apiServer := newServer(requests.counted(api), config)
	operationsServer := newServer(operations, config)
	failed := make(chan error, 2)
	for server, listener := range map[*http.Server]net.Listener{apiServer: public, operationsServer: private} {
		go func() { failed <- server.Serve(listener) }()
		defer server.Close() //nolint:errcheck // nothing is left to do about it
	}
	slog.InfoContext(ctx, "serving", "addr", public.Addr().String(), "metrics_addr", private.Addr().String(), "table", config.Table)

	select {
	case err := <-failed:
		return fmt.Errorf("serving failed: %w", err)
	case <-ctx.Done():
	}
	slog.InfoContext(ctx, "stopping", "in_flight", requests.inFlight())
	operations.Drain()
	apiServer.SetKeepAlivesEnabled(false)
	stopping, cancel := context.WithTimeout(abort, config.ShutdownDelay+config.ShutdownTimeout)
	defer cancel()
	requests.drain(stopping, config.ShutdownDelay)
	if err := apiServer.Shutdown(stopping); err != nil {
		return fmt.Errorf("stopped with %d requests in flight", requests.inFlight())
	}
	slog.InfoContext(ctx, "stopped")
	return nil
}

func newServer(handler http.Handler, config Config) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       headerTimeout + config.RequestTimeout,
		WriteTimeout:      headerTimeout + 2*config.RequestTimeout, // begins with the header; a slow reader of a long answer has its time
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn),
	}
}

// traffic counts the requests in flight: those that came before the stop began, which
// the listener stays open for, and those that came after.
type traffic struct {
	stopping      atomic.Bool
	before, after atomic.Int64
}

func (t *traffic) counted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inFlight := &t.before
		if t.stopping.Load() {
			inFlight = &t.after
		}
		inFlight.Add(1)
		defer inFlight.Add(-1)
		next.ServeHTTP(w, r)
	})
}

func (t *traffic) inFlight() int64 { return t.before.Load() + t.after.Load() }

// drain returns when the delay is over and the requests that came before have ended, or
// when the context ends. Until then the listener takes what a load balancer still sends.
func (t *traffic) drain(ctx context.Context, delay time.Duration) {
	t.stopping.Store(true)
	earliest := time.Now().Add(delay)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for time.Now().Before(earliest) || t.before.Load() > 0 {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
