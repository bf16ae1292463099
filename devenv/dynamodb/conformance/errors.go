package conformance

var errorCases = []Case{
	of("the body of a refusal", Step{
		operation: "GetItem", request: `{"TableName":"@missing","Key":{"pk":{"S":"x"}}}`, exception: "ResourceNotFoundException",
		want: `{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"Requested resource not found"}`, exact: true,
	}),
	of("the body of a validation", Step{
		operation: "GetItem", request: `{"TableName":"@hash","Key":{}}`, exception: "ValidationException",
		want: `{"__type":"com.amazon.coral.validate#ValidationException","message":"` + keyElement + `"}`, exact: true,
	}),
	of("the body of a shapeless request", Step{
		operation: "GetItem", request: `{"TableName":1}`, exception: "SerializationException",
		want: `{"__type":"com.amazon.coral.service#SerializationException","Message":"*"}`, exact: true,
	}),
	of("a refusal has a checksum", Step{operation: "GetItem", request: `{"TableName":"@missing","Key":{"pk":{"S":"x"}}}`, exception: "ResourceNotFoundException", header: "X-Amz-Crc32"}),
	of("a short table name", invalid("GetItem", `{"TableName":"ab","Key":{"pk":{"S":"x"}}}`, "")),
	of("no table name", invalid("GetItem", `{"Key":{"pk":{"S":"x"}}}`, "1 validation error detected: Value null at 'tableName' failed to satisfy constraint: Member must not be null")),
	of("no table name nor key", invalid("GetItem", `{}`,
		"~2 validation errors detected: (Value null at 'tableName' failed to satisfy constraint: Member must not be null|Value null at 'key' failed to satisfy constraint: Member must not be null|; ){3}")),
	of("no table name of a query", invalid("Query", `{}`, "1 validation error detected: Value null at 'tableName' failed to satisfy constraint: Member must not be null")),
	of("no table name of a scan", invalid("Scan", `{}`, "1 validation error detected: Value null at 'tableName' failed to satisfy constraint: Member must not be null")),
}
