package operation

import (
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/expression"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
)

type transactWriteItemsInput struct {
	TransactItems               repeatable[transactWriteItem] `json:"TransactItems"`
	ClientRequestToken          *string                       `json:"ClientRequestToken"`
	ReturnConsumedCapacity      *string                       `json:"ReturnConsumedCapacity"`
	ReturnItemCollectionMetrics *string                       `json:"ReturnItemCollectionMetrics"`
}

type transactWriteItem struct {
	ConditionCheck *transactWrite `json:"ConditionCheck"`
	Put            *transactWrite `json:"Put"`
	Delete         *transactWrite `json:"Delete"`
	Update         *transactWrite `json:"Update"`
}

// transactWrite is ConditionCheck, Put, Delete or Update: they share most members.
type transactWrite struct {
	TableName                           *string             `json:"TableName"`
	Item                                attribute.ItemInput `json:"Item"`
	Key                                 attribute.ItemInput `json:"Key"`
	UpdateExpression                    *string             `json:"UpdateExpression"`
	ReturnValuesOnConditionCheckFailure *string             `json:"ReturnValuesOnConditionCheckFailure"`
	conditionParameters
}

type transactWriteItemsOutput struct {
	ConsumedCapacity      []*consumedCapacity               `json:"ConsumedCapacity,omitzero"`
	ItemCollectionMetrics ordered[[]*itemCollectionMetrics] `json:"ItemCollectionMetrics,omitzero"`
}

func (s *Service) transactWriteItems(_ *Call, in *transactWriteItemsInput) (*transactWriteItemsOutput, error) {
	if err := in.constrain(); err != nil {
		return nil, err
	}
	writes, err := in.parse()
	if err != nil {
		return nil, err
	}
	t := &transaction{writes: writes, names: in.names(), metrics: in.ReturnItemCollectionMetrics}
	if in.ClientRequestToken != nil {
		t.token, t.fingerprint = *in.ClientRequestToken, in.TransactItems.fingerprint()
	}
	if err := s.transact(t); err != nil {
		return nil, err
	}
	return &transactWriteItemsOutput{
		ConsumedCapacity:      t.cost.consumed(t.kind, in.ReturnConsumedCapacity),
		ItemCollectionMetrics: t.collections,
	}, nil
}

// A transaction is a set of writes of which all happen or none.
type transaction struct {
	writes      []*write
	names       []string // of the tables as the request has them, for each write
	metrics     *string  // ReturnItemCollectionMetrics
	token       string   // empty: none
	fingerprint []byte   // of the request with that token

	cost        meters
	kind        transactionKind // reads when it had been done before
	collections ordered[[]*itemCollectionMetrics]
}

// transact performs a transaction, or finds that it was performed within the last ten
// minutes, which is as good but costs reads only.
func (s *Service) transact(t *transaction) error {
	return s.db.Update(func(tx *storage.Tx) error {
		t.kind = writes
		if t.token != "" {
			if fingerprint, ok := tx.Token(t.token); ok {
				if string(fingerprint) != string(t.fingerprint) {
					return exception.New("IdempotentParameterMismatchException", "")
				}
				return t.repeat(tx)
			}
		}
		plans, err := t.plan(tx)
		if err != nil {
			return err
		}
		for i, p := range plans {
			change, err := p.apply(tx)
			if err != nil {
				return err
			}
			t.cost.of(t.names[i]).write(change, transactional)
			if m := collectionMetrics(t.metrics, p.definition, p.keyed()); m != nil {
				t.addCollection(t.names[i], m)
			}
		}
		if t.token == "" {
			return nil
		}
		return tx.SetToken(t.token, t.fingerprint)
	})
}

// plan finds all of the writes possible, or the reasons why not.
func (t *transaction) plan(tx *storage.Tx) ([]*plan, error) {
	plans := make([]*plan, len(t.writes))
	cancelled := newCancellation(len(t.writes))
	items := distinct{}
	for i, w := range t.writes {
		p, err := w.plan(tx)
		if err != nil {
			if err := cancelled.add(i, err); err != nil {
				return nil, err
			}
		}
		plans[i] = p
		if d := tx.Table(w.tableName); d != nil {
			if err := items.add(w.tableName, w.keyIn(d)); err != nil {
				return nil, err
			}
		}
	}
	return plans, cancelled.err()
}

// repeat reads what was written.
func (t *transaction) repeat(tx *storage.Tx) error {
	t.kind = reads
	for i, w := range t.writes {
		d, err := tableFor(tx, w.tableName)
		if err != nil {
			return err
		}
		key := w.keyIn(d)
		if err := checkKey(d, key); err != nil { // of another table that has taken the name
			return err
		}
		record, _, err := tx.Get(d, key)
		if err != nil {
			return err
		}
		t.cost.of(t.names[i]).read(record.Size, transactional)
	}
	return nil
}

func (t *transaction) addCollection(tableName string, m *itemCollectionMetrics) {
	for i := range t.collections {
		if t.collections[i].Name == tableName {
			t.collections[i].Value = append(t.collections[i].Value, m)
			return
		}
	}
	t.collections = append(t.collections, member[[]*itemCollectionMetrics]{Name: tableName, Value: []*itemCollectionMetrics{m}})
}

func (in *transactWriteItemsInput) constrain() error {
	var c constraints
	c.enum("returnConsumedCapacity", in.ReturnConsumedCapacity, returnConsumedCapacityEnum...)
	c.enum("returnItemCollectionMetrics", in.ReturnItemCollectionMetrics, returnItemCollectionMetricsEnum...)
	c.length("clientRequestToken", in.ClientRequestToken, 1, 36)
	items := in.TransactItems.items
	if c.required("transactItems", items != nil) {
		c.size("transactItems", text("[]"), len(items), 1, maxTransaction)
	}
	for i := range items {
		path := memberPath("transactItems", i)
		items[i].ConditionCheck.constrain(&c, path+".conditionCheck", check)
		items[i].Put.constrain(&c, path+".put", put)
		items[i].Delete.constrain(&c, path+".delete", remove)
		items[i].Update.constrain(&c, path+".update", update)
	}
	return c.err()
}

func (w *transactWrite) constrain(c *constraints, path string, a action) {
	if w == nil {
		return
	}
	c.tableName(path+".tableName", w.TableName)
	if a == put {
		c.required(path+".item", w.Item.IsSet())
	} else {
		c.required(path+".key", w.Key.IsSet())
	}
	if a == check {
		c.required(path+".conditionExpression", w.ConditionExpression != nil)
	}
	if a == update {
		c.required(path+".updateExpression", w.UpdateExpression != nil)
	}
	c.enum(path+".returnValuesOnConditionCheckFailure", w.ReturnValuesOnConditionCheckFailure, returnValuesOnFailureEnum...)
}

// chosen returns the one action of an item.
func (t *transactWriteItem) chosen() (action, *transactWrite, error) {
	var a action
	var w *transactWrite
	for _, candidate := range []struct {
		action
		*transactWrite
	}{{check, t.ConditionCheck}, {put, t.Put}, {remove, t.Delete}, {update, t.Update}} {
		if candidate.transactWrite == nil {
			continue
		}
		if w != nil {
			return a, nil, exception.Validation("TransactItems can only contain one of Check, Put, Update or Delete")
		}
		a, w = candidate.action, candidate.transactWrite
	}
	if w == nil {
		return a, nil, exception.Validation("Invalid Request: TransactWriteRequest should contain Delete or Put or Update request")
	}
	return a, w, nil
}

// names returns the tables' names as the request has them.
func (in *transactWriteItemsInput) names() []string {
	out := make([]string, len(in.TransactItems.items))
	for i := range in.TransactItems.items {
		if _, w, err := in.TransactItems.items[i].chosen(); err == nil {
			out[i] = *w.TableName
		}
	}
	return out
}

func (in *transactWriteItemsInput) parse() ([]*write, error) {
	out := make([]*write, len(in.TransactItems.items))
	size := 0
	for i := range in.TransactItems.items {
		a, t, err := in.TransactItems.items[i].chosen()
		if err != nil {
			return nil, err
		}
		if out[i], err = t.parse(a); err != nil {
			return nil, err
		}
		size += attribute.ItemSize(out[i].item) + attribute.ItemSize(out[i].key)
	}
	if size > maxTransactionBytes {
		return nil, exception.Validation("Transaction payload size cannot exceed 4MB. Payload Size: %d", size)
	}
	return out, nil
}

func (w *transactWrite) parse(a action) (*write, error) {
	out := &write{action: a, showOld: returns(w.ReturnValuesOnConditionCheckFailure, "ALL_OLD")}
	expressions := []expression.Parameter{{Name: "ConditionExpression", Set: w.ConditionExpression != nil}}
	if a == update {
		expressions = append([]expression.Parameter{{Name: "UpdateExpression", Set: true}}, expressions...)
	}
	err := expression.CheckParameters(expressions, nil, w.ExpressionAttributeNames != nil, w.ExpressionAttributeValues.IsSet())
	if err != nil {
		return nil, err
	}
	if out.tableName, err = tableNamed(*w.TableName); err != nil {
		return nil, err
	}
	if a == put {
		if out.item, err = w.Item.Item(); err == nil && attribute.ItemSize(out.item) > maxItem {
			err = exception.Validation("Item size has exceeded the maximum allowed size")
		}
	} else {
		out.key, err = w.Key.Item()
	}
	if err != nil {
		return nil, err
	}
	placeholders, err := w.placeholders()
	if err != nil {
		return nil, err
	}
	if a == update {
		if out.update, err = placeholders.Update(*w.UpdateExpression); err != nil {
			return nil, err
		}
	}
	if w.ConditionExpression != nil {
		if out.condition, err = placeholders.Condition("ConditionExpression", *w.ConditionExpression); err != nil {
			return nil, err
		}
	}
	return out, placeholders.Unused()
}
