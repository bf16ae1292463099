package rest

import (
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/pretendfriend/falafel-api/api/review"
)

// Rating is a rating in JSON: a number.
type Rating struct{ review.Decimal }

// Schema implements huma.SchemaProvider.
func (Rating) Schema(huma.Registry) *huma.Schema {
	worst, best := 0.0, 5.0
	return &huma.Schema{Type: huma.TypeNumber, ExclusiveMinimum: &worst, Maximum: &best}
}

// Cost is an amount of money in JSON: a number, exact to four decimals.
type Cost struct{ review.Decimal }

// Schema implements huma.SchemaProvider.
func (Cost) Schema(huma.Registry) *huma.Schema {
	least, limit := 0.0, 1e8
	return &huma.Schema{Type: huma.TypeNumber, Minimum: &least, ExclusiveMaximum: &limit}
}

// Average is a mean in JSON: a number.
type Average struct{ review.Decimal }

// Schema implements huma.SchemaProvider.
func (Average) Schema(huma.Registry) *huma.Schema {
	least := 0.0
	return &huma.Schema{Type: huma.TypeNumber, Minimum: &least}
}

// Review is a review as v1 shows it.
type Review struct {
	ID            string `json:"id" format:"uuid" example:"019aa3c2-7d1e-7b0a-9c55-0d2f6f1a4e21" doc:"UUIDv7: ids sort by the time of creation."`
	Restaurant    string `json:"restaurant" minLength:"1" maxLength:"200" example:"Habibi" doc:"Name of the restaurant, which is also what identifies it. Trimmed, Unicode NFC."`
	Rating        Rating `json:"rating" example:"4.5" doc:"From 0.1 to 5, in tenths."`
	VisitedAt     string `json:"visited_at" format:"date-time" example:"2026-11-20T12:30:00+01:00" doc:"When the author was there."`
	VisitedAtText string `json:"visited_at_text,omitempty" example:"12:30" doc:"Only in reviews from the earlier service whose time is no RFC 3339 time: what was sent. Then visited_at is the time of creation."`
	Cost          Cost   `json:"cost" example:"8.5" doc:"What the visit cost, in units of the currency. Exact to four decimals."`
	Currency      string `json:"currency" pattern:"^[A-Z]{3}$" example:"EUR" doc:"ISO 4217 code."`
	Comment       string `json:"comment" maxLength:"2000" example:"Crisp outside, green inside." doc:"What the author has to say; may be empty."`
	CreatedAt     string `json:"created_at" format:"date-time" example:"2026-11-20T13:05:12.345Z" doc:"When the review was stored."`
	UpdatedAt     string `json:"updated_at" format:"date-time" example:"2026-11-20T13:05:12.345Z" doc:"When the review was last changed."`
	Version       int64  `json:"version" minimum:"1" example:"1" doc:"1 when created, one more with every change."`
}

// millis is RFC 3339 in UTC to the millisecond.
const millis = "2006-01-02T15:04:05.000Z07:00"

func fromReview(r review.Review) Review {
	shown := Review{
		ID: r.ID.String(), Restaurant: string(r.Restaurant), Rating: Rating{r.Rating},
		Cost: Cost{r.Cost}, Currency: r.Currency, Comment: r.Comment,
		CreatedAt: r.CreatedAt().Format(millis), UpdatedAt: r.UpdatedAt.UTC().Format(millis), Version: r.Version,
	}
	visited, text := r.VisitedAt()
	shown.VisitedAt, shown.VisitedAtText = visited.Format(time.RFC3339Nano), text
	if text != "" {
		shown.VisitedAt = shown.CreatedAt
	}
	return shown
}

// ReviewInput is what a client says in a review.
//
// The read-only members are there so that a review can be sent back as it was read;
// their values are ignored, as AIP-203 has it for output-only fields.
type ReviewInput struct {
	Rating    Rating `json:"rating" example:"4.5" doc:"From 0.1 to 5, in tenths."`
	VisitedAt string `json:"visited_at" format:"date-time" example:"2026-11-20T12:30:00+01:00" doc:"When the author was there. Years 1 to 9999, in UTC."`
	Cost      Cost   `json:"cost" example:"8.5" doc:"What the visit cost, in units of the currency. At most four decimals."`
	Currency  string `json:"currency,omitempty" pattern:"^[A-Z]{3}$" default:"EUR" example:"EUR" doc:"ISO 4217 code."`
	Comment   string `json:"comment,omitempty" maxLength:"2000" example:"Crisp outside, green inside." doc:"What the author has to say. No control characters but line breaks and tabs."`

	ID            string `json:"id,omitempty" readOnly:"true" doc:"Ignored."`
	Restaurant    string `json:"restaurant,omitempty" readOnly:"true" doc:"Ignored: the path names the restaurant."`
	VisitedAtText string `json:"visited_at_text,omitempty" readOnly:"true" doc:"Kept while visited_at stays the time of creation; else ignored."`
	CreatedAt     string `json:"created_at,omitempty" readOnly:"true" doc:"Ignored."`
	UpdatedAt     string `json:"updated_at,omitempty" readOnly:"true" doc:"Ignored."`
	Version       int64  `json:"version,omitempty" readOnly:"true" doc:"Ignored: use If-Match."`
}

// content is the input as the domain takes it. The review is the one that is
// replaced; a review yet to be made is zero.
func (in ReviewInput) content(replaced review.Review) (review.Content, error) {
	content := review.Content{
		Rating: in.Rating.Decimal, Cost: in.Cost.Decimal, Currency: in.Currency, Comment: in.Comment, Visited: in.VisitedAt,
	}
	if content.Currency == "" {
		content.Currency = review.DefaultCurrency
	}
	// A review of the earlier service that is patched or sent back must not lose the
	// time that its author gave: it is shown beside a visited_at which is not one.
	// The client may have read it as a time, and write it otherwise.
	visited, invalid := review.ParseVisit(in.VisitedAt)
	if in.VisitedAtText != "" && !replaced.ID.IsNil() && invalid == nil && visited.Equal(replaced.CreatedAt()) {
		content.Visited = in.VisitedAtText
		return content, content.Validate()
	}
	if err := content.Validate(); err != nil {
		return content, err
	}
	return content, invalid
}

// Restaurant is what a restaurant's reviews add up to, as v1 shows it.
type Restaurant struct {
	Name          string        `json:"name" minLength:"1" maxLength:"200" example:"Habibi" doc:"Name of the restaurant, which is also what identifies it."`
	ReviewCount   int64         `json:"review_count" minimum:"1" example:"42" doc:"How many reviews there are."`
	AverageRating Average       `json:"average_rating" example:"4.37" doc:"Mean of the ratings, rounded half to even to two decimals."`
	AverageCost   Average       `json:"average_cost" example:"9.4" doc:"Mean cost of the reviews that paid in the currency beside it, rounded to its minor unit."`
	Currency      string        `json:"currency" pattern:"^[A-Z]{3}$" example:"EUR" doc:"The currency that most reviews paid in, an ISO 4217 code."`
	Costs         []AverageCost `json:"costs" doc:"The mean cost in every currency that a review paid in, the most used one first: amounts in two currencies have no mean."`
	LastReview    *Review       `json:"last_review,omitempty" doc:"The newest review. Only where one restaurant is asked for."`

	version int64 // of the stored summary, for entity tags
}

// AverageCost is a mean cost in one currency.
type AverageCost struct {
	Currency    string  `json:"currency" pattern:"^[A-Z]{3}$" example:"EUR" doc:"ISO 4217 code."`
	Average     Average `json:"average" example:"9.4" doc:"Mean cost, rounded half to even to the currency's minor unit."`
	ReviewCount int64   `json:"review_count" minimum:"1" example:"41" doc:"How many reviews paid in it."`
}

func fromRestaurant(r review.Restaurant) Restaurant {
	shown := Restaurant{Name: string(r.Name), ReviewCount: r.Reviews, AverageRating: Average{r.AverageRating()}, version: r.Version}
	for _, cost := range r.AverageCosts() {
		shown.Costs = append(shown.Costs, AverageCost{cost.Currency, Average{cost.Amount}, cost.Reviews})
	}
	if len(shown.Costs) > 0 {
		shown.AverageCost, shown.Currency = shown.Costs[0].Average, shown.Costs[0].Currency
	}
	return shown
}
