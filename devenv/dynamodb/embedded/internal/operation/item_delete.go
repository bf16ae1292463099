package operation

import (
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
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
	return s.replaceItem(w, &in.writeParameters)
}
