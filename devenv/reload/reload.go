// Package reload keeps the API of this project running while it is edited. Every save
// builds it anew; a build that is up and ready takes over, and no request fails on the
// way: a front with a stable address sends each request to one build, new ones to the
// newest, and a build is stopped when it has answered its last.
//
// The parts, each in its file: air watches (watch.go), the go command builds (build.go),
// a build becomes a process (instance.go), the front forwards (front.go). Here is what
// happens when.
package reload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// Options say what is reloaded.
type Options struct {
	Root   string    // folder of the project
	Folder string    // for the program and air's configuration; it exists
	Out    io.Writer // for what a person reads; many write to it at once
	Log    io.Writer // for the API's log; nil is Out

	// Prepare is asked before each start of a build how to start it. Its error is one
	// sentence: the build before goes on, or, where none ran yet, Run ends with it.
	Prepare func(ctx context.Context, program string) (Launch, error)

	// Ready is called once, when the first build is up.
	Ready func()

	// Front stands before the API, but not before its metrics; nil is nothing.
	Front func(http.Handler) http.Handler

	// Tell is told of what happens, in order; nil is nobody. It must not wait.
	Tell func(Event)
}

// An Event is something that happens to the API.
type Event struct {
	Kind EventKind
	Took time.Duration // of Built and Failed: since the build began
	Err  error         // of Failed and Ended: why; a [*BuildError] is the compiler's
}

// EventKind is what happens.
type EventKind string

// The kinds of events.
const (
	Building EventKind = "building" // a build begins; one before it may be overtaken
	Built    EventKind = "built"
	Failed   EventKind = "failed"  // it could not be built, prepared or started
	Started  EventKind = "started" // it is up, and takes over
	Paused   EventKind = "paused"  // requests wait until one is started
	Ended    EventKind = "ended"   // by itself
)

func (r *Reloader) tell(event Event) {
	if r.options.Tell != nil {
		r.options.Tell(event)
	}
}

// A Launch is how a build is started.
type Launch struct {
	Environ []string // variables beside those of this process

	// Alone is done while no build runs and requests wait; nil is nothing.
	Alone func(context.Context) error
}

// A Reloader keeps the API running.
type Reloader struct {
	options Options
	front   *front

	saves    chan struct{} // holds one when the sources changed
	restarts chan restart
	retiring sync.WaitGroup

	// Only jobs use these, one at a time.
	ran    bool // a build has been up
	failed bool // the last attempt did
}

type restart struct {
	between func(context.Context) error
	done    chan error
}

// New makes a Reloader; Run has it work.
func New(options Options) *Reloader {
	return &Reloader{options: options, front: newFront(), saves: make(chan struct{}, 1), restarts: make(chan restart)}
}

// Changed has the API built anew. It never blocks: all that changes during a build is one
// more build.
func (r *Reloader) Changed() {
	select {
	case r.saves <- struct{}{}:
	default:
	}
}

// Restart has requests wait, stops the API, does what is between, and starts the API
// again. It returns the error of between, and does not wait for the API.
func (r *Reloader) Restart(ctx context.Context, between func(context.Context) error) error {
	order := restart{between, make(chan error, 1)}
	select {
	case r.restarts <- order:
		return <-order.done
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Run builds and serves the API on the first listener and its metrics on the second,
// until ctx ends and all has stopped. It closes the listeners.
func (r *Reloader) Run(ctx context.Context, api, metrics net.Listener) error {
	serving, ctx := errgroup.WithContext(ctx)
	var servers []*http.Server
	for listener, addr := range map[net.Listener]func(*instance) string{
		api:     func(i *instance) string { return i.api },
		metrics: func(i *instance) string { return i.metrics },
	} {
		handler := r.front.forward(addr)
		if listener == api && r.options.Front != nil {
			handler = r.options.Front(handler)
		}
		server := &http.Server{Handler: handler, ReadHeaderTimeout: headerWithin}
		servers = append(servers, server)
		serving.Go(func() error {
			if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
				return fmt.Errorf("serving on %s failed: %w", listener.Addr(), err)
			}
			return nil
		})
	}
	serving.Go(func() error {
		defer r.stop(servers)
		return r.loop(ctx)
	})
	return serving.Wait()
}

// loop has one job at a time work, and a newer one replace it.
func (r *Reloader) loop(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var watching sync.WaitGroup
	defer watching.Wait()
	defer cancel()
	work := r.begin(ctx)
	defer func() { work.end() }()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-work.ended:
			if err != nil {
				return err
			}
			// Not before: the compiler would have to share the machine with air's.
			if !work.watched {
				work.watched = true
				watching.Go(func() {
					if err := r.watch(ctx); err != nil && ctx.Err() == nil {
						r.say("Live reload is off: %s.", err)
					}
				})
			}
		case <-r.saves:
			work = r.again(ctx, work)
		case order := <-r.restarts:
			work.end()
			r.pause()
			order.done <- order.between(ctx)
			work = r.again(ctx, work)
		}
	}
}

// A job is one attempt to put the sources into service.
type job struct {
	cancel  context.CancelFunc
	ended   chan error // gets one value
	gone    chan struct{}
	watched bool // air has been started
}

func (r *Reloader) begin(ctx context.Context) *job {
	working, cancel := context.WithCancel(ctx)
	j := &job{cancel: cancel, ended: make(chan error, 1), gone: make(chan struct{})}
	go func() {
		defer close(j.gone)
		j.ended <- r.replace(ctx, working)
	}()
	return j
}

func (r *Reloader) again(ctx context.Context, before *job) *job {
	before.end()
	j := r.begin(ctx)
	j.watched = before.watched
	return j
}

// end returns when the job does nothing any more.
func (j *job) end() {
	j.cancel()
	<-j.gone
}

// replace builds, and has the build take over. Until it is started, it can be cancelled
// by ctx, since a newer save makes it worthless; later only the end of all does. It
// returns an error only when nothing ran before and no save will mend it.
func (r *Reloader) replace(all, ctx context.Context) error {
	began := time.Now()
	r.tell(Event{Kind: Building})
	built, err := r.build(ctx)
	if err != nil {
		return r.fail(ctx, err, began)
	}
	r.tell(Event{Kind: Built, Took: time.Since(began)})
	launch, err := r.options.Prepare(ctx, built.path)
	if err != nil {
		return r.refuse(ctx, err, began)
	}
	before := r.front.running()
	if before != nil && before.program == built && slices.Equal(before.launch.Environ, launch.Environ) && launch.Alone == nil {
		if r.failed {
			r.failed = false
			r.say("The API builds again, and is what runs already.")
		}
		return nil
	}
	if ctx.Err() != nil {
		return nil //nolint:nilerr // overtaken
	}
	if launch.Alone != nil {
		r.pause()
		if err := launch.Alone(all); err != nil {
			return r.refuse(all, err, began)
		}
	}
	next, err := r.start(all, built, launch)
	if err != nil {
		return r.fail(all, err, began)
	}
	previous := r.front.set(next, nil)
	r.failed = false
	r.tell(Event{Kind: Started})
	go r.attend(next)
	if previous != nil {
		r.retiring.Go(previous.retire)
	}
	if !r.ran {
		r.ran = true
		r.options.Ready()
		return nil
	}
	r.say("Reloaded in %.1f s.", time.Since(began).Seconds())
	return nil
}

// pause has requests wait and stops the build that runs.
func (r *Reloader) pause() {
	r.tell(Event{Kind: Paused})
	if running := r.front.set(nil, nil); running != nil {
		running.retire()
	}
}

// fail tells why an attempt came to nothing: in the terminal and, where no build runs, to
// clients too. It always returns nil: the next save may mend it.
func (r *Reloader) fail(ctx context.Context, err error, began time.Time) error {
	if ctx.Err() != nil {
		return nil //nolint:nilerr // overtaken
	}
	r.failed = true
	r.tell(Event{Kind: Failed, Took: time.Since(began), Err: err})
	p := &problem{Type: problemNotRunning, Title: "The API does not run", Status: http.StatusServiceUnavailable, Detail: err.Error()}
	mend := "Mend it and save"
	if compiler, ok := errors.AsType[*BuildError](err); ok {
		p.Type, p.Title = problemBuildFailed, "The API does not build"
		r.say("%s", strings.TrimSpace(compiler.Messages))
		err = errors.New("the API does not build, for the reason above")
	}
	if r.front.running() != nil {
		mend += "; the build before goes on"
	} else {
		r.front.set(nil, p)
	}
	r.say("%s. %s.", sentence(err), mend)
	return nil
}

// refuse is fail for what was said by Prepare: at the start, nobody can wait for its mend.
func (r *Reloader) refuse(ctx context.Context, err error, began time.Time) error {
	if ctx.Err() == nil && !r.ran {
		return err
	}
	return r.fail(ctx, err, began)
}

// attend tells when a build ends that nobody stopped.
func (r *Reloader) attend(running *instance) {
	<-running.Done()
	detail := fmt.Sprintf("It ended by itself (%s). Its last words: %s", running.State(), running.Log())
	if r.front.lose(running, &problem{
		Type: problemEnded, Title: "The API ended", Status: http.StatusServiceUnavailable, Detail: detail,
	}) {
		r.tell(Event{Kind: Ended, Err: errors.New(detail)})
		r.say("The API ended by itself (%s), for the reason above. Mend it and save.", running.State())
	}
}

// stop ends what is under way: requests first, then the build that answers them.
func (r *Reloader) stop(servers []*http.Server) {
	if r.front.running() == nil {
		r.front.set(nil, &problem{
			Type: problemStopping, Title: "The environment is stopping", Status: http.StatusServiceUnavailable,
			Detail: "Start it again with `go run ./devenv`.",
		})
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	for _, server := range servers {
		if err := server.Shutdown(ctx); err != nil {
			_ = server.Close() // what took too long
		}
	}
	r.pause()
	r.retiring.Wait()
	r.front.transport.CloseIdleConnections()
}

func (r *Reloader) say(format string, args ...any) {
	_, _ = fmt.Fprintf(r.options.Out, format+"\n", args...)
}

// sentence begins an error with a capital, as a line of its own.
func sentence(err error) string {
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:]
}
