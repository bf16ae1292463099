package expression_test

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/expression"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/table"
)

// The files of testdata hold what DynamoDB Local 3.3.1 answered to expressions, one
// [expression, answer] a line, when the item and the placeholders were those of given.json
// (only those that occur in the expression). Where AWS is known to answer otherwise, the
// file has AWS's answer.

type given struct {
	Values attribute.ItemInput `json:"values"`
	Names  map[string]string   `json:"names"`
	Item   attribute.ItemInput `json:"item"`
}

func readGiven(t testing.TB) (given, attribute.Item) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "given.json"))
	require.NoError(t, err)
	var g given
	require.NoError(t, json.Unmarshal(data, &g))
	item, err := g.Item.Item()
	require.NoError(t, err)
	return g, item
}

func readAnswers(t testing.TB, file string) [][2]string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", file))
	require.NoError(t, err)
	var answers [][2]string
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		var answer [2]string
		require.NoError(t, json.Unmarshal(lines.Bytes(), &answer))
		answers = append(answers, answer)
	}
	return answers
}

var placeholder = regexp.MustCompile(`[:#][a-z0-9]+`)

// placeholders returns those of g that occur in an expression.
func (g given) placeholders(t *testing.T, text string) *expression.Placeholders {
	t.Helper()
	names, values := map[string]string{}, map[string]string{}
	for _, p := range placeholder.FindAllString(text, -1) {
		if name, ok := g.Names[p]; ok {
			names[p] = name
		}
		if input := g.Values.Get(p); input.IsSet() {
			value, err := input.Value()
			require.NoError(t, err)
			values[p] = string(attribute.AppendValue(nil, value))
		}
	}
	var input attribute.ItemInput
	if len(values) > 0 {
		var members []string
		for p, value := range values {
			members = append(members, `"`+p+`":`+value)
		}
		require.NoError(t, json.Unmarshal([]byte("{"+strings.Join(members, ",")+"}"), &input))
	}
	p, err := expression.NewPlaceholders(names, len(names) > 0, input)
	require.NoError(t, err)
	return p
}

// message returns an error as a client sees it.
func message(err error) string {
	e := exception.Of(err)
	if e.Name != exception.ValidationName {
		return err.Error()
	}
	return e.Message
}

func TestConditionsAreAnsweredAsRecorded(t *testing.T) {
	t.Parallel()
	g, item := readGiven(t)
	for _, answer := range readAnswers(t, "conditions.jsonl") {
		t.Run(answer[0], func(t *testing.T) {
			t.Parallel()
			condition, err := g.placeholders(t, answer[0]).Condition("ConditionExpression", answer[0])
			if err != nil {
				assert.Equal(t, answer[1], message(err))
				return
			}
			matches := condition.Matches(item)
			assert.Equal(t, answer[1] == "true", matches, answer[1])
			assert.Contains(t, []string{"true", "false"}, answer[1])
		})
	}
}

func TestUpdatesAreAnsweredAsRecorded(t *testing.T) {
	t.Parallel()
	g, item := readGiven(t)
	item["pk"], item["sk"] = attribute.String("a"), attribute.Number("1")
	before := string(attribute.AppendItem(nil, item))
	for _, answer := range readAnswers(t, "updates.jsonl") {
		t.Run(answer[0], func(t *testing.T) {
			t.Parallel()
			update, err := g.placeholders(t, answer[0]).Update(answer[0])
			if err != nil {
				assert.Equal(t, answer[1], message(err))
				return
			}
			updated, err := update.Apply(item)
			assert.Equal(t, before, string(attribute.AppendItem(nil, item)), "the item itself is not changed")
			if err != nil {
				assert.Equal(t, answer[1], message(err))
				return
			}
			assertItem(t, answer[1], updated)
		})
	}
}

func TestProjectionsAreAnsweredAsRecorded(t *testing.T) {
	t.Parallel()
	g, item := readGiven(t)
	for _, answer := range readAnswers(t, "projections.jsonl") {
		t.Run(answer[0], func(t *testing.T) {
			t.Parallel()
			projection, err := g.placeholders(t, answer[0]).Projection(answer[0])
			if err != nil {
				assert.Equal(t, answer[1], message(err))
				return
			}
			assertItem(t, answer[1], projection.Apply(item))
		})
	}
}

func TestKeyConditionsAreAnsweredAsRecorded(t *testing.T) {
	t.Parallel()
	d := &table.Definition{
		Key: table.Key{Partition: "pk", Sort: "sk"},
		Attributes: []table.Attribute{
			{Name: "pk", Type: attribute.TypeString},
			{Name: "sk", Type: attribute.TypeNumber},
		},
	}
	var g given
	require.NoError(t, json.Unmarshal([]byte(`{":s":{"S":"a"},":n":{"N":"1"},":n2":{"N":"2"},":b":{"B":"YQ=="},":e":{"S":""},
		":l":{"L":[]},":ss":{"SS":["a"]},":t":{"BOOL":true}}`), &g.Values))
	for _, answer := range readAnswers(t, "keyconditions.jsonl") {
		t.Run(answer[0], func(t *testing.T) {
			t.Parallel()
			keys, err := g.placeholders(t, answer[0]).KeyCondition(answer[0])
			if err == nil {
				_, _, err = keys.For(d.Key, d)
			}
			said := "OK"
			if err != nil {
				said = message(err)
			}
			assert.Equal(t, answer[1], said)
		})
	}
}

// assertItem compares an item with the JSON of another.
func assertItem(t *testing.T, expected string, item attribute.Item) {
	t.Helper()
	var input attribute.ItemInput
	require.NoError(t, json.Unmarshal([]byte(expected), &input), expected)
	other, err := input.Item()
	require.NoError(t, err)
	if !attribute.Equal(other, item) {
		assert.Equal(t, string(attribute.AppendItem(nil, other)), string(attribute.AppendItem(nil, item)))
	}
}
