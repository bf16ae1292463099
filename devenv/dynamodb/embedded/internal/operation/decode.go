package operation

import (
	"errors"
	"reflect"
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

// decode reads a request. What is no JSON, or JSON of another shape than the operation
// wants, is a SerializationException with the words of DynamoDB's own parser.
func decode(body []byte, in any) error {
	err := json.Unmarshal(body, in, decoding)
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*exception.Exception](err); ok {
		return e
	}
	if e, ok := errors.AsType[*json.SemanticError](err); ok && e.GoType != nil {
		return exception.Serialization("%s", mismatch(e))
	}
	return exception.Serialization("")
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
		return scalarMismatch(e, "Integer")
	case reflect.Slice:
		if e.JSONKind == '{' {
			return "Start of structure or map found where not expected"
		}
		return "Unexpected field type"
	case reflect.Map:
		if e.JSONKind == '[' {
			return "Unrecognized collection type java.util.Map<java.lang.String, " + javaClass(to.Elem()) + ">"
		}
		return "Unexpected field type"
	default:
		if e.JSONKind == '[' {
			return "Unrecognized collection type class " + javaClass(to)
		}
		return "Unexpected value type in payload"
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
	if t.Kind() == reflect.String {
		return "java.lang.String"
	}
	name := t.Name()
	if name == "Input" {
		name = "AttributeValue"
	}
	if name != "" {
		name = strings.ToUpper(name[:1]) + name[1:]
	}
	return "com.amazonaws.dynamodb.v20120810." + name
}
