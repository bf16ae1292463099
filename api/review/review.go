// Package review is the domain: reviews of falafel restaurants, the restaurants
// they add up to, and the rules about both. It knows neither HTTP nor DynamoDB.
//
// Read [Review] first, then [Restaurant].
package review

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/bojanz/currency"
	"github.com/gofrs/uuid/v5"
)

// The bounds of a review's content, shared with the OpenAPI document.
const (
	// MaxCommentLength is the longest comment, in Unicode code points.
	MaxCommentLength = 2000
	// MaxRatingDecimals is how finely a rating may be given: 4.5, not 4.55.
	MaxRatingDecimals = 1
	// MaxCostDecimals is as fine as any minor unit in ISO 4217.
	MaxCostDecimals = 4
	// DefaultCurrency is the ISO 4217 code of a cost given without one.
	DefaultCurrency = "EUR"
)

var (
	// MaxRating is the best rating; the worst is anything above 0.
	MaxRating = MustDecimal("5")
	// CostLimit is what every cost stays below, in any currency: 100 million
	// leaves room for the smallest denominations that are in use.
	CostLimit = MustDecimal("1e8")
)

// Content is what the author of a review says, and may change later.
type Content struct {
	Rating   Decimal // above 0, at most 5, at most one decimal
	Cost     Decimal // at least 0, in units of Currency, at most four decimals
	Currency string  // ISO 4217 code
	Comment  string  // at most 2,000 code points

	// Visited is when the author was there. Since v1 it is an RFC 3339 time;
	// the earlier service took any text ("12:30"), and keeps it.
	Visited string
}

// Validate reports every rule that the content breaks, as an [*InvalidError].
func (c Content) Validate() error {
	return join(validRating(c.Rating), validCost(c.Cost), validCurrency(c.Currency),
		validText("comment", c.Comment, MaxCommentLength), validVisit(c.Visited))
}

func validRating(rating Decimal) *InvalidError {
	if rating.Sign() <= 0 || rating.Cmp(MaxRating) > 0 || rating.Decimals() > MaxRatingDecimals {
		return invalid("rating", "must be above 0 and at most 5, with at most one decimal", rating)
	}
	return nil
}

func validCost(cost Decimal) *InvalidError {
	if cost.Sign() < 0 || cost.Cmp(CostLimit) >= 0 || cost.Decimals() > MaxCostDecimals {
		return invalid("cost", "must be at least 0 and below 100000000, with at most four decimals", cost)
	}
	return nil
}

func validCurrency(code string) *InvalidError {
	if code == "" || !currency.IsValid(code) { // the library takes "" for valid
		return invalid("currency", "must be an ISO 4217 code such as EUR", clip(code))
	}
	return nil
}

func validText(field, text string, longest int) *InvalidError {
	control := func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' }
	switch {
	case !utf8.ValidString(text):
		return invalid(field, "must be valid UTF-8", nil)
	case utf8.RuneCountInString(text) > longest:
		return invalid(field, "must have at most 2000 characters", nil)
	case strings.ContainsFunc(text, control):
		return invalid(field, "must not contain control characters other than line breaks and tabs", nil)
	}
	return nil
}

func validVisit(text string) *InvalidError {
	if text == "" {
		return invalid("visited_at", "must not be empty", nil)
	}
	return nil
}

// ParseVisit checks a visit as v1 takes it: an RFC 3339 time between the years 1
// and 9999 in UTC. It fails with an [*InvalidError].
func ParseVisit(text string) (time.Time, error) {
	visited, err := time.Parse(time.RFC3339, text)
	// A year of RFC 3339 has four digits; year 0 is none of the calendar's.
	if year := visited.UTC().Year(); err != nil || year < 1 || year > 9999 {
		return time.Time{}, invalid("visited_at", "must be an RFC 3339 time in the years 1 to 9999, such as 2026-11-20T12:30:00Z", clip(text))
	}
	return visited, nil
}

// Review is one visit to one restaurant, as one person saw it.
type Review struct {
	Restaurant Name
	ID         uuid.UUID // UUIDv7 (RFC 9562): ids sort by the time of creation
	Content
	UpdatedAt time.Time // to the millisecond, UTC
	Version   int64     // 1 when created, one more with every change
}

// New makes a review of valid content that is created at the given time.
// It fails with an [*InvalidError].
func New(restaurant Name, content Content, at time.Time) (Review, error) {
	if err := content.Validate(); err != nil {
		return Review{}, err
	}
	id, err := uuid.NewV7AtTime(at)
	if err != nil {
		return Review{}, err
	}
	review := Review{Restaurant: restaurant, ID: id, Content: content, Version: 1}
	review.UpdatedAt = review.CreatedAt()
	return review, nil
}

// CreatedAt is the time of creation to the millisecond, UTC. The id holds it, so
// that the order of ids and the order of times cannot differ.
func (r Review) CreatedAt() time.Time {
	stamp, err := uuid.TimestampFromV7(r.ID)
	if err != nil {
		return time.Time{} // not a UUIDv7: no review of ours has such an id
	}
	at, err := stamp.Time()
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}

// VisitedAt is the time of the visit. A review of the earlier service may hold a
// text that is no time: then it is the time of creation, and text is what was sent.
func (r Review) VisitedAt() (at time.Time, text string) {
	if visited, err := ParseVisit(r.Visited); err == nil {
		return visited, ""
	}
	return r.CreatedAt(), r.Visited
}

// Revision is what one has to know of a review's state to replace or delete it
// without reading it first: its version, and what it added to its restaurant.
type Revision struct {
	Version  int64
	Rating   Decimal
	Cost     Decimal
	Currency string
}

// Revision names the state that the review is in.
func (r Review) Revision() Revision {
	return Revision{Version: r.Version, Rating: r.Rating, Cost: r.Cost, Currency: r.Currency}
}

// Replaced is the next revision of the review, with new content, at the given time.
func (r Review) Replaced(content Content, at time.Time) Review {
	r.Content = content
	r.Version++
	r.UpdatedAt = at.UTC().Truncate(time.Millisecond)
	return r
}
