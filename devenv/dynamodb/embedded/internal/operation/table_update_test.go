package operation_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// update is an UpdateTable of the table "notes".
func (a *account) update(members string) answer {
	a.Helper()
	return a.must("UpdateTable", `{"TableName":"notes",`+members+`}`)
}

func createIndex(name string) string {
	return twoDefinitions + `,"GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"` + name + `",` + byB + `}}]`
}

func TestThroughputChangesAfterTheAnswer(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.create("notes", keyed, units)
	updated := a.update(`"ProvisionedThroughput":{"ReadCapacityUnits":4,"WriteCapacityUnits":6}`)
	assert.Equal(t, `"UPDATING"`, updated.at("TableDescription", "TableStatus"))
	assert.Equal(t, `5`, updated.at("TableDescription", "ProvisionedThroughput", "ReadCapacityUnits"))
	assert.Equal(t, `{"LastIncreaseDateTime":1772366400.5,"LastDecreaseDateTime":1772366400.5,"NumberOfDecreasesToday":1,"ReadCapacityUnits":4,"WriteCapacityUnits":6}`,
		a.describe("notes").at("Table", "ProvisionedThroughput"))
	a.wait(24 * time.Hour)
	assert.Equal(t, `0`, a.describe("notes").at("Table", "ProvisionedThroughput", "NumberOfDecreasesToday"))
}

func TestBillingModeChangesThereAndBack(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.create("notes", twoDefinitions, `"KeySchema":[{"AttributeName":"a","KeyType":"HASH"}]`, units, `"GlobalSecondaryIndexes":[{"IndexName":"gsi",`+byB+`,`+units+`}]`)
	updated := a.update(onDemand)
	assert.Equal(t, `{"BillingMode":"PAY_PER_REQUEST"}`, updated.at("TableDescription", "BillingModeSummary"))
	assert.Equal(t, `"UPDATING"`, updated.at("TableDescription", "GlobalSecondaryIndexes", 0, "IndexStatus"))
	table := a.describe("notes")
	assert.Equal(t, `{"BillingMode":"PAY_PER_REQUEST","LastUpdateToPayPerRequestDateTime":1772366400.5}`, table.at("Table", "BillingModeSummary"))
	assert.Equal(t, `0`, table.at("Table", "ProvisionedThroughput", "ReadCapacityUnits"))
	assert.Equal(t, `0`, table.at("Table", "GlobalSecondaryIndexes", 0, "ProvisionedThroughput", "ReadCapacityUnits"))
	a.update(onDemand) // no change is no error

	const back = `"BillingMode":"PROVISIONED",` + units
	a.fails(invalid+"ProvisionedThroughput must be specified for index: gsi", "UpdateTable", `{"TableName":"notes",`+back+`}`)
	a.update(back + `,"GlobalSecondaryIndexUpdates":[{"Update":{"IndexName":"gsi",` + units + `}}]`)
	table = a.describe("notes")
	assert.Equal(t, `"PROVISIONED"`, table.at("Table", "BillingModeSummary", "BillingMode"))
	assert.Equal(t, `5`, table.at("Table", "ProvisionedThroughput", "ReadCapacityUnits"))
	assert.Equal(t, `5`, table.at("Table", "GlobalSecondaryIndexes", 0, "ProvisionedThroughput", "WriteCapacityUnits"))
}

func TestAnIndexIsFilledAndDropped(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.create("notes", keyed, onDemand)
	a.must("PutItem", `{"TableName":"notes","Item":{"a":{"S":"x"},"b":{"N":"1"}}}`)
	a.must("PutItem", `{"TableName":"notes","Item":{"a":{"S":"y"},"b":{"S":"no number"}}}`)
	updated := a.update(createIndex("gsi"))
	assert.Equal(t, `"UPDATING"`, updated.at("TableDescription", "TableStatus"))
	assert.Equal(t, `"CREATING"`, updated.at("TableDescription", "GlobalSecondaryIndexes", 0, "IndexStatus"))
	assert.Equal(t, `false`, updated.at("TableDescription", "GlobalSecondaryIndexes", 0, "Backfilling"))
	table := a.describe("notes")
	assert.Equal(t, `"ACTIVE"`, table.at("Table", "GlobalSecondaryIndexes", 0, "IndexStatus"))
	assert.Empty(t, table.at("Table", "GlobalSecondaryIndexes", 0, "Backfilling"))
	assert.Equal(t, `1`, table.at("Table", "GlobalSecondaryIndexes", 0, "ItemCount"))
	assert.Equal(t, `{"AttributeName":"b","AttributeType":"N"}`, table.at("Table", "AttributeDefinitions", 1))

	updated = a.update(`"GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"gsi"}}]`)
	assert.Equal(t, `"DELETING"`, updated.at("TableDescription", "GlobalSecondaryIndexes", 0, "IndexStatus"))
	table = a.describe("notes")
	assert.Empty(t, table.at("Table", "GlobalSecondaryIndexes"))
	assert.Equal(t, `[{"AttributeName":"a","AttributeType":"S"}]`, table.at("Table", "AttributeDefinitions"))
}

func TestSettingsChange(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.create("notes", keyed, onDemand)
	updated := a.update(`"SSESpecification":{"Enabled":true},"TableClass":"STANDARD","OnDemandThroughput":{"MaxWriteRequestUnits":7},"WarmThroughput":{"WriteUnitsPerSecond":5000}`)
	assert.Equal(t, `"UPDATING"`, updated.at("TableDescription", "SSEDescription", "Status"))
	assert.Equal(t, `"UPDATING"`, updated.at("TableDescription", "WarmThroughput", "Status"))
	a.update(`"OnDemandThroughput":{"MaxReadRequestUnits":8}`)
	table := a.describe("notes")
	assert.Equal(t, `"ENABLED"`, table.at("Table", "SSEDescription", "Status"))
	assert.Equal(t, `{"MaxReadRequestUnits":8,"MaxWriteRequestUnits":7}`, table.at("Table", "OnDemandThroughput"))
	assert.Equal(t, `{"ReadUnitsPerSecond":12000,"WriteUnitsPerSecond":5000,"Status":"ACTIVE"}`, table.at("Table", "WarmThroughput"))
	a.update(`"SSESpecification":{"Enabled":false}`)
	assert.Empty(t, a.describe("notes").at("Table", "SSEDescription"))
}

func TestATableCannotBeUpdated(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.create("notes", twoDefinitions, `"KeySchema":[{"AttributeName":"a","KeyType":"HASH"}]`, onDemand, `"GlobalSecondaryIndexes":[{"IndexName":"gsi",`+byB+`}]`)
	a.create("units", keyed, units)
	for name, c := range map[string]struct{ body, want string }{
		"with nothing": {
			`{"TableName":"notes",` + twoDefinitions + `}`,
			"ValidationException: At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required",
		},
		"when it is missing": {
			`{"TableName":"missing",` + onDemand + `}`,
			"ResourceNotFoundException: Requested resource not found: Table: missing not found",
		},
		"to the same throughput": {
			`{"TableName":"units",` + units + `}`,
			"ValidationException: The provisioned throughput for the table will not change. The requested value equals the current value. " +
				"Current ReadCapacityUnits provisioned for the table: 5. Requested ReadCapacityUnits: 5. Current WriteCapacityUnits provisioned for the table: 5. Requested WriteCapacityUnits: 5. " +
				"Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.",
		},
		"to throughput when it is on-demand": {
			`{"TableName":"notes",` + units + `}`,
			invalid + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
		},
		"with the throughput of an index when it is on-demand": {
			`{"TableName":"notes","GlobalSecondaryIndexUpdates":[{"Update":{"IndexName":"gsi",` + units + `}}]}`,
			invalid + "ProvisionedThroughput should not be specified for index: gsi when BillingMode is PAY_PER_REQUEST",
		},
		"with an index that exists": {
			`{"TableName":"notes",` + createIndex("gsi") + `}`,
			"ValidationException: Attempting to create an index which already exists",
		},
		"with an index whose key is not defined": {
			`{"TableName":"notes","GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"more",` + byB + `}}]}`,
			invalid + "Some index key attributes are not defined in AttributeDefinitions. Keys: [b], AttributeDefinitions: []",
		},
		"with an index without throughput": {
			`{"TableName":"units",` + createIndex("gsi") + `}`,
			invalid + "ProvisionedThroughput must be specified for index: gsi",
		},
		"with two new indexes": {
			`{"TableName":"units",` + twoDefinitions + `,"GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"one",` + byB + `}},{"Delete":{"IndexName":"two"}}]}`,
			"LimitExceededException: Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table",
		},
		"without an index that is missing": {
			`{"TableName":"notes","GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"nope"}}]}`,
			"ResourceNotFoundException: Requested resource not found",
		},
		"to less warm throughput": {
			`{"TableName":"notes","WarmThroughput":{"ReadUnitsPerSecond":1}}`,
			invalid + "Requested ReadUnitsPerSecond for WarmThroughput for table is lower than current WarmThroughput, decreasing WarmThroughput is not supported",
		},
		"to no stream when it has none": {
			`{"TableName":"notes","StreamSpecification":{"StreamEnabled":false}}`,
			"ValidationException: Table does not have a stream to disable: TableName: notes",
		},
		"with replicas": {
			`{"TableName":"notes","ReplicaUpdates":[{"Create":{"RegionName":"eu-west-1"}}]}`,
			"ValidationException: Replicas are not supported by the embedded DynamoDB",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a.in(t).fails(c.want, "UpdateTable", c.body)
		})
	}
}
