package expression_test

import (
	"strconv"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/expression"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/table"
)

const invalid = "One or more parameter values were invalid: "

// answer is what a condition says of an item, or its error.
func answer(c *expression.Condition, err error, item attribute.Item) string {
	if err != nil {
		return message(err)
	}
	return strconv.FormatBool(c.Matches(item))
}

func TestExpected(t *testing.T) {
	t.Parallel()
	_, item := readGiven(t)
	for expected, says := range map[string]string{
		`{}`:                      "true",
		`{"s":{}}`:                invalid + "Value must be provided when Exists is null for Attribute: s",
		`{"s":{"Exists":true}}`:   invalid + "Value must be provided when Exists is true for Attribute: s",
		`{"s":{"Exists":false}}`:  "false",
		`{"zz":{"Exists":false}}`: "true",
		`{"s":{"Exists":true,"Value":{"S":"x"}}}`:  "true",
		`{"s":{"Exists":false,"Value":{"S":"x"}}}`: invalid + "Value cannot be used when Exists is false for Attribute: s",
		`{"s":{"Value":{"S":"x"}}}`:                "true",
		`{"s":{"Value":{"S":"y"}}}`:                "false",
		`{"zz":{"Value":{"S":"y"}}}`:               "false",
		`{"ss":{"Value":{"SS":["b","a"]}}}`:        "true",
		`{"s":{"ComparisonOperator":"EQ"}}`: invalid +
			"Value or AttributeValueList must be used with ComparisonOperator: EQ for Attribute: s",
		`{"s":{"ComparisonOperator":"EQ","Value":{"S":"x"}}}`: "true",
		`{"s":{"ComparisonOperator":"EQ","Value":{"S":"x"},"Exists":true}}`: invalid +
			"Exists and ComparisonOperator cannot be used together for Attribute: s",
		`{"s":{"ComparisonOperator":"EQ","Value":{"S":"x"},"AttributeValueList":[]}}`: invalid +
			"Value and AttributeValueList cannot be used together for Attribute: s",
		`{"s":{"AttributeValueList":[{"S":"x"}]}}`: invalid +
			"AttributeValueList can only be used with a ComparisonOperator for Attribute: s",
		`{"s":{"ComparisonOperator":"EQ","AttributeValueList":[]}}`: invalid +
			"Invalid number of argument(s) for the EQ ComparisonOperator",
		`{"s":{"ComparisonOperator":"NULL","AttributeValueList":[{"S":"x"}]}}`: invalid +
			"Invalid number of argument(s) for the NULL ComparisonOperator",
		`{"s":{"ComparisonOperator":"NULL"}}`:       "false",
		`{"s":{"ComparisonOperator":"NOT_NULL"}}`:   "true",
		`{"nul":{"ComparisonOperator":"NULL"}}`:     "false",
		`{"nul":{"ComparisonOperator":"NOT_NULL"}}`: "true",
		`{"s":{"ComparisonOperator":"EQ","AttributeValueList":[{}]}}`: "Supplied AttributeValue is empty, " +
			"must contain exactly one of the supported datatypes",
		`{"s":{"ComparisonOperator":"CONTAINS","AttributeValueList":[{"SS":["a"]}]}}`: invalid +
			"ComparisonOperator CONTAINS is not valid for SS AttributeValue type",
	} {
		t.Run(expected, func(t *testing.T) {
			t.Parallel()
			var parameter map[string]expression.ExpectedAttributeValue
			require.NoError(t, json.Unmarshal([]byte(expected), &parameter))
			condition, err := expression.Expected(parameter, nil)
			assert.Equal(t, says, answer(condition, err, item))
		})
	}
}

func TestComparisonOperators(t *testing.T) {
	t.Parallel()
	_, item := readGiven(t)
	arguments := func(operator string) string {
		return invalid + "Invalid number of argument(s) for the " + operator + " ComparisonOperator"
	}
	types := func(operator, kind string) string {
		return invalid + "ComparisonOperator " + operator + " is not valid for " + kind + " AttributeValue type"
	}
	for _, test := range []struct{ attribute, operator, values, says string }{
		{"s", "EQ", `{"S":"x"}`, "true"},
		{"s", "EQ", `{"N":"1"}`, "false"},
		{"s", "EQ", ``, arguments("EQ")},
		{"s", "EQ", `{"S":"x"},{"S":"x"}`, arguments("EQ")},
		{"l", "EQ", `{"L":[]}`, "false"},
		{"t", "EQ", `{"BOOL":true}`, "true"},
		{"s", "NE", `{"S":"x"}`, "false"},
		{"s", "NE", `{"N":"1"}`, "true"},
		{"zz", "NE", `{"S":"x"}`, "true"},
		{"n", "LT", `{"N":"6"}`, "true"},
		{"n", "LE", `{"N":"5"}`, "true"},
		{"n", "GT", `{"N":"5"}`, "false"},
		{"n", "GE", `{"N":"5"}`, "true"},
		{"n", "LT", `{"S":"6"}`, "false"},
		{"n", "LT", `{"SS":["a"]}`, types("LT", "SS")},
		{"n", "LT", `{"BOOL":true}`, types("LT", "BOOL")},
		{"n", "BETWEEN", `{"N":"5"},{"N":"9"}`, "true"},
		{"n", "BETWEEN", `{"N":"5"}`, arguments("BETWEEN")},
		{
			"n", "BETWEEN", `{"N":"9"},{"N":"5"}`,
			"The BETWEEN condition was provided a range where the lower bound is greater than the upper bound",
		},
		{"n", "BETWEEN", `{"N":"9"},{"S":"5"}`, invalid + "AttributeValues inside AttributeValueList must be of same type"},
		{"s", "IN", `{"S":"y"},{"S":"x"}`, "true"},
		{"s", "IN", ``, arguments("IN")},
		{"s", "IN", `{"S":"y"},{"N":"1"}`, invalid + "AttributeValues inside AttributeValueList must be of same type"},
		{"s", "IN", `{"SS":["y"]}`, types("IN", "SS")},
		{"xyz", "CONTAINS", `{"S":"y"}`, "true"},
		{"ss", "CONTAINS", `{"S":"a"}`, "true"},
		{"l", "CONTAINS", `{"N":"1"}`, "true"},
		{"zz", "CONTAINS", `{"N":"1"}`, "false"},
		{"ss", "NOT_CONTAINS", `{"S":"a"}`, "false"},
		{"ss", "NOT_CONTAINS", `{"S":"z"}`, "true"},
		{"zz", "NOT_CONTAINS", `{"S":"z"}`, "false"},
		{"n", "NOT_CONTAINS", `{"S":"z"}`, "true"},
		{"xyz", "BEGINS_WITH", `{"S":"xy"}`, "true"},
		{"xyz", "BEGINS_WITH", `{"N":"1"}`, types("BEGINS_WITH", "N")},
		{"s", "NULL", ``, "false"},
		{"zz", "NULL", ``, "true"},
		{"s", "NOT_NULL", ``, "true"},
		{"s", "NOT_NULL", `{"S":"x"}`, arguments("NOT_NULL")},
	} {
		t.Run(test.attribute+" "+test.operator+" "+test.values, func(t *testing.T) {
			t.Parallel()
			var filter map[string]expression.LegacyCondition
			require.NoError(t, json.Unmarshal([]byte(`{"`+test.attribute+`":{"ComparisonOperator":"`+test.operator+
				`","AttributeValueList":[`+test.values+`]}}`), &filter))
			condition, err := expression.Filter(filter, nil)
			assert.Equal(t, test.says, answer(condition, err, item))
		})
	}
}

func TestConditionalOperator(t *testing.T) {
	t.Parallel()
	_, item := readGiven(t)
	const (
		right = `"s":{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"x"}]}`
		wrong = `"n":{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"x"}]}`
	)
	for _, test := range []struct{ filter, operator, says string }{
		{`{` + right + `,` + wrong + `}`, "", "false"},
		{`{` + right + `,` + wrong + `}`, "AND", "false"},
		{`{` + right + `,` + wrong + `}`, "OR", "true"},
		{`{` + right + `}`, "OR", "ConditionalOperator can only be used when Filter or Expected has two or more elements"},
		{`{}`, "AND", "ConditionalOperator cannot be used without Filter or Expected"},
	} {
		t.Run(test.operator+test.filter, func(t *testing.T) {
			t.Parallel()
			var filter map[string]expression.LegacyCondition
			require.NoError(t, json.Unmarshal([]byte(test.filter), &filter))
			var operator *string
			if test.operator != "" {
				operator = &test.operator
			}
			condition, err := expression.Filter(filter, operator)
			assert.Equal(t, test.says, answer(condition, err, item))
		})
	}
}

func TestAttributeUpdates(t *testing.T) {
	t.Parallel()
	for updates, says := range map[string]string{
		`{}`:                          `{"n":{"N":"5"},"s":{"S":"x"},"ss":{"SS":["a","b"]},"l":{"L":[]}}`,
		`{"s":{}}`:                    invalid + "Only DELETE action is allowed when no attribute value is specified",
		`{"s":{"Action":"ADD"}}`:      invalid + "Only DELETE action is allowed when no attribute value is specified",
		`{"s":{"Value":{"N":"1"}}}`:   `{"n":{"N":"5"},"s":{"N":"1"},"ss":{"SS":["a","b"]},"l":{"L":[]}}`,
		`{"a.b":{"Value":{"N":"1"}}}`: `{"n":{"N":"5"},"s":{"S":"x"},"ss":{"SS":["a","b"]},"l":{"L":[]},"a.b":{"N":"1"}}`,
		`{"s":{"Action":"DELETE"}}`:   `{"n":{"N":"5"},"ss":{"SS":["a","b"]},"l":{"L":[]}}`,
		`{"zz":{"Action":"DELETE"}}`:  `{"n":{"N":"5"},"s":{"S":"x"},"ss":{"SS":["a","b"]},"l":{"L":[]}}`,
		`{"s":{"Action":"DELETE","Value":{"N":"1"}}}`:             invalid + "DELETE action with value is not supported for the type N",
		`{"s":{"Action":"ADD","Value":{"BOOL":true}}}`:            invalid + "ADD action is not supported for the type BOOL",
		`{"s":{"Action":"ADD","Value":{"N":"1"}}}`:                "Type mismatch for attribute to update",
		`{"s":{"Action":"DELETE","Value":{"SS":["a"]}}}`:          "Type mismatch for attribute to update",
		`{"n":{"Action":"ADD","Value":{"N":"-6"}}}`:               `{"n":{"N":"-1"},"s":{"S":"x"},"ss":{"SS":["a","b"]},"l":{"L":[]}}`,
		`{"m":{"Action":"ADD","Value":{"N":"1"}}}`:                `{"n":{"N":"5"},"s":{"S":"x"},"ss":{"SS":["a","b"]},"l":{"L":[]},"m":{"N":"1"}}`,
		`{"ss":{"Action":"ADD","Value":{"SS":["c","a"]}}}`:        `{"n":{"N":"5"},"s":{"S":"x"},"ss":{"SS":["a","b","c"]},"l":{"L":[]}}`,
		`{"l":{"Action":"ADD","Value":{"L":[{"S":"x"}]}}}`:        `{"n":{"N":"5"},"s":{"S":"x"},"ss":{"SS":["a","b"]},"l":{"L":[{"S":"x"}]}}`,
		`{"ss":{"Action":"DELETE","Value":{"SS":["c","a"]}}}`:     `{"n":{"N":"5"},"s":{"S":"x"},"ss":{"SS":["b"]},"l":{"L":[]}}`,
		`{"ss":{"Action":"DELETE","Value":{"SS":["c","b","a"]}}}`: `{"n":{"N":"5"},"s":{"S":"x"},"l":{"L":[]}}`,
	} {
		t.Run(updates, func(t *testing.T) {
			t.Parallel()
			item := attribute.Item{
				"n": attribute.Number("5"), "s": attribute.String("x"), "ss": attribute.StringSet{"a", "b"}, "l": attribute.List{},
			}
			var parameter map[string]expression.AttributeValueUpdate
			require.NoError(t, json.Unmarshal([]byte(updates), &parameter))
			update, err := expression.AttributeUpdates(parameter)
			if err != nil {
				assert.Equal(t, says, message(err))
				return
			}
			updated, err := update.Apply(item)
			if err != nil {
				assert.Equal(t, says, message(err))
				return
			}
			assertItem(t, says, updated)
		})
	}
}

func TestKeyConditions(t *testing.T) {
	t.Parallel()
	d := &table.Definition{
		Key: table.Key{Partition: "pk", Sort: "sk"},
		Attributes: []table.Attribute{
			{Name: "pk", Type: attribute.TypeString},
			{Name: "sk", Type: attribute.TypeNumber},
		},
	}
	const (
		pk       = `"pk":{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"a"}]}`
		mismatch = invalid + "Condition parameter type does not match schema type"
	)
	for conditions, says := range map[string]string{
		`{}`:           "Conditions can be of length 1 or 2 only",
		`{` + pk + `}`: "OK",
		`{"pk":{"ComparisonOperator":"GT","AttributeValueList":[{"S":"a"}]}}`: "Query key condition not supported",
		`{"pk":{"ComparisonOperator":"EQ","AttributeValueList":[{"N":"1"}]}}`: mismatch,
		`{"pk":{"ComparisonOperator":"EQ","AttributeValueList":[]}}`:          invalid + "Invalid number of argument(s) for the EQ ComparisonOperator",
		`{"sk":{"ComparisonOperator":"EQ","AttributeValueList":[{"N":"1"}]}}`: "Query condition missed key schema element: pk",
		`{"pk":{"ComparisonOperator":"EQ","AttributeValueList":[{"S":""}]}}`: "One or more parameter values are not valid. " +
			"The AttributeValue for a key attribute cannot contain an empty string value. Key: pk",
		`{` + pk + `,"sk":{"ComparisonOperator":"LE","AttributeValueList":[{"N":"1"}]}}`:       "OK",
		`{` + pk + `,"sk":{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"1"}]}}`:       mismatch,
		`{` + pk + `,"sk":{"ComparisonOperator":"CONTAINS","AttributeValueList":[{"N":"1"}]}}`: "Attempted conditional constraint is not an indexable operation",
		`{` + pk + `,"sk":{"ComparisonOperator":"NULL"}}`:                                      "Attempted conditional constraint is not an indexable operation",
		`{` + pk + `,"a":{"ComparisonOperator":"EQ","AttributeValueList":[{"N":"1"}]}}`:        "Query condition missed key schema element: sk",
		`{` + pk + `,"a":{"ComparisonOperator":"NULL"},"b":{"ComparisonOperator":"NULL"}}`:     "Conditions can be of length 1 or 2 only",
	} {
		t.Run(conditions, func(t *testing.T) {
			t.Parallel()
			var parameter map[string]expression.LegacyCondition
			require.NoError(t, json.Unmarshal([]byte(conditions), &parameter))
			keys, err := expression.KeyConditions(parameter)
			if err == nil {
				_, _, err = keys.For(d.Key, d)
			}
			if says == "OK" {
				require.NoError(t, err)
				return
			}
			require.Error(t, err)
			assert.Equal(t, says, message(err))
		})
	}
}

func TestAttributesToGet(t *testing.T) {
	t.Parallel()
	_, err := expression.AttributesToGet([]string{"a", "b", "a"})
	require.Error(t, err)
	assert.Equal(t, invalid+"Duplicate value in attribute name: a", message(err))

	_, item := readGiven(t)
	projection, err := expression.AttributesToGet([]string{"a.b", "s", "zz"})
	require.NoError(t, err)
	assertItem(t, `{"a.b":{"S":"dotted"},"s":{"S":"x"}}`, projection.Apply(item))
}

func TestKeysOfIndexesAreNotEmpty(t *testing.T) {
	t.Parallel()
	index := table.Index{Name: "by-g", Global: true, Key: table.Key{Partition: "g", Sort: "sk"}}
	d := &table.Definition{
		Key:    table.Key{Partition: "pk", Sort: "sk"},
		Global: []table.Index{index},
		Attributes: []table.Attribute{
			{Name: "pk", Type: attribute.TypeString},
			{Name: "sk", Type: attribute.TypeString},
			{Name: "g", Type: attribute.TypeBinary},
		},
	}
	const empty = "One or more parameter values are not valid. "
	for _, test := range []struct {
		text string
		key  table.Key
		says string
	}{
		{"pk = :s AND begins_with(sk, :e)", d.Key, empty + "The AttributeValue for a key attribute cannot contain an empty string value. Key: sk"},
		{"pk = :s AND sk BETWEEN :e AND :s", d.Key, empty + "The AttributeValue for a key attribute cannot contain an empty string value. Key: sk"},
		{"g = :eb", index.Key, empty + "A value specified for a secondary index key is not supported. " +
			"The AttributeValue for a key attribute cannot contain an empty binary value. IndexName: by-g, IndexKey: g"},
	} {
		t.Run(test.text, func(t *testing.T) {
			t.Parallel()
			p, err := newPlaceholders(t, `{":s":{"S":"a"},":e":{"S":""},":eb":{"B":""}}`)
			require.NoError(t, err)
			keys, err := p.KeyCondition(test.text)
			require.NoError(t, err)
			_, _, err = keys.For(test.key, d)
			require.Error(t, err)
			assert.Equal(t, test.says, message(err))
		})
	}
}

func TestKeyConditionsNameTheRange(t *testing.T) {
	t.Parallel()
	d := &table.Definition{
		Key: table.Key{Partition: "pk", Sort: "sk"},
		Attributes: []table.Attribute{
			{Name: "pk", Type: attribute.TypeString},
			{Name: "sk", Type: attribute.TypeString},
		},
	}
	for text, sort := range map[string]*expression.KeyTest{
		"pk = :a":             nil,
		"pk = :a AND sk < :b": {Attribute: "sk", Operator: expression.Less, Values: []attribute.Value{attribute.String("b")}},
		":b < sk AND :a = pk": {Attribute: "sk", Operator: expression.Greater, Values: []attribute.Value{attribute.String("b")}},
		"pk = :a AND :b >= sk": {
			Attribute: "sk", Operator: expression.LessOrEqual, Values: []attribute.Value{attribute.String("b")},
		},
		"(sk BETWEEN :b AND :c) AND pk = :a": {
			Attribute: "sk", Operator: expression.Between, Values: []attribute.Value{attribute.String("b"), attribute.String("c")},
		},
		"pk = :a AND begins_with(sk, :c)": {
			Attribute: "sk", Operator: expression.BeginsWith, Values: []attribute.Value{attribute.String("c")},
		},
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			p, err := newPlaceholders(t, `{":a":{"S":"a"},":b":{"S":"b"},":c":{"S":"c"}}`)
			require.NoError(t, err)
			keys, err := p.KeyCondition(text)
			require.NoError(t, err)
			partition, test, err := keys.For(d.Key, d)
			require.NoError(t, err)
			assert.Equal(t, attribute.String("a"), partition)
			assert.Equal(t, sort, test)
		})
	}
}
