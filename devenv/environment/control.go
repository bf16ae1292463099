package environment

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb"
)

// controlFile, in the folder for the environment's state, tells other commands about the
// environment that runs.
const controlFile = "running.json"

// A runningEnvironment is what other commands need to know of the one that runs.
type runningEnvironment struct {
	Socket   string        `json:"socket"`   // path of the Unix socket it listens on
	DynamoDB dynamodb.Kind `json:"dynamodb"` // as it was started
	Endpoint string        `json:"endpoint"` // of the database, a URL
	Table    string        `json:"table"`    // of the branch that runs
	Console  string        `json:"console"`  // a URL; "" is none
}

// control lets other commands of this user have the API pause while they work on its
// table: on a Unix socket, which no web page and no other user can reach.
type control struct {
	state  string
	folder string
	server *http.Server
}

// startControl serves until close.
func startControl(state string, pause func(context.Context, func(context.Context) error) error) (*control, error) {
	// Not in the state's folder, since a socket's path has to fit into 100 bytes.
	folder, err := os.MkdirTemp("", "falafel-")
	if err != nil {
		return nil, fmt.Errorf("there is no folder for the environment's socket: %w", err)
	}
	c := &control{state: state, folder: folder, server: &http.Server{ReadHeaderTimeout: time.Second}}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "unix", c.socket())
	if err != nil {
		os.RemoveAll(folder)
		return nil, fmt.Errorf("the environment's socket cannot be listened on: %w", err)
	}
	c.server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := pause(r.Context(), func(context.Context) error {
			w.WriteHeader(http.StatusOK)
			if err := http.NewResponseController(w).Flush(); err != nil {
				return err
			}
			// As long as the client keeps the connection: one that was killed ends it too.
			<-r.Context().Done()
			return nil
		}); err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	go func() { _ = c.server.Serve(listener) }() // ends with close
	return c, nil
}

func (c *control) socket() string { return filepath.Join(c.folder, "control.sock") }

// publish tells other commands what runs.
func (c *control) publish(database *dynamodb.Server, table, console string) error {
	content, err := json.Marshal(runningEnvironment{c.socket(), database.Kind, database.Endpoint, table, console})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(c.state, controlFile), content, 0o600)
}

func (c *control) close() {
	os.Remove(filepath.Join(c.state, controlFile))
	_ = c.server.Close()
	os.RemoveAll(c.folder)
}

// findRunning returns the environment that runs with that state; nil when none does.
func findRunning(ctx context.Context, state string) *runningEnvironment {
	content, err := os.ReadFile(filepath.Join(state, controlFile))
	if err != nil {
		return nil
	}
	var running runningEnvironment
	if json.Unmarshal(content, &running) != nil {
		return nil
	}
	// One that was killed leaves its file.
	connection, err := new(net.Dialer).DialContext(ctx, "unix", running.Socket)
	if err != nil {
		return nil
	}
	connection.Close()
	return &running
}

// pausing has the environment's API pause, its requests wait, while work is done.
func (e *runningEnvironment) pausing(ctx context.Context, work func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", e.Socket)
	}}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://environment/pause", http.NoBody)
	if err != nil {
		return err
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return fmt.Errorf("the environment that runs does not answer (%w): stop it, and try again", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return errors.New("the environment that runs is stopping: try again")
	}
	return work(ctx)
}

// ConsoleURL is where the console of the environment with that state is; "" where none runs.
func ConsoleURL(ctx context.Context, state string) string {
	if running := findRunning(ctx, state); running != nil {
		return running.Console
	}
	return ""
}

// Running reports whether the environment with that state runs.
func Running(ctx context.Context, state string) bool { return findRunning(ctx, state) != nil }
