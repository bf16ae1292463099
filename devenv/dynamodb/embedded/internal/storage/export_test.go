package storage

// Waiting returns how many calls of Update wait to be run.
func (db *DB) Waiting() int {
	db.queue.mu.Lock()
	defer db.queue.mu.Unlock()
	return len(db.queue.calls)
}
