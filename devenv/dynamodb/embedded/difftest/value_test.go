package difftest

// The alphabets are small, so that what is drawn meets what was drawn before.
var (
	texts    = []any{"a", "b", "ab", "á", "A", ""}
	numbers  = []any{"0", "1", "2", "-1", "1.5", "10", "1e2", "-0.001", "00.50"}
	binaries = []any{"YQ==", "Yg==", "YWI=", "/w==", ""}
)

// attributes are the names that are in no key.
var attributes = []string{"a", "b", "c", "d"}

// value draws an attribute value, nested to a depth.
func (d draw) value(depth int) object {
	if d.chance(3, "odd value") {
		return d.oddValue()
	}
	kinds := []string{"S", "N", "N", "SS", "NS", "B", "BOOL", "NULL", "BS"}
	if depth > 0 {
		kinds = append(kinds, "L", "M", "L", "M")
	}
	return d.typed(pick(d, "type", kinds...), depth)
}

// typed draws a value of a type.
func (d draw) typed(kind string, depth int) object {
	switch kind {
	case "S":
		return object{"S": pick(d, "text", texts...)}
	case "N":
		return object{"N": pick(d, "number", numbers...)}
	case "B":
		return object{"B": pick(d, "binary", binaries...)}
	case "BOOL":
		return object{"BOOL": pick(d, "boolean", false, true)}
	case "SS":
		return object{"SS": d.set(texts)}
	case "NS":
		return object{"NS": d.set(numbers)}
	case "BS":
		return object{"BS": d.set(binaries)}
	case "L":
		list := []any{}
		for range d.count(0, 3, "length") {
			list = append(list, d.value(depth-1))
		}
		return object{"L": list}
	case "M":
		members := object{}
		for _, name := range some(d, "member", attributes[:3]...) {
			members[name] = d.value(depth - 1)
		}
		return object{"M": members}
	default:
		return object{"NULL": true}
	}
}

// set draws a set that is valid: not empty, nothing twice.
func (d draw) set(alphabet []any) []any {
	at := d.count(0, len(alphabet)-1, "element")
	size := d.count(1, min(3, len(alphabet)-at), "elements")
	return append([]any(nil), alphabet[at:at+size]...)
}

// oddValue draws a value that DynamoDB refuses, or hardly takes.
func (d draw) oddValue() object {
	return pick(d, "odd",
		object{"N": "x"},
		object{"N": ""},
		object{"SS": []any{}},
		object{"SS": []any{"a", "a"}},
		object{"NS": []any{"1", "1.0"}},
		object{"NULL": false},
		object{},
		object{"S": "a", "N": "1"},
		object{"N": "123456789012345678901234567890123456789"},
		object{"N": "1e126"},
		object{"N": "1e-131"},
		object{"N": "99999999999999999999999999999999999999"},
	)
}

// keyValue draws a value for a key attribute of a type, from a smaller alphabet.
func (d draw) keyValue(kind string) object {
	switch kind {
	case "N":
		return object{"N": pick(d, "key", "1", "2", "-1", "10")}
	case "B":
		return object{"B": pick(d, "key", "YQ==", "YWI=", "/w==")}
	default:
		return object{"S": pick(d, "key", "a", "b", "ab", "á")}
	}
}
