package operation

import (
	"bytes"
	"errors"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
)

var (
	// decoding: of two members with one name the last counts, as in DynamoDB, and members
	// that the operation does not know are ignored.
	decoding = json.JoinOptions(jsontext.AllowDuplicateNames(true), json.RejectUnknownMembers(false))

	// encoding: what is stored was checked when it came.
	encoding = json.JoinOptions(jsontext.AllowDuplicateNames(true), json.Deterministic(true))
)

// lenient reads what DynamoDB takes for a boolean or a whole number though it is of another
// kind: a few strings, and numbers with a fraction. It is for the second try: most requests
// need none, and decode faster without.
var lenient = json.WithUnmarshalers(json.JoinUnmarshalers(
	json.UnmarshalFromFunc(func(dec *jsontext.Decoder, to *bool) error {
		if dec.PeekKind() != '"' {
			return errors.ErrUnsupported
		}
		text, err := dec.ReadToken()
		if err != nil {
			return err
		}
		switch strings.ToUpper(text.String()) {
		case "TRUE", "1", "YES":
			*to = true
		case "FALSE", "0", "NO":
			*to = false
		default:
			return exception.Serialization("Unexpected token received from parser")
		}
		return nil
	}),
	json.UnmarshalFromFunc(func(dec *jsontext.Decoder, to *int64) error {
		if dec.PeekKind() != '0' {
			return errors.ErrUnsupported
		}
		number, err := dec.ReadToken()
		if err != nil {
			return err
		}
		value, err := number.Float()
		*to = int64(math.Floor(max(math.MinInt64/2, min(value, math.MaxInt64/2)))) // far beyond every limit
		return err
	}),
))

// decode reads a request. What is no JSON, or JSON of another shape than the operation
// wants, is a SerializationException with the words of DynamoDB's own parser.
func decode(body []byte, in any) error {
	err := json.Unmarshal(body, in, decoding)
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*json.SemanticError](err); ok && (e.JSONKind == '"' || e.JSONKind == '0') {
		// DynamoDB takes more for a boolean or a whole number than our types do.
		reflect.ValueOf(in).Elem().SetZero()
		err = json.Unmarshal(body, in, decoding, lenient)
		if err == nil {
			return nil
		}
	}
	if e, ok := errors.AsType[*exception.Exception](err); ok {
		return e
	}
	if e, ok := errors.AsType[*json.SemanticError](err); ok && e.GoType != nil {
		if e.JSONKind == '0' && e.JSONValue == nil && e.ByteOffset < int64(len(body)) {
			e.JSONValue = numberAt(body[e.ByteOffset:])
		}
		return exception.Serialization("%s", mismatch(e))
	}
	return exception.Serialization("")
}

// numberAt returns the number that a JSON text begins with.
func numberAt(text []byte) jsontext.Value {
	end := bytes.IndexFunc(text, func(r rune) bool { return !strings.ContainsRune("+-.0123456789eE", r) })
	if end < 0 {
		end = len(text)
	}
	return text[:end]
}

// mismatch says what is wrong with a JSON value, as the Java of DynamoDB does.
func mismatch(e *json.SemanticError) string {
	to := e.GoType
	for to.Kind() == reflect.Pointer {
		to = to.Elem()
	}
	switch to.Kind() {
	case reflect.String:
		return scalarMismatch(e, "String")
	case reflect.Bool:
		return scalarMismatch(e, "Boolean")
	case reflect.Int, reflect.Int32, reflect.Int64:
		if strings.HasSuffix(e.JSONPointer.LastToken(), "Units") { // of capacity
			return scalarMismatch(e, "Long")
		}
		return scalarMismatch(e, "Integer")
	case reflect.Slice:
		if e.JSONKind == '{' {
			return "Start of structure or map found where not expected"
		}
		if isElement(e.JSONPointer) {
			return exception.ParameterizedType
		}
		return "Unexpected field type"
	case reflect.Map:
		if e.JSONKind == '[' {
			return "Unrecognized collection type java.util.Map<java.lang.String, " + javaClass(to.Elem()) + ">"
		}
		return "Unexpected field type"
	default:
		if e.JSONKind == '[' {
			class := javaClass(to)
			if e.JSONPointer.Parent().LastToken() == "LocalSecondaryIndexes" {
				class = strings.Replace(class, "Global", "Local", 1)
			}
			return "Unrecognized collection type class " + class
		}
		if isElement(e.JSONPointer) {
			return "Unexpected value type in payload"
		}
		return "Unexpected field type"
	}
}

// isElement says if a place is that of an element of a list or of a map, not of a structure.
func isElement(place jsontext.Pointer) bool {
	last := place.LastToken()
	if _, err := strconv.Atoi(last); err == nil || place == "" {
		return true
	}
	switch place.Parent().LastToken() {
	case "RequestItems", "Expected", "AttributeUpdates", "KeyConditions", "QueryFilter", "ScanFilter":
		return true
	default:
		return false
	}
}

func scalarMismatch(e *json.SemanticError, to string) string {
	switch e.JSONKind {
	case '0':
		if strings.ContainsAny(string(e.JSONValue), ".eE") {
			return "DECIMAL_VALUE cannot be converted to " + to
		}
		return "NUMBER_VALUE cannot be converted to " + to
	case '"':
		if to == "Boolean" {
			return "Unexpected token received from parser"
		}
		return "STRING_VALUE cannot be converted to " + to
	case 't':
		return "TRUE_VALUE cannot be converted to " + to
	case 'f':
		return "FALSE_VALUE cannot be converted to " + to
	case '[':
		return "Unrecognized collection type class java.lang." + to
	default:
		return "Start of structure or map found where not expected"
	}
}

// javaClass names a type as the service model does: the names of our types begin in lower
// case and some end in Input.
func javaClass(t reflect.Type) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.String:
		return "java.lang.String"
	case reflect.Slice:
		return "java.util.List<" + javaClass(t.Elem()) + ">"
	}
	name := t.Name()
	switch name {
	case "Input":
		name = "AttributeValue"
	case "LegacyCondition":
		name = "Condition"
	}
	if name != "" {
		name = strings.ToUpper(name[:1]) + name[1:]
	}
	return "com.amazonaws.dynamodb.v20120810." + name
}
