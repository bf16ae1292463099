package main

import (
	"bytes"
	"path/filepath"

	"go.etcd.io/bbolt"
)

type boltStore struct {
	db    *bbolt.DB
	queue *queue
}

var boltBuckets = map[bool][]byte{false: []byte("items"), true: []byte("index")}

// openBolt: without syncs, pages and then the page that refers to them are in the kernel's
// cache when a write is acknowledged.
func openBolt(dir string) (store, error) {
	db, err := bbolt.Open(filepath.Join(dir, "data.bolt"), 0o600, &bbolt.Options{
		NoSync: true, NoGrowSync: true, NoFreelistSync: true,
		FreelistType: bbolt.FreelistMapType, InitialMmapSize: 16 << 30, NoStatistics: true,
	})
	if err != nil {
		return nil, err
	}
	s := &boltStore{db: db}
	s.queue = newQueue(s.commit)
	return s, db.Update(func(tx *bbolt.Tx) error {
		for _, name := range boltBuckets {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *boltStore) commit(group []request) error {
	return s.db.Update(func(tx *bbolt.Tx) error {
		for _, r := range group {
			for _, p := range r.pairs {
				bucket := tx.Bucket(boltBuckets[p.index])
				if !p.index {
					_ = bucket.Get(p.key)
				}
				if err := bucket.Put(p.key, p.value); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func (s *boltStore) write(pairs []pair) error { return s.queue.write(pairs) }

func (s *boltStore) get(key []byte) (value []byte, err error) {
	err = s.db.View(func(tx *bbolt.Tx) error {
		value = bytes.Clone(tx.Bucket(boltBuckets[false]).Get(key))
		return nil
	})
	return value, err
}

func (s *boltStore) scan(from []byte, fn func(k, v []byte) bool) error {
	return s.db.View(func(tx *bbolt.Tx) error {
		c := tx.Bucket(boltBuckets[false]).Cursor()
		for k, v := c.Seek(from); k != nil && fn(k, v); {
			k, v = c.Next()
		}
		return nil
	})
}

// close writes the list of free pages, as the engine does, so that opening is fast.
func (s *boltStore) close() error {
	s.queue.close()
	s.db.NoFreelistSync = false
	if err := s.db.Update(func(*bbolt.Tx) error { return nil }); err != nil {
		return err
	}
	return s.db.Close()
}
