package attribute

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
)

// An Input is one AttributeValue of a request. DynamoDB looks at the shape of a request
// first, then at much else, and at the values late: so decoding fails on what has not the
// shape of a value, while an invalid value is decoded and what is wrong with it comes
// from Value.
//
//nolint:recvcheck // decoding needs the pointer; else it is a value, like what it holds
type Input struct {
	set     bool
	value   Value
	invalid error
}

// IsSet reports whether the request has the value.
func (in Input) IsSet() bool { return in.set }

// Value returns the value, or a ValidationException: no type or several, a bad number, a
// set that is empty or has duplicates, a NULL that is not true, too many levels. What is
// not set, as a null in a list, has no type.
func (in Input) Value() (Value, error) {
	switch {
	case in.invalid != nil:
		return nil, in.invalid
	case !in.set:
		return nil, errNoType()
	default:
		return in.value, nil
	}
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom. Its errors about the shape are
// SerializationExceptions.
func (in *Input) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*in = Input{}
	json, err := dec.ReadValue()
	if err != nil {
		return err
	}
	if json.Kind() == 'n' {
		return nil
	}
	// Members of structures are told otherwise than elements of lists.
	unexpected := "Unexpected field type"
	if isElement(dec) {
		unexpected = "Unexpected value type in payload"
	}
	d := decoder{scanner: scanner{text: string(json)}}
	value, invalid, err := d.value(0, unexpected)
	if err != nil {
		return err
	}
	*in = Input{set: true, value: value, invalid: invalid}
	return nil
}

// isElement reports whether the value that was read last is in an array.
func isElement(dec *jsontext.Decoder) bool {
	kind, _ := dec.StackIndex(dec.StackDepth())
	return kind == '['
}

// An ItemInput is a map of AttributeValues of a request: an item, a key, the values of
// expressions. It treats them as an [Input] does its value.
//
//nolint:recvcheck // decoding needs the pointer; else it is a value, like what it holds
type ItemInput struct {
	set     bool
	names   []string
	values  Map
	invalid map[string]error // by name; nil when there are none
}

// IsSet reports whether the request has the map.
func (in ItemInput) IsSet() bool { return in.set }

// Len returns how many values there are.
func (in ItemInput) Len() int { return len(in.names) }

// Names returns the names in the order of the request. The slice is not the caller's.
func (in ItemInput) Names() []string { return in.names }

// Get returns a value, which is not set when there is none of this name.
func (in ItemInput) Get(name string) Input {
	value, ok := in.values[name]
	return Input{set: ok, value: value, invalid: in.invalid[name]}
}

// Item returns the values, or the ValidationException of the first that has one. The map
// is not the caller's: it is always the same.
func (in ItemInput) Item() (Item, error) {
	if _, ok := in.values[""]; len(in.invalid) > 0 || ok {
		for _, name := range in.names {
			if err := in.invalid[name]; err != nil {
				return nil, err
			}
			if name == "" {
				return nil, errEmptyName()
			}
		}
	}
	return in.values, nil
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom. Its errors about the shape are
// SerializationExceptions.
func (in *ItemInput) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*in = ItemInput{}
	json, err := dec.ReadValue()
	if err != nil {
		return err
	}
	switch json.Kind() {
	case 'n':
		return nil
	case '{':
	case '[':
		return mapExpected()
	default:
		if isElement(dec) {
			return exception.Serialization(exception.ParameterizedType)
		}
		return exception.Serialization("Unexpected field type")
	}
	*in = ItemInput{set: true, names: make([]string, 0, usualNames/2), values: Map{}}
	d := decoder{scanner: scanner{text: string(json)}}
	_, err = d.members(in.values, 0, in.added)
	return err
}

// added hears of a member that was put into values. The last of a name counts.
func (in *ItemInput) added(name string, invalid error) {
	if len(in.values) > len(in.names) {
		in.names = append(in.names, name)
	}
	delete(in.invalid, name)
	if invalid != nil {
		if in.invalid == nil {
			in.invalid = map[string]error{}
		}
		in.invalid[name] = invalid
	}
}
