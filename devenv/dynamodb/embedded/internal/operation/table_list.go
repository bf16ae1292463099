package operation

import (
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
)

type listTablesInput struct {
	ExclusiveStartTableName *string `json:"ExclusiveStartTableName"`
	Limit                   *int64  `json:"Limit"`
}

type listTablesOutput struct {
	TableNames             []string `json:"TableNames"`
	LastEvaluatedTableName string   `json:"LastEvaluatedTableName,omitzero"`
}

// maxListed is how many tables, or streams, are listed at most.
const maxListed = 100

// listTables lists tables, in the order of their names: those of all regions, which are
// one here.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTables.html
func (s *Service) listTables(_ *Call, in *listTablesInput) (*listTablesOutput, error) {
	var c constraints
	c.minimum("limit", in.Limit, 1)
	c.maximum("limit", in.Limit, maxListed)
	c.indexName("exclusiveStartTableName", in.ExclusiveStartTableName)
	if err := c.err(); err != nil {
		return nil, err
	}
	limit, after := maxListed, ""
	if in.Limit != nil {
		limit = int(*in.Limit)
	}
	if in.ExclusiveStartTableName != nil {
		after = *in.ExclusiveStartTableName
	}
	out := new(listTablesOutput)
	err := s.db.View(func(tx *storage.Tx) error {
		out.TableNames = tx.TableNames(after, limit+1)
		if len(out.TableNames) > limit {
			out.TableNames = out.TableNames[:limit]
			out.LastEvaluatedTableName = out.TableNames[limit-1]
		}
		return nil
	})
	return out, err
}
