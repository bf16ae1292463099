package rest

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/elnormous/contenttype"
)

// MaxBodyBytes is the largest body of a request, as the earlier service had it.
const MaxBodyBytes = 102_400

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
