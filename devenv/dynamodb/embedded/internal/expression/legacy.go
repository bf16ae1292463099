package expression

import (
	"slices"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
)

// The older parameters, as they are on the wire.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LegacyConditionalParameters.html
type (
	// LegacyCondition is a Condition of KeyConditions, QueryFilter or ScanFilter.
	LegacyCondition struct {
		ComparisonOperator *string           `json:"ComparisonOperator"`
		AttributeValueList []attribute.Input `json:"AttributeValueList"`
	}

	// ExpectedAttributeValue is a condition of Expected.
	ExpectedAttributeValue struct {
		Value              attribute.Input   `json:"Value"`
		Exists             *bool             `json:"Exists"`
		ComparisonOperator *string           `json:"ComparisonOperator"`
		AttributeValueList []attribute.Input `json:"AttributeValueList"`
	}

	// AttributeValueUpdate is an update of AttributeUpdates.
	AttributeValueUpdate struct {
		Value  attribute.Input `json:"Value"`
		Action *string         `json:"Action"`
	}
)

// The values of ComparisonOperator that are written differently in expressions, or are
// more than one function.
const (
	legacyEqual        = "EQ"
	legacyNotEqual     = "NE"
	legacyLess         = "LT"
	legacyLessEqual    = "LE"
	legacyGreater      = "GT"
	legacyGreaterEqual = "GE"
	legacyIn           = "IN"
	legacyBetween      = "BETWEEN"
	legacyNull         = "NULL"
	legacyNotNull      = "NOT_NULL"
	legacyContains     = "CONTAINS"
	legacyNotContains  = "NOT_CONTAINS"
	legacyBeginsWith   = "BEGINS_WITH"
)

// CheckedNames returns the names of attributes in the order in which DynamoDB checks them:
// which of several faults a client hears of is no matter of chance.
func CheckedNames[V any](conditions map[string]V) []string {
	names := make([]string, 0, len(conditions))
	for name := range conditions {
		names = append(names, name)
	}
	return javaOrder(names)
}

func inputValues(inputs []attribute.Input) ([]attribute.Value, error) {
	values := make([]attribute.Value, len(inputs))
	for i, input := range inputs {
		value, err := input.Value()
		if err != nil {
			return nil, err
		}
		values[i] = value
	}
	return values, nil
}

// checkArgumentCount checks how many values a comparison has.
func checkArgumentCount(operator string, n int) error {
	wanted := n == 1
	switch operator {
	case legacyNull, legacyNotNull:
		wanted = n == 0
	case legacyBetween:
		wanted = n == 2
	case legacyIn:
		wanted = n > 0
	}
	if !wanted {
		return exception.InvalidParameter("Invalid number of argument(s) for the %s ComparisonOperator", operator)
	}
	return nil
}

// checkArguments checks the values of a comparison.
func checkArguments(operator string, values []attribute.Value) error {
	for _, value := range values {
		if value.Type() != values[0].Type() {
			return exception.InvalidParameter("AttributeValues inside AttributeValueList must be of same type")
		}
	}
	allowed := []attribute.Type{attribute.TypeString, attribute.TypeNumber, attribute.TypeBinary}
	switch operator {
	case legacyEqual, legacyNotEqual, legacyNull, legacyNotNull:
		return nil
	case legacyContains, legacyNotContains:
		allowed = append(allowed, attribute.TypeBoolean, attribute.TypeNull)
	case legacyBeginsWith:
		allowed = []attribute.Type{attribute.TypeString, attribute.TypeBinary}
	}
	for _, value := range values {
		if !slices.Contains(allowed, value.Type()) {
			return exception.InvalidParameter("ComparisonOperator %s is not valid for %s AttributeValue type", operator, value.Type())
		}
	}
	if operator == legacyBetween {
		if order, _ := attribute.Compare(values[0], values[1]); order > 0 {
			return exception.Validation("The BETWEEN condition was provided a range where the lower bound is greater than the upper bound")
		}
	}
	return nil
}
