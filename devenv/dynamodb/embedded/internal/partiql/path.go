package partiql

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
)

// Alias is the name under which SELECT returns what is at the path: its last name, with
// the indexes behind it: l[0] of m.l[0].
func (p Path) Alias() string {
	last := len(p) - 1
	for last > 0 && p[last].IsIndex {
		last--
	}
	var name strings.Builder
	name.WriteString(p[last].Name)
	for _, index := range p[last+1:] {
		name.WriteString("[" + strconv.Itoa(index.Index) + "]")
	}
	return name.String()
}

// In returns the value at the path in an item, nil when there is none.
func (p Path) In(item attribute.Item) attribute.Value {
	var value attribute.Value = item
	for _, element := range p {
		switch container := value.(type) {
		case attribute.Map:
			if element.IsIndex {
				return nil
			}
			value = container[element.Name]
		case attribute.List:
			if !element.IsIndex || element.Index >= len(container) {
				return nil
			}
			value = container[element.Index]
		default:
			return nil
		}
	}
	return value
}

// Equal reports whether two paths are the same.
func (p Path) Equal(other Path) bool { return slices.Equal(p, other) }
