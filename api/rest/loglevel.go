package rest

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
)

// maxLevelBytes is more than any level takes.
const maxLevelBytes = 1 << 10

func showLevel(w http.ResponseWriter, level *slog.LevelVar) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, "{\"level\":%q}\n", level.Level()) // the client may be gone
}

func changeLevel(w http.ResponseWriter, r *http.Request, level *slog.LevelVar) {
	content, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxLevelBytes))
	var wanted struct {
		Level *string `json:"level"`
	}
	if err == nil {
		err = json.Unmarshal(content, &wanted, json.RejectUnknownMembers(true))
	}
	if err != nil || wanted.Level == nil {
		answer(w, http.StatusBadRequest, `the body must be {"level":"debug"}, or info, warn, error`)
		return
	}
	next, err := parseLevel(*wanted.Level)
	if err != nil {
		answer(w, http.StatusBadRequest, err.Error())
		return
	}
	before := level.Level()
	level.Set(next)
	// On every level, or the one that hides it would leave no trace of why.
	slog.LogAttrs(r.Context(), max(next, slog.LevelInfo), "log level changed", slog.String("from", before.String()), slog.String("to", next.String()))
	showLevel(w, level)
}

// parseLevel takes the names alone, and not slog's "INFO+2".
func parseLevel(name string) (slog.Level, error) {
	for _, level := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
		if strings.EqualFold(name, level.String()) {
			return level, nil
		}
	}
	return 0, fmt.Errorf("%.20q is no level: write debug, info, warn or error", name)
}
