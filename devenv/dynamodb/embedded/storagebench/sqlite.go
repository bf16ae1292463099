package main

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"

	_ "modernc.org/sqlite" // registers the driver
)

type sqliteStore struct {
	db       *sql.DB
	writer   *sql.Conn
	queue    *queue
	put      map[bool]*sql.Stmt
	old      *sql.Stmt
	one, few *sql.Stmt
}

// openSQLite: with a write-ahead log and synchronous=OFF, the log is in the kernel's cache
// when a write is acknowledged.
func openSQLite(dir string) (store, error) {
	file := "file:" + filepath.Join(dir, "data.sqlite") +
		"?_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)&_pragma=busy_timeout(10000)"
	db, err := sql.Open("sqlite", file)
	if err != nil {
		return nil, err
	}
	db.SetMaxIdleConns(17)
	s := &sqliteStore{db: db, put: map[bool]*sql.Stmt{}}
	ctx := context.Background()
	if s.writer, err = db.Conn(ctx); err != nil {
		return nil, err
	}
	if _, err := s.writer.ExecContext(ctx, `
		create table if not exists items (k blob primary key, v blob not null) without rowid;
		create table if not exists entries (k blob primary key, v blob not null) without rowid`); err != nil {
		return nil, err
	}
	var failures []error
	prepared := func(statement *sql.Stmt, err error) *sql.Stmt {
		failures = append(failures, err)
		return statement
	}
	s.put[false] = prepared(s.writer.PrepareContext(ctx, "insert or replace into items values (?, ?)"))
	s.put[true] = prepared(s.writer.PrepareContext(ctx, "insert or replace into entries values (?, ?)"))
	s.old = prepared(s.writer.PrepareContext(ctx, "select v from items where k = ?"))
	s.one = prepared(db.PrepareContext(ctx, "select v from items where k = ?"))
	s.few = prepared(db.PrepareContext(ctx, "select k, v from items where k >= ? order by k limit 20"))
	s.queue = newQueue(s.commit)
	return s, errors.Join(failures...)
}

func (s *sqliteStore) commit(group []request) error {
	ctx := context.Background()
	if _, err := s.writer.ExecContext(ctx, "begin immediate"); err != nil {
		return err
	}
	for _, r := range group {
		for _, p := range r.pairs {
			if !p.index {
				var old []byte
				if err := s.old.QueryRowContext(ctx, p.key).Scan(&old); err != nil && !errors.Is(err, sql.ErrNoRows) {
					return err
				}
			}
			if _, err := s.put[p.index].ExecContext(ctx, p.key, p.value); err != nil {
				return err
			}
		}
	}
	_, err := s.writer.ExecContext(ctx, "commit")
	return err
}

func (s *sqliteStore) write(pairs []pair) error { return s.queue.write(pairs) }

func (s *sqliteStore) get(key []byte) (value []byte, err error) {
	err = s.one.QueryRow(key).Scan(&value)
	return value, err
}

func (s *sqliteStore) scan(from []byte, fn func(k, v []byte) bool) error {
	rows, err := s.few.Query(from)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var k, v []byte
		if err := rows.Scan(&k, &v); err != nil {
			return err
		}
		if !fn(k, v) {
			break
		}
	}
	return rows.Err()
}

func (s *sqliteStore) close() error {
	s.queue.close()
	return errors.Join(s.writer.Close(), s.db.Close())
}
