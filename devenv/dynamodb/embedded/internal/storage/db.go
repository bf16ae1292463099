// Package storage keeps tables in one file: items, secondary indexes, expiry times, stream
// records and client tokens, in the ordered buckets of bbolt. Whatever belongs to a write
// is written in the same transaction, and an acknowledged write survives the death of the
// process at any moment.
//
// It knows definitions, keys and sizes of items. It knows nothing of requests, expressions
// and DynamoDB's exceptions: what reaches it has been checked.
//
// This file opens and closes; [Tx] in tx.go is what one does with it; group.go is how
// writes of several callers become one commit; layout.go lists the buckets.
package storage

import (
	"errors"
	"fmt"
	"sync"

	"github.com/gofrs/flock"
	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// ErrClosed is returned by what comes after Close.
var ErrClosed = errors.New("storage: the database is closed")

// A DB is an open database. Its methods may be called from several goroutines.
type DB struct {
	options Options
	dir     string // empty: in memory
	lock    *flock.Flock
	bolt    *bbolt.DB
	queue   queue
	plans   sync.Map // name of a table: *cached

	stop    chan struct{} // closed by Close
	sweeper sync.WaitGroup
}

// Open opens the database in a folder, which is made when there is none. Without a folder
// the database is in a temporary file without a name, of which nothing stays.
//
// A folder that another process has open is refused at once, and so is one with data of
// another format or of another program, which is left as it is.
func Open(dir string, options Options) (*DB, error) {
	db := &DB{options: options.withDefaults(), dir: dir, stop: make(chan struct{})}
	db.queue.idle.L = &db.queue.mu
	open := db.openTemporary
	if dir != "" {
		open = db.openFolder
	}
	if err := open(); err != nil {
		return nil, err
	}
	db.startSweeper()
	return db, nil
}

// Close waits for the reads and writes that are under way, and returns when everything is
// on the disk. What comes later gets [ErrClosed].
func (db *DB) Close() error {
	if !db.queue.close() {
		return ErrClosed
	}
	close(db.stop)
	db.sweeper.Wait()
	err := errors.Join(db.flush(), db.bolt.Close())
	if db.lock != nil {
		err = errors.Join(err, db.lock.Close())
	}
	if err != nil {
		return fmt.Errorf("close the database in %s: %w", db.place(), err)
	}
	return nil
}

// flush writes what the next Open needs to be fast, the list of free pages, which is not
// kept up to date while the database is in use: Open finds free pages by walking through
// all others, if it has to.
func (db *DB) flush() error {
	if db.dir == "" {
		return nil
	}
	db.bolt.NoFreelistSync = false
	tx, err := db.bolt.Begin(true)
	if err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	return db.bolt.Sync()
}

// View runs fn on a snapshot of the database: it sees nothing of later writes, and waits
// for none. Old versions of what is rewritten stay in the file for as long as fn runs.
func (db *DB) View(fn func(*Tx) error) error {
	err := db.bolt.View(func(bolt *bbolt.Tx) error { return fn(&Tx{db: db, bolt: bolt}) })
	if errors.Is(err, bolterrors.ErrDatabaseNotOpen) {
		return ErrClosed
	}
	return err
}

// place names the database in errors.
func (db *DB) place() string {
	if db.dir == "" {
		return "memory"
	}
	return db.dir
}
