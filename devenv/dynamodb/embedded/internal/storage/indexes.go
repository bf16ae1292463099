package storage

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/key"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/table"
)

// An index is sparse: it has an entry for each item that has all attributes of the index's
// key, in the types of the definition, and of a size that a key may have. (Operations
// refuse other items; those that were there before the index are left out of it.)

// An indexPlan is what a write needs to know of an index.
type indexPlan struct {
	index         *table.Index
	table         table.Key
	bucket        bucketName
	partitionType attribute.Type
	sortType      attribute.Type
	all           bool     // entries are whole items
	names         []string // what entries have otherwise
}

func indexBucket(tableID, index string) bucketName { return named(prefixIndex, tableID, "/", index) }

func newIndexPlan(d *table.Definition, index *table.Index) indexPlan {
	x := indexPlan{
		index:         index,
		table:         d.Key,
		bucket:        indexBucket(d.ID, index.Name),
		partitionType: d.AttributeType(index.Key.Partition),
		sortType:      d.AttributeType(index.Key.Sort),
		all:           index.Projection == "ALL",
		names:         slices.Concat(index.Key.Names(), d.Key.Names()),
	}
	if index.Projection == "INCLUDE" {
		x.names = append(x.names, index.NonKey...)
	}
	slices.Sort(x.names)
	x.names = slices.Compact(x.names)
	return x
}

// appendPlace appends the place of an item's entry: hash, index's keys, table's keys, which
// tell apart the entries of items with the same keys in the index. It returns nil when
// there is no entry.
func (x *indexPlan) appendPlace(dst []byte, item attribute.Item) []byte {
	partition := item[x.index.Key.Partition]
	if !usable(partition, x.partitionType, table.MaxPartitionKey) {
		return nil
	}
	dst = binary.BigEndian.AppendUint64(dst, key.Hash(partition))
	dst = key.Append(dst, partition)
	if x.index.Key.Sort != "" {
		sort := item[x.index.Key.Sort]
		if !usable(sort, x.sortType, table.MaxSortKey) {
			return nil
		}
		dst = key.Append(dst, sort)
	}
	dst = key.Append(dst, item[x.table.Partition])
	if x.table.Sort != "" {
		dst = key.Append(dst, item[x.table.Sort])
	}
	return dst
}

func usable(v attribute.Value, t attribute.Type, most int) bool {
	switch v := v.(type) {
	case attribute.String:
		return t == attribute.TypeString && v != "" && len(v) <= most
	case attribute.Binary:
		return t == attribute.TypeBinary && len(v) > 0 && len(v) <= most
	case attribute.Number:
		return t == attribute.TypeNumber
	default:
		return false
	}
}

// project returns what an entry has of an item.
func (x *indexPlan) project(item attribute.Item) attribute.Item {
	if x.all {
		return item
	}
	projected := make(attribute.Item, len(x.names))
	for _, name := range x.names {
		if v, ok := item[name]; ok {
			projected[name] = v
		}
	}
	return projected
}

// entry returns the value of a version's entry, and its size.
func (x *indexPlan) entry(v version) (value []byte, size int) {
	if x.all {
		return v.value, v.Size
	}
	projected := x.project(v.item)
	size = attribute.ItemSize(projected)
	return appendRecord(make([]byte, 0, 2*size), size, projected), size
}

// size returns the size of a version's entry.
func (x *indexPlan) size(v version) int {
	if x.all {
		return v.Size
	}
	return attribute.ItemSize(x.project(v.item))
}

// same reports whether two versions, whose entries have the same place, have the same
// entry.
func (x *indexPlan) same(a, b version) bool {
	if x.all {
		return bytes.Equal(a.value, b.value)
	}
	for _, name := range x.index.NonKey {
		v, inA := a.item[name]
		w, inB := b.item[name]
		if inA != inB || inA && !attribute.Equal(v, w) {
			return false
		}
	}
	return true
}

// changeIndexes brings a table's indexes up to date with a change of an item.
func (tx *Tx) changeIndexes(p *plan, before, now version) ([]IndexChange, error) {
	var changes []IndexChange
	for i := range p.indexes {
		x := &p.indexes[i]
		change, err := tx.changeIndex(x, before, now)
		if err != nil {
			return nil, fmt.Errorf("change index %s: %w", x.index.Name, err)
		}
		if change.Deleted > 0 || change.Written > 0 {
			changes = append(changes, change)
		}
	}
	return changes, nil
}

func (tx *Tx) changeIndex(x *indexPlan, before, now version) (IndexChange, error) {
	change := IndexChange{Index: x.index}
	// Two arrays that are not shared: bbolt keeps no keys, but the two are compared.
	from := x.appendPlace(make([]byte, 0, usualKey), before.item)
	to := x.appendPlace(make([]byte, 0, usualKey), now.item)
	if from == nil && to == nil {
		return change, nil
	}
	stays := bytes.Equal(from, to)
	if stays && x.same(before, now) {
		return change, nil
	}
	bucket, err := tx.bucket(x.bucket)
	if err != nil {
		return change, err
	}
	var difference counts
	if from != nil {
		change.Deleted = x.size(before)
		difference = one(true, change.Deleted).negative()
		if !stays {
			if err := bucket.Delete(from); err != nil {
				return change, err
			}
		}
	}
	if to != nil {
		var value []byte
		value, change.Written = x.entry(now)
		difference = difference.plus(one(true, change.Written))
		if err := bucket.Put(to, value); err != nil {
			return change, err
		}
		tx.group.bytes += len(value)
	}
	tx.count(x.bucket, difference)
	if stays {
		change.Deleted, change.Written = 0, max(change.Deleted, change.Written)
	}
	return change, nil
}

// replaceIndexes drops the indexes that are gone and fills those that are new.
func (tx *Tx) replaceIndexes(from, to *plan) error {
	for i := range from.indexes {
		x := &from.indexes[i]
		if y := to.index(x.index.Name); y == nil || !x.alike(y) {
			if err := tx.dropCounted(x.bucket); err != nil {
				return err
			}
		}
	}
	for i := range to.indexes {
		y := &to.indexes[i]
		if x := from.index(y.index.Name); x == nil || !x.alike(y) {
			if _, err := tx.bolt.CreateBucket(y.bucket.bytes); err != nil {
				return fmt.Errorf("create bucket %s: %w", y.bucket.text, err)
			}
			if err := tx.fill(to, y); err != nil {
				return fmt.Errorf("fill index %s: %w", y.index.Name, err)
			}
		}
	}
	return nil
}

// alike reports whether the entries of one index are those of the other.
func (x *indexPlan) alike(y *indexPlan) bool {
	return x.index.Key == y.index.Key && x.partitionType == y.partitionType && x.sortType == y.sortType &&
		x.all == y.all && slices.Equal(x.names, y.names)
}

// fill enters all items of a table in an index that is empty.
func (tx *Tx) fill(p *plan, x *indexPlan) error {
	return tx.each(p, func(_ []byte, v version) error {
		_, err := tx.changeIndex(x, version{}, v)
		return err
	})
}

// each calls fn for all items of a table, which fn must not change, one after the other.
func (tx *Tx) each(p *plan, fn func(place []byte, v version) error) error {
	bucket, err := tx.bucket(p.items)
	if err != nil {
		return err
	}
	return bucket.ForEach(func(place, value []byte) error {
		v := version{value: value}
		var err error
		if v.Record, err = decodeRecord(value); err != nil {
			return err
		}
		if v.item, err = v.Item(); err != nil {
			return err
		}
		return fn(place, v)
	})
}
