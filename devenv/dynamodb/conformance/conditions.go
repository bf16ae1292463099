package conformance

import "strings"

// conditionItem is what conditions are tried on.
const conditionItem = `{"pk":{"S":"$id"},"s":{"S":"hello"},"n":{"N":"5"},"b":{"B":"AQID"},"t":{"BOOL":true},"z":{"NULL":true},"ss":{"SS":["a","b"]},"ns":{"NS":["1","2"]},"l":{"L":[{"S":"x"},{"N":"1"}]},"m":{"M":{"k":{"S":"v"},"d":{"M":{"e":{"N":"1"}}}}}}`

func conditional(expression, values string) string {
	if values != "" {
		values = `,"ExpressionAttributeValues":{` + values + `}`
	}
	return `{"TableName":"@hash","Key":{"pk":{"S":"$id"}},"ConditionExpression":"` + expression + `"` + values + `}`
}

// holds is a condition that holds for conditionItem.
func holds(expression, values string) Case {
	return of("holds: "+expression+" "+values, put("@hash", conditionItem), answers("DeleteItem", conditional(expression, values), `{}`))
}

// not is a condition that does not hold for conditionItem.
func not(expression, values string) Case {
	return of("does not hold: "+expression+" "+values, put("@hash", conditionItem),
		fails("DeleteItem", conditional(expression, values), "ConditionalCheckFailedException: The conditional request failed"))
}

// wrong is a condition that is refused, whatever the item. No message is any.
func wrong(name, expression, values, message string) Case {
	if message != "" {
		message = "Invalid ConditionExpression: " + message
	}
	return of(name, invalid("DeleteItem", conditional(expression, values), message))
}

var conditionCases = []Case{
	holds("s = :v", `":v":{"S":"hello"}`), not("s = :v", `":v":{"S":"x"}`), not("s = :v", `":v":{"N":"5"}`),
	holds("n = :v", `":v":{"N":"5.00"}`), holds("n <> :v", `":v":{"N":"6"}`), holds("nope <> :v", `":v":{"N":"6"}`), not("nope = :v", `":v":{"N":"6"}`),
	holds("n <> :v", `":v":{"S":"5"}`), holds("n < :v", `":v":{"N":"10"}`), not("n < :v", `":v":{"S":"9"}`), holds("n >= :v", `":v":{"N":"5"}`),
	not("n > :v", `":v":{"N":"5"}`), holds("n <= :v", `":v":{"N":"5"}`), holds("b > :v", `":v":{"B":"AQI="}`), not("nope < :v", `":v":{"N":"1"}`),
	holds("n BETWEEN :a AND :b", `":a":{"N":"5"},":b":{"N":"6"}`), not("n BETWEEN :a AND :b", `":a":{"N":"6"},":b":{"N":"7"}`),
	holds("n IN (:a, :b)", `":a":{"N":"4"},":b":{"N":"5"}`), not("n IN (:a)", `":a":{"S":"5"}`),
	holds("attribute_exists(m.k)", ``), not("attribute_exists(m.nope)", ``), holds("attribute_not_exists(nope)", ``), not("attribute_not_exists(l[0])", ``),
	holds("attribute_type(l, :t)", `":t":{"S":"L"}`), not("attribute_type(l, :t)", `":t":{"S":"M"}`), holds("attribute_type(z, :t)", `":t":{"S":"NULL"}`), holds("attribute_type(ns, :t)", `":t":{"S":"NS"}`),
	holds("begins_with(s, :v)", `":v":{"S":"he"}`), not("begins_with(s, :v)", `":v":{"S":"el"}`), holds("begins_with(b, :v)", `":v":{"B":"AQ=="}`), not("begins_with(nope, :v)", `":v":{"S":"x"}`), not("begins_with(n, :v)", `":v":{"S":"5"}`),
	holds("contains(s, :v)", `":v":{"S":"ell"}`), holds("contains(ss, :v)", `":v":{"S":"a"}`), not("contains(ss, :v)", `":v":{"S":"ab"}`), holds("contains(l, :v)", `":v":{"N":"1"}`), holds("contains(ns, :v)", `":v":{"N":"2.0"}`), not("contains(n, :v)", `":v":{"N":"5"}`),
	holds("size(s) = :v", `":v":{"N":"5"}`), holds("size(l) = :v", `":v":{"N":"2"}`), holds("size(m) = :v", `":v":{"N":"2"}`), holds("size(b) = :v", `":v":{"N":"3"}`), holds("size(ss) > :v", `":v":{"N":"1"}`), not("size(n) > :v", `":v":{"N":"0"}`), not("size(nope) >= :v", `":v":{"N":"0"}`),
	holds("NOT s = :v", `":v":{"S":"x"}`), holds("NOT nope = :v", `":v":{"S":"x"}`), holds("s = :v OR n = :v AND t = :v", `":v":{"S":"hello"}`), not("(s = :v OR n = :v) AND t = :v", `":v":{"S":"hello"}`),
	holds("m.d.e = l[1]", ``), holds("ss = :v", `":v":{"SS":["b","a"]}`), holds("ns = :v", `":v":{"NS":["2","1.0"]}`), holds("l = :v", `":v":{"L":[{"S":"x"},{"N":"1.0"}]}`), holds("m.d = :v", `":v":{"M":{"e":{"N":"1"}}}`),
	holds("t = :v", `":v":{"BOOL":true}`), holds("z = :v", `":v":{"NULL":true}`), holds(":v = s", `":v":{"S":"hello"}`), holds("attribute_exists (s) and not (n < :v)", `":v":{"N":"5"}`),

	wrong("a map is compared by order", "n < :v", `":v":{"M":{}}`, "Incorrect operand type for operator or function; operator or function: <, operand type: M"),
	wrong("a boolean is compared by order", "n >= :v", `":v":{"BOOL":true}`, "Incorrect operand type for operator or function; operator or function: >=, operand type: BOOL"),
	wrong("begins_with of a number", "begins_with(n, :v)", `":v":{"N":"5"}`, "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N"),
	wrong("bounds in the wrong order", "n BETWEEN :a AND :b", `":a":{"N":"2"},":b":{"N":"1"}`, "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:1}"),
	wrong("bounds of two types", "n BETWEEN :a AND :b", `":a":{"N":"2"},":b":{"S":"1"}`, "The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {S:1}"),
	wrong("an attribute is compared with itself", "a = a", ``, "The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [a]"),
	wrong("an attribute is one of itself", "a IN (:v, a)", `":v":{"N":"1"}`, "The first operand must be distinct from the remaining operands for this operator or function; operator: IN, first operand: [a]"),
	wrong("an unknown type", "attribute_type(a, :t)", `":t":{"S":"X"}`, "Invalid attribute type name found; type: X, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}"),
	wrong("a type that is no string", "attribute_type(a, :t)", `":t":{"N":"1"}`, "Incorrect operand type for operator or function; operator or function: attribute_type, operand type: N"),
	wrong("attribute_exists of a value", "attribute_exists(:v)", `":v":{"S":"a"}`, "Operator or function requires a document path; operator or function: attribute_exists"),
	wrong("attribute_exists of two", "attribute_exists(a, b)", ``, "Incorrect number of operands for operator or function; operator or function: attribute_exists, number of operands: 2"),
	wrong("begins_with of one", "begins_with(a)", ``, "Incorrect number of operands for operator or function; operator or function: begins_with, number of operands: 1"),
	wrong("size alone", "size(a)", ``, "The function is not allowed to be used this way in an expression; function: size"),
	wrong("a condition inside a comparison", "attribute_exists(a) = :v", `":v":{"BOOL":true}`, "The function is not allowed to be used this way in an expression; function: attribute_exists"),
	wrong("size of a number", "size(:v) = :v", `":v":{"N":"1"}`, "Incorrect operand type for operator or function; operator or function: size, operand type: N"),
	wrong("unknown function", "foo(a)", ``, "Invalid function name; function: foo"),
	wrong("functions are case-sensitive", "Begins_with(a, :v)", `":v":{"S":"1"}`, "Invalid function name; function: Begins_with"),
	wrong("a function for updates", "if_not_exists(a, b)", ``, "The function is not allowed in a condition expression; function: if_not_exists"),
	wrong("redundant parentheses", "((a = b))", ``, "The expression has redundant parentheses;"),
	wrong("empty", "", ``, "The expression can not be empty;"),
	wrong("undefined value", "a = :v", ``, "An expression attribute value used in expression is not defined; attribute value: :v"),
	wrong("reserved word", "size = :v", `":v":{"N":"1"}`, "Attribute name is a reserved keyword; reserved keyword: size"),
	wrong("another reserved word", "Year = :v", `":v":{"N":"1"}`, "Attribute name is a reserved keyword; reserved keyword: Year"),
	holds(":v IN (s, nope)", `":v":{"S":"hello"}`), holds("begins_with(s, m.p) OR contains(l, :v)", `":v":{"S":"x"}`), holds("n between :a and :b or attribute_exists(nope)", `":a":{"N":"1"},":b":{"N":"9"}`),
	holds("attribute_exists(m.d.e) AND attribute_not_exists(m.d.e.f) AND attribute_not_exists(l[2])", ``), holds("size(m.k) = size(m.k2) OR size(ss) = size(l)", ``), holds("NOT (NOT s = :v)", `":v":{"S":"hello"}`), not("NOT attribute_exists(s)", ``),
	holds("contains(s, m.e) OR s = :v", `":v":{"S":"hello"}`), holds("l[0] < :v AND l[1] >= :n", `":v":{"S":"y"},":n":{"N":"1"}`), not("l < :v", `":v":{"S":"y"}`), not("m = :v", `":v":{"M":{"k":{"S":"v"}}}`), not("ss = :v", `":v":{"SS":["a"]}`), holds("ss <> :v", `":v":{"SS":["a"]}`), not("z = t", ``),
	holds("contains(b, :v)", `":v":{"B":"Ag=="}`), holds("b = :v", `":v":{"B":"AQID"}`), holds("size(ns) BETWEEN :a AND :b", `":a":{"N":"1"},":b":{"N":"2"}`), holds("size(s) IN (:a)", `":a":{"N":"5"}`),
	wrong("contains of two the same", "contains(a, a)", ``, "The first operand must be distinct from the remaining operands for this operator or function; operator: contains, first operand: [a]"),
	wrong("begins_with of a number and a list", "begins_with(:n, :l)", `":n":{"N":"1"},":l":{"L":[]}`, "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N"),
	wrong("attribute_exists of nothing", "attribute_exists()", ``, `Syntax error; token: ")", near: "()"`),
	wrong("contains of three", "contains(a, b, c)", ``, "Incorrect number of operands for operator or function; operator or function: contains, number of operands: 3"),
	wrong("attribute_type of one", "attribute_type(a)", ``, "Incorrect number of operands for operator or function; operator or function: attribute_type, number of operands: 1"),
	wrong("attribute_type by attribute", "attribute_type(a, b)", ``, ""),
	wrong("NOT alone", "NOT a", ``, ""),
	wrong("a bare name", "a", ``, ""),
	wrong("a bare value", ":v", `":v":{"BOOL":true}`, ""),
	wrong("a comparison of comparisons", "(a = b) = (c = d)", ``, ""),
}

var expressionCases = []Case{
	wrong("ends early", "a =", ``, `Syntax error; token: "<EOF>", near: "="`),
	wrong("two operators", "a = = b", ``, `Syntax error; token: "=", near: "= = b"`),
	wrong("an open parenthesis", "(a = b", ``, `Syntax error; token: "<EOF>", near: "b"`),
	wrong("a character of no token", "a ! b", ``, `Syntax error; token: "!", near: "a ! b"`),
	wrong("a string literal", "a = 'b'", ``, `Syntax error; token: "'", near: "= 'b"`),
	wrong("a word too many", "a = b c", ``, `Syntax error; token: "c", near: "b c"`),
	wrong("an index that is negative", "attribute_exists(a[-1])", ``, `Syntax error; token: "-", near: "[-1"`),
	wrong("AND without right side", "a = b AND", ``, `Syntax error; token: "<EOF>", near: "AND"`),
	wrong("IN of nothing", "a IN ()", ``, `Syntax error; token: ")", near: "()"`),
	of("unused names and values", invalid("DeleteItem", `{"TableName":"@hash","Key":{"pk":{"S":"x"}},"ConditionExpression":"attribute_exists(a)","ExpressionAttributeNames":{"#x":"b"},"ExpressionAttributeValues":{":y":{"S":"x"}}}`,
		"Value provided in ExpressionAttributeNames unused in expressions: keys: {#x}")),
	of("two unused values", invalid("DeleteItem", `{"TableName":"@hash","Key":{"pk":{"S":"x"}},"ConditionExpression":"attribute_exists(a)","ExpressionAttributeValues":{":a":{"S":"x"},":b":{"S":"x"}}}`,
		"~Value provided in ExpressionAttributeValues unused in expressions: keys: \\{:[ab], :[ab]\\}")),
	of("both kinds of condition", invalid("DeleteItem", `{"TableName":"@hash","Key":{"pk":{"S":"x"}},"ConditionExpression":"attribute_exists(a)","Expected":{"a":{"Exists":false}}}`,
		"Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {Expected} Expression parameters: {ConditionExpression}")),
	of("values without condition", invalid("DeleteItem", `{"TableName":"@hash","Key":{"pk":{"S":"x"}},"ExpressionAttributeValues":{":a":{"S":"x"}}}`,
		"ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null")),
	of("a condition on a part of the key", put("@hash", `{"pk":{"S":"$id"}}`), invalid("DeleteItem", `{"TableName":"@hash","Key":{"pk":{"S":"$id"}},"ConditionExpression":"attribute_exists(pk.a)"}`,
		"Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: pk")),
	of("an expression of 4097 bytes", invalid("DeleteItem", `{"TableName":"@hash","Key":{"pk":{"S":"$id"}},"ConditionExpression":"attribute_exists({{4079}})"}`,
		"Invalid ConditionExpression: Expression size has exceeded the maximum allowed size; expression size: 4097")),
	of("101 operands of IN", fails("DeleteItem", conditional("a IN ("+strings.TrimSuffix(strings.Repeat(":v,", 101), ",")+")", `":v":{"S":"x"}`), "ValidationException")),
}
