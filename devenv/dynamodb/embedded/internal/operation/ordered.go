package operation

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// ordered is a JSON object whose members keep their order: which of several faults a
// client hears of must not be a matter of chance.
type ordered[T any] []member[T]

type member[T any] struct {
	Name  string
	Value T
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (o *ordered[T]) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if dec.PeekKind() != '{' {
		// The object's own type makes the error, with the words for a map.
		return json.UnmarshalDecode(dec, new(map[string]T))
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	*o = ordered[T]{}
	places := map[string]int{}
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return err
		}
		m := member[T]{Name: name.String()}
		if err := json.UnmarshalDecode(dec, &m.Value); err != nil {
			return err
		}
		if i, again := places[m.Name]; again {
			(*o)[i] = m // the last of a name counts
			continue
		}
		places[m.Name] = len(*o)
		*o = append(*o, m)
	}
	_, err := dec.ReadToken()
	return err
}

// MarshalJSONTo implements json.MarshalerTo.
func (o ordered[T]) MarshalJSONTo(enc *jsontext.Encoder) error {
	if err := enc.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	for _, m := range o {
		if err := enc.WriteToken(jsontext.String(m.Name)); err != nil {
			return err
		}
		if err := json.MarshalEncode(enc, m.Value); err != nil {
			return err
		}
	}
	return enc.WriteToken(jsontext.EndObject)
}
