package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/pretendfriend/falafel-api/api/review"
	"github.com/pretendfriend/falafel-api/api/telemetry"
)

const problemMediaTypeValue = "application/problem+json"

var retryAfter = http.Header{"Retry-After": {"1"}}

// Problem is an error as every v1 operation answers it (RFC 9457).
type Problem struct { //nolint:errname // what RFC 9457 calls it, and so the document
	Type      string         `json:"type" format:"uri-reference" example:"/problems/validation" doc:"What kind of problem this is, and where a page about it is. Compare this in code, not the texts."`
	Title     string         `json:"title" example:"The request breaks a rule" doc:"The kind in words; the same for every occurrence."`
	Status    int            `json:"status" minimum:"400" maximum:"599" example:"422" doc:"The HTTP status code."`
	Detail    string         `json:"detail,omitempty" example:"validation failed" doc:"What happened this time."`
	RequestID string         `json:"request_id,omitempty" example:"019aa3c2-7d1e-7b0a-9c55-0d2f6f1a4e21" doc:"The X-Request-Id of the response. Quote it when you ask for help: the log knows it."`
	Errors    []ProblemError `json:"errors,omitempty" doc:"Every rule that the request breaks, where there is more to say."`
}

// ProblemError is one rule that a request breaks.
type ProblemError struct {
	Location string `json:"location,omitempty" example:"body.rating" doc:"Where: body, path, query or header, then the field."`
	Message  string `json:"message" example:"must be above 0 and at most 5, with at most one decimal" doc:"What is expected there."`
	Value    any    `json:"value,omitempty" doc:"What was sent, where it is short."`
}

// Error is the detail.
func (p *Problem) Error() string { return p.Detail }

// GetStatus is the HTTP status code.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is application/problem+json.
func (p *Problem) ContentType(string) string { return problemMediaTypeValue }

func (k problemKind) new(ctx context.Context, detail string, errs ...ProblemError) *Problem {
	p := &Problem{Type: k.uri(), Title: k.title, Status: k.status, Detail: detail, Errors: errs}
	if request := telemetry.FromContext(ctx); request != nil {
		p.RequestID = request.ID
	}
	return p
}

// useProblems makes huma answer its own errors as problems of ours. What huma offers
// for this is a variable of its package, so that it holds for the whole process.
func useProblems() {
	huma.NewErrorWithContext = func(ctx huma.Context, status int, message string, errs ...error) huma.StatusError {
		return fromHuma(ctx.Context(), status, message, errs...)
	}
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		return fromHuma(context.Background(), status, message, errs...)
	}
}

func fromHuma(ctx context.Context, status int, message string, errs ...error) *Problem {
	problem := kindOf(status).new(ctx, message)
	problem.Status = status
	if status >= http.StatusInternalServerError {
		// The text of an internal error is for the log.
		slog.ErrorContext(ctx, "internal error", "what", message, "error", errors.Join(errs...))
		problem.Detail = problemInternal.detail
		return problem
	}
	for _, err := range errs {
		detail := &huma.ErrorDetail{Message: err.Error()}
		if detailed, ok := err.(huma.ErrorDetailer); ok {
			detail = detailed.ErrorDetail()
		}
		problem.Errors = append(problem.Errors, ProblemError{
			Location: detail.Location, Message: detail.Message, Value: short(detail.Value),
		})
	}
	return problem
}

// short leaves out values that say nothing (an object, to which a member is
// missing) or too much (a whole body).
func short(value any) any {
	const longest = 100
	switch v := value.(type) {
	case string:
		if len(v) > longest {
			return nil
		}
	case jsonNull, nil:
		return nil
	default:
		switch reflect.TypeOf(value).Kind() {
		case reflect.Map, reflect.Slice, reflect.Struct, reflect.Pointer:
			if _, ok := value.(json.Marshaler); !ok {
				return nil
			}
		}
	}
	return value
}

// problem says what an error of the domain means in HTTP. It is the one place
// that does.
func problem(ctx context.Context, err error) error {
	var invalid *review.InvalidError
	switch {
	case errors.As(err, &invalid):
		return violations(ctx, "body", invalid)
	case errors.Is(err, review.ErrNotFound):
		return problemNotFound.new(ctx, problemNotFound.detail)
	case errors.Is(err, review.ErrStale):
		return problemStale.new(ctx, problemStale.detail)
	case errors.Is(err, review.ErrIdempotencyKeyReused):
		return problemKeyReused.new(ctx, problemKeyReused.detail)
	case errors.Is(err, review.ErrBusy):
		return huma.ErrorWithHeaders(problemBusy.new(ctx, problemBusy.detail), retryAfter.Clone())
	case errors.Is(err, review.ErrUnavailable):
		slog.ErrorContext(ctx, "database unavailable", "error", err)
		return huma.ErrorWithHeaders(problemUnavailable.new(ctx, problemUnavailable.detail), retryAfter.Clone())
	case errors.Is(err, context.Canceled):
		return problemTimeout.new(ctx, "The client went away.") // nobody reads it
	default:
		slog.ErrorContext(ctx, "internal error", "error", err)
		return problemInternal.new(ctx, problemInternal.detail)
	}
}

func violations(ctx context.Context, where string, invalid *review.InvalidError) *Problem {
	p := problemInvalid.new(ctx, problemInvalid.detail)
	for _, v := range invalid.Violations {
		p.Errors = append(p.Errors, ProblemError{Location: where + "." + v.Field, Message: v.Rule, Value: short(v.Offered)})
	}
	return p
}

// writeProblem answers where no huma operation does: in front of the router.
func writeProblem(w http.ResponseWriter, r *http.Request, kind problemKind, format string, args ...any) {
	var body bytes.Buffer
	if err := writeJSON(&body, kind.new(r.Context(), fmt.Sprintf(format, args...))); err != nil {
		slog.ErrorContext(r.Context(), "problem details", "error", err) // strings and numbers: cannot happen
	}
	w.Header().Set("Content-Type", problemMediaTypeValue)
	w.WriteHeader(kind.status)
	_, _ = w.Write(body.Bytes()) // the client may be gone
}
