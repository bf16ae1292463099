package operation

import (
	"strings"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
)

// tableNameOf returns the name that the TableName of an operation on tables means, which
// may be an ARN. A missing name, or one of a wrong length, is what DynamoDB tells before it
// looks at the model's constraints; see plainName for those.
func tableNameOf(parameter *string) (string, error) {
	if parameter == nil {
		return "", exception.Validation("The parameter 'TableName' is required but was not present in the request")
	}
	name := *parameter
	if match := tableARNPattern.FindStringSubmatch(name); match != nil {
		name = match[1]
	}
	if isARN := strings.HasPrefix(name, "arn:"); !isARN && (len(name) < 3 || len(name) > 255) {
		return "", exception.Validation("TableName must be at least 3 characters long and at most 255 characters long")
	}
	return name, nil
}

// plainName applies the constraint that [tableNameOf] leaves over.
func (c *constraints) plainName(name string) {
	c.pattern("tableName", &name, namePattern, "[a-zA-Z0-9_.-]+")
}
