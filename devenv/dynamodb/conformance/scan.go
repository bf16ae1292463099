package conformance

// scan asks @seed.
func scan(rest, want string) Step { return answers("Scan", `{"TableName":"@seed"`+rest+`}`, want) }

func scanInvalid(rest, message string) Step {
	return invalid("Scan", `{"TableName":"@seed"`+rest+`}`, message)
}

var allSeeds = seeded("a", "1", "2", "3", "4", "5") + "," + seeded("b", "-1", "9", "10")

var scanCases = []Case{
	of("everything", scan(``, `{"Count":8,"ScannedCount":8,"Items":["any order",`+allSeeds+`]}`)),
	of("COUNT", scan(`,"Select":"COUNT"`, `{"Count":8,"ScannedCount":8}`)),
	of("a filter may name keys", scan(`,"FilterExpression":"pk = :p AND sk > :n","ExpressionAttributeValues":{":p":{"S":"a"},":n":{"N":"4"}}`, `{"Count":1,"ScannedCount":8,"Items":[`+seeded("a", "5")+`]}`)),
	of("a projection", scan(`,"FilterExpression":"n = :n","ProjectionExpression":"a","ExpressionAttributeValues":{":n":{"N":"4"}}`, `{"Count":1,"ScannedCount":8,"Items":[{"a":{"S":"x4"}}]}`)),
	of("pages", scan(`,"Limit":5`, `{"Count":5,"ScannedCount":5,"Items":"*","LastEvaluatedKey":{"pk":{"S":"=p"},"sk":{"N":"=n"}}}`),
		scan(`,"Limit":5,"ExclusiveStartKey":{"pk":{"S":"$p"},"sk":{"N":"$n"}}`, `{"Count":3,"ScannedCount":3,"Items":"*"}`)),
	of("a page that ends with the table", scan(`,"Limit":8`, `{"Count":8,"ScannedCount":8,"Items":"*","LastEvaluatedKey":{"pk":{"S":"=p"},"sk":{"N":"=n"}}}`),
		scan(`,"ExclusiveStartKey":{"pk":{"S":"$p"},"sk":{"N":"$n"}}`, `{"Count":0,"ScannedCount":0,"Items":[]}`)),
	of("sort keys are in order within a partition", scan(`,"FilterExpression":"pk = :p","ProjectionExpression":"sk","ExpressionAttributeValues":{":p":{"S":"b"}}`,
		`{"Count":3,"ScannedCount":8,"Items":[{"sk":{"N":"-1"}},{"sk":{"N":"9"}},{"sk":{"N":"10"}}]}`)),
	of("one segment is everything", scan(`,"Segment":0,"TotalSegments":1,"Select":"COUNT"`, `{"Count":8,"ScannedCount":8}`)),
	of("a global index", scan(`,"IndexName":"keys"`, `{"Count":3,"ScannedCount":3,"Items":["any order",{"pk":{"S":"a"},"sk":{"N":"1"},"gpk":{"S":"g"}},{"pk":{"S":"a"},"sk":{"N":"3"},"gpk":{"S":"g"}},{"pk":{"S":"a"},"sk":{"N":"5"},"gpk":{"S":"g"}}]}`)),
	of("a local index, consistently", scan(`,"IndexName":"lsi","ConsistentRead":true,"Select":"COUNT"`, `{"Count":4,"ScannedCount":4}`)),
	of("a segment without total", scanInvalid(`,"Segment":0`, "The TotalSegments parameter is required but was not present in the request when Segment parameter is present")),
	of("a total without segment", scanInvalid(`,"TotalSegments":2`, "The Segment parameter is required but was not present in the request when parameter TotalSegments is present")),
	of("a segment too far", scanInvalid(`,"Segment":2,"TotalSegments":2`, "The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: 2 is not less than TotalSegments: 2")),
	of("a negative segment", scanInvalid(`,"Segment":-1,"TotalSegments":2`, "1 validation error detected: Value '-1' at 'segment' failed to satisfy constraint: Member must have value greater than or equal to 0")),
	of("no segments", scanInvalid(`,"Segment":0,"TotalSegments":0`, "1 validation error detected: Value '0' at 'totalSegments' failed to satisfy constraint: Member must have value greater than or equal to 1")),
	of("too many segments", scanInvalid(`,"Segment":0,"TotalSegments":1000001`, "1 validation error detected: Value '1000001' at 'totalSegments' failed to satisfy constraint: Member must have value less than or equal to 1000000")),
	of("limit of none", scanInvalid(`,"Limit":0`, "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1")),
	of("a missing index", scanInvalid(`,"IndexName":"nope"`, "The table does not have the specified index: nope")),
	of("a consistent read of a global index", scanInvalid(`,"IndexName":"gsi","ConsistentRead":true`, "Consistent reads are not supported on global secondary indexes")),
	of("SPECIFIC_ATTRIBUTES without any", scanInvalid(`,"Select":"SPECIFIC_ATTRIBUTES"`, "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")),
	of("ALL_PROJECTED_ATTRIBUTES of a table", scanInvalid(`,"Select":"ALL_PROJECTED_ATTRIBUTES"`, "~ALL_PROJECTED_ATTRIBUTES can be used only when (Querying|Scanning) using an IndexName")),
	of("start key with too few attributes", scanInvalid(`,"ExclusiveStartKey":{"pk":{"S":"a"}}`, "The provided starting key is invalid: The provided key element does not match the schema")),
	of("start key of another type", scanInvalid(`,"ExclusiveStartKey":{"pk":{"N":"1"},"sk":{"N":"1"}}`, "The provided starting key is invalid: The provided key element does not match the schema")),
	of("an empty filter", scanInvalid(`,"FilterExpression":""`, "Invalid FilterExpression: The expression can not be empty;")),
	of("a syntax error", scanInvalid(`,"FilterExpression":"a =="`, `Invalid FilterExpression: Syntax error; token: "=", near: "=="`)),
	of("values without filter", scanInvalid(`,"ExpressionAttributeValues":{":v":{"N":"1"}}`, "ExpressionAttributeValues can only be specified when using expressions: FilterExpression is null")),
	of("both kinds of filter", scanInvalid(`,"FilterExpression":"attribute_exists(a)","ScanFilter":{"a":{"ComparisonOperator":"NULL"}}`,
		"Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {ScanFilter} Expression parameters: {FilterExpression}")),
	of("missing table", fails("Scan", `{"TableName":"@missing"}`, "ResourceNotFoundException: Requested resource not found")),
	of("segments share the table", answers("Scan", `{"TableName":"@seed","Segment":0,"TotalSegments":3,"Select":"COUNT"}`, `{"Count":"=x","ScannedCount":"*"}`),
		answers("Scan", `{"TableName":"@seed","Segment":0,"TotalSegments":3,"Select":"COUNT"}`, `{"Count":"~$x","ScannedCount":"*"}`)),
}
