package rest

import (
	"github.com/danielgtaylor/huma/v2"

	"github.com/pretendfriend/falafel-api/api/review"
)

// The document's examples tell of one review, and of what comes of it.
const (
	exampleID        = "019aa3c2-7d1e-7b0a-9c55-0d2f6f1a4e21"
	exampleETag      = `"1-4.5-8.5-EUR"`
	exampleRequestID = "5f0c1d9e-8a52-4a5b-9f0e-2f1a7c64f7b3"
)

var (
	exampleReview = Review{
		ID: exampleID, Restaurant: "Habibi", Rating: rating("4.5"), VisitedAt: "2026-11-20T12:30:00+01:00", Cost: cost("8.5"), Currency: "EUR",
		Comment: "Crisp outside, green inside.", CreatedAt: "2026-11-20T13:05:12.345Z", UpdatedAt: "2026-11-20T13:05:12.345Z", Version: 1,
	}
	exampleChanged = changed(exampleReview)
	exampleMinimal = struct {
		Rating    Rating `json:"rating"`
		VisitedAt string `json:"visited_at"`
		Cost      Cost   `json:"cost"`
	}{exampleReview.Rating, exampleReview.VisitedAt, exampleReview.Cost}
	exampleInput = struct {
		Rating    Rating `json:"rating"`
		VisitedAt string `json:"visited_at"`
		Cost      Cost   `json:"cost"`
		Currency  string `json:"currency"`
		Comment   string `json:"comment"`
	}{exampleReview.Rating, exampleReview.VisitedAt, exampleReview.Cost, exampleReview.Currency, exampleReview.Comment}

	exampleRestaurant = Restaurant{
		Name: "Habibi", ReviewCount: 42, AverageRating: average("4.37"), AverageCost: average("9.4"), Currency: "EUR",
		Costs: []AverageCost{
			{Currency: "EUR", Average: average("9.4"), ReviewCount: 41},
			{Currency: "CHF", Average: average("12"), ReviewCount: 1},
		},
	}
	exampleReviews     = List[Review]{Items: []Review{exampleReview}}
	exampleRestaurants = List[Restaurant]{Items: []Restaurant{exampleRestaurant}}
)

func rating(text string) Rating   { return Rating{review.MustDecimal(text)} }
func cost(text string) Cost       { return Cost{review.MustDecimal(text)} }
func average(text string) Average { return Average{review.MustDecimal(text)} }

func changed(r Review) Review {
	r.Rating, r.UpdatedAt, r.Version = rating("4"), "2026-11-21T09:00:00.000Z", 2
	return r
}

func withLastReview(r Restaurant) Restaurant {
	r.LastReview = &exampleReview
	return r
}

// reviewBody documents a request that says all of a review.
func reviewBody() *huma.RequestBody {
	return &huma.RequestBody{
		Description: "What the review says.",
		Content: map[string]*huma.MediaType{"application/json": {Examples: map[string]*huma.Example{
			"all":      {Summary: "All that there is to say", Value: exampleInput},
			"required": {Summary: "What is required: the currency is EUR, and there is no comment", Value: exampleMinimal},
		}}},
	}
}

// example is an occurrence of the problem.
func (k problemKind) example() *Problem {
	example := &Problem{Type: k.uri(), Title: k.title, Status: k.status, Detail: k.detail, RequestID: exampleRequestID}
	if k.slug == problemInvalid.slug {
		example.Errors = []ProblemError{{Location: "body.rating", Message: "expected number <= 5", Value: 11}}
	}
	return example
}
