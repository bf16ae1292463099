package attribute

import (
	"encoding/base64"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// usualNames is how many attributes an item has at most, usually.
const usualNames = 16

// AppendItem appends an item as it is on the wire: {"name":{"S":"x"},…}. The names are
// sorted and nothing is optional, so equal items whose sets are in one order are equal
// bytes. It is also the form in which items are stored.
func AppendItem(dst []byte, item Item) []byte {
	var room [usualNames]string
	names := room[:0]
	for name := range item {
		names = append(names, name)
	}
	slices.Sort(names)
	dst = append(dst, '{')
	for i, name := range names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendQuoted(dst, name)
		dst = append(dst, ':')
		dst = AppendValue(dst, item[name])
	}
	return append(dst, '}')
}

// AppendValue appends a value as it is on the wire: {"S":"x"}.
func AppendValue(dst []byte, v Value) []byte {
	dst = append(dst, `{"`...)
	dst = append(dst, v.Type()...)
	dst = append(dst, `":`...)
	switch v := v.(type) {
	case String:
		dst = appendQuoted(dst, v)
	case Number:
		dst = appendBare(dst, v)
	case Binary:
		dst = appendBase64(dst, v)
	case Boolean:
		dst = strconv.AppendBool(dst, bool(v))
	case Null:
		dst = append(dst, "true"...)
	case List:
		dst = appendArray(dst, v, AppendValue)
	case Map:
		dst = AppendItem(dst, v)
	case StringSet:
		dst = appendArray(dst, v, appendQuoted[string])
	case NumberSet:
		dst = appendArray(dst, v, appendBare)
	case BinarySet:
		dst = appendArray(dst, v, appendBase64)
	}
	return append(dst, '}')
}

func appendArray[E any](dst []byte, elements []E, appendElement func([]byte, E) []byte) []byte {
	dst = append(dst, '[')
	for i, element := range elements {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendElement(dst, element)
	}
	return append(dst, ']')
}

func appendQuoted[T ~string](dst []byte, text T) []byte {
	dst, _ = jsontext.AppendQuote(dst, text) // fails on invalid UTF-8, which it replaces; no request has it
	return dst
}

// appendBare quotes a text in which nothing needs an escape.
func appendBare(dst []byte, n Number) []byte {
	dst = append(dst, '"')
	dst = append(dst, n...)
	return append(dst, '"')
}

func appendBase64(dst, data []byte) []byte {
	dst = append(dst, '"')
	dst = base64.StdEncoding.AppendEncode(dst, data)
	return append(dst, '"')
}
