package operation

import (
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
)

type transactGetItemsInput struct {
	TransactItems          []transactGetItem `json:"TransactItems"`
	ReturnConsumedCapacity *string           `json:"ReturnConsumedCapacity"`
}

type transactGetItem struct {
	Get *transactGet `json:"Get"`
}

type transactGet struct {
	TableName                *string             `json:"TableName"`
	Key                      attribute.ItemInput `json:"Key"`
	ProjectionExpression     *string             `json:"ProjectionExpression"`
	ExpressionAttributeNames map[string]string   `json:"ExpressionAttributeNames"`
}

type transactGetItemsOutput struct {
	Responses        []itemResponse      `json:"Responses"`
	ConsumedCapacity []*consumedCapacity `json:"ConsumedCapacity,omitzero"`
}

type itemResponse struct {
	Item rawAttributes `json:"Item,omitzero"`
}

func (s *Service) transactGetItems(_ *Call, in *transactGetItemsInput) (*transactGetItemsOutput, error) {
	if err := in.constrain(); err != nil {
		return nil, err
	}
	gets := make([]*get, len(in.TransactItems))
	items := distinct{}
	for i, t := range in.TransactItems {
		projection := projectionParameters{
			ProjectionExpression: t.Get.ProjectionExpression, ExpressionAttributeNames: t.Get.ExpressionAttributeNames,
		}
		var err error
		if gets[i], err = newGet(*t.Get.TableName, t.Get.Key, projection); err != nil {
			return nil, err
		}
		if err := items.add(gets[i].tableName, gets[i].key); err != nil {
			return nil, err
		}
	}
	out := &transactGetItemsOutput{Responses: make([]itemResponse, len(gets))}
	err := s.db.View(func(tx *storage.Tx) error {
		var cost meters
		cancelled := newCancellation(len(gets))
		read := 0
		for i, get := range gets {
			d, err := tableFor(tx, get.tableName)
			if err != nil {
				return err
			}
			item, size, err := get.from(tx, d)
			if err != nil {
				if err := cancelled.add(i, err); err != nil {
					return err
				}
				continue
			}
			out.Responses[i].Item = item
			cost.of(*in.TransactItems[i].Get.TableName).read(size, transactional)
			if read += size; read > maxTransactionBytes {
				return exception.Validation("Transaction payload size cannot exceed 4MB. Payload Size: %d", read)
			}
		}
		out.ConsumedCapacity = cost.consumed(reads, in.ReturnConsumedCapacity)
		return cancelled.err()
	})
	return out, err
}

func (in *transactGetItemsInput) constrain() error {
	var c constraints
	c.enum("returnConsumedCapacity", in.ReturnConsumedCapacity, returnConsumedCapacityEnum...)
	if c.required("transactItems", in.TransactItems != nil) {
		c.size("transactItems", text("[]"), len(in.TransactItems), 1, maxTransaction)
	}
	for i, t := range in.TransactItems {
		path := memberPath("transactItems", i) + ".get"
		if c.required(path, t.Get != nil) {
			c.tableName(path+".tableName", t.Get.TableName)
			c.required(path+".key", t.Get.Key.IsSet())
		}
	}
	return c.err()
}
