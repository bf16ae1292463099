package storage

import (
	"bytes"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
)

// Check reads everything and reports what contradicts itself: items and where they lie,
// indexes, lists of expiry, counts, streams, and the pages of the file. Nobody may write
// meanwhile. It is for tests, and for those who suspect their disk.
func (db *DB) Check() error {
	return db.View(func(tx *Tx) error {
		var problems []error
		for problem := range tx.bolt.Check() {
			problems = append(problems, problem)
		}
		c := checker{tx: tx, known: map[string]bool{
			string(bucketMeta): true, string(bucketTables): true, string(bucketStats): true, string(bucketStreams): true,
		}}
		problems = append(problems, tx.bolt.Bucket(bucketTables).ForEach(func(name, stored []byte) error {
			p, err := tx.parsed(string(name), stored)
			if err != nil {
				return err
			}
			if err := c.table(p); err != nil {
				return fmt.Errorf("table %s: %w", name, err)
			}
			return nil
		}), c.streams(), c.buckets(), c.stats())
		return errors.Join(problems...)
	})
}

// A checker collects what it has seen, to find what should not be there.
type checker struct {
	tx      *Tx
	known   map[string]bool // buckets
	counted map[string]bool // buckets with counts
}

// table checks a table with all that hangs on it: it makes its indexes and its list of
// expiry anew, and compares.
func (c *checker) table(p *plan) error {
	var total counts
	entries := map[string]map[string][]byte{p.ttl.text: {}}
	for i := range p.indexes {
		entries[p.indexes[i].bucket.text] = map[string][]byte{}
	}
	err := c.tx.each(p, func(place []byte, v version) error {
		if err := checkItem(p, place, v); err != nil {
			return err
		}
		total = total.plus(one(true, v.Size))
		for i := range p.indexes {
			x := &p.indexes[i]
			if entry := x.appendPlace(nil, v.item); entry != nil {
				entries[x.bucket.text][string(entry)], _ = x.entry(v)
			}
		}
		if second, ok := expiry(v.item, p.definition.TTLAttribute); ok {
			entries[p.ttl.text][string(expiryKey(second, place))] = nil
		}
		return nil
	})
	if err != nil {
		return err
	}
	problems := []error{c.count(p.items, total)}
	for i := range p.indexes {
		name := p.indexes[i].bucket
		var total counts
		for _, value := range entries[name.text] {
			record, err := decodeRecord(value)
			if err != nil {
				return err
			}
			total = total.plus(one(true, record.Size))
		}
		problems = append(problems, c.same(name, entries[name.text]), c.count(name, total))
	}
	if p.ttl.text != "" {
		problems = append(problems, c.same(p.ttl, entries[p.ttl.text]))
	}
	return errors.Join(problems...)
}

func checkItem(p *plan, place []byte, v version) error {
	right, err := appendItemKey(nil, p.definition.Key, v.item)
	if err != nil {
		return err
	}
	if !bytes.Equal(right, place) {
		return fmt.Errorf("item %s does not lie where its key says", v.JSON)
	}
	if size := attribute.ItemSize(v.item); size != v.Size {
		return fmt.Errorf("item %s has %d bytes, not %d", v.JSON, size, v.Size)
	}
	if text := attribute.AppendItem(nil, v.item); !bytes.Equal(text, v.JSON) {
		return fmt.Errorf("item %s is not stored in its form", v.JSON)
	}
	return nil
}

// same compares a bucket with what should be in it.
func (c *checker) same(name bucketName, want map[string][]byte) error {
	c.known[name.text] = true
	bucket, err := c.tx.bucket(name)
	if err != nil {
		return err
	}
	n := 0
	err = bucket.ForEach(func(k, v []byte) error {
		n++
		wanted, ok := want[string(k)]
		if !ok {
			return fmt.Errorf("bucket %s has an entry %x without an item", name.text, k)
		}
		// Sets may stand in another order: the entry is not written when only that changes.
		if !bytes.Equal(wanted, v) && !equalRecords(wanted, v) {
			return fmt.Errorf("bucket %s has the entry %q instead of %q", name.text, v, wanted)
		}
		return nil
	})
	if err == nil && n != len(want) {
		err = fmt.Errorf("bucket %s has %d entries instead of %d", name.text, n, len(want))
	}
	return err
}

func equalRecords(a, b []byte) bool {
	r, err := decodeRecord(a)
	s, err2 := decodeRecord(b)
	if err != nil || err2 != nil || r.Size != s.Size {
		return false
	}
	v, err := r.Item()
	w, err2 := s.Item()
	return err == nil && err2 == nil && attribute.Equal(v, w)
}

// count compares the counts of a bucket with what was counted.
func (c *checker) count(name bucketName, want counts) error {
	c.known[name.text] = true
	if c.counted == nil {
		c.counted = map[string]bool{}
	}
	c.counted[name.text] = true
	got := storedCounts(c.tx.bolt.Bucket(bucketStats).Get(name.bytes))
	if got != want {
		return fmt.Errorf("the counts of bucket %s are %+v instead of %+v", name.text, got, want)
	}
	return nil
}

// streams checks that records are within the bounds of their streams.
func (c *checker) streams() error {
	streams, err := c.tx.Streams()
	if err != nil {
		return err
	}
	for _, stream := range streams {
		c.known[prefixRecords+stream.ARN] = true
		last := stream.Last
		if stream.Enabled {
			last = c.tx.LastSequence() + 1
		}
		for record, err := range c.tx.StreamRecords(stream.ARN, 0) {
			if err != nil {
				return err
			}
			if record.Sequence <= stream.First || record.Sequence >= last {
				return fmt.Errorf("record %d of stream %s is not within %d and %d", record.Sequence, stream.ARN, stream.First, last)
			}
		}
	}
	return nil
}

// buckets looks for buckets that belong to nothing.
func (c *checker) buckets() error {
	return c.tx.bolt.ForEach(func(name []byte, _ *bbolt.Bucket) error {
		if !c.known[string(name)] && !bytes.HasPrefix(name, []byte(prefixTokens)) {
			return fmt.Errorf("bucket %s belongs to no table", name)
		}
		return nil
	})
}

// stats looks for counts of nothing.
func (c *checker) stats() error {
	return c.tx.bolt.Bucket(bucketStats).ForEach(func(name, _ []byte) error {
		if !c.counted[string(name)] {
			return fmt.Errorf("there are counts of %s, which is not there", name)
		}
		return nil
	})
}
