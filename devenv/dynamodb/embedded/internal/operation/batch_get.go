package operation

import (
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/table"
)

// Limits of BatchGetItem.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
const (
	maxBatchGet      = 100
	maxBatchGetBytes = 16 << 20
)

type batchGetItemInput struct {
	RequestItems           ordered[keysAndAttributes] `json:"RequestItems"`
	ReturnConsumedCapacity *string                    `json:"ReturnConsumedCapacity"`
}

type keysAndAttributes struct {
	Keys           []attribute.ItemInput `json:"Keys"`
	ConsistentRead *bool                 `json:"ConsistentRead"`
	projectionParameters
}

type batchGetItemOutput struct {
	Responses        ordered[[]rawAttributes] `json:"Responses"`
	UnprocessedKeys  ordered[unprocessedKeys] `json:"UnprocessedKeys"`
	ConsumedCapacity []*consumedCapacity      `json:"ConsumedCapacity,omitzero"`
}

type unprocessedKeys struct {
	Keys                     []rawAttributes   `json:"Keys"`
	AttributesToGet          []string          `json:"AttributesToGet,omitzero"`
	ConsistentRead           *bool             `json:"ConsistentRead,omitzero"`
	ProjectionExpression     *string           `json:"ProjectionExpression,omitzero"`
	ExpressionAttributeNames map[string]string `json:"ExpressionAttributeNames,omitzero"`
}

func (s *Service) batchGetItem(_ *Call, in *batchGetItemInput) (*batchGetItemOutput, error) {
	if err := in.constrain(); err != nil {
		return nil, err
	}
	tables, err := in.parse()
	if err != nil {
		return nil, err
	}
	out := &batchGetItemOutput{Responses: ordered[[]rawAttributes]{}, UnprocessedKeys: ordered[unprocessedKeys]{}}
	err = s.db.View(func(tx *storage.Tx) error {
		definitions := make([]*table.Definition, len(tables))
		for i, gets := range tables {
			d, err := tableFor(tx, gets[0].tableName)
			if err != nil {
				return err
			}
			for _, get := range gets {
				if err := checkKey(d, get.key); err != nil {
					return err
				}
			}
			definitions[i] = d
		}
		read := 0
		for i, gets := range tables {
			if err := in.readTable(tx, definitions[i], in.RequestItems[i], gets, &read, out); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

func (in *batchGetItemInput) constrain() error {
	var c constraints
	c.enum("returnConsumedCapacity", in.ReturnConsumedCapacity, returnConsumedCapacityEnum...)
	if c.required("requestItems", in.RequestItems != nil) {
		c.size("requestItems", text("{}"), len(in.RequestItems), 1, maxBatchGet)
	}
	for _, m := range in.RequestItems {
		path := "requestItems." + m.Name + ".member."
		if c.required(path+"keys", m.Value.Keys != nil) {
			c.size(path+"keys", inputs(m.Value.Keys), len(m.Value.Keys), 1, maxBatchGet)
		}
		m.Value.constrain(&c, path)
	}
	return c.err()
}

// inputs prints keys as a violation shows them.
type inputs []attribute.ItemInput

func (i inputs) String() string {
	names := make([]string, len(i))
	for n, input := range i {
		names[n] = input.String()
	}
	return javaList(names)
}

// parse returns the reads, a list for each table.
func (in *batchGetItemInput) parse() ([][]*get, error) {
	total := 0
	tables := make([][]*get, len(in.RequestItems))
	for i, m := range in.RequestItems {
		name, err := tableNamed(m.Name)
		if err != nil {
			return nil, err
		}
		projection, err := m.Value.projection(func() error { return nil })
		if err != nil {
			return nil, err
		}
		seen := map[string]bool{}
		for _, input := range m.Value.Keys {
			key, err := input.Item()
			if err != nil {
				return nil, err
			}
			encoded := string(rawItem(key))
			if seen[encoded] {
				return nil, errDuplicates
			}
			seen[encoded] = true
			tables[i] = append(tables[i], &get{tableName: name, key: key, projection: projection})
		}
		if total += len(m.Value.Keys); total > maxBatchGet {
			return nil, exception.Validation("Too many items requested for the BatchGetItem call")
		}
	}
	return tables, nil
}

var errDuplicates = exception.Validation("Provided list of item keys contains duplicates")

// readTable reads what is asked of one table. What would make the answer too large comes
// back as unprocessed, to be asked for again.
func (in *batchGetItemInput) readTable(tx *storage.Tx, d *table.Definition, m member[keysAndAttributes], gets []*get, read *int, out *batchGetItemOutput) error {
	var cost meter
	items := []rawAttributes{}
	unprocessed := unprocessedKeys{
		AttributesToGet:          m.Value.AttributesToGet,
		ConsistentRead:           m.Value.ConsistentRead,
		ProjectionExpression:     m.Value.ProjectionExpression,
		ExpressionAttributeNames: m.Value.ExpressionAttributeNames,
	}
	for _, get := range gets {
		item, size, err := get.from(tx, d)
		if err != nil {
			return err
		}
		if *read+size > maxBatchGetBytes {
			unprocessed.Keys = append(unprocessed.Keys, rawItem(get.key))
			continue
		}
		*read += size
		cost.read(size, consistency(m.Value.ConsistentRead))
		if item != nil {
			items = append(items, item)
		}
	}
	out.Responses = append(out.Responses, member[[]rawAttributes]{Name: m.Name, Value: items})
	if len(unprocessed.Keys) > 0 {
		out.UnprocessedKeys = append(out.UnprocessedKeys, member[unprocessedKeys]{Name: m.Name, Value: unprocessed})
	}
	if consumed := cost.consumed(in.ReturnConsumedCapacity, m.Name); consumed != nil {
		out.ConsumedCapacity = append(out.ConsumedCapacity, consumed)
	}
	return nil
}
