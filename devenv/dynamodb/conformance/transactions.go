package conformance

const (
	cancelled   = "TransactionCanceledException: Transaction cancelled, please refer cancellation reasons for specific reasons "
	checkFailed = `"Code":"ConditionalCheckFailed","Message":"The conditional request failed"`
)

func transact(items, want string) Step {
	return answers("TransactWriteItems", `{"TransactItems":[`+items+`]}`, want)
}

func transactInvalid(name, items, message string) Case {
	return of(name, invalid("TransactWriteItems", `{"TransactItems":[`+items+`]}`, message))
}

// notTransacted is a transaction that the table refuses; the reasons are given.
func notTransacted(name, items, codes, reasons string) Case {
	return of(name, fails("TransactWriteItems", `{"TransactItems":[`+items+`]}`, cancelled+"["+codes+"]").
		with(`{"__type":"*","...":true,"CancellationReasons":[`+reasons+`]}`))
}

const (
	putID   = `{"Put":{"TableName":"@hash","Item":{"pk":{"S":"$id"}}}}`
	putNew  = `{"Put":{"TableName":"@hash","Item":{"pk":{"S":"$id"},"a":{"N":"1"}}}}`
	putElse = `{"Put":{"TableName":"@hash","Item":{"pk":{"S":"$id-2"}}}}`
)

var transactionCases = []Case{
	of("all four kinds", put("@hash", `{"pk":{"S":"$id-d"}}`), put("@hash", `{"pk":{"S":"$id-c"}}`),
		transact(`{"Put":{"TableName":"@hash","Item":{"pk":{"S":"$id-p"}}}},{"Update":{"TableName":"@hash","Key":{"pk":{"S":"$id-u"}},"UpdateExpression":"SET a = :v","ExpressionAttributeValues":{":v":{"N":"1"}}}},
			{"Delete":{"TableName":"@hash","Key":{"pk":{"S":"$id-d"}}}},{"ConditionCheck":{"TableName":"@hash","Key":{"pk":{"S":"$id-c"}},"ConditionExpression":"attribute_exists(pk)"}}`, `{}`),
		answers("TransactGetItems", `{"TransactItems":[{"Get":{"TableName":"@hash","Key":{"pk":{"S":"$id-p"}}}},{"Get":{"TableName":"@hash","Key":{"pk":{"S":"$id-u"}},"ProjectionExpression":"a"}},{"Get":{"TableName":"@hash","Key":{"pk":{"S":"$id-d"}}}}]}`,
			`{"Responses":[{"Item":{"pk":{"S":"$id-p"}}},{"Item":{"a":{"N":"1"}}},{}]}`)),
	of("a failed condition cancels all", put("@hash", `{"pk":{"S":"$id-2"},"a":{"N":"1"}}`),
		fails("TransactWriteItems", `{"TransactItems":[`+putID+`,{"Put":{"TableName":"@hash","Item":{"pk":{"S":"$id-2"}},"ConditionExpression":"attribute_not_exists(pk)"}}]}`, cancelled+"[None, ConditionalCheckFailed]").
			with(`{"__type":"*","...":true,"CancellationReasons":[{"Code":"None"},{`+checkFailed+`}]}`),
		gone(`{"pk":{"S":"$id"}}`)),
	of("the reason has the item when asked", put("@hash", `{"pk":{"S":"$id-2"},"a":{"N":"1"}}`),
		fails("TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"@hash","Item":{"pk":{"S":"$id-2"}},"ConditionExpression":"attribute_not_exists(pk)","ReturnValuesOnConditionCheckFailure":"ALL_OLD"}},`+putID+`]}`, cancelled+"[ConditionalCheckFailed, None]").
			with(`{"__type":"*","...":true,"CancellationReasons":[{`+checkFailed+`,"Item":{"pk":{"S":"$id-2"},"a":{"N":"1"}}},{"Code":"None"}]}`)),
	of("a condition on a missing item has none", fails("TransactWriteItems",
		`{"TransactItems":[{"ConditionCheck":{"TableName":"@hash","Key":{"pk":{"S":"$id"}},"ConditionExpression":"attribute_exists(pk)","ReturnValuesOnConditionCheckFailure":"ALL_OLD"}}]}`, cancelled+"[ConditionalCheckFailed]").
		with(`{"__type":"*","...":true,"CancellationReasons":[{`+checkFailed+`}]}`)),
	of("a token repeats a transaction",
		answers("TransactWriteItems", `{"ClientRequestToken":"$id","TransactItems":[{"Update":{"TableName":"@hash","Key":{"pk":{"S":"$id"}},"UpdateExpression":"ADD a :v","ExpressionAttributeValues":{":v":{"N":"1"}}}}]}`, `{}`),
		answers("TransactWriteItems", `{"ClientRequestToken":"$id","TransactItems":[{"Update":{"TableName":"@hash","Key":{"pk":{"S":"$id"}},"UpdateExpression":"ADD a :v","ExpressionAttributeValues":{":v":{"N":"1"}}}}]}`, `{}`),
		has("@hash", `{"pk":{"S":"$id"}}`, `{"pk":{"S":"$id"},"a":{"N":"1"}}`),
		fails("TransactWriteItems", `{"ClientRequestToken":"$id","TransactItems":[`+putID+`]}`, "IdempotentParameterMismatchException")),
	of("a token of a cancelled transaction is free", fails("TransactWriteItems", `{"ClientRequestToken":"$id","TransactItems":[{"ConditionCheck":{"TableName":"@hash","Key":{"pk":{"S":"$id"}},"ConditionExpression":"attribute_exists(pk)"}}]}`, cancelled+"[ConditionalCheckFailed]"),
		answers("TransactWriteItems", `{"ClientRequestToken":"$id","TransactItems":[`+putID+`]}`, `{}`)),
	of("a token of 37 characters", invalid("TransactWriteItems", `{"ClientRequestToken":"{{37}}","TransactItems":[`+putID+`]}`,
		"1 validation error detected: Value '{{37}}' at 'clientRequestToken' failed to satisfy constraint: Member must have length less than or equal to 36")),
	of("consumed capacity", answers("TransactWriteItems", `{"ReturnConsumedCapacity":"TOTAL","TransactItems":[`+putID+`,`+putElse+`]}`,
		`{"ConsumedCapacity":[{"TableName":"@hash","CapacityUnits":4,"WriteCapacityUnits":4}]}`),
		answers("TransactGetItems", `{"ReturnConsumedCapacity":"TOTAL","TransactItems":[{"Get":{"TableName":"@hash","Key":{"pk":{"S":"$id"}}}},{"Get":{"TableName":"@hash","Key":{"pk":{"S":"$id-none"}}}}]}`,
			`{"Responses":[{"Item":{"pk":{"S":"$id"}}},{}],"ConsumedCapacity":[{"TableName":"@hash","CapacityUnits":4,"ReadCapacityUnits":4}]}`)),
	of("consumed capacity of indexes", answers("TransactWriteItems", `{"ReturnConsumedCapacity":"INDEXES","TransactItems":[`+putID+`]}`,
		`{"ConsumedCapacity":[{"TableName":"@hash","CapacityUnits":2,"WriteCapacityUnits":2,"Table":{"CapacityUnits":2,"WriteCapacityUnits":2}}]}`)),
	of("item collection metrics", answers("TransactWriteItems", `{"ReturnItemCollectionMetrics":"SIZE","TransactItems":[{"Put":{"TableName":"@indexed","Item":{"pk":{"S":"$id"},"sk":{"N":"1"}}}}]}`,
		`{"ItemCollectionMetrics":{"@indexed":[{"ItemCollectionKey":{"pk":{"S":"$id"}},"SizeEstimateRangeGB":[0,1]}]}}`)),
	of("100 items", transact(list(100, `{"Put":{"TableName":"@hash","Item":{"pk":{"S":"$id-%"}}}}`), `{}`)),
	transactInvalid("101 items", list(101, `{"Put":{"TableName":"@hash","Item":{"pk":{"S":"$id-%"}}}}`),
		"~1 validation error detected: Value '.*' at 'transactItems' failed to satisfy constraint: Member must have length less than or equal to 100"),
	transactInvalid("no item", ``, "1 validation error detected: Value '[]' at 'transactItems' failed to satisfy constraint: Member must have length greater than or equal to 1"),
	transactInvalid("one item twice", putID+`,`+putNew, "Transaction request cannot include multiple operations on one item"),
	transactInvalid("a check and a put of one item", putID+`,{"ConditionCheck":{"TableName":"@hash","Key":{"pk":{"S":"$id"}},"ConditionExpression":"attribute_exists(pk)"}}`, "Transaction request cannot include multiple operations on one item"),
	transactInvalid("neither of the four", `{}`, "Invalid Request: TransactWriteRequest should contain Delete or Put or Update request"),
	transactInvalid("two of the four", `{"Put":{"TableName":"@hash","Item":{"pk":{"S":"x"}}},"Delete":{"TableName":"@hash","Key":{"pk":{"S":"y"}}}}`, "TransactItems can only contain one of Check, Put, Update or Delete"),
	transactInvalid("an update without expression", `{"Update":{"TableName":"@hash","Key":{"pk":{"S":"x"}}}}`,
		"1 validation error detected: Value null at 'transactItems.1.member.update.updateExpression' failed to satisfy constraint: Member must not be null"),
	transactInvalid("a check without condition", `{"ConditionCheck":{"TableName":"@hash","Key":{"pk":{"S":"x"}}}}`,
		"1 validation error detected: Value null at 'transactItems.1.member.conditionCheck.conditionExpression' failed to satisfy constraint: Member must not be null"),
	transactInvalid("a put without table", `{"Put":{"Item":{"pk":{"S":"x"}}}}`,
		"1 validation error detected: Value null at 'transactItems.1.member.put.tableName' failed to satisfy constraint: Member must not be null"),
	transactInvalid("a syntax error", `{"Delete":{"TableName":"@hash","Key":{"pk":{"S":"x"}},"ConditionExpression":"a ="}}`,
		`Invalid ConditionExpression: Syntax error; token: "<EOF>", near: "="`),
	notTransacted("a key of another type", `{"Put":{"TableName":"@hash","Item":{"pk":{"N":"1"}}}}`, "ValidationError", `{"Code":"ValidationError","Message":"`+keyMismatch+`pk expected: S actual: N"}`),
	notTransacted("an item without key", `{"Put":{"TableName":"@hash","Item":{"a":{"N":"1"}}}},`+putElse, "ValidationError, None", `{"Code":"ValidationError","Message":"`+oneInvalid+`Missing the key pk in the item"},{"Code":"None"}`),
	notTransacted("a delete by another key", `{"Delete":{"TableName":"@hash","Key":{"x":{"S":"1"}}}}`, "ValidationError", `{"Code":"ValidationError","Message":"`+keyElement+`"}`),
	notTransacted("an update of what is missing", `{"Update":{"TableName":"@hash","Key":{"pk":{"S":"$id"}},"UpdateExpression":"SET a = a + :v","ExpressionAttributeValues":{":v":{"N":"1"}}}}`,
		"ValidationError", `{"Code":"ValidationError","Message":"The provided expression refers to an attribute that does not exist in the item"}`),
	notTransacted("an update of the key", `{"Update":{"TableName":"@hash","Key":{"pk":{"S":"$id"}},"UpdateExpression":"SET pk = :v","ExpressionAttributeValues":{":v":{"S":"1"}}}}`,
		"ValidationError", `{"Code":"ValidationError","Message":"`+oneInvalid+`Cannot update attribute pk. This attribute is part of the key"}`),
	of("a missing table", fails("TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"@missing","Item":{"pk":{"S":"x"}}}}]}`, "ResourceNotFoundException: Requested resource not found")),
	of("a read of a missing table", fails("TransactGetItems", `{"TransactItems":[{"Get":{"TableName":"@missing","Key":{"pk":{"S":"x"}}}}]}`, "ResourceNotFoundException: Requested resource not found")),
	of("a read by another key", fails("TransactGetItems", `{"TransactItems":[{"Get":{"TableName":"@hash","Key":{"x":{"S":"x"}}}}]}`, cancelled+"[ValidationError]").
		with(`{"__type":"*","...":true,"CancellationReasons":[{"Code":"ValidationError","Message":"`+keyElement+`"}]}`)),
	of("no read", invalid("TransactGetItems", `{"TransactItems":[]}`, "1 validation error detected: Value '[]' at 'transactItems' failed to satisfy constraint: Member must have length greater than or equal to 1")),
	of("a read of nothing", invalid("TransactGetItems", `{"TransactItems":[{}]}`, "1 validation error detected: Value null at 'transactItems.1.member.get' failed to satisfy constraint: Member must not be null")),
	of("101 reads", invalid("TransactGetItems", `{"TransactItems":[`+list(101, `{"Get":{"TableName":"@hash","Key":{"pk":{"S":"$id-%"}}}}`)+`]}`,
		"~1 validation error detected: Value '.*' at 'transactItems' failed to satisfy constraint: Member must have length less than or equal to 100")),
	of("a repeated transaction reads", answers("TransactWriteItems", `{"ClientRequestToken":"$id","ReturnConsumedCapacity":"TOTAL","TransactItems":[`+putID+`]}`, `{"ConsumedCapacity":[{"TableName":"@hash","CapacityUnits":2,"WriteCapacityUnits":2}]}`),
		answers("TransactWriteItems", `{"ClientRequestToken":"$id","ReturnConsumedCapacity":"TOTAL","TransactItems":[`+putID+`]}`, `{"ConsumedCapacity":[{"TableName":"@hash","CapacityUnits":2,"ReadCapacityUnits":2}]}`)),
	of("two failed conditions", fails("TransactWriteItems", `{"TransactItems":[{"Delete":{"TableName":"@hash","Key":{"pk":{"S":"$id"}},"ConditionExpression":"attribute_exists(pk)"}},{"Update":{"TableName":"@hash","Key":{"pk":{"S":"$id-2"}},"UpdateExpression":"SET a = :v","ConditionExpression":"a = :v","ExpressionAttributeValues":{":v":{"N":"1"}}}}]}`, cancelled+"[ConditionalCheckFailed, ConditionalCheckFailed]").
		with(`{"__type":"*","...":true,"CancellationReasons":[{`+checkFailed+`},{`+checkFailed+`}]}`)),
	of("names in a read", put("@hash", conditionItem), answers("TransactGetItems", `{"TransactItems":[{"Get":{"TableName":"@hash","Key":{"pk":{"S":"$id"}},"ProjectionExpression":"#n","ExpressionAttributeNames":{"#n":"n"}}}]}`, `{"Responses":[{"Item":{"n":{"N":"5"}}}]}`)),
	transactInvalid("values without expression", `{"Put":{"TableName":"@hash","Item":{"pk":{"S":"x"}},"ExpressionAttributeValues":{":v":{"N":"1"}}}}`, "ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null"),
	transactInvalid("names without expression", `{"Delete":{"TableName":"@hash","Key":{"pk":{"S":"x"}},"ExpressionAttributeNames":{"#n":"n"}}}`, "ExpressionAttributeNames can only be specified when using expressions"),
	transactInvalid("unused values", `{"Put":{"TableName":"@hash","Item":{"pk":{"S":"x"}},"ConditionExpression":"attribute_exists(pk)","ExpressionAttributeValues":{":v":{"N":"1"}}}}`, "Value provided in ExpressionAttributeValues unused in expressions: keys: {:v}"),
	transactInvalid("an empty value", `{"Put":{"TableName":"@hash","Item":{"pk":{"S":"x"},"a":{}}}}`, emptyValue),
}
