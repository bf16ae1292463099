package embedded_test

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded"
)

// FuzzRequest has the engine answer anything: with what is no request, it may do what it
// likes but fail.
//
//	go test ./devenv/dynamodb/embedded -run '^$' -fuzz FuzzRequest -fuzzminimizetime 1x
func FuzzRequest(f *testing.F) {
	engine, err := embedded.Open("", embedded.Options{Logger: slog.New(slog.NewTextHandler(f.Output(), nil))})
	require.NoError(f, err)
	f.Cleanup(func() { require.NoError(f, engine.Close()) })
	for _, request := range seeds {
		answer := fuzzed(f, engine, request.operation, []byte(request.body))
		require.Equal(f, http.StatusOK, answer.Code, "%s is a request that succeeds: %s", request.operation, answer.Body)
		f.Add(request.operation, []byte(request.body))
	}
	f.Fuzz(func(t *testing.T, operation string, body []byte) {
		answer := fuzzed(t, engine, operation, body)
		require.Less(t, answer.Code, http.StatusInternalServerError, answer.Body)
		require.True(t, json.Valid(answer.Body.Bytes()), answer.Body)
		require.Equal(t, fmt.Sprint(crc32.ChecksumIEEE(answer.Body.Bytes())), answer.Header().Get("X-Amz-Crc32"))
	})
}

func fuzzed(t testing.TB, engine *embedded.Engine, operation string, body []byte) *httptest.ResponseRecorder {
	t.Helper()
	target := "DynamoDB_20120810." + operation
	switch operation {
	case "ListStreams", "DescribeStream", "GetShardIterator", "GetRecords":
		target = "DynamoDBStreams_20120810." + operation
	}
	request, err := newRequest(t.Context(), "http://127.0.0.1", target, body)
	require.NoError(t, err)
	answer := httptest.NewRecorder()
	engine.ServeHTTP(answer, request)
	return answer
}

// seeds are requests that succeed, one after the other, on a new database.
var seeds = []struct{ operation, body string }{
	{"CreateTable", `{"TableName":"fuzz","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"},{"AttributeName":"s","AttributeType":"N"},{"AttributeName":"g","AttributeType":"B"}],"KeySchema":[{"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"s","KeyType":"RANGE"}],"LocalSecondaryIndexes":[{"IndexName":"local","KeySchema":[{"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"g","KeyType":"RANGE"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}],"GlobalSecondaryIndexes":[{"IndexName":"global","KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],"Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["a"]}}]}`},
	{"DescribeTable", `{"TableName":"fuzz"}`},
	{"ListTables", `{"Limit":1}`},
	{"PutItem", `{"TableName":"fuzz","Item":{"p":{"S":"a"},"s":{"N":"1"},"g":{"B":"YQ=="},"a":{"L":[{"M":{"b":{"NULL":true},"c":{"BOOL":false}}},{"SS":["a","b"]},{"NS":["1","2.5"]},{"BS":["YQ=="]}]},"n":{"N":"-1.5e3"}},"ConditionExpression":"attribute_not_exists(p) OR #n < :n","ExpressionAttributeNames":{"#n":"n"},"ExpressionAttributeValues":{":n":{"N":"3"}},"ReturnValues":"ALL_OLD","ReturnConsumedCapacity":"INDEXES","ReturnItemCollectionMetrics":"SIZE"}`},
	{"PutItem", `{"TableName":"fuzz","Item":{"p":{"S":"a"},"s":{"N":"2"}},"Expected":{"n":{"ComparisonOperator":"NULL"},"p":{"Exists":false}},"ConditionalOperator":"OR"}`},
	{"GetItem", `{"TableName":"fuzz","Key":{"p":{"S":"a"},"s":{"N":"1"}},"ConsistentRead":true,"ProjectionExpression":"a[0].b, #n","ExpressionAttributeNames":{"#n":"n"}}`},
	{"GetItem", `{"TableName":"fuzz","Key":{"p":{"S":"a"},"s":{"N":"1"}},"AttributesToGet":["a"]}`},
	{"UpdateItem", `{"TableName":"fuzz","Key":{"p":{"S":"a"},"s":{"N":"1"}},"UpdateExpression":"SET a[0].b = if_not_exists(x, :v), b = list_append(a, :l), c = n + :v REMOVE a[1] ADD n :v, t :s DELETE u :s","ConditionExpression":"size(a) > :v AND begins_with(p, :p) AND (contains(a, :v) OR NOT n IN (:v, :p)) OR n BETWEEN :v AND :v OR attribute_type(a, :t)","ExpressionAttributeValues":{":v":{"N":"1"},":l":{"L":[]},":s":{"SS":["x"]},":p":{"S":"a"},":t":{"S":"L"}},"ReturnValues":"UPDATED_NEW"}`},
	{"UpdateItem", `{"TableName":"fuzz","Key":{"p":{"S":"a"},"s":{"N":"3"}},"AttributeUpdates":{"n":{"Action":"ADD","Value":{"N":"1"}},"b":{"Action":"DELETE"},"c":{"Value":{"S":"x"}}},"ReturnValues":"ALL_NEW"}`},
	{"Query", `{"TableName":"fuzz","KeyConditionExpression":"p = :p AND s BETWEEN :a AND :b","FilterExpression":"attribute_exists(a)","ProjectionExpression":"a","ExpressionAttributeValues":{":p":{"S":"a"},":a":{"N":"0"},":b":{"N":"9"}},"Limit":1,"ScanIndexForward":false,"ExclusiveStartKey":{"p":{"S":"a"},"s":{"N":"3"}}}`},
	{"Query", `{"TableName":"fuzz","IndexName":"global","KeyConditions":{"g":{"ComparisonOperator":"EQ","AttributeValueList":[{"B":"YQ=="}]}},"QueryFilter":{"a":{"ComparisonOperator":"NOT_NULL"}},"Select":"COUNT"}`},
	{"Scan", `{"TableName":"fuzz","IndexName":"local","Segment":0,"TotalSegments":2,"FilterExpression":"s >= :n","ExpressionAttributeValues":{":n":{"N":"0"}},"Select":"ALL_ATTRIBUTES"}`},
	{"Scan", `{"TableName":"fuzz","ScanFilter":{"n":{"ComparisonOperator":"BETWEEN","AttributeValueList":[{"N":"1"},{"N":"2"}]}},"AttributesToGet":["n"]}`},
	{"BatchWriteItem", `{"RequestItems":{"fuzz":[{"PutRequest":{"Item":{"p":{"S":"b"},"s":{"N":"1"}}}},{"DeleteRequest":{"Key":{"p":{"S":"b"},"s":{"N":"2"}}}}]},"ReturnConsumedCapacity":"TOTAL"}`},
	{"BatchGetItem", `{"RequestItems":{"fuzz":{"Keys":[{"p":{"S":"b"},"s":{"N":"1"}}],"ConsistentRead":true,"ProjectionExpression":"p"}}}`},
	{"TransactWriteItems", `{"ClientRequestToken":"token","TransactItems":[{"Put":{"TableName":"fuzz","Item":{"p":{"S":"c"},"s":{"N":"1"}}}},{"Update":{"TableName":"fuzz","Key":{"p":{"S":"c"},"s":{"N":"2"}},"UpdateExpression":"SET a = :a","ExpressionAttributeValues":{":a":{"S":"x"}}}},{"Delete":{"TableName":"fuzz","Key":{"p":{"S":"c"},"s":{"N":"3"}}}},{"ConditionCheck":{"TableName":"fuzz","Key":{"p":{"S":"c"},"s":{"N":"4"}},"ConditionExpression":"attribute_not_exists(p)"}}]}`},
	{"TransactGetItems", `{"TransactItems":[{"Get":{"TableName":"fuzz","Key":{"p":{"S":"c"},"s":{"N":"1"}},"ProjectionExpression":"p"}}]}`},
	{"ExecuteStatement", `{"Statement":"SELECT p, a[0].b FROM \"fuzz\".\"global\" WHERE g = ? AND contains(a, 'x') OR NOT (n BETWEEN 1 AND 2) AND a IS NOT MISSING","Parameters":[{"B":"YQ=="}],"Limit":3}`},
	{"ExecuteStatement", `{"Statement":"INSERT INTO fuzz VALUE {'p':'d','s':1,'a':[1,'x',<<'a','b'>>,{'b':null}]}"}`},
	{"ExecuteStatement", `{"Statement":"UPDATE fuzz SET a=list_append(a,[1]) SET n=7 REMOVE b WHERE p='d' AND s=1 RETURNING ALL NEW *"}`},
	{"BatchExecuteStatement", `{"Statements":[{"Statement":"SELECT * FROM fuzz WHERE p='d' AND s=1"}]}`},
	{"ExecuteTransaction", `{"TransactStatements":[{"Statement":"DELETE FROM fuzz WHERE p='d' AND s=1"},{"Statement":"EXISTS(SELECT * FROM fuzz WHERE p='a' AND s=1 AND n<0)"}]}`},
	{"UpdateTimeToLive", `{"TableName":"fuzz","TimeToLiveSpecification":{"AttributeName":"ttl","Enabled":true}}`},
	{"DescribeTimeToLive", `{"TableName":"fuzz"}`},
	{"UpdateTable", `{"TableName":"fuzz","StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_AND_OLD_IMAGES"}}`},
	{"DescribeLimits", `{}`},
	{"DescribeEndpoints", `{}`},
	{"ListStreams", `{"TableName":"fuzz"}`},
	{"CreateTable", `{"TableName":"gone","ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1},"AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"}],"KeySchema":[{"AttributeName":"p","KeyType":"HASH"}],"Tags":[{"Key":"a","Value":"b"}]}`},
	{"DeleteTable", `{"TableName":"gone"}`},
}
