package storage_test

import (
	"errors"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
)

func TestCloseWaitsForReads(t *testing.T) {
	t.Parallel()
	db, err := storage.Open(t.TempDir(), storage.Options{})
	require.NoError(t, err)
	created(t, db, definition("t"))

	began, end := make(chan struct{}), make(chan struct{})
	read, closed := make(chan error, 1), make(chan error, 1)
	go func() {
		read <- db.View(func(tx *storage.Tx) error {
			close(began)
			<-end
			assert.Equal(t, []string{"t"}, tx.TableNames("", 10))
			return nil
		})
	}()
	<-began
	go func() { closed <- db.Close() }()
	nothing := func(*storage.Tx) error { return nil }
	for !errors.Is(db.Update(nothing), storage.ErrClosed) {
		runtime.Gosched() // until Close has begun
	}
	late := make(chan error, 1)
	go func() { late <- db.View(nothing) }()
	select {
	case err := <-closed:
		t.Fatalf("it was closed (%v) under the eyes of a reader", err)
	default:
	}
	close(end)
	require.NoError(t, <-read)
	require.NoError(t, <-closed)
	if err := <-late; err != nil { // it may have come in time
		require.ErrorIs(t, err, storage.ErrClosed)
	}
	require.ErrorIs(t, db.View(nothing), storage.ErrClosed)
	require.ErrorIs(t, db.Check(), storage.ErrClosed)
}
