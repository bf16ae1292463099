package attribute

import "strings"

// What DynamoDB adds to the contents of values. It counts capacity and its limits (items
// of 400 KB, pages of 1 MB) in these bytes, not in those of the JSON.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
const (
	scalarSize    = 1 // a boolean, a null
	containerSize = 3 // a list, a map
	elementSize   = 1 // each element of a list or map
	maxNumberSize = 21
)

// ItemSize returns an item's size in bytes: its names and its values.
func ItemSize(item Item) int {
	size := 0
	for name, v := range item {
		size += len(name) + Size(v)
	}
	return size
}

// Size returns a value's size in bytes.
func Size(v Value) int {
	size := 0
	switch v := v.(type) {
	case String:
		return len(v)
	case Number:
		return numberSize(v)
	case Binary:
		return len(v)
	case Boolean, Null:
		return scalarSize
	case List:
		size = containerSize
		for _, element := range v {
			size += elementSize + Size(element)
		}
	case Map:
		return containerSize + len(v)*elementSize + ItemSize(v)
	case StringSet:
		for _, member := range v {
			size += len(member)
		}
	case NumberSet:
		for _, member := range v {
			size += numberSize(member)
		}
	case BinarySet:
		for _, member := range v {
			size += len(member)
		}
	}
	return size
}

// numberSize is one byte for each two digits, which are counted from the point as powers
// of 100, one for the power, and one for a minus. The documentation says "approximately";
// this is what AWS charges.
func numberSize(n Number) int {
	if n == "0" {
		return 1
	}
	size := 1
	text, negative := strings.CutPrefix(string(n), "-")
	if negative {
		size++
	}
	whole, fraction, _ := strings.Cut(text, ".")
	switch {
	case whole == "0":
		leading := len(fraction) - len(strings.TrimLeft(fraction, "0"))
		size += (len(fraction)+1)/2 - leading/2
	case fraction == "":
		trailing := len(whole) - len(strings.TrimRight(whole, "0"))
		size += (len(whole)+1)/2 - trailing/2
	default:
		size += (len(whole)+1)/2 + (len(fraction)+1)/2
	}
	return min(size, maxNumberSize)
}
