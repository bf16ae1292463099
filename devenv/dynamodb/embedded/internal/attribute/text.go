package attribute

import (
	"encoding/base64"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// String prints the value as Java does, for messages: AttributeValue(S=x).
func (in Input) String() string {
	if in.value == nil {
		return "AttributeValue()"
	}
	return javaText(in.value)
}

// String prints the values as Java does, for messages: {name=AttributeValue(S=x)}.
func (in ItemInput) String() string {
	entries := make([]string, len(in.names))
	for i, name := range in.names {
		entries[i] = name + "=" + in.Get(name).String()
	}
	return "{" + strings.Join(entries, ", ") + "}"
}

func javaText(v Value) string {
	if v == nil {
		return "AttributeValue()"
	}
	text := ""
	switch v := v.(type) {
	case String:
		text = string(v)
	case Number:
		text = string(v)
	case Binary:
		text = base64.StdEncoding.EncodeToString(v)
	case Boolean:
		text = strconv.FormatBool(bool(v))
	case Null:
		text = "true"
	case List:
		text = joined(v, javaText)
	case Map:
		entries := make([]string, 0, len(v))
		for _, name := range slices.Sorted(maps.Keys(v)) {
			entries = append(entries, name+"="+javaText(v[name]))
		}
		text = "{" + strings.Join(entries, ", ") + "}"
	case StringSet:
		text = joined(v, func(member string) string { return member })
	case NumberSet:
		text = joined(v, func(member Number) string { return string(member) })
	case BinarySet:
		text = joined(v, base64.StdEncoding.EncodeToString)
	}
	return "AttributeValue(" + string(v.Type()) + "=" + text + ")"
}

func joined[E any](elements []E, text func(E) string) string {
	texts := make([]string, len(elements))
	for i, element := range elements {
		texts[i] = text(element)
	}
	return "[" + strings.Join(texts, ", ") + "]"
}
