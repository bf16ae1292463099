package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json/jsontext"
)

// strictJSON is how v1 reads and writes JSON.
//
// Reading refuses what encoding/json lets pass in silence, and by which something
// that was sent would be lost: two members of one name (the last wins), invalid
// UTF-8 and lone surrogates (they become U+FFFD).
var strictJSON = huma.Format{
	Marshal: writeJSON,
	Unmarshal: func(data []byte, v any) error {
		// huma reads a body twice: into any, to hold it against the schema, then into
		// the operation's type.
		if tree, ok := v.(*any); ok {
			value, err := readJSON(data)
			*tree = value
			return err
		}
		return unmarshal(data, v)
	},
}

// suffixedJSON is for media types that end in +json. Problem details are written so;
// none is read: a patch, say, is no review.
var suffixedJSON = huma.Format{
	Marshal:   writeJSON,
	Unmarshal: func([]byte, any) error { return huma.ErrUnknownContentType },
}

func writeJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}

// jsonNull stands for an explicit null. huma's validation takes a nil in a map for a
// member that is not there; no schema of ours allows null, and this is no string,
// number or object either.
type jsonNull struct{}

// readJSON parses one JSON text (RFC 8259) strictly, as I-JSON (RFC 7493). Its error
// says where, and is fit to be shown.
func readJSON(data []byte) (any, error) {
	decoder := jsontext.NewDecoder(bytes.NewReader(data))
	value, err := readValue(decoder)
	if err != nil {
		return nil, malformed(err)
	}
	if _, err := decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("malformed JSON: something follows the first value at byte %d", decoder.InputOffset())
	}
	return value, nil
}

func readValue(decoder *jsontext.Decoder) (any, error) {
	token, err := decoder.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case '{':
		object := map[string]any{}
		for decoder.PeekKind() != '}' {
			name, err := decoder.ReadToken()
			if err != nil {
				return nil, err
			}
			member := name.String()
			if object[member], err = readValue(decoder); err != nil {
				return nil, err
			}
		}
		_, err = decoder.ReadToken()
		return object, err
	case '[':
		array := []any{}
		for decoder.PeekKind() != ']' {
			element, err := readValue(decoder)
			if err != nil {
				return nil, err
			}
			array = append(array, element)
		}
		_, err = decoder.ReadToken()
		return array, err
	case '"':
		return token.String(), nil
	case '0':
		// For comparing with bounds; the operation's type reads the exact one. Too large
		// a number is the largest that there is: no JSON could show an infinite one.
		approximate, _ := token.Float()
		return max(-math.MaxFloat64, min(approximate, math.MaxFloat64)), nil
	case 't', 'f':
		return token.Bool(), nil
	default:
		return jsonNull{}, nil
	}
}

// malformed puts a syntax error in words without the decoder's name in them.
func malformed(err error) error {
	var syntactic *jsontext.SyntacticError
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		errors.As(err, &syntactic)
		return fmt.Errorf("malformed JSON: the member %s stands there twice", syntactic.JSONPointer)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return errors.New("malformed JSON: it ends too early")
	case errors.As(err, &syntactic):
		return fmt.Errorf("malformed JSON at byte %d: %s", syntactic.ByteOffset, strings.TrimPrefix(syntactic.Err.Error(), "jsontext: "))
	default:
		return errors.New("malformed JSON")
	}
}

// unmarshal reads JSON that readJSON took into a Go value. What it still refuses is
// said without naming Go's types.
func unmarshal(data []byte, v any) error {
	err := json.Unmarshal(data, v)
	if mismatch, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("unexpected %s at %s", mismatch.Value, mismatch.Field)
	}
	return err
}
