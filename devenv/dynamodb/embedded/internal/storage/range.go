package storage

import (
	"bytes"
	"encoding/binary"
	"errors"
	"iter"
	"math/bits"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/key"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/table"
)

// A Range is a part of a table, or of an index: of one partition, as a Query wants it, or
// of all, which is a Scan. The zero Range is everything.
type Range struct {
	Partition attribute.Value // nil: all

	// Bounds of the sort key, for one partition. Nil is none.
	Lower, Upper *Bound
	Prefix       attribute.Value // S or B: only sort keys that begin with it

	// After is the primary key, with that of the index for an index, beyond which the
	// range begins, in the direction of travel (ExclusiveStartKey). There need not be such
	// an item. Nil: from the start.
	After attribute.Item

	Reverse bool

	// For a Scan, the segment (from 0) of so many into which the hashes of partitions are
	// divided evenly. TotalSegments 0: no segments.
	Segment, TotalSegments int
}

// A Bound is an end of a range of sort keys.
type Bound struct {
	Value     attribute.Value
	Exclusive bool
}

// Range iterates over the items of a table, or over the entries of one of its indexes,
// which are items without what is not projected. Partitions come in the order of their
// hashes, items of one in that of their sort keys, entries of an index with equal keys in
// that of the table's. An error ends it.
//
// It reads as it goes. The transaction must not write to the table before it ends.
func (tx *Tx) Range(d *table.Definition, index *table.Index, r Range) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		p := tx.plan(d)
		name, appendKey := p.items, func(dst []byte, item attribute.Item) ([]byte, error) { return appendItemKey(dst, d.Key, item) }
		if index != nil {
			x := p.index(index.Name)
			if x == nil {
				yield(Record{}, errNoIndex)
				return
			}
			name, appendKey = x.bucket, x.appendKey
		}
		bucket, err := tx.bucket(name)
		if err != nil {
			yield(Record{}, err)
			return
		}
		s, err := r.span(appendKey)
		if err != nil {
			yield(Record{}, err)
			return
		}
		for value := range s.values(bucket.Cursor(), r.Reverse) {
			record, err := decodeRecord(value)
			if !yield(record, err) || err != nil {
				return
			}
		}
	}
}

var errNoIndex = errors.New("storage: there is no such index")

// appendKey appends the place of an entry, whatever its item is like otherwise.
func (x *indexPlan) appendKey(dst []byte, entry attribute.Item) ([]byte, error) {
	for _, names := range [][]string{x.index.Key.Names(), x.table.Names()} {
		for i, name := range names {
			v := entry[name]
			if v == nil {
				return nil, missing(name)
			}
			if i == 0 && len(dst) == 0 {
				dst = binary.BigEndian.AppendUint64(dst, key.Hash(v))
			}
			dst = key.Append(dst, v)
		}
	}
	return dst, nil
}

// A span is a range of keys in a bucket.
type span struct {
	start []byte // inclusive
	end   []byte // exclusive; nil: none
}

// span returns the keys of a range. No encoding of a value is the beginning of another's,
// so the keys that begin with one are the items that have that value.
func (r Range) span(appendKey func([]byte, attribute.Item) ([]byte, error)) (span, error) {
	var s span
	switch {
	case r.Partition != nil:
		partition := binary.BigEndian.AppendUint64(make([]byte, 0, usualKey), key.Hash(r.Partition))
		partition = slices.Clip(key.Append(partition, r.Partition))
		s = span{partition, successor(partition)}
		if r.Lower != nil {
			start := key.Append(partition, r.Lower.Value)
			if r.Lower.Exclusive {
				start = successor(start)
			}
			s.startAt(start)
		}
		if r.Upper != nil {
			end := key.Append(partition, r.Upper.Value)
			if !r.Upper.Exclusive {
				end = successor(end)
			}
			s.endAt(end)
		}
		if r.Prefix != nil {
			prefix := key.AppendPrefix(partition, r.Prefix)
			s.startAt(prefix)
			s.endAt(successor(prefix))
		}
	case r.TotalSegments > 0:
		s.start = binary.BigEndian.AppendUint64(nil, firstHash(r.Segment, r.TotalSegments))
		if r.Segment+1 < r.TotalSegments {
			s.end = binary.BigEndian.AppendUint64(nil, firstHash(r.Segment+1, r.TotalSegments))
		}
	}
	if r.After != nil {
		after, err := appendKey(nil, r.After)
		if err != nil {
			return span{}, err
		}
		if r.Reverse {
			s.endAt(after)
		} else {
			s.startAt(append(after, 0))
		}
	}
	return s, nil
}

// startAt and endAt make the span smaller, if that is what they do to it.
func (s *span) startAt(start []byte) {
	if bytes.Compare(start, s.start) > 0 {
		s.start = start
	}
}

func (s *span) endAt(end []byte) {
	if end != nil && (s.end == nil || bytes.Compare(end, s.end) < 0) {
		s.end = end
	}
}

// values iterates over the values of a span.
func (s *span) values(c *bbolt.Cursor, reverse bool) iter.Seq[[]byte] {
	if reverse {
		return func(yield func([]byte) bool) {
			for k, v := s.last(c); k != nil && bytes.Compare(k, s.start) >= 0 && yield(v); {
				k, v = c.Prev()
			}
		}
	}
	return func(yield func([]byte) bool) {
		for k, v := c.Seek(s.start); k != nil && (s.end == nil || bytes.Compare(k, s.end) < 0) && yield(v); {
			k, v = c.Next()
		}
	}
}

// last moves to the last key before the span's end.
func (s *span) last(c *bbolt.Cursor) (k, v []byte) {
	if s.end == nil {
		return c.Last()
	}
	if k, _ := c.Seek(s.end); k == nil {
		return c.Last()
	}
	return c.Prev()
}

// successor returns the first key after all that begin with a prefix; nil: there is none.
func successor(prefix []byte) []byte {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] != 0xff {
			next := slices.Clone(prefix[:i+1])
			next[i]++
			return next
		}
	}
	return nil
}

// InSegment reports whether a partition belongs to a segment of a Scan (see [Range]).
func InSegment(partition attribute.Value, segment, total int) bool {
	hash := key.Hash(partition)
	return hash >= firstHash(segment, total) && (segment+1 == total || hash < firstHash(segment+1, total))
}

// firstHash returns where a segment begins: 2⁶⁴·segment/total.
func firstHash(segment, total int) uint64 {
	hash, _ := bits.Div64(uint64(segment), 0, uint64(total)) //nolint:gosec // 0 ≤ segment < total
	return hash
}
