package traces

import (
	"net/http"
	"strconv"

	"github.com/pretendfriend/falafel-api/devenv/internal/respond"
)

// How many traces a list has, unless it is asked for others.
const (
	defaultList = 50
	maxList     = 1000
)

// Handler serves what the buffer holds:
//
//	GET /api/traces?limit=       the last traces, the newest first
//	GET /api/traces/{trace_id}   the spans of one, and its waterfall as text
//
// It looks neither at Host nor at Origin: that is for what stands in front of it.
func (b *Buffer) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/traces", func(w http.ResponseWriter, r *http.Request) {
		limit := defaultList
		if text := r.URL.Query().Get("limit"); text != "" {
			var err error
			if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > maxList {
				respond.Problem(w, http.StatusBadRequest, "limit is a number from 1 to "+strconv.Itoa(maxList)+", and not "+strconv.Quote(text))
				return
			}
		}
		respond.JSON(w, map[string]any{"items": b.Recent(limit)})
	})
	mux.HandleFunc("GET /api/traces/{trace_id}", func(w http.ResponseWriter, r *http.Request) {
		spans := b.Trace(r.PathValue("trace_id"))
		if spans == nil {
			respond.Problem(w, http.StatusNotFound, "there is no such trace here: it has not come yet, or it had to make room for others")
			return
		}
		wire := make([]WireSpan, len(spans))
		for i, span := range spans {
			wire[i] = span.Since(spans[0].Start)
		}
		respond.JSON(w, map[string]any{"spans": wire, "waterfall": Waterfall(spans)})
	})
	return mux
}
