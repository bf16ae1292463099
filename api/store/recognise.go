package store

import (
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/pretendfriend/falafel-api/api/review"
)

// Recognise is the access pattern of a call as the service puts it on the wire: an
// operation of DynamoDB's API, and the JSON of its request. It is for what stands between
// the service and its table, and is false for a call that is not the service's.
//
// An import of one review is taken for its creation: they are the same transaction.
func Recognise(operation string, request []byte) (AccessPattern, bool) {
	var call wireCall
	if err := json.Unmarshal(request, &call); err != nil {
		return AccessPattern{}, false
	}
	switch operation {
	case getReview.Operation:
		return call.recogniseGet()
	case reviewsOfRestaurant.Operation:
		return call.recogniseQuery()
	case createReview.Operation:
		return call.recogniseTransaction()
	case putCursorKey.Operation:
		return putCursorKey, call.Item.PK.S == pkCursorKey
	default:
		return AccessPattern{}, false
	}
}

// wireCall is what tells the service's calls apart.
type wireCall struct {
	IndexName              string
	KeyConditionExpression string
	Limit                  int
	Key, Item              wireKey
	TransactItems          []struct {
		Put *struct {
			Item                wireKey
			ConditionExpression string
		}
		Delete *struct{ Key wireKey }
	}
}

type wireKey struct {
	PK struct{ S string } `json:"pk"`
	SK struct{ S string } `json:"sk"`
}

func (c wireCall) recogniseGet() (AccessPattern, bool) {
	switch sk := c.Key.SK.S; {
	case sk == skSummary:
		return getSummary, true
	case sk == pkCursorKey:
		return getCursorKey, true
	default:
		return getReview, strings.HasPrefix(sk, prefixReview)
	}
}

func (c wireCall) recogniseQuery() (AccessPattern, bool) {
	for _, pattern := range AccessPatterns() {
		if pattern.Index != "" && pattern.Index == c.IndexName {
			return pattern, true
		}
	}
	switch {
	case c.IndexName != "":
		return AccessPattern{}, false
	case !strings.Contains(c.KeyConditionExpression, attrSK+" <"):
		return getRestaurant, true
	case c.Limit > review.MaxPage+1:
		return earlierReviews, true
	default:
		return reviewsOfRestaurant, true
	}
}

func (c wireCall) recogniseTransaction() (AccessPattern, bool) {
	made, replaced := 0, false
	for _, write := range c.TransactItems {
		switch {
		case write.Delete != nil:
			return deleteReview, true
		case write.Put != nil && strings.HasPrefix(write.Put.Item.SK.S, prefixReview):
			made++
			replaced = write.Put.ConditionExpression == isRevision
		}
	}
	switch {
	case replaced:
		return replaceReview, true
	case made > 1:
		return importReviews, true
	default:
		return createReview, made == 1
	}
}
