package rest

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gofrs/uuid/v5"

	"github.com/pretendfriend/falafel-api/api/slo"
	"github.com/pretendfriend/falafel-api/api/telemetry"
)

// observe is the outermost layer: it gives the request an id, a deadline and a place
// where the database's work is noted, and counts, traces and logs the answer. All that
// an operator learns of the service's requests is from here.
func observe(next http.Handler, metrics *telemetry.Metrics, tracing *telemetry.Tracing, timeout time.Duration) http.Handler {
	objectives := slo.Objectives()
	for _, objective := range objectives {
		metrics.DeclareObjective(objective.Name)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		request := &telemetry.Request{ID: requestID(r)}
		ctx, span := tracing.StartServer(telemetry.WithRequest(r.Context(), request), r)
		ctx, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		r = r.WithContext(ctx)
		response := &response{ResponseWriter: w, request: request}
		header := w.Header()
		header.Set("X-Request-Id", request.ID)
		header.Set("X-Content-Type-Options", "nosniff")
		metrics.RequestBegins(r.Method)

		aborted := recovered(next, response, r)

		switch {
		case response.status != 0:
		case aborted:
			response.status = http.StatusInternalServerError // which it is to the client, who gets none
		default:
			response.WriteHeader(http.StatusOK)
		}
		answer := telemetry.Answer{
			Method: r.Method, Route: routeOf(r), Status: response.status, Took: time.Since(began),
			RequestBytes: r.ContentLength, ResponseBytes: response.bytes,
		}
		metrics.RequestEnds(ctx, answer)
		judge(objectives, metrics, answer)
		span.End(answer)
		slog.LogAttrs(ctx, slog.LevelInfo, "request",
			slog.String("method", answer.Method), slog.String("route", answer.Route), slog.Int("status", answer.Status),
			slog.Float64("duration_ms", float64(answer.Took.Microseconds())/1000), slog.Int64("bytes", answer.ResponseBytes))
		if aborted {
			panic(http.ErrAbortHandler)
		}
	})
}

// judge counts the request for the objectives that it is about.
func judge(objectives []slo.Objective, metrics *telemetry.Metrics, answer telemetry.Answer) {
	request := slo.Request{Method: answer.Method, Route: answer.Route, Status: answer.Status, Took: answer.Took}
	for _, objective := range objectives {
		if counts, good := objective.Judge(request); counts {
			metrics.ObjectiveJudged(objective.Name, good)
		}
	}
}

// response notes what was answered, and adds what every answer carries.
type response struct {
	http.ResponseWriter
	request *telemetry.Request
	status  int
	bytes   int64
}

func (w *response) WriteHeader(status int) {
	// 1xx are announcements: the answer is still to come.
	if w.status == 0 && status >= http.StatusOK {
		w.status = status
		header := w.Header()
		header.Set("Server-Timing", w.request.ServerTiming())
		if status == http.StatusNotModified {
			header.Del("Content-Type") // describes a content that is not there
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *response) Write(content []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	n, err := w.ResponseWriter.Write(content)
	w.bytes += int64(n)
	return n, err
}

// Unwrap is for http.ResponseController.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// recovered answers a panic as an internal error, and logs where it was. It returns
// whether the answer was broken off on purpose, for net/http to be told in the end.
func recovered(next http.Handler, w *response, r *http.Request) (aborted bool) {
	defer func() {
		switch cause := recover(); {
		case cause == nil:
		case cause == http.ErrAbortHandler: //nolint:errorlint // net/http compares it so
			aborted = true
		default:
			slog.ErrorContext(r.Context(), "panic", "error", fmt.Sprint(cause), "stack", string(debug.Stack()))
			telemetry.RecordPanic(r.Context(), cause)
			if w.status == 0 {
				writeProblem(w, r, problemInternal, "The error is in the log under the request id.")
			}
		}
	}()
	next.ServeHTTP(w, r)
	return false
}

// routeOf is the template of the route that answered, which ServeMux notes as
// "GET /v1/reviews".
func routeOf(r *http.Request) string {
	if _, route, ok := strings.Cut(r.Pattern, " "); ok {
		return route
	}
	return telemetry.Unmatched
}

// requestID is the client's, if it is fit for a log and a header, or a new one.
func requestID(r *http.Request) string {
	id := r.Header.Get("X-Request-Id")
	unfit := func(c rune) bool { return c <= ' ' || c > '~' }
	if id != "" && len(id) <= 128 && !strings.ContainsFunc(id, unfit) {
		return id
	}
	fresh, err := uuid.NewV4()
	if err != nil {
		return "-" // no randomness to be had: the request is worth more than its name
	}
	return fresh.String()
}
