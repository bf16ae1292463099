// Package samples holds reviews to look at: invented restaurants in many countries and
// scripts. They pass the same rules as any review, and are stored by the API's own store.
package samples

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/gofrs/uuid/v5"
	"golang.org/x/sync/errgroup"

	"github.com/pretendfriend/falafel-api/api/review"
	"github.com/pretendfriend/falafel-api/api/store"
)

//go:embed reviews.json
var file []byte

// restaurant is an element of reviews.json.
type restaurant struct {
	Restaurant string `json:"restaurant"`
	Reviews    []struct {
		Rating    review.Decimal `json:"rating"`
		VisitedAt string         `json:"visited_at"`
		Cost      review.Decimal `json:"cost"`
		Currency  string         `json:"currency"`
		Comment   string         `json:"comment"`
	} `json:"reviews"`
}

// Reviews are the sample reviews by restaurant. They are the same every time: a review is
// created an hour or two after its visit, and its id is drawn from a fixed seed.
func Reviews() ([][]review.Review, error) {
	var restaurants []restaurant
	decoder := json.NewDecoder(bytes.NewReader(file))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&restaurants); err != nil {
		return nil, fmt.Errorf("reviews.json: %w", err)
	}
	random := rand.NewChaCha8([32]byte([]byte("falafel sample reviews, always  ")))
	ids := uuid.NewGenWithOptions(uuid.WithRandomReader(random))
	all := make([][]review.Review, len(restaurants))
	for i, from := range restaurants {
		name, err := review.ParseName(from.Restaurant)
		if err != nil {
			return nil, fmt.Errorf("reviews.json: %q: %w", from.Restaurant, err)
		}
		for _, in := range from.Reviews {
			visited, err := review.ParseVisit(in.VisitedAt)
			if err != nil {
				return nil, fmt.Errorf("reviews.json: %s: %w", name, err)
			}
			created := visited.Add(time.Hour + time.Duration(random.Uint64()%3600)*time.Second)
			made, err := review.New(name, review.Content{
				Rating: in.Rating, Cost: in.Cost, Currency: in.Currency, Comment: in.Comment, Visited: in.VisitedAt,
			}, created)
			if err != nil {
				return nil, fmt.Errorf("reviews.json: %s, %s: %w", name, in.VisitedAt, err)
			}
			if made.ID, err = ids.NewV7AtTime(created); err != nil {
				return nil, err
			}
			all[i] = append(all[i], made)
		}
	}
	return all, nil
}

// loaders is how many restaurants are written at the same time.
const loaders = 8

// Load stores the sample reviews, except those that are there already: it may be called
// again after it was interrupted. It returns how many reviews there are.
func Load(ctx context.Context, into *store.Store) (int, error) {
	all, err := Reviews()
	if err != nil {
		return 0, err
	}
	var total int
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(loaders)
	for _, reviews := range all {
		total += len(reviews)
		group.Go(func() error {
			for part := range slices.Chunk(reviews, store.MaxImport) {
				if err := load(ctx, into, part); err != nil {
					return fmt.Errorf("sample reviews: %w", err)
				}
			}
			return nil
		})
	}
	return total, group.Wait()
}

// load stores the reviews of a restaurant that are not there, all of them at once.
func load(ctx context.Context, into *store.Store, reviews []review.Review) error {
	err := into.Import(ctx, reviews)
	if !errors.Is(err, review.ErrExists) {
		return err
	}
	var missing []review.Review
	for _, r := range reviews {
		if _, err := into.Review(ctx, r.Restaurant, r.ID); errors.Is(err, review.ErrNotFound) {
			missing = append(missing, r)
		} else if err != nil {
			return err
		}
	}
	return into.Import(ctx, missing)
}
