package dynamodbtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb"
)

// How one DynamoDB Local serves many test processes
//
// A test process that needs a database takes a lease on it: a shared lock on the lease
// file, which the kernel drops when the process ends, even by SIGKILL. With the lease in
// hand it takes the start lock and looks for a keeper. If there is none it starts one: its
// own program again, detached from terminal and test, with keeperVariable set. The keeper
// starts the database, writes down its endpoint, and waits for an exclusive lock on the
// lease file, which it gets when nobody has a lease. It then gives the next package time
// to start, takes the start lock, and ends if there is still nobody.
//
// So that no test loses its database, and none is left running, four things hold:
//   - A lease is taken before anything is believed about a keeper, and a keeper gives up
//     only with both locks in hand: either it sees the lease, or it is gone.
//   - A keeper has the alive lock from before it exists (it is handed to it) until it has
//     ended. So there is one at most, and what a killed one wrote down is known to be old,
//     whoever may have its port by now.
//   - The database ends with its keeper, killed or not: the kernel (java) and the reaper
//     (container) see to that.
//   - A keeper does not depend on its starter, which may be killed at any moment.

const (
	// keeperVariable makes Main keep a database of the kind that it names.
	keeperVariable = "FALAFEL_TEST_KEEPER"

	// graceVariable overrides graceDefault.
	graceVariable = "FALAFEL_TEST_DYNAMODB_GRACE"

	// graceDefault is how long a keeper waits for its next user. `go test ./...` builds and
	// starts packages one after another, and seconds may pass between two that need a
	// database.
	graceDefault = 15 * time.Second
)

// The descriptors that a keeper is born with (os/exec, ExtraFiles).
const (
	readyFile = 3 + iota // the pipe to its starter
	aliveFile            // the alive lock; nothing is to be done with it but to have it
)

// ready is what a keeper tells its starter, once.
type ready struct {
	Endpoint    string `json:"endpoint,omitempty"`
	Error       string `json:"error,omitempty"`
	Unavailable bool   `json:"unavailable,omitempty"` // the error is a dynamodb.ErrUnavailable
}

// startKeeper starts a keeper, which gets the alive lock, and returns the endpoint of its
// database when that answers.
func startKeeper(ctx context.Context, r *room, alive *os.File) (endpoint string, err error) {
	defer alive.Close() // not unlocked: the keeper has the same open file
	program, err := os.Executable()
	if err != nil {
		return "", err
	}
	// Not our own output: `go test` waits until everybody who has that has closed it.
	log, err := os.Create(r.logPath())
	if err != nil {
		return "", err
	}
	defer log.Close()
	receive, send, err := os.Pipe()
	if err != nil {
		return "", err
	}
	defer receive.Close()
	keeper := &exec.Cmd{
		Path:        program,
		Args:        []string{program, "(keeps the tests' " + string(r.kind) + " DynamoDB)"},
		Env:         append(os.Environ(), keeperVariable+"="+string(r.kind)),
		Stdout:      log,
		Stderr:      log,
		ExtraFiles:  []*os.File{send, alive},
		SysProcAttr: &syscall.SysProcAttr{Setsid: true},
	}
	err = keeper.Start()
	_ = send.Close()
	if err != nil {
		return "", fmt.Errorf("no keeper can be started: %w", err)
	}
	go func() { _ = keeper.Wait() }() // so that it is no zombie if it ends before us

	if deadline, ok := ctx.Deadline(); ok {
		_ = receive.SetReadDeadline(deadline)
	}
	var message ready
	if err := json.NewDecoder(receive).Decode(&message); err != nil {
		return "", fmt.Errorf("the keeper of the tests' %s DynamoDB said nothing (%w): see %s", r.kind, err, r.logPath())
	}
	if message.Unavailable {
		return "", unavailable(message.Error)
	}
	if message.Error != "" {
		return "", errors.New(message.Error)
	}
	return message.Endpoint, nil
}

// unavailable is a dynamodb.ErrUnavailable that came through the pipe.
type unavailable string

func (u unavailable) Error() string        { return string(u) }
func (u unavailable) Is(target error) bool { return target == dynamodb.ErrUnavailable }

func isKeeper() bool { return os.Getenv(keeperVariable) != "" }

// keep is the whole life of a keeper; it returns the exit code.
func keep() int {
	// The database inherits neither: nobody but the keeper is to be alive.
	syscall.CloseOnExec(readyFile)
	syscall.CloseOnExec(aliveFile)
	kind := dynamodb.Kind(os.Getenv(keeperVariable))
	if err := keepUntilUnused(kind, os.NewFile(readyFile, "starter")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func keepUntilUnused(kind dynamodb.Kind, starter io.WriteCloser) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	defer stop()
	r, server, err := open(ctx, kind)
	message := ready{}
	if err != nil {
		message.Error, message.Unavailable = err.Error(), errors.Is(err, dynamodb.ErrUnavailable)
	} else {
		message.Endpoint = server.Endpoint
	}
	// A starter that is gone has left its place to others, who read the state.
	_ = json.NewEncoder(starter).Encode(message)
	_ = starter.Close()
	if err != nil {
		return err
	}

	for left := false; !left; {
		must := true
		select {
		case err = <-unusedFor(graceTime(), r):
			must = err != nil
		case <-server.Done():
			err = server.Err()
		case <-ctx.Done():
		}
		var leaveErr error
		left, leaveErr = r.leave(must)
		err = errors.Join(err, leaveErr)
	}
	return errors.Join(err, server.Close())
}

// open starts the database and writes down where it is.
func open(ctx context.Context, kind dynamodb.Kind) (*room, *dynamodb.Server, error) {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	r, err := roomOf(kind)
	if err != nil {
		return nil, nil, err
	}
	server, err := dynamodb.Start(ctx, kind, dynamodb.Options{Log: os.Stderr})
	if err != nil {
		return nil, nil, err
	}
	if err := r.write(state{Endpoint: server.Endpoint, PID: os.Getpid()}); err != nil {
		return nil, nil, errors.Join(err, server.Close())
	}
	return r, server, nil
}

// unusedFor returns a channel that receives once: when grace has passed after there was
// nobody with a lease, or when that cannot be told.
func unusedFor(grace time.Duration, r *room) <-chan error {
	unused := make(chan error, 1)
	go func() {
		err := r.awaitUnused()
		if err == nil {
			<-time.After(grace)
		}
		unused <- err
	}()
	return unused
}

func graceTime() time.Duration {
	if grace, err := time.ParseDuration(os.Getenv(graceVariable)); err == nil {
		return grace
	}
	return graceDefault
}
