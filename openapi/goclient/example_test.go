package goclient_test

import (
	"context"
	"fmt"
	"time"

	"github.com/pretendfriend/falafel-api/openapi/goclient"
)

func Example() {
	ctx := context.Background()
	client, err := goclient.New(api)
	if err != nil {
		panic(err)
	}

	// Sent again until it is answered, and stored once.
	lunch, err := client.CreateReview(ctx, "Falafel/Zaatar", goclient.ReviewInput{
		Rating: 4.5, VisitedAt: time.Date(2026, time.November, 20, 12, 30, 0, 0, time.UTC), Cost: 8.5, Comment: "Crisp!",
	})
	if err != nil {
		panic(err)
	}

	// Only if nobody has changed it since.
	if _, err = client.PatchReview(ctx, lunch.Restaurant, lunch.ID, goclient.ReviewPatch{Rating: new(4.0)}, goclient.IfMatch(lunch.ETag)); err != nil {
		panic(err)
	}
	_, err = client.PatchReview(ctx, lunch.Restaurant, lunch.ID, goclient.ReviewPatch{Rating: new(3.0)}, goclient.IfMatch(lunch.ETag))
	if goclient.IsProblem(err, goclient.TypePreconditionFailed) {
		fmt.Println("somebody was quicker")
	}

	for review, err := range client.ReviewsOf(ctx, "Falafel/Zaatar") {
		if err != nil {
			panic(err)
		}
		fmt.Println(review.Rating, review.Cost, review.Currency, review.Comment)
	}
	if err := client.DeleteReview(ctx, lunch.Restaurant, lunch.ID); err != nil {
		panic(err)
	}
	// Output:
	// somebody was quicker
	// 4 8.5 EUR Crisp!
}
