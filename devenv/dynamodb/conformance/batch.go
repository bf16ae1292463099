package conformance

import "strings"

// list repeats an entry that has to be different each time: % becomes a number.
func list(n int, entry string) string {
	entries := make([]string, n)
	for i := range entries {
		entries[i] = strings.ReplaceAll(entry, "%", string(rune('a'+i/26))+string(rune('a'+i%26)))
	}
	return strings.Join(entries, ",")
}

var batchCases = []Case{
	of("puts and deletes in two tables", put("@hash", `{"pk":{"S":"$id-old"}}`),
		answers("BatchWriteItem", `{"RequestItems":{"@hash":[{"PutRequest":{"Item":{"pk":{"S":"$id"},"a":{"N":"1"}}}},{"DeleteRequest":{"Key":{"pk":{"S":"$id-old"}}}}],"@range":[{"PutRequest":{"Item":{"pk":{"S":"$id"},"sk":{"S":"x"}}}}]}}`, `{"UnprocessedItems":{}}`),
		has("@hash", `{"pk":{"S":"$id"}}`, `{"pk":{"S":"$id"},"a":{"N":"1"}}`), gone(`{"pk":{"S":"$id-old"}}`), has("@range", `{"pk":{"S":"$id"},"sk":{"S":"x"}}`, `{"pk":{"S":"$id"},"sk":{"S":"x"}}`),
		answers("BatchGetItem", `{"RequestItems":{"@hash":{"Keys":[{"pk":{"S":"$id"}},{"pk":{"S":"$id-old"}}],"ConsistentRead":true},"@range":{"Keys":[{"pk":{"S":"$id"},"sk":{"S":"x"}}],"ProjectionExpression":"sk"}}}`,
			`{"Responses":{"@hash":[{"pk":{"S":"$id"},"a":{"N":"1"}}],"@range":[{"sk":{"S":"x"}}]},"UnprocessedKeys":{}}`)),
	of("nothing is found", answers("BatchGetItem", `{"RequestItems":{"@hash":{"Keys":[{"pk":{"S":"$id"}}]}}}`, `{"Responses":{"@hash":[]},"UnprocessedKeys":{}}`)),
	of("25 writes", answers("BatchWriteItem", `{"RequestItems":{"@hash":[`+list(25, `{"PutRequest":{"Item":{"pk":{"S":"$id-%"}}}}`)+`]}}`, `{"UnprocessedItems":{}}`)),
	of("26 writes", invalid("BatchWriteItem", `{"RequestItems":{"@hash":[`+list(26, `{"PutRequest":{"Item":{"pk":{"S":"$id-%"}}}}`)+`]}}`,
		"~1 validation error detected: Value '.*' at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: \\[Member must have length less than or equal to 25, Member must have length greater than or equal to 1\\]")),
	of("26 writes in two tables", invalid("BatchWriteItem", `{"RequestItems":{"@hash":[`+list(20, `{"PutRequest":{"Item":{"pk":{"S":"$id-%"}}}}`)+`],"@number":[`+list(6, `{"PutRequest":{"Item":{"pk":{"S":"$id-%"}}}}`)+`]}}`,
		"Too many items requested for the BatchWriteItem call")),
	of("100 reads", answers("BatchGetItem", `{"RequestItems":{"@hash":{"Keys":[`+list(100, `{"pk":{"S":"$id-%"}}`)+`]}}}`, `{"Responses":{"@hash":[]},"UnprocessedKeys":{}}`)),
	of("101 reads", invalid("BatchGetItem", `{"RequestItems":{"@hash":{"Keys":[`+list(101, `{"pk":{"S":"$id-%"}}`)+`]}}}`,
		"~1 validation error detected: Value '.*' at 'requestItems.@hash.member.keys' failed to satisfy constraint: Member must have length less than or equal to 100")),
	of("101 reads in two tables", invalid("BatchGetItem", `{"RequestItems":{"@hash":{"Keys":[`+list(60, `{"pk":{"S":"$id-%"}}`)+`]},"@seed":{"Keys":[`+list(41, `{"pk":{"S":"$id-%"},"sk":{"N":"1"}}`)+`]}}}`,
		"Too many items requested for the BatchGetItem call")),
	of("one key twice in a write", invalid("BatchWriteItem", `{"RequestItems":{"@hash":[{"PutRequest":{"Item":{"pk":{"S":"$id"}}}},{"DeleteRequest":{"Key":{"pk":{"S":"$id"}}}}]}}`, "Provided list of item keys contains duplicates")),
	of("one key twice in a read", invalid("BatchGetItem", `{"RequestItems":{"@hash":{"Keys":[{"pk":{"S":"$id"}},{"pk":{"S":"$id"}}]}}}`, "Provided list of item keys contains duplicates")),
	of("no table in a write", invalid("BatchWriteItem", `{"RequestItems":{}}`, "1 validation error detected: Value '{}' at 'requestItems' failed to satisfy constraint: Member must have length greater than or equal to 1")),
	of("no table in a read", invalid("BatchGetItem", `{"RequestItems":{}}`, "1 validation error detected: Value '{}' at 'requestItems' failed to satisfy constraint: Member must have length greater than or equal to 1")),
	of("no write in a table", invalid("BatchWriteItem", `{"RequestItems":{"@hash":[]}}`,
		"~1 validation error detected: Value '.*' at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: \\[Member must have length less than or equal to 25, Member must have length greater than or equal to 1\\]")),
	of("no key in a table", invalid("BatchGetItem", `{"RequestItems":{"@hash":{"Keys":[]}}}`,
		"1 validation error detected: Value '[]' at 'requestItems.@hash.member.keys' failed to satisfy constraint: Member must have length greater than or equal to 1")),
	of("no keys at all", invalid("BatchGetItem", `{"RequestItems":{"@hash":{}}}`,
		"1 validation error detected: Value null at 'requestItems.@hash.member.keys' failed to satisfy constraint: Member must not be null")),
	of("nothing at all in a write", invalid("BatchWriteItem", `{}`, "1 validation error detected: Value null at 'requestItems' failed to satisfy constraint: Member must not be null")),
	of("neither put nor delete", invalid("BatchWriteItem", `{"RequestItems":{"@hash":[{}]}}`, "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")),
	of("put and delete at once", invalid("BatchWriteItem", `{"RequestItems":{"@hash":[{"PutRequest":{"Item":{"pk":{"S":"x"}}},"DeleteRequest":{"Key":{"pk":{"S":"x"}}}}]}}`, "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")),
	of("a write without key", invalid("BatchWriteItem", `{"RequestItems":{"@hash":[{"PutRequest":{"Item":{"a":{"S":"x"}}}}]}}`, keyElement)),
	of("a write with a key of another type", invalid("BatchWriteItem", `{"RequestItems":{"@hash":[{"PutRequest":{"Item":{"pk":{"N":"1"}}}}]}}`, keyElement)),
	of("a delete with a key of another type", invalid("BatchWriteItem", `{"RequestItems":{"@hash":[{"DeleteRequest":{"Key":{"pk":{"N":"1"}}}}]}}`, keyElement)),
	of("a read with a key of another type", invalid("BatchGetItem", `{"RequestItems":{"@hash":{"Keys":[{"pk":{"N":"1"}}]}}}`, keyElement)),
	of("a read with too many key attributes", invalid("BatchGetItem", `{"RequestItems":{"@hash":{"Keys":[{"pk":{"S":"1"},"x":{"S":"1"}}]}}}`, keyElement)),
	of("a missing table in a write", fails("BatchWriteItem", `{"RequestItems":{"@missing":[{"PutRequest":{"Item":{"pk":{"S":"x"}}}}]}}`, "ResourceNotFoundException: Requested resource not found")),
	of("a missing table in a read", fails("BatchGetItem", `{"RequestItems":{"@missing":{"Keys":[{"pk":{"S":"x"}}]}}}`, "ResourceNotFoundException: Requested resource not found")),
	of("a refused batch writes nothing", invalid("BatchWriteItem", `{"RequestItems":{"@hash":[{"PutRequest":{"Item":{"pk":{"S":"$id"}}}},{"PutRequest":{"Item":{"pk":{"N":"1"}}}}]}}`, keyElement),
		gone(`{"pk":{"S":"$id"}}`)),
	of("a reserved word in a projection", invalid("BatchGetItem", `{"RequestItems":{"@hash":{"Keys":[{"pk":{"S":"x"}}],"ProjectionExpression":"name"}}}`,
		"Invalid ProjectionExpression: Attribute name is a reserved keyword; reserved keyword: name")),
	of("item collection metrics", answers("BatchWriteItem", `{"ReturnItemCollectionMetrics":"SIZE","RequestItems":{"@indexed":[{"PutRequest":{"Item":{"pk":{"S":"$id"},"sk":{"N":"1"}}}}]}}`,
		`{"UnprocessedItems":{},"ItemCollectionMetrics":{"@indexed":[{"ItemCollectionKey":{"pk":{"S":"$id"}},"SizeEstimateRangeGB":[0,1]}]}}`)),
	of("consumed capacity", answers("BatchWriteItem", `{"ReturnConsumedCapacity":"TOTAL","RequestItems":{"@hash":[{"PutRequest":{"Item":{"pk":{"S":"$id"}}}},{"PutRequest":{"Item":{"pk":{"S":"$id-2"},"x":{"S":"{{1100}}"}}}}]}}`,
		`{"UnprocessedItems":{},"ConsumedCapacity":[{"TableName":"@hash","CapacityUnits":3}]}`),
		answers("BatchGetItem", `{"ReturnConsumedCapacity":"TOTAL","RequestItems":{"@hash":{"Keys":[{"pk":{"S":"$id"}},{"pk":{"S":"$id-none"}}]}}}`,
			`{"Responses":{"@hash":[{"pk":{"S":"$id"}}]},"UnprocessedKeys":{},"ConsumedCapacity":[{"TableName":"@hash","CapacityUnits":1}]}`)),
	of("AttributesToGet", put("@hash", conditionItem), answers("BatchGetItem", `{"RequestItems":{"@hash":{"Keys":[{"pk":{"S":"$id"}}],"AttributesToGet":["n"]}}}`, `{"Responses":{"@hash":[{"n":{"N":"5"}}]},"UnprocessedKeys":{}}`)),
	of("a projection with names", put("@hash", conditionItem), answers("BatchGetItem", `{"RequestItems":{"@hash":{"Keys":[{"pk":{"S":"$id"}}],"ProjectionExpression":"#n, m.#k","ExpressionAttributeNames":{"#n":"n","#k":"k"}}}}`, `{"Responses":{"@hash":[{"n":{"N":"5"},"m":{"M":{"k":{"S":"v"}}}}]},"UnprocessedKeys":{}}`)),
	of("names without projection", invalid("BatchGetItem", `{"RequestItems":{"@hash":{"Keys":[{"pk":{"S":"$id"}}],"ExpressionAttributeNames":{"#n":"n"}}}}`, "ExpressionAttributeNames can only be specified when using expressions")),
	of("an unused name", invalid("BatchGetItem", `{"RequestItems":{"@hash":{"Keys":[{"pk":{"S":"$id"}}],"ProjectionExpression":"a","ExpressionAttributeNames":{"#n":"n"}}}}`, "Value provided in ExpressionAttributeNames unused in expressions: keys: {#n}")),
	of("projection and AttributesToGet", invalid("BatchGetItem", `{"RequestItems":{"@hash":{"Keys":[{"pk":{"S":"$id"}}],"ProjectionExpression":"a","AttributesToGet":["a"]}}}`,
		"Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {AttributesToGet} Expression parameters: {ProjectionExpression}")),
	of("a number key twice by its value", invalid("BatchGetItem", `{"RequestItems":{"@number":{"Keys":[{"pk":{"N":"1"}},{"pk":{"N":"1.0"}}]}}}`, "Provided list of item keys contains duplicates")),
	of("consumed capacity of a consistent read", answers("BatchGetItem", `{"ReturnConsumedCapacity":"INDEXES","RequestItems":{"@hash":{"ConsistentRead":true,"Keys":[{"pk":{"S":"$id"}}]}}}`,
		`{"Responses":{"@hash":[]},"UnprocessedKeys":{},"ConsumedCapacity":[{"TableName":"@hash","CapacityUnits":1,"Table":{"CapacityUnits":1}}]}`)),
	of("consumed capacity of indexes", answers("BatchWriteItem", `{"ReturnConsumedCapacity":"INDEXES","RequestItems":{"@indexed":[{"PutRequest":{"Item":{"pk":{"S":"$id"},"sk":{"N":"1"},"lsk":{"S":"x"}}}}]}}`,
		`{"UnprocessedItems":{},"ConsumedCapacity":[{"TableName":"@indexed","CapacityUnits":2,"Table":{"CapacityUnits":1},"LocalSecondaryIndexes":{"lsi":{"CapacityUnits":1}}}]}`)),
	of("an empty key in a write", invalid("BatchWriteItem", `{"RequestItems":{"@hash":[{"PutRequest":{"Item":{"pk":{"S":""}}}}]}}`, "~One or more parameter values (are not valid.|were invalid:) The AttributeValue for a key attribute cannot contain an empty string value. Key: pk")),
	of("an empty value in a write", invalid("BatchWriteItem", `{"RequestItems":{"@hash":[{"PutRequest":{"Item":{"pk":{"S":"x"},"a":{}}}}]}}`, emptyValue)),
	of("an index key of another type in a write", invalid("BatchWriteItem", `{"RequestItems":{"@indexed":[{"PutRequest":{"Item":{"pk":{"S":"x"},"sk":{"N":"1"},"lsk":{"N":"1"}}}}]}}`, "")),
}
