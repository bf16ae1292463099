package dynamodb

import (
	"context"
	"errors"

	"github.com/aws/smithy-go"
)

// urlEngine is the way to a database that somebody else runs: nothing is started, and
// nothing is stopped.
func urlEngine(kind Kind) engine {
	return engine{
		kind: kind,
		available: func(ctx context.Context) error {
			server := Server{Kind: kind, Endpoint: string(kind)}
			ctx, cancel := context.WithTimeout(ctx, answerWithin)
			defer cancel()
			_, err := listTables(ctx, server.Client())
			// Whoever is told apart from others has been answered; an identity that may
			// use one table need not be allowed to list them all.
			if refused := smithy.APIError(nil); errors.As(err, &refused) && refused.ErrorCode() == "AccessDeniedException" {
				return nil
			}
			if err != nil {
				return unavailable("no DynamoDB answers at %s (%w): start it, or correct the address", kind, err)
			}
			return nil
		},
		start: func(context.Context, Kind, Options) (database, error) {
			return &elsewhere{url: string(kind), closed: make(chan struct{})}, nil
		},
	}
}

// elsewhere is a database whose life is not our business.
type elsewhere struct {
	url    string
	closed chan struct{}
}

func (e *elsewhere) endpoint() string      { return e.url }
func (e *elsewhere) done() <-chan struct{} { return e.closed }
func (e *elsewhere) err() error            { return nil }
func (e *elsewhere) stop() error           { close(e.closed); return nil }
