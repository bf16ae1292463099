package conformance

var tagCases = []Case{
	of("tags of a new table", create(`"Tags":[{"Key":"a","Value":"1"}],`+onDemand+","+hashDefinition),
		becomes("DescribeTable", `{"TableName":"$own"}`, `{"Table":{"...":true,"TableStatus":"ACTIVE","TableArn":"=arn"}}`),
		becomes("ListTagsOfResource", `{"ResourceArn":"$arn"}`, `{"Tags":[{"Key":"a","Value":"1"}]}`),
		answers("TagResource", `{"ResourceArn":"$arn","Tags":[{"Key":"b","Value":"2"},{"Key":"a","Value":"3"}]}`, `{}`),
		becomes("ListTagsOfResource", `{"ResourceArn":"$arn"}`, `{"Tags":["any order",{"Key":"a","Value":"3"},{"Key":"b","Value":"2"}]}`),
		answers("UntagResource", `{"ResourceArn":"$arn","TagKeys":["a","nope"]}`, `{}`),
		becomes("ListTagsOfResource", `{"ResourceArn":"$arn"}`, `{"Tags":[{"Key":"b","Value":"2"}]}`)),
	of("no tags", answers("DescribeTable", `{"TableName":"@hash"}`, `{"Table":{"...":true,"TableArn":"=arn"}}`), answers("ListTagsOfResource", `{"ResourceArn":"$arn"}`, `{"Tags":[]}`)),
	of("of nothing", answers("DescribeTable", `{"TableName":"@hash"}`, `{"Table":{"...":true,"TableArn":"=arn"}}`), invalid("TagResource", `{"ResourceArn":"$arn","Tags":[]}`, "Atleast one Tag needs to be provided as Input.")),
	of("of a missing table", answers("DescribeTable", `{"TableName":"@hash"}`, `{"Table":{"...":true,"TableArn":"=arn"}}`),
		fails("ListTagsOfResource", `{"ResourceArn":"$arn-x"}`, "ResourceNotFoundException: Requested resource not found: ResourcArn: $arn-x not found")),
}
