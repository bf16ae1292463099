package expression_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/expression"
)

func newPlaceholders(t testing.TB, values string) (*expression.Placeholders, error) {
	t.Helper()
	return expression.NewPlaceholders(nil, false, decodeValues(t, values))
}

// everyPlaceholder returns placeholders of all that given.json has.
func everyPlaceholder(t testing.TB, g given) *expression.Placeholders {
	t.Helper()
	p, err := expression.NewPlaceholders(g.Names, true, g.Values)
	require.NoError(t, err)
	return p
}

// corpus gives the recorded expressions to a fuzz target.
func corpus(f *testing.F, file string) {
	f.Helper()
	for _, answer := range readAnswers(f, file) {
		f.Add(answer[0])
	}
}

func FuzzCondition(f *testing.F) {
	corpus(f, "conditions.jsonl")
	g, item := readGiven(f)
	f.Fuzz(func(t *testing.T, text string) {
		condition, err := everyPlaceholder(t, g).Condition("ConditionExpression", text)
		if err != nil {
			return
		}
		matches := condition.Matches(item)
		_ = condition.Paths()

		// A condition in parentheses is the same condition, unless it is in parentheses
		// already; and its negation says the opposite.
		negated, err := everyPlaceholder(t, g).Condition("ConditionExpression", "NOT ("+text+")")
		if err != nil {
			return
		}
		opposite := negated.Matches(item)
		assert.NotEqual(t, matches, opposite)
	})
}

func FuzzUpdate(f *testing.F) {
	corpus(f, "updates.jsonl")
	g, item := readGiven(f)
	before := string(attribute.AppendItem(nil, item))
	f.Fuzz(func(t *testing.T, text string) {
		update, err := everyPlaceholder(t, g).Update(text)
		if err != nil {
			return
		}
		updated, err := update.Apply(item)
		assert.Equal(t, before, string(attribute.AppendItem(nil, item)), "the item itself is not changed")
		if err == nil {
			_ = attribute.AppendItem(nil, expression.Updated(update.Paths(), updated))
		}
	})
}

func FuzzProjection(f *testing.F) {
	corpus(f, "projections.jsonl")
	g, item := readGiven(f)
	f.Fuzz(func(t *testing.T, text string) {
		projection, err := everyPlaceholder(t, g).Projection(text)
		if err != nil {
			return
		}
		part := projection.Apply(item)
		for name := range part {
			assert.Contains(t, item, name)
		}
	})
}

func FuzzKeyCondition(f *testing.F) {
	corpus(f, "keyconditions.jsonl")
	g, _ := readGiven(f)
	f.Fuzz(func(t *testing.T, text string) {
		keys, err := everyPlaceholder(t, g).KeyCondition(text)
		if err != nil {
			return
		}
		for _, test := range keys.Conditions {
			wanted := 1
			if test.Operator == expression.Between {
				wanted = 2
			}
			assert.Len(t, test.Values, wanted)
			assert.NotContains(t, test.Values, nil)
		}
	})
}

func TestListEditsReferToTheOldIndexes(t *testing.T) {
	t.Parallel()
	v := decodeValues(t, `{":v":{"S":"v"}}`)
	rapid.Check(t, func(t *rapid.T) {
		length := rapid.IntRange(0, 8).Draw(t, "length")
		sets := rapid.SliceOfNDistinct(rapid.IntRange(0, 12), 0, 5, rapid.ID).Draw(t, "set")
		removed := rapid.SliceOfNDistinct(rapid.IntRange(0, 12), 0, 5, rapid.ID).Draw(t, "removed")
		removed = slices.DeleteFunc(removed, func(i int) bool { return slices.Contains(sets, i) })
		if len(sets)+len(removed) == 0 {
			return
		}
		list := make(attribute.List, length)
		for i := range list {
			list[i] = attribute.Number(digits(i))
		}
		var text strings.Builder
		for i, at := range sets {
			text.WriteString([]string{"SET ", ", "}[min(i, 1)] + "l[" + digits(at) + "] = :v")
		}
		for i, at := range removed {
			text.WriteString([]string{" REMOVE ", ", "}[min(i, 1)] + "l[" + digits(at) + "]")
		}

		var expected attribute.List
		for i := range 13 {
			switch {
			case slices.Contains(sets, i):
				expected = append(expected, attribute.String("v"))
			case i < length && !slices.Contains(removed, i):
				expected = append(expected, list[i])
			}
		}

		p, err := expression.NewPlaceholders(nil, false, attribute.ItemInput{})
		if len(sets) > 0 {
			p, err = expression.NewPlaceholders(nil, false, v)
		}
		require.NoError(t, err)
		update, err := p.Update(text.String())
		require.NoError(t, err, text.String())
		updated, err := update.Apply(attribute.Item{"l": list})
		require.NoError(t, err)
		assert.True(t, attribute.Equal(append(attribute.List{}, expected...), updated["l"]),
			"%s of %v: %v", text.String(), list, updated["l"])
	})
}

func digits(i int) string {
	if i > 9 {
		return "1" + digits(i-10)
	}
	return string(rune('0' + i))
}

func TestAddAndDeleteAreSetOperations(t *testing.T) {
	t.Parallel()
	member := rapid.SampledFrom([]string{"a", "b", "c", "d"})
	set := rapid.SliceOfNDistinct(member, 1, 4, rapid.ID)
	rapid.Check(t, func(t *rapid.T) {
		old, operand := set.Draw(t, "old"), set.Draw(t, "operand")
		var input attribute.ItemInput
		require.NoError(t, json.Unmarshal(attribute.AppendItem(nil, attribute.Item{":o": attribute.StringSet(operand)}), &input))
		p, err := expression.NewPlaceholders(nil, false, input)
		require.NoError(t, err)
		update, err := p.Update("ADD u :o DELETE d :o")
		require.NoError(t, err)
		updated, err := update.Apply(attribute.Item{"u": attribute.StringSet(old), "d": attribute.StringSet(old)})
		require.NoError(t, err)

		union := slices.Clone(old)
		for _, m := range operand {
			if !slices.Contains(union, m) {
				union = append(union, m)
			}
		}
		assert.True(t, attribute.Equal(attribute.StringSet(union), updated["u"]))
		rest := slices.DeleteFunc(slices.Clone(old), func(m string) bool { return slices.Contains(operand, m) })
		if len(rest) == 0 {
			assert.NotContains(t, updated, "d", "there are no empty sets")
			return
		}
		assert.True(t, attribute.Equal(attribute.StringSet(rest), updated["d"]))
	})
}

func TestUpdatedReturnsWhatPathsLeadTo(t *testing.T) {
	t.Parallel()
	_, item := readGiven(t)
	p, err := newPlaceholders(t, `{":v":{"S":"v"}}`)
	require.NoError(t, err)
	update, err := p.Update("SET m.a = :v, l[3][0] = :v, l[0] = :v, zz = :v, l[9] = :v REMOVE m.l[1], s")
	require.NoError(t, err)
	updated, err := update.Apply(item)
	require.NoError(t, err)
	assertItem(t, `{"m":{"M":{"a":{"S":"x"},"l":{"L":[{"N":"1"}]}}},"l":{"L":[{"S":"x"},{"L":[{"S":"x"}]}]},"s":{"S":"x"}}`,
		expression.Updated(update.Paths(), item))
	assertItem(t, `{"m":{"M":{"a":{"S":"v"},"l":{"L":[{"N":"2"}]}}},"l":{"L":[{"S":"v"},{"L":[{"S":"v"}]}]},"zz":{"S":"v"}}`,
		expression.Updated(update.Paths(), updated))
}
