package conformance

import (
	"strconv"
	"strings"
)

// seeded are the items of @seed whose sort keys are listed, in the order of the list.
func seeded(partition string, sortKeys ...string) string {
	var items []string
	for _, key := range sortKeys {
		for _, item := range seeds {
			if strings.HasPrefix(item, `{"pk":{"S":"`+partition+`"},"sk":{"N":"`+key+`"}`) {
				items = append(items, item)
			}
		}
	}
	return strings.Join(items, ",")
}

// query asks @seed.
func query(rest, want string) Step { return answers("Query", `{"TableName":"@seed",`+rest+`}`, want) }

func queryInvalid(rest, message string) Step {
	return invalid("Query", `{"TableName":"@seed",`+rest+`}`, message)
}

const (
	partitionA = `"KeyConditionExpression":"pk = :p","ExpressionAttributeValues":{":p":{"S":"a"}}`
	partitionG = `"KeyConditionExpression":"gpk = :p","ExpressionAttributeValues":{":p":{"S":"g"}}`
)

var queryCases = []Case{
	of("a partition in order", query(partitionA, `{"Count":5,"ScannedCount":5,"Items":[`+seeded("a", "1", "2", "3", "4", "5")+`]}`)),
	of("a partition backwards", query(`"ScanIndexForward":false,`+partitionA, `{"Count":5,"ScannedCount":5,"Items":[`+seeded("a", "5", "4", "3", "2", "1")+`]}`)),
	of("numbers in their order", query(`"KeyConditionExpression":"pk = :p","ExpressionAttributeValues":{":p":{"S":"b"}}`, `{"Count":3,"ScannedCount":3,"Items":[`+seeded("b", "-1", "9", "10")+`]}`)),
	of("an empty partition", query(`"KeyConditionExpression":"pk = :p","ExpressionAttributeValues":{":p":{"S":"none"}}`, `{"Count":0,"ScannedCount":0,"Items":[]}`)),
	of("COUNT", query(`"Select":"COUNT",`+partitionA, `{"Count":5,"ScannedCount":5}`)),
	of("pages", query(`"Limit":2,`+partitionA, `{"Count":2,"ScannedCount":2,"Items":[`+seeded("a", "1", "2")+`],"LastEvaluatedKey":{"pk":{"S":"a"},"sk":{"N":"2"}}}`),
		query(`"Limit":2,"ExclusiveStartKey":{"pk":{"S":"a"},"sk":{"N":"2"}},`+partitionA, `{"Count":2,"ScannedCount":2,"Items":[`+seeded("a", "3", "4")+`],"LastEvaluatedKey":{"pk":{"S":"a"},"sk":{"N":"4"}}}`),
		query(`"Limit":2,"ExclusiveStartKey":{"pk":{"S":"a"},"sk":{"N":"4"}},`+partitionA, `{"Count":1,"ScannedCount":1,"Items":[`+seeded("a", "5")+`]}`)),
	of("a page that ends with the partition", query(`"Limit":5,`+partitionA, `{"Count":5,"ScannedCount":5,"Items":"*","LastEvaluatedKey":{"pk":{"S":"a"},"sk":{"N":"5"}}}`),
		query(`"Limit":5,"ExclusiveStartKey":{"pk":{"S":"a"},"sk":{"N":"5"}},`+partitionA, `{"Count":0,"ScannedCount":0,"Items":[]}`)),
	of("pages backwards", query(`"Limit":2,"ScanIndexForward":false,"ExclusiveStartKey":{"pk":{"S":"a"},"sk":{"N":"4"}},`+partitionA, `{"Count":2,"ScannedCount":2,"Items":[`+seeded("a", "3", "2")+`],"LastEvaluatedKey":{"pk":{"S":"a"},"sk":{"N":"2"}}}`)),
	of("a start key that does not exist", query(`"Limit":1,"ExclusiveStartKey":{"pk":{"S":"a"},"sk":{"N":"2.5"}},`+partitionA, `{"Count":1,"ScannedCount":1,"Items":[`+seeded("a", "3")+`],"LastEvaluatedKey":{"pk":{"S":"a"},"sk":{"N":"3"}}}`)),
	of("a filter counts what it drops", query(`"KeyConditionExpression":"pk = :p","FilterExpression":"n > :n","ExpressionAttributeValues":{":p":{"S":"a"},":n":{"N":"3"}}`, `{"Count":2,"ScannedCount":5,"Items":[`+seeded("a", "4", "5")+`]}`)),
	of("a limit counts before the filter", query(`"Limit":3,"KeyConditionExpression":"pk = :p","FilterExpression":"n > :n","ExpressionAttributeValues":{":p":{"S":"a"},":n":{"N":"3"}}`, `{"Count":0,"ScannedCount":3,"Items":[],"LastEvaluatedKey":{"pk":{"S":"a"},"sk":{"N":"3"}}}`)),
	of("a projection", query(`"Limit":1,"ProjectionExpression":"a",`+partitionA, `{"Count":1,"ScannedCount":1,"Items":[{"a":{"S":"x1"}}],"LastEvaluatedKey":{"pk":{"S":"a"},"sk":{"N":"1"}}}`)),
	of("SPECIFIC_ATTRIBUTES", query(`"Limit":1,"Select":"SPECIFIC_ATTRIBUTES","ProjectionExpression":"a",`+partitionA, `{"Count":1,"ScannedCount":1,"Items":[{"a":{"S":"x1"}}],"LastEvaluatedKey":"*"}`)),
	of("a filter on the partition key", queryInvalid(`"KeyConditionExpression":"pk = :p","FilterExpression":"pk = :p","ExpressionAttributeValues":{":p":{"S":"a"}}`,
		"Filter Expression can only contain non-primary key attributes: Primary key attribute: pk")),
	of("a filter on the sort key", queryInvalid(`"KeyConditionExpression":"pk = :p","FilterExpression":"sk > :n","ExpressionAttributeValues":{":p":{"S":"a"},":n":{"N":"3"}}`,
		"Filter Expression can only contain non-primary key attributes: Primary key attribute: sk")),
	of("a filter on the key of an index", queryInvalid(`"IndexName":"gsi","KeyConditionExpression":"gpk = :p","FilterExpression":"gsk > :n","ExpressionAttributeValues":{":p":{"S":"g"},":n":{"N":"3"}}`,
		"Filter Expression can only contain non-primary key attributes: Primary key attribute: gsk")),
	of("a filter of an index on the table's key", query(`"IndexName":"gsi","KeyConditionExpression":"gpk = :p","FilterExpression":"sk > :n","ExpressionAttributeValues":{":p":{"S":"g"},":n":{"N":"3"}}`,
		`{"Count":1,"ScannedCount":3,"Items":[`+seeded("a", "5")+`]}`)),
	of("no key condition", queryInvalid(`"Limit":1`, "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")),
	of("limit of none", queryInvalid(`"Limit":0,`+partitionA, "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1")),
	of("negative limit", queryInvalid(`"Limit":-1,`+partitionA, "1 validation error detected: Value '-1' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1")),
	of("unknown Select", queryInvalid(`"Select":"X",`+partitionA, "1 validation error detected: Value 'X' at 'select' failed to satisfy constraint: Member must satisfy enum value set: [SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]")),
	of("SPECIFIC_ATTRIBUTES without any", queryInvalid(`"Select":"SPECIFIC_ATTRIBUTES",`+partitionA, "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")),
	of("a projection of ALL_ATTRIBUTES", queryInvalid(`"Select":"ALL_ATTRIBUTES","ProjectionExpression":"a",`+partitionA, "Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES")),
	of("a projection of COUNT", queryInvalid(`"Select":"COUNT","ProjectionExpression":"a",`+partitionA, "Cannot specify the ProjectionExpression when choosing to get only the Count")),
	of("ALL_PROJECTED_ATTRIBUTES of a table", queryInvalid(`"Select":"ALL_PROJECTED_ATTRIBUTES",`+partitionA, "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")),
	of("a missing index", queryInvalid(`"IndexName":"nope",`+partitionA, "The table does not have the specified index: nope")),
	of("a consistent read of a global index", queryInvalid(`"IndexName":"gsi","ConsistentRead":true,`+partitionG, "Consistent reads are not supported on global secondary indexes")),
	of("missing table", fails("Query", `{"TableName":"@missing",`+partitionA+`}`, "ResourceNotFoundException: Requested resource not found")),
	of("start key with too few attributes", queryInvalid(`"ExclusiveStartKey":{"pk":{"S":"a"}},`+partitionA, "The provided starting key is invalid")),
	of("start key with another attribute", queryInvalid(`"ExclusiveStartKey":{"pk":{"S":"a"},"x":{"N":"1"}},`+partitionA, "The provided starting key is invalid")),
	of("start key of another type", queryInvalid(`"ExclusiveStartKey":{"pk":{"S":"a"},"sk":{"S":"1"}},`+partitionA, "The provided key element does not match the schema")),
	of("start key of another partition", queryInvalid(`"ExclusiveStartKey":{"pk":{"S":"b"},"sk":{"N":"9"}},`+partitionA, "The provided starting key is outside query boundaries based on provided conditions")),
	of("start key outside the condition", queryInvalid(`"ExclusiveStartKey":{"pk":{"S":"a"},"sk":{"N":"1"}},"KeyConditionExpression":"pk = :p AND sk > :n","ExpressionAttributeValues":{":p":{"S":"a"},":n":{"N":"3"}}`,
		"The provided starting key does not match the range key predicate")),
	of("start key of an index without the table's key", queryInvalid(`"IndexName":"gsi","ExclusiveStartKey":{"gpk":{"S":"g"},"gsk":{"N":"5"}},`+partitionG, "The provided starting key is invalid")),
	of("COUNT by pages", query(`"Select":"COUNT","Limit":2,`+partitionA, `{"Count":2,"ScannedCount":2,"LastEvaluatedKey":{"pk":{"S":"a"},"sk":{"N":"2"}}}`)),
	of("COUNT with a filter", query(`"Select":"COUNT","KeyConditionExpression":"pk = :p","FilterExpression":"n > :n","ExpressionAttributeValues":{":p":{"S":"a"},":n":{"N":"3"}}`, `{"Count":2,"ScannedCount":5}`)),
	of("ALL_ATTRIBUTES", query(`"Limit":1,"Select":"ALL_ATTRIBUTES",`+partitionA, `{"...":true,"Items":[`+seeded("a", "1")+`]}`)),
	of("a filter with another type", query(`"KeyConditionExpression":"pk = :p","FilterExpression":"n > :p","ExpressionAttributeValues":{":p":{"S":"a"}}`, `{"Count":0,"ScannedCount":5,"Items":[]}`)),
	of("an empty start key", queryInvalid(`"ExclusiveStartKey":{},`+partitionA, "~The provided starting key is invalid.*")),
	of("a start key with an empty value", queryInvalid(`"ExclusiveStartKey":{"pk":{},"sk":{"N":"1"}},`+partitionA, "The provided starting key is invalid: "+emptyValue)),
	of("an unused value", queryInvalid(`"KeyConditionExpression":"pk = :p","ExpressionAttributeValues":{":p":{"S":"a"},":x":{"S":"a"}}`, "Value provided in ExpressionAttributeValues unused in expressions: keys: {:x}")),
	of("an empty filter", queryInvalid(`"FilterExpression":"",`+partitionA, "Invalid FilterExpression: The expression can not be empty;")),
	of("a short name of an index", queryInvalid(`"IndexName":"ab",`+partitionA, "1 validation error detected: Value 'ab' at 'indexName' failed to satisfy constraint: Member must have length greater than or equal to 3")),
	of("both kinds of key condition", queryInvalid(equalsA+`,`+partitionA, "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {KeyConditions} Expression parameters: {KeyConditionExpression}")),
}

// keyed is a query of partition a by sort key.
func keyed(condition, values string, sortKeys ...string) Case {
	n := strconv.Itoa(len(sortKeys))
	return of("sk "+condition+" "+values, query(`"KeyConditionExpression":"pk = :p AND sk `+condition+`","ExpressionAttributeValues":{":p":{"S":"a"},`+values+`}`,
		`{"Count":`+n+`,"ScannedCount":`+n+`,"Items":[`+seeded("a", sortKeys...)+`]}`))
}

// unkeyed is a key condition of @seed that is refused. :p is "a", :n is 3.
func unkeyed(name, condition, values, message string) Case {
	return of(name, queryInvalid(`"KeyConditionExpression":"`+condition+`","ExpressionAttributeValues":{`+values+`}`, message))
}

const (
	p, pn = `":p":{"S":"a"}`, `":p":{"S":"a"},":n":{"N":"3"}`

	mistyped = oneInvalid + "Condition parameter type does not match schema type"
)

var keyConditionCases = []Case{
	keyed("= :n", `":n":{"N":"3"}`, "3"), keyed("= :n", `":n":{"N":"3.5"}`), keyed("< :n", `":n":{"N":"3"}`, "1", "2"), keyed("<= :n", `":n":{"N":"3"}`, "1", "2", "3"),
	keyed("> :n", `":n":{"N":"3"}`, "4", "5"), keyed(">= :n", `":n":{"N":"3"}`, "3", "4", "5"), keyed("BETWEEN :n AND :m", `":n":{"N":"2"},":m":{"N":"4"}`, "2", "3", "4"),
	of("the value first", query(`"KeyConditionExpression":":n < sk AND :p = pk","ExpressionAttributeValues":{":p":{"S":"a"},":n":{"N":"4"}}`, `{"Count":1,"ScannedCount":1,"Items":[`+seeded("a", "5")+`]}`)),
	of("in parentheses", query(`"KeyConditionExpression":"(pk = :p) AND (sk > :n)","ExpressionAttributeValues":{":p":{"S":"a"},":n":{"N":"4"}}`, `{"Count":1,"ScannedCount":1,"Items":[`+seeded("a", "5")+`]}`)),
	of("names through placeholders", query(`"KeyConditionExpression":"#p = :p AND #s > :n","ExpressionAttributeNames":{"#p":"pk","#s":"sk"},"ExpressionAttributeValues":{":p":{"S":"a"},":n":{"N":"4"}}`, `{"Count":1,"ScannedCount":1,"Items":[`+seeded("a", "5")+`]}`)),
	of("begins_with", put("@range", `{"pk":{"S":"$id"},"sk":{"S":"ab"}}`), put("@range", `{"pk":{"S":"$id"},"sk":{"S":"abc"}}`), put("@range", `{"pk":{"S":"$id"},"sk":{"S":"ac"}}`),
		answers("Query", `{"TableName":"@range","KeyConditionExpression":"pk = :p AND begins_with(sk, :s)","ExpressionAttributeValues":{":p":{"S":"$id"},":s":{"S":"ab"}}}`,
			`{"Count":2,"ScannedCount":2,"Items":[{"pk":{"S":"$id"},"sk":{"S":"ab"}},{"pk":{"S":"$id"},"sk":{"S":"abc"}}]}`)),
	of("strings in the order of their bytes", put("@range", `{"pk":{"S":"$id"},"sk":{"S":"b"}}`), put("@range", `{"pk":{"S":"$id"},"sk":{"S":"B"}}`), put("@range", `{"pk":{"S":"$id"},"sk":{"S":"é"}}`), put("@range", `{"pk":{"S":"$id"},"sk":{"S":"\uFF61"}}`), put("@range", `{"pk":{"S":"$id"},"sk":{"S":"\ud83d\ude00"}}`),
		answers("Query", `{"TableName":"@range","ProjectionExpression":"sk","KeyConditionExpression":"pk = :p","ExpressionAttributeValues":{":p":{"S":"$id"}}}`,
			`{"Count":5,"ScannedCount":5,"Items":[{"sk":{"S":"B"}},{"sk":{"S":"b"}},{"sk":{"S":"é"}},{"sk":{"S":"\uFF61"}},{"sk":{"S":"\ud83d\ude00"}}]}`)),
	of("bytes are unsigned", put("@binary", `{"pk":{"S":"$id"},"sk":{"B":"fw=="}}`), put("@binary", `{"pk":{"S":"$id"},"sk":{"B":"gA=="}}`), put("@binary", `{"pk":{"S":"$id"},"sk":{"B":"f/8="}}`),
		answers("Query", `{"TableName":"@binary","ProjectionExpression":"sk","KeyConditionExpression":"pk = :p AND begins_with(sk, :s)","ExpressionAttributeValues":{":p":{"S":"$id"},":s":{"B":"fw=="}}}`,
			`{"Count":2,"ScannedCount":2,"Items":[{"sk":{"B":"fw=="}},{"sk":{"B":"f/8="}}]}`),
		answers("Query", `{"TableName":"@binary","ProjectionExpression":"sk","KeyConditionExpression":"pk = :p","ExpressionAttributeValues":{":p":{"S":"$id"}}}`,
			`{"Count":3,"ScannedCount":3,"Items":[{"sk":{"B":"fw=="}},{"sk":{"B":"f/8="}},{"sk":{"B":"gA=="}}]}`)),
	unkeyed("without partition key", "sk = :n", `":n":{"N":"3"}`, "Query condition missed key schema element: pk"),
	unkeyed("with another attribute", "pk = :p AND a = :n", pn, "Query condition missed key schema element: sk"),
	unkeyed("of another attribute alone", "a = :p", p, "Query condition missed key schema element: pk"),
	unkeyed("partition key by order", "pk > :p", p, "Query key condition not supported"),
	unkeyed("partition key by prefix", "begins_with(pk, :p)", p, "Query key condition not supported"),
	unkeyed("partition key of another type", "pk = :n", `":n":{"N":"3"}`, mistyped),
	unkeyed("sort key of another type", "pk = :p AND sk = :p", p, mistyped),
	unkeyed("prefix of a number", "pk = :p AND begins_with(sk, :n)", pn, "Invalid KeyConditionExpression: Incorrect operand type for operator or function; operator or function: begins_with, operand type: N"),
	unkeyed("OR", "pk = :p OR sk = :n", pn, "Invalid operator used in KeyConditionExpression: OR"),
	unkeyed("NOT", "pk = :p AND NOT sk = :n", pn, "Invalid operator used in KeyConditionExpression: NOT"),
	unkeyed("IN", "pk = :p AND sk IN (:n)", pn, "Invalid operator used in KeyConditionExpression: IN"),
	unkeyed("<>", "pk = :p AND sk <> :n", pn, "Invalid operator used in KeyConditionExpression: <>"),
	unkeyed("contains", "pk = :p AND contains(sk, :n)", pn, "Invalid operator used in KeyConditionExpression: contains"),
	unkeyed("attribute_exists", "pk = :p AND attribute_exists(sk)", p, "Invalid operator used in KeyConditionExpression: attribute_exists"),
	unkeyed("size", "pk = :p AND size(sk) = :n", pn, "KeyConditionExpressions cannot contain nested operations"),
	unkeyed("one key twice", "pk = :p AND sk > :n AND sk < :n", pn, "KeyConditionExpressions must only contain one condition per key"),
	unkeyed("a nested attribute", "pk.a = :p", p, "KeyConditionExpressions cannot have conditions on nested attributes"),
	unkeyed("three keys", "pk = :p AND sk = :n AND a = :n", pn, "Conditions can be of length 1 or 2 only"),
	unkeyed("no attribute", ":p = :n", pn, "Invalid condition in KeyConditionExpression: No key attribute specified"),
	unkeyed("two attributes", "pk = sk AND pk = :p", p, "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition"),
	unkeyed("empty", "", p, "Invalid KeyConditionExpression: The expression can not be empty;"),
	unkeyed("undefined value", "pk = :x", p, "Invalid KeyConditionExpression: An expression attribute value used in expression is not defined; attribute value: :x"),
	unkeyed("bounds in the wrong order", "pk = :p AND sk BETWEEN :n AND :m", pn+`,":m":{"N":"1"}`, "Invalid KeyConditionExpression: The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:3}, upper bound operand: AttributeValue: {N:1}"),
	unkeyed("empty partition key", "pk = :e", `":e":{"S":""}`, "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk"),
	of("sort key of a table without one", invalid("Query", `{"TableName":"@hash","KeyConditionExpression":"pk = :p AND sk = :p","ExpressionAttributeValues":{":p":{"S":"a"}}}`, "Query key condition not supported")),
}
