package expression

import (
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/table"
)

// An Operator is what a condition on a key compares with.
type Operator string

// The operators that a key can be searched by. Between has two values, the others one.
const (
	Equal          Operator = operatorEqual
	Less           Operator = operatorLess
	LessOrEqual    Operator = operatorLessEqual
	Greater        Operator = operatorGreater
	GreaterOrEqual Operator = operatorGreaterEqual
	Between        Operator = operatorBetween
	BeginsWith     Operator = functionBeginsWith
)

// A KeyTest is a condition on one attribute of a key.
type KeyTest struct {
	Attribute string
	Operator  Operator // of the older parameter also those that no key can be searched by
	Values    []attribute.Value
}

// Matches reports whether a key that has this value is one that is searched for.
func (t *KeyTest) Matches(value attribute.Value) bool {
	if t.Operator == BeginsWith {
		return beginsWith(value, t.Values[0])
	}
	order, ok := attribute.Compare(value, t.Values[0])
	if !ok {
		return false
	}
	switch t.Operator {
	case Equal:
		return order == 0
	case Less:
		return order < 0
	case LessOrEqual:
		return order <= 0
	case Greater:
		return order > 0
	case GreaterOrEqual:
		return order >= 0
	case Between:
		upper, ok := attribute.Compare(value, t.Values[1])
		return ok && order >= 0 && upper <= 0
	default:
		return false
	}
}

// A KeyCondition says which part of a table or index is queried.
type KeyCondition struct {
	Conditions []KeyTest // one or two, of different attributes
}

const maxKeyConditions = 2

// KeyCondition makes a key condition of a KeyConditionExpression.
func (p *Placeholders) KeyCondition(text string) (*KeyCondition, error) {
	root, err := p.condition("KeyConditionExpression", text)
	if err != nil {
		return nil, err
	}
	k := &KeyCondition{Conditions: make([]KeyTest, 0, maxKeyConditions)}
	if err := k.add(root); err != nil {
		return nil, err
	}
	if err := k.checkLength(); err != nil {
		return nil, err
	}
	return k, nil
}

func (k *KeyCondition) checkLength() error {
	if n := len(k.Conditions); n == 0 || n > maxKeyConditions {
		return exception.Validation("Conditions can be of length 1 or 2 only")
	}
	return nil
}

// add takes a condition apart.
func (k *KeyCondition) add(n *node) error {
	switch n.operator {
	case operatorAnd:
		if err := k.add(n.left); err != nil {
			return err
		}
		return k.add(n.right)
	case operatorOr, operatorNot, operatorIn, operatorNotEqual:
		return exception.Validation("Invalid operator used in KeyConditionExpression: %s", n.operator)
	}
	operator, operands := n.operator, n.operands
	if operator == operatorCall {
		operator, operands = n.operands[0].call.name, n.operands[0].call.arguments
		if operator != functionBeginsWith {
			return exception.Validation("Invalid operator used in KeyConditionExpression: %s", operator)
		}
	}
	at, err := keyOperand(operator, operands)
	if err != nil {
		return err
	}
	test := KeyTest{Attribute: operands[at].path[0].Name, Operator: Operator(operator)}
	if at == 1 {
		test.Operator = mirrored(test.Operator)
	}
	for i := range operands {
		if i != at {
			test.Values = append(test.Values, operands[i].value)
		}
	}
	for _, other := range k.Conditions {
		if other.Attribute == test.Attribute {
			return exception.Validation("KeyConditionExpressions must only contain one condition per key")
		}
	}
	k.Conditions = append(k.Conditions, test)
	return nil
}

// keyOperand returns which operand is the key's attribute. The others are values.
func keyOperand(operator string, operands []operand) (int, error) {
	for i := range operands {
		if operands[i].call != nil {
			return 0, exception.Validation("KeyConditionExpressions cannot contain nested operations")
		}
	}
	if (operator == operatorBetween || operator == functionBeginsWith) && operands[0].path == nil {
		return 0, exception.Validation("Invalid condition in KeyConditionExpression: "+
			"%s operator must have the key attribute as its first operand", operator)
	}
	at := -1
	for i := range operands {
		switch {
		case operands[i].path == nil:
		case at >= 0:
			return 0, exception.Validation("Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition")
		case len(operands[i].path) > 1:
			return 0, exception.Validation("KeyConditionExpressions cannot have conditions on nested attributes")
		default:
			at = i
		}
	}
	if at < 0 {
		return 0, exception.Validation("Invalid condition in KeyConditionExpression: No key attribute specified")
	}
	return at, nil
}

// mirrored returns an operator for exchanged operands.
func mirrored(o Operator) Operator {
	switch o {
	case Less:
		return Greater
	case LessOrEqual:
		return GreaterOrEqual
	case Greater:
		return Less
	case GreaterOrEqual:
		return LessOrEqual
	default:
		return o
	}
}

// For checks the condition against the key that is queried, of a table or an index, and
// returns the partition that it names and the condition on the sort key, if there is one.
// The definition tells the types of the key's attributes.
func (k *KeyCondition) For(key table.Key, d *table.Definition) (attribute.Value, *KeyTest, error) {
	if key.Sort == "" && len(k.Conditions) > 1 {
		return nil, nil, exception.Validation("Query key condition not supported")
	}
	partition, err := k.of(key.Partition, true, d)
	if err != nil {
		return nil, nil, err
	}
	if partition.Operator != Equal {
		return nil, nil, exception.Validation("Query key condition not supported")
	}
	var sort *KeyTest
	if key.Sort != "" {
		if sort, err = k.of(key.Sort, len(k.Conditions) > 1, d); err != nil {
			return nil, nil, err
		}
	}
	for _, test := range []*KeyTest{partition, sort} {
		if test == nil {
			continue
		}
		if err := test.checkValues(key, d); err != nil {
			return nil, nil, err
		}
	}
	return partition.Values[0], sort, nil
}

// of returns the condition on an attribute, nil when there is none and none is required.
func (k *KeyCondition) of(name string, required bool, d *table.Definition) (*KeyTest, error) {
	for i := range k.Conditions {
		test := &k.Conditions[i]
		if test.Attribute != name {
			continue
		}
		switch test.Operator {
		case Equal, Less, LessOrEqual, Greater, GreaterOrEqual, Between, BeginsWith:
		default:
			return nil, exception.Validation("Attempted conditional constraint is not an indexable operation")
		}
		for _, value := range test.Values {
			if value.Type() != d.AttributeType(name) {
				return nil, exception.InvalidParameter("Condition parameter type does not match schema type")
			}
		}
		return test, nil
	}
	if required {
		return nil, exception.Validation("Query condition missed key schema element: %s", name)
	}
	return nil, nil
}

// checkValues refuses values that no key has.
func (t *KeyTest) checkValues(key table.Key, d *table.Definition) error {
	for _, value := range t.Values {
		what := ""
		switch v := value.(type) {
		case attribute.String:
			if v == "" {
				what = "string"
			}
		case attribute.Binary:
			if len(v) == 0 {
				what = "binary"
			}
		default:
		}
		if what == "" {
			continue
		}
		if index := indexWith(key, d); index != "" {
			return exception.Validation("One or more parameter values are not valid. A value specified for a secondary index key is not supported. "+
				"The AttributeValue for a key attribute cannot contain an empty %s value. IndexName: %s, IndexKey: %s", what, index, t.Attribute)
		}
		return exception.Validation("One or more parameter values are not valid. "+
			"The AttributeValue for a key attribute cannot contain an empty %s value. Key: %s", what, t.Attribute)
	}
	return nil
}

// indexWith names an index that has a key, "" when it is the table's.
func indexWith(key table.Key, d *table.Definition) string {
	if key == d.Key {
		return ""
	}
	for _, indexes := range [][]table.Index{d.Local, d.Global} {
		for i := range indexes {
			if indexes[i].Key == key {
				return indexes[i].Name
			}
		}
	}
	return ""
}
