package operation

import (
	"regexp"
	"strings"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/table"
)

var tableARNPattern = regexp.MustCompile(`^arn:aws[a-z-]*:dynamodb:[a-z0-9-]+:[0-9]{12}:table/([a-zA-Z0-9_.-]+)$`)

var errTableName = exception.Validation("Invalid table/index name.  Table/index names must be between 3 and 255 characters long, " +
	"and may contain only the characters a-z, A-Z, 0-9, '_', '-', and '.'")

// tableNamed returns the name of the table that a parameter means, which may be an ARN.
func tableNamed(parameter string) (string, error) {
	name := parameter
	if strings.HasPrefix(parameter, "arn:") {
		match := tableARNPattern.FindStringSubmatch(parameter)
		if match == nil {
			return "", errTableName
		}
		name = match[1]
	}
	if len(name) < 3 || len(name) > 255 || !namePattern.MatchString(name) {
		return "", errTableName
	}
	return name, nil
}

// tableFor returns the table for an operation on its items.
func tableFor(tx *storage.Tx, name string) (*table.Definition, error) {
	if d := tx.Table(name); d != nil {
		return d, nil
	}
	return nil, exception.New(exception.ResourceNotFoundName, "Requested resource not found")
}
