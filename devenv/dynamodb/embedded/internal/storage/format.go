package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// What a database of ours says of itself in its bucket "meta".
const (
	product = "falafel-api embedded DynamoDB"

	// format is the version of everything that is stored: buckets, keys (package key),
	// items (package attribute), definitions (package table). Whatever changes one of them
	// so that older data would be misread raises it.
	format = 1
)

// The files in a database's folder.
const (
	dataFile = "data.bolt"
	newFile  = "new.bolt" // becomes the data file when it is complete
	lockFile = "lock"     // locked while the database is open; has the process's number
)

// lockWithin bounds the wait for bbolt's own lock, which nobody has who got ours.
const lockWithin = time.Second

// mapSizes are tried one after the other. As long as the file fits into what is mapped, no
// write has to wait for all reads to end in order to map more. It is address space, not
// memory, but may be limited (ulimit -v) and is only 32 bits on some machines.
func mapSizes() []int {
	switch {
	case runtime.GOOS == "windows": // where the file would get that size
		return []int{0}
	case strconv.IntSize == 32:
		return []int{256 << 20, 0}
	default:
		gigabyte := 1 << 30
		return []int{16 * gigabyte, gigabyte, 0}
	}
}

func (db *DB) openFolder() (err error) {
	if err := os.MkdirAll(db.dir, 0o755); err != nil {
		return fmt.Errorf("make the database's folder: %w", err)
	}
	if err := db.lockFolder(); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = db.lock.Close()
		}
	}()
	data := filepath.Join(db.dir, dataFile)
	switch _, err := os.Stat(data); {
	case errors.Is(err, fs.ErrNotExist):
		if err := db.create(data); err != nil {
			return fmt.Errorf("create a database in %s: %w", db.dir, err)
		}
	case err != nil:
		return fmt.Errorf("look for a database in %s: %w", db.dir, err)
	default:
		if err := db.inspect(data); err != nil {
			return err
		}
	}
	if db.bolt, err = db.openBolt(data, nil); err != nil {
		return fmt.Errorf("open the database in %s: %w", db.dir, err)
	}
	return nil
}

// openTemporary opens a database in a file that has lost its name before anything is
// written to it. (Windows does not remove open files: there the file stays until the
// system clears its temporary folder.)
func (db *DB) openTemporary() error {
	var err error
	db.bolt, err = db.openBolt("embedded-dynamodb-*.bolt", func(pattern string, _ int, _ os.FileMode) (*os.File, error) {
		file, err := os.CreateTemp("", pattern)
		if err != nil {
			return nil, err
		}
		_ = os.Remove(file.Name())
		return file, nil
	})
	if err != nil {
		return fmt.Errorf("open a database in memory: %w", err)
	}
	if err := initialize(db.bolt); err != nil {
		return errors.Join(fmt.Errorf("open a database in memory: %w", err), db.bolt.Close())
	}
	return nil
}

// lockFolder takes the folder for this process. The kernel drops the lock when the process
// ends, however it ends.
func (db *DB) lockFolder() error {
	path := filepath.Join(db.dir, lockFile)
	db.lock = flock.New(path)
	locked, err := db.lock.TryLock()
	if err != nil {
		return fmt.Errorf("lock the database's folder %s: %w", db.dir, err)
	}
	if !locked {
		return fmt.Errorf("the database in %s is in use by another process%s: stop that one, or choose another folder",
			db.dir, numbered(path))
	}
	// The number is for people: that it could not be written changes nothing.
	_ = os.WriteFile(path, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o644)
	return nil
}

// numbered returns " (number …)" as the lock's owner wrote it, if it did.
func numbered(path string) string {
	text, err := os.ReadFile(path)
	if number := strings.TrimSpace(string(text)); err == nil && number != "" {
		return " (number " + number + ")"
	}
	return ""
}

// create makes a database under another name and renames it: there is never a data file
// that is not complete, whenever the process ends.
func (db *DB) create(data string) error {
	unfinished := filepath.Join(db.dir, newFile)
	if err := os.Remove(unfinished); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	bolt, err := bbolt.Open(unfinished, 0o644, &bbolt.Options{Timeout: lockWithin})
	if err != nil {
		return err
	}
	if err := errors.Join(initialize(bolt), bolt.Close()); err != nil {
		return err
	}
	return os.Rename(unfinished, data)
}

// initialize makes the buckets that every database has.
func initialize(bolt *bbolt.DB) error {
	return bolt.Update(func(tx *bbolt.Tx) error {
		for _, name := range [][]byte{bucketMeta, bucketTables, bucketStats, bucketStreams} {
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		meta := tx.Bucket(bucketMeta)
		return errors.Join(
			meta.Put(keyProduct, []byte(product)),
			meta.Put(keyFormat, []byte(strconv.Itoa(format))))
	})
}

// inspect looks at a data file without writing to it, and refuses what is none of ours.
func (db *DB) inspect(data string) (err error) {
	foreign := func(what string) error {
		return fmt.Errorf("%s holds %s, while this program reads format %d of %s: choose another folder, or the program that wrote it",
			data, what, format, product)
	}
	bolt, err := bbolt.Open(data, 0, &bbolt.Options{ReadOnly: true, Timeout: lockWithin})
	switch {
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrChecksum), errors.Is(err, bolterrors.ErrVersionMismatch):
		return foreign("no such database (" + err.Error() + ")")
	case err != nil:
		return fmt.Errorf("open the database in %s: %w", db.dir, err)
	}
	defer func() { err = errors.Join(err, bolt.Close()) }()
	return bolt.View(func(tx *bbolt.Tx) error {
		// What lies beyond the end of a mapped file must not be touched.
		if info, err := os.Stat(data); err != nil || info.Size() < tx.Size() {
			return fmt.Errorf("the database in %s is damaged: its file has lost its end: restore a copy, or remove %s to begin anew", db.dir, data)
		}
		meta := tx.Bucket(bucketMeta)
		if meta == nil || string(meta.Get(keyProduct)) != product {
			return foreign("a bbolt file of another program")
		}
		if version := string(meta.Get(keyFormat)); version != strconv.Itoa(format) {
			return foreign("format " + version + " of " + product)
		}
		return nil
	})
}

// openBolt opens a bbolt file for writing. An opener may replace [os.OpenFile].
func (db *DB) openBolt(path string, opener func(string, int, os.FileMode) (*os.File, error)) (*bbolt.DB, error) {
	var bolt *bbolt.DB
	var err error
	for _, size := range mapSizes() {
		bolt, err = bbolt.Open(path, 0o644, &bbolt.Options{
			Timeout:         lockWithin,
			NoSync:          !db.options.Durable,
			NoGrowSync:      !db.options.Durable,
			NoFreelistSync:  true, // see flush
			FreelistType:    bbolt.FreelistMapType,
			InitialMmapSize: size,
			NoStatistics:    true,
			OpenFile:        opener,
		})
		if err == nil {
			return bolt, nil
		}
	}
	return nil, err
}
