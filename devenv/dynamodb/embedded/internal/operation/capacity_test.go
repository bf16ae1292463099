package operation_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// sized returns an attribute whose name and value have so many bytes.
func sized(bytes int) string { return fmt.Sprintf(`"f":{"S":%q}`, strings.Repeat("x", bytes-1)) }

// The key of an item of these tests: a and k, b and 1 (two bytes).
const keyBytes = 2 + 3

func TestUnitsAreRoundedUp(t *testing.T) {
	t.Parallel()
	a := newThings(t)
	for _, test := range []struct {
		bytes                       int
		write, eventually, strongly string
	}{
		{keyBytes + 1, "1", "0.5", "1"},
		{1024, "1", "0.5", "1"},
		{1025, "2", "0.5", "1"},
		{4096, "4", "0.5", "1"},
		{4097, "5", "1", "2"},
		{400 << 10, "400", "50", "100"},
	} {
		units := func(operation, request string) string {
			return a.must(operation, `{"TableName":"things","ReturnConsumedCapacity":"TOTAL",`+request+`}`).at("ConsumedCapacity", "CapacityUnits")
		}
		item := `"Item":{` + keyAttrs + `,` + sized(test.bytes-keyBytes) + `}`
		assert.Equal(t, test.write, units("PutItem", item), "%d bytes", test.bytes)
		assert.Equal(t, test.eventually, units("GetItem", key), "%d bytes", test.bytes)
		assert.Equal(t, test.strongly, units("GetItem", key+`,"ConsistentRead":true`), "%d bytes", test.bytes)
		assert.Equal(t, test.strongly, units("GetItem", key+`,"ConsistentRead":true,"ProjectionExpression":"a"`), "what is read counts")
		assert.Equal(t, test.eventually, units("Query", `"KeyConditionExpression":"a = :k","ExpressionAttributeValues":{":k":{"S":"k"}}`))
		assert.Equal(t, test.write, units("DeleteItem", key))
		assert.Equal(t, "1", units("DeleteItem", key), "nothing is there")
		assert.Equal(t, "0.5", units("GetItem", key), "nothing is there")
	}
}

func TestEveryIndexThatChangesCosts(t *testing.T) {
	t.Parallel()
	a := newThings(t)
	step := func(operation, request, want string) {
		t.Helper()
		got := a.must(operation, `{"TableName":"things","ReturnConsumedCapacity":"INDEXES",`+request+`}`)
		assert.JSONEq(t, want, got.at("ConsumedCapacity"), request)
	}
	set := func(expression string) string {
		return key + `,"UpdateExpression":"` + expression + `","ExpressionAttributeValues":{":v":{"S":"v"},":w":{"S":"w"}},"ConditionExpression":"a <> :v AND a <> :w"`
	}
	step("PutItem", `"Item":{`+keyAttrs+`}`, `{"TableName":"things","CapacityUnits":1,"Table":{"CapacityUnits":1}}`)
	step("UpdateItem", set("SET x = :v"),
		`{"TableName":"things","CapacityUnits":2,"Table":{"CapacityUnits":1},"GlobalSecondaryIndexes":{"global":{"CapacityUnits":1}}}`)
	step("UpdateItem", set("SET z = :v"), `{"TableName":"things","CapacityUnits":1,"Table":{"CapacityUnits":1}}`)
	step("UpdateItem", set("SET y = :v"),
		`{"TableName":"things","CapacityUnits":2,"Table":{"CapacityUnits":1},"GlobalSecondaryIndexes":{"global":{"CapacityUnits":1}}}`)
	step("UpdateItem", set("SET x = :w, l = :v"), // moved: deleted and written
		`{"TableName":"things","CapacityUnits":4,"Table":{"CapacityUnits":1},
			"GlobalSecondaryIndexes":{"global":{"CapacityUnits":2}},"LocalSecondaryIndexes":{"local":{"CapacityUnits":1}}}`)
	step("Query", `"IndexName":"global","KeyConditionExpression":"x = :w","ExpressionAttributeValues":{":w":{"S":"w"}}`,
		`{"TableName":"things","CapacityUnits":0.5,"Table":{"CapacityUnits":0},"GlobalSecondaryIndexes":{"global":{"CapacityUnits":0.5}}}`)
	step("DeleteItem", key,
		`{"TableName":"things","CapacityUnits":3,"Table":{"CapacityUnits":1},
			"GlobalSecondaryIndexes":{"global":{"CapacityUnits":1}},"LocalSecondaryIndexes":{"local":{"CapacityUnits":1}}}`)
}

func TestTransactionsCostDouble(t *testing.T) {
	t.Parallel()
	a := newThings(t)
	written := a.must("TransactWriteItems", `{"ReturnConsumedCapacity":"TOTAL","TransactItems":[
		{"Put":{"TableName":"things","Item":{`+keyAttrs+`,`+sized(1024)+`}}},
		{"ConditionCheck":{"TableName":"things","Key":{"a":{"S":"other"},"b":{"N":"1"}},"ConditionExpression":"attribute_not_exists(a)"}}]}`)
	assert.JSONEq(t, `[{"TableName":"things","CapacityUnits":6,"WriteCapacityUnits":6}]`, written.at("ConsumedCapacity"))
	read := a.must("TransactGetItems", `{"ReturnConsumedCapacity":"TOTAL","TransactItems":[{"Get":{"TableName":"things",`+key+`}}]}`)
	assert.JSONEq(t, `[{"TableName":"things","CapacityUnits":2,"ReadCapacityUnits":2}]`, read.at("ConsumedCapacity"))
}
