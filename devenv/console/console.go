// Package console is the page of a running environment, and what is behind it: every
// request that passed, the calls to DynamoDB that it made, logs, traces, builds, and the
// switches.
//
//	c := console.New(console.Options{…})
//	front := c.Front(api)            // records requests, on their way to the API
//	tap := c.Database(dynamoDB)      // records the calls that they make
//	log := c.LogWriter("api")        // takes the API's log
//	err := c.Run(ctx, listener)      // serves the page, its JSON API, and OTLP
//
// What it keeps is bounded, by number and by size, whatever runs through it. Credentials
// are taken out before anything is kept. It listens to this machine alone, and no page of
// another origin can read or change anything: see guard.go.
//
// Read front.go first: a request gets a number there, under which everything else about
// it is found. The JSON is in types.go.
package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/devenv/faults"
	"github.com/pretendfriend/falafel-api/devenv/traces"
	"github.com/pretendfriend/falafel-api/terraform/cost"
)

// Options say what the console shows and switches beside what passes through it.
type Options struct {
	Project  string            // name of the project
	Front    string            // URL of the front port
	Secrets  []string          // values that must never be shown, whatever they are in
	Limits   Limits            // zero fields have defaults
	Versions map[string]string // of what runs, by name

	// Seed loads sample reviews, and Reset begins anew; nil where there is none.
	Seed     func(ctx context.Context, profile string, size int, progress func(done, total int)) (int, error)
	Reset    func(context.Context) error
	Profiles any // as JSON

	// The switches, and the browser of the table below /api/table; nil where there is none.
	Faults *faults.Proxy
	Table  http.Handler

	Traces *traces.Buffer // nil: one of its own

	Page http.Handler // everything else; nil is none
}

// burst is for how many seconds of its pace a quiet console can record at once: a page that
// loads, a test.
const burst = 6

// maxUnderWay bounds how many requests are recorded at once.
const maxUnderWay = 256

var defaultLimits = Limits{
	Requests: 2000, BodyBytes: 64 << 10, ItemBytes: 64 << 10, MemoryBytes: 64 << 20,
	RecordedPerSecond: 50, Logs: 5000,
}

func (l Limits) orDefaults() Limits {
	for field, standard := range map[*int]int{
		&l.Requests: defaultLimits.Requests, &l.BodyBytes: defaultLimits.BodyBytes, &l.ItemBytes: defaultLimits.ItemBytes,
		&l.RecordedPerSecond: defaultLimits.RecordedPerSecond, &l.Logs: defaultLimits.Logs,
	} {
		if *field == 0 {
			*field = standard
		}
	}
	if l.MemoryBytes == 0 {
		l.MemoryBytes = defaultLimits.MemoryBytes
	}
	return l
}

// Console records and shows. It is made by [New]; its methods may be called from several
// goroutines.
type Console struct {
	options Options
	limits  Limits
	prices  Prices
	mask    mask

	number    atomic.Uint64
	counted   atomic.Uint64
	underWay  atomic.Int64
	pace      *rate.Limiter
	budget    *budget
	recorder  *recorder
	logs      *logs
	series    *series
	hub       *hub
	opened    opened
	traceList http.Handler
	saved     *State // of the snapshot that this shows; nil: of what runs

	front     atomic.Pointer[http.HandlerFunc]
	unwatched atomic.Pointer[http.Handler] // the API, without anything being recorded

	mu       sync.Mutex
	services []Service
	build    *Build
	table    string
	database Database
	behind   http.Handler // the database, past all that stands before it
}

// New makes a console.
func New(options Options) *Console {
	limits := options.Limits.orDefaults()
	m := newMask(options.Secrets)
	b := &budget{limit: limits.MemoryBytes}
	c := &Console{
		options: options, limits: limits, mask: m, budget: b,
		prices:   Prices{Read: cost.ReadMillion, Write: cost.WriteMillion},
		pace:     rate.NewLimiter(rate.Limit(limits.RecordedPerSecond), burst*limits.RecordedPerSecond),
		recorder: newRecorder(limits.Requests, b),
		logs:     newLogs(limits.Logs, m), series: &series{}, hub: newHub(),
	}
	if c.options.Traces == nil {
		c.options.Traces = traces.NewBuffer(traces.Limits{})
	}
	c.options.Traces.Notify(c.tracesArrived)
	c.traceList = c.options.Traces.Handler()
	if options.Faults != nil {
		options.Faults.Notify(c.faultsChanged)
	}
	return c
}

// LogWriter takes the log of a part of the environment, line by line.
func (c *Console) LogWriter(source string) *LogWriter {
	return &LogWriter{lineWriter{add: func(raw []byte) {
		line := c.logs.add(time.Now(), source, raw)
		c.hub.publish("log", line)
		if route := line.route(); route != "" {
			c.routed(line.Attributes["request_id"], route)
		}
	}}}
}

// A LogWriter cuts what is written to it into lines.
type LogWriter struct{ lineWriter }

// SetService tells how a part of the environment does. One that is healthy after it was
// not has restarted, unless that was its first start.
func (c *Console) SetService(service Service) {
	c.mu.Lock()
	if service.Since.IsZero() {
		service.Since = Time{time.Now()}
	}
	i := slices.IndexFunc(c.services, func(s Service) bool { return s.Name == service.Name })
	if i < 0 {
		c.services = append(c.services, service)
	} else {
		if service.URL == "" {
			service.URL = c.services[i].URL
		}
		c.services[i] = service
	}
	c.mu.Unlock()
	c.changed()
}

// SetBuild tells of a build.
func (c *Console) SetBuild(build Build) {
	build.Output = c.mask.text(build.Output)
	if build.Errors == nil {
		build.Errors = []BuildError{}
	}
	for i := range build.Errors {
		build.Errors[i].Text = c.mask.text(build.Errors[i].Text)
	}
	c.mu.Lock()
	c.build = &build
	c.mu.Unlock()
	c.hub.publish("build", build)
}

// SetDatabase tells which DynamoDB is used, and where it answers past everything that
// stands between the API and it: items are looked at there before they are written.
func (c *Console) SetDatabase(database Database, behind http.Handler) {
	c.mu.Lock()
	c.database, c.behind = database, behind
	c.mu.Unlock()
	c.changed()
}

// SetTable tells which table the API uses.
func (c *Console) SetTable(name string) {
	c.mu.Lock()
	c.table = name
	c.mu.Unlock()
	c.changed()
}

func (c *Console) direct() http.Handler {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.behind
}

const databaseService = "dynamodb"

// databaseAnswers is what the calls show of the database.
func (c *Console) databaseAnswers(does bool) {
	c.mu.Lock()
	i := slices.IndexFunc(c.services, func(s Service) bool { return s.Name == databaseService })
	if i < 0 || (c.services[i].State == Healthy) == does {
		c.mu.Unlock()
		return
	}
	now := c.services[i]
	c.mu.Unlock()
	now.State, now.Detail, now.Since = Healthy, "", Time{}
	if !does {
		now.State, now.Detail = Failed, "It does not answer."
	}
	c.SetService(now)
}

// changed sends the state to those who listen.
func (c *Console) changed() { c.hub.publish("state", c.State()) }

// State is what is running now.
func (c *Console) State() State {
	if c.saved != nil {
		return *c.saved
	}
	faults, profiles := c.faults(), json.RawMessage("[]")
	if c.options.Profiles != nil {
		if content, err := json.Marshal(c.options.Profiles); err == nil {
			profiles = content
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	s := State{
		Project: c.options.Project, Front: c.options.Front, Services: slices.Clone(c.services), Build: c.build,
		Table: c.table, DynamoDB: c.database, Versions: c.options.Versions, AccessPatterns: accessPatterns(),
		Faults: faults, Profiles: profiles, Prices: c.prices, Limits: c.limits,
		MemoryBytes: c.budget.used.Load(), CountedOnly: c.counted.Load(),
	}
	if s.Services == nil {
		s.Services = []Service{}
	}
	if s.Versions == nil {
		s.Versions = map[string]string{}
	}
	for i := range s.Services {
		s.Services[i].Detail = c.mask.text(s.Services[i].Detail)
	}
	return s
}

func accessPatterns() (list []AccessPattern) {
	for _, p := range store.AccessPatterns() {
		list = append(list, AccessPattern{Name: p.Name, Operation: p.Operation, Index: p.Index, Keys: p.Keys, ConsistentRead: p.ConsistentRead})
	}
	return list
}

// clear forgets what was recorded.
func (c *Console) clear() {
	c.recorder.clear()
	c.logs.clear()
	c.options.Traces.Clear()
	c.hub.publish("cleared", struct{}{})
}

const (
	headerWithin = 5 * time.Second

	// stopWithin is how long an answer may take that is under way when the console stops.
	stopWithin = 2 * time.Second
)

// Run serves the console until ctx ends. It closes the listener.
func (c *Console) Run(ctx context.Context, listener net.Listener) error {
	server := &http.Server{Handler: c.guarded(listener.Addr()), ReadHeaderTimeout: headerWithin}
	server.RegisterOnShutdown(c.hub.close)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case now := <-ticker.C:
			// A second after which nothing happens has to be told, too.
			if done := c.series.tick(now); done != nil {
				c.hub.publish("tick", done)
			}
		case err := <-failed:
			return fmt.Errorf("serving the console on %s failed: %w", listener.Addr(), err)
		case <-ctx.Done():
			stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
			defer cancel()
			if err := server.Shutdown(stopping); err != nil {
				_ = server.Close() // what took too long
			}
			if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
				return err
			}
			return nil
		}
	}
}
