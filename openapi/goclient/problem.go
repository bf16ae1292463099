package goclient

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Types of problems: what code looks at. The API's documentation has a page for each.
const (
	TypeBusy                 = "/problems/busy"
	TypeContentTooLarge      = "/problems/content-too-large"
	TypeDatabaseUnavailable  = "/problems/database-unavailable"
	TypeIdempotencyKeyReused = "/problems/idempotency-key-reused"
	TypeInternal             = "/problems/internal"
	TypeMalformedRequest     = "/problems/malformed-request"
	TypeNotAcceptable        = "/problems/not-acceptable"
	TypeNotFound             = "/problems/not-found"
	TypePreconditionFailed   = "/problems/precondition-failed"
	TypeRequestTimeout       = "/problems/request-timeout"
	TypeUnsupportedMediaType = "/problems/unsupported-media-type"
	TypeValidation           = "/problems/validation"
)

// ErrNotModified says that the caller, by its [IfNoneMatch], has what there is.
var ErrNotModified = errors.New("not modified")

// A Problem is an answer of 400 and above (RFC 9457). One that is none of the API's, but of
// a proxy in front of it, say, has the type "about:blank".
type Problem struct { //nolint:errname // what RFC 9457 calls it, and so the document
	ProblemDetails

	RetryAfter time.Duration  // 0: the server does not say
	Response   *http.Response // as it came; the body can be read
}

// IsProblem reports whether the error is a problem of this type, such as [TypeNotFound].
func IsProblem(err error, kind string) bool {
	problem, ok := errors.AsType[*Problem](err)
	return ok && problem.Type == kind
}

// Error is what happened, and every rule that the request breaks.
func (p *Problem) Error() string {
	text := fmt.Sprintf("%d %s", p.Status, p.Title)
	if p.Detail != "" {
		text += ": " + p.Detail
	}
	rules := make([]string, len(p.Errors))
	for i, broken := range p.Errors {
		rules[i] = strings.TrimSpace(broken.Location + " " + broken.Message)
	}
	if len(rules) > 0 {
		text += ": " + strings.Join(rules, "; ")
	}
	if p.RequestID != "" {
		text += " (request " + p.RequestID + ")"
	}
	return text
}

const mostOfProblem = 1 << 20 // bytes

func newProblem(response *http.Response) *Problem {
	defer response.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(response.Body, mostOfProblem)) // what is there is better than nothing
	response.Body = io.NopCloser(bytes.NewReader(body))
	p := &Problem{RetryAfter: retryAfter(response.Header.Get("Retry-After")), Response: response}
	mediaType, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	switch mediaType {
	case "application/problem+json":
		if json.Unmarshal(body, &p.ProblemDetails) != nil {
			p.ProblemDetails = ProblemDetails{}
		}
	case "application/json":
		var earlier struct{ Error string }
		if json.Unmarshal(body, &earlier) == nil {
			p.Detail = earlier.Error
		}
	}
	if p.Type == "" {
		p.Type, p.Title = "about:blank", http.StatusText(response.StatusCode) // RFC 9457, section 4.2.1
	}
	p.Status = int64(response.StatusCode)
	if p.RequestID == "" {
		p.RequestID = response.Header.Get("X-Request-Id")
	}
	return p
}

// retryAfter reads either form of the header (RFC 9110, section 10.2.3).
func retryAfter(field string) time.Duration {
	if seconds, err := strconv.Atoi(field); err == nil && seconds > 0 {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(field); err == nil {
		return max(time.Until(at), 0)
	}
	return 0
}
