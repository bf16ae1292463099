package operation_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
)

// newThings is an account with a table: a is its key, x that of a global index with the
// attribute y, and l that of a local one which has keys only.
func newThings(t *testing.T) *account {
	t.Helper()
	a := newAccount(t)
	a.create("things", onDemand,
		`"AttributeDefinitions":[{"AttributeName":"a","AttributeType":"S"},{"AttributeName":"b","AttributeType":"N"},
			{"AttributeName":"x","AttributeType":"S"},{"AttributeName":"l","AttributeType":"S"}],
		"KeySchema":[{"AttributeName":"a","KeyType":"HASH"},{"AttributeName":"b","KeyType":"RANGE"}],
		"GlobalSecondaryIndexes":[{"IndexName":"global","KeySchema":[{"AttributeName":"x","KeyType":"HASH"}],
			"Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["y"]}}],
		"LocalSecondaryIndexes":[{"IndexName":"local","KeySchema":[{"AttributeName":"a","KeyType":"HASH"},{"AttributeName":"l","KeyType":"RANGE"}],
			"Projection":{"ProjectionType":"KEYS_ONLY"}}]`)
	return a
}

func (a *account) put(item string) {
	a.Helper()
	a.must("PutItem", `{"TableName":"things","Item":{`+item+`}}`)
}

const (
	key      = `"Key":{"a":{"S":"k"},"b":{"N":"1"}}`
	keyAttrs = `"a":{"S":"k"},"b":{"N":"1"}`
)

func TestProjections(t *testing.T) {
	t.Parallel()
	a := newThings(t)
	a.put(keyAttrs + `,"x":{"S":"x"},"y":{"S":"y"},"l":{"S":"l"},"z":{"L":[{"M":{"p":{"N":"1"},"q":{"N":"2"}}},{"N":"3"},{"N":"4"}]}`)
	const byPartition = `"KeyConditionExpression":"a = :k","ExpressionAttributeValues":{":k":{"S":"k"}}`
	const byX = `"IndexName":"global","KeyConditionExpression":"x = :k","ExpressionAttributeValues":{":k":{"S":"x"}}`

	for name, test := range map[string]struct{ operation, request, want string }{
		"parts of documents, lists without gaps": {
			"Query", byPartition + `,"ProjectionExpression":"z[2], z[0].p"`,
			`[{"z":{"L":[{"M":{"p":{"N":"1"}}},{"N":"4"}]}}]`,
		},
		"what is not there": {"Query", byPartition + `,"ProjectionExpression":"n, z[9], y.n"`, `[{}]`},
		"the older way":     {"Scan", `"AttributesToGet":["y","a"]`, `[{"a":{"S":"k"},"y":{"S":"y"}}]`},
		"all that an index has": {
			"Query", byX, `[{` + keyAttrs + `,"x":{"S":"x"},"y":{"S":"y"}}]`,
		},
		"what a local index has not is fetched": {
			"Query", `"IndexName":"local",` + byPartition + `,"ProjectionExpression":"y"`, `[{"y":{"S":"y"}}]`,
		},
		"all of a local index": {
			"Scan", `"IndexName":"local"`, `[{` + keyAttrs + `,"l":{"S":"l"}}]`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := a.in(t).must(test.operation, `{"TableName":"things",`+test.request+`}`)
			assert.JSONEq(t, test.want, got.at("Items"))
		})
	}
	a.fails(invalid+"Global secondary index global does not project [z]", "Query", `{"TableName":"things",`+byX+`,"ProjectionExpression":"z"}`)
	count := a.must("Query", `{"TableName":"things",`+byPartition+`,"Select":"COUNT"}`)
	assert.JSONEq(t, `{"Count":1,"ScannedCount":1}`, string(count.text))
}

func TestTransactionsKnowNoAttributesToGet(t *testing.T) {
	t.Parallel()
	a := newThings(t)
	a.put(keyAttrs)
	got := a.must("TransactGetItems", `{"TransactItems":[{"Get":{"TableName":"things",`+key+`,"AttributesToGet":["a","a"]}}]}`)
	assert.JSONEq(t, `{"Responses":[{"Item":{`+keyAttrs+`}}]}`, string(got.text))
}

func TestATransactionHappensOnceForAToken(t *testing.T) {
	t.Parallel()
	a := newThings(t)
	add := func(members string) string {
		return `{"ReturnConsumedCapacity":"TOTAL","ClientRequestToken":"t","TransactItems":[{"Update":{` + members + `}}]}`
	}
	first := add(key + `,"TableName":"things","UpdateExpression":"ADD n :one","ExpressionAttributeValues":{":one":{"N":"1"}}`)
	reordered := add(`"UpdateExpression":"ADD n :one","TableName":"things", ` + key + `,"ExpressionAttributeValues":{":one":{"N":"1"}}`)
	assert.JSONEq(t, `[{"TableName":"things","CapacityUnits":2,"WriteCapacityUnits":2}]`, a.must("TransactWriteItems", first).at("ConsumedCapacity"))
	for _, again := range []string{first, reordered} {
		assert.JSONEq(t, `[{"TableName":"things","CapacityUnits":2,"ReadCapacityUnits":2}]`, a.must("TransactWriteItems", again).at("ConsumedCapacity"))
	}
	a.fails("IdempotentParameterMismatchException: ", "TransactWriteItems",
		add(key+`,"TableName":"things","UpdateExpression":"ADD n :one","ExpressionAttributeValues":{":one":{"N":"2"}}`))
	assert.JSONEq(t, `{"N":"1"}`, a.must("GetItem", `{"TableName":"things",`+key+`}`).at("Item", "n"))
}

func TestAWriteThatIsRefusedLeavesTheOthersOfItsCommitAlone(t *testing.T) {
	t.Parallel()
	a := newThings(t)
	var clients sync.WaitGroup
	for i := range 50 {
		clients.Go(func() {
			_, err := a.perform("PutItem", fmt.Sprintf(`{"TableName":"things","Item":{"a":{"S":"k"},"b":{"N":"%d"}}}`, i))
			assert.NoError(t, err)
		})
		for operation, request := range map[string]string{
			"UpdateItem":         `{"TableName":"things",` + key + `,"UpdateExpression":"SET x = :n","ExpressionAttributeValues":{":n":{"N":"1"}}}`,
			"PutItem":            `{"TableName":"things","Item":{` + keyAttrs + `},"ConditionExpression":"attribute_exists(nothing)"}`,
			"TransactWriteItems": `{"TransactItems":[{"Put":{"TableName":"things","Item":{"a":{"S":"t"},"b":{"N":"1"}}}},{"Put":{"TableName":"things","Item":{"a":{"S":"t"}}}}]}`,
			"BatchWriteItem":     `{"RequestItems":{"things":[{"PutRequest":{"Item":{"a":{"S":"t"},"b":{"N":"1"}}}},{"DeleteRequest":{"Key":{"a":{"S":"t"}}}}]}}`,
		} {
			clients.Go(func() {
				_, err := a.perform(operation, request)
				assert.NotEqual(t, exception.InternalServerErrorName, exception.Of(err).Name, "%s: %v", operation, err)
			})
		}
	}
	clients.Wait()
	assert.Equal(t, "50", a.must("Scan", `{"TableName":"things","Select":"COUNT"}`).at("Count"))
}
