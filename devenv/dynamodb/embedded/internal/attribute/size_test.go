package attribute_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
)

func TestSizesAreDynamoDBs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		value attribute.Value
		want  int
	}{
		{attribute.String(""), 0},
		{attribute.String("falafel"), 7},
		{attribute.String("ü€"), 5},
		{attribute.Binary{}, 0},
		{attribute.Binary{1, 2, 3}, 3},
		{attribute.Boolean(false), 1},
		{attribute.Null{}, 1},
		{attribute.List{}, 3},
		{attribute.Map{}, 3},
		{attribute.List{attribute.String("ab"), attribute.Null{}}, 3 + 1 + 2 + 1 + 1},
		{attribute.Map{"name": attribute.String("ab")}, 3 + 1 + 4 + 2},
		{attribute.Map{"ü": attribute.List{attribute.Boolean(true)}}, 3 + 1 + 2 + 3 + 1 + 1},
		{attribute.StringSet{"a", "bc", ""}, 3},
		{attribute.NumberSet{"1", "-1", "0"}, 2 + 3 + 1},
		{attribute.BinarySet{{1}, {2, 3}}, 3},
	} {
		assert.Equal(t, test.want, attribute.Size(test.value), "%#v", test.value)
	}
	assert.Equal(t, 1+1+2+2, attribute.ItemSize(attribute.Item{"a": attribute.String("x"), "bc": attribute.Number("42")}))
}

// A number is stored in digits to the base of 100.
func TestSizesOfNumbers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"0": 1, "1": 2, "-1": 3, "9": 2, "10": 2, "12": 2, "-12": 3, "100": 2, "123": 3, "1000": 2, "1200": 2, "1230": 3, "1234": 3, "12345": 4,
		"0.1": 2, "0.01": 2, "0.12": 2, "0.012": 3, "0.001": 2, "0.123": 3, "0.0123": 3,
		"1.5": 3, "15": 2, "150": 3, "12.5": 3, "12.34": 3, "1.23": 3, "123.4": 4, "1e125": 2, "1e-130": 2,
	} {
		assert.Equal(t, want, attribute.Size(number(t, text)), text)
	}
	digits := strings.Repeat("1", 38)
	assert.Equal(t, 20, attribute.Size(number(t, digits)))
	assert.Equal(t, 21, attribute.Size(number(t, "-"+digits)))
	assert.Equal(t, 21, attribute.Size(number(t, digits+"e1")), "21 bytes is the most")
	assert.Equal(t, 21, attribute.Size(number(t, "-"+digits+"e1")), "21 bytes is the most")
}
