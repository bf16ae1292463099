package expression_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
)

func TestLimits(t *testing.T) {
	t.Parallel()
	g, _ := readGiven(t)
	const (
		begin     = "Invalid FilterExpression: "
		operators = begin + "The expression contains too many operators; operator count: 301"
		redundant = begin + "The expression has redundant parentheses;"
	)
	repeat := func(n int, text string) string { return strings.TrimSuffix(strings.Repeat(text+" OR ", n), " OR ") }
	path := func(n int, element string) string { return "a" + strings.Repeat(element, n-1) + " = :s" }
	for _, test := range []struct{ name, text, says string }{
		{"4096 bytes", "a = :s" + strings.Repeat(" ", 4090), ""},
		{
			"4097 bytes", "a = :s" + strings.Repeat(" ", 4091),
			begin + "Expression size has exceeded the maximum allowed size; expression size: 4097",
		},
		{"299 operators", repeat(150, "a=:s"), ""},
		{"301 operators", repeat(151, "a=:s"), operators},
		{"functions count", repeat(151, "contains(a,:s)"), operators},
		{"nested functions count", repeat(101, "size(a)=:s"), operators},
		{"300 negations", strings.Repeat("NOT ", 299) + "a=:s", ""},
		{"301 negations", strings.Repeat("NOT ", 300) + "a=:s", operators},
		{"100 operands", "a IN (:s" + strings.Repeat(",:s", 99) + ")", ""},
		{
			"101 operands", "a IN (:s" + strings.Repeat(",:s", 100) + ")",
			begin + "The IN operator is provided with too many operands; number of operands: 101",
		},
		{"32 names deep", path(32, ".a"), ""},
		{"33 names deep", path(33, ".a"), begin + "The document path has too many nesting levels; nesting levels: 33"},
		{"33 indexes deep", path(33, "[0]"), begin + "The document path has too many nesting levels; nesting levels: 33"},
		{"deep parentheses", strings.Repeat("(", 2000) + "a=:s" + strings.Repeat(")", 2000), redundant},
		{"deep negated parentheses", strings.Repeat("NOT(", 400) + "a=:s" + strings.Repeat(")", 400), operators},
		{"deep calls", strings.Repeat("size(", 600) + "a" + strings.Repeat(")", 600) + " = :s", begin +
			"Incorrect operand type for operator or function; operator or function: size, operand type: N"},
		{"open parentheses", strings.Repeat("(", 4096), begin + `Syntax error; token: "<EOF>", near: "("`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := g.placeholders(t, test.text).Condition("FilterExpression", test.text)
			if test.says == "" {
				require.NoError(t, err)
				return
			}
			require.Error(t, err)
			assert.Equal(t, test.says, message(err))
		})
	}
}

func TestUpdatesAndProjectionsDoNotTellTheirSize(t *testing.T) {
	t.Parallel()
	g, _ := readGiven(t)
	text := "REMOVE a" + strings.Repeat(" ", 4089)
	_, err := g.placeholders(t, text).Update(text)
	require.Error(t, err)
	assert.Equal(t, "Invalid UpdateExpression: Expression size has exceeded the maximum allowed size;", message(err))

	_, err = g.placeholders(t, text).Projection(text)
	require.Error(t, err)
	assert.Equal(t, "Invalid ProjectionExpression: Expression size has exceeded the maximum allowed size;", message(err))
}

func TestConditionsOfNoItem(t *testing.T) {
	t.Parallel()
	g, _ := readGiven(t)
	for text, expected := range map[string]bool{
		"attribute_not_exists(s)": true, "attribute_exists(s)": false, "s = :s": false, "s <> :s": true, "NOT s = :s": true,
	} {
		condition, err := g.placeholders(t, text).Condition("ConditionExpression", text)
		require.NoError(t, err)
		matches := condition.Matches(nil)
		assert.Equal(t, expected, matches, text)
	}
}

func TestPathsOfAConditionAreInOrder(t *testing.T) {
	t.Parallel()
	g, _ := readGiven(t)
	const text = "size(#dot) > a[1] AND NOT (contains(m.l, b.c) OR :s IN (d, e))"
	condition, err := g.placeholders(t, text).Condition("FilterExpression", text)
	require.NoError(t, err)
	var paths []string
	for _, path := range condition.Paths() {
		paths = append(paths, path.String())
	}
	assert.Equal(t, []string{"[a.b]", "[a, [1]]", "[m, l]", "[b, c]", "[d]", "[e]"}, paths)
}

func TestArithmeticOutOfRangeFails(t *testing.T) {
	t.Parallel()
	p, err := newPlaceholders(t, `{":big":{"N":"9e125"}}`)
	require.NoError(t, err)
	update, err := p.Update("SET n = n + :big ADD m :big")
	require.NoError(t, err)
	_, err = update.Apply(attribute.Item{"n": attribute.Number("9" + strings.Repeat("0", 125))})
	require.Error(t, err)
	assert.Equal(t, "Number overflow. Attempting to store a number with magnitude larger than supported range", message(err))
}
