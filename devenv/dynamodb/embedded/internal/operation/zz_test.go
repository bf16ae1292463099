package operation_test

import "testing"

func TestZZ(t *testing.T) {
	a := newAccount(t)
	a.must("CreateTable", `{"TableName":"tbl","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"}],"KeySchema":[{"AttributeName":"p","KeyType":"HASH"}]}`)
	for _, c := range [][2]string{
		{"TransactWriteItems", `{"TransactItems":5}`},
		{"TransactWriteItems", `{"TransactItems":{}}`},
		{"TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":5}}]}`},
		{"TransactWriteItems", `{"ClientRequestToken":"a","TransactItems":[{"Put":{"TableName":"tbl","TableName":"tbl","Item":{"p":{"S":"a"}}}}]}`},
		{"BatchGetItem", `{"RequestItems":{"tbl":{"Keys":[{"p":{"S":"a"}}]},"tbl":{"Keys":[{"p":{"S":"a"}}]}}}`},
		{"BatchGetItem", `{"RequestItems":{"tbl":{"Keys":[null]}}}`},
		{"BatchGetItem", `{"RequestItems":{"tbl":5}}`},
		{"BatchGetItem", `{"RequestItems":5}`},
		{"BatchGetItem", `{"RequestItems":[]}`},
		{"BatchGetItem", `{"RequestItems":{"tbl":{"Keys":[{"p":{"S":5}}]}}}`},
		{"TransactGetItems", `{"TransactItems":[{"Get":{"TableName":"tbl","Key":{"p":{"S":"a"}},"AttributesToGet":["a","a"]}}]}`},
		{"TransactGetItems", `{"TransactItems":[null]}`},
		{"TransactWriteItems", `{"TransactItems":[null]}`},
		{"BatchWriteItem", `{"RequestItems":{"tbl":[null]}}`},
		{"PutItem", `{"TableName":"tbl","Item":{"p":{"S":"a"}},"Expected":{"a":null}}`},
		{"PutItem", `null`}, {"PutItem", `[]`}, {"PutItem", `5`}, {"PutItem", ``},
		{"UpdateItem", `{"TableName":"tbl","Key":{"p":{"S":"a"}},"AttributeUpdates":{"a":null}}`},
		{"CreateTable", `{"TableName":"tbl2","AttributeDefinitions":[null],"KeySchema":[null]}`},
		{"UpdateTable", `{"TableName":"tbl","GlobalSecondaryIndexUpdates":[null]}`},
		{"PutItem", `{"TableName":"tbl","Item":{"p":{"S":"a"}},"Expected":{"a":{"ComparisonOperator":"EQ","AttributeValueList":[null]}}}`},
	} {
		func() {
			defer func() {
				if r := recover(); r != nil {
					t.Logf("%s %s PANIC %v", c[0], c[1], r)
				}
			}()
			out, err := a.perform(c[0], c[1])
			t.Logf("%s %s\n   -> %s %v", c[0], c[1], out, err)
		}()
	}
}
