package rest

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/pretendfriend/falafel-api/api/telemetry"
)

// readyTimeout bounds a readiness check: a load balancer waits no longer.
const readyTimeout = 2 * time.Second

// Operations is what an operator asks of the service, on a port of its own that is
// never exposed to the internet: /metrics, /livez, /readyz and /log-level.
type Operations struct {
	mux      *http.ServeMux
	draining atomic.Bool
}

// NewOperations serves the metrics, readiness as ready reports it, and the level of the
// log, which can be changed.
func NewOperations(metrics *telemetry.Metrics, ready func(context.Context) error, level *slog.LevelVar) *Operations {
	o := &Operations{mux: http.NewServeMux()}
	o.mux.Handle("GET /metrics", metrics.Handler())
	// Alive means that the process answers: what it depends on is not its fault, and
	// would not be mended by a restart.
	o.mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "ok") })
	o.mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if o.draining.Load() {
			answer(w, http.StatusServiceUnavailable, "stopping")
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
		defer cancel()
		if err := ready(ctx); err != nil {
			slog.WarnContext(ctx, "not ready", "error", err)
			answer(w, http.StatusServiceUnavailable, "the table does not answer")
			return
		}
		answer(w, http.StatusOK, "ok")
	})
	o.mux.HandleFunc("GET /log-level", func(w http.ResponseWriter, _ *http.Request) { showLevel(w, level) })
	o.mux.HandleFunc("PUT /log-level", func(w http.ResponseWriter, r *http.Request) { changeLevel(w, r, level) })
	return o
}

// Drain makes the service not ready, for good: it is about to stop.
func (o *Operations) Drain() { o.draining.Store(true) }

// ServeHTTP implements http.Handler.
func (o *Operations) ServeHTTP(w http.ResponseWriter, r *http.Request) { o.mux.ServeHTTP(w, r) }

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n")) // the client may be gone
}
