// Command benchmark measures what a developer waits for: the time from a save to the
// first answer of the new build, by live reload, beside the least that it can take (`go
// build` and the start of a process) and beside air doing it all. They take turns, each
// on its own copy of the API, with an edit of the same line.
//
//	go run ./devenv/reload/benchmark
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb"
	"github.com/pretendfriend/falafel-api/devenv/internal/process"
	"github.com/pretendfriend/falafel-api/devenv/internal/project"
	"github.com/pretendfriend/falafel-api/devenv/reload"
)

const (
	// edited is the file with the text that /status answers.
	edited     = "api/rest/earlier.go"
	editedText = "Server is running!"

	// askEvery is a hundredth of a wait: asking takes the processor from the compiler.
	askEvery = 10 * time.Millisecond
	within   = time.Minute // a save is live, or something is wrong
)

// A contestant takes a save to a new answer.
type contestant struct {
	name string
	root string
	addr string // host:port that answers

	// live is nil, or what has to be done after a save.
	live func(ctx context.Context) error

	waits []time.Duration
}

func main() {
	rounds := flag.Int("rounds", 20, "saves for each contestant")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *rounds)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "benchmark:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, rounds int) error {
	database, err := dynamodb.Start(ctx, dynamodb.Embedded, dynamodb.Options{})
	if err != nil {
		return err
	}
	defer database.Close() //nolint:errcheck // it is in memory
	if _, err := database.Client().CreateTable(ctx, store.Definition("FalafelReviews")); err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "falafel-reload-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)

	ctx, stop := context.WithCancel(ctx)
	var contestants []*contestant
	var ends []func()
	defer func() {
		stop()
		for _, end := range ends {
			end()
		}
	}()
	for _, c := range []struct {
		name  string
		start func(context.Context, *contestant, []string) (end func(), err error)
	}{
		{"floor: go build, start", floor},
		{"live reload", liveReload},
		{"air, as its example is tuned", air(tunedAir)},
		{"air, by its defaults", air("")},
	} {
		contestant := &contestant{name: c.name, root: filepath.Join(folder, fmt.Sprint(len(contestants)))}
		if err := project.CopyAPI(contestant.root); err != nil {
			return err
		}
		end, err := c.start(ctx, contestant, database.Environ())
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		contestants, ends = append(contestants, contestant), append(ends, end)
	}
	// The first round compiles what the copies have of their own.
	for round := range rounds + 1 {
		for i, c := range contestants {
			wait, err := c.save(ctx, fmt.Sprintf("%s %d.%d", editedText, i, round))
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			if round > 0 {
				c.waits = append(c.waits, wait)
			}
		}
	}
	fmt.Printf("From a save to the first answer of the new build, %d saves each:\n\n%-30s %8s %8s %8s %8s\n", rounds, "", "median", "best", "worst", "ratio")
	for _, c := range contestants {
		fmt.Printf("%-30s %6.2f s %6.2f s %6.2f s %8.2f\n", c.name, median(c.waits).Seconds(),
			slices.Min(c.waits).Seconds(), slices.Max(c.waits).Seconds(),
			median(c.waits).Seconds()/median(contestants[0].waits).Seconds())
	}
	return nil
}

func median(waits []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(waits))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// save edits, and returns how long it took until the edit was answered.
func (c *contestant) save(ctx context.Context, text string) (time.Duration, error) {
	path := filepath.Join(c.root, edited)
	content, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	before, after, found := strings.Cut(string(content), editedText)
	_, after, closed := strings.Cut(after, `"`)
	if !found || !closed {
		return 0, fmt.Errorf("%s does not have the text %q any more", edited, editedText)
	}
	began := time.Now()
	if err := os.WriteFile(path, []byte(before+text+`"`+after), 0o600); err != nil {
		return 0, err
	}
	if c.live != nil {
		if err := c.live(ctx); err != nil {
			return 0, err
		}
	}
	if err := answers(ctx, c.addr, text); err != nil {
		return 0, err
	}
	return time.Since(began), nil
}

// answers returns when /status answers the text.
func answers(ctx context.Context, addr, text string) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	ticker := time.NewTicker(askEvery)
	defer ticker.Stop()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/status", http.NoBody)
		if err != nil {
			return err
		}
		if response, err := http.DefaultClient.Do(request); err == nil {
			content, err := io.ReadAll(response.Body)
			response.Body.Close()
			if err == nil && string(content) == text {
				return nil
			}
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return fmt.Errorf("%q is not answered: %w", text, context.Cause(ctx))
		}
	}
}

// floor builds as live reload does, and starts what was built.
func floor(ctx context.Context, c *contestant, environ []string) (end func(), err error) {
	if c.addr, err = freeAddr(ctx); err != nil {
		return nil, err
	}
	environ = append(append(os.Environ(), environ...), "FALAFEL_ADDR="+c.addr, "FALAFEL_METRICS_ADDR=127.0.0.1:0", "CGO_ENABLED=0")
	var running *process.Process
	end = func() {
		if running != nil {
			running.Stop(time.Second)
		}
	}
	c.live = func(ctx context.Context) error {
		program := filepath.Join(c.root, "program")
		build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-ldflags=-s -w", "-o", program, "./api")
		build.Dir, build.Env = c.root, environ
		if output, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, output)
		}
		end()                            // it takes a millisecond, and the address is needed
		command := exec.Command(program) //nolint:noctx // it is stopped by end
		command.Env = environ
		running, err = process.Start(command, nil)
		return err
	}
	return end, nil
}

func liveReload(ctx context.Context, c *contestant, environ []string) (end func(), err error) {
	var listeners [2]net.Listener
	for i := range listeners {
		if listeners[i], err = new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0"); err != nil {
			return nil, err
		}
	}
	c.addr = listeners[0].Addr().String()
	folder := filepath.Join(c.root, project.State)
	if err := os.Mkdir(folder, 0o755); err != nil {
		return nil, err
	}
	ready, ended := make(chan struct{}), make(chan error, 1)
	end = func() {
		if err := <-ended; err != nil {
			fmt.Fprintln(os.Stderr, "live reload:", err)
		}
	}
	reloader := reload.New(reload.Options{
		Root: c.root, Folder: folder, Out: io.Discard,
		Prepare: func(context.Context, string) (reload.Launch, error) { return reload.Launch{Environ: environ}, nil },
		Ready:   func() { close(ready) },
	})
	go func() { ended <- reloader.Run(ctx, listeners[0], listeners[1]) }()
	select {
	case <-ready:
		return end, nil
	case err := <-ended:
		return nil, errors.Join(errors.New("it did not start"), err)
	}
}

// tunedAir is what air has to be told to be quick: a delay that is not its default, a
// build without symbols, and a second start where the port was still taken.
const tunedAir = `
delay = 1
send_interrupt = true
kill_delay = 1000000000
rerun = true
rerun_delay = 50
`

// air has air build and restart the API, as most projects do that use it.
func air(settings string) func(context.Context, *contestant, []string) (func(), error) {
	return func(ctx context.Context, c *contestant, environ []string) (end func(), err error) {
		if c.addr, err = freeAddr(ctx); err != nil {
			return nil, err
		}
		build := "go build"
		if settings != "" {
			build += ` -buildvcs=false -ldflags='-s -w'`
		}
		config := filepath.Join(c.root, "air.toml")
		text := "[build]\ncmd = \"" + build + " -o ./tmp/main ./api\"\nfull_bin = \"exec ./tmp/main\"\n" + settings
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			return nil, err
		}
		find := exec.CommandContext(ctx, "go", "tool", "-n", "air")
		find.Dir = c.root
		path, err := find.Output()
		if err != nil {
			return nil, fmt.Errorf("`go tool air` cannot be had: %w", err)
		}
		command := exec.Command(strings.TrimSpace(string(path)), "-c", config) //nolint:noctx // it is stopped by end
		command.Dir = c.root
		command.Env = append(append(os.Environ(), environ...), "FALAFEL_ADDR="+c.addr, "FALAFEL_METRICS_ADDR=127.0.0.1:0")
		if settings != "" {
			command.Env = append(command.Env, "CGO_ENABLED=0")
		}
		running, err := process.Start(command, nil)
		if err != nil {
			return nil, err
		}
		return func() { running.Stop(5 * time.Second) }, answers(ctx, c.addr, editedText)
	}
}

func freeAddr(ctx context.Context) (string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}
