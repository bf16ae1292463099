package operation

import (
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/table"
)

// tableOperations are those on whole tables. What takes minutes in AWS is done here when
// the answer is sent; the answer still says CREATING, UPDATING or DELETING, as a client of
// AWS has to expect, and the next DescribeTable tells how it ended.
var tableOperations = map[string]handler{
	"CreateTable":               handle((*Service).createTable),
	"DescribeTable":             handle((*Service).describeTable),
	"ListTables":                handle((*Service).listTables),
	"UpdateTable":               handle((*Service).updateTable),
	"DeleteTable":               handle((*Service).deleteTable),
	"UpdateTimeToLive":          handle((*Service).updateTimeToLive),
	"DescribeTimeToLive":        handle((*Service).describeTimeToLive),
	"TagResource":               handle((*Service).tagResource),
	"UntagResource":             handle((*Service).untagResource),
	"ListTagsOfResource":        handle((*Service).listTagsOfResource),
	"PutResourcePolicy":         handle((*Service).putResourcePolicy),
	"GetResourcePolicy":         handle((*Service).getResourcePolicy),
	"DeleteResourcePolicy":      handle((*Service).deleteResourcePolicy),
	"DescribeContinuousBackups": handle((*Service).describeContinuousBackups),
	"UpdateContinuousBackups":   handle((*Service).updateContinuousBackups),
	"DescribeLimits":            handle((*Service).describeLimits),
	"DescribeEndpoints":         handle((*Service).describeEndpoints),
}

// namedTable returns the table for an operation on tables, whose error says which one.
func namedTable(tx *storage.Tx, name string) (*table.Definition, error) {
	if d := tx.Table(name); d != nil {
		return d, nil
	}
	return nil, exception.New(exception.ResourceNotFoundName, "Requested resource not found: Table: %s not found", name)
}

// tableRequest is the request of operations that want to know nothing but the table.
type tableRequest struct {
	TableName *string `json:"TableName"`
}

func (in *tableRequest) name() (string, error) {
	name, err := tableNameOf(in.TableName)
	if err != nil {
		return "", err
	}
	var c constraints
	c.plainName(name)
	return name, c.err()
}
