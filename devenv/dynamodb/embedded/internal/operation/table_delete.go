package operation

import (
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
)

// deleteTable removes a table with its items. Its stream can be read for another day.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteTable.html
func (s *Service) deleteTable(_ *Call, in *tableRequest) (*tableDescriptionOutput, error) {
	name, err := in.name()
	if err != nil {
		return nil, err
	}
	var out *tableDescription
	err = s.db.Update(func(tx *storage.Tx) error {
		d, err := namedTable(tx, name)
		if err != nil {
			return err
		}
		if d.DeletionProtection {
			return exception.Validation("Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.")
		}
		// The answer knows little of the table.
		all := describe(tx, d, s.now())
		out = &tableDescription{
			TableName: all.TableName, TableStatus: stateDeleting, TableARN: all.TableARN, TableID: all.TableID,
			ProvisionedThroughput: all.ProvisionedThroughput, BillingModeSummary: all.BillingModeSummary,
			TableSizeBytes: all.TableSizeBytes, ItemCount: all.ItemCount,
			StreamSpecification: all.StreamSpecification, LatestStreamARN: all.LatestStreamARN, LatestStreamLabel: all.LatestStreamLabel,
			TableClassSummary: all.TableClassSummary,
		}
		return tx.DropTable(name)
	})
	return &tableDescriptionOutput{out}, err
}
