package expression

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
)

func (n *node) matches(item attribute.Item) bool {
	switch n.operator {
	case operatorAnd:
		return n.left.matches(item) && n.right.matches(item)
	case operatorOr:
		return n.left.matches(item) || n.right.matches(item)
	case operatorNot:
		return !n.left.matches(item)
	case operatorCall:
		return n.operands[0].call.matches(item)
	}
	first := n.operands[0].of(item)
	switch n.operator {
	case operatorBetween:
		return ordered(n.operands[1].of(item), first, lessOrEqual) && ordered(first, n.operands[2].of(item), lessOrEqual)
	case operatorIn:
		return first != nil && slices.ContainsFunc(n.operands[1:], func(o operand) bool { return same(first, o.of(item)) })
	}
	second := n.operands[1].of(item)
	switch n.operator {
	case operatorEqual:
		return same(first, second)
	case operatorNotEqual:
		return !same(first, second)
	case operatorLess:
		return ordered(first, second, func(order int) bool { return order < 0 })
	case operatorLessEqual:
		return ordered(first, second, lessOrEqual)
	case operatorGreater:
		return ordered(first, second, func(order int) bool { return order > 0 })
	case operatorGreaterEqual:
		return ordered(first, second, func(order int) bool { return order >= 0 })
	}
	return false
}

func lessOrEqual(order int) bool { return order <= 0 }

// same reports whether two values are there and equal.
func same(a, b attribute.Value) bool { return a != nil && b != nil && attribute.Equal(a, b) }

// ordered reports whether two values have an order, and one that is wanted.
func ordered(a, b attribute.Value, wanted func(order int) bool) bool {
	if a == nil || b == nil {
		return false
	}
	order, ok := attribute.Compare(a, b)
	return ok && wanted(order)
}

// of returns an operand's value for an item, or nil.
func (o *operand) of(item attribute.Item) attribute.Value {
	switch {
	case o.value != nil:
		return o.value
	case o.path != nil:
		return o.path.in(item)
	default: // size is the only function that is an operand in conditions
		size, ok := sizeOf(o.call.arguments[0].of(item))
		if !ok {
			return nil
		}
		return attribute.Number(strconv.Itoa(size))
	}
}

// sizeOf returns what the function size says: a binary's bytes, a collection's elements,
// and of a string Java's length, the number of UTF-16 code units.
func sizeOf(value attribute.Value) (int, bool) {
	switch v := value.(type) {
	case attribute.String:
		size := 0
		for _, r := range string(v) {
			size += utf16.RuneLen(r)
		}
		return size, true
	case attribute.Binary:
		return len(v), true
	case attribute.List:
		return len(v), true
	case attribute.Map:
		return len(v), true
	case attribute.StringSet:
		return len(v), true
	case attribute.NumberSet:
		return len(v), true
	case attribute.BinarySet:
		return len(v), true
	default:
		return 0, false
	}
}

func (c *call) matches(item attribute.Item) bool {
	first := c.arguments[0].of(item)
	switch c.name {
	case functionAttributeExists:
		return first != nil
	case functionAttributeNotExists:
		return first == nil
	}
	second := c.arguments[1].of(item)
	if first == nil || second == nil {
		return false
	}
	switch c.name {
	case functionAttributeType:
		name, ok := second.(attribute.String)
		return ok && first.Type() == attribute.Type(name)
	case functionBeginsWith:
		return beginsWith(first, second)
	case functionContains:
		return contains(first, second)
	}
	return false
}

func beginsWith(value, prefix attribute.Value) bool {
	switch v := value.(type) {
	case attribute.String:
		p, ok := prefix.(attribute.String)
		return ok && strings.HasPrefix(string(v), string(p))
	case attribute.Binary:
		p, ok := prefix.(attribute.Binary)
		return ok && bytes.HasPrefix(v, p)
	default:
		return false
	}
}

// contains reports whether a string or binary contains another, a list an element, or a
// set a member.
func contains(value, part attribute.Value) bool {
	if list, ok := value.(attribute.List); ok {
		return slices.ContainsFunc(list, func(v attribute.Value) bool { return attribute.Equal(v, part) })
	}
	switch p := part.(type) {
	case attribute.String:
		switch v := value.(type) {
		case attribute.String:
			return strings.Contains(string(v), string(p))
		case attribute.StringSet:
			return slices.Contains(v, string(p))
		default:
		}
	case attribute.Binary:
		switch v := value.(type) {
		case attribute.Binary:
			return bytes.Contains(v, p)
		case attribute.BinarySet:
			return slices.ContainsFunc(v, func(member []byte) bool { return bytes.Equal(member, p) })
		default:
		}
	case attribute.Number:
		if v, ok := value.(attribute.NumberSet); ok {
			return slices.Contains(v, p)
		}
	default:
	}
	return false
}
