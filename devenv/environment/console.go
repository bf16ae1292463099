package environment

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pretendfriend/falafel-api/devenv/console"
	"github.com/pretendfriend/falafel-api/devenv/console/page"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb"
	"github.com/pretendfriend/falafel-api/devenv/faults"
	"github.com/pretendfriend/falafel-api/devenv/items"
	"github.com/pretendfriend/falafel-api/devenv/reload"
	"github.com/pretendfriend/falafel-api/devenv/samples"
)

const (
	apiService, databaseService, consoleService, prometheusService = "api", "dynamodb", "console", "prometheus"

	// spansWithin is how long the API gathers spans before it sends them: OpenTelemetry's
	// 5 s are for a collector far away, and long for somebody who looks.
	spansWithin = 500 * time.Millisecond

	// tapIdle is longer than an SDK keeps a connection for its next request (90 s in Go).
	tapIdle = 5 * time.Minute
)

// watching is the console of an environment, and the way from the API to the database
// that passes it.
type watching struct {
	*console.Console

	listener net.Listener
	url      string

	faults   *faults.Proxy
	database http.Handler // set before the tap listens
	tap      *http.Server // nil until then
	tapURL   string
	data     atomic.Pointer[data] // of the build that was prepared last

	mu     sync.Mutex
	starts int  // of the API
	up     bool // the API
}

// newWatching makes the console of an environment that is about to start.
func (e *environment) newWatching(ctx context.Context, listener net.Listener) *watching {
	w := &watching{listener: listener, url: "http://" + local(listener.Addr())}
	w.faults = faults.New(http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) { w.database.ServeHTTP(answer, r) }))
	w.Console = console.New(console.Options{
		Project:  "falafel-api",
		Front:    "http://" + e.options.Addr,
		Secrets:  secretsOf(os.Environ()),
		Versions: versions(ctx, e.options.Root),
		Faults:   w.faults,
		Table:    items.Handler(w.items),
		Profiles: samples.Profiles(),
		Page:     page.Handler(),
		Seed:     w.seed,
		Reset:    func(ctx context.Context) error { return w.reset(ctx, e.reloader.Restart) },
	})
	w.SetService(console.Service{Name: apiService, State: console.Starting, URL: "http://" + e.options.Addr})
	w.SetService(console.Service{Name: databaseService, State: console.Starting})
	w.SetService(console.Service{Name: consoleService, State: console.Healthy, URL: w.url})
	return w
}

// versions are what a report of a problem should say.
func versions(ctx context.Context, root string) map[string]string {
	found := map[string]string{"go": runtime.Version(), "system": runtime.GOOS + "/" + runtime.GOARCH}
	command := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty", "--tags")
	command.Dir = root
	if output, err := command.Output(); err == nil { // else there is no git
		found["revision"] = strings.TrimSpace(string(output))
	}
	return found
}

// secretsOf are the credentials among variables: they must not be shown, wherever they
// turn up.
func secretsOf(environ []string) (secrets []string) {
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		if secretVariable.MatchString(name) && !strings.HasPrefix(value, "/") { // a path is no secret
			secrets = append(secrets, value)
		}
	}
	return secrets
}

var secretVariable = regexp.MustCompile(`(?i)secret|token|passw|access_key|api_?key|private_key`)

// listenBefore has the API's calls to the database pass the console, from now on.
func (w *watching) listenBefore(ctx context.Context, database *dynamodb.Server) error {
	direct, err := database.Handler()
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("there is no port between the API and DynamoDB: %w", err)
	}
	w.database = direct
	w.tapURL = "http://" + listener.Addr().String()
	w.tap = &http.Server{Handler: w.Database(w.faults), ReadHeaderTimeout: time.Minute, IdleTimeout: tapIdle}
	go func() { _ = w.tap.Serve(listener) }() // ends with close
	w.SetDatabase(console.Database{Kind: string(database.Kind), Endpoint: database.Endpoint}, direct)
	w.SetService(console.Service{Name: databaseService, State: console.Healthy, URL: database.Endpoint})
	return nil
}

// close ends the way to the database, which the API does not need any more.
func (w *watching) close() error {
	if w.tap == nil {
		return nil
	}
	return w.tap.Close()
}

// environ has a build of the API use the tap, and send its traces here, unless the
// developer sends them elsewhere or wants none.
func (w *watching) environ() []string {
	environ := []string{"AWS_ENDPOINT_URL_DYNAMODB=" + w.tapURL}
	for _, name := range []string{"OTEL_SDK_DISABLED", "OTEL_TRACES_EXPORTER", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"} {
		if os.Getenv(name) != "" {
			return environ
		}
	}
	environ = append(environ, "OTEL_EXPORTER_OTLP_ENDPOINT="+w.url)
	if os.Getenv("OTEL_TRACES_SAMPLER") == "" {
		environ = append(environ, "OTEL_TRACES_SAMPLER=parentbased_always_off") // the console asks for those that it records
	}
	if os.Getenv("OTEL_BSP_SCHEDULE_DELAY") == "" {
		environ = append(environ, "OTEL_BSP_SCHEDULE_DELAY="+strconv.FormatInt(spansWithin.Milliseconds(), 10))
	}
	return environ
}

// prepared notes the table of a build that is about to start.
func (w *watching) prepared(d data) {
	w.data.Store(&d)
	w.SetTable(d.table)
}

var errStarting = errors.New("the environment is still starting: try again in a moment")

func (w *watching) seed(ctx context.Context, profile string, size int, progress func(done, total int)) (int, error) {
	d := w.data.Load()
	if d == nil {
		return 0, errStarting
	}
	return d.seed(ctx, samples.Options{Profile: profile, Size: size, Progress: progress})
}

// items is the table of the build that was prepared last.
func (w *watching) items() (*items.Table, error) {
	d := w.data.Load()
	if d == nil {
		return nil, errStarting
	}
	return items.New(d.client, d.table), nil
}

// reset is begun anew with the API stopped, and done even when whoever asked goes away:
// half a table helps nobody.
func (w *watching) reset(ctx context.Context, restart func(context.Context, func(context.Context) error) error) error {
	d := w.data.Load()
	if d == nil {
		return errStarting
	}
	return restart(ctx, func(ctx context.Context) error { return d.reset(context.WithoutCancel(ctx)) })
}

// tell takes what happens to the API.
func (w *watching) tell(event reload.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := console.Time{Time: time.Now()}
	api := console.Service{Name: apiService, Since: now, Restarts: max(0, w.starts-1)}
	took := float64(event.Took.Microseconds()) / 1000
	switch event.Kind {
	case reload.Building:
		w.SetBuild(console.Build{State: console.Building, At: now})
		if w.up {
			return // the build before serves
		}
		api.State = console.Building
	case reload.Built:
		w.SetBuild(console.Build{State: console.BuildOK, At: now, TookMS: took})
		return
	case reload.Failed:
		compiler, _ := errors.AsType[*reload.BuildError](event.Err)
		w.SetBuild(failedBuild(now, took, event.Err, compiler))
		if w.up {
			return
		}
		api.State, api.Detail = console.Failed, event.Err.Error()
		if compiler != nil {
			api.Detail = "It does not build."
		}
	case reload.Started:
		w.starts++
		w.up = true
		api.State, api.Restarts = console.Healthy, w.starts-1
	case reload.Paused:
		w.up = false
		api.State = console.Starting
	case reload.Ended:
		w.up = false
		api.State, api.Detail = console.Failed, event.Err.Error()
	}
	w.SetService(api)
}

func failedBuild(now console.Time, took float64, err error, compiler *reload.BuildError) console.Build {
	build := console.Build{State: console.Failed, At: now, TookMS: took, Output: err.Error()}
	if compiler == nil {
		return build
	}
	for line := range strings.Lines(compiler.Messages) {
		if found := compilerLine.FindStringSubmatch(strings.TrimSpace(line)); found != nil {
			number, _ := strconv.Atoi(found[2]) // digits
			column, _ := strconv.Atoi(found[3]) // digits, or none
			build.Errors = append(build.Errors, console.BuildError{File: found[1], Line: number, Column: column, Text: found[4]})
		}
	}
	return build
}

// compilerLine is how the go command writes an error: "api/rest/a.go:12:3: undefined: x".
var compilerLine = regexp.MustCompile(`^(\S+\.go):(\d+):(?:(\d+):)?\s+(.+)$`)

// tee gives the screen of a person and the console the same.
type tee struct {
	screen  io.Writer
	console *console.LogWriter
}

func (t tee) Write(p []byte) (int, error) {
	_, _ = t.console.Write(p) // never fails
	return t.screen.Write(p)
}

// ListenConsole takes an address for the console; its error names the flag. Whoever
// reaches it sees all data, so that it is on this machine alone.
func ListenConsole(ctx context.Context, flag, addr string) (net.Listener, error) {
	if !private(addr) {
		return nil, fmt.Errorf("%s=%s can be reached from elsewhere: the console shows all data, so that it listens on 127.0.0.1 alone", flag, addr)
	}
	return listen(ctx, flag, addr)
}

// watch has the console see what is said, and what the reloader does.
func (e *environment) watch(ctx context.Context, listener net.Listener, live *reload.Options) {
	e.console = e.newWatching(ctx, listener)
	live.Log = tee{e.options.Out, e.console.LogWriter(apiService)}
	e.options.Out = tee{e.options.Out, e.console.LogWriter("devenv")}
	live.Out, live.Front, live.Tell = e.options.Out, e.console.Front, e.console.tell
}

// runConsole serves it until ctx ends.
func (e *environment) runConsole(ctx context.Context) error {
	if e.console == nil {
		return nil
	}
	return e.console.Run(ctx, e.console.listener)
}

func (e *environment) closeConsole() error {
	if e.console == nil {
		return nil
	}
	_ = e.console.listener.Close() // closed before, where it was served on
	return e.console.close()
}

func (e *environment) consoleURL() string {
	if e.console == nil {
		return ""
	}
	return e.console.url
}

// prometheusIs has the console show how Prometheus does.
func (e *environment) prometheusIs(state, url, detail string) {
	if e.console != nil {
		e.console.SetService(console.Service{Name: prometheusService, State: state, URL: url, Detail: detail})
	}
}

// greetConsole is a line of the greeting, or nothing.
func (e *environment) greetConsole() string {
	if e.console == nil {
		return ""
	}
	return "  Console   " + e.console.url + "\n"
}
