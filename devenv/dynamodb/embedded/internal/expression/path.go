package expression

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
)

// An Element is one step of a path: the name of an attribute or of a map's entry, or an
// index into a list.
type Element struct {
	Name    string
	Index   int
	IsIndex bool
}

// A Path leads to a value in an item. Its first element is a name.
type Path []Element

// String returns the path as DynamoDB's messages show it: [a, [0], b].
func (p Path) String() string {
	var text strings.Builder
	text.WriteByte('[')
	for i, e := range p {
		if i > 0 {
			text.WriteString(", ")
		}
		if e.IsIndex {
			text.WriteString("[" + strconv.Itoa(e.Index) + "]")
		} else {
			text.WriteString(e.Name)
		}
	}
	text.WriteByte(']')
	return text.String()
}

func (p Path) equal(q Path) bool { return slices.Equal(p, q) }

// in returns the value to which the path leads, or nil.
func (p Path) in(item attribute.Item) attribute.Value {
	value := item[p[0].Name]
	for _, e := range p[1:] {
		value = e.in(value)
	}
	return value
}

// in returns what an element leads to, or nil.
func (e Element) in(value attribute.Value) attribute.Value {
	switch v := value.(type) {
	case attribute.Map:
		if !e.IsIndex {
			return v[e.Name]
		}
	case attribute.List:
		if e.IsIndex && e.Index < len(v) {
			return v[e.Index]
		}
	default:
	}
	return nil
}
