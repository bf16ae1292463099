package storage

import (
	"errors"
	"time"
)

// sweepBatch is how much of a sweep one transaction does: clients wait for it.
const sweepBatch = 64

// startSweeper sweeps in the background until Close.
func (db *DB) startSweeper() {
	if db.options.SweepEvery < 0 {
		return
	}
	db.sweeper.Go(func() {
		ticker := time.NewTicker(db.options.SweepEvery)
		defer ticker.Stop()
		for {
			select {
			case <-db.stop:
				return
			case <-ticker.C:
			}
			if err := db.Sweep(); err != nil && !errors.Is(err, ErrClosed) {
				db.options.Logger.Error("sweep the embedded DynamoDB", "folder", db.place(), "error", err)
			}
		}
	})
}

// Sweep removes what has expired by now: items (see [TTL]), stream records, closed
// streams, client tokens. It is done in small transactions, and none when there is nothing
// to do.
func (db *DB) Sweep() error {
	for {
		var found findings
		if err := db.View(func(tx *Tx) (err error) {
			found, err = tx.find()
			return err
		}); err != nil {
			return err
		}
		if found.nothing() || db.stopped() {
			return nil
		}
		if err := db.Update(func(tx *Tx) error { return tx.clear(found) }); err != nil {
			return err
		}
	}
}

func (db *DB) stopped() bool {
	select {
	case <-db.stop:
		return true
	default:
		return false
	}
}

// findings is what a sweep will remove.
type findings struct {
	items   map[string][][]byte // by table: places
	tokens  []bucketName
	streams bool
}

func (f findings) nothing() bool { return len(f.items) == 0 && len(f.tokens) == 0 && !f.streams }

// find looks for what has expired, up to a batch.
func (tx *Tx) find() (findings, error) {
	found := findings{items: map[string][][]byte{}, tokens: tx.oldTokens()}
	left := sweepBatch
	err := tx.bolt.Bucket(bucketTables).ForEach(func(name, _ []byte) error {
		d := tx.Table(string(name))
		if d == nil || d.TTLAttribute == "" || left == 0 {
			return nil
		}
		if places := tx.due(tx.plan(d), left); len(places) > 0 {
			found.items[d.Name] = places
			left -= len(places)
		}
		return nil
	})
	if err != nil {
		return found, err
	}
	streams, err := tx.Streams()
	if err != nil {
		return found, err
	}
	for _, stream := range streams {
		if old, err := tx.hasOld(stream); err != nil || old {
			found.streams = true
			return found, err
		}
	}
	return found, nil
}

// clear removes what was found, if it still is there.
func (tx *Tx) clear(found findings) error {
	for name, places := range found.items {
		d := tx.Table(name)
		if d == nil || d.TTLAttribute == "" {
			continue
		}
		if err := tx.expire(tx.plan(d), places); err != nil {
			return err
		}
	}
	if err := tx.dropTokens(found.tokens); err != nil {
		return err
	}
	if !found.streams {
		return nil
	}
	return tx.trimStreams(sweepBatch)
}
