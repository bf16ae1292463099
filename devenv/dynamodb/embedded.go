package dynamodb

import (
	"context"
	"log/slog"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/server"
)

// Embedded is the engine of package embedded, served by this process on a port of the
// loopback interface. It needs nothing but this program, so every machine has it.
const Embedded Kind = "embedded"

var embeddedEngine = engine{
	kind:      Embedded,
	available: func(context.Context) error { return nil },
	start:     startEmbedded,
}

func startEmbedded(ctx context.Context, _ Kind, options Options) (database, error) {
	logger := slog.New(slog.DiscardHandler)
	if options.Log != nil {
		logger = slog.New(slog.NewTextHandler(options.Log, &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	s, err := server.Start(ctx, server.Options{
		Addr:   "127.0.0.1:0",
		Dir:    options.Dir,
		Engine: embedded.Options{Logger: logger},
	})
	if err != nil {
		return nil, err
	}
	return inProcess{s}, nil
}

// inProcess is a database that is a part of this program.
type inProcess struct{ *server.Server }

func (p inProcess) endpoint() string      { return p.Endpoint() }
func (p inProcess) done() <-chan struct{} { return p.Done() }
func (p inProcess) err() error            { return p.Err() }
func (p inProcess) stop() error           { return p.Close() }
