package storage_test

import (
	"errors"
	"maps"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/table"
)

// A clock stands still until somebody moves it.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// opened returns a database in memory that sweeps only when told to.
func opened(t testing.TB, c *clock) *storage.DB {
	t.Helper()
	db, err := storage.Open("", storage.Options{Now: c.Now, SweepEvery: -1})
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, db.Check())
		require.NoError(t, db.Close())
	})
	return db
}

// definition is a table of items with an index of each projection.
func definition(name string) *table.Definition {
	return &table.Definition{
		Name: name, ID: "id-of-" + name, Region: "eu-central-1",
		Attributes: []table.Attribute{
			{Name: "pk", Type: "S"},
			{Name: "sk", Type: "N"},
			{Name: "gpk", Type: "S"},
			{Name: "gsk", Type: "B"},
			{Name: "lsk", Type: "S"},
		},
		Key:   table.Key{Partition: "pk", Sort: "sk"},
		Local: []table.Index{{Name: "local", Key: table.Key{Partition: "pk", Sort: "lsk"}, Projection: "INCLUDE", NonKey: []string{"a"}}},
		Global: []table.Index{
			{Name: "all", Global: true, Key: table.Key{Partition: "gpk", Sort: "gsk"}, Projection: "ALL"},
			{Name: "keys", Global: true, Key: table.Key{Partition: "gpk"}, Projection: "KEYS_ONLY"},
		},
	}
}

func created(t testing.TB, db *storage.DB, d *table.Definition) *table.Definition {
	t.Helper()
	require.NoError(t, db.Update(func(tx *storage.Tx) error { return tx.CreateTable(d) }))
	return current(t, db, d.Name)
}

func current(t testing.TB, db *storage.DB, name string) (d *table.Definition) {
	t.Helper()
	require.NoError(t, db.View(func(tx *storage.Tx) error {
		d = tx.Table(name)
		return nil
	}))
	return d
}

func put(t testing.TB, db *storage.DB, name string, item attribute.Item) (change storage.Change) {
	t.Helper()
	require.NoError(t, db.Update(func(tx *storage.Tx) (err error) {
		change, err = tx.Put(tx.Table(name), item, storage.User)
		return err
	}))
	return change
}

func number(n int) attribute.Number { return attribute.Number(strconv.Itoa(n)) }

func item(pk string, sk int, more attribute.Item) attribute.Item {
	item := attribute.Item{"pk": attribute.String(pk), "sk": number(sk)}
	maps.Copy(item, more)
	return item
}

func collect(t testing.TB, db *storage.DB, name, index string, r storage.Range) []string {
	t.Helper()
	texts := []string{}
	require.NoError(t, db.View(func(tx *storage.Tx) error {
		d := tx.Table(name)
		var x *table.Index
		if index != "" {
			x = d.Index(index)
		}
		for record, err := range tx.Range(d, x, r) {
			if err != nil {
				return err
			}
			texts = append(texts, string(record.JSON))
		}
		return nil
	}))
	return texts
}

func TestWritesReportWhatTheyChanged(t *testing.T) {
	t.Parallel()
	db := opened(t, newClock())
	d := created(t, db, definition("t"))
	one := item("p", 1, attribute.Item{"lsk": attribute.String("l"), "gpk": attribute.String("g"), "a": attribute.String("x")})

	change := put(t, db, "t", one)
	assert.False(t, change.HadOld)
	assert.Equal(t, attribute.ItemSize(one), change.New.Size)
	require.Len(t, change.Indexes, 2)
	assert.Equal(t, "local", change.Indexes[0].Index.Name)
	assert.Equal(t, "keys", change.Indexes[1].Index.Name)

	change = put(t, db, "t", one)
	assert.True(t, change.HadOld)
	assert.Empty(t, change.Indexes, "nothing has changed")

	two := item("p", 1, attribute.Item{"lsk": attribute.String("l"), "gpk": attribute.String("g2"), "a": attribute.String("xyz")})
	change = put(t, db, "t", two)
	require.Len(t, change.Indexes, 2)
	local, keys := change.Indexes[0], change.Indexes[1]
	assert.Equal(t, 0, local.Deleted, "written again in its place")
	assert.Equal(t, len("pkp")+len("sk")+2+len("lskl")+len("axyz"), local.Written)
	assert.Equal(t, len("pkp")+len("sk")+2+len("gpkg"), keys.Deleted)
	assert.Equal(t, keys.Deleted+1, keys.Written)

	require.NoError(t, db.Update(func(tx *storage.Tx) error {
		change, err := tx.Delete(d, two, storage.User)
		assert.True(t, change.HadOld)
		assert.Len(t, change.Indexes, 2)
		return err
	}))
	require.NoError(t, db.View(func(tx *storage.Tx) error {
		_, ok, err := tx.Get(d, two)
		assert.False(t, ok)
		items, size := tx.Stats(d, "")
		assert.Zero(t, items+size)
		return err
	}))
}

func TestAnErrorBeforeAWriteLeavesTheOthersAlone(t *testing.T) {
	t.Parallel()
	db := opened(t, newClock())
	created(t, db, definition("t"))
	refused := errors.New("refused")
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			err := db.Update(func(tx *storage.Tx) error {
				if i%2 == 0 {
					return refused
				}
				_, err := tx.Put(tx.Table("t"), item("p", i, nil), storage.User)
				return err
			})
			if i%2 == 0 {
				assert.ErrorIs(t, err, refused)
			} else {
				assert.NoError(t, err)
			}
		})
	}
	wg.Wait()
	assert.Len(t, collect(t, db, "t", "", storage.Range{}), 25)
}

// TestAFailureAfterAWriteFailsTheGroup holds up a group in its first function, so that the
// rest comes in known order.
func TestAFailureAfterAWriteFailsTheGroup(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		fail func() error
		says string
	}{
		{"error", func() error { return errors.New("too late") }, "too late"},
		{"panic", func() error { panic("ouch") }, "ouch"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			db := opened(t, newClock())
			created(t, db, definition("t"))
			written, failed := make(chan struct{}), make(chan error, 1)
			others := make(chan error, 1)
			go func() {
				others <- db.Update(func(tx *storage.Tx) error {
					_, err := tx.Put(tx.Table("t"), item("p", 1, nil), storage.User)
					close(written)
					for db.Waiting() == 0 { // the one that fails is in this group
						runtime.Gosched()
					}
					return err
				})
			}()
			<-written
			failed <- db.Update(func(tx *storage.Tx) error {
				if _, err := tx.Put(tx.Table("t"), item("p", 2, nil), storage.User); err != nil {
					return err
				}
				return test.fail()
			})
			require.ErrorContains(t, <-failed, test.says)
			require.ErrorContains(t, <-others, "given up with another write of the same commit")
			assert.Empty(t, collect(t, db, "t", "", storage.Range{}))
			put(t, db, "t", item("p", 3, nil)) // and life goes on
		})
	}
}

func TestAPanicBeforeAWriteIsItsCallersError(t *testing.T) {
	t.Parallel()
	db := opened(t, newClock())
	require.ErrorContains(t, db.Update(func(*storage.Tx) error { panic("ouch") }), "ouch")
	created(t, db, definition("t"))
}

func TestAGoroutineThatEndsInAWriteHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	db := opened(t, newClock())
	created(t, db, definition("t"))
	var wg sync.WaitGroup
	wg.Go(func() {
		_ = db.Update(func(tx *storage.Tx) error {
			_, _ = tx.Put(tx.Table("t"), item("p", 1, nil), storage.User)
			runtime.Goexit()
			return nil
		})
	})
	wg.Wait()
	put(t, db, "t", item("p", 2, nil))
	assert.Len(t, collect(t, db, "t", "", storage.Range{}), 1)
}

func TestDefinitionsBelongToTheirSnapshot(t *testing.T) {
	t.Parallel()
	db := opened(t, newClock())
	created(t, db, definition("b"))
	created(t, db, definition("a"))
	require.NoError(t, db.View(func(before *storage.Tx) error {
		require.NoError(t, db.Update(func(tx *storage.Tx) error {
			changed := *tx.Table("a")
			changed.Class = "STANDARD_INFREQUENT_ACCESS"
			return errors.Join(tx.ReplaceTable(&changed), tx.DropTable("b"))
		}))
		assert.Empty(t, before.Table("a").Class)
		assert.Equal(t, []string{"a", "b"}, before.TableNames("", 10))
		return nil
	}))
	assert.Equal(t, "STANDARD_INFREQUENT_ACCESS", current(t, db, "a").Class)
	require.Error(t, db.Update(func(tx *storage.Tx) error {
		changed := *tx.Table("a")
		changed.Class = "never committed"
		require.NoError(t, tx.ReplaceTable(&changed))
		assert.Equal(t, "never committed", tx.Table("a").Class)
		return errors.New("no")
	}))
	assert.Equal(t, "STANDARD_INFREQUENT_ACCESS", current(t, db, "a").Class)
	require.NoError(t, db.View(func(tx *storage.Tx) error {
		assert.Equal(t, []string{"a"}, tx.TableNames("", 10))
		assert.Empty(t, tx.TableNames("a", 10))
		assert.Nil(t, tx.Table("b"))
		return nil
	}))
}

func TestIndexesAreFilledAndDropped(t *testing.T) {
	t.Parallel()
	db := opened(t, newClock())
	d := definition("t")
	full := *d
	d.Global = nil
	created(t, db, d)
	for i := range 10 {
		more := attribute.Item{}
		switch {
		case i%3 == 0:
			more["gpk"] = attribute.String("g")
		case i%3 == 1:
			more["gpk"] = number(1) // of another type: not in the index
		}
		put(t, db, "t", item("p", i, more))
	}
	replace := func(d *table.Definition) {
		require.NoError(t, db.Update(func(tx *storage.Tx) error { return tx.ReplaceTable(d) }))
		require.NoError(t, db.Check())
	}
	replace(&full)
	assert.Len(t, collect(t, db, "t", "keys", storage.Range{Partition: attribute.String("g")}), 4)
	replace(d)
	assert.Nil(t, current(t, db, "t").Index("keys"))
}

func TestClosedDatabasesRefuse(t *testing.T) {
	t.Parallel()
	db, err := storage.Open("", storage.Options{})
	require.NoError(t, err)
	require.NoError(t, db.Close())
	require.ErrorIs(t, db.Close(), storage.ErrClosed)
	require.ErrorIs(t, db.View(func(*storage.Tx) error { return nil }), storage.ErrClosed)
	require.ErrorIs(t, db.Update(func(*storage.Tx) error { return nil }), storage.ErrClosed)
}

func TestViewsDoNotWrite(t *testing.T) {
	t.Parallel()
	db := opened(t, newClock())
	d := created(t, db, definition("t"))
	require.Error(t, db.View(func(tx *storage.Tx) error {
		_, err := tx.Put(d, item("p", 1, nil), storage.User)
		return err
	}))
}

func TestAFullDiskIsReportedAndNothingIsLost(t *testing.T) {
	t.Parallel()
	db := opened(t, newClock())
	created(t, db, definition("t"))
	put(t, db, "t", item("p", 0, nil))
	db.LimitFile(1 << 20)
	full := db.Update(func(tx *storage.Tx) error {
		for i := range 100 {
			more := attribute.Item{"a": attribute.Binary(make([]byte, 100_000)), "gpk": attribute.String("g")}
			if _, err := tx.Put(tx.Table("t"), item("p", i, more), storage.User); err != nil {
				return err
			}
		}
		return nil
	})
	require.ErrorContains(t, full, "commit: ")
	db.LimitFile(0)
	require.NoError(t, db.Check())
	put(t, db, "t", item("p", 1, nil))
	assert.Len(t, collect(t, db, "t", "", storage.Range{}), 2)
}
