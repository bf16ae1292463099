package conformance

var limitCases = []Case{
	of("a partition key of 2048 bytes", put("@hash", `{"pk":{"S":"{{2048}}"}}`)),
	of("a partition key of 2049 bytes", invalid("PutItem", `{"TableName":"@hash","Item":{"pk":{"S":"{{2049}}"}}}`, oneInvalid+"Size of hashkey has exceeded the maximum size limit of2048 bytes")),
	of("a partition key of 2049 bytes is read", invalid("GetItem", `{"TableName":"@hash","Key":{"pk":{"S":"{{2049}}"}}}`, oneInvalid+"Size of hashkey has exceeded the maximum size limit of2048 bytes")),
	of("a sort key of 1024 bytes", put("@range", `{"pk":{"S":"$id"},"sk":{"S":"{{1024}}"}}`)),
	of("a sort key of 1025 bytes", invalid("PutItem", `{"TableName":"@range","Item":{"pk":{"S":"$id"},"sk":{"S":"{{1025}}"}}}`, oneInvalid+"Aggregated size of all range keys has exceeded the size limit of 1024 bytes")),
	// pk is 2 + 26 bytes, a is 1: 409600 - 29 = 409571.
	of("an item of 400 KB", put("@hash", `{"pk":{"S":"$id"},"a":{"S":"{{409571}}"}}`)),
	of("an item of 400 KB and a byte", invalid("PutItem", `{"TableName":"@hash","Item":{"pk":{"S":"$id"},"a":{"S":"{{409572}}"}}}`, "Item size has exceeded the maximum allowed size")),
	of("an item that grows too large", put("@hash", `{"pk":{"S":"$id"},"a":{"S":"{{409571}}"}}`), updateInvalid(`"UpdateExpression":"SET b = :v","ExpressionAttributeValues":{":v":{"S":""}}`, "Item size to update has exceeded the maximum allowed size")),
	of("a batch with an item that is too large", invalid("BatchWriteItem", `{"RequestItems":{"@hash":[{"PutRequest":{"Item":{"pk":{"S":"$id"},"a":{"S":"{{409600}}"}}}}]}}`, "Item size has exceeded the maximum allowed size")),
	of("a page of a query ends after 1 MB", put("@sorted", `{"pk":{"S":"$id"},"sk":{"N":"1"},"a":{"S":"{{400000}}"}}`), put("@sorted", `{"pk":{"S":"$id"},"sk":{"N":"2"},"a":{"S":"{{400000}}"}}`),
		put("@sorted", `{"pk":{"S":"$id"},"sk":{"N":"3"},"a":{"S":"{{400000}}"}}`), put("@sorted", `{"pk":{"S":"$id"},"sk":{"N":"4"},"a":{"S":"{{400000}}"}}`),
		answers("Query", `{"TableName":"@sorted","ProjectionExpression":"sk","KeyConditionExpression":"pk = :p","ExpressionAttributeValues":{":p":{"S":"$id"}}}`,
			`{"Count":3,"ScannedCount":3,"Items":[{"sk":{"N":"1"}},{"sk":{"N":"2"}},{"sk":{"N":"3"}}],"LastEvaluatedKey":{"pk":{"S":"$id"},"sk":{"N":"3"}}}`)),
	of("a name of 65535 bytes", put("@hash", `{"pk":{"S":"$id"},"{{65535}}":{"S":"a"}}`)),
	of("a name of 65536 bytes", invalid("PutItem", `{"TableName":"@hash","Item":{"pk":{"S":"$id"},"{{65536}}":{"S":"a"}}}`, "Attribute name is too large, must be less than 65536 bytes")),
	of("values of more than 2 MB", invalid("PutItem", `{"TableName":"@hash","Item":{"pk":{"S":"$id"}},"ConditionExpression":"a IN (:a, :b, :c)","ExpressionAttributeValues":{":a":{"S":"{{800000}}"},":b":{"S":"{{800000}}"},":c":{"S":"{{800000}}"}}}`, "ExpressionAttributeValues exceeds max size")),
	of("a page of a query ends after 1 MB of what the filter drops", put("@sorted", `{"pk":{"S":"$id"},"sk":{"N":"1"},"a":{"S":"{{400000}}"}}`), put("@sorted", `{"pk":{"S":"$id"},"sk":{"N":"2"},"a":{"S":"{{400000}}"}}`),
		put("@sorted", `{"pk":{"S":"$id"},"sk":{"N":"3"},"a":{"S":"{{400000}}"}}`), put("@sorted", `{"pk":{"S":"$id"},"sk":{"N":"4"},"b":{"S":"x"}}`),
		answers("Query", `{"TableName":"@sorted","KeyConditionExpression":"pk = :p","FilterExpression":"attribute_exists(b)","ExpressionAttributeValues":{":p":{"S":"$id"}}}`,
			`{"Count":0,"ScannedCount":3,"Items":[],"LastEvaluatedKey":{"pk":{"S":"$id"},"sk":{"N":"3"}}}`)),
	of("a set of one empty string", put("@hash", `{"pk":{"S":"$id"},"s":{"SS":[""]}}`)),
	of("a list of 1000", put("@hash", `{"pk":{"S":"$id"},"l":{"L":[`+list(600, `{"S":"%"}`)+`]}}`)),
}
