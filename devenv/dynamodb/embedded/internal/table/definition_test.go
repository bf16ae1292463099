package table_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/table"
)

func things() *table.Definition {
	return &table.Definition{
		Name: "things", ID: "1", Region: "eu-central-1", Created: time.Date(2026, 3, 1, 12, 0, 0, 1000, time.UTC),
		Attributes: []table.Attribute{
			{Name: "p", Type: attribute.TypeString}, {Name: "s", Type: attribute.TypeNumber}, {Name: "g", Type: attribute.TypeBinary},
		},
		Key:    table.Key{Partition: "p", Sort: "s"},
		Local:  []table.Index{{Name: "local", Key: table.Key{Partition: "p", Sort: "g"}, Projection: "ALL"}},
		Global: []table.Index{{Name: "global", Global: true, Key: table.Key{Partition: "g"}, Projection: "INCLUDE", NonKey: []string{"x"}}},
		Warm:   &table.Warm{ReadUnitsPerSecond: 1, WriteUnitsPerSecond: 2},
		Tags:   []table.Tag{{Key: "k", Value: "v"}},
	}
}

func TestATableHasAnARNAndSoHaveItsParts(t *testing.T) {
	t.Parallel()
	d := things()
	assert.Equal(t, "arn:aws:dynamodb:eu-central-1:000000000000:table/things", d.ARN())
	assert.Equal(t, "arn:aws:dynamodb:eu-central-1:000000000000:table/things/index/global", d.IndexARN("global"))
	assert.Empty(t, d.StreamARN(), "there never was a stream")
	d.Stream.Label = "2026-03-01T12:00:00.000"
	assert.Equal(t, "arn:aws:dynamodb:eu-central-1:000000000000:table/things/stream/2026-03-01T12:00:00.000", d.StreamARN())
}

func TestIndexesAreFoundByName(t *testing.T) {
	t.Parallel()
	d := things()
	assert.Same(t, &d.Local[0], d.Index("local"))
	assert.Same(t, &d.Global[0], d.Index("global"))
	assert.Nil(t, d.Index("none"))
}

func TestOnlyAttributesOfKeysHaveATypeOfTheTable(t *testing.T) {
	t.Parallel()
	assert.Equal(t, attribute.TypeNumber, things().AttributeType("s"))
	assert.Empty(t, things().AttributeType("x"))
	assert.Empty(t, things().AttributeType(""), "the sort key that an index does not have")
}

func TestAKeyHasOneOrTwoAttributes(t *testing.T) {
	t.Parallel()
	both, one := table.Key{Partition: "p", Sort: "s"}, table.Key{Partition: "p"}
	assert.Equal(t, []string{"p", "s"}, both.Names())
	assert.Equal(t, []string{"p"}, one.Names())
	assert.True(t, both.Has("p"))
	assert.True(t, both.Has("s"))
	assert.False(t, both.Has("x"))
	assert.False(t, one.Has(""), "a sort key that is not there is no attribute without a name")
}

// What is stored is JSON: a field that did not survive it would be gone with the process.
func TestADefinitionIsTheSameBehindJSON(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(things())
	require.NoError(t, err)
	got := new(table.Definition)
	require.NoError(t, json.Unmarshal(text, got))
	assert.Equal(t, things(), got)
}
