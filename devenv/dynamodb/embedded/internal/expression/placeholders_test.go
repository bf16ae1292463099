package expression_test

import (
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/expression"
)

func decodeValues(t testing.TB, text string) attribute.ItemInput {
	t.Helper()
	var values attribute.ItemInput
	require.NoError(t, json.Unmarshal([]byte(text), &values))
	return values
}

func TestPlaceholdersAreChecked(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 255)
	for _, test := range []struct {
		name   string
		names  map[string]string
		values string
		says   string
	}{
		{name: "there are no names", names: map[string]string{}, says: "ExpressionAttributeNames must not be empty"},
		{name: "there are no values", values: `{}`, says: "ExpressionAttributeValues must not be empty"},
		{
			name: "a name's placeholder has no sigil", names: map[string]string{"a": "b"},
			says: `ExpressionAttributeNames contains invalid key: Syntax error; key: "a"`,
		},
		{
			name: "a name's placeholder is a sigil", names: map[string]string{"#": "b"},
			says: `ExpressionAttributeNames contains invalid key: Syntax error; key: "#"`,
		},
		{
			name: "a name's placeholder has a dash", names: map[string]string{"#a-b": "b"},
			says: `ExpressionAttributeNames contains invalid key: Syntax error; key: "#a-b"`,
		},
		{
			name: "a name's placeholder is empty", names: map[string]string{"": "b"},
			says: "ExpressionAttributeNames contains invalid key: The expression attribute map contains an empty key;",
		},
		{
			name: "a name's placeholder is too long", names: map[string]string{"#" + long: "b"},
			says: "ExpressionAttributeNames contains invalid key: The expression attribute map contains a key that is too long; size of key: 256",
		},
		{
			name: "a name is empty", names: map[string]string{"#a": ""},
			says: "ExpressionAttributeNames contains invalid value: Empty attribute name for key #a",
		},
		{
			name: "a name is too long", names: map[string]string{"#a": strings.Repeat("a", 65536)},
			says: "ExpressionAttributeNames contains invalid value: Attribute name is too large, must be less than 65536 bytes for key #a",
		},
		{
			name: "a value's placeholder has no sigil", values: `{"a":{"S":"x"}}`,
			says: `ExpressionAttributeValues contains invalid key: Syntax error; key: "a"`,
		},
		{
			name: "a value's placeholder is a sigil", values: `{":":{"S":"x"}}`,
			says: `ExpressionAttributeValues contains invalid key: Syntax error; key: ":"`,
		},
		{
			name: "a value is empty", values: `{":a":{}}`,
			says: "ExpressionAttributeValues contains invalid value: " +
				"Supplied AttributeValue is empty, must contain exactly one of the supported datatypes for key :a",
		},
		{
			name: "a value is no number", values: `{":a":{"N":"abc"}}`,
			says: "ExpressionAttributeValues contains invalid value: " +
				"The parameter cannot be converted to a numeric value: abc for key :a",
		},
		{
			name: "keys are checked before values", values: `{":a":{},"b":{"S":"x"}}`,
			says: `ExpressionAttributeValues contains invalid key: Syntax error; key: "b"`,
		},
		{
			name: "names are checked before values", names: map[string]string{"a": "b"}, values: `{"a":{}}`,
			says: `ExpressionAttributeNames contains invalid key: Syntax error; key: "a"`,
		},
		{name: "all is well", names: map[string]string{"#0_aB": "b"}, values: `{":0_aB":{"S":""}}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var values attribute.ItemInput
			if test.values != "" {
				values = decodeValues(t, test.values)
			}
			_, err := expression.NewPlaceholders(test.names, test.names != nil, values)
			if test.says == "" {
				require.NoError(t, err)
				return
			}
			require.Error(t, err)
			assert.Equal(t, test.says, message(err))
		})
	}
}

func TestUnusedPlaceholdersAreTold(t *testing.T) {
	t.Parallel()
	names := map[string]string{"#a": "a", "#b": "b", "#c": "c", "#d": "d"}
	p, err := expression.NewPlaceholders(names, true, decodeValues(t, `{":a":{"S":"x"},":b":{"S":"x"},":c":{"S":"x"}}`))
	require.NoError(t, err)

	_, err = p.Condition("ConditionExpression", "#a = :a AND #a <> :a")
	require.NoError(t, err)
	assert.Equal(t, "Value provided in ExpressionAttributeNames unused in expressions: keys: {#c, #d, #b}", message(p.Unused()))

	_, err = p.Projection("#b, #c, #d")
	require.NoError(t, err)
	assert.Equal(t, "Value provided in ExpressionAttributeValues unused in expressions: keys: {:b, :c}", message(p.Unused()))

	_, err = p.Update("SET x = :b, y = :c")
	require.NoError(t, err)
	assert.NoError(t, p.Unused())
}

func TestManyValuesAreFound(t *testing.T) {
	t.Parallel()
	var members, operands []string
	for c := 'a'; c <= 'z'; c++ {
		members = append(members, `":`+string(c)+`":{"S":"`+string(c)+`"}`)
		operands = append(operands, ":"+string(c))
	}
	p, err := expression.NewPlaceholders(nil, false, decodeValues(t, "{"+strings.Join(members, ",")+"}"))
	require.NoError(t, err)
	condition, err := p.Condition("FilterExpression", "x IN ("+strings.Join(operands, ",")+")")
	require.NoError(t, err)
	require.NoError(t, p.Unused())
	matches := condition.Matches(attribute.Item{"x": attribute.String("q")})
	assert.True(t, matches)
}

func TestParametersExcludeEachOther(t *testing.T) {
	t.Parallel()
	set := func(names ...string) (parameters []expression.Parameter) {
		for _, name := range names {
			parameters = append(parameters, expression.Parameter{
				Name: strings.TrimPrefix(name, "-"), Set: !strings.HasPrefix(name, "-"),
			})
		}
		return parameters
	}
	for _, test := range []struct {
		name                string
		expressions, older  []expression.Parameter
		namesSet, valuesSet bool
		says                string
	}{
		{name: "nothing is given", expressions: set("-UpdateExpression"), older: set("-Expected")},
		{name: "expressions only", expressions: set("UpdateExpression"), older: set("-Expected"), namesSet: true, valuesSet: true},
		{
			name: "both ways", expressions: set("UpdateExpression", "-ConditionExpression"), older: set("AttributeUpdates", "Expected"),
			says: "Can not use both expression and non-expression parameters in the same request: " +
				"Non-expression parameters: {AttributeUpdates, Expected} Expression parameters: {UpdateExpression}",
		},
		{
			name: "names without expressions", expressions: set("-UpdateExpression"), older: set("Expected"), namesSet: true,
			says: "ExpressionAttributeNames can only be specified when using expressions",
		},
		{
			name: "values without expressions", expressions: set("-UpdateExpression", "-ConditionExpression"), valuesSet: true,
			says: "ExpressionAttributeValues can only be specified when using expressions: " +
				"UpdateExpression and ConditionExpression are null",
		},
		{
			name: "values without the expression", expressions: set("-ConditionExpression"), valuesSet: true,
			says: "ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null",
		},
		{
			name: "values with a projection only", expressions: set("ProjectionExpression", "-FilterExpression"), valuesSet: true,
			says: "ExpressionAttributeValues can only be specified when using expressions: FilterExpression is null",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := expression.CheckParameters(test.expressions, test.older, test.namesSet, test.valuesSet)
			if test.says == "" {
				require.NoError(t, err)
				return
			}
			require.Error(t, err)
			assert.Equal(t, test.says, message(err))
		})
	}
}
