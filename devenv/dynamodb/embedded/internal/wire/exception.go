package wire

import (
	"maps"

	"github.com/go-json-experiment/json"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
)

// encodeException makes the body of an error. Which member holds the message depends on
// the layer of DynamoDB that raises it; SDKs read both.
func encodeException(e *exception.Exception) []byte {
	members := maps.Clone(e.Fields)
	if members == nil {
		members = map[string]any{}
	}
	members["__type"] = e.Type()
	switch {
	case e.Name == exception.SerializationName || e.Name == exception.TransactionCanceledName:
		members["Message"] = e.Message
	case e.Message != "":
		members["message"] = e.Message
	}
	body, err := json.Marshal(members, json.Deterministic(true))
	if err != nil {
		return []byte(`{"__type":"` + e.Type() + `"}`)
	}
	return body
}
