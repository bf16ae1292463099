package storage

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/key"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/table"
)

// A Record is an item as it is stored. The zero Record is none.
type Record struct {
	Size int    // in bytes, as DynamoDB counts ([attribute.ItemSize])
	JSON []byte // as [attribute.AppendItem] makes it; valid until the transaction ends
}

// Item decodes the record. The item stays valid after the transaction.
func (r Record) Item() (attribute.Item, error) {
	item, err := attribute.DecodeItem(r.JSON)
	if err != nil {
		return nil, fmt.Errorf("decode a stored item: %w", err)
	}
	return item, nil
}

// An Identity is who makes a change. Stream records show it.
type Identity uint8

// Those who make changes.
const (
	User Identity = iota
	TTL           // an item has expired
)

// A Change is what a write did.
type Change struct {
	Old, New Record // zero where there is none
	HadOld   bool
	Indexes  []IndexChange // in the order of the definition, local indexes first
}

// An IndexChange is what a write did to an index. What it left as it was is not listed.
type IndexChange struct {
	Index *table.Index

	// Sizes of the entry that was deleted and of the one that was written, 0 when none
	// was. An entry that was written again in its place counts as written only, with the
	// larger of its sizes before and after.
	Deleted, Written int
}

// The value of an item, and of an index's entry, is its size (uvarint) and its JSON.

// appendRecord appends the value of an item.
func appendRecord(dst []byte, size int, item attribute.Item) []byte {
	return attribute.AppendItem(binary.AppendUvarint(dst, uint64(size)), item) //nolint:gosec // sizes are not negative
}

func decodeRecord(value []byte) (Record, error) {
	size, n := binary.Uvarint(value)
	if n <= 0 || size > maxRecord {
		return Record{}, errDamaged
	}
	return Record{Size: int(size), JSON: value[n:]}, nil
}

// maxRecord is far above the size of any item: larger numbers are damage.
const maxRecord = 1 << 30

var errDamaged = errors.New("storage: a stored item is damaged")

// appendItemKey appends the place of an item in its table: hash, partition key, sort key.
func appendItemKey(dst []byte, k table.Key, item attribute.Item) ([]byte, error) {
	partition := item[k.Partition]
	if partition == nil {
		return nil, missing(k.Partition)
	}
	dst = binary.BigEndian.AppendUint64(dst, key.Hash(partition))
	dst = key.Append(dst, partition)
	if k.Sort == "" {
		return dst, nil
	}
	sort := item[k.Sort]
	if sort == nil {
		return nil, missing(k.Sort)
	}
	return key.Append(dst, sort), nil
}

func missing(name string) error { return fmt.Errorf("storage: a key lacks the attribute %q", name) }

// usualKey is the room that most keys need.
const usualKey = 128

// bucket returns a bucket that must be there.
func (tx *Tx) bucket(name bucketName) (*bbolt.Bucket, error) {
	b := tx.bolt.Bucket(name.bytes)
	if b == nil {
		return nil, fmt.Errorf("storage: there is no bucket %s", name.text)
	}
	return b, nil
}

// Get returns an item by its primary key. Other attributes of key are ignored.
func (tx *Tx) Get(d *table.Definition, key attribute.Item) (Record, bool, error) {
	bucket, err := tx.bucket(tx.plan(d).items)
	if err != nil {
		return Record{}, false, err
	}
	place, err := appendItemKey(make([]byte, 0, usualKey), d.Key, key)
	if err != nil {
		return Record{}, false, err
	}
	value := bucket.Get(place)
	if value == nil {
		return Record{}, false, nil
	}
	record, err := decodeRecord(value)
	return record, err == nil, err
}

// Put writes an item, in the place of one with the same key. It may be called several
// times in a transaction.
func (tx *Tx) Put(d *table.Definition, item attribute.Item, by Identity) (Change, error) {
	place, err := appendItemKey(make([]byte, 0, usualKey), d.Key, item)
	if err != nil {
		return Change{}, err
	}
	size := attribute.ItemSize(item)
	value := appendRecord(make([]byte, 0, 2*size), size, item)
	record, err := decodeRecord(value)
	if err != nil {
		return Change{}, err
	}
	return tx.change(tx.plan(d), place, version{record, item, value}, by)
}

// Delete removes an item by its primary key. That there is none is no error.
func (tx *Tx) Delete(d *table.Definition, key attribute.Item, by Identity) (Change, error) {
	place, err := appendItemKey(make([]byte, 0, usualKey), d.Key, key)
	if err != nil {
		return Change{}, err
	}
	return tx.change(tx.plan(d), place, version{}, by)
}

// A version is what is, or was, in an item's place.
type version struct {
	Record

	item  attribute.Item // nil: there is none, or nobody needs to understand it
	value []byte         // as stored; nil: there is none
}

// change puts a version in a place, and changes everything that depends on it. An item
// that is written as it was is not written.
func (tx *Tx) change(p *plan, place []byte, now version, by Identity) (Change, error) {
	items, err := tx.bucket(p.items)
	if err != nil {
		return Change{}, err
	}
	var before version
	if before.value = items.Get(place); before.value != nil {
		if before.Record, err = decodeRecord(before.value); err != nil {
			return Change{}, err
		}
		if p.readsOld() {
			if before.item, err = before.Item(); err != nil {
				return Change{}, err
			}
		}
	}
	done := Change{Old: before.Record, New: now.Record, HadOld: before.value != nil}
	if bytes.Equal(before.value, now.value) {
		return done, nil
	}
	if err := tx.write(); err != nil {
		return done, err
	}
	if err := store(items, place, now.value); err != nil {
		return done, err
	}
	tx.count(p.items, difference(before, now))
	tx.group.bytes += len(now.value)
	if done.Indexes, err = tx.changeIndexes(p, before, now); err != nil {
		return done, err
	}
	if err := tx.changeTTL(p, place, before, now); err != nil {
		return done, err
	}
	return done, tx.streamChange(p, before, now, by)
}

// store puts a value, or deletes it when it is nil.
func store(bucket *bbolt.Bucket, key, value []byte) error {
	if value == nil {
		return bucket.Delete(key)
	}
	return bucket.Put(key, value)
}

func difference(before, now version) counts {
	return one(now.value != nil, now.Size).plus(one(before.value != nil, before.Size).negative())
}

// one counts one item, if it is there.
func one(there bool, size int) counts {
	if !there {
		return counts{}
	}
	return counts{1, int64(size)}
}
