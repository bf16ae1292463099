// Package exception holds the errors of DynamoDB's wire protocol: each has the name by
// which SDKs tell errors apart, and a message which people and tests rely on to the letter.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
package exception

import (
	"errors"
	"fmt"
	"net/http"
)

// An Exception is an error as a client of DynamoDB sees it.
type Exception struct { //nolint:errname // what DynamoDB calls it
	// Name is the shape's name in the service model, such as ValidationException.
	Name string

	// Message is the text, byte for byte as DynamoDB writes it where that is known.
	Message string

	// Fields are what some exceptions carry beside the message, by their names on the
	// wire: Item, CancellationReasons. Their values are encoded as JSON.
	Fields map[string]any
}

func (e *Exception) Error() string { return e.Name + ": " + e.Message }

// The namespaces of the wire's __type. SDKs read what follows the '#', the rest is for
// those who compare bytes.
const (
	namespaceDynamoDB = "com.amazonaws.dynamodb.v20120810#"
	namespaceService  = "com.amazon.coral.service#"
	namespaceValidate = "com.amazon.coral.validate#"
)

// Names of exceptions that more than one file raises.
const (
	ValidationName          = "ValidationException"
	SerializationName       = "SerializationException"
	UnknownOperationName    = "UnknownOperationException"
	ResourceNotFoundName    = "ResourceNotFoundException"
	ResourceInUseName       = "ResourceInUseException"
	LimitExceededName       = "LimitExceededException"
	ConditionFailedName     = "ConditionalCheckFailedException"
	TransactionCanceledName = "TransactionCanceledException"
	InternalServerErrorName = "InternalServerError"
)

// Type returns the wire's __type.
func (e *Exception) Type() string {
	switch e.Name {
	case ValidationName:
		return namespaceValidate + e.Name
	case SerializationName, UnknownOperationName, "MissingAuthenticationTokenException", "IncompleteSignatureException",
		"InvalidSignatureException", "UnrecognizedClientException", "AccessDeniedException":
		return namespaceService + e.Name
	default:
		return namespaceDynamoDB + e.Name
	}
}

// Status returns the HTTP status code: 500 for what is the server's fault, else 400.
func (e *Exception) Status() int {
	if e.Name == InternalServerErrorName {
		return http.StatusInternalServerError
	}
	return http.StatusBadRequest
}

// New makes an exception with a formatted message.
func New(name, format string, args ...any) *Exception {
	message := format
	if len(args) > 0 {
		message = fmt.Sprintf(format, args...)
	}
	return &Exception{Name: name, Message: message}
}

// Validation makes a ValidationException.
func Validation(format string, args ...any) *Exception { return New(ValidationName, format, args...) }

// InvalidParameter makes the ValidationException that begins with DynamoDB's usual
// "One or more parameter values were invalid: ".
func InvalidParameter(format string, args ...any) *Exception {
	return Validation("One or more parameter values were invalid: "+format, args...)
}

// ParameterizedType is what a SerializationException says of a scalar that should be one
// of several lists or maps.
const ParameterizedType = "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class java.lang.Class" +
	" (sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and java.lang.Class are in module java.base of loader 'bootstrap')"

// Serialization makes a SerializationException: the body is not what the operation's
// shape says.
func Serialization(format string, args ...any) *Exception {
	return New(SerializationName, format, args...)
}

// Of returns the exception in err's chain, or an InternalServerError that hides err: its
// text is for the log, not for clients.
func Of(err error) *Exception {
	if e, ok := errors.AsType[*Exception](err); ok {
		return e
	}
	return New(InternalServerErrorName, "The request processing has failed because of an unknown error, exception or failure.")
}
