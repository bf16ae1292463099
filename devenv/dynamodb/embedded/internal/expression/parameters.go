package expression

import (
	"strings"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
)

// A Parameter is a parameter of a request, and whether it was given.
type Parameter struct {
	Name string
	Set  bool
}

// CheckParameters checks that a request says what it wants in one way only: by expressions
// or by the older parameters, and that placeholders come with expressions. The order of
// the lists is that of the message.
func CheckParameters(expressions, older []Parameter, namesSet, valuesSet bool) error {
	given, givenOlder := givenNames(expressions), givenNames(older)
	if len(given) > 0 && len(givenOlder) > 0 {
		return exception.Validation("Can not use both expression and non-expression parameters in the same request: "+
			"Non-expression parameters: {%s} Expression parameters: {%s}", joined(givenOlder), joined(given))
	}
	if namesSet && len(given) == 0 {
		return exception.Validation("ExpressionAttributeNames can only be specified when using expressions")
	}
	if !valuesSet {
		return nil
	}
	var takeValues []string
	for _, e := range expressions {
		if e.Name == projectionExpression {
			continue
		}
		if e.Set {
			return nil
		}
		takeValues = append(takeValues, e.Name)
	}
	if len(takeValues) == 0 {
		return nil
	}
	verb := "is"
	if len(takeValues) > 1 {
		verb = "are"
	}
	return exception.Validation("ExpressionAttributeValues can only be specified when using expressions: %s %s null",
		strings.Join(takeValues, " and "), verb)
}

func givenNames(parameters []Parameter) []string {
	var names []string
	for _, p := range parameters {
		if p.Set {
			names = append(names, p.Name)
		}
	}
	return names
}
