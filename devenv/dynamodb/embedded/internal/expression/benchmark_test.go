package expression_test

import (
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/expression"
)

func BenchmarkExpressions(b *testing.B) {
	names := map[string]string{"#status": "status"}
	var values attribute.ItemInput
	require.NoError(b, json.Unmarshal([]byte(`{":old":{"S":"new"},":now":{"N":"17"},":one":{"N":"1"}}`), &values))
	item := attribute.Item{
		"pk": attribute.String("a"), "status": attribute.String("new"),
		"version": attribute.Number("3"), "due": attribute.Number("12"),
	}
	b.Run("condition", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p, err := expression.NewPlaceholders(names, true, values)
			require.NoError(b, err)
			c, err := p.Condition("ConditionExpression", "attribute_exists(pk) AND #status = :old AND due < :now")
			require.NoError(b, err)
			ok := c.Matches(item)
			require.True(b, ok)
		}
	})
	b.Run("update", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p, err := expression.NewPlaceholders(names, true, values)
			require.NoError(b, err)
			u, err := p.Update("SET #status = :old, version = version + :one REMOVE due")
			require.NoError(b, err)
			_, err = u.Apply(item)
			require.NoError(b, err)
		}
	})
}
