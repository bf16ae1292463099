package conformance

import (
	"strconv"
	"strings"
)

var validationOrderCases = []Case{
	of("shape before constraints", fails("PutItem", `{"TableName":"a","ReturnValues":"X","Item":{"pk":{"S":1}}}`, "SerializationException")),
	of("constraints before expressions", invalid("PutItem", `{"TableName":"@hash","Item":{"pk":{"S":"x"}},"ReturnValues":"X","ConditionExpression":"a ="}`,
		"1 validation error detected: Value 'X' at 'returnValues' failed to satisfy constraint: Member must satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]")),
	of("both kinds of parameters before values", invalid("PutItem", `{"TableName":"@hash","Item":{"pk":{}},"Expected":{},"ConditionExpression":"a ="}`,
		"Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {Expected} Expression parameters: {ConditionExpression}")),
	of("values before ReturnValues", invalid("PutItem", `{"TableName":"@hash","Item":{"pk":{}},"ReturnValues":"ALL_NEW"}`, emptyValue)),
	of("ReturnValues before expressions", invalid("PutItem", `{"TableName":"@hash","Item":{"pk":{"S":"x"}},"ReturnValues":"ALL_NEW","ConditionExpression":"a ="}`, "ReturnValues can only be ALL_OLD or NONE")),
	of("expressions before the table", invalid("PutItem", `{"TableName":"@missing","Item":{"pk":{"S":"x"}},"ConditionExpression":"a ="}`, `Invalid ConditionExpression: Syntax error; token: "<EOF>", near: "="`)),
	of("unused values before the table", invalid("PutItem", `{"TableName":"@missing","Item":{"pk":{"S":"x"}},"ConditionExpression":"attribute_exists(a)","ExpressionAttributeValues":{":v":{"S":"x"}}}`,
		"Value provided in ExpressionAttributeValues unused in expressions: keys: {:v}")),
	of("the table before the key", fails("PutItem", `{"TableName":"@missing","Item":{"x":{"S":"x"}}}`, "ResourceNotFoundException: Requested resource not found")),
	of("the key before the condition", put("@hash", `{"pk":{"S":"$id"}}`), invalid("PutItem", `{"TableName":"@hash","Item":{"x":{"S":"x"}},"ConditionExpression":"attribute_exists(a)"}`, oneInvalid+"Missing the key pk in the item")),
	of("the condition before the update", put("@hash", `{"pk":{"S":"$id"}}`),
		fails("UpdateItem", `{"TableName":"@hash","Key":{"pk":{"S":"$id"}},"UpdateExpression":"SET a = a + :v","ConditionExpression":"attribute_exists(a)","ExpressionAttributeValues":{":v":{"N":"1"}}}`, "ConditionalCheckFailedException: The conditional request failed")),
	of("the updated key before the condition", fails("UpdateItem", `{"TableName":"@hash","Key":{"pk":{"S":"$id"}},"UpdateExpression":"SET pk = :v","ConditionExpression":"attribute_exists(a)","ExpressionAttributeValues":{":v":{"S":"1"}}}`,
		"ValidationException: "+oneInvalid+"Cannot update attribute pk. This attribute is part of the key")),
	of("the update before the condition is parsed", updateInvalid(`"UpdateExpression":"x","ConditionExpression":"y"`, `Invalid UpdateExpression: Syntax error; token: "x", near: "x"`)),
	of("values' keys before expressions", updateInvalid(`"UpdateExpression":"x","ExpressionAttributeValues":{"v":{"S":"x"}}`, `ExpressionAttributeValues contains invalid key: Syntax error; key: "v"`)),
	of("names before values", updateInvalid(`"UpdateExpression":"x","ExpressionAttributeNames":{"a":"b"},"ExpressionAttributeValues":{"v":{"S":"x"}}`, `ExpressionAttributeNames contains invalid key: Syntax error; key: "a"`)),
	of("the filter before the projection", scanInvalid(`,"FilterExpression":"a =","ProjectionExpression":"a,"`, `Invalid FilterExpression: Syntax error; token: "<EOF>", near: "="`)),
	of("the index before the key", queryInvalid(`"IndexName":"nope","KeyConditionExpression":"x = :p","ExpressionAttributeValues":{":p":{"S":"a"}}`, "The table does not have the specified index: nope")),
	violations("PutItem", `"ConditionalOperator":"X","ReturnValues":"X","ReturnItemCollectionMetrics":"X"`, noItem, badOperator, badValues, badMetrics),
	violations("DeleteItem", `"ConditionalOperator":"X","ReturnValues":"X","ReturnItemCollectionMetrics":"X"`, badValues, badMetrics, noKey, badOperator),
	violations("UpdateItem", `"ConditionalOperator":"X","ReturnValues":"X","ReturnItemCollectionMetrics":"X"`, badMetrics, badValues, noKey, badOperator),
	violations("GetItem", `"AttributesToGet":[],"ReturnConsumedCapacity":"X"`, badCapacity, noAttributes, noKey),
	violations("Query", `"AttributesToGet":[],"ConditionalOperator":"X","Limit":0,"ReturnConsumedCapacity":"X"`, badCapacity, badOperator, noAttributes, badLimit),
	violations("Scan", `"AttributesToGet":[],"ConditionalOperator":"X","Limit":0,"ReturnConsumedCapacity":"X","Segment":-1`, badCapacity, badOperator, badSegment, badLimit, noAttributes),
	of("several violations of a batch", invalid("BatchWriteItem", `{"RequestItems":{},"ReturnConsumedCapacity":"X","ReturnItemCollectionMetrics":"X"}`,
		"3 validation errors detected: "+badCapacity+"; "+badMetrics+"; Value '{}' at 'requestItems' failed to satisfy constraint: Member must have length greater than or equal to 1")),
}

// What a request can violate of the model of several operations.
const (
	noItem       = "Value null at 'item' failed to satisfy constraint: Member must not be null"
	noKey        = "Value null at 'key' failed to satisfy constraint: Member must not be null"
	noAttributes = "Value '[]' at 'attributesToGet' failed to satisfy constraint: Member must have length greater than or equal to 1"
	badOperator  = "Value 'X' at 'conditionalOperator' failed to satisfy constraint: Member must satisfy enum value set: [OR, AND]"
	badValues    = "Value 'X' at 'returnValues' failed to satisfy constraint: Member must satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]"
	badMetrics   = "Value 'X' at 'returnItemCollectionMetrics' failed to satisfy constraint: Member must satisfy enum value set: [SIZE, NONE]"
	badCapacity  = "Value 'X' at 'returnConsumedCapacity' failed to satisfy constraint: Member must satisfy enum value set: [INDEXES, TOTAL, NONE]"
	badLimit     = "Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1"
	badSegment   = "Value '-1' at 'segment' failed to satisfy constraint: Member must have value greater than or equal to 0"
)

// violations is a request for @hash that violates several constraints, in the order in
// which they are told.
func violations(operation, rest string, told ...string) Case {
	return of("several violations of "+operation, invalid(operation, `{"TableName":"@hash",`+rest+`}`,
		strconv.Itoa(len(told))+" validation errors detected: "+strings.Join(told, "; ")))
}
