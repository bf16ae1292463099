package operation_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// filling is large enough for four items that have it to fill a page of a megabyte.
var filling = strings.Repeat("x", 300_000)

// elements returns how many elements a list in an answer has.
func elements(a answer, path ...any) int {
	a.Helper()
	var list []json.RawMessage
	require.NoError(a, json.Unmarshal([]byte(a.at(path...)), &list))
	return len(list)
}

// The entries of an index may be small and the items that are fetched for them large.
func TestAPageEndsWhenTheItemsOfItsEntriesAreLarge(t *testing.T) {
	t.Parallel()
	a := newFaulty(t)
	for i := range 6 {
		a.must("PutItem", fmt.Sprintf(`{"TableName":"indexed","Item":{"a":{"S":"x"},"b":{"S":"%d"},"c":{"S":"%d"},"f":{"S":%q}}}`, i, i, filling))
	}
	query := func(more string) answer {
		return a.must("Query", `{"TableName":"indexed","IndexName":"local","Select":"ALL_ATTRIBUTES","KeyConditionExpression":"a = :a",`+
			`"ExpressionAttributeValues":{":a":{"S":"x"}}`+more+`}`)
	}
	first := query("")
	assert.Equal(t, 4, elements(first, "Items"))
	assert.JSONEq(t, `{"a":{"S":"x"},"b":{"S":"3"},"c":{"S":"3"}}`, first.at("LastEvaluatedKey"))
	second := query(`,"ExclusiveStartKey":` + first.at("LastEvaluatedKey"))
	assert.Equal(t, 2, elements(second, "Items"))
	assert.Empty(t, second.at("LastEvaluatedKey"))
	assert.Contains(t, second.at("Items", 1), filling)
}

func TestRecordsComeByTheMegabyte(t *testing.T) {
	t.Parallel()
	s := newStream(t)
	for i := range 5 {
		s.must("PutItem", fmt.Sprintf(`{"TableName":"notes","Item":{"a":{"S":"%d"},"f":{"S":%q}}}`, i, filling))
	}
	first := s.read(s.iterator("TRIM_HORIZON", ""))
	assert.Equal(t, 3, elements(first, "Records"))
	second := s.read(first.string("NextShardIterator"))
	assert.Equal(t, 2, elements(second, "Records"))
	assert.Equal(t, `{"a":{"S":"3"}}`, second.at("Records", 0, "dynamodb", "Keys"))
	assert.NotEmpty(t, second.at("NextShardIterator"), "the shard goes on")
}

func TestAClosedShardEndsWithItsLastRecord(t *testing.T) {
	t.Parallel()
	s := newStream(t)
	s.put("x", "1")
	s.put("y", "1")
	s.must("UpdateTable", `{"TableName":"notes","StreamSpecification":{"StreamEnabled":false}}`)
	limited := func(iterator string, limit int) answer {
		return s.must("GetRecords", fmt.Sprintf(`{"ShardIterator":%q,"Limit":%d}`, iterator, limit))
	}
	first := limited(s.iterator("TRIM_HORIZON", ""), 1)
	assert.Equal(t, 1, elements(first, "Records"))
	second := limited(first.string("NextShardIterator"), 1)
	assert.Equal(t, 1, elements(second, "Records"))
	assert.Empty(t, second.at("NextShardIterator"))
}
