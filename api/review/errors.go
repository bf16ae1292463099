package review

import (
	"errors"
	"strings"
)

// The kinds of error that the domain knows. Anything else that a method returns
// is internal: its text belongs in a log, never in an answer.
var (
	// ErrNotFound says that there is no such review or restaurant.
	ErrNotFound = errors.New("not found")

	// ErrStale says that the review is no longer the [Revision] the caller named.
	ErrStale = errors.New("the review has changed since it was read")

	// ErrExists says that a review with this id is stored already.
	ErrExists = errors.New("a review with this id exists already")

	// ErrIdempotencyKeyReused says that the key came before with another request.
	ErrIdempotencyKeyReused = errors.New("the idempotency key was used with another request")

	// ErrBusy says that so many writers change this restaurant that the change
	// could not be made in time. Nothing was written; trying again later is safe.
	ErrBusy = errors.New("too many changes to this restaurant at the same time")

	// ErrUnavailable says that the database could not be asked, or did not answer
	// in time. Whether a write happened is unknown.
	ErrUnavailable = errors.New("the database is not available")
)

// Violation is one rule that an input breaks.
type Violation struct {
	Field   string // name of the field, as in JSON: "rating"
	Rule    string // what is expected of it, for a person to read
	Offered any    // the value, where it is short enough to be shown; else nil
}

// InvalidError lists every rule that an input breaks.
type InvalidError struct {
	Violations []Violation
}

// Error joins the violations in one line.
func (e *InvalidError) Error() string {
	var text []string
	for _, v := range e.Violations {
		text = append(text, v.Field+" "+v.Rule)
	}
	return strings.Join(text, "; ")
}

func invalid(field, rule string, offered any) *InvalidError {
	return &InvalidError{Violations: []Violation{{Field: field, Rule: rule, Offered: offered}}}
}

// join collects the violations of several checks; nil when none fails.
func join(checks ...*InvalidError) error {
	var all InvalidError
	for _, check := range checks {
		if check != nil {
			all.Violations = append(all.Violations, check.Violations...)
		}
	}
	if len(all.Violations) == 0 {
		return nil
	}
	return &all
}
