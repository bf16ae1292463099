// Package key writes key values so that comparing bytes compares keys: a store that
// sorts bytes then iterates in DynamoDB's order. It knows neither tables nor storage.
// Read this file first; number.go has the numbers.
//
// The forms are written to disk. They never change: another form would need a new
// format version of the store.
//
//	string   01 bytes, 00 as 00 FF, end 00 01
//	binary   02 likewise
//	number   03 (negative), 04 (zero), 05 (positive): see number.go
//
// The bytes of UTF-8 sort as DynamoDB sorts strings. Every form says itself where it
// ends, and none is the beginning of another, so keys of several values are just their
// forms in a row.
package key

import (
	"bytes"
	"errors"

	"github.com/cespare/xxhash/v2"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
)

// The first bytes.
const (
	tagString   = 0x01
	tagBinary   = 0x02
	tagNegative = 0x03
	tagZero     = 0x04
	tagPositive = 0x05
)

// What follows a zero byte: the end sorts before everything that goes on.
const (
	zeroEnd     = 0x01
	zeroEscaped = 0xFF
)

// errMalformed is what Decode answers to bytes that Append did not write.
var errMalformed = errors.New("malformed key")

// Append appends the form of a key value: a String, Number or Binary. Other types cannot
// be keys, and whoever calls has refused them; nothing is appended for them.
func Append(dst []byte, v attribute.Value) []byte {
	switch v := v.(type) {
	case attribute.String:
		return append(escape(append(dst, tagString), v), 0, zeroEnd)
	case attribute.Binary:
		return append(escape(append(dst, tagBinary), v), 0, zeroEnd)
	case attribute.Number:
		return appendNumber(dst, v)
	default:
		return dst
	}
}

// AppendPrefix appends what the forms of all values that begin with v, a String or
// Binary, begin with, and no others do: for begins_with.
func AppendPrefix(dst []byte, v attribute.Value) []byte {
	switch v := v.(type) {
	case attribute.String:
		return escape(append(dst, tagString), v)
	case attribute.Binary:
		return escape(append(dst, tagBinary), v)
	default:
		return dst
	}
}

func escape[T attribute.String | attribute.Binary](dst []byte, text T) []byte {
	start := len(dst)
	dst = append(dst, text...)
	zeros := bytes.Count(dst[start:], []byte{0})
	if zeros == 0 {
		return dst
	}
	dst = dst[:start]
	for i := range len(text) {
		dst = append(dst, text[i])
		if text[i] == 0 {
			dst = append(dst, zeroEscaped)
		}
	}
	return dst
}

// Decode takes the first value off src, which may have been followed by others.
func Decode(src []byte) (v attribute.Value, rest []byte, err error) {
	if len(src) == 0 {
		return nil, nil, errMalformed
	}
	switch src[0] {
	case tagString:
		text, rest, err := unescape(src[1:])
		return attribute.String(text), rest, err
	case tagBinary:
		text, rest, err := unescape(src[1:])
		return attribute.Binary(text), rest, err
	case tagNegative, tagZero, tagPositive:
		return decodeNumber(src)
	default:
		return nil, nil, errMalformed
	}
}

func unescape(src []byte) (text, rest []byte, err error) {
	text = make([]byte, 0, bytes.IndexByte(src, 0)+1)
	for {
		zero := bytes.IndexByte(src, 0)
		if zero < 0 || zero+1 == len(src) {
			return nil, nil, errMalformed
		}
		text, src = append(text, src[:zero]...), src[zero:]
		switch src[1] {
		case zeroEnd:
			return text, src[2:], nil
		case zeroEscaped:
			text, src = append(text, 0), src[2:]
		default:
			return nil, nil, errMalformed
		}
	}
}

// Hash is the place of a partition in a Scan, whose segments are ranges of hashes. It is
// spread evenly and stored, so it is fixed for ever: XXH64 of the key's form.
func Hash(v attribute.Value) uint64 {
	var buffer [64]byte
	return xxhash.Sum64(Append(buffer[:0], v))
}
