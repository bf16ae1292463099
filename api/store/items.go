package store

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/gofrs/uuid/v5"

	"github.com/pretendfriend/falafel-api/api/review"
)

// reviewItem is a review as it lies in the table.
type reviewItem struct {
	PK        string                `dynamodbav:"pk"`
	SK        string                `dynamodbav:"sk"`
	NewestPK  string                `dynamodbav:"newest_pk"`
	Rating    attributevalue.Number `dynamodbav:"rating"`
	Cost      attributevalue.Number `dynamodbav:"cost"`
	Currency  string                `dynamodbav:"currency"`
	Visited   string                `dynamodbav:"visited_at"`
	Comment   string                `dynamodbav:"comment,omitempty"`
	UpdatedAt string                `dynamodbav:"updated_at"`
	Version   int64                 `dynamodbav:"version"`
}

// timeFormat is RFC 3339 in UTC to the millisecond: sorts as text.
const timeFormat = "2006-01-02T15:04:05.000Z07:00"

func restaurantKey(name review.Name) string { return prefixRestaurant + string(name) }

func reviewKey(id uuid.UUID) string { return prefixReview + id.String() }

func encodeReview(r review.Review) (item, error) {
	return attributevalue.MarshalMap(reviewItem{
		PK:        restaurantKey(r.Restaurant),
		SK:        reviewKey(r.ID),
		NewestPK:  shardKey(indexNewest, r.ID.String()),
		Rating:    attributevalue.Number(r.Rating.String()),
		Cost:      attributevalue.Number(r.Cost.String()),
		Currency:  r.Currency,
		Visited:   r.Visited,
		Comment:   r.Comment,
		UpdatedAt: r.UpdatedAt.UTC().Format(timeFormat),
		Version:   r.Version,
	})
}

func decodeReview(stored item) (review.Review, error) {
	var in reviewItem
	if err := attributevalue.UnmarshalMap(stored, &in); err != nil {
		return review.Review{}, fmt.Errorf("stored review: %w", err)
	}
	name, isRestaurant := strings.CutPrefix(in.PK, prefixRestaurant)
	idText, isReview := strings.CutPrefix(in.SK, prefixReview)
	if !isRestaurant || !isReview {
		return review.Review{}, fmt.Errorf("stored review: unexpected key %s, %s", in.PK, in.SK)
	}
	id, err := uuid.FromString(idText)
	if err != nil {
		return review.Review{}, fmt.Errorf("stored review: %w", err)
	}
	rating, err := review.ParseDecimal(string(in.Rating))
	if err != nil {
		return review.Review{}, fmt.Errorf("stored review: rating: %w", err)
	}
	cost, err := review.ParseDecimal(string(in.Cost))
	if err != nil {
		return review.Review{}, fmt.Errorf("stored review: cost: %w", err)
	}
	updated, err := time.Parse(timeFormat, in.UpdatedAt)
	if err != nil {
		return review.Review{}, fmt.Errorf("stored review: %w", err)
	}
	return review.Review{
		Restaurant: review.Name(name),
		ID:         id,
		Content: review.Content{
			Rating: rating, Cost: cost, Currency: in.Currency, Comment: in.Comment, Visited: in.Visited,
		},
		UpdatedAt: updated,
		Version:   in.Version,
	}, nil
}

// summaryItem is what a restaurant's reviews add up to, as it lies in the table.
// One whose last review was deleted stays, without the keys of the indexes: its
// version must not begin again, or a writer who read the old one would not notice.
type summaryItem struct {
	PK        string                `dynamodbav:"pk"`
	SK        string                `dynamodbav:"sk"`
	RankingPK string                `dynamodbav:"ranking_pk,omitempty"`
	RankingSK string                `dynamodbav:"ranking_sk,omitempty"`
	NamesPK   string                `dynamodbav:"names_pk,omitempty"`
	NamesSK   string                `dynamodbav:"names_sk,omitempty"`
	Reviews   int64                 `dynamodbav:"reviews"`
	Ratings   attributevalue.Number `dynamodbav:"ratings"`
	Costs     map[string]costsItem  `dynamodbav:"costs"`
	Version   int64                 `dynamodbav:"version"`
}

type costsItem struct {
	Reviews int64                 `dynamodbav:"reviews"`
	Sum     attributevalue.Number `dynamodbav:"sum"`
}

func encodeRestaurant(r review.Restaurant) (item, error) {
	out := summaryItem{
		PK:      restaurantKey(r.Name),
		SK:      skSummary,
		Reviews: r.Reviews,
		Ratings: attributevalue.Number(r.Ratings.String()),
		Costs:   make(map[string]costsItem, len(r.Costs)),
		Version: r.Version,
	}
	for code, costs := range r.Costs {
		out.Costs[code] = costsItem{costs.Reviews, attributevalue.Number(costs.Sum.String())}
	}
	if r.Reviews > 0 {
		out.RankingPK, out.RankingSK = shardKey(indexRanking, string(r.Name)), rankingKey(r)
		out.NamesPK, out.NamesSK = shardKey(indexNames, string(r.Name)), namesKey(r.Name)
	}
	return attributevalue.MarshalMap(out)
}

func decodeRestaurant(stored item) (review.Restaurant, error) {
	var in summaryItem
	if err := attributevalue.UnmarshalMap(stored, &in); err != nil {
		return review.Restaurant{}, fmt.Errorf("stored summary: %w", err)
	}
	ratings, err := review.ParseDecimal(string(in.Ratings))
	if err != nil {
		return review.Restaurant{}, fmt.Errorf("stored summary: ratings: %w", err)
	}
	out := review.Restaurant{
		Name:    review.Name(strings.TrimPrefix(in.PK, prefixRestaurant)),
		Reviews: in.Reviews,
		Ratings: ratings,
		Costs:   make(map[string]review.Costs, len(in.Costs)),
		Version: in.Version,
	}
	for code, costs := range in.Costs {
		sum, err := review.ParseDecimal(string(costs.Sum))
		if err != nil {
			return review.Restaurant{}, fmt.Errorf("stored summary: costs in %s: %w", code, err)
		}
		out.Costs[code] = review.Costs{Reviews: costs.Reviews, Sum: sum}
	}
	return out, nil
}

// rankingKey sorts restaurants by their exact average rating (in millionths), then
// by the number of reviews: of two with the same average the one that more people
// agree on ranks higher. The name makes the key unique.
func rankingKey(r review.Restaurant) string {
	millionths := new(big.Int).Div(r.Ratings.Shift(6), big.NewInt(r.Reviews))
	return fmt.Sprintf("%07d#%012d#%s", millionths, r.Reviews, r.Name)
}

// maxFolded keeps a sort key below DynamoDB's 1,024 bytes: folding can make a name
// longer than the 800 bytes that it has at most.
const maxFolded = 900

// namesKey sorts restaurants by name without regard to case. A hash of the name
// makes the key unique, as "Ali" and "ALI" are two restaurants.
func namesKey(name review.Name) string {
	folded := name.Folded()
	if len(folded) > maxFolded {
		end := maxFolded
		for !utf8.RuneStart(folded[end]) {
			end--
		}
		folded = folded[:end]
	}
	hash := sha256.Sum256([]byte(name))
	// The separator, which no name contains, sorts before every character: "Ali" comes
	// before "Ali Baba".
	return folded + "\x1f" + hex.EncodeToString(hash[:8])
}
