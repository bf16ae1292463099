package store

import (
	"context"

	"github.com/pretendfriend/falafel-api/api/review"
)

// Restaurant reads what a restaurant's reviews add up to, and its newest review,
// strongly consistent. It fails with [review.ErrNotFound] when there is no review.
func (s *Store) Restaurant(ctx context.Context, name review.Name) (review.Restaurant, review.Review, error) {
	read, err := s.query(ctx, getRestaurant, lastOf(name), int(getRestaurant.MaxItems))
	if err != nil {
		return review.Restaurant{}, review.Review{}, err
	}
	// The summary of a restaurant whose reviews are all deleted stands alone.
	if len(read.items) < 2 {
		return review.Restaurant{}, review.Review{}, review.ErrNotFound
	}
	restaurant, err := decodeRestaurant(read.items[0])
	if err != nil {
		return review.Restaurant{}, review.Review{}, err
	}
	newest, err := decodeReview(read.items[1])
	return restaurant, newest, err
}

// RestaurantsByRating lists restaurants, the best first; of two with the same
// average the one with more reviews. The index is eventually consistent.
func (s *Store) RestaurantsByRating(ctx context.Context, page review.PageRequest) (review.Page[review.Restaurant], error) {
	return s.restaurants(ctx, restaurantsByRating, page, attrRankingSK, rankedBehind(page.After))
}

// RestaurantsByName lists restaurants by name, without regard to case. The index
// is eventually consistent.
func (s *Store) RestaurantsByName(ctx context.Context, page review.PageRequest) (review.Page[review.Restaurant], error) {
	return s.restaurants(ctx, restaurantsByName, page, attrNamesSK, namedBehind(page.After))
}

func (s *Store) restaurants(ctx context.Context, pattern AccessPattern, page review.PageRequest, sortedBy string, where condition) (review.Page[review.Restaurant], error) {
	read, err := s.merged(ctx, pattern, page, sortedBy, where)
	if err != nil {
		return review.Page[review.Restaurant]{}, err
	}
	return pageOf(read, page.Limit, sortedBy, decodeRestaurant)
}
