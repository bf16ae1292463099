package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/gofrs/uuid/v5"

	"github.com/pretendfriend/falafel-api/api/review"
)

// timeFormat is RFC 3339 in UTC to the millisecond: sorts as text.
const timeFormat = "2006-01-02T15:04:05.000Z07:00"

func restaurantKey(name review.Name) string { return prefixRestaurant + string(name) }

func reviewKey(id uuid.UUID) string { return prefixReview + id.String() }

// encodeReview and decodeReview know a review as it lies in the table. They are
// written by hand because attributevalue, which goes by struct tags and reflection,
// took an eighth of the CPU of a list (see docs/performance.md).
func encodeReview(r review.Review) item {
	stored := item{
		attrPK:       text(restaurantKey(r.Restaurant)),
		attrSK:       text(reviewKey(r.ID)),
		attrNewestPK: text(shardKey(indexNewest, r.ID.String())),
		"rating":     decimal(r.Rating),
		"cost":       decimal(r.Cost),
		"currency":   text(r.Currency),
		"visited_at": text(r.Visited),
		"updated_at": text(r.UpdatedAt.UTC().Format(timeFormat)),
		"version":    number(r.Version),
	}
	if r.Comment != "" {
		stored["comment"] = text(r.Comment)
	}
	return stored
}

func decodeReview(stored item) (review.Review, error) {
	of := reading{item: stored}
	r := review.Review{
		Restaurant: review.Name(of.behind(attrPK, prefixRestaurant)),
		Content: review.Content{
			Rating: of.decimal("rating"), Cost: of.decimal("cost"), Currency: of.text("currency"), Visited: of.text("visited_at"),
			Comment: textOf(stored, "comment"), // none is not stored
		},
		Version: of.integer("version"),
	}
	id, err := uuid.FromString(of.behind(attrSK, prefixReview))
	of.note(attrSK, err)
	r.ID = id
	r.UpdatedAt, err = time.Parse(time.RFC3339, of.text("updated_at")) // Parse takes milliseconds too
	of.note("updated_at", err)
	if of.err != nil {
		return review.Review{}, fmt.Errorf("stored review: %w", of.err)
	}
	return r, nil
}

// encodeRestaurant and decodeRestaurant know what a restaurant's reviews add up to, as
// it lies in the table. One whose last review was deleted stays, without the keys of
// the indexes: its version must not begin again, or a writer who read the old one
// would not notice.
func encodeRestaurant(r review.Restaurant) item {
	costs := make(item, len(r.Costs))
	for code, of := range r.Costs {
		costs[code] = &types.AttributeValueMemberM{Value: item{"reviews": number(of.Reviews), "sum": decimal(of.Sum)}}
	}
	stored := item{
		attrPK:    text(restaurantKey(r.Name)),
		attrSK:    text(skSummary),
		"reviews": number(r.Reviews),
		"ratings": decimal(r.Ratings),
		"costs":   &types.AttributeValueMemberM{Value: costs},
		"version": number(r.Version),
	}
	if r.Reviews > 0 {
		stored[attrRankingPK], stored[attrRankingSK] = text(shardKey(indexRanking, string(r.Name))), text(rankingKey(r))
		stored[attrNamesPK], stored[attrNamesSK] = text(shardKey(indexNames, string(r.Name))), text(namesKey(r.Name))
	}
	return stored
}

func decodeRestaurant(stored item) (review.Restaurant, error) {
	of := reading{item: stored}
	r := review.Restaurant{
		Name:    review.Name(of.behind(attrPK, prefixRestaurant)),
		Reviews: of.integer("reviews"),
		Ratings: of.decimal("ratings"),
		Version: of.integer("version"),
	}
	costs := mapOf(stored["costs"])
	if costs == nil {
		of.note("costs", errAttribute)
	}
	r.Costs = make(map[string]review.Costs, len(costs))
	for code := range costs {
		in := reading{item: mapOf(costs[code])}
		r.Costs[code] = review.Costs{Reviews: in.integer("reviews"), Sum: in.decimal("sum")}
		of.note("costs in "+code, in.err)
	}
	if of.err != nil {
		return review.Restaurant{}, fmt.Errorf("stored summary: %w", of.err)
	}
	return r, nil
}

// reading takes the attributes out of an item, and keeps the first error.
type reading struct {
	item item
	err  error
}

func (r *reading) note(attribute string, err error) {
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("%s: %w", attribute, err)
	}
}

var errAttribute = errors.New("missing, or of another type")

func (r *reading) text(attribute string) string {
	value, ok := r.item[attribute].(*types.AttributeValueMemberS)
	if !ok {
		r.note(attribute, errAttribute)
		return ""
	}
	return value.Value
}

// behind is the text that follows a prefix.
func (r *reading) behind(attribute, prefix string) string {
	rest, ok := strings.CutPrefix(r.text(attribute), prefix)
	if !ok {
		r.note(attribute, fmt.Errorf("does not begin with %s", prefix))
	}
	return rest
}

func (r *reading) number(attribute string) string {
	value, ok := r.item[attribute].(*types.AttributeValueMemberN)
	if !ok {
		r.note(attribute, errAttribute)
		return "0"
	}
	return value.Value
}

func (r *reading) integer(attribute string) int64 {
	n, err := strconv.ParseInt(r.number(attribute), 10, 64)
	r.note(attribute, err)
	return n
}

func (r *reading) decimal(attribute string) review.Decimal {
	d, err := review.ParseDecimal(r.number(attribute))
	r.note(attribute, err)
	return d
}

// mapOf is a value of type M; nil where it is none.
func mapOf(value types.AttributeValue) item {
	nested, _ := value.(*types.AttributeValueMemberM)
	if nested == nil {
		return nil
	}
	return nested.Value
}

func decimal(d review.Decimal) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: d.String()}
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
