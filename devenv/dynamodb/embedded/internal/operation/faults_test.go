package operation_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
)

// newFaulty is an account with a table with indexes, and a plain one.
func newFaulty(t *testing.T) *account {
	t.Helper()
	a := newAccount(t)
	a.create("plain", keyed, onDemand)
	a.create("indexed", onDemand,
		`"AttributeDefinitions":[{"AttributeName":"a","AttributeType":"S"},{"AttributeName":"b","AttributeType":"S"},{"AttributeName":"c","AttributeType":"S"}]`,
		`"KeySchema":[{"AttributeName":"a","KeyType":"HASH"},{"AttributeName":"b","KeyType":"RANGE"}]`,
		`"LocalSecondaryIndexes":[{"IndexName":"local","KeySchema":[{"AttributeName":"a","KeyType":"HASH"},{"AttributeName":"c","KeyType":"RANGE"}],`+
			`"Projection":{"ProjectionType":"KEYS_ONLY"}}]`,
		`"GlobalSecondaryIndexes":[{"IndexName":"global","KeySchema":[{"AttributeName":"c","KeyType":"HASH"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}]`)
	return a
}

// members makes n members of a JSON object, with different names.
func members(n int, value string) string {
	texts := make([]string, n)
	for i := range texts {
		texts[i] = fmt.Sprintf("%q:%s", fmt.Sprintf("m%d", i), value)
	}
	return strings.Join(texts, ",")
}

// Of several faults a client always hears of the same, whatever the order is in which maps
// yield their members.
func TestWhichOfSeveralFaultsIsToldIsNoMatterOfChance(t *testing.T) {
	t.Parallel()
	a := newFaulty(t)
	for _, test := range []struct{ name, target, body string }{
		{"operators of KeyConditions", "Query", `{"TableName":"plain","KeyConditions":{` + members(20, `{"ComparisonOperator":"NO"}`) + `}}`},
		{"operators of QueryFilter", "Query", `{"TableName":"plain","KeyConditionExpression":"a = :a","QueryFilter":{` + members(20, `{}`) + `}}`},
		{"operators of ScanFilter", "Scan", `{"TableName":"plain","ScanFilter":{` + members(20, `{"ComparisonOperator":"NO"}`) + `}}`},
		{"arguments of ScanFilter", "Scan", `{"TableName":"plain","ScanFilter":{` +
			members(10, `{"ComparisonOperator":"NULL","AttributeValueList":[{"S":"x"}]}`) + `,` +
			`"other":{"ComparisonOperator":"LT","AttributeValueList":[{"BOOL":true}]}}}`},
		{"operators of Expected", "PutItem", `{"TableName":"plain","Item":{"a":{"S":"x"}},"Expected":{` + members(20, `{"ComparisonOperator":"NO"}`) + `}}`},
		{"values of Expected", "PutItem", `{"TableName":"plain","Item":{"a":{"S":"x"}},"Expected":{` + members(20, `{"Exists":true}`) + `}}`},
		{"AttributeUpdates", "UpdateItem", `{"TableName":"plain","Key":{"a":{"S":"x"}},"AttributeUpdates":{` + members(20, `{"Action":"ADD"}`) + `,` +
			`"other":{"Action":"DELETE","Value":{"S":"x"}}}}`},
		{"names", "GetItem", `{"TableName":"plain","Key":{"a":{"S":"x"}},"ProjectionExpression":"a","ExpressionAttributeNames":{` + members(20, `"x"`) + `}}`},
		{"names that nobody uses", "GetItem", `{"TableName":"plain","Key":{"a":{"S":"x"}},"ProjectionExpression":"a","ExpressionAttributeNames":{` +
			strings.ReplaceAll(members(20, `"x"`), `"m`, `"#m`) + `}}`},
		{"values of an item", "PutItem", `{"TableName":"plain","Item":{"x":{"N":"no"},"y":{"SS":[]},"z":{},"v":{"NULL":false}}}`},
		{"values within a map", "PutItem", `{"TableName":"plain","Item":{"m":{"M":{"x":{"N":"no"},"y":{"SS":[]},"z":{},"v":{"NULL":false}}}}}`},
		{"tables of a batch", "BatchGetItem", `{"RequestItems":{` + members(20, `{"Keys":[{"a":{"S":"x"}}]}`) + `}}`},
		{"keys of indexes", "PutItem", `{"TableName":"indexed","Item":{"a":{"S":"x"},"b":{"S":"x"},"c":{"N":"1"}}}`},
		{"a filter of an index", "Query", `{"TableName":"indexed","IndexName":"global",` +
			`"KeyConditions":{"c":{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"x"}]}},` +
			`"QueryFilter":{` + members(20, `{"ComparisonOperator":"NOT_NULL"}`) + `}}`},
		{"paths of an update", "UpdateItem", `{"TableName":"plain","Key":{"a":{"S":"x"}},"UpdateExpression":"SET p.q = :v, r[0] = :v, s.t.u = :v",` +
			`"ExpressionAttributeValues":{":v":{"S":"x"}}}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, first := a.in(t).perform(test.target, test.body)
			require.Error(t, first)
			assert.NotEqual(t, exception.InternalServerErrorName, exception.Of(first).Name, first)
			for range 30 {
				_, again := a.in(t).perform(test.target, test.body)
				require.EqualError(t, again, first.Error())
			}
		})
	}
}

// What clients send never is the server's fault: an InternalServerError would fail the
// writes of others that are committed in one go with it.
func TestOddRequestsAreTheClientsFault(t *testing.T) {
	t.Parallel()
	a := newFaulty(t)
	const token = `"ClientRequestToken":"t"`
	for _, test := range []struct{ name, target, body string }{
		{"a put without a key in a transaction", "TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"plain","Item":{"x":{"S":"x"}}}}]}`},
		{"an empty item in a transaction", "TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"plain","Item":{}}}]}`},
		{"a key with a null", "TransactWriteItems", `{"TransactItems":[{"Delete":{"TableName":"plain","Key":{"a":null}}}]}`},
		{"a null in a transaction", "TransactWriteItems", `{"TransactItems":[null]}`},
		{"nothing in a transaction", "TransactWriteItems", `{"TransactItems":[{}],` + token + `}`},
		{"a null in a reading transaction", "TransactGetItems", `{"TransactItems":[null]}`},
		{"a put without a key in a batch", "BatchWriteItem", `{"RequestItems":{"plain":[{"PutRequest":{"Item":{"x":{"S":"x"}}}}]}}`},
		{"a null in a batch", "BatchWriteItem", `{"RequestItems":{"plain":[null]}}`},
		{"a table without writes in a batch", "BatchWriteItem", `{"RequestItems":{"plain":null}}`},
		{"a null among keys", "BatchGetItem", `{"RequestItems":{"plain":{"Keys":[null]}}}`},
		{"a null in a list of values", "Scan", `{"TableName":"plain","ScanFilter":{"x":{"ComparisonOperator":"EQ","AttributeValueList":[null]}}}`},
		{"a null among values of expressions", "Scan", `{"TableName":"plain","FilterExpression":"x = :x","ExpressionAttributeValues":{":x":null}}`},
		{"a null in an item", "PutItem", `{"TableName":"plain","Item":{"a":null}}`},
		{"a null within an item", "PutItem", `{"TableName":"plain","Item":{"a":{"S":"x"},"l":{"L":[null]}}}`},
		{"a null among updates", "UpdateItem", `{"TableName":"plain","Key":{"a":{"S":"x"}},"AttributeUpdates":{"x":null}}`},
		{"a null among conditions", "PutItem", `{"TableName":"plain","Item":{"a":{"S":"x"}},"Expected":{"x":null}}`},
		{"a null among parameters", "ExecuteStatement", `{"Statement":"SELECT * FROM plain WHERE a = ?","Parameters":[null]}`},
		{"an insert without a key", "ExecuteStatement", `{"Statement":"INSERT INTO plain VALUE {'x':'x'}"}`},
		{"a null among statements", "BatchExecuteStatement", `{"Statements":[null]}`},
		{"a null among transacted statements", "ExecuteTransaction", `{"TransactStatements":[null],` + token + `}`},
		{"a start within nothing", "Query", `{"TableName":"plain","KeyConditionExpression":"a = :a","ExpressionAttributeValues":{":a":{"S":"x"}},"ExclusiveStartKey":{}}`},
		{"a null for a start", "Scan", `{"TableName":"indexed","IndexName":"global","ExclusiveStartKey":{"a":null,"b":null,"c":null}}`},
		{"a null among indexes", "CreateTable", `{"TableName":"other",` + keyed + `,` + onDemand + `,"GlobalSecondaryIndexes":[null]}`},
		{"a null among key elements", "CreateTable", `{"TableName":"other","AttributeDefinitions":[null],"KeySchema":[null],` + onDemand + `}`},
		{"a null among index updates", "UpdateTable", `{"TableName":"plain","GlobalSecondaryIndexUpdates":[null]}`},
		{"a null among tags", "CreateTable", `{"TableName":"other",` + keyed + `,` + onDemand + `,"Tags":[null]}`},
		{"a throughput of nothing", "UpdateTable", `{"TableName":"plain","ProvisionedThroughput":{}}`},
		{"a stream of nothing", "UpdateTable", `{"TableName":"plain","StreamSpecification":{}}`},
		{"nothing about time to live", "UpdateTimeToLive", `{"TableName":"plain","TimeToLiveSpecification":{}}`},
		{"an iterator of nonsense", "GetRecords", `{"ShardIterator":"AAAA"}`},
		{"a body that is null", "PutItem", `null`},
		{"no body", "PutItem", ``},
		{"nesting without end", "PutItem", `{"TableName":"plain","Item":{"a":` + strings.Repeat(`{"L":[`, 4000) + strings.Repeat(`]}`, 4000) + `}}`},
		{"more nesting than JSON may have", "PutItem", strings.Repeat(`[`, 100_000)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			out, err := a.in(t).perform(test.target, test.body)
			if err == nil {
				assert.Equal(t, "BatchExecuteStatement", test.target, out) // whose faults are in the answer
				return
			}
			assert.NotEqual(t, exception.InternalServerErrorName, exception.Of(err).Name, err)
		})
	}
}

// DynamoDB takes the last of several members with one name.
func TestOfMembersWithOneNameTheLastCounts(t *testing.T) {
	t.Parallel()
	a := newFaulty(t)
	const body = `{"TransactItems":[{"Put":{"TableName":"nowhere","TableName":"plain","Item":{"a":{"S":"x"}}}}],"ClientRequestToken":"t"}`
	a.must("TransactWriteItems", body)
	a.must("TransactWriteItems", body)
	answer := a.must("BatchGetItem", `{"RequestItems":{"plain":{"Keys":[{"a":{"S":"y"}}]},"plain":{"Keys":[{"a":{"S":"x"}}]}}}`)
	assert.JSONEq(t, `{"plain":[{"a":{"S":"x"}}]}`, answer.at("Responses"))
}

// Requests have up to 16 MB. Work that grows with the square of that takes minutes, in
// which the others wait: these have enough for it to run into the timeout of the tests.
func TestLargeRequestsAreAnsweredInTime(t *testing.T) {
	t.Parallel()
	const many = 300_000
	if testing.Short() {
		t.Skip("it takes some seconds")
	}
	a := newFaulty(t)
	binaries := make([]string, many)
	for i := range binaries {
		binaries[i] = fmt.Sprintf("%q", fmt.Sprintf("%08d", i)) // is base64 as well
	}
	list := func(element string) string { return strings.TrimSuffix(strings.Repeat(element+",", many), ",") }
	for _, test := range []struct{ name, target, body string }{
		{"keys", "BatchGetItem", `{"RequestItems":{"plain":{"Keys":[` + list(`{}`) + `]}}}`},
		{"writes", "BatchWriteItem", `{"RequestItems":{"plain":[` + list(`{}`) + `]}}`},
		{"tags", "CreateTable", `{"TableName":"other",` + keyed + `,` + onDemand + `,"Tags":[` + list(`{"Key":"k","Value":"v"}`) + `]}`},
		{"names", "GetItem", `{"TableName":"plain","Key":{"a":{"S":"x"}},"ProjectionExpression":"#m1","ExpressionAttributeNames":{` +
			strings.ReplaceAll(members(many, `"x"`), `"m`, `"#m`) + `}}`},
		{"conditions", "PutItem", `{"TableName":"plain","Item":{"a":{"S":"x"}},"Expected":{` + members(many, `{"Exists":false}`) + `}}`},
		{"updates", "UpdateItem", `{"TableName":"plain","Key":{"a":{"S":"x"}},"ReturnValues":"UPDATED_NEW","AttributeUpdates":{` +
			members(many, `{"Action":"DELETE"}`) + `}}`},
		{"a filter of an index", "Query", `{"TableName":"indexed","IndexName":"global",` +
			`"KeyConditions":{"c":{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"x"}]}},` +
			`"QueryFilter":{` + members(many, `{"ComparisonOperator":"NULL"}`) + `}}`},
		{"a set", "UpdateItem", `{"TableName":"plain","Key":{"a":{"S":"y"}},"UpdateExpression":"ADD s :s",` +
			`"ExpressionAttributeValues":{":s":{"BS":[` + strings.Join(binaries, ",") + `]}}}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := a.in(t).perform(test.target, test.body)
			if err != nil {
				assert.NotEqual(t, exception.InternalServerErrorName, exception.Of(err).Name, err)
			}
		})
	}
}
