package expression

import "github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"

// An operand is a path, a value, or a call of a function. Exactly one of the three is set;
// a value only when its placeholder has been resolved.
type operand struct {
	path        Path // until it is resolved, with #names as elements
	placeholder string
	value       attribute.Value
	call        *call
}

// A call is a function with its operands, or an arithmetic operator with two.
type call struct {
	name      string
	arguments []operand
}

// staticType returns the type that an operand has whatever the item is, or "".
func (o *operand) staticType() attribute.Type {
	switch {
	case o.value != nil:
		return o.value.Type()
	case o.call == nil:
		return ""
	}
	switch o.call.name {
	case functionSize, operatorPlus, operatorMinus:
		return attribute.TypeNumber
	case functionListAppend:
		return attribute.TypeList
	case functionIfNotExists:
		return ""
	default:
		return attribute.TypeBoolean
	}
}
