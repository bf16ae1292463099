package rest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/elnormous/contenttype"
	"github.com/gofrs/uuid/v5"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/pretendfriend/falafel-api/api/telemetry"
)

// MaxBodyBytes is the largest body of a request, as the earlier service had it.
const MaxBodyBytes = 102_400

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

// observe is the outermost layer: it gives the request an id, a deadline and a place
// where the database's work is noted, and counts and logs the answer.
func observe(next http.Handler, metrics *telemetry.Metrics, timeout time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		request := &telemetry.Request{ID: requestID(r), TraceID: traceID(r)}
		ctx, cancel := context.WithTimeout(telemetry.WithRequest(r.Context(), request), timeout)
		defer cancel()
		r = r.WithContext(ctx)
		answer := &response{ResponseWriter: w, request: request}
		header := w.Header()
		header.Set("X-Request-Id", request.ID)
		header.Set("X-Content-Type-Options", "nosniff")

		recovered(next, answer, r)

		if answer.status == 0 {
			answer.WriteHeader(http.StatusOK)
		}
		took := time.Since(began)
		route := routeOf(r)
		metrics.ObserveRequest(r.Method, route, answer.status, took)
		slog.LogAttrs(ctx, slog.LevelInfo, "request",
			slog.String("method", r.Method), slog.String("route", route), slog.Int("status", answer.status),
			slog.Float64("duration_ms", float64(took.Microseconds())/1000), slog.Int64("bytes", answer.bytes))
	})
}

// recovered answers a panic as an internal error, and logs where it was.
func recovered(next http.Handler, w *response, r *http.Request) {
	defer func() {
		switch cause := recover(); {
		case cause == nil:
		case cause == http.ErrAbortHandler: //nolint:errorlint // net/http compares it so
			panic(cause)
		default:
			slog.ErrorContext(r.Context(), "panic", "error", fmt.Sprint(cause), "stack", string(debug.Stack()))
			if w.status == 0 {
				writeProblem(w, r, problemInternal, "The error is in the log under the request id.")
			}
		}
	}()
	next.ServeHTTP(w, r)
}

// routeOf is the template of the route that answered, which ServeMux notes as
// "GET /v1/reviews".
func routeOf(r *http.Request) string {
	if _, route, ok := strings.Cut(r.Pattern, " "); ok {
		return route
	}
	return "unmatched"
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

func traceID(r *http.Request) string {
	ctx := propagation.TraceContext{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
	if span := trace.SpanContextFromContext(ctx); span.HasTraceID() {
		return span.TraceID().String()
	}
	return ""
}

// routed answers for the router where it would answer in plain text: no such path,
// no such method.
func routed(mux *http.ServeMux, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler, pattern := mux.Handler(r)
		if pattern != "" {
			r.Pattern = pattern // for the metrics, where a layer in between refuses the request
			next.ServeHTTP(w, r)
			return
		}
		refused := refusal{header: http.Header{}}
		handler.ServeHTTP(&refused, r)
		if allow := refused.header.Get("Allow"); allow != "" {
			w.Header().Set("Allow", allow)
			writeProblem(w, r, problemMethod, "%s is not among the methods of this resource: %s.", r.Method, allow)
			return
		}
		writeProblem(w, r, problemNotFound, "Nothing is served under this path. The OpenAPI document at /openapi.yaml lists what is.")
	})
}

// refusal takes the answer of ServeMux's own handlers, for its header.
type refusal struct {
	header http.Header
}

func (r *refusal) Header() http.Header               { return r.header }
func (r *refusal) Write(content []byte) (int, error) { return len(content), nil }
func (r *refusal) WriteHeader(int)                   {}

// refuse writes an error in the form of the API that the request is for.
type refuse func(w http.ResponseWriter, r *http.Request, kind problemKind, format string, args ...any)

// bounded reads a request's body before anything else is done with it: at most
// [MaxBodyBytes], for at most as long as the request has time.
func bounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodPost, http.MethodPut, http.MethodPatch:
		default:
			next.ServeHTTP(w, r)
			return
		}
		var refuse refuse = writeProblem
		if isEarlier(r) {
			refuse = writeEarlierProblem
		}
		if encoding := r.Header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
			w.Header().Set("Accept-Encoding", "identity") // RFC 9110, section 15.5.16
			refuse(w, r, problemMediaType, "The content encoding %q is not supported: send the body as it is.", encoding)
			return
		}
		body, err := readBody(w, r)
		var tooLarge *http.MaxBytesError
		var network net.Error
		switch {
		case err == nil:
			r.Body = io.NopCloser(bytes.NewReader(body))
			if mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil && !isEarlier(r) {
				r.Header.Set("Content-Type", mediaType) // huma does not trim; v1's media types need no parameter
			}
			next.ServeHTTP(w, r)
		case errors.As(err, &tooLarge):
			w.Header().Set("Connection", "close") // what is left of the body is not read
			refuse(w, r, problemTooLarge, "A request has at most %d bytes.", MaxBodyBytes)
		case errors.As(err, &network) && network.Timeout():
			w.Header().Set("Connection", "close")
			refuse(w, r, problemTimeout, "The body did not arrive in time.")
		default:
			refuse(w, r, problemMalformed, "The body ended before it was complete.")
		}
	})
}

func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.ContentLength > MaxBodyBytes {
		return nil, &http.MaxBytesError{Limit: MaxBodyBytes}
	}
	if deadline, ok := r.Context().Deadline(); ok {
		control := http.NewResponseController(w)
		if err := control.SetReadDeadline(deadline); err == nil {
			defer func() { _ = control.SetReadDeadline(time.Time{}) }()
		}
	}
	return io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBodyBytes))
}

var servedMediaTypes = []contenttype.MediaType{
	contenttype.NewMediaType("application/json"),
	contenttype.NewMediaType("application/json; charset=utf-8"), // which many clients ask for
	contenttype.NewMediaType("application/json; charset=UTF-8"),
}

// acceptable refuses requests for a representation that v1 has not. huma knows
// neither "*/*" nor a refusal by q=0, so that it is decided here and huma is told.
// A field that breaks the grammar says nothing: Java's own client sends such a one.
func acceptable(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if accept := strings.Join(r.Header.Values("Accept"), ", "); accept != "" && strings.HasPrefix(r.URL.Path, "/v1/") {
			if _, _, err := contenttype.GetAcceptableMediaTypeFromHeader(accept, servedMediaTypes); errors.Is(err, contenttype.ErrNoAcceptableTypeFound) {
				writeProblem(w, r, problemNotAcceptable, "The answer is application/json (application/problem+json for errors), which the Accept header does not admit.")
				return
			}
			r.Header.Set("Accept", "application/json")
		}
		next.ServeHTTP(w, r)
	})
}
