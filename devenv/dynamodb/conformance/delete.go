package conformance

var deleteCases = []Case{
	of("an item is gone", put("@hash", `{"pk":{"S":"$id"}}`), answers("DeleteItem", `{"TableName":"@hash","Key":{"pk":{"S":"$id"}}}`, `{}`), gone(`{"pk":{"S":"$id"}}`)),
	of("a missing item is no error", answers("DeleteItem", `{"TableName":"@hash","Key":{"pk":{"S":"$id"}},"ReturnValues":"ALL_OLD"}`, `{}`)),
	of("ALL_OLD returns it", put("@hash", `{"pk":{"S":"$id"},"a":{"N":"1"}}`),
		answers("DeleteItem", `{"TableName":"@hash","Key":{"pk":{"S":"$id"}},"ReturnValues":"ALL_OLD"}`, `{"Attributes":{"pk":{"S":"$id"},"a":{"N":"1"}}}`)),
	of("ALL_NEW is for updates", invalid("DeleteItem", `{"TableName":"@hash","Key":{"pk":{"S":"$id"}},"ReturnValues":"ALL_NEW"}`, "ReturnValues can only be ALL_OLD or NONE")),
	of("a condition that holds", put("@hash", `{"pk":{"S":"$id"},"a":{"N":"1"}}`),
		answers("DeleteItem", `{"TableName":"@hash","Key":{"pk":{"S":"$id"}},"ConditionExpression":"a = :v","ExpressionAttributeValues":{":v":{"N":"1.0"}}}`, `{}`), gone(`{"pk":{"S":"$id"}}`)),
	of("a condition that fails", put("@hash", `{"pk":{"S":"$id"},"a":{"N":"1"}}`),
		fails("DeleteItem", `{"TableName":"@hash","Key":{"pk":{"S":"$id"}},"ConditionExpression":"a = :v","ExpressionAttributeValues":{":v":{"N":"2"}},"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}`,
			"ConditionalCheckFailedException: The conditional request failed").with(`{"__type":"*","message":"*","Item":{"pk":{"S":"$id"},"a":{"N":"1"}}}`)),
	of("a condition on a missing item fails",
		fails("DeleteItem", `{"TableName":"@hash","Key":{"pk":{"S":"$id"}},"ConditionExpression":"attribute_exists(pk)"}`, "ConditionalCheckFailedException: The conditional request failed")),
	of("key of another type", invalid("DeleteItem", `{"TableName":"@hash","Key":{"pk":{"N":"1"}}}`, keyElement)),
	of("key with too few attributes", invalid("DeleteItem", `{"TableName":"@range","Key":{"pk":{"S":"1"}}}`, keyElement)),
	of("missing table", fails("DeleteItem", `{"TableName":"@missing","Key":{"pk":{"S":"x"}}}`, "ResourceNotFoundException: Requested resource not found")),
	of("item collection metrics of a table with a local index",
		answers("DeleteItem", `{"TableName":"@indexed","Key":{"pk":{"S":"$id"},"sk":{"N":"1"}},"ReturnItemCollectionMetrics":"SIZE"}`,
			`{"ItemCollectionMetrics":{"ItemCollectionKey":{"pk":{"S":"$id"}},"SizeEstimateRangeGB":[0,1]}}`)),
}
