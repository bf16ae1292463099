package storage

import (
	"encoding/binary"
	"fmt"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/table"
)

// counts are the number of items in a bucket and the sum of their sizes. They are exact at
// each commit: a group adds up its changes and writes them once.
type counts struct{ items, bytes int64 }

func (c counts) plus(o counts) counts { return counts{c.items + o.items, c.bytes + o.bytes} }

func (c counts) negative() counts { return counts{-c.items, -c.bytes} }

const countsLength = 16

// Stats returns how many items a table has, or one of its indexes when index is not empty,
// and the sum of their sizes in bytes.
func (tx *Tx) Stats(d *table.Definition, index string) (items, bytes int64) {
	name := prefixItems + d.ID
	if index != "" {
		name = indexBucket(d.ID, index).text
	}
	c := storedCounts(tx.bolt.Bucket(bucketStats).Get([]byte(name)))
	if tx.group != nil {
		c = c.plus(tx.group.counts[name])
	}
	return c.items, c.bytes
}

// count notes a change of a bucket's counts.
func (tx *Tx) count(bucket bucketName, change counts) {
	if tx.group.counts == nil {
		tx.group.counts = map[string]counts{}
	}
	tx.group.counts[bucket.text] = tx.group.counts[bucket.text].plus(change)
}

// writeCounts stores what a group has noted.
func (g *group) writeCounts() error {
	bucket := g.bolt.Bucket(bucketStats)
	for name, change := range g.counts {
		if change == (counts{}) {
			continue
		}
		c := storedCounts(bucket.Get([]byte(name))).plus(change)
		value := make([]byte, 0, countsLength)
		value = binary.BigEndian.AppendUint64(value, uint64(c.items)) //nolint:gosec // two's complement both ways
		value = binary.BigEndian.AppendUint64(value, uint64(c.bytes)) //nolint:gosec // two's complement both ways
		if err := bucket.Put([]byte(name), value); err != nil {
			return fmt.Errorf("write counts: %w", err)
		}
	}
	return nil
}

func storedCounts(value []byte) counts {
	if len(value) != countsLength {
		return counts{}
	}
	return counts{
		items: int64(binary.BigEndian.Uint64(value)),     //nolint:gosec // two's complement both ways
		bytes: int64(binary.BigEndian.Uint64(value[8:])), //nolint:gosec // two's complement both ways
	}
}

// dropCounted removes a bucket with its counts.
func (tx *Tx) dropCounted(bucket bucketName) error {
	if err := tx.bolt.DeleteBucket(bucket.bytes); err != nil {
		return fmt.Errorf("drop bucket %s: %w", bucket.text, err)
	}
	delete(tx.group.counts, bucket.text)
	return tx.bolt.Bucket(bucketStats).Delete(bucket.bytes)
}
