package goclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"
)

// A Client asks one Falafel API. It is safe for concurrent use.
type Client struct {
	*ClientWithResponses
}

// An Option is a choice for all requests of a client.
type Option func(*settings)

type settings struct {
	doer     HttpRequestDoer
	attempts uint
	edits    []RequestEditorFn
}

// Through sends requests through an HTTP client of the caller's.
func Through(client HttpRequestDoer) Option { return func(s *settings) { s.doer = client } }

// Attempts is how many times a request is sent at most; 0 and 1 send it once. The default
// is 4.
func Attempts(most uint) Option { return func(s *settings) { s.attempts = max(most, 1) } }

// Always changes every request before it is sent, as [RequestID] or [Header] do.
func Always(edit RequestEditorFn) Option {
	return func(s *settings) { s.edits = append(s.edits, edit) }
}

// New is a client of the API at the base URL, which may have a path.
//
// It sends a request again where the connection failed, or the answer was 502, 503 or 504,
// if doing it twice is doing it once. That holds for reading, for creating a review (with
// more than one attempt, every creation that has no Idempotency-Key gets one), and for
// replacing one without If-Match. Of a restaurant that is busy nothing was changed, so
// that any request is sent again. The pause is what Retry-After says, or it grows
// exponentially. The context bounds the whole.
func New(baseURL string, options ...Option) (*Client, error) {
	base, err := url.Parse(baseURL)
	if err != nil || base.Scheme == "" || base.Host == "" {
		return nil, errors.Join(fmt.Errorf("goclient: %q is no URL to send requests to", baseURL), err)
	}
	chosen := settings{doer: http.DefaultClient, attempts: defaultAttempts}
	for _, choose := range options {
		choose(&chosen)
	}
	generated, err := NewClientWithResponses(baseURL, func(r *Requests) error {
		r.Client = &sender{doer: chosen.doer, attempts: chosen.attempts}
		if chosen.attempts > 1 {
			r.RequestEditors = append(r.RequestEditors, keyed)
		}
		r.RequestEditors = append(r.RequestEditors, chosen.edits...)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("goclient: %w", err)
	}
	return &Client{generated}, nil
}

// keyed makes a creation repeatable.
func keyed(_ context.Context, request *http.Request) error {
	if request.Method != http.MethodPost || !strings.HasSuffix(request.URL.Path, "/reviews") || request.Header.Get("Idempotency-Key") != "" {
		return nil
	}
	key, err := uuid.NewRandom()
	if err != nil {
		return fmt.Errorf("idempotency key: %w", err)
	}
	request.Header.Set("Idempotency-Key", key.String())
	return nil
}

// Header sets a header of a request.
func Header(name, value string) RequestEditorFn {
	return func(_ context.Context, request *http.Request) error {
		request.Header.Set(name, value)
		return nil
	}
}

// IfMatch lets a change happen only to the state that has this entity tag. Else the error
// is a [*Problem] of [TypePreconditionFailed].
func IfMatch(etag string) RequestEditorFn { return Header("If-Match", etag) }

// IfNoneMatch asks for what has changed since it had this entity tag: the error is
// [ErrNotModified] where nothing has.
func IfNoneMatch(etag string) RequestEditorFn { return Header("If-None-Match", etag) }

// IdempotencyKey makes a creation repeatable by the caller, for 24 hours: the same key and
// review make no second one.
func IdempotencyKey(key string) RequestEditorFn { return Header("Idempotency-Key", key) }

// RequestID names the request in the server's log, and in its answer.
func RequestID(id string) RequestEditorFn { return Header("X-Request-Id", id) }

// Limit is the size of pages, from 1 to 100: how many items are fetched at a time.
func Limit(items int) RequestEditorFn {
	return func(_ context.Context, request *http.Request) error {
		query := request.URL.Query()
		query.Set("limit", fmt.Sprint(items))
		request.URL.RawQuery = query.Encode()
		return nil
	}
}
