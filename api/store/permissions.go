package store

import (
	"cmp"
	"slices"
)

// A Permission is an action of IAM that the service needs on its table, or on an index of
// it. IAM knows no action for a transaction: each member needs that of the same call alone.
//
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
type Permission struct {
	Action string // "dynamodb:GetItem"
	Index  string // global secondary index; "" is the table itself
}

// Permissions are all that the service needs, and no more: those of its access patterns,
// and the look at the table when it starts.
func Permissions() []Permission {
	permissions := []Permission{{Action: "dynamodb:DescribeTable"}}
	for _, pattern := range AccessPatterns() {
		operations := []string{pattern.Operation}
		if len(pattern.Members) > 0 {
			operations = pattern.Members
		}
		for _, operation := range operations {
			permissions = append(permissions, Permission{Action: "dynamodb:" + operation, Index: pattern.Index})
		}
	}
	slices.SortFunc(permissions, func(a, b Permission) int {
		return cmp.Or(cmp.Compare(a.Index, b.Index), cmp.Compare(a.Action, b.Action))
	})
	return slices.Compact(permissions)
}
