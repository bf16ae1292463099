// Package rest serves the reviews over HTTP: v1, the routes of the earlier service,
// and what an operator asks. It knows the domain, not the database.
//
// Read [New] first: the layers that every request passes. Then reviews.go and
// restaurants.go for v1, earlier.go for the routes that were there before.
package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/gofrs/uuid/v5"
	"github.com/rs/cors"

	"github.com/pretendfriend/falafel-api/api/rest/docs"
	"github.com/pretendfriend/falafel-api/api/review"
	"github.com/pretendfriend/falafel-api/api/telemetry"
)

// Reviews is what the operations need of a store. The errors are those of package
// review.
type Reviews interface {
	Create(context.Context, review.Review, review.Idempotency) (review.Review, error)
	Replace(context.Context, review.Name, uuid.UUID, review.Content, *review.Revision) (review.Review, error)
	Delete(context.Context, review.Name, uuid.UUID, *review.Revision) error
	Review(context.Context, review.Name, uuid.UUID) (review.Review, error)
	ReviewsOf(context.Context, review.Name, review.PageRequest) (review.Page[review.Review], error)
	EarlierReviewsOf(context.Context, review.Name, review.PageRequest) (review.Page[review.Review], error)
	NewestReviews(context.Context, review.PageRequest) (review.Page[review.Review], error)
	Restaurant(context.Context, review.Name) (review.Restaurant, review.Review, error)
	RestaurantsByRating(context.Context, review.PageRequest) (review.Page[review.Restaurant], error)
	RestaurantsByName(context.Context, review.PageRequest) (review.Page[review.Restaurant], error)
}

// Options are what New needs besides the reviews.
type Options struct {
	CursorKey []byte // 16, 24 or 32 bytes; the same in all instances of the service
	Metrics   *telemetry.Metrics
	Tracing   *telemetry.Tracing
	Timeout   time.Duration // of one request, from its header to its answer
	Origins   []string      // that browsers may call from (CORS); none: no other
	Docs      bool          // the page to read the OpenAPI document on, at /docs
	Release   string        // given back by GET /status; "" is not
}

// New is the public API. It logs by slog's default logger.
func New(reviews Reviews, options Options) (http.Handler, error) {
	cursors, err := newCursors(options.CursorKey)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	api := newAPI(mux)
	registerReviews(api, reviews, cursors)
	registerRestaurants(api, reviews, cursors)
	registerEarlier(api, mux, reviews, cursors, options.Release)
	serveProblemPages(mux)
	serveDocuments(mux)
	if options.Docs {
		if err := docs.Mount(mux); err != nil {
			return nil, err
		}
	}

	// From the inside out.
	handler := bounded(mux)
	handler = acceptable(handler)
	handler = deprecating(deprecations, handler)
	handler = routed(mux, handler)
	if len(options.Origins) > 0 {
		handler = allowOrigins(options.Origins).Handler(handler)
	}
	return observe(handler, options.Metrics, options.Tracing, options.Timeout), nil
}

func allowOrigins(origins []string) *cors.Cors {
	return cors.New(cors.Options{
		AllowedOrigins: origins,
		AllowedMethods: []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete},
		AllowedHeaders: []string{"Content-Type", "If-Match", "If-None-Match", "Idempotency-Key", "X-Request-Id", "traceparent", "tracestate"},
		ExposedHeaders: []string{"ETag", "Link", "Location", "Retry-After", "Idempotency-Replayed", "Accept-Patch", "Deprecation", "Sunset", "X-Request-Id", "Server-Timing", ReleaseHeader},
		MaxAge:         int((2 * time.Hour).Seconds()), // browsers keep it no longer
	})
}
