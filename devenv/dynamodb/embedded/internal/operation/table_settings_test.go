package operation_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

const notesARN = "arn:aws:dynamodb:eu-central-1:000000000000:table/notes"

func TestTimeToLiveGoesOnAndOff(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	set := func(attribute, enabled string) string {
		return `{"TableName":"notes","TimeToLiveSpecification":{"Enabled":` + enabled + `,"AttributeName":"` + attribute + `"}}`
	}
	a.fails("ResourceNotFoundException: Requested resource not found: Table: notes not found", "UpdateTimeToLive", set("ttl", "true"))
	a.create("notes", keyed, onDemand)
	a.fails("ValidationException: TimeToLive is already disabled", "UpdateTimeToLive", set("ttl", "false"))
	assert.Equal(t, `{"TimeToLiveDescription":{"TimeToLiveStatus":"DISABLED"}}`, string(a.must("DescribeTimeToLive", `{"TableName":"notes"}`).text))
	assert.Equal(t, `{"TimeToLiveSpecification":{"Enabled":true,"AttributeName":"ttl"}}`, string(a.must("UpdateTimeToLive", set("ttl", "true")).text))
	assert.Equal(t, `{"TimeToLiveDescription":{"TimeToLiveStatus":"ENABLED","AttributeName":"ttl"}}`, string(a.must("DescribeTimeToLive", `{"TableName":"notes"}`).text))
	a.fails("ValidationException: TimeToLive is already enabled", "UpdateTimeToLive", set("ttl", "true"))
	a.fails("ValidationException: TimeToLive is active on a different AttributeName: current AttributeName is ttl", "UpdateTimeToLive", set("other", "false"))
	a.must("UpdateTimeToLive", set("ttl", "false"))
	assert.Equal(t, `{"TimeToLiveDescription":{"TimeToLiveStatus":"DISABLED"}}`, string(a.must("DescribeTimeToLive", `{"TableName":"notes"}`).text))
	a.fails("ValidationException: 2 validation errors detected: Value null at 'timeToLiveSpecification.enabled' failed to satisfy constraint: Member must not be null; "+
		"Value null at 'timeToLiveSpecification.attributeName' failed to satisfy constraint: Member must not be null",
		"UpdateTimeToLive", `{"TableName":"notes","TimeToLiveSpecification":{}}`)
}

func TestTagsComeAndGo(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.create("notes", keyed, onDemand, `"Tags":[{"Key":"a","Value":"1"}]`)
	assert.Equal(t, `{}`, string(a.must("TagResource", `{"ResourceArn":"`+notesARN+`","Tags":[{"Key":"b","Value":"2"},{"Key":"a","Value":"3"}]}`).text))
	assert.Equal(t, `{"Tags":[{"Key":"a","Value":"3"},{"Key":"b","Value":"2"}]}`, string(a.must("ListTagsOfResource", `{"ResourceArn":"`+notesARN+`"}`).text))
	a.must("UntagResource", `{"ResourceArn":"`+notesARN+`","TagKeys":["a","nope"]}`)
	assert.Equal(t, `{"Tags":[{"Key":"b","Value":"2"}]}`, string(a.must("ListTagsOfResource", `{"ResourceArn":"`+notesARN+`"}`).text))
}

func TestTagsOfWhatIsNoTable(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	for _, c := range []struct{ target, body, want string }{
		{"ListTagsOfResource", `{}`, "ValidationException: Invalid TableArn"},
		{"ListTagsOfResource", `{"ResourceArn":"x"}`, "AccessDeniedException: User: arn:aws:iam::000000000000:root is not authorized to perform: dynamodb:ListTagsOfResource on resource: x"},
		{"ListTagsOfResource", `{"ResourceArn":"a:b:c:d:e:f/g"}`, "ValidationException: Invalid TableArn: Invalid ResourceArn provided as input a:b:c:d:e:f/g"},
		{"ListTagsOfResource", `{"ResourceArn":"` + notesARN + `"}`, "ResourceNotFoundException: Requested resource not found: ResourcArn: " + notesARN + " not found"},
		{"TagResource", `{"ResourceArn":"a:b:c:d:e:f/g"}`, "ValidationException: 1 validation error detected: Value null at 'tags' failed to satisfy constraint: Member must not be null"},
		{"TagResource", `{"ResourceArn":"` + notesARN + `","Tags":[]}`, "ValidationException: Atleast one Tag needs to be provided as Input."},
		{"TagResource", `{"ResourceArn":"` + notesARN + `","Tags":[{"Key":"a","Value":""}]}`, "ResourceNotFoundException: Requested resource not found: ResourcArn: " + notesARN + " not found"},
		{"UntagResource", `{"ResourceArn":"` + notesARN + `","TagKeys":[]}`, "ValidationException: Atleast one Tag Key needs to be provided as Input."},
		{"UntagResource", `{"ResourceArn":"` + notesARN + `","TagKeys":["a"]}`, "ResourceNotFoundException: Requested resource not found"},
	} {
		a.fails(c.want, c.target, c.body)
	}
}

func TestAResourcePolicyIsKept(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.create("notes", keyed, onDemand)
	const missing = "PolicyNotFoundException: Resource-based policy not found for the provided ResourceArn: " + notesARN
	a.fails(missing, "GetResourcePolicy", `{"ResourceArn":"`+notesARN+`"}`)
	revision := a.must("PutResourcePolicy", `{"ResourceArn":"`+notesARN+`","Policy":"{}","ExpectedRevisionId":"NO_POLICY"}`).string("RevisionId")
	assert.Equal(t, `{"Policy":"{}","RevisionId":"`+revision+`"}`, string(a.must("GetResourcePolicy", `{"ResourceArn":"`+notesARN+`"}`).text))
	a.fails("PolicyNotFoundException: The operation failed because the revision ID provided doesn't match the latest revision ID of the policy",
		"DeleteResourcePolicy", `{"ResourceArn":"`+notesARN+`","ExpectedRevisionId":"1"}`)
	a.must("DeleteResourcePolicy", `{"ResourceArn":"`+notesARN+`","ExpectedRevisionId":"`+revision+`"}`)
	a.fails(missing, "GetResourcePolicy", `{"ResourceArn":"`+notesARN+`"}`)
}

func TestPointInTimeRecoveryIsAFlag(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.fails("TableNotFoundException: Table not found: notes", "DescribeContinuousBackups", `{"TableName":"notes"}`)
	a.create("notes", keyed, onDemand)
	a.must("UpdateContinuousBackups", `{"TableName":"notes","PointInTimeRecoverySpecification":{"PointInTimeRecoveryEnabled":true}}`)
	assert.Equal(t, `{"ContinuousBackupsDescription":{"ContinuousBackupsStatus":"ENABLED","PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"ENABLED",`+
		`"RecoveryPeriodInDays":35,"EarliestRestorableDateTime":1772366400.5,"LatestRestorableDateTime":1772366400.5}}}`,
		string(a.must("DescribeContinuousBackups", `{"TableName":"notes"}`).text))
}

func TestTheAccountIsDescribed(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	assert.Equal(t, `{"AccountMaxReadCapacityUnits":80000,"AccountMaxWriteCapacityUnits":80000,"TableMaxReadCapacityUnits":40000,"TableMaxWriteCapacityUnits":40000}`,
		string(a.must("DescribeLimits", `{}`).text))
	assert.Equal(t, `{"Endpoints":[{"Address":"localhost:8000","CachePeriodInMinutes":1440}]}`, string(a.must("DescribeEndpoints", `{}`).text))
	assert.Equal(t, `{"BackupSummaries":[]}`, string(a.must("ListBackups", `{}`).text))
}
