// Package goclient is the client of the Falafel API in Go.
//
//	client, err := goclient.New("http://127.0.0.1:3000")
//	review, err := client.CreateReview(ctx, "Habibi", goclient.ReviewInput{Rating: 4.5, VisitedAt: time.Now(), Cost: 8.5})
//	for review, err := range client.ReviewsOf(ctx, "Habibi") { … }
//
// An answer of 400 and above is a [*Problem], an error that says what is wrong and where;
// [IsProblem] tells the kinds apart. A request that was lost, or was answered with 503, is
// sent again after a pause where that is safe (see [New]), until the context ends.
//
// A restaurant is named by its name, whatever is in it: "Falafel/Zaatar" and "50% off"
// need no encoding by the caller.
//
// Ratings and costs are decimals on the wire and float64 here. Nothing is lost on the
// way: they have at most 12 digits, a float64 keeps 15. For sums of money, convert them to
// a decimal type first.
//
// The methods of [Client] are the short ways. [ClientWithResponses], which is embedded in
// it, has every operation with all its parameters and headers (GetReviewWithResponse, …).
// It is generated from the OpenAPI document by oapi-codegen, as are the types; overlay.yaml
// has what is changed for Go, and why.
package goclient
