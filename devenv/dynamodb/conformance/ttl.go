package conformance

var ttlCases = []Case{
	of("off at first", answers("DescribeTimeToLive", `{"TableName":"@hash"}`, `{"TimeToLiveDescription":{"TimeToLiveStatus":"DISABLED"}}`)),
	of("on", create(onDemand+","+hashDefinition), active("$own"),
		answers("UpdateTimeToLive", `{"TableName":"$own","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"ttl"}}`, `{"TimeToLiveSpecification":{"Enabled":true,"AttributeName":"ttl"}}`),
		answers("DescribeTimeToLive", `{"TableName":"$own"}`, `{"TimeToLiveDescription":{"TimeToLiveStatus":"~ENABL(ING|ED)","AttributeName":"ttl"}}`),
		fails("UpdateTimeToLive", `{"TableName":"$own","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"ttl"}}`, "ValidationException: TimeToLive is already enabled")),
	of("on for another attribute", create(onDemand+","+hashDefinition), active("$own"),
		answers("UpdateTimeToLive", `{"TableName":"$own","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"ttl"}}`, `{"TimeToLiveSpecification":{"Enabled":true,"AttributeName":"ttl"}}`),
		invalid("UpdateTimeToLive", `{"TableName":"$own","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"other"}}`, "TimeToLive is active on a different AttributeName: current AttributeName is ttl")),
	of("off twice", invalid("UpdateTimeToLive", `{"TableName":"@hash","TimeToLiveSpecification":{"Enabled":false,"AttributeName":"ttl"}}`, "TimeToLive is already disabled")),
	of("of a missing table", fails("UpdateTimeToLive", `{"TableName":"@missing","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"ttl"}}`, "ResourceNotFoundException: Requested resource not found: Table: @missing not found")),
	of("described for a missing table", fails("DescribeTimeToLive", `{"TableName":"@missing"}`, "ResourceNotFoundException: Requested resource not found: Table: @missing not found")),
	of("without specification", invalid("UpdateTimeToLive", `{"TableName":"@hash"}`, "1 validation error detected: Value null at 'timeToLiveSpecification' failed to satisfy constraint: Member must not be null")),
	of("without attribute", invalid("UpdateTimeToLive", `{"TableName":"@hash","TimeToLiveSpecification":{"Enabled":true}}`, "1 validation error detected: Value null at 'timeToLiveSpecification.attributeName' failed to satisfy constraint: Member must not be null")),
}
