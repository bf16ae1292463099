package dynamodbtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gofrs/flock"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb"
	"github.com/pretendfriend/falafel-api/devenv/internal/project"
)

// pollEvery is the pace at which is looked for what another process is about to do.
const pollEvery = 20 * time.Millisecond

// A room is the folder in which test processes and the keeper of one kind meet; keeper.go
// tells what they do there. Its locks are the kernel's (flock) and end with the process
// that has them.
type room struct {
	kind  dynamodb.Kind
	dir   string
	lease *flock.Flock // shared: somebody uses the database; exclusive: nobody does
	start *flock.Flock // held while a keeper is looked for, started, or leaving
}

// state is what a keeper tells test processes.
type state struct {
	Endpoint string `json:"endpoint"`
	PID      int    `json:"pid"` // for people
}

// roomOf returns the room of a kind, for this user and this checkout.
func roomOf(kind dynamodb.Kind) (*room, error) {
	dir, err := project.StatePath("test", fmt.Sprintf("%s-%d", kind, os.Getuid()))
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err != nil {
		return nil, fmt.Errorf("there is no place for the tests' DynamoDB: %w", err)
	}
	r := &room{kind: kind, dir: dir}
	r.lease, r.start = flock.New(r.path("lease")), flock.New(r.path("start"))
	return r, nil
}

func (r *room) path(name string) string { return filepath.Join(r.dir, name) }
func (r *room) statePath() string       { return r.path("state.json") }
func (r *room) logPath() string         { return r.path("keeper.log") }

// enter takes a lease on the database and returns its endpoint; when nobody keeps one, it
// starts a keeper. The lease lasts as long as this process, provided that the room is not
// garbage before: a file that is gets closed, and its lock with it.
func (r *room) enter(ctx context.Context) (endpoint string, err error) {
	if _, err := r.lease.TryRLockContext(ctx, pollEvery); err != nil {
		return "", fmt.Errorf("no lease on the tests' %s DynamoDB in %s: %w", r.kind, r.dir, err)
	}
	defer func() {
		if err != nil {
			_ = r.lease.Unlock()
		}
	}()
	if _, err := r.start.TryLockContext(ctx, pollEvery); err != nil {
		return "", fmt.Errorf("another process does not finish starting the tests' %s DynamoDB in %s: %w", r.kind, r.dir, err)
	}
	defer func() { err = errors.Join(err, r.start.Unlock()) }()

	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		alive, err := r.claimKeeping()
		if err != nil {
			return "", err
		}
		if alive != nil {
			return startKeeper(ctx, r, alive)
		}
		// There is a keeper. Without a state it is still starting its database, for a
		// test process that was killed meanwhile.
		s, err := r.read()
		if err == nil {
			return s.Endpoint, r.check(ctx, s)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return "", fmt.Errorf("the keeper of the tests' %s DynamoDB does not start it (see %s): %w", r.kind, r.logPath(), context.Cause(ctx))
		}
	}
}

// claimKeeping returns the file whose lock a keeper holds all its life, with that lock, or
// nil when there is a keeper. What a keeper that was killed left behind is removed.
//
// Not a [flock.Flock], since the lock has to go to the keeper with the file: it must never
// look as if there were none while one is on its way.
func (r *room) claimKeeping() (*os.File, error) {
	alive, err := os.OpenFile(r.path("alive"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(alive.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, alive.Close()
	}
	if err == nil {
		err = r.clear()
	}
	if err != nil {
		_ = alive.Close()
		return nil, fmt.Errorf("a keeper cannot be looked for in %s: %w", r.dir, err)
	}
	return alive, nil
}

// check returns nil when the keeper's database answers.
func (r *room) check(ctx context.Context, s state) error {
	client := (&dynamodb.Server{Kind: r.kind, Endpoint: s.Endpoint}).Client()
	if err := answers(ctx, client); err != nil {
		return fmt.Errorf("the tests' %s DynamoDB does not answer; end its keeper, process %d: %w", r.kind, s.PID, err)
	}
	return nil
}

// awaitUnused blocks until no process has a lease. It is for the keeper.
func (r *room) awaitUnused() error {
	if err := r.lease.Lock(); err != nil {
		return err
	}
	return r.lease.Unlock()
}

// leave is for the keeper. It returns true when nobody uses the database or the keeper
// must end anyhow, for an error of its own too. Then everybody is kept out, by the start
// lock, until the process ends: they are to find this database or none, but not one that
// is about to go.
func (r *room) leave(must bool) (bool, error) {
	if err := r.start.Lock(); err != nil {
		return true, err
	}
	unused, err := flock.New(r.lease.Path()).TryLock()
	if err != nil {
		return true, err
	}
	if !unused && !must {
		return false, r.start.Unlock()
	}
	return true, r.clear()
}

func (r *room) read() (s state, err error) {
	text, err := os.ReadFile(r.statePath())
	if err != nil {
		return s, err
	}
	err = json.Unmarshal(text, &s)
	return s, err
}

// write makes the state visible in one step: its reader does not hold a lock.
func (r *room) write(s state) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	temporary := r.statePath() + ".new"
	if err := os.WriteFile(temporary, text, 0o644); err != nil {
		return err
	}
	return os.Rename(temporary, r.statePath())
}

func (r *room) clear() error {
	if err := os.Remove(r.statePath()); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
