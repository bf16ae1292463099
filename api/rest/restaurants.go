package rest

import (
	"context"
	"net/http"
	"net/url"

	"github.com/danielgtaylor/huma/v2"

	"github.com/pretendfriend/falafel-api/api/review"
)

type restaurantsInput struct {
	PageParams
	Sort string `query:"sort" enum:"rating,name" default:"rating" doc:"By average rating, the best first, or by name without regard to case."`
}

type restaurantInput struct {
	RestaurantParam
	IfNoneMatch string `header:"If-None-Match" doc:"ETag that the client has: 304 without a body where it is still the one."`
}

type restaurantOutput struct {
	Status int
	ETag   string `header:"ETag" doc:"Entity tag of the restaurant, for If-None-Match. It changes with every review."`
	Body   Restaurant
}

func registerRestaurants(api huma.API, reviews Reviews, cursors cursors) {
	tags := []string{"Restaurants"}

	huma.Register(api, huma.Operation{
		OperationID: "listRestaurants", Method: http.MethodGet, Path: "/v1/restaurants", Tags: tags,
		Summary:     "List restaurants",
		Description: "All restaurants, ranked by their average rating (of two with the same average the one with more reviews comes first) or by name. A change appears here within a second or so.",
		Responses:   orNotModified(answers(http.StatusOK, "A page of restaurants.", exampleRestaurants)),
	}, func(ctx context.Context, in *restaurantsInput) (*listOutput[Restaurant], error) {
		read := reviews.RestaurantsByRating
		if in.Sort == "name" {
			read = reviews.RestaurantsByName
		}
		return listPage(ctx, in.PageParams, cursors, "/v1/restaurants", url.Values{"sort": {in.Sort}}, fromRestaurant,
			func(page review.PageRequest) (review.Page[review.Restaurant], error) { return read(ctx, page) })
	})

	huma.Register(api, huma.Operation{
		OperationID: "getRestaurant", Method: http.MethodGet, Path: restaurantPath, Tags: tags,
		Summary:     "Get a restaurant",
		Description: "What a restaurant's reviews add up to: how many there are, the average rating and cost, and the newest one. What was acknowledged before is counted.",
		Responses:   orNotModified(answers(http.StatusOK, "The restaurant.", withLastReview(exampleRestaurant), problemNotFound)),
	}, func(ctx context.Context, in *restaurantInput) (*restaurantOutput, error) {
		name, err := in.name(ctx)
		if err != nil {
			return nil, err
		}
		restaurant, newest, err := reviews.Restaurant(ctx, name)
		if err != nil {
			return nil, problem(ctx, err)
		}
		etag := `"` + versionText(restaurant.Version) + `"`
		if noneMatch(in.IfNoneMatch, etag) {
			return &restaurantOutput{Status: http.StatusNotModified, ETag: etag}, nil
		}
		shown, last := fromRestaurant(restaurant), fromReview(newest)
		shown.LastReview = &last
		return &restaurantOutput{Status: http.StatusOK, ETag: etag, Body: shown}, nil
	})
}
