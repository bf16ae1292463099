package store

import (
	"context"

	"github.com/gofrs/uuid/v5"

	"github.com/pretendfriend/falafel-api/api/review"
)

// Review reads one review, strongly consistent: it shows every write that was
// acknowledged before. It fails with [review.ErrNotFound].
func (s *Store) Review(ctx context.Context, restaurant review.Name, id uuid.UUID) (review.Review, error) {
	stored, err := s.get(ctx, getReview, restaurantKey(restaurant), reviewKey(id))
	if err != nil {
		return review.Review{}, err
	}
	if stored == nil {
		return review.Review{}, review.ErrNotFound
	}
	return decodeReview(stored)
}

// ReviewsOf lists the reviews of a restaurant, newest first, strongly consistent.
// A restaurant that nobody reviewed has none.
func (s *Store) ReviewsOf(ctx context.Context, restaurant review.Name, page review.PageRequest) (review.Page[review.Review], error) {
	return s.reviewsOf(ctx, reviewsOfRestaurant, restaurant, page)
}

// EarlierReviewsOf is [Store.ReviewsOf] with the large pages of the earlier service.
func (s *Store) EarlierReviewsOf(ctx context.Context, restaurant review.Name, page review.PageRequest) (review.Page[review.Review], error) {
	return s.reviewsOf(ctx, earlierReviews, restaurant, page)
}

func (s *Store) reviewsOf(ctx context.Context, pattern AccessPattern, restaurant review.Name, page review.PageRequest) (review.Page[review.Review], error) {
	read, err := s.query(ctx, pattern, reviewsBefore(restaurant, before(page)), page.Limit+1)
	if err != nil {
		return review.Page[review.Review]{}, err
	}
	return pageOf(read, page.Limit, attrSK, decodeReview)
}

// NewestReviews lists the reviews of all restaurants, newest first. The index is
// eventually consistent: a review appears within a second or so.
func (s *Store) NewestReviews(ctx context.Context, page review.PageRequest) (review.Page[review.Review], error) {
	read, err := s.merged(ctx, newestReviews, page, attrSK, newestBefore(before(page)))
	if err != nil {
		return review.Page[review.Review]{}, err
	}
	return pageOf(read, page.Limit, attrSK, decodeReview)
}

// before is the sort key that a list of reviews begins behind.
func before(page review.PageRequest) string {
	if page.After == "" {
		return afterReviews
	}
	return page.After
}
