package difftest

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// The numbers are those of the second list in docs/embedded-deviations.md: what DynamoDB
// Local answers otherwise than AWS, and therefore than the engine.

// A failureDeviation forgives a failure: both sides refuse, each in its own words. The
// patterns are matched with "Exception: text".
type failureDeviation struct {
	number       int
	ours, theirs *regexp.Regexp
}

func forgive(number int, ours, theirs string) failureDeviation {
	return failureDeviation{number, regexp.MustCompile("^(?s:" + ours + ")"), regexp.MustCompile("^(?s:" + theirs + ")")}
}

const (
	invalid   = `ValidationException: `
	parameter = invalid + `One or more parameter values were invalid: `
	refused   = `(ValidationException|ConditionalCheckFailedException|TransactionCanceledException): `
	overlap   = `ValidationException: Invalid (Update|Projection)Expression: Two document paths (overlap|conflict) with each other; `
)

var failureDeviations = []failureDeviation{
	// 1: texts of its own for invalid values.
	forgive(1, `.*The parameter cannot be converted to a numeric value`, `.*A value provided cannot be converted into a number`),
	forgive(1, `.*Attempting to store more than 38 significant digits in a Number`, `.*DynamoDB only supports precision up to 38 digits`),
	forgive(1, `.*Number (overflow|underflow)`, `.*Number (overflow|underflow)`),
	forgive(1, `.*Input collection .* contains duplicates`, `.*Input collection .* contains duplicates`),
	// 2: texts of its own for keys.
	forgive(2, parameter+`Type mismatch for (key|Index Key)`, `.*(Type mismatch for (key|Index Key)|Invalid attribute value type)`),
	forgive(2, parameter+`Missing the key`, invalid+`One of the required keys was not given a value`),
	forgive(2, invalid+`The provided key element does not match the schema`,
		invalid+`.*(The number of conditions on the keys is invalid|Type mismatch for key|Invalid attribute value type|has one or more empty keys)`),
	// 3: texts of its own elsewhere.
	forgive(3, invalid+`ReturnValues can only be ALL_OLD or NONE`, invalid+`Return values set to invalid value`),
	forgive(3, parameter+`(ADD|DELETE) action`, parameter+`(ADD|DELETE) action`),
	forgive(3, invalid+`.*Invalid attribute type name found`, invalid+`.*Invalid attribute type name found`),
	forgive(3, invalid+`ALL_PROJECTED_ATTRIBUTES can be used only when`, invalid+`ALL_PROJECTED_ATTRIBUTES can be used only when`),
	// 4: another pair of the paths that overlap.
	forgive(4, overlap, overlap),
	// 5: of two faults the other one. Values are checked before expressions, these before
	// keys, these before conditions and what an update does to the item.
	forgive(5, invalid+`(The parameter cannot|Attempting to store|Number (overflow|underflow)|Input collection|One or more parameter values were invalid: (An string set|An number set|Binary sets|Null attribute|Input collection)|Supplied AttributeValue)`, refused),
	forgive(5, invalid+`(ExpressionAttribute|Value provided in|Invalid [A-Za-z]*Expression|Invalid operator)`, refused),
	forgive(5, invalid+`(ReturnValues can only|ConditionalOperator)`, refused),
	forgive(5, parameter+`(ComparisonOperator|Invalid number of argument|(ADD|DELETE) action|Value must be|Value cannot|Value or|Argument|The BETWEEN)`, refused),
	forgive(5, parameter+`Cannot update attribute`, refused),
	forgive(5, invalid+`(The provided key element does not match|Key attributes must be scalars|One or more parameter values (are not valid|were invalid: (Type mismatch|Missing the key)))`, refused),
	forgive(5, invalid+`(The provided expression refers to an attribute|An operand in the update expression)`, invalid+`(The document path provided in|The provided expression refers to an attribute|An operand in) `),
	forgive(5, invalid+`(Filter Expression can only contain|QueryFilter can only|Attempted conditional|Consistent reads|Must specify the|Cannot specify the|ALL_PROJECTED_ATTRIBUTES|One or more parameter values were invalid: (AttributeValues inside|Global secondary index|Secondary index))`, invalid),
	forgive(5, invalid+`(Transaction request cannot include multiple operations|Provided list of item keys contains duplicates)`, refused),
	// 6: a transaction that cannot be done is refused like a single write, or with the
	// text of one reason.
	forgive(6, `TransactionCanceledException: .*ValidationError`, `(ValidationException|TransactionCanceledException): `),
}

// forgiven reports whether their ways of refusing are on the list.
func forgiven(ours, theirs answer) bool {
	// 14: it fails at a sort key with the condition NE.
	if theirs.status == http.StatusInternalServerError && ours.message == "Attempted conditional constraint is not an indexable operation" {
		return true
	}
	// 19: a transaction's condition may look into a key.
	if theirs.status == http.StatusOK && ours.exception == "TransactionCanceledException" && strings.Contains(reasons(ours), "Key attributes must be scalars") {
		return true
	}
	// 21: updates with a value that the key of an index cannot have.
	if theirs.status == http.StatusOK && strings.Contains(ours.message+reasons(ours), "Type mismatch for Index Key") ||
		ours.status == http.StatusOK && strings.Contains(theirs.message+reasons(theirs), "Updates on index keys must be of the same data type") {
		return true
	}
	if ours.status != theirs.status {
		return false
	}
	return slices.ContainsFunc(failureDeviations, func(d failureDeviation) bool {
		return d.ours.MatchString(ours.exception+": "+ours.message) && d.theirs.MatchString(theirs.exception+": "+theirs.message)
	})
}

// reasons are the texts of a cancelled transaction.
func reasons(a answer) string {
	text, _ := json.Marshal(a.body["CancellationReasons"])
	return string(text)
}

// settle takes from both answers to a request what DynamoDB Local is known to get wrong.
func (s *sequence) settle(operation string, input object, ours, theirs answer) (object, object) {
	a, b := maps.Clone(ours.body), maps.Clone(theirs.body)
	switch operation {
	case "Query", "Scan":
		// 7: a read that finds nothing costs nothing.
		if costsNothing(b["ConsumedCapacity"]) {
			delete(a, "ConsumedCapacity")
			delete(b, "ConsumedCapacity")
		}
		// 18: what an index has not projected is fetched from the table for nothing.
		if input["IndexName"] != nil && costsMore(a["ConsumedCapacity"], b["ConsumedCapacity"]) {
			delete(a, "ConsumedCapacity")
			delete(b, "ConsumedCapacity")
		}
		// 8: the last item of a partition is known to be the last.
		if b["LastEvaluatedKey"] == nil && operation == "Query" && a["ScannedCount"] == b["ScannedCount"] && asked(input, "Limit", a["ScannedCount"]) {
			delete(a, "LastEvaluatedKey")
		}
	case "BatchGetItem":
		// 7: items that are not there cost nothing.
		if missesSome(input, theirs.body) {
			delete(a, "ConsumedCapacity")
			delete(b, "ConsumedCapacity")
		}
	case "BatchWriteItem":
		// 9: a delete in a batch costs twice. 15: as below.
		if text, _ := json.Marshal(input); strings.Contains(string(text), `"DeleteRequest"`) || len(s.schema.indexes) > 0 {
			delete(a, "ConsumedCapacity")
			delete(b, "ConsumedCapacity")
		}
	case "PutItem", "UpdateItem", "DeleteItem":
		// 10: capacity is told to those who did not ask.
		if kind := input["ReturnConsumedCapacity"]; kind == nil || kind == "NONE" {
			delete(b, "ConsumedCapacity")
		}
		// 15: an index entry that stays as it is costs as much as one that changes.
		if costsMore(b["ConsumedCapacity"], a["ConsumedCapacity"]) && len(s.schema.indexes) > 0 {
			delete(a, "ConsumedCapacity")
			delete(b, "ConsumedCapacity")
		}
	case "TransactGetItems", "TransactWriteItems":
		// 16: it counts some writes of a transaction once, where DynamoDB counts all twice.
		if operation == "TransactWriteItems" {
			delete(a, "ConsumedCapacity")
			delete(b, "ConsumedCapacity")
		}
		// 11: it does not tell units of reading from those of writing.
		a["ConsumedCapacity"] = withoutKinds(a["ConsumedCapacity"])
		b["ConsumedCapacity"] = withoutKinds(b["ConsumedCapacity"])
		// 12: a full stop behind the reason, and the texts of 1 to 4.
		a["CancellationReasons"] = withoutTexts(a["CancellationReasons"])
		b["CancellationReasons"] = withoutTexts(b["CancellationReasons"])
	}
	return a, b
}

// filtersUnseen reports whether an index is filtered that may lack attributes: DynamoDB
// Local sees them all the same (22).
func (s *sequence) filtersUnseen(input object) bool {
	if input["FilterExpression"] == nil && input["ScanFilter"] == nil && input["QueryFilter"] == nil {
		return false
	}
	return slices.ContainsFunc(s.schema.indexes, func(i index) bool {
		return i.name == input["IndexName"] && i.projection != "ALL"
	})
}

func costsNothing(capacity any) bool {
	cost, ok := units(capacity)
	return ok && cost == 0
}

func costsMore(capacity, other any) bool {
	cost, ok := units(capacity)
	less, both := units(other)
	return ok && both && cost > less
}

func units(capacity any) (float64, bool) {
	of, _ := capacity.(object)
	number, ok := of["CapacityUnits"].(json.Number)
	n, err := number.Float64()
	return n, ok && err == nil
}

func asked(input object, member string, count any) bool {
	text, _ := json.Marshal(input[member])
	scanned, _ := count.(json.Number)
	return string(text) == scanned.String()
}

func missesSome(input, answer object) bool {
	wanted, found := 0, 0
	for _, of := range input["RequestItems"].(object) {
		keys, _ := of.(object)["Keys"].([]any)
		wanted += len(keys)
	}
	responses, _ := answer["Responses"].(object)
	for _, items := range responses {
		list, _ := items.([]any)
		found += len(list)
	}
	return found < wanted
}

func withoutKinds(value any) any {
	switch value := value.(type) {
	case object:
		rest := object{}
		for name, member := range value {
			if name != "ReadCapacityUnits" && name != "WriteCapacityUnits" {
				rest[name] = withoutKinds(member)
			}
		}
		return rest
	case []any:
		list := make([]any, len(value))
		for i := range value {
			list[i] = withoutKinds(value[i])
		}
		return list
	}
	return value
}

func withoutTexts(reasons any) any {
	list, _ := reasons.([]any)
	stripped := make([]any, len(list))
	for i, reason := range list {
		of, _ := reason.(object)
		of = maps.Clone(of)
		delete(of, "Message")
		stripped[i] = of
	}
	return stripped
}
