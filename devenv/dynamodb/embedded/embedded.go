// Package embedded is a DynamoDB in a Go package: a faithful, persistent engine behind
// DynamoDB's own HTTP protocol, for development and tests. Any AWS SDK in any language
// can use it, and cannot tell.
//
//	engine, err := embedded.Open(".falafel/db", embedded.Options{})
//	…
//	defer engine.Close()
//	server := httptest.NewServer(engine)
//
// Tests use package embeddedtest, which does that and returns a client.
//
// The engine knows nothing of the tables that others keep in it. README.md in this folder
// tells the path of a request and where a new operation goes.
package embedded

import (
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/operation"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/wire"
)

// Options are the caller's wishes for [Open]. The zero value is what development wants.
type Options struct {
	// Durable makes every acknowledged write survive a loss of power, by an fsync before
	// the acknowledgement. Without it, an acknowledged write survives the end of the
	// process however that ends, kill -9 included, and is many times as fast; but a loss
	// of power or a crash of the kernel may cost the whole folder.
	Durable bool

	// Logger gets what is the engine's own fault. Nil means slog.Default.
	Logger *slog.Logger

	// Clock is what the engine takes for the time, for tests of what expires. Nil means
	// the machine's.
	Clock func() time.Time
}

// An Engine is an open database. It may be used by any number of goroutines.
type Engine struct {
	db      *storage.DB
	handler http.Handler

	// inFlight is held for reading by each request while it is performed, and for writing
	// by Close: some requests need more than one transaction.
	inFlight sync.RWMutex
}

// Open opens the database in a folder, which is made when it is missing; an empty dir is
// a database in memory, gone with Close or with the process. One process at a time can
// use a folder. Errors are sentences for a person: the folder is in use, or was made by a
// version with another format, which is left as it is.
func Open(dir string, options Options) (*Engine, error) {
	if options.Logger == nil {
		options.Logger = slog.Default()
	}
	db, err := storage.Open(dir, storage.Options{Durable: options.Durable, Now: options.Clock, Logger: options.Logger})
	if err != nil {
		return nil, err
	}
	e := &Engine{db: db}
	service := operation.New(db, options.Clock)
	perform := func(r wire.Request) ([]byte, error) {
		e.inFlight.RLock()
		defer e.inFlight.RUnlock()
		return service.Perform(&operation.Call{Context: r.Context, Region: r.Region, Host: r.Host}, r.Target, r.Body)
	}
	e.handler = wire.Handler(perform, options.Logger)
	return e, nil
}

// ServeHTTP implements http.Handler with DynamoDB's protocol, DynamoDB Streams included.
func (e *Engine) ServeHTTP(w http.ResponseWriter, r *http.Request) { e.handler.ServeHTTP(w, r) }

// Close waits for the requests in flight, writes what is not yet written, and frees the
// folder. Requests that come later are answered with an InternalServerError, and another
// Close fails.
func (e *Engine) Close() error {
	e.inFlight.Lock()
	defer e.inFlight.Unlock()
	return e.db.Close()
}

// Check verifies the database: that every item is in its indexes and nothing else is,
// that counts and expiry times are right. It reads everything, and is for tests.
func (e *Engine) Check() error { return e.db.Check() }
