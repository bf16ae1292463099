package operation

import (
	"strings"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
)

// maxBatchWrite is how many writes a BatchWriteItem may have.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
const maxBatchWrite = 25

type batchWriteItemInput struct {
	RequestItems                ordered[[]writeRequest] `json:"RequestItems"`
	ReturnConsumedCapacity      *string                 `json:"ReturnConsumedCapacity"`
	ReturnItemCollectionMetrics *string                 `json:"ReturnItemCollectionMetrics"`
}

type writeRequest struct {
	PutRequest    *putRequest    `json:"PutRequest"`
	DeleteRequest *deleteRequest `json:"DeleteRequest"`
}

type (
	putRequest struct {
		Item attribute.ItemInput `json:"Item"`
	}
	deleteRequest struct {
		Key attribute.ItemInput `json:"Key"`
	}
)

type batchWriteItemOutput struct {
	UnprocessedItems      struct{}                          `json:"UnprocessedItems"` // there is no throttling
	ItemCollectionMetrics ordered[[]*itemCollectionMetrics] `json:"ItemCollectionMetrics,omitzero"`
	ConsumedCapacity      []*consumedCapacity               `json:"ConsumedCapacity,omitzero"`
}

func (s *Service) batchWriteItem(_ *Call, in *batchWriteItemInput) (*batchWriteItemOutput, error) {
	if err := in.constrain(); err != nil {
		return nil, err
	}
	tables, err := in.parse()
	if err != nil {
		return nil, err
	}
	out := &batchWriteItemOutput{}
	// One transaction, although DynamoDB promises no more than that each write is atomic.
	err = s.db.Update(func(tx *storage.Tx) error {
		plans := make([][]*plan, len(tables))
		for i, writes := range tables {
			seen := map[string]bool{}
			for _, w := range writes {
				p, err := w.planInBatch(tx)
				if err != nil {
					return err
				}
				encoded := string(rawItem(p.keyIn(p.definition)))
				if seen[encoded] {
					return errDuplicates
				}
				seen[encoded] = true
				plans[i] = append(plans[i], p)
			}
		}
		for i, m := range in.RequestItems {
			if err := in.writeTable(tx, m.Name, plans[i], out); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// planInBatch is plan with what BatchWriteItem says of a put without a proper key: it takes
// the key for itself first.
func (w *write) planInBatch(tx *storage.Tx) (*plan, error) {
	d, err := tableFor(tx, w.tableName)
	if err != nil {
		return nil, err
	}
	if w.action == put {
		if err := checkKey(d, keyOf(d, nil, w.item)); err != nil {
			return nil, err
		}
	}
	return w.plan(tx)
}

func (in *batchWriteItemInput) constrain() error {
	var c constraints
	c.enum("returnConsumedCapacity", in.ReturnConsumedCapacity, returnConsumedCapacityEnum...)
	c.enum("returnItemCollectionMetrics", in.ReturnItemCollectionMetrics, returnItemCollectionMetricsEnum...)
	if c.required("requestItems", in.RequestItems != nil) {
		c.size("requestItems", text("{}"), len(in.RequestItems), 1, maxBatchWrite)
	}
	for _, m := range in.RequestItems {
		path := "requestItems." + m.Name
		if len(m.Value) < 1 || len(m.Value) > maxBatchWrite {
			c.violated("requestItems", requests(in.RequestItems),
				"Map value must satisfy constraint: [Member must have length less than or equal to 25, Member must have length greater than or equal to 1]")
		}
		for i, r := range m.Value {
			if r.PutRequest != nil {
				c.required(memberPath(path, i)+".putRequest.item", r.PutRequest.Item.IsSet())
			}
			if r.DeleteRequest != nil {
				c.required(memberPath(path, i)+".deleteRequest.key", r.DeleteRequest.Key.IsSet())
			}
		}
	}
	return c.err()
}

// requests prints the writes of a batch as a violation shows them.
type requests ordered[[]writeRequest]

func (r requests) String() string {
	tables := make([]string, len(r))
	for i, m := range r {
		writes := make([]string, len(m.Value))
		for j, w := range m.Value {
			writes[j] = w.String()
		}
		tables[i] = m.Name + "=" + javaList(writes)
	}
	return "{" + strings.Join(tables, ", ") + "}"
}

func (r writeRequest) String() string {
	text := ""
	if r.PutRequest != nil {
		text += "PutRequest=PutRequest(Item=" + r.PutRequest.Item.String() + ")"
	}
	if r.DeleteRequest != nil {
		text += "DeleteRequest=DeleteRequest(Key=" + r.DeleteRequest.Key.String() + ")"
	}
	return "WriteRequest(" + text + ")"
}

// parse returns the writes, a list for each table.
func (in *batchWriteItemInput) parse() ([][]*write, error) {
	total := 0
	tables := make([][]*write, len(in.RequestItems))
	for i, m := range in.RequestItems {
		name, err := tableNamed(m.Name)
		if err != nil {
			return nil, err
		}
		for _, r := range m.Value {
			w, err := r.parse(name)
			if err != nil {
				return nil, err
			}
			tables[i] = append(tables[i], w)
		}
		if total += len(m.Value); total > maxBatchWrite {
			return nil, exception.Validation("Too many items requested for the BatchWriteItem call")
		}
	}
	return tables, nil
}

func (r writeRequest) parse(tableName string) (*write, error) {
	var err error
	w := &write{tableName: tableName}
	switch {
	case (r.PutRequest == nil) == (r.DeleteRequest == nil):
		return nil, exception.Validation("Supplied AttributeValue has more than one datatypes set, " +
			"must contain exactly one of the supported datatypes")
	case r.PutRequest != nil:
		w.action = put
		if w.item, err = r.PutRequest.Item.Item(); err != nil {
			return nil, err
		}
		if attribute.ItemSize(w.item) > maxItem {
			return nil, exception.Validation("Item size has exceeded the maximum allowed size")
		}
	default:
		w.action = remove
		w.key, err = r.DeleteRequest.Key.Item()
	}
	return w, err
}

func (in *batchWriteItemInput) writeTable(tx *storage.Tx, name string, plans []*plan, out *batchWriteItemOutput) error {
	var cost meter
	var metrics []*itemCollectionMetrics
	collections := map[string]bool{}
	for _, p := range plans {
		change, err := p.apply(tx)
		if err != nil {
			return err
		}
		cost.write(change, 1)
		if m := collectionMetrics(in.ReturnItemCollectionMetrics, p.definition, p.keyed()); m != nil && !collections[string(m.ItemCollectionKey)] {
			collections[string(m.ItemCollectionKey)] = true
			metrics = append(metrics, m)
		}
	}
	if consumed := cost.consumed(in.ReturnConsumedCapacity, name); consumed != nil {
		out.ConsumedCapacity = append(out.ConsumedCapacity, consumed)
	}
	if metrics != nil {
		out.ItemCollectionMetrics = append(out.ItemCollectionMetrics, member[[]*itemCollectionMetrics]{Name: name, Value: metrics})
	}
	return nil
}
