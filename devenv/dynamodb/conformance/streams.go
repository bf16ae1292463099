package conformance

// streamed makes the case's own table with a stream, known as $stream.
func streamed(view string) []Step {
	return []Step{
		create(`"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"` + view + `"},` + onDemand + `,` + hashDefinition),
		becomes("DescribeTable", `{"TableName":"$own"}`, `{"Table":{"...":true,"TableStatus":"ACTIVE","LatestStreamArn":"=stream"}}`),
	}
}

// records reads the stream from its start until it has what is wanted.
func records(want string) []Step {
	return []Step{
		becomes("DescribeStream", `{"StreamArn":"$stream"}`, `{"StreamDescription":{"...":true,"StreamStatus":"ENABLED","Shards":[{"...":true,"ShardId":"=shard"}]}}`),
		answers("GetShardIterator", `{"StreamArn":"$stream","ShardId":"$shard","ShardIteratorType":"TRIM_HORIZON"}`, `{"ShardIterator":"=iterator"}`),
		becomes("GetRecords", `{"ShardIterator":"$iterator"}`, `{"Records":[`+want+`],"NextShardIterator":"*"}`),
	}
}

func record(event, images string) string {
	return `{"eventID":"~[0-9a-f]{32}","eventName":"` + event + `","eventVersion":"1.1","eventSource":"aws:dynamodb","awsRegion":"~[a-z0-9-]+",
		"dynamodb":{"ApproximateCreationDateTime":"~[0-9.]+(E9)?","Keys":{"pk":{"S":"1"}},"SequenceNumber":"~[0-9]{21,40}",` + images + `}}`
}

func streaming(name, view string, steps ...[]Step) Case {
	all := streamed(view)
	for _, more := range steps {
		all = append(all, more...)
	}
	return of(name, all...)
}

const (
	versionOne = `{"pk":{"S":"1"},"a":{"N":"1"}}`
	versionTwo = `{"pk":{"S":"1"},"a":{"N":"2"}}`
)

var threeWrites = []Step{put("$own", versionOne), put("$own", versionTwo), put("$own", versionTwo), answers("DeleteItem", `{"TableName":"$own","Key":{"pk":{"S":"1"}}}`, `{}`)}

var streamCases = []Case{
	streaming("both images; a write that changes nothing is no record", "NEW_AND_OLD_IMAGES", threeWrites, records(
		record("INSERT", `"NewImage":`+versionOne+`,"SizeBytes":9,"StreamViewType":"NEW_AND_OLD_IMAGES"`)+","+
			record("MODIFY", `"NewImage":`+versionTwo+`,"OldImage":`+versionOne+`,"SizeBytes":15,"StreamViewType":"NEW_AND_OLD_IMAGES"`)+","+
			record("REMOVE", `"OldImage":`+versionTwo+`,"SizeBytes":9,"StreamViewType":"NEW_AND_OLD_IMAGES"`))),
	streaming("keys only", "KEYS_ONLY", threeWrites, records(
		record("INSERT", `"SizeBytes":3,"StreamViewType":"KEYS_ONLY"`)+","+record("MODIFY", `"SizeBytes":3,"StreamViewType":"KEYS_ONLY"`)+","+record("REMOVE", `"SizeBytes":3,"StreamViewType":"KEYS_ONLY"`))),
	streaming("new images", "NEW_IMAGE", threeWrites, records(
		record("INSERT", `"NewImage":`+versionOne+`,"SizeBytes":"*","StreamViewType":"NEW_IMAGE"`)+","+record("MODIFY", `"NewImage":`+versionTwo+`,"SizeBytes":"*","StreamViewType":"NEW_IMAGE"`)+","+record("REMOVE", `"SizeBytes":"*","StreamViewType":"NEW_IMAGE"`))),
	streaming("old images", "OLD_IMAGE", threeWrites, records(
		record("INSERT", `"SizeBytes":"*","StreamViewType":"OLD_IMAGE"`)+","+record("MODIFY", `"OldImage":`+versionOne+`,"SizeBytes":"*","StreamViewType":"OLD_IMAGE"`)+","+record("REMOVE", `"OldImage":`+versionTwo+`,"SizeBytes":"*","StreamViewType":"OLD_IMAGE"`))),
	streaming("a stream is described and listed", "KEYS_ONLY", []Step{
		becomes("DescribeStream", `{"StreamArn":"$stream"}`, `{"StreamDescription":{"StreamArn":"$stream","StreamLabel":"*","StreamStatus":"ENABLED","StreamViewType":"KEYS_ONLY","CreationRequestDateTime":"*","TableName":"$own",
			"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],"Shards":[{"ShardId":"~shardId-[0-9]{20}-[0-9a-f]+","SequenceNumberRange":{"StartingSequenceNumber":"*"}}]}}`),
		answers("ListStreams", `{"TableName":"$own"}`, `{"Streams":[{"StreamArn":"$stream","TableName":"$own","StreamLabel":"*"}]}`),
		fails("GetShardIterator", `{"StreamArn":"$stream","ShardId":"shardId-00000000000000000000-00000000","ShardIteratorType":"LATEST"}`, "ResourceNotFoundException"),
		answers("UpdateTable", `{"TableName":"$own","StreamSpecification":{"StreamEnabled":false}}`, `{"TableDescription":{"...":true,"TableName":"$own"}}`),
		becomes("DescribeStream", `{"StreamArn":"$stream"}`, `{"StreamDescription":{"...":true,"StreamStatus":"DISABLED"}}`),
	}),
	streaming("a stream is on already", "KEYS_ONLY", []Step{invalid("UpdateTable", `{"TableName":"$own","StreamSpecification":{"StreamEnabled":true,"StreamViewType":"KEYS_ONLY"}}`, "Table already has an enabled stream: TableName: $own")}),
	of("a stream is off already", invalid("UpdateTable", `{"TableName":"@hash","StreamSpecification":{"StreamEnabled":false}}`, "Table does not have a stream to disable: TableName: @hash")).anyMessage(),
	of("a missing stream", fails("DescribeStream", `{"StreamArn":"arn:aws:dynamodb:eu-central-1:123456789012:table/@missing/stream/2020-01-01T00:00:00.000"}`, "ResourceNotFoundException")),
	of("a wrong iterator", invalid("GetRecords", `{"ShardIterator":"x"}`, "Invalid ShardIterator")).anyMessage(),
	of("an unknown kind of iterator", invalid("GetShardIterator", `{"StreamArn":"arn:aws:dynamodb:eu-central-1:123456789012:table/@missing/stream/2020-01-01T00:00:00.000","ShardId":"shardId-00000000000000000000-00000000","ShardIteratorType":"X"}`,
		"1 validation error detected: Value 'X' at 'shardIteratorType' failed to satisfy constraint: Member must satisfy enum value set: [AT_SEQUENCE_NUMBER, LATEST, AFTER_SEQUENCE_NUMBER, TRIM_HORIZON]")),
}
