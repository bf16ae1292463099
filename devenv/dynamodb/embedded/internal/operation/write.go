package operation

import (
	"maps"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/expression"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/table"
)

// An action is what a write does to its item.
type action int

const (
	put action = iota
	update
	remove
	check // only the condition, in a transaction
)

// A write is one change of one item, from whatever operation: PutItem, one of a batch or
// of a transaction, a PartiQL statement.
type write struct {
	action    action
	tableName string
	item      attribute.Item // what is put
	key       attribute.Item // of what is updated, removed or checked

	condition *expression.Condition // nil: none
	update    *expression.Update    // nil: only the key is written
	showOld   bool                  // in the error, when the condition fails
	insert    bool                  // the condition is that there is no such item
}

// A plan is a write that has been found possible in a transaction of the storage.
type plan struct {
	*write
	definition *table.Definition
	old        attribute.Item // nil when there is none, or nobody needs it
	new        attribute.Item // nil when the item goes, or stays as it is
}

// plan does everything but write: so that several writes can be found possible before the
// first is applied. Its errors are exceptions for the client.
func (w *write) plan(tx *storage.Tx) (*plan, error) {
	d, err := tableFor(tx, w.tableName)
	if err != nil {
		return nil, err
	}
	p := &plan{write: w, definition: d}
	if err := p.checkAgainstTable(); err != nil {
		return nil, err
	}
	if w.condition != nil || w.action == update {
		if err := p.readOld(tx); err != nil {
			return nil, err
		}
	}
	if !w.condition.Matches(p.old) {
		return nil, p.conditionFailed()
	}
	switch w.action {
	case put:
		p.new = w.item
	case update:
		if err := p.makeNew(); err != nil {
			return nil, err
		}
	case remove, check:
	}
	return p, nil
}

func (p *plan) checkAgainstTable() error {
	if p.condition != nil {
		if err := checkPaths(p.definition, p.condition.Paths()); err != nil {
			return err
		}
	}
	if p.action == put {
		return checkItem(p.definition, p.item)
	}
	if err := checkKey(p.definition, p.key); err != nil {
		return err
	}
	if p.update == nil {
		return nil
	}
	for _, path := range p.update.Paths() {
		if p.definition.Key.Has(path[0].Name) {
			return exception.InvalidParameter("Cannot update attribute %s. This attribute is part of the key", path[0].Name)
		}
	}
	if err := checkPaths(p.definition, p.update.Paths()); err != nil {
		return err
	}
	return checkPaths(p.definition, p.update.Sources())
}

// keyed returns what has the key of the item that is written, perhaps among others.
func (w *write) keyed() attribute.Item {
	if w.action == put {
		return w.item
	}
	return w.key
}

// keyIn returns the key of the item that is written, alone.
func (w *write) keyIn(d *table.Definition) attribute.Item {
	if w.action == put {
		return keyOf(d, nil, w.item)
	}
	return w.key
}

func (p *plan) readOld(tx *storage.Tx) error {
	record, ok, err := tx.Get(p.definition, p.keyed())
	if err != nil || !ok {
		return err
	}
	p.old, err = record.Item()
	return err
}

func (p *plan) makeNew() error {
	before := p.old
	if before == nil {
		before = p.key
	}
	p.new = before
	if p.update != nil {
		updated, err := p.update.Apply(before)
		if err != nil {
			return err
		}
		p.new = updated
		if err := attribute.CheckDepth(updated); err != nil {
			return err
		}
	}
	if attribute.ItemSize(p.new) > maxItem {
		return exception.Validation("Item size to update has exceeded the maximum allowed size")
	}
	return checkUpdated(p.definition, p.old, p.new)
}

// apply writes what was planned, in the same transaction.
func (p *plan) apply(tx *storage.Tx) (storage.Change, error) {
	switch p.action {
	case put, update:
		return tx.Put(p.definition, p.new, storage.User)
	case remove:
		return tx.Delete(p.definition, p.key, storage.User)
	case check:
		record, _, err := tx.Get(p.definition, p.key)
		return storage.Change{Old: record, New: record}, err
	}
	return storage.Change{}, nil
}

func (p *plan) conditionFailed() error {
	if p.insert {
		return exception.New(duplicateItemName, "Duplicate primary key exists in table")
	}
	e := exception.New(exception.ConditionFailedName, "The conditional request failed")
	if p.showOld && p.old != nil {
		e.Fields = map[string]any{"Item": rawItem(p.old)}
	}
	return e
}

// rawItem is an item as it goes over the wire.
func rawItem(item attribute.Item) jsontext.Value {
	return attribute.AppendItem(nil, item)
}

// rawRecord copies a record out of its transaction.
func rawRecord(r storage.Record) jsontext.Value {
	return append(jsontext.Value(nil), r.JSON...)
}

// itemCollectionMetrics is ItemCollectionMetrics on the wire.
type itemCollectionMetrics struct {
	ItemCollectionKey   jsontext.Value `json:"ItemCollectionKey"`
	SizeEstimateRangeGB [2]float64     `json:"SizeEstimateRangeGB"`
}

// collectionMetrics returns what ReturnItemCollectionMetrics asks for: there are item
// collections only in tables with local secondary indexes. Those of a development
// database are in the estimate's first range.
func collectionMetrics(wanted *string, d *table.Definition, key attribute.Item) *itemCollectionMetrics {
	if wanted == nil || *wanted != "SIZE" || len(d.Local) == 0 {
		return nil
	}
	return &itemCollectionMetrics{
		ItemCollectionKey:   rawItem(attribute.Item{d.Key.Partition: key[d.Key.Partition]}),
		SizeEstimateRangeGB: [2]float64{0, 1},
	}
}

// keyOf returns the key attributes of an item: the table's, and an index's.
func keyOf(d *table.Definition, index *table.Index, item attribute.Item) attribute.Item {
	key := attribute.Item{}
	for _, name := range d.Key.Names() {
		key[name] = item[name]
	}
	if index != nil {
		for _, name := range index.Key.Names() {
			key[name] = item[name]
		}
	}
	maps.DeleteFunc(key, func(_ string, v attribute.Value) bool { return v == nil })
	return key
}
