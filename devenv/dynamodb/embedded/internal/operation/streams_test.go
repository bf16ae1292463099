package operation_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const bothImages = `"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_AND_OLD_IMAGES"}`

// A stream is that of the table "notes".
type stream struct {
	*account
	arn, shard string
}

func newStream(t *testing.T) *stream {
	t.Helper()
	a := newAccount(t)
	s := &stream{account: a, arn: a.create("notes", keyed, onDemand, bothImages).string("TableDescription", "LatestStreamArn")}
	s.shard = s.must("DescribeStream", `{"StreamArn":"`+s.arn+`"}`).string("StreamDescription", "Shards", 0, "ShardId")
	return s
}

func (s *stream) put(key, value string) {
	s.Helper()
	s.must("PutItem", `{"TableName":"notes","Item":{"a":{"S":"`+key+`"},"v":{"N":"`+value+`"}}}`)
}

// iterator returns a shard iterator; more are further members of the request.
func (s *stream) iterator(kind, more string) string {
	s.Helper()
	return s.must("GetShardIterator", `{"StreamArn":"`+s.arn+`","ShardId":"`+s.shard+`","ShardIteratorType":"`+kind+`"`+more+`}`).string("ShardIterator")
}

// read returns records and the next iterator.
func (s *stream) read(iterator string) answer {
	s.Helper()
	return s.must("GetRecords", `{"ShardIterator":"`+iterator+`"}`)
}

func TestRecordsTellWhatChanged(t *testing.T) {
	t.Parallel()
	s := newStream(t)
	s.put("x", "1")
	s.put("x", "2")
	s.put("x", "2") // changes nothing
	s.must("DeleteItem", `{"TableName":"notes","Key":{"a":{"S":"x"}}}`)
	read := s.read(s.iterator("TRIM_HORIZON", ""))
	for i, want := range []struct{ event, images string }{
		{`"INSERT"`, `"NewImage":{"a":{"S":"x"},"v":{"N":"1"}}`},
		{`"MODIFY"`, `"NewImage":{"a":{"S":"x"},"v":{"N":"2"}},"OldImage":{"a":{"S":"x"},"v":{"N":"1"}}`},
		{`"REMOVE"`, `"OldImage":{"a":{"S":"x"},"v":{"N":"2"}}`},
	} {
		assert.Equal(t, want.event, read.at("Records", i, "eventName"))
		assert.Contains(t, read.at("Records", i, "dynamodb"), `"Keys":{"a":{"S":"x"}},`+want.images+`,"SequenceNumber":"1`)
	}
	assert.Regexp(t, `^\{"eventID":"[0-9a-f]{32}","eventName":"INSERT","eventVersion":"1.1","eventSource":"aws:dynamodb","awsRegion":"eu-central-1",`+
		`"dynamodb":\{"ApproximateCreationDateTime":1772366400,"Keys":.*,"SequenceNumber":"[0-9]{21}","SizeBytes":7,"StreamViewType":"NEW_AND_OLD_IMAGES"\}\}$`,
		read.at("Records", 0))
	next := s.read(read.string("NextShardIterator"))
	assert.Equal(t, `[]`, next.at("Records"))
	s.put("y", "1")
	assert.Equal(t, `{"a":{"S":"y"}}`, s.read(next.string("NextShardIterator")).at("Records", 0, "dynamodb", "Keys"))
}

func TestIteratorsBeginWhereTheyAreTold(t *testing.T) {
	t.Parallel()
	s := newStream(t)
	s.put("x", "1")
	latest := s.iterator("LATEST", "")
	s.put("y", "1")
	second := s.read(latest).string("Records", 0, "dynamodb", "SequenceNumber")
	first := s.read(s.iterator("TRIM_HORIZON", "")).string("Records", 0, "dynamodb", "SequenceNumber")
	assert.Less(t, first, second)
	for kind, key := range map[string]string{"AT_SEQUENCE_NUMBER": "x", "AFTER_SEQUENCE_NUMBER": "y"} {
		read := s.read(s.iterator(kind, `,"SequenceNumber":"`+first+`"`))
		assert.Equal(t, `{"a":{"S":"`+key+`"}}`, read.at("Records", 0, "dynamodb", "Keys"), kind)
	}
	one := s.must("GetRecords", `{"Limit":1,"ShardIterator":"`+s.iterator("TRIM_HORIZON", "")+`"}`)
	assert.Equal(t, second, s.read(one.string("NextShardIterator")).string("Records", 0, "dynamodb", "SequenceNumber"))
}

func TestAnExpiredItemIsRemovedByTheService(t *testing.T) {
	t.Parallel()
	s := newStream(t)
	s.must("UpdateTimeToLive", `{"TableName":"notes","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"v"}}`)
	s.put("x", "1772366401")
	s.wait(time.Minute)
	require.NoError(t, s.db.Sweep())
	read := s.read(s.iterator("TRIM_HORIZON", ""))
	assert.Empty(t, read.at("Records", 0, "userIdentity"))
	assert.Equal(t, `"REMOVE"`, read.at("Records", 1, "eventName"))
	assert.Equal(t, `{"PrincipalId":"dynamodb.amazonaws.com","Type":"Service"}`, read.at("Records", 1, "userIdentity"))
}

func TestAClosedStreamEnds(t *testing.T) {
	t.Parallel()
	s := newStream(t)
	s.put("x", "1")
	closing := s.must("UpdateTable", `{"TableName":"notes","StreamSpecification":{"StreamEnabled":false}}`)
	assert.Empty(t, closing.at("TableDescription", "StreamSpecification"))
	assert.Equal(t, s.arn, closing.string("TableDescription", "LatestStreamArn"))
	s.put("y", "1")
	read := s.read(s.iterator("TRIM_HORIZON", ""))
	assert.NotEmpty(t, read.at("Records", 0))
	assert.Empty(t, read.at("NextShardIterator"))
	described := s.must("DescribeStream", `{"StreamArn":"`+s.arn+`"}`)
	assert.Equal(t, `"DISABLED"`, described.at("StreamDescription", "StreamStatus"))
	assert.NotEmpty(t, described.at("StreamDescription", "Shards", 0, "SequenceNumberRange", "EndingSequenceNumber"))

	again := s.must("UpdateTable", `{"TableName":"notes",`+bothImages+`}`).string("TableDescription", "LatestStreamArn")
	assert.NotEqual(t, s.arn, again)
	s.fails("ValidationException: Table already has an enabled stream: TableName: notes", "UpdateTable", `{"TableName":"notes",`+bothImages+`}`)
	assert.Equal(t, `{"Streams":[{"StreamArn":"`+s.arn+`","TableName":"notes","StreamLabel":"2026-03-01T12:00:00.500"}],"LastEvaluatedStreamArn":"`+s.arn+`"}`,
		string(s.must("ListStreams", `{"TableName":"notes","Limit":1}`).text))
	assert.Equal(t, again, s.must("ListStreams", `{"ExclusiveStartStreamArn":"`+s.arn+`"}`).string("Streams", 0, "StreamArn"))
	assert.Equal(t, `{"Streams":[]}`, string(s.must("ListStreams", `{"TableName":"other"}`).text))
}

func TestTheStreamOfADeletedTableCanBeRead(t *testing.T) {
	t.Parallel()
	s := newStream(t)
	s.put("x", "1")
	iterator := s.iterator("TRIM_HORIZON", "")
	s.must("DeleteTable", `{"TableName":"notes"}`)
	assert.NotEmpty(t, s.read(iterator).at("Records", 0))
	again := s.create("notes", keyed, onDemand, bothImages).string("TableDescription", "LatestStreamArn")
	assert.NotEqual(t, s.arn, again, "two streams of tables of one name within a millisecond")
}

func TestStreamsRefuse(t *testing.T) {
	t.Parallel()
	s := newStream(t)
	const missing = "arn:aws:dynamodb:eu-central-1:000000000000:table/other/stream/2020-01-01T00:00:00.000"
	iterator := s.iterator("TRIM_HORIZON", "")
	for _, c := range []struct{ target, body, want string }{
		{"DescribeStream", `{}`, "ValidationException: 1 validation error detected: Value null at 'streamArn' failed to satisfy constraint: Member must not be null"},
		{"DescribeStream", `{"StreamArn":"` + missing + `"}`, "ResourceNotFoundException: Requested resource not found: Stream: " + missing + " not found"},
		{
			"GetShardIterator", `{"StreamArn":"` + s.arn + `","ShardId":"` + s.shard + `9","ShardIteratorType":"LATEST"}`,
			"ResourceNotFoundException: Requested resource not found: Shard does not exist",
		},
		{
			"GetShardIterator", `{"StreamArn":"` + s.arn + `","ShardId":"` + s.shard + `","ShardIteratorType":"AT_SEQUENCE_NUMBER"}`,
			invalid + "Invalid SequenceNumber",
		},
		{
			"GetShardIterator", `{"StreamArn":"` + s.arn + `","ShardId":"` + s.shard + `","ShardIteratorType":"AT_SEQUENCE_NUMBER","SequenceNumber":"199999999999999999999"}`,
			invalid + "Invalid SequenceNumber",
		},
		{
			"GetShardIterator", `{"StreamArn":"` + s.arn + `","ShardId":"` + s.shard + `","ShardIteratorType":"LATEST","SequenceNumber":"100000000000000000001"}`,
			invalid + "SequenceNumber should not be passed for this iterator type",
		},
		{"GetRecords", `{"ShardIterator":"x"}`, "ValidationException: Invalid ShardIterator"},
		{"GetRecords", `{"ShardIterator":"` + iterator + `","Limit":1001}`, invalid + "Limit should be less than or equal to 1000"},
	} {
		s.fails(c.want, c.target, c.body)
	}
	s.wait(16 * time.Minute)
	_, err := s.perform("GetRecords", `{"ShardIterator":"`+iterator+`"}`)
	require.ErrorContains(t, err, "ExpiredIteratorException: ")
}

func TestRecordsThatWereTrimmedCannotBeAskedFor(t *testing.T) {
	t.Parallel()
	s := newStream(t)
	s.put("x", "1")
	first := s.read(s.iterator("TRIM_HORIZON", "")).string("Records", 0, "dynamodb", "SequenceNumber")
	s.wait(25 * time.Hour)
	s.put("y", "1")
	require.NoError(t, s.db.Sweep())
	_, err := s.perform("GetShardIterator", `{"StreamArn":"`+s.arn+`","ShardId":"`+s.shard+`","ShardIteratorType":"AT_SEQUENCE_NUMBER","SequenceNumber":"`+first+`"}`)
	require.ErrorContains(t, err, "TrimmedDataAccessException: ")
	assert.Equal(t, `{"a":{"S":"y"}}`, s.read(s.iterator("TRIM_HORIZON", "")).at("Records", 0, "dynamodb", "Keys"))
}
