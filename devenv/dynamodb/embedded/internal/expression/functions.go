package expression

// The functions, and in which expressions they may be called.
const (
	functionAttributeExists    = "attribute_exists"
	functionAttributeNotExists = "attribute_not_exists"
	functionAttributeType      = "attribute_type"
	functionBeginsWith         = "begins_with"
	functionContains           = "contains"
	functionSize               = "size"
	functionIfNotExists        = "if_not_exists"
	functionListAppend         = "list_append"
)

// A function is what the checks know of one.
type function struct {
	operands int
	update   bool // belongs to updates, else to conditions
	nested   bool // may be an operand
	whole    bool // may be all of a condition, or all of what SET sets
}

func functionNamed(name string) (function, bool) {
	switch name {
	case functionAttributeExists, functionAttributeNotExists:
		return function{operands: 1, whole: true}, true
	case functionAttributeType, functionBeginsWith, functionContains:
		return function{operands: 2, whole: true}, true
	case functionSize:
		return function{operands: 1, nested: true}, true
	case functionIfNotExists:
		return function{operands: 2, update: true, nested: true, whole: true}, true
	case functionListAppend, operatorPlus, operatorMinus:
		return function{operands: 2, update: true, whole: true}, true
	}
	return function{}, false
}
