package operation

import (
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
)

type describeTableOutput struct {
	Table *tableDescription `json:"Table"`
}

// describeTable tells what a table is.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html
func (s *Service) describeTable(_ *Call, in *tableRequest) (*describeTableOutput, error) {
	name, err := in.name()
	if err != nil {
		return nil, err
	}
	out := new(describeTableOutput)
	err = s.db.View(func(tx *storage.Tx) error {
		d, err := namedTable(tx, name)
		if err == nil {
			out.Table = describe(tx, d, s.now())
		}
		return err
	})
	return out, err
}
