package storage

// Waiting returns how many calls of Update wait to be run.
func (db *DB) Waiting() int {
	db.queue.mu.Lock()
	defer db.queue.mu.Unlock()
	return len(db.queue.calls)
}

// LimitFile makes commits fail that would let the file grow beyond a size, as a full disk
// does; 0 is no limit.
func (db *DB) LimitFile(size int) { db.bolt.MaxSize = size }
