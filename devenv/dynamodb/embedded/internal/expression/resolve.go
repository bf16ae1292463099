package expression

import (
	"fmt"
	"slices"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
)

// A resolver replaces placeholders by what they stand for, and checks what can be known of
// operands without an item: it goes through an expression from left to right, and at each
// operator looks at placeholders first, then at the number of operands, then at their types.
type resolver struct {
	parameter    string
	placeholders *Placeholders
	operators    int
}

func (r *resolver) invalid(format string, args ...any) error {
	return invalid(r.parameter, format, args...)
}

func (r *resolver) condition(n *node) error {
	switch n.operator {
	case operatorAnd, operatorOr:
		r.operators++
		if err := r.condition(n.left); err != nil {
			return err
		}
		return r.condition(n.right)
	case operatorNot:
		r.operators++
		return r.condition(n.left)
	case operatorCall:
		return r.operand(&n.operands[0])
	}
	r.operators++
	for i := range n.operands {
		if err := r.operand(&n.operands[i]); err != nil {
			return err
		}
	}
	if n.operator == operatorIn && len(n.operands)-1 > maxOperands {
		return r.invalid("The IN operator is provided with too many operands; number of operands: %d", len(n.operands)-1)
	}
	if err := r.distinct(n.operator, n.operands); err != nil {
		return err
	}
	return r.comparison(n)
}

// checkCount checks the number of operators and functions, when all have been seen. Of
// too many DynamoDB counts no more than the first.
func (r *resolver) checkCount() error {
	if r.operators > maxOperators {
		return r.invalid("The expression contains too many operators; operator count: %d", maxOperators+1)
	}
	return nil
}

// comparison checks the types of an operator's operands.
func (r *resolver) comparison(n *node) error {
	switch n.operator {
	case operatorLess, operatorLessEqual, operatorGreater, operatorGreaterEqual, operatorBetween:
	default:
		return nil
	}
	for i := range n.operands {
		switch kind := n.operands[i].staticType(); kind {
		case "", attribute.TypeString, attribute.TypeNumber, attribute.TypeBinary:
		default:
			return r.operandType(n.operator, string(kind))
		}
	}
	if n.operator != operatorBetween {
		return nil
	}
	lower, upper := n.operands[1].value, n.operands[2].value
	if lower == nil || upper == nil {
		return nil
	}
	problem := ""
	if order, ok := attribute.Compare(lower, upper); !ok {
		problem = "same data type for lower and upper bounds"
	} else if order > 0 {
		problem = "upper bound to be greater than or equal to lower bound"
	}
	if problem == "" {
		return nil
	}
	return r.invalid("The BETWEEN operator requires %s; lower bound operand: AttributeValue: %s, upper bound operand: AttributeValue: %s",
		problem, shown(lower), shown(upper))
}

// shown prints a scalar as DynamoDB's messages do.
func shown(v attribute.Value) string {
	if b, ok := v.(attribute.Binary); ok {
		return fmt.Sprintf("{B:java.nio.HeapByteBuffer[pos=0 lim=%d cap=%d]}", len(b), len(b))
	}
	return fmt.Sprintf("{%s:%v}", v.Type(), v)
}

func (r *resolver) operandType(operator, kind string) error {
	return r.invalid("Incorrect operand type for operator or function; operator or function: %s, operand type: %s", operator, kind)
}

// distinct checks that a path is not compared with itself.
func (r *resolver) distinct(operator string, operands []operand) error {
	first := operands[0].path
	if first == nil || !slices.ContainsFunc(operands[1:], func(o operand) bool { return o.path.equal(first) }) {
		return nil
	}
	return r.invalid("The first operand must be distinct from the remaining operands for this operator or function; "+
		"operator: %s, first operand: %s", operator, first)
}

func (r *resolver) operand(o *operand) error {
	switch {
	case o.call != nil:
		return r.call(o.call)
	case o.placeholder != "":
		if o.value = r.placeholders.value(o.placeholder); o.value == nil {
			return r.invalid("An expression attribute value used in expression is not defined; attribute value: %s", o.placeholder)
		}
		return nil
	default:
		return r.path(o.path)
	}
}

// path puts names in the place of their placeholders.
func (r *resolver) path(path Path) error {
	if len(path) > maxDepth {
		return r.invalid("The document path has too many nesting levels; nesting levels: %d", len(path))
	}
	for i, e := range path {
		if e.IsIndex || e.Name[0] != '#' {
			continue
		}
		name, ok := r.placeholders.name(e.Name)
		if !ok {
			return r.invalid("An expression attribute name used in the document path is not defined; attribute name: %s", e.Name)
		}
		path[i].Name = name
	}
	return nil
}

func (r *resolver) call(c *call) error {
	r.operators++
	for i := range c.arguments {
		if err := r.operand(&c.arguments[i]); err != nil {
			return err
		}
	}
	if f, _ := functionNamed(c.name); len(c.arguments) != f.operands {
		return r.invalid("Incorrect number of operands for operator or function; operator or function: %s, number of operands: %d",
			c.name, len(c.arguments))
	}
	if c.name != operatorPlus && c.name != operatorMinus && c.name != functionListAppend {
		if err := r.distinct(c.name, c.arguments); err != nil {
			return err
		}
	}
	return r.arguments(c)
}

// arguments checks the types of a call's arguments.
func (r *resolver) arguments(c *call) error {
	first := &c.arguments[0]
	switch c.name {
	case functionAttributeExists, functionAttributeNotExists, functionIfNotExists:
		if first.path == nil {
			return r.invalid("Operator or function requires a document path; operator or function: %s", c.name)
		}
	case functionAttributeType:
		return r.typeName(&c.arguments[1])
	case functionBeginsWith:
		return r.types(c, attribute.TypeString, attribute.TypeBinary)
	case functionListAppend:
		return r.types(c, attribute.TypeList)
	case operatorPlus, operatorMinus:
		return r.types(c, attribute.TypeNumber)
	case functionSize:
		switch kind := first.staticType(); kind {
		case attribute.TypeNumber, attribute.TypeBoolean, attribute.TypeNull:
			return r.operandType(c.name, string(kind))
		default:
		}
	}
	return nil
}

// types checks that arguments whose types are known have allowed ones.
func (r *resolver) types(c *call, allowed ...attribute.Type) error {
	for i := range c.arguments {
		if kind := c.arguments[i].staticType(); kind != "" && !slices.Contains(allowed, kind) {
			return r.operandType(c.name, string(kind))
		}
	}
	return nil
}

// typeName checks the second argument of attribute_type. The sets in the messages are in
// the order in which DynamoDB's answers have them.
func (r *resolver) typeName(o *operand) error {
	name, ok := o.value.(attribute.String)
	if !ok {
		kind := string(o.staticType())
		if kind == "" {
			kind = "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}"
		}
		return r.operandType(functionAttributeType, kind)
	}
	switch attribute.Type(name) {
	case attribute.TypeString, attribute.TypeNumber, attribute.TypeBinary, attribute.TypeBoolean, attribute.TypeNull,
		attribute.TypeList, attribute.TypeMap, attribute.TypeStringSet, attribute.TypeNumberSet, attribute.TypeBinarySet:
		return nil
	}
	return r.invalid("Invalid attribute type name found; type: %s, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}", string(name))
}
