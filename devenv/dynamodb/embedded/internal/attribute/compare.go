package attribute

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Compare orders two values as sort keys and < and > do: strings by their UTF-8 bytes,
// numbers by value, binaries by their bytes. Only these, and only within one type, have an
// order: ok.
func Compare(a, b Value) (order int, ok bool) {
	switch a := a.(type) {
	case String:
		if b, ok := b.(String); ok {
			return strings.Compare(string(a), string(b)), true
		}
	case Number:
		if b, ok := b.(Number); ok {
			return a.Compare(b), true
		}
	case Binary:
		if b, ok := b.(Binary); ok {
			return bytes.Compare(a, b), true
		}
	default:
	}
	return 0, false
}

// Equal reports whether two values are the same, as = and <> see it: of the same type,
// lists in order, sets in any. A nil is the same as a nil only.
func Equal(a, b Value) bool {
	switch a := a.(type) {
	case nil:
		return b == nil
	case String, Number, Boolean, Null:
		return a == b
	case Binary:
		b, ok := b.(Binary)
		return ok && bytes.Equal(a, b)
	case List:
		b, ok := b.(List)
		return ok && slices.EqualFunc(a, b, Equal)
	case Map:
		b, ok := b.(Map)
		return ok && maps.EqualFunc(a, b, Equal)
	case StringSet:
		b, ok := b.(StringSet)
		return ok && sameMembers(a, b)
	case NumberSet:
		b, ok := b.(NumberSet)
		return ok && sameMembers(a, b)
	case BinarySet:
		b, ok := b.(BinarySet)
		return ok && sameMembers(texts(a), texts(b))
	default:
		return false
	}
}

// sameMembers compares sets, which have no duplicates.
func sameMembers[T cmp.Ordered](a, b []T) bool {
	if len(a) != len(b) {
		return false
	}
	if slices.Equal(a, b) {
		return true
	}
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}

func texts(set BinarySet) []string {
	out := make([]string, len(set))
	for i, member := range set {
		out[i] = string(member)
	}
	return out
}
