// Package samples holds reviews to look at and to test with, in [Profiles]: invented
// restaurants, all of whose reviews pass the same rules as any review, and are stored by the
// API's own store.
package samples

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/gofrs/uuid/v5"

	"github.com/pretendfriend/falafel-api/api/review"
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

// Reviews are the reviews of the demo by restaurant. They are the same every time: a review
// is created an hour or two after its visit, and its id is drawn from a fixed seed.
func Reviews() ([][]review.Review, error) {
	var restaurants []restaurant
	decoder := json.NewDecoder(bytes.NewReader(file))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&restaurants); err != nil {
		return nil, fmt.Errorf("reviews.json: %w", err)
	}
	draw := newDrawing("falafel sample reviews, always  ")
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
			created := visited.Add(time.Hour + time.Duration(draw.Uint64()%3600)*time.Second)
			made, err := draw.review(name, review.Content{
				Rating: in.Rating, Cost: in.Cost, Currency: in.Currency, Comment: in.Comment, Visited: in.VisitedAt,
			}, created)
			if err != nil {
				return nil, fmt.Errorf("reviews.json: %s, %s: %w", name, in.VisitedAt, err)
			}
			all[i] = append(all[i], made)
		}
	}
	return all, nil
}

func makeDemo() ([]restaurantOf, error) {
	all, err := Reviews()
	if err != nil {
		return nil, err
	}
	return asMade(all), nil
}

func asMade(all [][]review.Review) []restaurantOf {
	restaurants := make([]restaurantOf, len(all))
	for i, reviews := range all {
		restaurants[i] = func() ([]review.Review, error) { return reviews, nil }
	}
	return restaurants
}

// drawing draws from a fixed seed, so that it draws the same every time.
type drawing struct {
	*rand.ChaCha8
	ids *uuid.Gen
}

// newDrawing takes a seed of 32 bytes, or less.
func newDrawing(seed string) drawing {
	var bytes [32]byte
	copy(bytes[:], seed)
	random := rand.NewChaCha8(bytes)
	return drawing{random, uuid.NewGenWithOptions(uuid.WithRandomReader(random))}
}

// review makes one that was created at the time, with an id that is drawn.
func (d drawing) review(name review.Name, content review.Content, created time.Time) (review.Review, error) {
	made, err := review.New(name, content, created)
	if err != nil {
		return review.Review{}, err
	}
	made.ID, err = d.ids.NewV7AtTime(created)
	return made, err
}
