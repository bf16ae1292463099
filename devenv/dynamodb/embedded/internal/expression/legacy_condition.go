package expression

import (
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
)

// Expected makes a condition of the older parameters Expected and ConditionalOperator.
func Expected(expected map[string]ExpectedAttributeValue, conditionalOperator *string) (*Condition, error) {
	comparisons := make([]*node, 0, len(expected))
	for _, name := range CheckedNames(expected) {
		e := expected[name]
		operator, values, err := e.comparison(name)
		if err != nil {
			return nil, err
		}
		comparisons = append(comparisons, comparisonOf(name, operator, values))
	}
	if err := checkConditionalOperator(len(expected), conditionalOperator); err != nil {
		return nil, err
	}
	return &Condition{root: joinedBy(conditionalOperator, comparisons)}, nil
}

// Filter makes a condition of the older parameters QueryFilter or ScanFilter, and
// ConditionalOperator.
func Filter(conditions map[string]LegacyCondition, conditionalOperator *string) (*Condition, error) {
	comparisons := make([]*node, 0, len(conditions))
	for _, name := range CheckedNames(conditions) {
		c := conditions[name]
		operator, values, err := c.comparison()
		if err != nil {
			return nil, err
		}
		comparisons = append(comparisons, comparisonOf(name, operator, values))
	}
	if err := checkConditionalOperator(len(conditions), conditionalOperator); err != nil {
		return nil, err
	}
	return &Condition{root: joinedBy(conditionalOperator, comparisons)}, nil
}

func checkConditionalOperator(conditions int, operator *string) error {
	switch {
	case operator == nil || conditions > 1:
		return nil
	case conditions == 0:
		return exception.Validation("ConditionalOperator cannot be used without Filter or Expected")
	default:
		return exception.Validation("ConditionalOperator can only be used when Filter or Expected has two or more elements")
	}
}

// KeyConditions makes a key condition of the older parameter of that name.
func KeyConditions(conditions map[string]LegacyCondition) (*KeyCondition, error) {
	k := &KeyCondition{Conditions: make([]KeyTest, 0, maxKeyConditions)}
	for _, name := range CheckedNames(conditions) {
		c := conditions[name]
		operator, values, err := c.comparison()
		if err != nil {
			return nil, err
		}
		k.Conditions = append(k.Conditions, KeyTest{Attribute: name, Operator: Operator(modern(operator)), Values: values})
	}
	if err := k.checkLength(); err != nil {
		return nil, err
	}
	return k, nil
}

// comparison checks a condition and returns its operator and values.
func (c *LegacyCondition) comparison() (string, []attribute.Value, error) {
	if c.ComparisonOperator == nil {
		return "", nil, exception.Validation("Comparison type does not exist in DynamoDB")
	}
	operator := *c.ComparisonOperator
	values, err := inputValues(c.AttributeValueList)
	if err != nil {
		return "", nil, err
	}
	if err := checkArgumentCount(operator, len(values)); err != nil {
		return "", nil, err
	}
	return operator, values, checkArguments(operator, values)
}

// comparison checks a condition and returns its operator and values.
func (e *ExpectedAttributeValue) comparison(name string) (string, []attribute.Value, error) {
	inputs := e.AttributeValueList
	if e.Value.IsSet() {
		if inputs != nil {
			return "", nil, exception.InvalidParameter("Value and AttributeValueList cannot be used together for Attribute: %s", name)
		}
		inputs = []attribute.Input{e.Value}
	}
	operator := legacyEqual
	switch {
	case e.ComparisonOperator != nil:
		operator = *e.ComparisonOperator
		if e.Exists != nil {
			return "", nil, exception.InvalidParameter("Exists and ComparisonOperator cannot be used together for Attribute: %s", name)
		}
		if inputs == nil && operator != legacyNull && operator != legacyNotNull {
			return "", nil, exception.InvalidParameter(
				"Value or AttributeValueList must be used with ComparisonOperator: %s for Attribute: %s", operator, name)
		}
		if err := checkArgumentCount(operator, len(inputs)); err != nil {
			return "", nil, err
		}
	case e.AttributeValueList != nil:
		return "", nil, exception.InvalidParameter("AttributeValueList can only be used with a ComparisonOperator for Attribute: %s", name)
	case e.Exists != nil && !*e.Exists:
		if inputs != nil {
			return "", nil, exception.InvalidParameter("Value cannot be used when Exists is false for Attribute: %s", name)
		}
		operator = legacyNull
	case inputs == nil:
		exists := "null"
		if e.Exists != nil {
			exists = "true"
		}
		return "", nil, exception.InvalidParameter("Value must be provided when Exists is %s for Attribute: %s", exists, name)
	}
	values, err := inputValues(inputs)
	if err != nil {
		return "", nil, err
	}
	return operator, values, checkArguments(operator, values)
}

// joinedBy joins conditions by AND, or by the ConditionalOperator. There may be very many,
// so the tree is balanced: what walks through it goes as deep as it is.
func joinedBy(conditionalOperator *string, conditions []*node) *node {
	switch n := len(conditions); n {
	case 0:
		return nil
	case 1:
		return conditions[0]
	default:
		operator := operatorAnd
		if conditionalOperator != nil && *conditionalOperator == operatorOr {
			operator = operatorOr
		}
		return &node{
			operator: operator,
			left:     joinedBy(conditionalOperator, conditions[:n/2]),
			right:    joinedBy(conditionalOperator, conditions[n/2:]),
		}
	}
}

// comparisonOf makes the condition that an older one stands for.
func comparisonOf(name, operator string, values []attribute.Value) *node {
	operands := make([]operand, 1, 1+len(values))
	operands[0] = operand{path: Path{{Name: name}}}
	for _, value := range values {
		operands = append(operands, operand{value: value})
	}
	callOf := func(function string, arguments []operand) *node {
		return &node{operator: operatorCall, operands: []operand{{call: &call{name: function, arguments: arguments}}}}
	}
	switch operator {
	case legacyNull:
		return callOf(functionAttributeNotExists, operands)
	case legacyNotNull:
		return callOf(functionAttributeExists, operands)
	case legacyContains:
		return callOf(functionContains, operands)
	case legacyNotContains: // of an attribute that is not there it is false, unlike NE
		return &node{
			operator: operatorAnd,
			left:     callOf(functionAttributeExists, operands[:1]),
			right:    &node{operator: operatorNot, left: callOf(functionContains, operands)},
		}
	case legacyBeginsWith:
		return callOf(functionBeginsWith, operands)
	default:
		return &node{operator: modern(operator), operands: operands}
	}
}

// modern returns what an operator is called in expressions, or the operator itself.
func modern(operator string) string {
	switch operator {
	case legacyEqual:
		return operatorEqual
	case legacyNotEqual:
		return operatorNotEqual
	case legacyLess:
		return operatorLess
	case legacyLessEqual:
		return operatorLessEqual
	case legacyGreater:
		return operatorGreater
	case legacyGreaterEqual:
		return operatorGreaterEqual
	case legacyBeginsWith:
		return functionBeginsWith
	default: // BETWEEN and IN are called so in expressions too
		return operator
	}
}
