package attribute

import (
	"encoding/base64"
	"strings"
	"unicode/utf16"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
)

// Kinds of text in messages: the Java types behind the service model.
const (
	javaBoolean = "java.lang.Boolean"
	javaString  = "java.lang.String"
	javaBytes   = "java.nio.ByteBuffer"
	javaValue   = "com.amazonaws.dynamodb.v20120810.AttributeValue"
)

// DecodeItem reads what AppendItem wrote, and trusts it: only what cannot be understood
// at all is an error.
func DecodeItem(json []byte) (Item, error) {
	d := decoder{scanner: scanner{text: string(json)}, trusted: true}
	if d.peek() != '{' {
		return nil, errMalformed
	}
	item := Item{}
	invalid, err := d.members(item, 0, nil)
	if err != nil {
		return nil, err
	}
	return item, invalid
}

// A decoder makes values of JSON. Its methods tell two kinds of errors apart. invalid is
// about a value that DynamoDB refuses when it comes to look at it; decoding goes on, and
// of several the one is kept that DynamoDB would tell. err ends it: a
// SerializationException, as the JSON has not the shape of values.
type decoder struct {
	scanner

	trusted bool // values are in normal form and valid
}

// members reads the object at d into m, which is within so many lists and maps. Of each
// member it tells each, if there is one, which then has to mind what is invalid.
func (d *decoder) members(m Map, within int, each func(name string, invalid error)) (invalid, err error) {
	d.at++
	for first := true; ; first = false {
		name, ok, err := d.member(first)
		if err != nil {
			return nil, err
		}
		if !ok {
			return invalid, nil
		}
		v, fault, err := d.value(within, "Unexpected value type in payload")
		if err != nil {
			return nil, err
		}
		m[name] = v // the last of a name counts
		if len(name) > maxName && fault == nil && !d.trusted {
			fault = errLongName()
		}
		if each != nil {
			each(name, fault)
			continue
		}
		if name == "" && fault == nil && !d.trusted {
			fault = errEmptyName()
		}
		if invalid == nil {
			invalid = fault
		}
	}
}

// value reads the AttributeValue at d. unexpected is what a scalar in its place is told.
func (d *decoder) value(within int, unexpected string) (v Value, invalid, err error) {
	switch d.peek() {
	case '{':
		d.at++
	case '[':
		return nil, nil, collection("class " + javaValue)
	case 'n':
		d.literal()
		return nil, errNoType(), nil
	default:
		return nil, nil, exception.Serialization("%s", unexpected)
	}
	count, told := 0, len(ranks)
	for first := true; ; first = false {
		name, ok, err := d.member(first)
		switch {
		case err != nil:
			return nil, nil, err
		case !ok:
			return v, verdict(count, invalid), nil
		case d.peek() == 'n':
			d.literal()
			continue
		}
		content, fault, err := d.content(Type(name), within)
		if err != nil {
			return nil, nil, err
		}
		if content == nil {
			continue
		}
		if v == nil || v.Type() != content.Type() {
			count++
		}
		v = content
		if fault != nil && ranks[v.Type()] < told {
			invalid, told = fault, ranks[v.Type()]
		}
	}
}

// ranks is the order in which DynamoDB Local looks at the members of a value.
var ranks = map[Type]int{
	TypeStringSet: 0, TypeNumberSet: 1, TypeBinarySet: 2, TypeNumber: 3, TypeNull: 4, TypeList: 5, TypeMap: 6,
}

// verdict is what is wrong with a value that had count members.
func verdict(count int, invalid error) error {
	switch {
	case invalid != nil:
		return invalid
	case count == 0:
		return errNoType()
	case count > 1:
		return exception.Validation("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
	default:
		return nil
	}
}

// content reads a member of an AttributeValue. One that does not exist is nil.
func (d *decoder) content(t Type, within int) (v Value, invalid, err error) {
	switch t {
	case TypeString:
		text, err := d.scalarText()
		return String(text), nil, err
	case TypeNumber:
		text, err := d.scalarText()
		if err != nil || d.trusted {
			return Number(text), nil, err
		}
		n, invalid := ParseNumber(text)
		return n, invalid, nil
	case TypeBinary:
		data, err := d.binary()
		return Binary(data), nil, err
	case TypeBoolean:
		b, err := d.boolean()
		return Boolean(b), nil, err
	case TypeNull:
		isNull, err := d.boolean()
		if err == nil && !isNull {
			invalid = exception.InvalidParameter("Null attribute value types must have the value of true")
		}
		return Null{}, invalid, err
	case TypeList:
		return nested(within, d.list)
	case TypeMap:
		return nested(within, d.nestedMap)
	case TypeStringSet:
		return d.stringSet()
	case TypeNumberSet:
		return d.numberSet()
	case TypeBinarySet:
		return d.binarySet()
	default:
		return nil, nil, d.skip()
	}
}

// nested reads a list or map that is within others. Too deep is told before anything in it.
func nested(within int, read func(within int) (Value, error, error)) (v Value, invalid, err error) {
	v, invalid, err = read(within + 1)
	if err == nil && within >= maxContainers {
		invalid = errTooDeep
	}
	return v, invalid, err
}

func (d *decoder) list(within int) (v Value, invalid, err error) {
	list := List{}
	err = d.elements(func() error {
		element, fault, err := d.value(within, "Unexpected value type in payload")
		if invalid == nil {
			invalid = fault
		}
		list = append(list, element)
		return err
	})
	return list, invalid, err
}

func (d *decoder) nestedMap(within int) (v Value, invalid, err error) {
	switch d.peek() {
	case '{':
		m := Map{}
		invalid, err = d.members(m, within, nil)
		return m, invalid, err
	case '[':
		return nil, nil, mapExpected()
	default:
		return nil, nil, exception.Serialization("Unexpected field type")
	}
}

// elements calls read at each element of the array at d.
func (d *decoder) elements(read func() error) error {
	switch d.peek() {
	case '[':
		d.at++
	case '{':
		return exception.Serialization("Start of structure or map found where not expected")
	default:
		return exception.Serialization("Unexpected field type")
	}
	for first := true; ; first = false {
		if ok, err := d.element(first, ']'); !ok || err != nil {
			return err
		}
		if err := read(); err != nil {
			return err
		}
	}
}

func (d *decoder) scalarText() (string, error) {
	switch d.peek() {
	case '"':
		return d.quoted()
	case '{':
		return "", exception.Serialization("Start of structure or map found where not expected")
	case '[':
		return "", collection("class " + javaString)
	default:
		return "", exception.Serialization("%s cannot be converted to String", token(d.literal()))
	}
}

func (d *decoder) boolean() (bool, error) {
	switch d.peek() {
	case 't':
		d.literal()
		return true, nil
	case 'f':
		d.literal()
		return false, nil
	case '"':
		text, err := d.quoted()
		if err != nil {
			return false, err
		}
		switch strings.ToUpper(text) {
		case "TRUE", "1", "YES":
			return true, nil
		case "FALSE", "0", "NO":
			return false, nil
		default:
			return false, exception.Serialization("Unexpected token received from parser")
		}
	case '{':
		return false, exception.Serialization("Start of structure or map found where not expected")
	case '[':
		return false, collection("class " + javaBoolean)
	default:
		return false, exception.Serialization("%s cannot be converted to Boolean", token(d.literal()))
	}
}

func (d *decoder) binary() ([]byte, error) {
	switch d.peek() {
	case '"':
	case '{':
		return nil, exception.Serialization("Start of structure or map found where not expected")
	case '[':
		return nil, collection("class " + javaBytes)
	default:
		return nil, exception.Serialization("only base-64-encoded strings are convertible to bytes")
	}
	text, err := d.quoted()
	if err != nil {
		return nil, err
	}
	data, err := base64.StdEncoding.Strict().DecodeString(text)
	if err == nil && !strings.ContainsAny(text, "\r\n") { // which Go's decoder passes over
		return data, nil
	}
	if length := len(utf16.Encode([]rune(text))); length%4 != 0 {
		return nil, exception.Serialization("Base64 encoded length is expected a multiple of 4 bytes but found: %d", length)
	}
	return nil, exception.Serialization("Invalid last non-pad Base64 character dectected")
}

// token is the name of a JSON literal in DynamoDB's parser.
func token(literal string) string {
	switch {
	case literal == "true":
		return "TRUE_VALUE"
	case literal == "false":
		return "FALSE_VALUE"
	case strings.ContainsAny(literal, ".eE"):
		return "DECIMAL_VALUE"
	default:
		return "NUMBER_VALUE"
	}
}

func collection(class string) error {
	return exception.Serialization("Unrecognized collection type %s", class)
}

func mapExpected() error {
	return collection("java.util.Map<java.lang.String, " + javaValue + ">")
}

func errNoType() error {
	return exception.Validation("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
}

func errEmptyName() error { return exception.Validation("Empty attribute name") }

// maxName is how many bytes the name of an attribute may have.
const maxName = 1<<16 - 1

func errLongName() error {
	return exception.Validation("Attribute name is too large, must be less than 65536 bytes")
}
