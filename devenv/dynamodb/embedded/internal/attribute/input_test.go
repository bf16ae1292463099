package attribute_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
)

const (
	empty      = "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
	several    = "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"
	notNull    = "One or more parameter values were invalid: Null attribute value types must have the value of true"
	tooDeep    = "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"
	notNumeric = "The parameter cannot be converted to a numeric value"
	setPrefix  = "One or more parameter values were invalid: "
)

// decoded is what the operations decode requests with.
func decoded(t require.TestingT, text string, in any) {
	require.NoError(t, json.Unmarshal([]byte(text), in, jsontext.AllowDuplicateNames(true)), text)
}

func TestValuesAreDecoded(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]attribute.Value{
		`{"S":"a"}`:                         attribute.String("a"),
		` { "S" : "\u00fc\n\"" } `:          attribute.String("ü\n\""),
		`{"S":""}`:                          attribute.String(""),
		`{"N":"1.50"}`:                      attribute.Number("1.5"),
		`{"B":"AQI="}`:                      attribute.Binary{1, 2},
		`{"B":""}`:                          attribute.Binary{},
		`{"BOOL":false}`:                    attribute.Boolean(false),
		`{"BOOL":"yes"}`:                    attribute.Boolean(true),
		`{"NULL":true}`:                     attribute.Null{},
		`{"NULL":"true"}`:                   attribute.Null{},
		`{"L":[]}`:                          attribute.List{},
		`{"L":[{"S":"a"}, {"N":"1"}]}`:      attribute.List{attribute.String("a"), attribute.Number("1")},
		`{"M":{}}`:                          attribute.Map{},
		`{"M":{"a":{"M":{"b":{"S":"c"}}}}}`: attribute.Map{"a": attribute.Map{"b": attribute.String("c")}},
		`{"SS":["b","a",""]}`:               attribute.StringSet{"b", "a", ""},
		`{"NS":["2","1.0"]}`:                attribute.NumberSet{"2", "1"},
		`{"BS":["Ag==","AQ=="]}`:            attribute.BinarySet{{2}, {1}},
		`{"X":{"a":[1,"}"],"b":{}},"S":"a","Y":null}`:    attribute.String("a"),
		`{"S":null,"N":"1"}`:                             attribute.Number("1"),
		`{"S":"a","S":"b"}`:                              attribute.String("b"),
		`{"M":{"a":{"S":"first"},"a":{"S":"the last"}}}`: attribute.Map{"a": attribute.String("the last")},
	} {
		var in attribute.Input
		decoded(t, text, &in)
		assert.True(t, in.IsSet())
		got, err := in.Value()
		require.NoError(t, err, text)
		assert.Empty(t, cmp.Diff(want, got), text)
	}
}

func TestInvalidValuesAreToldWhenTheyAreAskedFor(t *testing.T) {
	t.Parallel()
	for text, message := range map[string]string{
		`{}`:                          empty,
		`{"X":1}`:                     empty,
		`{"S":null}`:                  empty,
		`{"L":[{}]}`:                  empty,
		`{"L":[null]}`:                empty,
		`{"M":{"a":{}}}`:              empty,
		`{"S":"a","N":"1"}`:           several,
		`{"S":"a","N":"x"}`:           notNumeric + ": x",
		`{"N":"x","S":"a"}`:           notNumeric + ": x",
		`{"N":""}`:                    notNumeric,
		`{"L":[{"N":"x"},{"N":"y"}]}`: notNumeric + ": x",
		`{"NULL":false}`:              notNull,
		`{"NULL":"no"}`:               notNull,
		`{"SS":[]}`:                   setPrefix + "An string set  may not be empty",
		`{"NS":[]}`:                   setPrefix + "An number set  may not be empty",
		`{"BS":[]}`:                   setPrefix + "Binary sets should not be empty",
		`{"SS":["a",null]}`:           setPrefix + "An string set may not have a null string as a member",
		`{"SS":["a","b","a"]}`:        setPrefix + "Input collection [a, b, a] contains duplicates.",
		`{"NS":["1","1.0"]}`:          "Input collection contains duplicates",
		`{"NS":["1","x"]}`:            notNumeric + ": x",
		`{"NS":[""]}`:                 notNumeric,
		`{"BS":["AA==","AA=="]}`:      setPrefix + "Input collection [AA==, AA==]of type BS contains duplicates.",
		`{"SS":[],"N":"x"}`:           setPrefix + "An string set  may not be empty",
		`{"M":{"":{"S":"a"}}}`:        "Empty attribute name",
		nest(32, `{"S":"a"}`):         tooDeep,
		nest(31, `{"L":[]}`):          tooDeep,
		nest(31, `{"N":"x"}`):         notNumeric + ": x",
		nest(40, `{"N":"x"}`):         tooDeep,
		manyStrings("a", 20):          setPrefix + "Input collection [" + strings.Repeat("a, ", 19) + "a] contains duplicates.",
		`{"L":[` + nest(40, `{}`) + `, {"N":"x"}]}`: tooDeep,
	} {
		var in attribute.Input
		decoded(t, text, &in)
		assert.True(t, in.IsSet())
		_, err := in.Value()
		assertValidation(t, message, err)
	}
	for _, text := range []string{nest(31, `{"S":"a"}`), nest(30, `{"L":[]}`)} {
		var in attribute.Input
		decoded(t, text, &in)
		_, err := in.Value()
		require.NoError(t, err)
	}
}

// nest puts a value into lists and maps, in turn.
func nest(levels int, value string) string {
	for level := range levels {
		if level%2 == 0 {
			value = `{"L":[` + value + `]}`
		} else {
			value = `{"M":{"a":` + value + `}}`
		}
	}
	return value
}

func manyStrings(text string, n int) string {
	return `{"SS":["` + strings.Repeat(text+`","`, n-1) + text + `"]}`
}

func TestWhatHasNotTheShapeOfAValueIsASerializationException(t *testing.T) {
	t.Parallel()
	const (
		structure  = "Start of structure or map found where not expected"
		unexpected = "Unexpected field type"
		value      = "com.amazonaws.dynamodb.v20120810.AttributeValue"
	)
	for text, message := range map[string]string{
		`1`:                 unexpected,
		`"a"`:               unexpected,
		`true`:              unexpected,
		`[]`:                "Unrecognized collection type class " + value,
		`{"S":1}`:           "NUMBER_VALUE cannot be converted to String",
		`{"S":1.5}`:         "DECIMAL_VALUE cannot be converted to String",
		`{"S":true}`:        "TRUE_VALUE cannot be converted to String",
		`{"N":false}`:       "FALSE_VALUE cannot be converted to String",
		`{"N":{}}`:          structure,
		`{"N":[]}`:          "Unrecognized collection type class java.lang.String",
		`{"B":1}`:           "only base-64-encoded strings are convertible to bytes",
		`{"B":true}`:        "only base-64-encoded strings are convertible to bytes",
		`{"B":{}}`:          structure,
		`{"B":[]}`:          "Unrecognized collection type class java.nio.ByteBuffer",
		`{"B":"a"}`:         "Base64 encoded length is expected a multiple of 4 bytes but found: 1",
		`{"B":"YWF\n"}`:     "Invalid last non-pad Base64 character dectected",
		`{"B":"YWFh\n"}`:    "Base64 encoded length is expected a multiple of 4 bytes but found: 5",
		`{"B":"ab=="}`:      "Invalid last non-pad Base64 character dectected",
		`{"B":"===="}`:      "Invalid last non-pad Base64 character dectected",
		`{"BOOL":1}`:        "NUMBER_VALUE cannot be converted to Boolean",
		`{"BOOL":1e3}`:      "DECIMAL_VALUE cannot be converted to Boolean",
		`{"BOOL":"x"}`:      "Unexpected token received from parser",
		`{"BOOL":[]}`:       "Unrecognized collection type class java.lang.Boolean",
		`{"BOOL":{}}`:       structure,
		`{"SS":"a"}`:        unexpected,
		`{"SS":{}}`:         structure,
		`{"SS":[1]}`:        "NUMBER_VALUE cannot be converted to String",
		`{"NS":[[]]}`:       "Unrecognized collection type class java.lang.String",
		`{"BS":["a"]}`:      "Base64 encoded length is expected a multiple of 4 bytes but found: 1",
		`{"L":1}`:           unexpected,
		`{"L":{}}`:          structure,
		`{"L":[1]}`:         "Unexpected value type in payload",
		`{"L":[[]]}`:        "Unrecognized collection type class " + value,
		`{"M":"a"}`:         unexpected,
		`{"M":[]}`:          "Unrecognized collection type java.util.Map<java.lang.String, " + value + ">",
		`{"M":{"a":"x"}}`:   "Unexpected value type in payload",
		`{"N":"x","S":1}`:   "NUMBER_VALUE cannot be converted to String",
		`{"S":"a","L":[1]}`: "Unexpected value type in payload",
	} {
		assertSerialization(t, message, text, new(attribute.Input))
	}
	assertSerialization(t, "Unexpected value type in payload", `[{"S":"a"},1]`, new([]attribute.Input))
	assertSerialization(t, "Unexpected field type", `{"Value":"a"}`, new(struct{ Value attribute.Input }))
	assertSerialization(t, "Unexpected field type", `1`, new(attribute.ItemInput))
	assertSerialization(t, "Unrecognized collection type java.util.Map<java.lang.String, "+value+">", `[]`, new(attribute.ItemInput))
	assertSerialization(t, "Unexpected value type in payload", `{"a":"b"}`, new(attribute.ItemInput))
	assertSerialization(t, "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class java.lang.Class "+
		"(sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and java.lang.Class are in module java.base of loader 'bootstrap')",
		`["a"]`, new([]attribute.ItemInput))
}

func assertSerialization(t *testing.T, message, text string, in any) {
	t.Helper()
	err := json.Unmarshal([]byte(text), in)
	e, ok := errors.AsType[*exception.Exception](err)
	require.True(t, ok, "%s: %v", text, err)
	assert.Equal(t, exception.SerializationName, e.Name, text)
	assert.Equal(t, message, e.Message, text)
}

func TestWhatIsNotThereOrNullIsNotSet(t *testing.T) {
	t.Parallel()
	var in struct {
		Value, Null attribute.Input
		Item, None  attribute.ItemInput
	}
	decoded(t, `{"Null":null,"None":null}`, &in)
	assert.False(t, in.Value.IsSet())
	assert.False(t, in.Null.IsSet())
	assert.False(t, in.Item.IsSet())
	assert.False(t, in.None.IsSet())
	assert.Zero(t, in.None.Len())
	assert.False(t, in.Item.Get("a").IsSet())
}

func TestMapsKeepTheOrderOfTheRequest(t *testing.T) {
	t.Parallel()
	var in attribute.ItemInput
	decoded(t, `{"b":{"S":"1"},"a":{"N":"x"},"b":{"N":"2"},"c":{}}`, &in)
	assert.True(t, in.IsSet())
	assert.Equal(t, 3, in.Len())
	assert.Equal(t, []string{"b", "a", "c"}, in.Names())

	_, err := in.Item()
	assertValidation(t, notNumeric+": x", err)
	_, err = in.Get("c").Value()
	assertValidation(t, empty, err)
	b, err := in.Get("b").Value()
	require.NoError(t, err)
	assert.Equal(t, attribute.Number("2"), b)
	assert.False(t, in.Get("d").IsSet())
}

func TestOfANameThatComesTwiceTheFirstMayBeInvalid(t *testing.T) {
	t.Parallel()
	var in attribute.ItemInput
	decoded(t, `{"a":{"N":"x"},"a":{"N":"1"}}`, &in)
	item, err := in.Item()
	require.NoError(t, err)
	assert.Equal(t, attribute.Item{"a": attribute.Number("1")}, item)
}

func TestAnItemHasNoEmptyName(t *testing.T) {
	t.Parallel()
	var in attribute.ItemInput
	decoded(t, `{"a":{"S":"x"},"":{"S":"x"}}`, &in)
	_, err := in.Item()
	assertValidation(t, "Empty attribute name", err)
}

func TestInputsArePrintedAsJavaDoes(t *testing.T) {
	t.Parallel()
	var in attribute.ItemInput
	decoded(t, `{"k":{"S":"x"},"v":{"L":[{"M":{"a":{"NULL":true},"b":{"BOOL":false}}},{"NS":["1","2"]},{"B":"AQ=="}]},"w":{}}`, &in)
	assert.Equal(t, "{k=AttributeValue(S=x), v=AttributeValue(L=[AttributeValue(M={a=AttributeValue(NULL=true), "+
		"b=AttributeValue(BOOL=false)}), AttributeValue(NS=[1, 2]), AttributeValue(B=AQ==)]), w=AttributeValue()}", in.String())
}
