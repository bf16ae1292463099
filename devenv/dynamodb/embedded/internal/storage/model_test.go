package storage_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/key"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/table"
)

// The model of a table is a slice of its items. Everything else is worked out from it, in
// the simplest way there is.
type model struct {
	t     *rapid.T
	db    *storage.DB
	items []attribute.Item
}

var (
	partitions = rapid.SampledFrom([]attribute.Value{attribute.String("a"), attribute.String("a\x00"), attribute.String("b"), attribute.String("ü")})
	sorts      = rapid.Map(rapid.IntRange(-3, 12), func(n int) attribute.Value { return number(n) })
	texts      = rapid.SampledFrom([]attribute.Value{attribute.String("x"), attribute.String("xx"), attribute.String("xy"), attribute.String("y")})
	binaries   = rapid.SampledFrom([]attribute.Value{attribute.Binary{0}, attribute.Binary{0, 0}, attribute.Binary{0, 255}, attribute.Binary{255}})
	plain      = rapid.SampledFrom([]attribute.Value{attribute.String("v"), number(7), attribute.StringSet{"m", "n"}, attribute.StringSet{"n", "m"}, attribute.Null{}})
)

func (m *model) item() attribute.Item {
	drawn := attribute.Item{"pk": partitions.Draw(m.t, "pk"), "sk": sorts.Draw(m.t, "sk")}
	for name, values := range map[string]*rapid.Generator[attribute.Value]{
		"gpk": partitions, "gsk": binaries, "lsk": texts, "a": plain, "b": plain,
	} {
		if rapid.Bool().Draw(m.t, "has "+name) {
			drawn[name] = values.Draw(m.t, name)
		}
	}
	if _, ok := drawn["gpk"]; ok && rapid.IntRange(0, 9).Draw(m.t, "wrong type") == 0 {
		drawn["gpk"] = number(1)
	}
	return drawn
}

func (m *model) find(key attribute.Item) int {
	return slices.IndexFunc(m.items, func(i attribute.Item) bool {
		return attribute.Equal(i["pk"], key["pk"]) && attribute.Equal(i["sk"], key["sk"])
	})
}

func (m *model) put() {
	drawn := m.item()
	at := m.find(drawn)
	require.NoError(m.t, m.db.Update(func(tx *storage.Tx) error {
		change, err := tx.Put(tx.Table("t"), drawn, storage.User)
		require.Equal(m.t, at >= 0, change.HadOld)
		return err
	}))
	if at >= 0 {
		m.items[at] = drawn
	} else {
		m.items = append(m.items, drawn)
	}
}

func (m *model) delete() {
	drawn := m.item()
	at := m.find(drawn)
	require.NoError(m.t, m.db.Update(func(tx *storage.Tx) error {
		change, err := tx.Delete(tx.Table("t"), drawn, storage.User)
		require.Equal(m.t, at >= 0, change.HadOld)
		return err
	}))
	if at >= 0 {
		m.items = slices.Delete(m.items, at, at+1)
	}
}

// replace adds or drops indexes.
func (m *model) replace() {
	require.NoError(m.t, m.db.Update(func(tx *storage.Tx) error {
		changed, full := *tx.Table("t"), definition("t")
		changed.Global = nil
		for _, index := range full.Global {
			if rapid.Bool().Draw(m.t, "has "+index.Name) {
				changed.Global = append(changed.Global, index)
			}
		}
		return tx.ReplaceTable(&changed)
	}))
}

// order returns the position of an item in an index, or the table.
func order(d *table.Definition, k table.Key, i attribute.Item) []byte {
	hash := key.Hash(i[k.Partition])
	place := []byte{}
	for shift := 56; shift >= 0; shift -= 8 {
		place = append(place, byte(hash>>shift))
	}
	for _, name := range slices.Concat(k.Names(), d.Key.Names()) {
		place = key.Append(place, i[name])
	}
	return place
}

// read reads a random range both ways.
func (m *model) read() {
	require.NoError(m.t, m.db.View(func(tx *storage.Tx) error {
		d := tx.Table("t")
		indexes := []*table.Index{nil, &d.Local[0]}
		for i := range d.Global {
			indexes = append(indexes, &d.Global[i])
		}
		index := rapid.SampledFrom(indexes).Draw(m.t, "index")
		r, k := m.window(d, index)
		got := []string{}
		for record, err := range tx.Range(d, index, r) {
			require.NoError(m.t, err)
			i, err := record.Item()
			require.NoError(m.t, err)
			require.Equal(m.t, attribute.ItemSize(i), record.Size)
			got = append(got, string(record.JSON))
		}
		want := []string{}
		for _, i := range m.expected(d, k, r) {
			want = append(want, string(attribute.AppendItem(nil, project(d, index, i))))
		}
		if index != nil && index.Projection == "INCLUDE" { // an entry may keep the order of a set
			require.Len(m.t, got, len(want))
			return nil
		}
		require.Equal(m.t, want, got)
		return nil
	}))
}

func project(d *table.Definition, index *table.Index, i attribute.Item) attribute.Item {
	if index == nil || index.Projection == "ALL" {
		return i
	}
	projected := attribute.Item{}
	for _, name := range slices.Concat(index.Key.Names(), d.Key.Names(), index.NonKey) {
		if v, ok := i[name]; ok {
			projected[name] = v
		}
	}
	return projected
}

// window draws a range, and returns the key that orders it.
func (m *model) window(d *table.Definition, index *table.Index) (storage.Range, table.Key) {
	k, sortKeys := d.Key, sorts
	if index != nil {
		k = index.Key
		sortKeys = map[string]*rapid.Generator[attribute.Value]{"lsk": texts, "gsk": binaries}[k.Sort]
	}
	r := storage.Range{Reverse: rapid.Bool().Draw(m.t, "reverse")}
	bound := func(label string) *storage.Bound {
		if k.Sort == "" || rapid.Bool().Draw(m.t, "no "+label) {
			return nil
		}
		return &storage.Bound{Value: sortKeys.Draw(m.t, label), Exclusive: rapid.Bool().Draw(m.t, label+" is exclusive")}
	}
	if rapid.Bool().Draw(m.t, "of a partition") {
		r.Partition = partitions.Draw(m.t, "partition")
		r.Lower, r.Upper = bound("lower"), bound("upper")
		if (k.Sort == "lsk" || k.Sort == "gsk") && rapid.Bool().Draw(m.t, "has a prefix") {
			r.Prefix = sortKeys.Draw(m.t, "prefix")
		}
	} else if rapid.Bool().Draw(m.t, "of a segment") {
		r.TotalSegments = rapid.IntRange(1, 5).Draw(m.t, "segments")
		r.Segment = rapid.IntRange(0, r.TotalSegments-1).Draw(m.t, "segment")
	}
	if rapid.Bool().Draw(m.t, "after") {
		r.After = attribute.Item{"pk": partitions.Draw(m.t, "pk"), "sk": sorts.Draw(m.t, "sk")}
		if k.Partition == "gpk" {
			r.After["gpk"] = partitions.Draw(m.t, "gpk")
		}
		if k.Sort != "sk" && k.Sort != "" {
			r.After[k.Sort] = sortKeys.Draw(m.t, k.Sort)
		}
		if r.Partition != nil {
			r.After[k.Partition] = r.Partition
		}
	}
	return r, k
}

func (m *model) expected(d *table.Definition, k table.Key, r storage.Range) []attribute.Item {
	var found []attribute.Item
	for _, i := range m.items {
		if i[k.Partition] == nil || i[k.Partition].Type() != "S" || (k.Sort != "" && i[k.Sort] == nil) || !inside(d, k, r, i) {
			continue
		}
		found = append(found, i)
	}
	slices.SortFunc(found, func(a, b attribute.Item) int { return bytes.Compare(order(d, k, a), order(d, k, b)) })
	if r.Reverse {
		slices.Reverse(found)
	}
	return found
}

func inside(d *table.Definition, k table.Key, r storage.Range, i attribute.Item) bool {
	if r.Partition != nil && !attribute.Equal(r.Partition, i[k.Partition]) {
		return false
	}
	if r.TotalSegments > 0 && !storage.InSegment(i[k.Partition], r.Segment, r.TotalSegments) {
		return false
	}
	if r.After != nil {
		c := bytes.Compare(order(d, k, i), order(d, k, r.After))
		if c == 0 || (c < 0) != r.Reverse {
			return false
		}
	}
	compared := func(b *storage.Bound) int { c, _ := attribute.Compare(i[k.Sort], b.Value); return c }
	if b := r.Lower; b != nil && (compared(b) < 0 || b.Exclusive && compared(b) == 0) {
		return false
	}
	if b := r.Upper; b != nil && (compared(b) > 0 || b.Exclusive && compared(b) == 0) {
		return false
	}
	switch prefix := r.Prefix.(type) {
	case attribute.String:
		text, _ := i[k.Sort].(attribute.String)
		return len(text) >= len(prefix) && text[:len(prefix)] == prefix
	case attribute.Binary:
		text, _ := i[k.Sort].(attribute.Binary)
		return bytes.HasPrefix(text, prefix)
	default:
		return true
	}
}

// TestItAnswersAsASliceOfItemsWould does what it likes with a table and compares.
func TestItAnswersAsASliceOfItemsWould(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		db, err := storage.Open("", storage.Options{SweepEvery: -1})
		require.NoError(t, err)
		defer func() { require.NoError(t, db.Close()) }()
		require.NoError(t, db.Update(func(tx *storage.Tx) error { return tx.CreateTable(definition("t")) }))
		m := &model{t: t, db: db}
		t.Repeat(map[string]func(*rapid.T){
			"put":     func(*rapid.T) { m.put() },
			"put2":    func(*rapid.T) { m.put() },
			"delete":  func(*rapid.T) { m.delete() },
			"replace": func(*rapid.T) { m.replace() },
			"read":    func(*rapid.T) { m.read() },
			"read2":   func(*rapid.T) { m.read() },
			"":        func(t *rapid.T) { require.NoError(t, db.Check()) },
		})
	})
}
