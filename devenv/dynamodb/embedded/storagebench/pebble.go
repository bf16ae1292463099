package main

import (
	"bytes"
	"errors"
	"slices"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

type pebbleStore struct{ db *pebble.DB }

// openPebble: Pebble's NoSync acknowledges what is still in a buffer of the process, which
// a kill loses. So writes are synced, in files whose Sync does nothing: the log is in the
// kernel's cache when a write is acknowledged.
func openPebble(dir string) (store, error) {
	db, err := pebble.Open(dir, &pebble.Options{
		FS: noSyncFS{vfs.Default}, Logger: quiet{},
		FormatMajorVersion: pebble.FormatNewest,
	})
	return &pebbleStore{db}, err
}

type quiet struct{}

func (quiet) Infof(string, ...any)  {}
func (quiet) Errorf(string, ...any) {}
func (quiet) Fatalf(string, ...any) {}

// noSyncFS is a file system whose files are never synced.
type noSyncFS struct{ vfs.FS }

type noSyncFile struct{ vfs.File }

func (noSyncFile) Sync() error                { return nil }
func (noSyncFile) SyncData() error            { return nil }
func (noSyncFile) SyncTo(int64) (bool, error) { return false, nil }

func noSync(file vfs.File, err error) (vfs.File, error) {
	if err != nil {
		return nil, err
	}
	return noSyncFile{file}, nil
}

func (fs noSyncFS) Create(name string, category vfs.DiskWriteCategory) (vfs.File, error) {
	return noSync(fs.FS.Create(name, category))
}

func (fs noSyncFS) ReuseForWrite(from, to string, category vfs.DiskWriteCategory) (vfs.File, error) {
	return noSync(fs.FS.ReuseForWrite(from, to, category))
}

func (fs noSyncFS) OpenDir(name string) (vfs.File, error) { return noSync(fs.FS.OpenDir(name)) }

func pebbleKey(p pair) []byte {
	if p.index {
		return slices.Concat([]byte("x"), p.key)
	}
	return slices.Concat([]byte("i"), p.key)
}

func (s *pebbleStore) write(pairs []pair) error {
	batch := s.db.NewBatch()
	for _, p := range pairs {
		key := pebbleKey(p)
		if !p.index {
			if _, err := s.read(key); err != nil {
				return err
			}
		}
		if err := batch.Set(key, p.value, nil); err != nil {
			return err
		}
	}
	return batch.Commit(pebble.Sync)
}

func (s *pebbleStore) read(key []byte) ([]byte, error) {
	value, closer, err := s.db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return bytes.Clone(value), closer.Close()
}

func (s *pebbleStore) get(key []byte) ([]byte, error) { return s.read(pebbleKey(pair{key: key})) }

func (s *pebbleStore) scan(from []byte, fn func(k, v []byte) bool) error {
	iterator, err := s.db.NewIter(&pebble.IterOptions{LowerBound: pebbleKey(pair{key: from}), UpperBound: []byte("j")})
	if err != nil {
		return err
	}
	for ok := iterator.First(); ok && fn(iterator.Key(), iterator.Value()); {
		ok = iterator.Next()
	}
	return iterator.Close()
}

func (s *pebbleStore) close() error { return s.db.Close() }
