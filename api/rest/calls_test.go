package rest_test

import (
	"context"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/pretendfriend/falafel-api/openapi/goclient"
)

// The operations of the client that we ship, in the client's names. Bodies are texts: a
// test says how a number is written.

const (
	inJSON     = "application/json"
	mergePatch = "application/merge-patch+json"
	jsonPatch  = "application/json-patch+json"
)

type (
	client = goclient.ClientInterface
	edit   = goclient.RequestEditorFn
)

func (s *service) createReview(restaurant, body string) *request {
	return s.calls(func(ctx context.Context, c client, edits ...edit) (*http.Response, error) {
		return c.CreateReviewWithBody(ctx, restaurant, nil, inJSON, strings.NewReader(body), edits...)
	})
}

// keyed is a creation with an idempotency key.
func (s *service) keyed(key, restaurant, body string) *request {
	return s.createReview(restaurant, body).with("Idempotency-Key", key)
}

func (s *service) getReview(m made) *request {
	return s.calls(func(ctx context.Context, c client, edits ...edit) (*http.Response, error) {
		return c.GetReview(ctx, m.Restaurant, m.uuid(), nil, edits...)
	})
}

func (s *service) replaceReview(m made, body string) *request {
	return s.calls(func(ctx context.Context, c client, edits ...edit) (*http.Response, error) {
		return c.ReplaceReviewWithBody(ctx, m.Restaurant, m.uuid(), nil, inJSON, strings.NewReader(body), edits...)
	})
}

func (s *service) patchReview(m made, mediaType, patch string) *request {
	return s.calls(func(ctx context.Context, c client, edits ...edit) (*http.Response, error) {
		return c.PatchReviewWithBody(ctx, m.Restaurant, m.uuid(), nil, mediaType, strings.NewReader(patch), edits...)
	})
}

func (s *service) deleteReview(m made) *request {
	return s.calls(func(ctx context.Context, c client, edits ...edit) (*http.Response, error) {
		return c.DeleteReview(ctx, m.Restaurant, m.uuid(), nil, edits...)
	})
}

func (s *service) getRestaurant(name string) *request {
	return s.calls(func(ctx context.Context, c client, edits ...edit) (*http.Response, error) {
		return c.GetRestaurant(ctx, name, nil, edits...)
	})
}

func (s *service) listReviewsOf(restaurant string) *request {
	return s.calls(func(ctx context.Context, c client, edits ...edit) (*http.Response, error) {
		return c.ListRestaurantReviews(ctx, restaurant, nil, edits...)
	})
}

func (s *service) listReviews() *request {
	return s.calls(func(ctx context.Context, c client, edits ...edit) (*http.Response, error) {
		return c.ListReviews(ctx, nil, edits...)
	})
}

// listRestaurants sorts them; "" is the default.
func (s *service) listRestaurants(sort goclient.Sort) *request {
	var params goclient.ListRestaurantsParams
	if sort != "" {
		params.Sort = &sort
	}
	return s.calls(func(ctx context.Context, c client, edits ...edit) (*http.Response, error) {
		return c.ListRestaurants(ctx, &params, edits...)
	})
}

// limited is a list in pages of a size.
func (r *request) limited(items int) *request {
	operation := r.call
	r.call = func(ctx context.Context, c client, edits ...edit) (*http.Response, error) {
		return operation(ctx, c, append(edits, goclient.Limit(items))...)
	}
	return r
}

func (s *service) getStatus() *request {
	return s.calls(func(ctx context.Context, c client, edits ...edit) (*http.Response, error) {
		return c.GetStatus(ctx, nil, edits...)
	})
}

func (s *service) createEarlierReview(body string) *request {
	return s.calls(func(ctx context.Context, c client, edits ...edit) (*http.Response, error) {
		return c.CreateEarlierReviewWithBody(ctx, nil, inJSON, strings.NewReader(body), edits...) //nolint:staticcheck // deprecated, and served
	})
}

func (s *service) listEarlierReviews(restaurant string) *request {
	return s.calls(func(ctx context.Context, c client, edits ...edit) (*http.Response, error) {
		return c.ListEarlierReviews(ctx, &goclient.ListEarlierReviewsParams{FalafelRestaurant: restaurant}, edits...) //nolint:staticcheck // deprecated, and served
	})
}

func (m made) uuid() uuid.UUID { return uuid.MustParse(m.ID) }
