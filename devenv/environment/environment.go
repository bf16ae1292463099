// Package environment is the local environment: a DynamoDB with sample reviews, and the
// API built and running on it, from the same sources and with the same variables as
// anywhere else.
package environment

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/gofrs/flock"
	"golang.org/x/sync/errgroup"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb"
	"github.com/pretendfriend/falafel-api/devenv/internal/project"
	"github.com/pretendfriend/falafel-api/devenv/monitoring"
	"github.com/pretendfriend/falafel-api/devenv/reload"
)

// Options are what a developer may choose.
type Options struct {
	DynamoDB    string    // kind or URL, see dynamodb.ParseKind; "" is the embedded one
	Addr        string    // where the API listens, host:port
	MetricsAddr string    // where metrics and health are served, host:port
	ConsoleAddr string    // where the console is, host:port, on this machine; "" is nowhere
	Samples     bool      // load the sample reviews into a new table
	Fresh       bool      // begin with a new table that is empty
	Reset       bool      // begin with a new table
	Monitoring  bool      // have Prometheus watch the API
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
	if err := makeFolder(filepath.Join(options.State, "live")); err != nil {
		return err
	}
	kind, err := choose(options.DynamoDB)
	if err != nil {
		return err
	}
	if options.Monitoring {
		if err := monitoring.Installed(); err != nil {
			return err
		}
	}
	api, err := listen(ctx, "--addr", options.Addr)
	if err != nil {
		return err
	}
	metrics, err := listen(ctx, "--metrics-addr", options.MetricsAddr)
	if err != nil {
		return errors.Join(err, api.Close())
	}
	var watch net.Listener
	if options.ConsoleAddr != "" {
		if watch, err = ListenConsole(ctx, "--console-addr", options.ConsoleAddr); err != nil {
			return errors.Join(err, api.Close(), metrics.Close())
		}
	}
	_, _ = fmt.Fprintf(options.Out, "Starting DynamoDB (%s) and building the API; the first time, this takes a while.\n", kind)

	e := &environment{options: options, kind: kind, head: newHead(ctx, options.Root), started: make(chan struct{}), watched: make(chan struct{})}
	live := reload.Options{
		Root: options.Root, Folder: filepath.Join(options.State, "live"), Out: options.Out,
		Prepare: e.prepare, Ready: e.greet,
	}
	if watch != nil {
		e.watch(ctx, watch, &live)
	}
	e.reloader = reload.New(live)
	if e.control, err = startControl(options.State, e.reloader.Restart); err != nil {
		return errors.Join(err, api.Close(), metrics.Close(), e.closeConsole())
	}
	defer e.control.close()
	defer context.AfterFunc(ctx, func() { e.say("\nStopping…") })()

	// The database and the compiler do not wait for each other.
	working, alive := errgroup.WithContext(ctx)
	working.Go(func() error { return e.runDatabase(alive) })
	working.Go(func() error { return e.runMonitoring(alive, metrics.Addr()) })
	working.Go(func() error { return e.runConsole(alive) })
	working.Go(func() error { return e.reloader.Run(alive, api, metrics) })
	working.Go(func() error { return e.head.follow(alive, e.reloader.Changed) })
	err = stopped(ctx, working.Wait())
	err = errors.Join(err, e.closeConsole())
	// Last, since requests that are still answered need it.
	if e.database != nil {
		err = errors.Join(err, e.database.Close())
	}
	return err
}

// environment is one that runs.
type environment struct {
	options  Options
	kind     dynamodb.Kind
	reloader *reload.Reloader
	control  *control
	head     *head

	database *dynamodb.Server // set when started is closed
	started  chan struct{}

	console *watching // nil: there is none

	prometheus *monitoring.Prometheus // set when watched is closed; nil is none
	watched    chan struct{}

	table string // of the build that was prepared last
}

// runDatabase returns when ctx ends, or the database by itself. It leaves the database
// running: it has to outlive the API.
func (e *environment) runDatabase(ctx context.Context) error {
	database, err := dynamodb.Start(ctx, e.kind, dynamodb.Options{Dir: dataFolder(e.options.State, e.kind)})
	if err != nil {
		return err
	}
	e.database = database
	if e.console != nil {
		if err := e.console.listenBefore(ctx, database); err != nil {
			return err
		}
	}
	close(e.started)
	select {
	case <-ctx.Done():
		return nil
	case <-database.Done():
		return database.Err()
	}
}

// prepare gives a build of the API the table that it wants: the branch's, with the keys
// and indexes that are in its code.
func (e *environment) prepare(ctx context.Context, program string) (reload.Launch, error) {
	select {
	case <-e.started:
	case <-ctx.Done():
		return reload.Launch{}, context.Cause(ctx)
	}
	e.head.prepare()
	name := branch(ctx, e.options.Root)
	d := data{client: e.database.Client(), kind: e.kind, table: tableOf(name), out: e.options.Out}
	settings, err := settingsOf(ctx, program, d.table)
	if err != nil {
		return reload.Launch{}, err
	}
	// A newer save must not leave half a table.
	whole := context.WithoutCancel(ctx)
	if e.table == "" && (e.options.Fresh || e.options.Reset) {
		if err := d.delete(whole); err != nil {
			return reload.Launch{}, err
		}
	}
	alone, err := d.fit(whole, settings, e.options.Samples && !e.options.Fresh)
	if err != nil {
		return reload.Launch{}, err
	}
	// They are stored by the code that this program was compiled from, which a newer
	// table may not fit.
	if err := d.resume(whole); err != nil {
		e.say("There are no sample reviews in table %s (%v): run `go run ./devenv seed`.", d.table, err)
	}
	if e.table != "" && e.table != d.table {
		e.say("Branch %s: the data is in table %s.", name, d.table)
	}
	e.table = d.table
	if err := e.control.publish(e.database, d.table, e.consoleURL()); err != nil {
		return reload.Launch{}, err
	}
	environ := append(e.database.Environ(), "FALAFEL_TABLE="+d.table, "FALAFEL_LOG_FORMAT=text")
	if e.console != nil {
		e.console.prepared(d)
		environ = append(environ, e.console.environ()...)
	}
	if _, chosen := os.LookupEnv(originsVariable); !chosen {
		environ = append(environ, originsVariable+"="+strings.Join(reload.LocalOrigins, ","))
	}
	return reload.Launch{Environ: environ, Alone: alone}, nil
}

// originsVariable says from where browsers may call. Who develops a front end serves it
// on this machine.
const originsVariable = "FALAFEL_CORS_ORIGINS"

func (e *environment) say(format string, args ...any) {
	_, _ = fmt.Fprintf(e.options.Out, format+"\n", args...)
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

// greet says where everything is.
func (e *environment) greet() {
	api := "http://" + e.options.Addr
	place := "where " + e.database.Endpoint + " keeps it"
	if folder := dataFolder(e.options.State, e.kind); folder != "" {
		place = folder
		if relative, err := filepath.Rel(e.options.Root, folder); err == nil && filepath.IsLocal(relative) {
			place = relative
		}
	}
	e.say(`
The Falafel API runs. Save a file below api/, and the new build takes over.

%[8]s  API       %[1]s/v1/restaurants
  Docs      %[1]s/docs
  OpenAPI   %[1]s/openapi.yaml
  Metrics   http://%[2]s/metrics
%[7]s  DynamoDB  %[3]s (%[4]s), table %[5]s
  Data      %[6]s

Add a review:

  curl -i %[1]s/v1/restaurants/My%%20Falafel/reviews \
    -H 'Content-Type: application/json' \
    -d '{"rating": 4.5, "visited_at": "2026-11-20T12:30:00+01:00", "cost": 8.5, "comment": "Crisp!"}'

Ctrl-C stops everything; the data stays.
`, api, e.options.MetricsAddr, e.database.Endpoint, e.kind, e.table, place, e.greetMonitoring(), e.greetConsole())
}

// listen takes an address for good.
func listen(ctx context.Context, flag, addr string) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s is taken by another program: stop that, or choose another address with %s", addr, flag)
	case err != nil:
		return nil, fmt.Errorf("%s=%s cannot be listened on: %w", flag, addr, err)
	}
	return listener, nil
}

func makeFolder(path string) error {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return fmt.Errorf("the folder for the environment's data cannot be made: %w", err)
	}
	return nil
}
