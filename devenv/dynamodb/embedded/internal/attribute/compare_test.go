package attribute_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
)

func TestOnlyStringsNumbersAndBinariesOfOneTypeAreOrdered(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b attribute.Value
		want int
	}{
		{attribute.String("a"), attribute.String("b"), -1},
		{attribute.String("b"), attribute.String("ab"), 1},
		{attribute.String("\uffff"), attribute.String("\U00010000"), -1}, // in UTF-16 it is the other way round
		{attribute.Number("9"), attribute.Number("10"), -1},
		{attribute.Binary{0x7f}, attribute.Binary{0x80}, -1},
		{attribute.Binary{}, attribute.Binary{}, 0},
	} {
		order, ok := attribute.Compare(test.a, test.b)
		assert.True(t, ok)
		assert.Equal(t, test.want, order)
	}
	for _, test := range [][2]attribute.Value{
		{attribute.String("1"), attribute.Number("1")},
		{attribute.String("1"), attribute.Binary("1")},
		{attribute.Boolean(true), attribute.Boolean(true)},
		{attribute.Null{}, attribute.Null{}},
		{attribute.List{}, attribute.List{}},
		{nil, attribute.String("a")},
		{attribute.String("a"), nil},
	} {
		_, ok := attribute.Compare(test[0], test[1])
		assert.False(t, ok, test)
	}
}

func TestEqualityIsDeepAndSetsHaveNoOrder(t *testing.T) {
	t.Parallel()
	values := []attribute.Value{
		nil,
		attribute.String("1"), attribute.String(""), attribute.Number("1"), attribute.Binary("1"),
		attribute.Binary{},
		attribute.Boolean(true), attribute.Boolean(false),
		attribute.Null{},
		attribute.List{},
		attribute.List{attribute.String("a"), attribute.String("b")},
		attribute.List{attribute.String("b"), attribute.String("a")},
		attribute.Map{},
		attribute.Map{"a": attribute.Null{}},
		attribute.Map{"b": attribute.Null{}},
		attribute.Map{"a": attribute.List{}},
		attribute.StringSet{"a", "b"},
		attribute.StringSet{"a", "c"},
		attribute.StringSet{"a"},
		attribute.NumberSet{"1", "2"},
		attribute.NumberSet{"1"},
		attribute.BinarySet{{1}, {2}},
		attribute.BinarySet{{1}, {3}},
	}
	for i, a := range values {
		for j, b := range values {
			assert.Equal(t, i == j, attribute.Equal(a, b), "%#v %#v", a, b)
		}
	}
	assert.True(t, attribute.Equal(attribute.StringSet{"a", "b"}, attribute.StringSet{"b", "a"}))
	assert.True(t, attribute.Equal(attribute.NumberSet{"1", "2"}, attribute.NumberSet{"2", "1"}))
	assert.True(t, attribute.Equal(attribute.BinarySet{{1}, {2}}, attribute.BinarySet{{2}, {1}}))
}
