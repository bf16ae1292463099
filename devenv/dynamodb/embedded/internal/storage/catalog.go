package storage

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/table"
)

// A definition is stored behind a version of 8 random bytes, new with each change. What
// was parsed is kept by name and version, so that a snapshot never gets a definition that
// is newer or older than itself, nor one whose transaction was given up.
const versionLength = 8

// cached is a definition that was parsed, with its plan.
type cached struct {
	version [versionLength]byte
	plan    *plan
}

// Table returns the definition of a table, or nil when there is none.
func (tx *Tx) Table(name string) *table.Definition {
	stored := tx.bolt.Bucket(bucketTables).Get([]byte(name))
	if len(stored) < versionLength {
		return nil
	}
	p, err := tx.parsed(name, stored)
	if err != nil {
		return nil // DB.Check tells
	}
	return p.definition
}

func (tx *Tx) parsed(name string, stored []byte) (*plan, error) {
	if known, ok := tx.db.plans.Load(name); ok {
		if known, ok := known.(*cached); ok && bytes.Equal(known.version[:], stored[:versionLength]) {
			return known.plan, nil
		}
	}
	d := new(table.Definition)
	if err := json.Unmarshal(stored[versionLength:], d); err != nil {
		return nil, fmt.Errorf("decode the definition of table %s: %w", name, err)
	}
	c := &cached{version: [versionLength]byte(stored), plan: newPlan(d)}
	tx.db.plans.Store(name, c)
	return c.plan, nil
}

// plan returns the plan of a definition, which normally is one that Table has returned.
func (tx *Tx) plan(d *table.Definition) *plan {
	if known, ok := tx.db.plans.Load(d.Name); ok {
		if known, ok := known.(*cached); ok && known.plan.definition == d {
			return known.plan
		}
	}
	return newPlan(d)
}

// TableNames returns the names of tables in ascending order: those after a name, and at
// most limit of them.
func (tx *Tx) TableNames(after string, limit int) []string {
	names := []string{}
	c := tx.bolt.Bucket(bucketTables).Cursor()
	for name, _ := c.Seek([]byte(after)); name != nil && len(names) < limit; name, _ = c.Next() {
		if string(name) != after {
			names = append(names, string(name))
		}
	}
	return names
}

// CreateTable makes an empty table, and its stream if it has one. There must be none of
// that name or ID.
func (tx *Tx) CreateTable(d *table.Definition) error {
	if err := tx.write(); err != nil {
		return err
	}
	if tx.bolt.Bucket(bucketTables).Get([]byte(d.Name)) != nil {
		return fmt.Errorf("storage: there is a table %s", d.Name)
	}
	p := newPlan(d)
	names := []bucketName{p.items}
	if p.ttl.text != "" {
		names = append(names, p.ttl)
	}
	for i := range p.indexes {
		names = append(names, p.indexes[i].bucket)
	}
	for _, name := range names {
		if _, err := tx.bolt.CreateBucket(name.bytes); err != nil {
			return fmt.Errorf("create bucket %s: %w", name.text, err)
		}
	}
	if d.Stream.Enabled {
		if err := tx.openStream(d); err != nil {
			return err
		}
	}
	return tx.storeDefinition(d)
}

// ReplaceTable stores another definition of a table that is there, by name and ID. Indexes
// that are new are filled, those that are gone are dropped, and those that stay must be
// the same; items expire by the new TTL attribute; the stream is opened or closed.
func (tx *Tx) ReplaceTable(d *table.Definition) error {
	if err := tx.write(); err != nil {
		return err
	}
	before := tx.Table(d.Name)
	if before == nil || before.ID != d.ID {
		return fmt.Errorf("storage: there is no table %s with the ID %s", d.Name, d.ID)
	}
	from, to := tx.plan(before), newPlan(d)
	if err := tx.replaceIndexes(from, to); err != nil {
		return err
	}
	if err := tx.replaceTTL(from, to); err != nil {
		return err
	}
	if before.Stream != d.Stream {
		if err := tx.replaceStream(before, d); err != nil {
			return err
		}
	}
	return tx.storeDefinition(d)
}

// DropTable removes a table with everything but its stream's records, which can be read
// for another day.
func (tx *Tx) DropTable(name string) error {
	if err := tx.write(); err != nil {
		return err
	}
	d := tx.Table(name)
	if d == nil {
		return fmt.Errorf("storage: there is no table %s", name)
	}
	p := tx.plan(d)
	for i := range p.indexes {
		if err := tx.dropCounted(p.indexes[i].bucket); err != nil {
			return err
		}
	}
	if err := tx.dropCounted(p.items); err != nil {
		return err
	}
	if p.ttl.text != "" {
		if err := tx.bolt.DeleteBucket(p.ttl.bytes); err != nil {
			return fmt.Errorf("drop bucket %s: %w", p.ttl.text, err)
		}
	}
	if d.Stream.Enabled {
		if err := tx.closeStream(d.StreamARN()); err != nil {
			return err
		}
	}
	tx.db.plans.Delete(name)
	return tx.bolt.Bucket(bucketTables).Delete([]byte(name))
}

func (tx *Tx) storeDefinition(d *table.Definition) error {
	var version [versionLength]byte
	_, _ = rand.Read(version[:]) // never fails
	text, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("encode the definition of table %s: %w", d.Name, err)
	}
	return tx.bolt.Bucket(bucketTables).Put([]byte(d.Name), slices.Concat(version[:], text))
}
