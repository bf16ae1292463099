package store

//go:generate go run ./generate

import "github.com/pretendfriend/falafel-api/api/review"

// AccessPattern is one way in which the service reads or writes the table. The
// store makes its calls from these values; devenv, the tests and the documents
// read them.
type AccessPattern struct {
	Name      string // "reviews of a restaurant"
	Operation string // of DynamoDB's API: "Query"
	Index     string // global secondary index; "" is the table itself
	Keys      string // what it asks for, as a key condition expression or keys

	// Members are, of a transaction, the operations that it is made of: "PutItem".
	Members []string

	ConsistentRead bool // strongly consistent; else eventually

	// Partitions is how many partitions one request asks, at the same time, and
	// MaxItems how many items it reads or writes at most in each.
	Partitions int
	MaxItems   int32

	// MaxReadUnits and MaxWriteUnits are the capacity units that one request may
	// consume, index writes included, while no item is larger than 1 KB (a review
	// with a comment of some 500 characters). Larger items cost in proportion:
	// a write unit for each KB, a strongly consistent read unit for each 4 KB.
	MaxReadUnits  float64
	MaxWriteUnits float64
}

// Lists read one item more than they show, to know whether there is a next page.
var (
	getReview = AccessPattern{
		Name: "review by id", Operation: "GetItem", Keys: "pk = RESTAURANT#name, sk = REVIEW#id",
		ConsistentRead: true, Partitions: 1, MaxItems: 1, MaxReadUnits: 1,
	}
	reviewsOfRestaurant = AccessPattern{
		Name: "reviews of a restaurant, newest first", Operation: "Query", Keys: "pk = RESTAURANT#name AND sk < REVIEW#id",
		ConsistentRead: true, Partitions: 1, MaxItems: review.MaxPage + 1, MaxReadUnits: 26,
	}
	// DynamoDB ends a page at 1 MB, whatever the limit: 256 strongly consistent units.
	earlierReviews = AccessPattern{
		Name: "reviews of a restaurant for the earlier service's clients", Operation: "Query", Keys: "pk = RESTAURANT#name AND sk < REVIEW#id",
		ConsistentRead: true, Partitions: 1, MaxItems: review.MaxEarlierPage + 1, MaxReadUnits: 256,
	}
	newestReviews = AccessPattern{
		Name: "newest reviews of all restaurants", Operation: "Query", Index: indexNewest, Keys: "newest_pk = newest#shard AND sk < REVIEW#id",
		Partitions: Shards, MaxItems: review.MaxPage + 1, MaxReadUnits: Shards * 13,
	}
	// The summary sorts behind the reviews: the last two items are both.
	getRestaurant = AccessPattern{
		Name: "restaurant with its newest review", Operation: "Query", Keys: "pk = RESTAURANT#name",
		ConsistentRead: true, Partitions: 1, MaxItems: 2, MaxReadUnits: 1,
	}
	restaurantsByRating = AccessPattern{
		Name: "restaurants by rating", Operation: "Query", Index: indexRanking, Keys: "ranking_pk = ranking#shard AND ranking_sk < position",
		Partitions: Shards, MaxItems: review.MaxPage + 1, MaxReadUnits: Shards * 13,
	}
	restaurantsByName = AccessPattern{
		Name: "restaurants by name", Operation: "Query", Index: indexNames, Keys: "names_pk = names#shard AND names_sk > position",
		Partitions: Shards, MaxItems: review.MaxPage + 1, MaxReadUnits: Shards * 13,
	}
	getSummary = AccessPattern{
		Name: "summary of a restaurant before a change", Operation: "GetItem", Keys: "pk = RESTAURANT#name, sk = SUMMARY",
		ConsistentRead: true, Partitions: 1, MaxItems: 1, MaxReadUnits: 1,
	}
	// A transaction writes each item twice, so that a KB costs 2 units, in every index
	// as well: newest and names 2 each, ranking 4, as a changed key is a delete and a
	// put. The idempotency record holds the review once more, and a little.
	createReview = AccessPattern{
		Name: "create a review", Operation: "TransactWriteItems", Keys: "review, summary, idempotency record",
		Members:    []string{"PutItem"},
		Partitions: 1, MaxItems: 3, MaxWriteUnits: 16,
	}
	replaceReview = AccessPattern{
		Name: "replace a review", Operation: "TransactWriteItems", Keys: "review, summary",
		Members:    []string{"PutItem"},
		Partitions: 1, MaxItems: 2, MaxWriteUnits: 12,
	}
	deleteReview = AccessPattern{
		Name: "delete a review", Operation: "TransactWriteItems", Keys: "review, summary",
		Members:    []string{"DeleteItem", "PutItem"},
		Partitions: 1, MaxItems: 2, MaxWriteUnits: 12,
	}
	importReviews = AccessPattern{
		Name: "import reviews of a restaurant", Operation: "TransactWriteItems", Keys: "reviews, summary",
		Members:    []string{"PutItem"},
		Partitions: 1, MaxItems: MaxImport + 1, MaxWriteUnits: MaxImport*4 + 8,
	}
	getCursorKey = AccessPattern{
		Name: "key that seals cursors, and readiness", Operation: "GetItem", Keys: "pk = CURSOR_KEY, sk = CURSOR_KEY",
		Partitions: 1, MaxItems: 1, MaxReadUnits: 0.5,
	}
	putCursorKey = AccessPattern{
		Name: "first key that seals cursors", Operation: "PutItem", Keys: "pk = CURSOR_KEY, sk = CURSOR_KEY",
		Partitions: 1, MaxItems: 1, MaxWriteUnits: 1,
	}
)

// AccessPatterns are all the ways in which the service uses its table. There is no
// Scan, and none whose cost grows with the table.
func AccessPatterns() []AccessPattern {
	return []AccessPattern{
		getReview, reviewsOfRestaurant, earlierReviews, newestReviews,
		getRestaurant, restaurantsByRating, restaurantsByName, getSummary,
		createReview, replaceReview, deleteReview, importReviews, getCursorKey, putCursorKey,
	}
}
