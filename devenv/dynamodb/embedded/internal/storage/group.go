package storage

import (
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"go.etcd.io/bbolt"
)

// A commit costs as much for one write as for several, so those that come while another is
// under way are committed together: the first to come leads, which means that it runs the
// functions of all, one after the other in one transaction, and commits once. When it is
// done, the first of those that have come meanwhile leads the next group.

const (
	// maxGroup bounds how long the first caller of a group waits for the others.
	maxGroup = 256

	// maxGroupBytes bounds the memory of a group; one transaction may exceed it.
	maxGroupBytes = 8 << 20
)

// A call is an Update that waits.
type call struct {
	fn  func(*Tx) error
	err error

	// turn says what the caller waited for: true, to lead a group; false, its own end.
	turn chan bool
}

// A queue has those that wait.
type queue struct {
	mu     sync.Mutex
	calls  []*call
	busy   bool      // there is a leader
	idle   sync.Cond // there is none any more
	closed bool
}

// Update runs fn in a transaction, exactly once, and returns when it has been committed,
// perhaps together with those of other callers: fn sees what they wrote before it.
//
// An error of fn is returned as it is. It leaves no trace as long as fn has written
// nothing, so fn checks first and writes then: after a write, its error fails the whole
// group. A panic of fn becomes its caller's error in the same way.
//
// fn must not call Update.
func (db *DB) Update(fn func(*Tx) error) error {
	c := &call{fn: fn, turn: make(chan bool, 1)}
	leads, err := db.queue.add(c)
	if err != nil {
		return err
	}
	if leads || <-c.turn {
		db.lead()
	}
	return c.err
}

// add queues a call and reports whether it leads.
func (q *queue) add(c *call) (leads bool, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false, ErrClosed
	}
	q.calls = append(q.calls, c)
	leads = !q.busy
	q.busy = true
	return leads, nil
}

// take returns the call that has waited longest, or nil.
func (q *queue) take() *call {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.calls) == 0 {
		return nil
	}
	c := q.calls[0]
	q.calls[0] = nil
	q.calls = q.calls[1:]
	return c
}

// pass makes the call that has waited longest the leader.
func (q *queue) pass() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.calls) > 0 {
		q.calls[0].turn <- true
		return
	}
	q.calls, q.busy = nil, false
	q.idle.Broadcast()
}

// close refuses further calls and waits for those that are queued. It reports whether it
// was the first to do so.
func (q *queue) close() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	first := !q.closed
	q.closed = true
	for q.busy {
		q.idle.Wait()
	}
	return first
}

// A group is one transaction of bbolt and those whose writes are in it.
type group struct {
	db     *DB
	bolt   *bbolt.Tx
	calls  []*call
	bytes  int  // written, roughly
	writes bool // some call wrote
	counts map[string]counts

	culprit *call // failed after it had written
	err     error // why nothing of the group is there
	ended   bool  // committed, or given up
}

// lead runs a group. The leader's own call is the first of it.
func (db *DB) lead() {
	g := &group{db: db}
	defer g.release() // even if a function ends this goroutine (runtime.Goexit)
	var err error
	if g.bolt, err = db.bolt.Begin(true); err != nil {
		g.calls = append(g.calls, db.queue.take())
		g.err, g.ended = fmt.Errorf("begin to write: %w", err), true
		return
	}
	for len(g.calls) < maxGroup && g.bytes < maxGroupBytes && g.culprit == nil {
		c := db.queue.take()
		if c == nil {
			break
		}
		g.calls = append(g.calls, c)
		g.run(c)
	}
	g.commit()
}

var (
	errEnded   = errors.New("storage: a write ended its goroutine")
	errGivenUp = errors.New("storage: given up with another write of the same commit")
)

// run runs one call.
func (g *group) run(c *call) {
	tx := &Tx{db: g.db, bolt: g.bolt, group: g}
	c.err = errEnded
	defer func() {
		if cause := recover(); cause != nil {
			c.err = fmt.Errorf("storage: a write panicked: %v\n%s", cause, debug.Stack())
		}
		if tx.wrote {
			g.writes = true
			if c.err != nil {
				g.culprit = c
			}
		}
	}()
	c.err = c.fn(tx)
}

func (g *group) commit() {
	if g.culprit == nil && g.writes {
		if g.err = g.writeCounts(); g.err == nil {
			if g.err = g.bolt.Commit(); g.err != nil {
				g.err = fmt.Errorf("commit: %w", g.err)
			}
			g.ended = true // bbolt rolls back by itself when it cannot commit, but not when it panics
		}
	}
}

// release tells all callers how it ended, and passes the lead.
func (g *group) release() {
	if !g.ended {
		_ = g.bolt.Rollback() // has no news
		if g.writes && g.err == nil {
			g.err = errGivenUp
		}
	}
	if g.culprit != nil {
		g.err = fmt.Errorf("%w: %w", errGivenUp, g.culprit.err)
	}
	g.db.queue.pass()
	for _, c := range g.calls {
		// Also those that failed by themselves: maybe because of what is not there now.
		if g.err != nil && c != g.culprit {
			c.err = g.err
		}
		c.turn <- false
	}
}
