package store

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/gofrs/uuid/v5"

	"github.com/pretendfriend/falafel-api/api/review"
)

// The key conditions of the queries. Of an index, :pk is filled in for each shard.

func reviewsBefore(restaurant review.Name, before string) condition {
	return condition{
		expression: "pk = :pk AND sk < :before",
		values:     item{":pk": text(restaurantKey(restaurant)), ":before": text(before)},
		descending: true,
	}
}

func newestBefore(before string) condition {
	return condition{expression: "newest_pk = :pk AND sk < :before", values: item{":before": text(before)}, descending: true}
}

func lastOf(restaurant review.Name) condition {
	return condition{expression: "pk = :pk", values: item{":pk": text(restaurantKey(restaurant))}, descending: true}
}

// rankedBehind and namedBehind take "" for the start.
func rankedBehind(position string) condition {
	where := condition{expression: "ranking_pk = :pk", values: item{}, descending: true}
	return where.behind(position, " AND ranking_sk < :position")
}

func namedBehind(position string) condition {
	where := condition{expression: "names_pk = :pk", values: item{}}
	return where.behind(position, " AND names_sk > :position")
}

func (c condition) behind(position, expression string) condition {
	if position != "" {
		c.expression += expression
		c.values[":position"] = text(position)
	}
	return c
}

// Asked is what a read is about, as far as its access pattern wants to know.
type Asked struct {
	Restaurant review.Name
	ID         uuid.UUID // of a review
	Shard      int       // of an index, from 0 to [Shards] - 1
}

// Ask is the call by which the service reads by the access pattern, of one shard and from
// the start: a [*dynamodb.GetItemInput] or a [*dynamodb.QueryInput]. It is for whoever looks
// at the table as the service does. Of one that writes, it reads what is written to: the
// review, or without an ID the summary of the restaurant.
//
// Its error is one sentence for a person.
func (p AccessPattern) Ask(table string, about Asked) (any, error) {
	switch p.Name {
	case getCursorKey.Name, putCursorKey.Name:
		return getInput(&table, getCursorKey, pkCursorKey, pkCursorKey), nil
	case newestReviews.Name, restaurantsByRating.Name, restaurantsByName.Name:
		return p.askIndex(table, about.Shard)
	}
	if about.Restaurant == "" {
		return nil, fmt.Errorf("%q is about one restaurant: name it", p.Name)
	}
	switch p.Name {
	case getReview.Name:
		if about.ID.IsNil() {
			return nil, fmt.Errorf("%q is about one review: give its id", p.Name)
		}
		return getInput(&table, getReview, restaurantKey(about.Restaurant), reviewKey(about.ID)), nil
	case reviewsOfRestaurant.Name, earlierReviews.Name:
		return queryInput(&table, p, reviewsBefore(about.Restaurant, afterReviews), p.MaxItems), nil
	case getRestaurant.Name:
		return queryInput(&table, p, lastOf(about.Restaurant), p.MaxItems), nil
	case getSummary.Name, createReview.Name, replaceReview.Name, deleteReview.Name, importReviews.Name:
		if about.ID.IsNil() || p.Name == getSummary.Name {
			return getInput(&table, getSummary, restaurantKey(about.Restaurant), skSummary), nil
		}
		return getInput(&table, getReview, restaurantKey(about.Restaurant), reviewKey(about.ID)), nil
	default:
		return nil, errors.New("there is no such access pattern: docs/access-patterns.md has them")
	}
}

func (p AccessPattern) askIndex(table string, shard int) (any, error) {
	if shard < 0 || shard >= Shards {
		return nil, fmt.Errorf("the shards of an index are 0 to %d, and not %d", Shards-1, shard)
	}
	var where condition
	switch p.Name {
	case newestReviews.Name:
		where = newestBefore(afterReviews)
	case restaurantsByRating.Name:
		where = rankedBehind("")
	case restaurantsByName.Name:
		where = namedBehind("")
	}
	where.values[":pk"] = text(shardName(p.Index, shard))
	return queryInput(&table, p, where, p.MaxItems), nil
}

func getInput(table *string, pattern AccessPattern, pk, sk string) *dynamodb.GetItemInput {
	return &dynamodb.GetItemInput{TableName: table, Key: key(pk, sk), ConsistentRead: &pattern.ConsistentRead}
}

func queryInput(table *string, pattern AccessPattern, where condition, limit int32) *dynamodb.QueryInput {
	input := &dynamodb.QueryInput{
		TableName:                 table,
		KeyConditionExpression:    &where.expression,
		ExpressionAttributeValues: where.values,
		ScanIndexForward:          aws.Bool(!where.descending),
		ConsistentRead:            &pattern.ConsistentRead,
		Limit:                     &limit,
	}
	if pattern.Index != "" {
		input.IndexName = &pattern.Index
	}
	return input
}

// SecretOf names the attribute of an item that is not for anybody's eyes, which is the key
// that seals cursors; "" of all other items, whether or not the attribute is there.
func SecretOf(stored map[string]types.AttributeValue) (attribute string) {
	if textOf(stored, attrPK) == pkCursorKey {
		return "secret"
	}
	return ""
}
