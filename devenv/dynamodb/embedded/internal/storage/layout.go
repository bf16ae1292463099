package storage

import (
	"strings"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/table"
)

// The buckets. Those of a table are named after its ID, so that a table which takes the
// name of a deleted one has nothing of it.
//
//	meta                what and which version this is
//	tables              name: version, definition (catalog.go)
//	stats               name of a bucket below: items, bytes (stats.go)
//	items/ID            hash, partition key, sort key: item (items.go)
//	index/ID/NAME       hash, index's keys, table's keys: projected item (indexes.go)
//	ttl/ID              second, key in items/ID: nothing (ttl.go)
//	streams             ARN: description (streams.go)
//	records/ARN         sequence number: record
//	tokens/WINDOW       client token: second, fingerprint (tokens.go)
var (
	bucketMeta    = []byte("meta")
	bucketTables  = []byte("tables")
	bucketStats   = []byte("stats")
	bucketStreams = []byte("streams")

	keyProduct = []byte("product")
	keyFormat  = []byte("format")
)

const (
	prefixItems   = "items/"
	prefixIndex   = "index/"
	prefixTTL     = "ttl/"
	prefixRecords = "records/"
	prefixTokens  = "tokens/"
)

// A plan is what a write to a table needs to know, worked out once for each definition.
type plan struct {
	definition *table.Definition
	items      bucketName
	ttl        bucketName // empty: no TTL
	records    bucketName // empty: no stream
	indexes    []indexPlan
}

// A bucketName is a bucket's name both as bbolt and as a map wants it.
type bucketName struct {
	text  string
	bytes []byte
}

func named(parts ...string) bucketName {
	text := strings.Join(parts, "")
	return bucketName{text, []byte(text)}
}

func newPlan(d *table.Definition) *plan {
	p := &plan{definition: d, items: named(prefixItems, d.ID)}
	if d.TTLAttribute != "" {
		p.ttl = named(prefixTTL, d.ID)
	}
	if d.Stream.Enabled {
		p.records = named(prefixRecords, d.StreamARN())
	}
	for _, indexes := range [][]table.Index{d.Local, d.Global} {
		for i := range indexes {
			p.indexes = append(p.indexes, newIndexPlan(d, &indexes[i]))
		}
	}
	return p
}

// index returns the plan of an index, or nil.
func (p *plan) index(name string) *indexPlan {
	for i := range p.indexes {
		if p.indexes[i].index.Name == name {
			return &p.indexes[i]
		}
	}
	return nil
}

// readsOld reports whether a write has to understand the item that it replaces.
func (p *plan) readsOld() bool { return len(p.indexes) > 0 || p.ttl.text != "" || p.records.text != "" }
