// Package respond is how the handlers of the local environment read and write JSON: strict
// in what they take, and with problem details (RFC 9457) for what they refuse.
package respond

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// JSON writes the value.
func JSON(w http.ResponseWriter, v any) { write(w, http.StatusOK, "application/json", v) }

// A problem is why a request is refused. Its type is about:blank, as the status says all
// that a program may want to know.
type problem struct {
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"` // one sentence for a person
}

// Problem refuses a request, with one sentence for a person.
func Problem(w http.ResponseWriter, status int, detail string) {
	write(w, status, "application/problem+json", problem{http.StatusText(status), status, detail})
}

func write(w http.ResponseWriter, status int, mediaType string, v any) {
	content, err := json.Marshal(v, jsontext.EscapeForHTML(false), json.Deterministic(true))
	if err != nil {
		http.Error(w, "the answer cannot be written: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(content) // the client may be gone
}

// Read reads the body of a request as JSON of up to so many bytes, and refuses members that
// v has no place for. Where it returns false, the request is answered.
func Read(w http.ResponseWriter, r *http.Request, limit int64, v any) bool {
	// A page of another origin cannot send this type without being asked first (CORS).
	if mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || mediaType != "application/json" {
		Problem(w, http.StatusUnsupportedMediaType, "the body must be JSON: send it with Content-Type: application/json")
		return false
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if _, long := errors.AsType[*http.MaxBytesError](err); long {
		Problem(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("the body must have at most %d bytes", limit))
		return false
	}
	if err == nil {
		err = json.Unmarshal(body, v, json.RejectUnknownMembers(true))
	}
	if err != nil {
		Problem(w, http.StatusBadRequest, "the body is not understood: "+reason(err))
		return false
	}
	return true
}

// reason is an error of the JSON library without the names of Go's types.
func reason(err error) string {
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		where := string(semantic.JSONPointer)
		switch {
		case errors.Is(semantic.Err, json.ErrUnknownName):
			return where + " is not known here"
		case semantic.JSONKind != 0:
			return fmt.Sprintf("%s cannot be a JSON %s", orBody(where), semantic.JSONKind)
		default:
			return orBody(where) + " is not of the right kind"
		}
	}
	return strings.TrimPrefix(err.Error(), "jsontext: ")
}

func orBody(pointer string) string {
	if pointer == "" {
		return "it"
	}
	return pointer
}
