package expression

import (
	"slices"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
)

// added returns the sum of numbers, the union of sets, or (for the older parameters) one
// list behind the other. Both values have the same type.
func added(old, more attribute.Value) (attribute.Value, error) {
	switch old := old.(type) {
	case attribute.Number:
		if n, ok := more.(attribute.Number); ok {
			return number(old.Add(n))
		}
	case attribute.StringSet:
		if set, ok := more.(attribute.StringSet); ok {
			return union(old, set), nil
		}
	case attribute.NumberSet:
		if set, ok := more.(attribute.NumberSet); ok {
			return union(old, set), nil
		}
	case attribute.BinarySet:
		if set, ok := more.(attribute.BinarySet); ok {
			has := memberBytes(old)
			sum := slices.Clip(old)
			for _, member := range set {
				if !has[string(member)] {
					sum = append(sum, member)
				}
			}
			return sum, nil
		}
	case attribute.List:
		if list, ok := more.(attribute.List); ok {
			return slices.Concat(old, list), nil
		}
	default:
	}
	return nil, wrongOperand()
}

func union[S ~[]E, E comparable](a, b S) S {
	has := members(a)
	sum := slices.Clip(a)
	for _, member := range b {
		if _, ok := has[member]; !ok {
			sum = append(sum, member)
		}
	}
	return sum
}

// without returns a set without the members of another, or nil when none is left: there
// are no empty sets.
func without(old, less attribute.Value) attribute.Value {
	switch old := old.(type) {
	case attribute.StringSet:
		if set, ok := less.(attribute.StringSet); ok {
			if rest := difference(old, set); len(rest) > 0 {
				return rest
			}
		}
	case attribute.NumberSet:
		if set, ok := less.(attribute.NumberSet); ok {
			if rest := difference(old, set); len(rest) > 0 {
				return rest
			}
		}
	case attribute.BinarySet:
		if set, ok := less.(attribute.BinarySet); ok {
			gone := memberBytes(set)
			rest := make(attribute.BinarySet, 0, len(old))
			for _, member := range old {
				if !gone[string(member)] {
					rest = append(rest, member)
				}
			}
			if len(rest) > 0 {
				return rest
			}
		}
	default:
	}
	return nil
}

func difference[S ~[]E, E comparable](a, b S) S {
	gone := members(b)
	rest := make(S, 0, len(a))
	for _, member := range a {
		if _, ok := gone[member]; !ok {
			rest = append(rest, member)
		}
	}
	return rest
}

func members[S ~[]E, E comparable](set S) map[E]struct{} {
	has := make(map[E]struct{}, len(set))
	for _, member := range set {
		has[member] = struct{}{}
	}
	return has
}

func memberBytes(set attribute.BinarySet) map[string]bool {
	has := make(map[string]bool, len(set))
	for _, member := range set {
		has[string(member)] = true
	}
	return has
}
