// Package operation is what DynamoDB can do: one file for each operation or family, each
// with its request, its checks in DynamoDB's order, and its answer. It knows expressions
// and storage, and nothing of HTTP.
//
// This file is the one to read first: an operation is a method of [Service] that is
// entered in a table of [handler]s beside it. A new one needs nothing else.
package operation

import (
	"context"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
)

// A Service performs operations on a database.
type Service struct {
	db  *storage.DB
	now func() time.Time
}

// New returns a service on db, which stays the caller's to close. Nil for now means the
// machine's clock.
func New(db *storage.DB, now func() time.Time) *Service {
	if now == nil {
		now = time.Now
	}
	return &Service{db: db, now: now}
}

// A Call is what an operation knows of its request beside the body.
type Call struct {
	Context context.Context //nolint:containedctx // a call is the request itself
	Region  string          // of the signature; it becomes part of ARNs
	Host    string          // that was asked, for DescribeEndpoints
}

// A handler decodes a request's body, performs it, and encodes the answer.
type handler func(*Service, *Call, []byte) ([]byte, error)

// handle makes a handler of an operation's method.
func handle[In, Out any](run func(*Service, *Call, *In) (*Out, error)) handler {
	return func(s *Service, call *Call, body []byte) ([]byte, error) {
		in := new(In)
		if err := decode(body, in); err != nil {
			return nil, err
		}
		out, err := run(s, call, in)
		if err != nil {
			return nil, err
		}
		return json.Marshal(out, encoding)
	}
}

// handlers has every operation by its target, as in the header X-Amz-Target.
var handlers = targets(
	family{"DynamoDB_20120810.", []map[string]handler{itemOperations, tableOperations, absentOperations, partiqlOperations}},
	family{"DynamoDBStreams_20120810.", []map[string]handler{streamOperations}},
)

type family struct {
	prefix string
	tables []map[string]handler
}

func targets(families ...family) map[string]handler {
	all := map[string]handler{}
	for _, f := range families {
		for _, table := range f.tables {
			for name, h := range table {
				all[f.prefix+name] = h
			}
		}
	}
	return all
}

// Perform performs the operation that target names and returns the body of the answer.
// Its error is an [exception.Exception], or something of the storage that clients are
// told nothing about.
func (s *Service) Perform(call *Call, target string, body []byte) ([]byte, error) {
	h, ok := handlers[target]
	if !ok {
		return nil, exception.New(exception.UnknownOperationName, "")
	}
	return h(s, call, body)
}
