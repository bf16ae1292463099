// Package table says what a table is: its keys, indexes and settings, as they are stored
// and as DescribeTable shows them. It knows neither where data lies nor the wire.
package table

import (
	"time"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
)

// A Definition is a table without its data. It is immutable: a change makes a copy.
// It is stored as JSON.
type Definition struct {
	Name    string
	ID      string // UUID, new for each CreateTable; names the table's storage
	Region  string // of the request that created it; part of ARN
	Created time.Time

	Attributes []Attribute // AttributeDefinitions, in the order given
	Key        Key
	Local      []Index // local secondary indexes
	Global     []Index // global secondary indexes

	BillingMode        string // PROVISIONED or PAY_PER_REQUEST
	BillingModeChanged time.Time
	Throughput         Throughput // zeros when PAY_PER_REQUEST
	OnDemand           *OnDemand  // OnDemandThroughput, when given
	Warm               *Warm      // WarmThroughput, when given
	Class              string     // STANDARD or STANDARD_INFREQUENT_ACCESS; empty when never set
	DeletionProtection bool
	Encryption         *Encryption // SSESpecification, when given and enabled

	TTLAttribute string // empty: TTL is disabled
	TTLChanged   time.Time

	Stream Stream // the current or last one

	Tags           []Tag
	ResourcePolicy string // JSON text, empty when there is none
	PointInTime    bool   // point-in-time recovery is enabled
}

// An Attribute is the type of an attribute that is part of a key: S, N or B.
type Attribute struct {
	Name string
	Type attribute.Type
}

// What the value of a key attribute may have at most, in bytes.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-partition-sort-keys
const (
	MaxPartitionKey = 2048
	MaxSortKey      = 1024
)

// A Key names the attributes of a primary key.
type Key struct {
	Partition string // HASH
	Sort      string // RANGE; empty when there is none
}

// An Index is a secondary index.
type Index struct {
	Name       string
	Global     bool
	Key        Key
	Projection string   // ALL, KEYS_ONLY or INCLUDE
	NonKey     []string // NonKeyAttributes of INCLUDE
	Throughput Throughput
	OnDemand   *OnDemand
	Warm       *Warm
}

// Throughput is provisioned, in capacity units.
type Throughput struct {
	ReadCapacityUnits, WriteCapacityUnits int64
	LastIncrease, LastDecrease            time.Time
	DecreasesToday                        int64
}

// OnDemand are limits on on-demand tables, in request units; -1 is none.
type OnDemand struct{ MaxReadRequestUnits, MaxWriteRequestUnits int64 }

// Warm is a table's warm throughput, in units per second.
type Warm struct{ ReadUnitsPerSecond, WriteUnitsPerSecond int64 }

// Encryption is server-side encryption with a KMS key. Nothing is encrypted here.
type Encryption struct{ Type, KMSMasterKeyARN string }

// A Stream is a DynamoDB stream: of the changes that are made while it is enabled.
type Stream struct {
	Enabled  bool
	Label    string // the time of its creation, as in the ARN; empty: there was never one
	ViewType string // KEYS_ONLY, NEW_IMAGE, OLD_IMAGE or NEW_AND_OLD_IMAGES
}

// A Tag is a key with a value on a table.
type Tag struct{ Key, Value string }

// AccountID is the account in ARNs: that of AWS's own examples.
const AccountID = "000000000000"

// ARN returns the table's Amazon Resource Name.
func (d *Definition) ARN() string {
	return "arn:aws:dynamodb:" + d.Region + ":" + AccountID + ":table/" + d.Name
}

// IndexARN returns the ARN of an index of the table.
func (d *Definition) IndexARN(name string) string { return d.ARN() + "/index/" + name }

// StreamARN returns the ARN of the table's current or last stream, empty if there was none.
func (d *Definition) StreamARN() string {
	if d.Stream.Label == "" {
		return ""
	}
	return d.ARN() + "/stream/" + d.Stream.Label
}

// Index returns the secondary index of that name, or nil.
func (d *Definition) Index(name string) *Index {
	for _, indexes := range [][]Index{d.Local, d.Global} {
		for i := range indexes {
			if indexes[i].Name == name {
				return &indexes[i]
			}
		}
	}
	return nil
}

// AttributeType returns the type that the definition gives to a key attribute, or "".
func (d *Definition) AttributeType(name string) attribute.Type {
	for _, a := range d.Attributes {
		if a.Name == name {
			return a.Type
		}
	}
	return ""
}

// Names returns the key's attributes, partition key first.
func (k Key) Names() []string {
	if k.Sort == "" {
		return []string{k.Partition}
	}
	return []string{k.Partition, k.Sort}
}

// Has reports whether an attribute is part of the key.
func (k Key) Has(name string) bool { return name == k.Partition || (k.Sort != "" && name == k.Sort) }
