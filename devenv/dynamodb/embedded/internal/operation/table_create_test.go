package operation_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

const (
	twoDefinitions = `"AttributeDefinitions":[{"AttributeName":"a","AttributeType":"S"},{"AttributeName":"b","AttributeType":"N"}]`
	twoKeys        = twoDefinitions + `,"KeySchema":[{"AttributeName":"a","KeyType":"HASH"},{"AttributeName":"b","KeyType":"RANGE"}]`
	byB            = `"KeySchema":[{"AttributeName":"b","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}`
	units          = `"ProvisionedThroughput":{"ReadCapacityUnits":5,"WriteCapacityUnits":5}`
)

func TestANewTableIsBeingCreatedAndThenActive(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	created := a.create("notes", keyed, onDemand)
	assert.Equal(t, `"CREATING"`, created.at("TableDescription", "TableStatus"))
	assert.Equal(t, `{"BillingMode":"PAY_PER_REQUEST"}`, created.at("TableDescription", "BillingModeSummary"))
	assert.Empty(t, created.at("TableDescription", "WarmThroughput"))
	id := created.string("TableDescription", "TableId")
	a.wait(1)
	assert.Equal(t, `{"Table":{"AttributeDefinitions":[{"AttributeName":"a","AttributeType":"S"}],"TableName":"notes",`+
		`"KeySchema":[{"AttributeName":"a","KeyType":"HASH"}],"TableStatus":"ACTIVE","CreationDateTime":1772366400.5,`+
		`"ProvisionedThroughput":{"NumberOfDecreasesToday":0,"ReadCapacityUnits":0,"WriteCapacityUnits":0},`+
		`"TableSizeBytes":0,"ItemCount":0,"TableArn":"arn:aws:dynamodb:eu-central-1:000000000000:table/notes","TableId":"`+id+`",`+
		`"BillingModeSummary":{"BillingMode":"PAY_PER_REQUEST","LastUpdateToPayPerRequestDateTime":1772366400.5},`+
		`"DeletionProtectionEnabled":false,"WarmThroughput":{"ReadUnitsPerSecond":12000,"WriteUnitsPerSecond":4000,"Status":"ACTIVE"}}}`,
		string(a.describe("notes").text))
}

func TestAProvisionedTableHasNoBillingModeSummary(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	created := a.create("notes", keyed, units)
	assert.Empty(t, created.at("TableDescription", "BillingModeSummary"))
	assert.Equal(t, `{"NumberOfDecreasesToday":0,"ReadCapacityUnits":5,"WriteCapacityUnits":5}`,
		a.describe("notes").at("Table", "ProvisionedThroughput"))
	assert.Equal(t, `{"ReadUnitsPerSecond":5,"WriteUnitsPerSecond":5,"Status":"ACTIVE"}`, a.describe("notes").at("Table", "WarmThroughput"))
}

func TestSettingsOfANewTableAreDescribed(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.create("notes", keyed, onDemand, `"TableClass":"STANDARD_INFREQUENT_ACCESS","DeletionProtectionEnabled":true,
		"OnDemandThroughput":{"MaxReadRequestUnits":10},"WarmThroughput":{"ReadUnitsPerSecond":20000},
		"SSESpecification":{"Enabled":true,"KMSMasterKeyId":"alias/mine"},
		"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"KEYS_ONLY"}`)
	table := a.describe("notes")
	for member, want := range map[string]string{
		"TableClassSummary":         `{"TableClass":"STANDARD_INFREQUENT_ACCESS"}`,
		"DeletionProtectionEnabled": `true`,
		"OnDemandThroughput":        `{"MaxReadRequestUnits":10,"MaxWriteRequestUnits":-1}`,
		"WarmThroughput":            `{"ReadUnitsPerSecond":20000,"WriteUnitsPerSecond":4000,"Status":"ACTIVE"}`,
		"SSEDescription":            `{"Status":"ENABLED","SSEType":"KMS","KMSMasterKeyArn":"arn:aws:kms:eu-central-1:000000000000:alias/mine"}`,
		"StreamSpecification":       `{"StreamEnabled":true,"StreamViewType":"KEYS_ONLY"}`,
		"LatestStreamLabel":         `"2026-03-01T12:00:00.500"`,
		"LatestStreamArn":           `"arn:aws:dynamodb:eu-central-1:000000000000:table/notes/stream/2026-03-01T12:00:00.500"`,
	} {
		assert.Equal(t, want, table.at("Table", member), member)
	}
}

func TestIndexesAreDescribedWithTheirSizes(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	created := a.create("notes", twoKeys, onDemand,
		`"LocalSecondaryIndexes":[{"IndexName":"lsi","KeySchema":[{"AttributeName":"a","KeyType":"HASH"},{"AttributeName":"b","KeyType":"RANGE"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}]`,
		`"GlobalSecondaryIndexes":[{"IndexName":"gsi",`+byB+`}]`)
	assert.Equal(t, `"CREATING"`, created.at("TableDescription", "GlobalSecondaryIndexes", 0, "IndexStatus"))
	a.must("PutItem", `{"TableName":"notes","Item":{"a":{"S":"x"},"b":{"N":"1"},"c":{"S":"more"}}}`)
	table := a.describe("notes")
	assert.Equal(t, `{"IndexName":"lsi","KeySchema":[{"AttributeName":"a","KeyType":"HASH"},{"AttributeName":"b","KeyType":"RANGE"}],`+
		`"Projection":{"ProjectionType":"KEYS_ONLY"},"IndexSizeBytes":5,"ItemCount":1,`+
		`"IndexArn":"arn:aws:dynamodb:eu-central-1:000000000000:table/notes/index/lsi"}`, table.at("Table", "LocalSecondaryIndexes", 0))
	assert.Equal(t, `{"IndexName":"gsi","KeySchema":[{"AttributeName":"b","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"},"IndexStatus":"ACTIVE",`+
		`"ProvisionedThroughput":{"NumberOfDecreasesToday":0,"ReadCapacityUnits":0,"WriteCapacityUnits":0},"IndexSizeBytes":10,"ItemCount":1,`+
		`"IndexArn":"arn:aws:dynamodb:eu-central-1:000000000000:table/notes/index/gsi",`+
		`"WarmThroughput":{"ReadUnitsPerSecond":12000,"WriteUnitsPerSecond":4000,"Status":"ACTIVE"}}`, table.at("Table", "GlobalSecondaryIndexes", 0))
	assert.Equal(t, "1", table.at("Table", "ItemCount"))
	assert.Equal(t, "10", table.at("Table", "TableSizeBytes"))
}

func TestATableCannotBeCreated(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.create("notes", keyed, onDemand)
	index := func(name string) string { return `{"IndexName":"` + name + `",` + byB + `}` }
	including := make([]string, 6) // indexes with 102 attributes
	for i := range including {
		names := strings.TrimSuffix(strings.Repeat(`"x",`, 17), ",")
		including[i] = fmt.Sprintf(`{"IndexName":"gsi%d","KeySchema":[{"AttributeName":"b","KeyType":"HASH"}],`+
			`"Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":[%s]}}`, i, names)
	}
	for name, c := range map[string]struct{ body, want string }{
		"without a name": {
			`{}`,
			"ValidationException: The parameter 'TableName' is required but was not present in the request",
		},
		"under a short name": {
			`{"TableName":"ab"}`,
			"ValidationException: TableName must be at least 3 characters long and at most 255 characters long",
		},
		"for several reasons, in the order of the model": {
			`{"TableName":"a;b"}`,
			"ValidationException: 3 validation errors detected: Value null at 'attributeDefinitions' failed to satisfy constraint: Member must not be null; " +
				"Value 'a;b' at 'tableName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; " +
				"Value null at 'keySchema' failed to satisfy constraint: Member must not be null",
		},
		"with three keys": {
			`{"TableName":"other",` + onDemand + `,"AttributeDefinitions":[],"KeySchema":[{"AttributeName":"a","KeyType":"HASH"},{"AttributeName":"b","KeyType":"RANGE"},{"AttributeName":"c","KeyType":"RANGE"}]}`,
			"ValidationException: 1 validation error detected: Value '[KeySchemaElement(attributeName=a, keyType=HASH), KeySchemaElement(attributeName=b, keyType=RANGE), " +
				"KeySchemaElement(attributeName=c, keyType=RANGE)]' at 'keySchema' failed to satisfy constraint: Member must have length less than or equal to 2",
		},
		"twice": {
			`{"TableName":"notes",` + keyed + `,` + onDemand + `}`,
			"ResourceInUseException: Table already exists: notes",
		},
		"under the ARN of one that exists": {
			`{"TableName":"arn:aws:dynamodb:eu-central-1:000000000000:table/notes",` + keyed + `,` + onDemand + `}`,
			"ResourceInUseException: Table already exists: notes",
		},
		"without throughput": {
			`{"TableName":"other",` + keyed + `}`,
			invalid + "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED",
		},
		"with definitions that nothing uses": {
			`{"TableName":"other",` + onDemand + `,` + strings.Replace(twoDefinitions, "]", `,{"AttributeName":"c","AttributeType":"S"}]`, 1) +
				`,"KeySchema":[{"AttributeName":"a","KeyType":"HASH"}],"GlobalSecondaryIndexes":[` + index("gsi") + `]}`,
			invalid + "Some AttributeDefinitions are not used. AttributeDefinitions: [a, b, c], keys used: [a, b]",
		},
		"with an index and a local index of one name": {
			`{"TableName":"other",` + onDemand + `,` + twoKeys + `,"LocalSecondaryIndexes":[{"IndexName":"one","KeySchema":[{"AttributeName":"a","KeyType":"HASH"},{"AttributeName":"b","KeyType":"RANGE"}],"Projection":{"ProjectionType":"ALL"}}],` +
				`"GlobalSecondaryIndexes":[` + index("one") + `]}`,
			invalid + "Duplicate index name: one",
		},
		"with too many projected attributes": {
			`{"TableName":"other",` + onDemand + `,` + twoKeys + `,"GlobalSecondaryIndexes":[` + strings.Join(including, ",") + `]}`,
			invalid + "Number of NonKeyAttributes of all indexes exceeds the per-table limit of 100",
		},
		"with a stream that is not said to be on": {
			`{"TableName":"other",` + onDemand + `,` + keyed + `,"StreamSpecification":{"StreamViewType":"ALL"}}`,
			"ValidationException: 2 validation errors detected: Value null at 'streamSpecification.streamEnabled' failed to satisfy constraint: Member must not be null; " +
				"Value 'ALL' at 'streamSpecification.streamViewType' failed to satisfy constraint: Member must satisfy enum value set: [NEW_IMAGE, OLD_IMAGE, NEW_AND_OLD_IMAGES, KEYS_ONLY]",
		},
		"with vectors": {
			`{"TableName":"other",` + onDemand + `,` + keyed + `,"VectorIndexes":[{}]}`,
			"ValidationException: Vector indexes are not supported by the embedded DynamoDB",
		},
		"with a tag without value": {
			`{"TableName":"other",` + onDemand + `,` + keyed + `,"Tags":[{"Key":"k"}]}`,
			"ValidationException: 1 validation error detected: Value null at 'tags.1.member.value' failed to satisfy constraint: Member must not be null",
		},
		"of nulls": {
			`{"TableName":"other",` + onDemand + `,"AttributeDefinitions":[null],"KeySchema":[null]}`,
			"ValidationException: 4 validation errors detected: Value null at 'attributeDefinitions.1.member.attributeName' failed to satisfy constraint: Member must not be null; " +
				"Value null at 'attributeDefinitions.1.member.attributeType' failed to satisfy constraint: Member must not be null; " +
				"Value null at 'keySchema.1.member.attributeName' failed to satisfy constraint: Member must not be null; " +
				"Value null at 'keySchema.1.member.keyType' failed to satisfy constraint: Member must not be null",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a.in(t).fails(c.want, "CreateTable", c.body)
		})
	}
}

func TestTablesAreListedByPages(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	for _, name := range []string{"ccc", "aaa", "bbb"} {
		a.create(name, keyed, onDemand)
	}
	assert.Equal(t, `{"TableNames":["aaa","bbb","ccc"]}`, string(a.must("ListTables", `{}`).text))
	assert.Equal(t, `{"TableNames":["aaa","bbb"],"LastEvaluatedTableName":"bbb"}`, string(a.must("ListTables", `{"Limit":2}`).text))
	assert.Equal(t, `{"TableNames":["bbb","ccc"]}`, string(a.must("ListTables", `{"Limit":2,"ExclusiveStartTableName":"aaa"}`).text))
	assert.Equal(t, `{"TableNames":[]}`, string(a.must("ListTables", `{"ExclusiveStartTableName":"ccc"}`).text))
}

func TestADeletedTableIsGone(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	const missing = "ResourceNotFoundException: Requested resource not found: Table: notes not found"
	a.fails(missing, "DeleteTable", `{"TableName":"notes"}`)
	a.create("notes", keyed, onDemand, `"DeletionProtectionEnabled":true`)
	a.fails("ValidationException: Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.",
		"DeleteTable", `{"TableName":"notes"}`)
	a.must("UpdateTable", `{"TableName":"notes","DeletionProtectionEnabled":false}`)
	deleted := a.must("DeleteTable", `{"TableName":"notes"}`)
	assert.Equal(t, `"DELETING"`, deleted.at("TableDescription", "TableStatus"))
	assert.Empty(t, deleted.at("TableDescription", "KeySchema"))
	a.fails(missing, "DescribeTable", `{"TableName":"notes"}`)
	a.create("notes", keyed, onDemand)
}
