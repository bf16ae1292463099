package conformance

// badValue is a value that no item may have.
func badValue(name, value, message string) Case {
	return of(name, invalid("PutItem", `{"TableName":"@hash","Item":{"pk":{"S":"$id"},"a":`+value+`}}`, message))
}

// shapeless is a request that is no request at all.
func shapeless(name, request, message string) Case {
	return of(name, fails("PutItem", request, "SerializationException: "+message))
}

const emptyValue = "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"

var valueCases = []Case{
	badValue("no type", `{}`, emptyValue),
	badValue("no type in a list", `{"L":[{}]}`, emptyValue),
	badValue("no type in a map", `{"M":{"a":{}}}`, emptyValue),
	badValue("an unknown type", `{"X":"1"}`, emptyValue),
	badValue("two types", `{"S":"a","N":"1"}`, "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"),
	badValue("NULL of false", `{"NULL":false}`, oneInvalid+"Null attribute value types must have the value of true"),
	badValue("an empty string set", `{"SS":[]}`, oneInvalid+"An string set  may not be empty"),
	badValue("an empty number set", `{"NS":[]}`, oneInvalid+"An number set  may not be empty"),
	badValue("an empty binary set", `{"BS":[]}`, oneInvalid+"Binary sets should not be empty"),
	badValue("a string twice", `{"SS":["a","b","a"]}`, oneInvalid+"Input collection [a, b, a] contains duplicates."),
	badValue("a number twice", `{"NS":["1","2","1.0"]}`, "Input collection contains duplicates"),
	badValue("bytes twice", `{"BS":["AQ==","Ag==","AQ=="]}`, oneInvalid+"Input collection [AQ==, Ag==, AQ==]of type BS contains duplicates."),
	of("a value of a key without type", invalid("GetItem", `{"TableName":"@hash","Key":{"pk":{}}}`, emptyValue)),
	of("33 levels", invalid("PutItem", `{"TableName":"@hash","Item":{"pk":{"S":"$id"},"a":`+nested(33)+`}}`, "Nesting Levels have exceeded supported limits: Attributes have nested levels beyond 32")).anyMessage(),
	of("32 levels", put("@hash", `{"pk":{"S":"$id"},"a":`+nested(31)+`}`)),
	shapeless("a string that is a number", `{"TableName":"@hash","Item":{"pk":{"S":1}}}`, "NUMBER_VALUE cannot be converted to String"),
	shapeless("a string that is a boolean", `{"TableName":"@hash","Item":{"pk":{"S":true}}}`, "TRUE_VALUE cannot be converted to String"),
	shapeless("a string that is a list", `{"TableName":"@hash","Item":{"pk":{"S":[]}}}`, "Unrecognized collection type class java.lang.String"),
	shapeless("a string that is an object", `{"TableName":"@hash","Item":{"pk":{"S":{}}}}`, "Start of structure or map found where not expected"),
	shapeless("a number that is one", `{"TableName":"@hash","Item":{"pk":{"N":1}}}`, "NUMBER_VALUE cannot be converted to String"),
	shapeless("a value that is a string", `{"TableName":"@hash","Item":{"pk":"x"}}`, "Unexpected value type in payload"),
	shapeless("an item that is a list", `{"TableName":"@hash","Item":[]}`, "Unrecognized collection type java.util.Map<java.lang.String, com.amazonaws.dynamodb.v20120810.AttributeValue>"),
	shapeless("a value that is a list", `{"TableName":"@hash","Item":{"pk":[]}}`, "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.AttributeValue"),
	shapeless("an item that is a string", `{"TableName":"@hash","Item":"x"}`, "Unexpected field type"),
	shapeless("a table name that is a number", `{"TableName":1}`, "NUMBER_VALUE cannot be converted to String"),
	shapeless("bytes that are no base64", `{"TableName":"@hash","Item":{"pk":{"S":"x"},"b":{"B":"a"}}}`, "Base64 encoded length is expected a multiple of 4 bytes but found: 1"),
	shapeless("a list that is a string", `{"TableName":"@hash","Item":{"pk":{"S":"x"},"l":{"L":"a"}}}`, "Unexpected field type"),
	of("a boolean that is a string", answers("GetItem", `{"TableName":"@hash","Key":{"pk":{"S":"$id"}},"ConsistentRead":"true"}`, `{}`)),
	of("a boolean that is another string", fails("GetItem", `{"TableName":"@hash","Key":{"pk":{"S":"$id"}},"ConsistentRead":"x"}`, "SerializationException: Unexpected token received from parser")),
	of("a whole number with a fraction", answers("Scan", `{"TableName":"@seed","Limit":1.9,"Select":"COUNT"}`, `{"Count":1,"ScannedCount":1,"LastEvaluatedKey":"*"}`)),
	of("a whole number that is a string", fails("Scan", `{"TableName":"@hash","Limit":"1"}`, "SerializationException: STRING_VALUE cannot be converted to Integer")),
	of("capacity that is a string", fails("CreateTable", `{"TableName":"$own","ProvisionedThroughput":{"ReadCapacityUnits":"1"}}`, "SerializationException: STRING_VALUE cannot be converted to Long")),
	of("a structure that is a string", fails("CreateTable", `{"TableName":"$own","ProvisionedThroughput":"x"}`, "SerializationException: Unexpected field type")),
	of("a structure in a list that is a string", fails("CreateTable", `{"TableName":"$own","KeySchema":["x"]}`, "SerializationException: Unexpected value type in payload")),
	of("a structure in a map that is a string", fails("Scan", `{"TableName":"@hash","ScanFilter":{"a":"x"}}`, "SerializationException: Unexpected value type in payload")),
	of("a structure that is a list", fails("CreateTable", `{"TableName":"$own","LocalSecondaryIndexes":[[]]}`, "SerializationException: Unrecognized collection type class com.amazonaws.dynamodb.v20120810.LocalSecondaryIndex")),
	of("conditions that are a list", fails("Scan", `{"TableName":"@hash","ScanFilter":[]}`, "SerializationException: Unrecognized collection type java.util.Map<java.lang.String, com.amazonaws.dynamodb.v20120810.Condition>")),
	of("items of a batch that are a list", fails("BatchWriteItem", `{"RequestItems":[]}`, "SerializationException: Unrecognized collection type java.util.Map<java.lang.String, java.util.List<com.amazonaws.dynamodb.v20120810.WriteRequest>>")),
	of("writes of a batch that are a number", fails("BatchWriteItem", `{"RequestItems":{"@hash":1}}`, "SerializationException: ~class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class java.lang.Class .*")),
	of("a text that is a fraction", fails("PutItem", `{"TableName":1.5}`, "SerializationException: DECIMAL_VALUE cannot be converted to String")),
	of("a boolean that is a fraction", fails("GetItem", `{"TableName":"@hash","Key":{"pk":{"S":"$id"}},"ConsistentRead":1.5}`, "SerializationException: DECIMAL_VALUE cannot be converted to Boolean")),
	of("no JSON", fails("PutItem", `{"TableName"`, "SerializationException")),
	of("no request", fails("PutItem", ``, "SerializationException")),
	of("an unknown operation", fails("Frobnicate", `{}`, "UnknownOperationException")),
	of("null is absent", answers("PutItem", `{"TableName":"@hash","Item":{"pk":{"S":"$id"}},"ConditionExpression":null,"ReturnValues":null}`, `{}`)),
	of("unknown members are ignored", answers("PutItem", `{"TableName":"@hash","Item":{"pk":{"S":"$id"}},"Unknown":1}`, `{}`)),
}

func nested(levels int) string {
	text := `{"S":"x"}`
	for range levels {
		text = `{"L":[` + text + `]}`
	}
	return text
}

// anyMessage leaves the exception's text open where AWS has changed it over the years.
func (c Case) anyMessage() Case {
	c.steps[len(c.steps)-1].message = ""
	return c
}
