package conformance

func expected(expectation, failure string) Step {
	return fails("PutItem", `{"TableName":"@hash","Item":{"pk":{"S":"$id"}},"Expected":`+expectation+`}`, failure)
}

func expectedHolds(name, expectation string) Case {
	return of("expected: "+name, put("@hash", conditionItem), answers("PutItem", `{"TableName":"@hash","Item":{"pk":{"S":"$id"}},"Expected":`+expectation+`}`, `{}`))
}

func expectedFails(name, expectation string) Case {
	return of("expected in vain: "+name, put("@hash", conditionItem), expected(expectation, "ConditionalCheckFailedException: The conditional request failed"))
}

func expectedInvalid(name, expectation, message string) Case {
	return of("no expectation: "+name, expected(expectation, "ValidationException: "+message))
}

// updatedOlder is an update with AttributeUpdates.
func updatedOlder(name, before, updates, after string) Case {
	if before != "" {
		before = "," + before
	}
	if after != "" {
		after = "," + after
	}
	return of("AttributeUpdates: "+name, put("@hash", `{"pk":{"S":"$id"}`+before+`}`), update(`"AttributeUpdates":`+updates+`,"ReturnValues":"ALL_NEW"`, `{"Attributes":{"pk":{"S":"$id"}`+after+`}}`))
}

const equalsA = `"KeyConditions":{"pk":{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"a"}]}}`

var legacyCases = []Case{
	expectedHolds("a value", `{"n":{"Value":{"N":"5.0"}}}`), expectedHolds("none", `{"nope":{"Exists":false}}`), expectedHolds("EQ", `{"n":{"ComparisonOperator":"EQ","AttributeValueList":[{"N":"5"}]}}`),
	expectedHolds("NOT_NULL", `{"n":{"ComparisonOperator":"NOT_NULL"}}`), expectedHolds("NULL", `{"nope":{"ComparisonOperator":"NULL"}}`), expectedHolds("IN", `{"n":{"ComparisonOperator":"IN","AttributeValueList":[{"N":"4"},{"N":"5"}]}}`),
	expectedHolds("CONTAINS", `{"ss":{"ComparisonOperator":"CONTAINS","AttributeValueList":[{"S":"a"}]}}`), expectedHolds("BEGINS_WITH", `{"s":{"ComparisonOperator":"BEGINS_WITH","AttributeValueList":[{"S":"he"}]}}`),
	expectedHolds("BETWEEN", `{"n":{"ComparisonOperator":"BETWEEN","AttributeValueList":[{"N":"1"},{"N":"5"}]}}`),
	expectedFails("another value", `{"n":{"Value":{"N":"6"}}}`), expectedFails("something where nothing is", `{"n":{"Exists":false}}`), expectedFails("one of two", `{"n":{"Value":{"N":"5"}},"s":{"Value":{"S":"x"}}}`),
	of("ConditionalOperator OR", put("@hash", conditionItem), answers("PutItem", `{"TableName":"@hash","ConditionalOperator":"OR","Item":{"pk":{"S":"$id"}},"Expected":{"n":{"Value":{"N":"5"}},"s":{"Value":{"S":"x"}}}}`, `{}`)),
	of("ConditionalOperator of a scan without filter", invalid("Scan", `{"TableName":"@hash","ConditionalOperator":"OR"}`, "ConditionalOperator cannot be used without Filter or Expected")),
	of("ConditionalOperator of a query without filter", invalid("Query", `{"TableName":"@hash","ConditionalOperator":"OR","KeyConditions":{"pk":{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"$id"}]}}}`, "ConditionalOperator cannot be used without Filter or Expected")),
	of("an unknown action", invalid("UpdateItem", `{"TableName":"@hash","Key":{"pk":{"S":"$id"}},"AttributeUpdates":{"a":{"Action":"FOO","Value":{"S":"x"}}}}`,
		"1 validation error detected: Value 'FOO' at 'attributeUpdates.a.member.action' failed to satisfy constraint: Member must satisfy enum value set: [ADD, DELETE, PUT]")),
	of("an update of an attribute without name", invalid("UpdateItem", `{"TableName":"@hash","Key":{"pk":{"S":"$id"}},"AttributeUpdates":{"":{"Value":{"S":"x"}}}}`, "Empty attribute name")),
	of("ConditionalOperator without conditions", invalid("PutItem", `{"TableName":"@hash","ConditionalOperator":"OR","Item":{"pk":{"S":"$id"}}}`, "ConditionalOperator cannot be used without Filter or Expected")),
	expectedInvalid("nothing", `{"n":{}}`, oneInvalid+"Value must be provided when Exists is null for Attribute: n"),
	expectedInvalid("a value that must not be", `{"n":{"Exists":false,"Value":{"N":"1"}}}`, oneInvalid+"Value cannot be used when Exists is false for Attribute: n"),
	expectedInvalid("something without value", `{"n":{"Exists":true}}`, oneInvalid+"Value must be provided when Exists is true for Attribute: n"),
	expectedInvalid("values of both kinds", `{"n":{"Value":{"N":"1"},"AttributeValueList":[{"N":"1"}],"ComparisonOperator":"EQ"}}`, oneInvalid+"Value and AttributeValueList cannot be used together for Attribute: n"),
	expectedInvalid("a list without operator", `{"n":{"AttributeValueList":[{"N":"1"}]}}`, oneInvalid+"AttributeValueList can only be used with a ComparisonOperator for Attribute: n"),
	expectedInvalid("Exists with operator", `{"n":{"Exists":true,"ComparisonOperator":"NULL"}}`, oneInvalid+"Exists and ComparisonOperator cannot be used together for Attribute: n"),
	expectedInvalid("an operator without value", `{"n":{"ComparisonOperator":"EQ"}}`, oneInvalid+"Value or AttributeValueList must be used with ComparisonOperator: EQ for Attribute: n"),
	expectedInvalid("too many values", `{"n":{"ComparisonOperator":"EQ","AttributeValueList":[{"N":"1"},{"N":"2"}]}}`, oneInvalid+"Invalid number of argument(s) for the EQ ComparisonOperator"),
	expectedInvalid("an unknown operator", `{"n":{"ComparisonOperator":"X","AttributeValueList":[{"N":"1"}]}}`,
		"1 validation error detected: Value 'X' at 'expected.n.member.comparisonOperator' failed to satisfy constraint: Member must satisfy enum value set: [IN, NULL, BETWEEN, LT, NOT_CONTAINS, EQ, GT, NOT_NULL, NE, LE, BEGINS_WITH, GE, CONTAINS]"),
	updatedOlder("PUT is the default", `"a":{"N":"1"}`, `{"a":{"Value":{"S":"x"}},"b":{"Action":"PUT","Value":{"N":"2"}}}`, `"a":{"S":"x"},"b":{"N":"2"}`),
	updatedOlder("DELETE", `"a":{"N":"1"},"b":{"N":"1"}`, `{"a":{"Action":"DELETE"},"nope":{"Action":"DELETE"}}`, `"b":{"N":"1"}`),
	updatedOlder("DELETE from a set", `"s":{"SS":["a","b"]}`, `{"s":{"Action":"DELETE","Value":{"SS":["a"]}}}`, `"s":{"SS":["b"]}`),
	updatedOlder("ADD", `"a":{"N":"1"},"s":{"NS":["1"]}`, `{"a":{"Action":"ADD","Value":{"N":"2"}},"b":{"Action":"ADD","Value":{"N":"2"}},"s":{"Action":"ADD","Value":{"NS":["2"]}}}`, `"a":{"N":"3"},"b":{"N":"2"},"s":{"NS":["1","2"]}`),
	updatedOlder("ADD to a list", `"l":{"L":[{"N":"1"}]}`, `{"l":{"Action":"ADD","Value":{"L":[{"N":"2"}]}}}`, `"l":{"L":[{"N":"1"},{"N":"2"}]}`),
	of("AttributeUpdates: PUT without value", updateInvalid(`"AttributeUpdates":{"a":{"Action":"PUT"}}`, oneInvalid+"Only DELETE action is allowed when no attribute value is specified")),
	of("AttributeUpdates: ADD of a string", updateInvalid(`"AttributeUpdates":{"a":{"Action":"ADD","Value":{"S":"x"}}}`, oneInvalid+"ADD action is not supported for the type S")),
	of("AttributeUpdates: DELETE of a string", updateInvalid(`"AttributeUpdates":{"a":{"Action":"DELETE","Value":{"S":"x"}}}`, oneInvalid+"DELETE action with value is not supported for the type S")),
	of("AttributeUpdates: ADD to another type", put("@hash", `{"pk":{"S":"$id"},"a":{"S":"x"}}`), updateInvalid(`"AttributeUpdates":{"a":{"Action":"ADD","Value":{"N":"1"}}}`, "Type mismatch for attribute to update")),
	of("AttributeUpdates: the key", updateInvalid(`"AttributeUpdates":{"pk":{"Value":{"S":"x"}}}`, oneInvalid+"Cannot update attribute pk. This attribute is part of the key")),
	of("AttributesToGet", put("@hash", conditionItem), answers("GetItem", `{"TableName":"@hash","Key":{"pk":{"S":"$id"}},"AttributesToGet":["s","n","m.k"]}`, `{"Item":{"s":{"S":"hello"},"n":{"N":"5"}}}`)),
	of("AttributesToGet twice", invalid("GetItem", `{"TableName":"@hash","Key":{"pk":{"S":"$id"}},"AttributesToGet":["s","s"]}`, oneInvalid+"Duplicate value in attribute name: s")),
	of("AttributesToGet of none", invalid("GetItem", `{"TableName":"@hash","Key":{"pk":{"S":"$id"}},"AttributesToGet":[]}`, "1 validation error detected: Value '[]' at 'attributesToGet' failed to satisfy constraint: Member must have length greater than or equal to 1")),
	of("KeyConditions", query(`"KeyConditions":{"pk":{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"a"}]},"sk":{"ComparisonOperator":"GT","AttributeValueList":[{"N":"3"}]}}`, `{"Count":2,"ScannedCount":2,"Items":[`+seeded("a", "4", "5")+`]}`)),
	of("KeyConditions with NE", queryInvalid(`"KeyConditions":{"pk":{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"a"}]},"sk":{"ComparisonOperator":"NE","AttributeValueList":[{"N":"3"}]}}`, "Attempted conditional constraint is not an indexable operation")),
	of("KeyConditions without partition key", queryInvalid(`"KeyConditions":{"sk":{"ComparisonOperator":"EQ","AttributeValueList":[{"N":"1"}]}}`, "Query condition missed key schema element: pk")),
	of("KeyConditions of none", queryInvalid(`"KeyConditions":{}`, "Conditions can be of length 1 or 2 only")),
	of("KeyConditions with too many values", queryInvalid(`"KeyConditions":{"pk":{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"a"},{"S":"b"}]}}`, oneInvalid+"Invalid number of argument(s) for the EQ ComparisonOperator")),
	of("KeyConditions with values of two types", queryInvalid(`"KeyConditions":{"pk":{"ComparisonOperator":"BETWEEN","AttributeValueList":[{"S":"a"},{"N":"1"}]}}`, oneInvalid+"AttributeValues inside AttributeValueList must be of same type")),
	of("KeyConditions with a filter expression", query(equalsA+`,"FilterExpression":"n > :n","ExpressionAttributeValues":{":n":{"N":"4"}}`, `{"Count":1,"ScannedCount":5,"Items":[`+seeded("a", "5")+`]}`)),
	of("QueryFilter", query(equalsA+`,"QueryFilter":{"n":{"ComparisonOperator":"GE","AttributeValueList":[{"N":"4"}]}}`, `{"Count":2,"ScannedCount":5,"Items":[`+seeded("a", "4", "5")+`]}`)),
	of("QueryFilter on a key", queryInvalid(equalsA+`,"QueryFilter":{"sk":{"ComparisonOperator":"GE","AttributeValueList":[{"N":"4"}]}}`, "QueryFilter can only contain non-primary key attributes: Primary key attribute: sk")),
	of("QueryFilter with OR", query(equalsA+`,"ConditionalOperator":"OR","QueryFilter":{"n":{"ComparisonOperator":"EQ","AttributeValueList":[{"N":"4"}]},"a":{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"x1"}]}}`, `{"Count":2,"ScannedCount":5,"Items":[`+seeded("a", "1", "4")+`]}`)),
	of("ScanFilter", scan(`,"ScanFilter":{"n":{"ComparisonOperator":"LT","AttributeValueList":[{"N":"2"}]}}`, `{"Count":1,"ScannedCount":8,"Items":[`+seeded("a", "1")+`]}`)),
	of("ScanFilter of a wrong type", scanInvalid(`,"ScanFilter":{"n":{"ComparisonOperator":"LT","AttributeValueList":[{"SS":["2"]}]}}`, oneInvalid+"ComparisonOperator LT is not valid for SS AttributeValue type")),
	of("ScanFilter without operator", scanInvalid(`,"ScanFilter":{"n":{}}`, "1 validation error detected: Value null at 'scanFilter.n.member.comparisonOperator' failed to satisfy constraint: Member must not be null")),
}
