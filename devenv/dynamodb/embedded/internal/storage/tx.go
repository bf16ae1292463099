package storage

import (
	"errors"

	"go.etcd.io/bbolt"
)

// A Tx is a transaction: of [DB.View], which only reads, or [DB.Update]. It is for one
// goroutine and ends with the function that got it, and with it the bytes of the records
// that it returned.
type Tx struct {
	db    *DB
	bolt  *bbolt.Tx
	group *group // nil: this is a View
	wrote bool
}

var errReadOnly = errors.New("storage: a View does not write")

// write marks the transaction as one that writes, before it does: see [DB.Update].
func (tx *Tx) write() error {
	if tx.group == nil {
		return errReadOnly
	}
	tx.wrote = true
	return nil
}
