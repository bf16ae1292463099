// Package environment is the local environment: a DynamoDB with sample reviews, and the
// API built and running on it, from the same sources and with the same variables as
// anywhere else.
package environment

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
	"golang.org/x/sync/errgroup"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb"
	"github.com/pretendfriend/falafel-api/devenv/internal/project"
)

// table is the name of the table in the local environment.
const table = "FalafelReviews"

// stopWithin is how long the API may take to end its requests. It is a little more than
// the API gives itself.
const stopWithin = 25 * time.Second

// Options are what a developer may choose.
type Options struct {
	DynamoDB    string    // kind or URL, see dynamodb.ParseKind; "" is the embedded one
	Addr        string    // where the API listens, host:port
	MetricsAddr string    // where metrics and health are served, host:port
	Samples     bool      // load the sample reviews into a new table
	Out         io.Writer // for what a person reads, and the API's log

	Root  string // folder of the project; "" is the one around the working directory
	State string // folder for data and programs; "" is .falafel in the project
}

// Up starts everything, and returns when ctx ends and everything has stopped. Its error
// is one sentence for a person, with the mend.
func Up(ctx context.Context, options Options) (err error) {
	if options.Root == "" {
		if options.Root, err = project.Root(); err != nil {
			return err
		}
	}
	if options.State == "" {
		options.State = filepath.Join(options.Root, project.State)
	}
	unlock, err := claim(options.State)
	if err != nil {
		return err
	}
	defer unlock()
	if err := errors.Join(free(ctx, "--addr", options.Addr), free(ctx, "--metrics-addr", options.MetricsAddr)); err != nil {
		return err
	}
	kind, err := choose(options.DynamoDB)
	if err != nil {
		return err
	}

	_, _ = fmt.Fprintf(options.Out, "Starting DynamoDB (%s) and building the API; the first time, this takes a while.\n", kind)

	// The database and the compiler do not wait for each other.
	var (
		program  string
		database *dynamodb.Server
		loaded   int
	)
	starting, startCtx := errgroup.WithContext(ctx)
	starting.Go(func() (err error) {
		program, err = build(startCtx, options)
		return err
	})
	starting.Go(func() (err error) {
		if database, err = dynamodb.Start(startCtx, kind, dynamodb.Options{Dir: dataFolder(options.State, kind)}); err != nil {
			return err
		}
		client := database.Client()
		isNew, err := makeTable(startCtx, client, table)
		if err != nil || !options.Samples {
			return err
		}
		loaded, err = loadSamples(startCtx, client, table, isNew)
		return err
	})
	defer func() {
		if database != nil {
			err = errors.Join(err, database.Close())
		}
	}()
	if err := starting.Wait(); err != nil {
		return stopped(ctx, err)
	}

	environ := append(database.Environ(),
		"FALAFEL_TABLE="+table, "FALAFEL_ADDR="+options.Addr, "FALAFEL_METRICS_ADDR="+options.MetricsAddr, "FALAFEL_LOG_FORMAT=text")
	api, err := startAPI(ctx, program, environ, options.MetricsAddr, options.Out)
	if err != nil {
		return stopped(ctx, err)
	}
	greet(options, database, loaded)

	select {
	case <-ctx.Done():
		_, _ = fmt.Fprintln(options.Out, "\nStopping…")
		api.Stop(stopWithin)
		return nil
	case <-api.Done():
		return fmt.Errorf("the API ended by itself (%s), for the reason above", api.State())
	case <-database.Done():
		api.Stop(stopWithin)
		return database.Err()
	}
}

// stopped is nil where the error is only that somebody pressed Ctrl-C.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil //nolint:nilerr // what was interrupted fails
	}
	return err
}

// claim makes this the only environment of the project: two would build the same program
// and want the same data.
func claim(state string) (unlock func(), err error) {
	path := filepath.Join(state, "lock")
	lock := flock.New(path)
	if err := makeFolder(filepath.Dir(path)); err != nil {
		return nil, err
	}
	switch claimed, err := lock.TryLock(); {
	case err != nil:
		return nil, fmt.Errorf("%s cannot be locked: %w", path, err)
	case !claimed:
		return nil, errors.New("the environment of this project runs already: use it, or stop it with Ctrl-C where it was started")
	}
	return func() { _ = lock.Unlock() }, nil
}

// choose is the DynamoDB that was asked for, or the one that every machine has.
func choose(asked string) (dynamodb.Kind, error) {
	if asked == "" {
		return dynamodb.Embedded, nil
	}
	return dynamodb.ParseKind(asked)
}

// dataFolder keeps the data of each kind apart.
func dataFolder(state string, kind dynamodb.Kind) string {
	if kind.IsURL() {
		return ""
	}
	return filepath.Join(state, "dynamodb", string(kind))
}

func greet(options Options, database *dynamodb.Server, loaded int) {
	api := "http://" + options.Addr
	data := "where " + database.Endpoint + " keeps it"
	if folder := dataFolder(options.State, database.Kind); folder != "" {
		data = folder
		if relative, err := filepath.Rel(options.Root, folder); err == nil {
			data = relative
		}
	}
	if loaded > 0 {
		data += fmt.Sprintf(" (%d sample reviews loaded)", loaded)
	}
	_, _ = fmt.Fprintf(options.Out, `
The Falafel API runs.

  API       %[1]s/v1/restaurants
  Docs      %[1]s/docs
  OpenAPI   %[1]s/openapi.yaml
  Metrics   http://%[2]s/metrics
  DynamoDB  %[3]s (%[4]s), table %[5]s
  Data      %[6]s

Add a review:

  curl -i %[1]s/v1/restaurants/My%%20Falafel/reviews \
    -H 'Content-Type: application/json' \
    -d '{"rating": 4.5, "visited_at": "2026-11-20T12:30:00+01:00", "cost": 8.5, "comment": "Crisp!"}'

Ctrl-C stops everything; the data stays.

`, api, options.MetricsAddr, database.Endpoint, database.Kind, table, data)
}
