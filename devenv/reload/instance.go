package reload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"time"

	"github.com/pretendfriend/falafel-api/devenv/internal/process"
)

const (
	// readyWithin is how long the API may take from its start to being ready: it looks at
	// its table first, and says so itself when that fails.
	readyWithin = 30 * time.Second

	// stopWithin is how long the API may take to end its requests. It is a little more
	// than the API gives itself.
	stopWithin = 25 * time.Second

	// portAttempts is how many times ports are chosen: one may be in use, or taken by
	// another program between the choice and the API's use of it.
	portAttempts = 10

	// askEvery is the pause between two looks at an API that starts, which takes 20 ms.
	askEvery = 2 * time.Millisecond
)

// errDidNotStart is about an API that has said why.
var errDidNotStart = errors.New("the API did not start, for the reason above")

// An instance is a process of a build of the API, and its addresses.
type instance struct {
	*process.Process

	program program
	launch  Launch

	api, metrics string // host:port
	requests     sync.WaitGroup
}

// start runs the program until it is ready to serve.
func (r *Reloader) start(ctx context.Context, built program, launch Launch) (*instance, error) {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	for attempt := 1; ; attempt++ {
		started, err := r.startOnce(ctx, built, launch)
		if err == nil || ctx.Err() != nil || attempt == portAttempts ||
			started == nil || !started.Log().Has("is taken by another process") {
			return started, err
		}
	}
}

func (r *Reloader) startOnce(ctx context.Context, built program, launch Launch) (*instance, error) {
	started := &instance{program: built, launch: launch}
	for _, addr := range []*string{&started.api, &started.metrics} {
		var err error
		if *addr, err = freeAddr(ctx); err != nil {
			return nil, err
		}
	}
	command := exec.Command(built.path) //nolint:noctx // built by us; it is stopped gracefully, not by a context
	command.Env = append(append(os.Environ(), launch.Environ...),
		"FALAFEL_ADDR="+started.api, "FALAFEL_METRICS_ADDR="+started.metrics)
	log := r.options.Log
	if log == nil {
		log = r.options.Out
	}
	var err error
	if started.Process, err = process.Start(command, log); err != nil {
		return nil, err
	}
	err = started.Await(ctx, askEvery, func(ctx context.Context) error { return ready(ctx, started.metrics) })
	if err != nil {
		started.Process.Stop(stopWithin)
	}
	if errors.Is(err, process.ErrEnded) {
		err = errDidNotStart
	}
	return started, err
}

// retire ends the instance when its last request has ended.
func (i *instance) retire() {
	idle := make(chan struct{})
	go func() {
		i.requests.Wait()
		close(idle)
	}()
	select {
	case <-idle:
	case <-time.After(stopWithin): // a stream that does not end is cut
	case <-i.Done():
	}
	i.Stop(stopWithin)
}

func ready(ctx context.Context, metricsAddr string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+metricsAddr+"/readyz", http.NoBody)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body) // so that the connection can be used again
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the API is not ready: %s", response.Status)
	}
	return nil
}

// The ports of builds are below those that systems give to outgoing connections (from
// 32768 on Linux, 49152 elsewhere): one of these would not be free any more a moment later.
const firstPort, lastPort = 20000, 32767

func freeAddr(ctx context.Context) (addr string, err error) {
	for range portAttempts {
		port := firstPort + rand.IntN(lastPort-firstPort+1) //nolint:gosec // anybody may guess it
		addr = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
		var listener net.Listener
		if listener, err = new(net.ListenConfig).Listen(ctx, "tcp", addr); err == nil {
			return addr, listener.Close()
		}
	}
	return "", fmt.Errorf("there is no free port for the API: %w", err)
}
