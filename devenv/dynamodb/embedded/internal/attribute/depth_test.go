package attribute_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
)

func TestAnItemMayHave31ContainersWithinEachOther(t *testing.T) {
	t.Parallel()
	var v attribute.Value = attribute.String("x")
	for i := range 31 {
		require.NoError(t, attribute.CheckDepth(attribute.Item{"a": v}), i)
		if i%2 == 0 {
			v = attribute.List{attribute.Null{}, v}
		} else {
			v = attribute.Map{"b": v}
		}
	}
	require.NoError(t, attribute.CheckDepth(attribute.Item{"a": v}))
	err := attribute.CheckDepth(attribute.Item{"a": attribute.List{v}})
	assert.ErrorContains(t, err, "Nesting Levels have exceeded supported limits")
}
