package goclient

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/cenkalti/backoff/v5"
)

const (
	defaultAttempts = 4
	// A server that asks for a longer pause is down for longer than a caller waits.
	longestPause = 30 * time.Second
)

// A sender sends a request until it is answered, and makes errors of answers that are.
type sender struct {
	doer     HttpRequestDoer
	attempts uint
}

// Do implements HttpRequestDoer.
func (s *sender) Do(request *http.Request) (*http.Response, error) {
	ctx := request.Context()
	response, err := backoff.Retry(ctx, func() (*http.Response, error) { return s.once(ctx, request) },
		backoff.WithMaxTries(s.attempts), backoff.WithMaxElapsedTime(0))
	if problem, ok := errors.AsType[*Problem](err); ok {
		return nil, problem // without what it was wrapped in for backoff
	}
	return response, err
}

func (s *sender) once(ctx context.Context, request *http.Request) (*http.Response, error) {
	attempt := request.Clone(ctx)
	if request.GetBody != nil {
		body, err := request.GetBody()
		if err != nil {
			return nil, backoff.Permanent(err)
		}
		attempt.Body = body
	}
	response, err := s.doer.Do(attempt)
	if err != nil {
		if ctx.Err() != nil || !repeatable(request) {
			return nil, backoff.Permanent(err)
		}
		return nil, err
	}
	if response.StatusCode < http.StatusBadRequest {
		return response, nil
	}
	problem := newProblem(response)
	switch {
	case !unavailable(problem) || problem.Type != TypeBusy && !repeatable(request) || problem.RetryAfter > longestPause:
		return nil, backoff.Permanent(problem)
	case problem.RetryAfter > 0:
		return nil, errors.Join(problem, &backoff.RetryAfterError{Duration: problem.RetryAfter})
	default:
		return nil, problem
	}
}

func unavailable(problem *Problem) bool {
	switch problem.Response.StatusCode {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	default:
		return false
	}
}

// repeatable requests do the same twice as once, and answer the same. A change under a
// condition does not: the second time, it is the first that broke the condition.
func repeatable(request *http.Request) bool {
	if request.Body != nil && request.GetBody == nil {
		return false // it has been read
	}
	switch request.Method {
	case http.MethodGet, http.MethodHead:
		return true
	case http.MethodPost:
		return request.Header.Get("Idempotency-Key") != ""
	case http.MethodPut:
		return request.Header.Get("If-Match") == ""
	default:
		return false
	}
}
