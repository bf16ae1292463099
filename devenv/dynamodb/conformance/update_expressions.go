package conformance

// updated is an update by expression after which the item is as wanted, the key aside.
func updated(name, before, expression, values, after string) Case {
	key := `{"pk":{"S":"$id"}`
	if before != "" {
		before = "," + before
	}
	if after != "" {
		after = "," + after
	}
	if values != "" {
		values = `,"ExpressionAttributeValues":{` + values + `}`
	}
	c := of(name, put("@hash", key+before+"}"),
		update(`"UpdateExpression":"`+expression+`","ReturnValues":"ALL_NEW"`+values, `{"Attributes":`+key+after+`}}`),
		has("@hash", key+"}", key+after+"}"))
	return c
}

// refused is an update by expression that is refused; the item stays.
func refused(name, before, expression, values, message string) Case {
	key := `{"pk":{"S":"$id"}`
	if before != "" {
		before = "," + before
	}
	if values != "" {
		values = `,"ExpressionAttributeValues":{` + values + `}`
	}
	return of(name, put("@hash", key+before+"}"), updateInvalid(`"UpdateExpression":"`+expression+`"`+values, message),
		has("@hash", key+"}", key+before+"}"))
}

const invalidUpdate = "Invalid UpdateExpression: "

var updateExpressionCases = []Case{
	updated("SET", `"a":{"N":"1"}`, "SET a = :v, b = :v", `":v":{"S":"x"}`, `"a":{"S":"x"},"b":{"S":"x"}`),
	updated("SET of another attribute's old value", `"a":{"N":"1"},"b":{"N":"2"}`, "SET a = b, b = a", ``, `"a":{"N":"2"},"b":{"N":"1"}`),
	updated("SET adds", `"a":{"N":"1"}`, "SET a = a + :v", `":v":{"N":"0.5"}`, `"a":{"N":"1.5"}`),
	updated("SET subtracts", `"a":{"N":"1"}`, "SET a = a - :v", `":v":{"N":"3"}`, `"a":{"N":"-2"}`),
	updated("SET from a value on the left", `"a":{"N":"1"}`, "SET b = :v - a", `":v":{"N":"3"}`, `"a":{"N":"1"},"b":{"N":"2"}`),
	updated("if_not_exists of nothing", ``, "SET a = if_not_exists(a, :v)", `":v":{"N":"3"}`, `"a":{"N":"3"}`),
	updated("if_not_exists of something", `"a":{"N":"1"}`, "SET a = if_not_exists(a, :v)", `":v":{"N":"3"}`, `"a":{"N":"1"}`),
	updated("if_not_exists in a sum", ``, "SET a = if_not_exists(a, :z) + :v", `":v":{"N":"3"},":z":{"N":"0"}`, `"a":{"N":"3"}`),
	updated("list_append at the end", `"l":{"L":[{"N":"1"}]}`, "SET l = list_append(l, :v)", `":v":{"L":[{"N":"2"}]}`, `"l":{"L":[{"N":"1"},{"N":"2"}]}`),
	updated("list_append at the start", `"l":{"L":[{"N":"1"}]}`, "SET l = list_append(:v, l)", `":v":{"L":[{"N":"2"}]}`, `"l":{"L":[{"N":"2"},{"N":"1"}]}`),
	updated("list_append to nothing", ``, "SET l = list_append(if_not_exists(l, :e), :v)", `":v":{"L":[{"N":"2"}]},":e":{"L":[]}`, `"l":{"L":[{"N":"2"}]}`),
	updated("SET of an element", `"l":{"L":[{"N":"1"},{"N":"2"}]}`, "SET l[1] = :v", `":v":{"N":"9"}`, `"l":{"L":[{"N":"1"},{"N":"9"}]}`),
	updated("SET behind the end appends", `"l":{"L":[{"N":"1"}]}`, "SET l[7] = :v", `":v":{"N":"9"}`, `"l":{"L":[{"N":"1"},{"N":"9"}]}`),
	updated("SET twice behind the end appends in order", `"l":{"L":[]}`, "SET l[9] = :w, l[7] = :v", `":v":{"N":"7"},":w":{"N":"9"}`, `"l":{"L":[{"N":"7"},{"N":"9"}]}`),
	updated("SET of a member", `"m":{"M":{"a":{"M":{}}}}`, "SET m.a.b = :v", `":v":{"N":"9"}`, `"m":{"M":{"a":{"M":{"b":{"N":"9"}}}}}`),
	updated("REMOVE", `"a":{"N":"1"},"b":{"N":"1"}`, "REMOVE a, nope", ``, `"b":{"N":"1"}`),
	updated("REMOVE of elements", `"l":{"L":[{"N":"0"},{"N":"1"},{"N":"2"},{"N":"3"}]}`, "REMOVE l[1], l[2], l[9]", ``, `"l":{"L":[{"N":"0"},{"N":"3"}]}`),
	updated("REMOVE of a member", `"m":{"M":{"a":{"N":"1"},"b":{"N":"2"}}}`, "REMOVE m.a", ``, `"m":{"M":{"b":{"N":"2"}}}`),
	updated("ADD to a number", `"a":{"N":"1"}`, "ADD a :v", `":v":{"N":"-3"}`, `"a":{"N":"-2"}`),
	updated("ADD to nothing", ``, "ADD a :v", `":v":{"N":"5"}`, `"a":{"N":"5"}`),
	updated("ADD to a set", `"s":{"SS":["a"]}`, "ADD s :v", `":v":{"SS":["a","b"]}`, `"s":{"SS":["a","b"]}`),
	updated("ADD of a set to nothing", ``, "ADD s :v", `":v":{"NS":["1"]}`, `"s":{"NS":["1"]}`),
	updated("ADD to a member", `"m":{"M":{"n":{"N":"1"}}}`, "ADD m.n :v", `":v":{"N":"1"}`, `"m":{"M":{"n":{"N":"2"}}}`),
	updated("DELETE from a set", `"s":{"SS":["a","b","c"]}`, "DELETE s :v", `":v":{"SS":["a","x"]}`, `"s":{"SS":["b","c"]}`),
	updated("DELETE of a whole set", `"s":{"SS":["a"]}`, "DELETE s :v", `":v":{"SS":["a"]}`, ``),
	updated("DELETE from nothing", ``, "DELETE s :v", `":v":{"SS":["a"]}`, ``),
	updated("numbers in sets are the same by value", `"s":{"NS":["1"]}`, "ADD s :v", `":v":{"NS":["1.0","2"]}`, `"s":{"NS":["1","2"]}`),
	updated("all sections in any order and case", `"a":{"N":"1"},"b":{"N":"1"},"c":{"N":"1"},"s":{"SS":["a","b"]}`, "remove a ADD b :n set c = :n delete s :s", `":n":{"N":"1"},":s":{"SS":["a"]}`, `"b":{"N":"2"},"c":{"N":"1"},"s":{"SS":["b"]}`),
	refused("sum of a missing attribute", ``, "SET a = a + :v", `":v":{"N":"1"}`, "The provided expression refers to an attribute that does not exist in the item"),
	refused("value of a missing attribute", ``, "SET a = b", ``, "The provided expression refers to an attribute that does not exist in the item"),
	refused("list_append to a missing attribute", ``, "SET a = list_append(a, :v)", `":v":{"L":[]}`, "The provided expression refers to an attribute that does not exist in the item"),
	refused("sum with a string", `"a":{"S":"1"}`, "SET a = a + :v", `":v":{"N":"1"}`, "An operand in the update expression has an incorrect data type"),
	refused("list_append to a string", `"a":{"S":"1"}`, "SET a = list_append(a, :v)", `":v":{"L":[]}`, "An operand in the update expression has an incorrect data type"),
	refused("ADD of a number to a string", `"a":{"S":"1"}`, "ADD a :v", `":v":{"N":"1"}`, "An operand in the update expression has an incorrect data type"),
	refused("ADD of strings to numbers", `"a":{"NS":["1"]}`, "ADD a :v", `":v":{"SS":["1"]}`, "An operand in the update expression has an incorrect data type"),
	refused("DELETE from a number", `"a":{"N":"1"}`, "DELETE a :v", `":v":{"NS":["1"]}`, "An operand in the update expression has an incorrect data type"),
	refused("a member of nothing", ``, "SET m.a = :v", `":v":{"N":"1"}`, "The document path provided in the update expression is invalid for update"),
	refused("a member of a list", `"m":{"L":[]}`, "SET m.a = :v", `":v":{"N":"1"}`, "The document path provided in the update expression is invalid for update"),
	refused("an element of a map", `"m":{"M":{}}`, "SET m[0] = :v", `":v":{"N":"1"}`, "The document path provided in the update expression is invalid for update"),
	refused("REMOVE of a member of nothing", ``, "REMOVE m.a", ``, "The document path provided in the update expression is invalid for update"),
	refused("the same path twice", ``, "SET a = :v, a = :v", `":v":{"N":"1"}`, invalidUpdate+"Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a]"),
	refused("a path and its part", ``, "SET m = :v REMOVE m.a", `":v":{"N":"1"}`, invalidUpdate+"Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [m], path two: [m, a]"),
	refused("a member and an element", ``, "SET m.a = :v, m[0] = :v", `":v":{"N":"1"}`, invalidUpdate+"Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [m, a], path two: [m, [0]]"),
	refused("a section twice", ``, "SET a = :v SET b = :v", `":v":{"N":"1"}`, invalidUpdate+`The "SET" section can only be used once in an update expression;`),
	refused("ADD of a string", ``, "ADD a :v", `":v":{"S":"1"}`, invalidUpdate+"Incorrect operand type for operator or function; operator: ADD, operand type: STRING, typeSet: ALLOWED_FOR_ADD_OPERAND"),
	refused("ADD of a list", ``, "ADD a :v", `":v":{"L":[]}`, invalidUpdate+"Incorrect operand type for operator or function; operator: ADD, operand type: LIST, typeSet: ALLOWED_FOR_ADD_OPERAND"),
	refused("DELETE of a number", ``, "DELETE a :v", `":v":{"N":"1"}`, invalidUpdate+"Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER, typeSet: ALLOWED_FOR_DELETE_OPERAND"),
	refused("sum of strings", ``, "SET a = :v + :v", `":v":{"S":"1"}`, invalidUpdate+"Incorrect operand type for operator or function; operator or function: +, operand type: S"),
	refused("difference of lists", ``, "SET a = b - :v", `":v":{"L":[]}`, invalidUpdate+"Incorrect operand type for operator or function; operator or function: -, operand type: L"),
	refused("list_append of a number", ``, "SET a = list_append(a, :v)", `":v":{"N":"1"}`, invalidUpdate+"Incorrect operand type for operator or function; operator or function: list_append, operand type: N"),
	refused("list_append of one", ``, "SET a = list_append(a)", ``, invalidUpdate+"Incorrect number of operands for operator or function; operator or function: list_append, number of operands: 1"),
	refused("if_not_exists of one", ``, "SET a = if_not_exists(a)", ``, invalidUpdate+"Incorrect number of operands for operator or function; operator or function: if_not_exists, number of operands: 1"),
	refused("if_not_exists of a value", ``, "SET a = if_not_exists(:v, :v)", `":v":{"N":"1"}`, invalidUpdate+"Operator or function requires a document path; operator or function: if_not_exists"),
	refused("unknown function", ``, "SET a = foo(a)", ``, invalidUpdate+"Invalid function name; function: foo"),
	refused("a function for conditions", ``, "SET a = attribute_exists(a)", ``, invalidUpdate+"The function is not allowed in an update expression; function: attribute_exists"),
	refused("undefined value", ``, "SET a = :v", ``, invalidUpdate+"An expression attribute value used in expression is not defined; attribute value: :v"),
	refused("unused value", ``, "SET a = :v", `":v":{"N":"1"},":w":{"N":"1"}`, "Value provided in ExpressionAttributeValues unused in expressions: keys: {:w}"),
	refused("undefined name", ``, "SET #a = :v", `":v":{"N":"1"}`, invalidUpdate+"An expression attribute name used in the document path is not defined; attribute name: #a"),
	refused("reserved word", ``, "SET status = :v", `":v":{"N":"1"}`, invalidUpdate+"Attribute name is a reserved keyword; reserved keyword: status"),
	refused("reserved word inside", ``, "SET a.Name = :v", `":v":{"N":"1"}`, invalidUpdate+"Attribute name is a reserved keyword; reserved keyword: Name"),
	refused("empty", ``, "", ``, invalidUpdate+"The expression can not be empty;"),
	refused("no section", ``, "a = :v", `":v":{"N":"1"}`, invalidUpdate+`Syntax error; token: "a", near: "a ="`),
	refused("ends early", ``, "SET a =", ``, invalidUpdate+`Syntax error; token: "<EOF>", near: "="`),
	refused("a literal", ``, "SET a = 1", ``, invalidUpdate+`Syntax error; token: "1", near: "= 1"`),
	refused("three summands", ``, "SET a = a + :v + :v", `":v":{"N":"1"}`, invalidUpdate+`Syntax error; token: "+", near: ":v + :v"`),
	refused("invalid value", ``, "SET a = :v", `":v":{}`, "ExpressionAttributeValues contains invalid value: Supplied AttributeValue is empty, must contain exactly one of the supported datatypes for key :v"),
	refused("no values", ``, "REMOVE a", ` `, "ExpressionAttributeValues must not be empty"),
	refused("a value without colon", ``, "REMOVE a", `"v":{"N":"1"}`, `ExpressionAttributeValues contains invalid key: Syntax error; key: "v"`),
	refused("too large a sum", `"a":{"N":"990000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"}`, "SET a = a + a", ``, "Number overflow. Attempting to store a number with magnitude larger than supported range"),
	updated("REMOVE and SET in one list", `"l":{"L":[{"N":"0"},{"N":"1"},{"N":"2"}]}`, "SET l[0] = :v REMOVE l[1]", `":v":{"N":"9"}`, `"l":{"L":[{"N":"9"},{"N":"2"}]}`),
	updated("a value that is another's old one", `"a":{"N":"1"}`, "SET b = a, a = a + :v", `":v":{"N":"1"}`, `"a":{"N":"2"},"b":{"N":"1"}`),
	updated("SET of what is removed", `"a":{"N":"1"}`, "SET b = a REMOVE a", ``, `"b":{"N":"1"}`),
	updated("list_append of two values", ``, "SET l = list_append(:a, :b)", `":a":{"L":[{"N":"1"}]},":b":{"L":[{"N":"2"}]}`, `"l":{"L":[{"N":"1"},{"N":"2"}]}`),
	updated("if_not_exists of another attribute", `"a":{"N":"1"}`, "SET b = if_not_exists(a, :v)", `":v":{"N":"3"}`, `"a":{"N":"1"},"b":{"N":"1"}`),
	updated("if_not_exists within another", ``, "SET b = if_not_exists(x, if_not_exists(y, :v))", `":v":{"N":"3"}`, `"b":{"N":"3"}`),
	updated("if_not_exists of a member of nothing", ``, "SET b = if_not_exists(m.x, :v)", `":v":{"N":"3"}`, `"b":{"N":"3"}`),
	updated("SET of an element of an element", `"l":{"L":[{"L":[{"N":"1"}]}]}`, "SET l[0][0] = :v", `":v":{"N":"3"}`, `"l":{"L":[{"L":[{"N":"3"}]}]}`),
	updated("REMOVE of an element of nothing", `"l":{"L":[{"N":"1"}]}`, "REMOVE l[5]", ``, `"l":{"L":[{"N":"1"}]}`),
	updated("ADD of bytes", `"s":{"BS":["AQ=="]}`, "ADD s :v", `":v":{"BS":["Ag=="]}`, `"s":{"BS":["AQ==","Ag=="]}`),
	updated("ADD to a number of what is missing in a map", `"m":{"M":{}}`, "ADD m.n :v", `":v":{"N":"1"}`, `"m":{"M":{"n":{"N":"1"}}}`),
	updated("several ADDs", ``, "ADD a :v, b :v", `":v":{"N":"1"}`, `"a":{"N":"1"},"b":{"N":"1"}`),
	updated("in parentheses", `"a":{"N":"1"}`, "SET a = (a + :v)", `":v":{"N":"1"}`, `"a":{"N":"2"}`),
	updated("a difference of two attributes", `"a":{"N":"5"},"b":{"N":"3"}`, "SET c = a - b", ``, `"a":{"N":"5"},"b":{"N":"3"},"c":{"N":"2"}`),
	updated("NULL and empty values", ``, "SET a = :n, b = :s, c = :l", `":n":{"NULL":true},":s":{"S":""},":l":{"L":[]}`, `"a":{"NULL":true},"b":{"S":""},"c":{"L":[]}`),
	refused("DELETE of numbers from strings", `"s":{"SS":["1"]}`, "DELETE s :v", `":v":{"NS":["1"]}`, "An operand in the update expression has an incorrect data type"),
	refused("ADD by attribute", `"b":{"N":"1"}`, "ADD a b", ``, invalidUpdate+`Syntax error; token: "b", near: "a b"`),
	refused("REMOVE with value", ``, "REMOVE a :v", `":v":{"N":"1"}`, invalidUpdate+`Syntax error; token: ":v", near: "a :v"`),
	refused("SET without equals", ``, "SET a :v", `":v":{"N":"1"}`, invalidUpdate+`Syntax error; token: ":v", near: "a :v"`),
	refused("a comma at the end", ``, "SET a = :v,", `":v":{"N":"1"}`, invalidUpdate+`Syntax error; token: "<EOF>", near: ","`),
	refused("a placeholder of nothing", ``, "SET # = :v", `":v":{"N":"1"}`, invalidUpdate+`Syntax error; token: "#", near: "SET # ="`),
	refused("a value as target", ``, "SET :v = :v", `":v":{"N":"1"}`, invalidUpdate+`Syntax error; token: ":v", near: "SET :v ="`),
	refused("REMOVE twice", ``, "REMOVE a REMOVE b", ``, invalidUpdate+`The "REMOVE" section can only be used once in an update expression;`),
	refused("a part of a value", ``, "SET a = :v.x", `":v":{"M":{}}`, invalidUpdate+`Syntax error; token: ".", near: ":v.x"`),
	refused("a sum in if_not_exists", ``, "SET a = if_not_exists(a, :v + :v)", `":v":{"N":"1"}`, invalidUpdate+`Syntax error; token: "+", near: ":v + :v"`),
	refused("a map behind a list's end", `"l":{"L":[]}`, "SET l[3].x = :v", `":v":{"N":"1"}`, "The document path provided in the update expression is invalid for update"),
}
