package operation

import (
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/table"
)

// Capacity units: a read unit is 4 KB read strongly consistently, a write unit 1 KB
// written; an eventually consistent read costs half, a transactional operation double.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
const (
	readUnit  = 4096
	writeUnit = 1024

	eventually    = 0.5
	strongly      = 1
	transactional = 2
)

// consumedCapacity is ConsumedCapacity on the wire.
type consumedCapacity struct {
	TableName              string              `json:"TableName"`
	CapacityUnits          float64             `json:"CapacityUnits"`
	ReadCapacityUnits      float64             `json:"ReadCapacityUnits,omitzero"`
	WriteCapacityUnits     float64             `json:"WriteCapacityUnits,omitzero"`
	Table                  *capacity           `json:"Table,omitzero"`
	LocalSecondaryIndexes  map[string]capacity `json:"LocalSecondaryIndexes,omitzero"`
	GlobalSecondaryIndexes map[string]capacity `json:"GlobalSecondaryIndexes,omitzero"`
}

type capacity struct {
	CapacityUnits      float64 `json:"CapacityUnits"`
	ReadCapacityUnits  float64 `json:"ReadCapacityUnits,omitzero"`
	WriteCapacityUnits float64 `json:"WriteCapacityUnits,omitzero"`
}

// A meter adds up what an operation consumes of one table.
type meter struct {
	table         float64
	local, global map[string]float64
}

// units rounds bytes up to whole units. Nothing is a unit too: looking costs.
func units(bytes, unit int) float64 { return float64(max(1, (bytes+unit-1)/unit)) }

// read counts bytes read from the table, rounded up.
func (m *meter) read(bytes int, factor float64) { m.table += units(bytes, readUnit) * factor }

// index counts units of an index.
func (m *meter) index(index *table.Index, n float64) {
	of := &m.local
	if index.Global {
		of = &m.global
	}
	if *of == nil {
		*of = map[string]float64{}
	}
	(*of)[index.Name] += n
}

// write counts a change: the larger of the old and the new item, and the same for each
// index entry that changes. One that moves is deleted and written, and costs both.
func (m *meter) write(change storage.Change, factor float64) {
	m.table += units(max(change.Old.Size, change.New.Size), writeUnit) * factor
	for _, c := range change.Indexes {
		for _, size := range []int{c.Deleted, c.Written} {
			if size > 0 {
				m.index(c.Index, units(size, writeUnit)*factor)
			}
		}
	}
}

// consumed returns what ReturnConsumedCapacity asks for.
func (m *meter) consumed(wanted *string, tableName string) *consumedCapacity {
	if wanted == nil || *wanted == "NONE" {
		return nil
	}
	out := &consumedCapacity{TableName: tableName, CapacityUnits: m.total()}
	if *wanted == "INDEXES" {
		out.Table = &capacity{CapacityUnits: m.table}
		out.LocalSecondaryIndexes, out.GlobalSecondaryIndexes = capacities(m.local), capacities(m.global)
	}
	return out
}

// consumedIn is consumed for a transaction, which says what kind of units they were.
func (m *meter) consumedIn(kind transactionKind, wanted *string, tableName string) *consumedCapacity {
	out := m.consumed(wanted, tableName)
	if out == nil {
		return nil
	}
	set := func(read, write *float64, n float64) {
		if kind == reads {
			*read = n
		} else {
			*write = n
		}
	}
	set(&out.ReadCapacityUnits, &out.WriteCapacityUnits, out.CapacityUnits)
	if out.Table != nil {
		set(&out.Table.ReadCapacityUnits, &out.Table.WriteCapacityUnits, out.Table.CapacityUnits)
	}
	for _, of := range []map[string]capacity{out.LocalSecondaryIndexes, out.GlobalSecondaryIndexes} {
		for name, c := range of {
			set(&c.ReadCapacityUnits, &c.WriteCapacityUnits, c.CapacityUnits)
			of[name] = c
		}
	}
	return out
}

type transactionKind bool

const (
	reads  transactionKind = false
	writes transactionKind = true
)

func (m *meter) total() float64 {
	sum := m.table
	for _, n := range m.local {
		sum += n
	}
	for _, n := range m.global {
		sum += n
	}
	return sum
}

func capacities(of map[string]float64) map[string]capacity {
	if len(of) == 0 {
		return nil
	}
	out := make(map[string]capacity, len(of))
	for name, n := range of {
		out[name] = capacity{CapacityUnits: n}
	}
	return out
}
