package expression

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
)

// Placeholders are ExpressionAttributeNames and ExpressionAttributeValues of one request.
// They make its expressions, and remember what these used: a placeholder that nobody uses
// is an error. They are not safe for concurrent use.
type Placeholders struct {
	names     map[string]string
	usedNames []string

	values []placedValue
	places map[string]int // of values, when there are many
}

type placedValue struct {
	placeholder string
	value       attribute.Value
	used        bool
}

// Sizes in bytes of a placeholder, of the name for which one stands, and of the values of
// all.
const (
	maxPlaceholder = 255
	maxName        = 65535
	maxValues      = 2 << 20
)

// From so many values on, they are found by a map.
const manyValues = 16

// NewPlaceholders checks placeholders and what they stand for. namesSet tells names that
// are empty, which is an error, from names that are absent.
func NewPlaceholders(names map[string]string, namesSet bool, values attribute.ItemInput) (*Placeholders, error) {
	p := &Placeholders{names: names}
	if namesSet {
		if err := checkNames(names); err != nil {
			return nil, err
		}
	}
	if !values.IsSet() {
		return p, nil
	}
	if values.Len() == 0 {
		return nil, exception.Validation("ExpressionAttributeValues must not be empty")
	}
	keys := values.Names()
	for _, key := range keys {
		if problem := keyProblem(':', key); problem != "" {
			return nil, exception.Validation("ExpressionAttributeValues contains invalid key: %s", problem)
		}
	}
	p.values = make([]placedValue, len(keys))
	size := 0
	for i, key := range keys {
		value, err := values.Get(key).Value()
		if err != nil {
			e := exception.Of(err)
			if e.Name != exception.ValidationName {
				return nil, err
			}
			return nil, exception.Validation("ExpressionAttributeValues contains invalid value: %s for key %s", e.Message, key)
		}
		p.values[i] = placedValue{placeholder: key, value: value}
		if size += attribute.Size(value); size > maxValues {
			return nil, exception.Validation("ExpressionAttributeValues exceeds max size")
		}
	}
	if len(keys) >= manyValues {
		p.places = make(map[string]int, len(keys))
		for i, key := range keys {
			p.places[key] = i
		}
	}
	return p, nil
}

func checkNames(names map[string]string) error {
	if len(names) == 0 {
		return exception.Validation("ExpressionAttributeNames must not be empty")
	}
	valid := true
	for key, name := range names {
		valid = valid && keyProblem('#', key) == "" && name != "" && len(name) <= maxName
	}
	if valid {
		return nil
	}
	keys := make([]string, 0, len(names))
	for key := range names {
		keys = append(keys, key)
	}
	keys = javaOrder(keys)
	for _, key := range keys {
		if problem := keyProblem('#', key); problem != "" {
			return exception.Validation("ExpressionAttributeNames contains invalid key: %s", problem)
		}
	}
	for _, key := range keys {
		switch name := names[key]; {
		case name == "":
			return exception.Validation("ExpressionAttributeNames contains invalid value: Empty attribute name for key %s", key)
		case len(name) > maxName:
			return exception.Validation("ExpressionAttributeNames contains invalid value: "+
				"Attribute name is too large, must be less than 65536 bytes for key %s", key)
		}
	}
	return nil
}

// keyProblem says what is wrong with a placeholder, or "".
func keyProblem(sigil byte, key string) string {
	switch {
	case key == "":
		return "The expression attribute map contains an empty key;"
	case len(key) > maxPlaceholder && sigil == '#': // DynamoDB tells the size of these only
		return fmt.Sprintf("The expression attribute map contains a key that is too long; size of key: %d", len(key))
	case len(key) > maxPlaceholder:
		return "The expression attribute map contains a key that is too long;"
	case key[0] != sigil || len(key) == 1 || wordEnd(key, 1) != len(key):
		return `Syntax error; key: "` + key + `"`
	}
	return ""
}

// Unused returns the exception for placeholders that no expression used, or nil. It comes
// last: when all expressions of the request have been made.
func (p *Placeholders) Unused() error {
	if len(p.usedNames) < len(p.names) {
		unused := maps.Clone(p.names)
		for _, name := range p.usedNames {
			delete(unused, name)
		}
		return unusedError("ExpressionAttributeNames", slices.Collect(maps.Keys(unused)))
	}
	var unused []string
	for i := range p.values {
		if !p.values[i].used {
			unused = append(unused, p.values[i].placeholder)
		}
	}
	return unusedError("ExpressionAttributeValues", unused)
}

func unusedError(parameter string, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	return exception.Validation("Value provided in %s unused in expressions: keys: {%s}", parameter, joined(javaOrder(keys)))
}

// name returns the name for which a placeholder stands.
func (p *Placeholders) name(placeholder string) (string, bool) {
	name, ok := p.names[placeholder]
	if ok && !slices.Contains(p.usedNames, placeholder) {
		p.usedNames = append(p.usedNames, placeholder)
	}
	return name, ok
}

// value returns the value for which a placeholder stands, or nil.
func (p *Placeholders) value(placeholder string) attribute.Value {
	at := -1
	if p.places != nil {
		if i, ok := p.places[placeholder]; ok {
			at = i
		}
	} else {
		at = slices.IndexFunc(p.values, func(v placedValue) bool { return v.placeholder == placeholder })
	}
	if at < 0 {
		return nil
	}
	p.values[at].used = true
	return p.values[at].value
}
