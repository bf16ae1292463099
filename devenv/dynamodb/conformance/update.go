package conformance

// update is an update of the item $id of @hash.
func update(rest, want string) Step {
	return answers("UpdateItem", `{"TableName":"@hash","Key":{"pk":{"S":"$id"}},`+rest+`}`, want)
}

func updateInvalid(rest, message string) Step {
	return invalid("UpdateItem", `{"TableName":"@hash","Key":{"pk":{"S":"$id"}},`+rest+`}`, message)
}

var updateCases = []Case{
	of("an update makes an item", update(`"UpdateExpression":"SET a = :v","ExpressionAttributeValues":{":v":{"N":"1"}}`, `{}`),
		has("@hash", `{"pk":{"S":"$id"}}`, `{"pk":{"S":"$id"},"a":{"N":"1"}}`)),
	of("an update of nothing makes an item", answers("UpdateItem", `{"TableName":"@hash","Key":{"pk":{"S":"$id"}}}`, `{}`),
		has("@hash", `{"pk":{"S":"$id"}}`, `{"pk":{"S":"$id"}}`)),
	of("REMOVE on a missing item makes an item", update(`"UpdateExpression":"REMOVE a"`, `{}`),
		has("@hash", `{"pk":{"S":"$id"}}`, `{"pk":{"S":"$id"}}`)),
	of("ALL_OLD of a new item", update(`"UpdateExpression":"SET a = :v","ExpressionAttributeValues":{":v":{"N":"1"}},"ReturnValues":"ALL_OLD"`, `{}`)),
	of("UPDATED_OLD of a new item", update(`"UpdateExpression":"SET a = :v","ExpressionAttributeValues":{":v":{"N":"1"}},"ReturnValues":"UPDATED_OLD"`, `{}`)),
	of("UPDATED_NEW of a new item", update(`"UpdateExpression":"SET a = :v","ExpressionAttributeValues":{":v":{"N":"1"}},"ReturnValues":"UPDATED_NEW"`, `{"Attributes":{"a":{"N":"1"}}}`)),
	of("ALL_NEW of a new item", update(`"UpdateExpression":"SET a = :v","ExpressionAttributeValues":{":v":{"N":"1"}},"ReturnValues":"ALL_NEW"`, `{"Attributes":{"pk":{"S":"$id"},"a":{"N":"1"}}}`)),
	of("ALL_OLD", put("@hash", `{"pk":{"S":"$id"},"a":{"N":"1"},"b":{"N":"1"}}`),
		update(`"UpdateExpression":"SET a = :v","ExpressionAttributeValues":{":v":{"N":"2"}},"ReturnValues":"ALL_OLD"`, `{"Attributes":{"pk":{"S":"$id"},"a":{"N":"1"},"b":{"N":"1"}}}`)),
	of("UPDATED_OLD", put("@hash", `{"pk":{"S":"$id"},"a":{"N":"1"},"b":{"N":"1"}}`),
		update(`"UpdateExpression":"SET a = :v, c = :v","ExpressionAttributeValues":{":v":{"N":"2"}},"ReturnValues":"UPDATED_OLD"`, `{"Attributes":{"a":{"N":"1"}}}`)),
	of("UPDATED_NEW", put("@hash", `{"pk":{"S":"$id"},"a":{"N":"1"},"b":{"N":"1"}}`),
		update(`"UpdateExpression":"SET a = :v, c = :v REMOVE b","ExpressionAttributeValues":{":v":{"N":"2"}},"ReturnValues":"UPDATED_NEW"`, `{"Attributes":{"a":{"N":"2"},"c":{"N":"2"}}}`)),
	of("UPDATED_NEW of what was removed", put("@hash", `{"pk":{"S":"$id"},"a":{"N":"1"}}`),
		update(`"UpdateExpression":"REMOVE a","ReturnValues":"UPDATED_NEW"`, `{}`)),
	of("UPDATED_OLD of what was removed", put("@hash", `{"pk":{"S":"$id"},"a":{"N":"1"}}`),
		update(`"UpdateExpression":"REMOVE a","ReturnValues":"UPDATED_OLD"`, `{"Attributes":{"a":{"N":"1"}}}`)),
	of("UPDATED_NEW of a nested attribute", put("@hash", `{"pk":{"S":"$id"},"m":{"M":{"a":{"N":"1"},"b":{"N":"2"}}}}`),
		update(`"UpdateExpression":"SET m.a = :v","ExpressionAttributeValues":{":v":{"N":"2"}},"ReturnValues":"UPDATED_NEW"`, `{"Attributes":{"m":{"M":{"a":{"N":"2"}}}}}`)),
	of("UPDATED_OLD of a nested attribute", put("@hash", `{"pk":{"S":"$id"},"m":{"M":{"a":{"N":"1"},"b":{"N":"2"}}}}`),
		update(`"UpdateExpression":"SET m.a = :v","ExpressionAttributeValues":{":v":{"N":"2"}},"ReturnValues":"UPDATED_OLD"`, `{"Attributes":{"m":{"M":{"a":{"N":"1"}}}}}`)),
	of("UPDATED_NEW of an element", put("@hash", `{"pk":{"S":"$id"},"l":{"L":[{"N":"0"},{"N":"1"},{"N":"2"}]}}`),
		update(`"UpdateExpression":"SET l[1] = :v","ExpressionAttributeValues":{":v":{"N":"9"}},"ReturnValues":"UPDATED_NEW"`, `{"Attributes":{"l":{"L":[{"N":"9"}]}}}`)),
	of("unknown ReturnValues", updateInvalid(`"ReturnValues":"X"`,
		"1 validation error detected: Value 'X' at 'returnValues' failed to satisfy constraint: Member must satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]")),
	of("a condition holds", put("@hash", `{"pk":{"S":"$id"},"a":{"N":"1"}}`),
		update(`"UpdateExpression":"SET a = a + :v","ConditionExpression":"a = :v","ExpressionAttributeValues":{":v":{"N":"1"}},"ReturnValues":"UPDATED_NEW"`, `{"Attributes":{"a":{"N":"2"}}}`)),
	of("a condition fails with the item", put("@hash", `{"pk":{"S":"$id"},"a":{"N":"2"}}`),
		fails("UpdateItem", `{"TableName":"@hash","Key":{"pk":{"S":"$id"}},"UpdateExpression":"SET a = :v","ConditionExpression":"a = :v","ExpressionAttributeValues":{":v":{"N":"1"}},"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}`,
			"ConditionalCheckFailedException: The conditional request failed").with(`{"__type":"*","message":"*","Item":{"pk":{"S":"$id"},"a":{"N":"2"}}}`)),
	of("a failed condition makes no item",
		fails("UpdateItem", `{"TableName":"@hash","Key":{"pk":{"S":"$id"}},"UpdateExpression":"SET a = :v","ConditionExpression":"attribute_exists(pk)","ExpressionAttributeValues":{":v":{"N":"1"}}}`,
			"ConditionalCheckFailedException: The conditional request failed"),
		gone(`{"pk":{"S":"$id"}}`)),
	of("the key", updateInvalid(`"UpdateExpression":"SET pk = :v","ExpressionAttributeValues":{":v":{"S":"x"}}`, oneInvalid+"Cannot update attribute pk. This attribute is part of the key")),
	of("the key is removed", updateInvalid(`"UpdateExpression":"REMOVE pk"`, oneInvalid+"Cannot update attribute pk. This attribute is part of the key")),
	of("the sort key", invalid("UpdateItem", `{"TableName":"@range","Key":{"pk":{"S":"x"},"sk":{"S":"x"}},"UpdateExpression":"SET sk = :v","ExpressionAttributeValues":{":v":{"S":"x"}}}`,
		oneInvalid+"Cannot update attribute sk. This attribute is part of the key")),
	of("a part of the key", updateInvalid(`"UpdateExpression":"SET pk.a = :v","ExpressionAttributeValues":{":v":{"S":"x"}}`,
		oneInvalid+"Cannot update attribute pk. This attribute is part of the key")),
	of("an index key to another type", invalid("UpdateItem", `{"TableName":"@indexed","Key":{"pk":{"S":"$id"},"sk":{"N":"1"}},"UpdateExpression":"SET lsk = :v","ExpressionAttributeValues":{":v":{"N":"1"}}}`,
		oneInvalid+"Type mismatch for Index Key lsk Expected: S Actual: N IndexName: lsi")),
	of("an index key to an empty string", invalid("UpdateItem", `{"TableName":"@indexed","Key":{"pk":{"S":"$id"},"sk":{"N":"1"}},"UpdateExpression":"SET lsk = :v","ExpressionAttributeValues":{":v":{"S":""}}}`,
		"~One or more parameter values are not valid. The update expression attempted to update a secondary index key to a value that is not supported. The AttributeValue for a key attribute cannot contain an empty string value\\..*")),
	of("key with another type", invalid("UpdateItem", `{"TableName":"@hash","Key":{"pk":{"N":"1"}},"UpdateExpression":"REMOVE a"}`, keyElement)),
	of("no key", invalid("UpdateItem", `{"TableName":"@hash","UpdateExpression":"REMOVE a"}`, "1 validation error detected: Value null at 'key' failed to satisfy constraint: Member must not be null")),
	of("missing table", fails("UpdateItem", `{"TableName":"@missing","Key":{"pk":{"S":"x"}}}`, "ResourceNotFoundException: Requested resource not found")),
	of("both kinds of update", updateInvalid(`"UpdateExpression":"REMOVE a","AttributeUpdates":{"a":{"Action":"DELETE"}}`,
		"Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {AttributeUpdates} Expression parameters: {UpdateExpression}")),
	of("values without expression", updateInvalid(`"ExpressionAttributeValues":{":v":{"N":"1"}}`,
		"ExpressionAttributeValues can only be specified when using expressions: UpdateExpression and ConditionExpression are null")),
}
