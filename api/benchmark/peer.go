package main

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/gofrs/uuid/v5"
)

// The table that all servers use, and the restaurant that they are asked for.
const (
	table      = "FalafelReviews"
	restaurant = "Habibi"
)

// database is what a peer needs of DynamoDB: the calls that the service makes for
// the same requests.
type database interface {
	summary(ctx context.Context, restaurant string) (summary, error)    // GetItem
	write(ctx context.Context, added reviewItem, changed summary) error // TransactWriteItems
	list(ctx context.Context, restaurant string) ([]reviewItem, error)  // Query
}

// pageSize is the service's default, and reads one more, as the service does to know
// whether there is a next page.
const pageSize = 20

// reviewItem and summary are the items as the service stores them.
type reviewItem struct {
	PK        string  `dynamodbav:"pk"`
	SK        string  `dynamodbav:"sk"`
	NewestPK  string  `dynamodbav:"newest_pk"`
	Rating    float64 `dynamodbav:"rating"`
	Cost      float64 `dynamodbav:"cost"`
	Currency  string  `dynamodbav:"currency"`
	Visited   string  `dynamodbav:"visited_at"`
	Comment   string  `dynamodbav:"comment,omitempty"`
	UpdatedAt string  `dynamodbav:"updated_at"`
	Version   int64   `dynamodbav:"version"`
}

type summary struct {
	PK        string           `dynamodbav:"pk"`
	SK        string           `dynamodbav:"sk"`
	RankingPK string           `dynamodbav:"ranking_pk"`
	RankingSK string           `dynamodbav:"ranking_sk"`
	NamesPK   string           `dynamodbav:"names_pk"`
	NamesSK   string           `dynamodbav:"names_sk"`
	Reviews   int64            `dynamodbav:"reviews"`
	Ratings   float64          `dynamodbav:"ratings"`
	Costs     map[string]costs `dynamodbav:"costs"`
	Version   int64            `dynamodbav:"version"`
}

type costs struct {
	Reviews int64   `dynamodbav:"reviews"`
	Sum     float64 `dynamodbav:"sum"`
}

// review is a review in v1's JSON, both ways.
type review struct {
	ID         string  `json:"id"`
	Restaurant string  `json:"restaurant"`
	Rating     float64 `json:"rating"`
	VisitedAt  string  `json:"visited_at"`
	Cost       float64 `json:"cost"`
	Currency   string  `json:"currency"`
	Comment    string  `json:"comment"`
	CreatedAt  string  `json:"created_at"`
	UpdatedAt  string  `json:"updated_at"`
	Version    int64   `json:"version"`
}

type page struct {
	Items []review `json:"items"`
}

// newPeer serves v1's "create a review" and "list the reviews of a restaurant" with
// nothing around them: no check, no request id, no entity tag, no log, no metrics.
func newPeer(database database) http.Handler {
	mux := http.NewServeMux()
	const path = "/v1/restaurants/{restaurant}/reviews"
	mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
		var in review
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		made, err := create(r.Context(), database, r.PathValue("restaurant"), in)
		answer(w, http.StatusCreated, made, err)
	})
	mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
		stored, err := database.list(r.Context(), r.PathValue("restaurant"))
		out := page{Items: make([]review, len(stored))}
		for i, item := range stored {
			out.Items[i] = show(item)
		}
		answer(w, http.StatusOK, out, err)
	})
	return mux
}

func answer(w http.ResponseWriter, status int, body any, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client may be gone
}

func create(ctx context.Context, database database, restaurant string, in review) (review, error) {
	sum, err := database.summary(ctx, restaurant)
	if err != nil {
		return review{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return review{}, err
	}
	added := reviewItem{
		PK: "RESTAURANT#" + restaurant, SK: "REVIEW#" + id.String(), NewestPK: "newest#1",
		Rating: in.Rating, Cost: in.Cost, Currency: "EUR", Visited: in.VisitedAt, Comment: in.Comment,
		UpdatedAt: time.Now().UTC().Format(time.RFC3339Nano), Version: 1,
	}
	sum.Reviews++
	sum.Ratings += in.Rating
	sum.RankingSK = strconv.FormatFloat(sum.Ratings/float64(sum.Reviews), 'f', 6, 64) + "#" + restaurant
	sum.Costs[added.Currency] = costs{sum.Costs[added.Currency].Reviews + 1, sum.Costs[added.Currency].Sum + in.Cost}
	sum.Version++
	return show(added), database.write(ctx, added, sum)
}

func show(item reviewItem) review {
	return review{
		ID: item.SK[len("REVIEW#"):], Restaurant: item.PK[len("RESTAURANT#"):], Rating: item.Rating, VisitedAt: item.Visited,
		Cost: item.Cost, Currency: item.Currency, Comment: item.Comment, CreatedAt: item.UpdatedAt, UpdatedAt: item.UpdatedAt, Version: item.Version,
	}
}
