package attribute_test

import (
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
)

func TestItemsAreWrittenWithSortedNames(t *testing.T) {
	t.Parallel()
	item := attribute.Item{
		"z": attribute.String("\"<ü>\n"), "a": attribute.Number("1.5"), "b": attribute.Binary{1, 2}, "c": attribute.Boolean(true), "d": attribute.Null{},
		"e": attribute.List{attribute.String(""), attribute.List{}}, "f": attribute.Map{"y": attribute.Number("0"), "x": attribute.Map{}},
		"g": attribute.StringSet{"b", "a"}, "h": attribute.NumberSet{"2", "1"}, "i\\": attribute.BinarySet{{2}, {}},
	}
	const want = `{"a":{"N":"1.5"},"b":{"B":"AQI="},"c":{"BOOL":true},"d":{"NULL":true},"e":{"L":[{"S":""},{"L":[]}]},` +
		`"f":{"M":{"x":{"M":{}},"y":{"N":"0"}}},"g":{"SS":["b","a"]},"h":{"NS":["2","1"]},"i\\":{"BS":["Ag==",""]},"z":{"S":"\"<ü>\n"}}`
	text := attribute.AppendItem(nil, item)
	assert.Equal(t, want, string(text))
	again, err := attribute.DecodeItem(text)
	require.NoError(t, err)
	assert.Empty(t, cmp.Diff(item, again))
}

// anyValue are all values, down to some depth.
func anyValue(depth int) *rapid.Generator[attribute.Value] {
	text := rapid.String()
	data := rapid.SliceOfN(rapid.Byte(), 0, 5)
	kinds := []*rapid.Generator[attribute.Value]{
		rapid.Map(text, func(s string) attribute.Value { return attribute.String(s) }),
		rapid.Map(numbers(), func(n attribute.Number) attribute.Value { return n }),
		rapid.Map(data, func(b []byte) attribute.Value { return attribute.Binary(b) }),
		rapid.Map(rapid.Bool(), func(b bool) attribute.Value { return attribute.Boolean(b) }),
		rapid.Just[attribute.Value](attribute.Null{}),
		rapid.Map(rapid.SliceOfNDistinct(text, 1, 4, rapid.ID), func(s []string) attribute.Value { return attribute.StringSet(s) }),
		rapid.Map(rapid.SliceOfNDistinct(numbers(), 1, 4, rapid.ID), func(n []attribute.Number) attribute.Value { return attribute.NumberSet(n) }),
		rapid.Map(rapid.SliceOfNDistinct(data, 1, 4, func(b []byte) string { return string(b) }),
			func(b [][]byte) attribute.Value { return attribute.BinarySet(b) }),
	}
	if depth > 0 {
		kinds = append(kinds,
			rapid.Map(rapid.SliceOfN(anyValue(depth-1), 0, 3), func(l []attribute.Value) attribute.Value { return attribute.List(l) }),
			rapid.Map(items(depth-1), func(m attribute.Item) attribute.Value { return m }))
	}
	return rapid.OneOf(kinds...)
}

func items(depth int) *rapid.Generator[attribute.Item] {
	return rapid.Map(rapid.MapOfN(rapid.StringN(1, 5, -1), anyValue(depth), 0, 4), func(m map[string]attribute.Value) attribute.Item { return m })
}

func TestItemsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		item := items(2).Draw(t, "item")
		text := attribute.AppendItem(nil, item)
		require.True(t, jsontext.Value(text).IsValid())

		stored, err := attribute.DecodeItem(text)
		require.NoError(t, err)
		require.True(t, attribute.Equal(item, stored))
		require.Equal(t, attribute.ItemSize(item), attribute.ItemSize(stored))

		var in attribute.ItemInput
		require.NoError(t, (*jsontext.Value)(&text).Indent())
		require.NoError(t, json.Unmarshal(text, &in))
		sent, err := in.Item()
		require.NoError(t, err)
		require.True(t, attribute.Equal(item, sent))
	})
}

func FuzzItem(f *testing.F) {
	f.Add([]byte(`{"a":{"S":"\u00fc"},"b":{"N":"1e3"},"c":{"L":[{"M":{"x":{"BS":["AQ=="]}}},{"NULL":true}]}}`))
	f.Add([]byte(` { "a" : { "SS" : [ "b" , "a" ] } , "a" : { "BOOL" : "yes" } } `))
	f.Add([]byte(`{"a":{"N":"x"}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var in attribute.ItemInput
		if err := json.Unmarshal(body, &in, jsontext.AllowDuplicateNames(true)); err != nil || !in.IsSet() {
			return
		}
		item, err := in.Item()
		if err != nil {
			return
		}
		text := attribute.AppendItem(nil, item)
		again, err := attribute.DecodeItem(text)
		require.NoError(t, err)
		require.True(t, attribute.Equal(item, again))
		require.Equal(t, string(text), string(attribute.AppendItem(nil, again)))
	})
}

// What is stored is trusted, but a damaged file must not bring a process down.
func FuzzDecodeItem(f *testing.F) {
	f.Add([]byte(`{"a":{"S":"x"},"b":{"L":[{"N":"1"}]}}`))
	f.Add([]byte(`{"a":{"S":"\`))
	f.Add([]byte(`{"a":{"X":[{`))
	f.Fuzz(func(_ *testing.T, stored []byte) { _, _ = attribute.DecodeItem(stored) })
}

func TestDamagedItemsAreErrors(t *testing.T) {
	t.Parallel()
	for _, stored := range []string{"", "x", "[]", "{", `{"a`, `{"a\`, `{"a"`, `{"a":`, `{"a":{`, `{"a":{"S":"x"`, `{"a":{"S":"x"}`, `{"a":{"S":"x"} "b"`, `{"a":{"X":`, `{"a":{"L":[{"S":"x"}`} {
		_, err := attribute.DecodeItem([]byte(stored))
		require.Error(t, err, stored)
	}
}

const small = `{"name":{"S":"Falafel King"},"pk":{"S":"RESTAURANT#falafel-king"},"rating":{"N":"4.5"},"sk":{"S":"REVIEW#2024-11-24"},"visits":{"N":"1732531200"}}`

func BenchmarkDecodeItem(b *testing.B) {
	b.ReportAllocs()
	stored := []byte(small)
	for b.Loop() {
		_, _ = attribute.DecodeItem(stored)
	}
}

func BenchmarkUnmarshalItemInput(b *testing.B) {
	b.ReportAllocs()
	body := []byte(small)
	for b.Loop() {
		var in attribute.ItemInput
		_ = json.Unmarshal(body, &in, jsontext.AllowDuplicateNames(true))
	}
}

func BenchmarkAppendItem(b *testing.B) {
	b.ReportAllocs()
	item, _ := attribute.DecodeItem([]byte(small))
	var room []byte
	for b.Loop() {
		room = attribute.AppendItem(room[:0], item)
	}
}

func BenchmarkItemSize(b *testing.B) {
	b.ReportAllocs()
	item, _ := attribute.DecodeItem([]byte(small))
	for b.Loop() {
		attribute.ItemSize(item)
	}
}
