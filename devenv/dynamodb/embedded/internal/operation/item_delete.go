package operation

import (
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
)

type deleteItemInput struct {
	writeParameters
	Key attribute.ItemInput `json:"Key"`
}

func (s *Service) deleteItem(_ *Call, in *deleteItemInput) (*writeOutput, error) {
	var c constraints
	in.constrain(&c, "key", in.Key.IsSet(), "returnValues", "returnItemCollectionMetrics", "key", "expected")
	if err := c.err(); err != nil {
		return nil, err
	}
	w := &write{action: remove}
	var err error
	if w.key, w.condition, err = in.parse(in.Key); err != nil {
		return nil, err
	}
	out := &writeOutput{}
	err = s.writeItem(w, &in.writeParameters, func(p *plan, change storage.Change) error {
		if returns(in.ReturnValues, "ALL_OLD") && change.HadOld {
			out.Attributes = rawRecord(change.Old)
		}
		in.accountFor(out, p.definition, p.key, change)
		return nil
	})
	return out, err
}
