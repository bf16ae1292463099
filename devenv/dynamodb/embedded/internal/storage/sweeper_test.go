package storage_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/table"
)

func seconds(t time.Time) attribute.Number { return attribute.Number(strconv.FormatInt(t.Unix(), 10)) }

func TestItemsExpire(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		expires func(now time.Time) attribute.Value
		gone    bool
	}{
		{"now", func(now time.Time) attribute.Value { return seconds(now) }, true},
		{"a second later", func(now time.Time) attribute.Value { return seconds(now.Add(time.Second)) }, false},
		{"with a fraction", func(now time.Time) attribute.Value { return seconds(now) + ".5" }, true},
		{"four years ago", func(now time.Time) attribute.Value { return seconds(now.AddDate(-4, 0, 0)) }, true},
		{"six years ago", func(now time.Time) attribute.Value { return seconds(now.AddDate(-6, 0, 0)) }, false},
		{"as a string", func(now time.Time) attribute.Value { return attribute.String(seconds(now)) }, false},
		{"before 1970", func(time.Time) attribute.Value { return attribute.Number("-5") }, false},
		{"huge", func(time.Time) attribute.Value { return attribute.Number("100000000000000000000") }, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			db := opened(t, c)
			d := definition("t")
			d.TTLAttribute = "expires"
			created(t, db, d)
			put(t, db, "t", item("p", 1, attribute.Item{"expires": test.expires(c.Now())}))
			require.NoError(t, db.Sweep())
			assert.Equal(t, test.gone, len(collect(t, db, "t", "", storage.Range{})) == 0)
		})
	}
}

func TestManyItemsExpireInBatches(t *testing.T) {
	t.Parallel()
	c := newClock()
	db := opened(t, c)
	created(t, db, definition("t"))
	for i := range 200 {
		put(t, db, "t", item("p", i, attribute.Item{"expires": seconds(c.Now()), "gpk": attribute.String("g")}))
	}
	require.NoError(t, db.Sweep())
	require.Len(t, collect(t, db, "t", "", storage.Range{}), 200, "there is no TTL yet")
	set := func(name string) {
		require.NoError(t, db.Update(func(tx *storage.Tx) error {
			changed := *tx.Table("t")
			changed.TTLAttribute = name
			return tx.ReplaceTable(&changed)
		}))
		require.NoError(t, db.Check())
	}
	set("other")
	set("expires")
	put(t, db, "t", item("p", 7, attribute.Item{"expires": seconds(c.Now().Add(time.Hour))}))
	require.NoError(t, db.Sweep())
	assert.Len(t, collect(t, db, "t", "", storage.Range{}), 1)
	assert.Empty(t, collect(t, db, "t", "keys", storage.Range{}))
	c.pass(time.Hour)
	require.NoError(t, db.Sweep())
	assert.Empty(t, collect(t, db, "t", "", storage.Range{}))
	set("")
}

func TestTheSweeperRunsByItself(t *testing.T) {
	t.Parallel()
	c := newClock()
	db, err := storage.Open("", storage.Options{Now: c.Now, SweepEvery: time.Millisecond})
	require.NoError(t, err)
	d := definition("t")
	d.TTLAttribute = "expires"
	created(t, db, d)
	put(t, db, "t", item("p", 1, attribute.Item{"expires": seconds(c.Now())}))
	require.Eventually(t, func() bool { return len(collect(t, db, "t", "", storage.Range{})) == 0 }, 10*time.Second, time.Millisecond)
	require.NoError(t, db.Close())
}

func TestStreamsTellWhatHappened(t *testing.T) {
	t.Parallel()
	c := newClock()
	for view, images := range map[string][2]bool{
		"KEYS_ONLY": {false, false}, "NEW_IMAGE": {true, false}, "OLD_IMAGE": {false, true}, "NEW_AND_OLD_IMAGES": {true, true},
	} {
		t.Run(view, func(t *testing.T) {
			t.Parallel()
			db := opened(t, c)
			d := definition("t")
			d.TTLAttribute = "expires"
			d.Stream = table.Stream{Enabled: true, Label: "2026-05-01T12:00:00.000", ViewType: view}
			created(t, db, d)
			first := item("p", 1, attribute.Item{"a": attribute.StringSet{"x", "y"}})
			second := item("p", 1, attribute.Item{"a": number(2), "expires": seconds(c.Now())})
			put(t, db, "t", first)
			put(t, db, "t", item("p", 1, attribute.Item{"a": attribute.StringSet{"y", "x"}})) // the same
			put(t, db, "t", first)
			put(t, db, "t", second)
			put(t, db, "t", second)
			require.NoError(t, db.Sweep())

			records := streamRecords(t, db, d.StreamARN())
			require.Len(t, records, 3)
			keys := string(attribute.AppendItem(nil, item("p", 1, nil)))
			text := func(i attribute.Item, visible bool) string {
				if !visible || i == nil {
					return ""
				}
				return string(attribute.AppendItem(nil, i))
			}
			for i, want := range []struct {
				event    string
				old, now attribute.Item
				by       storage.Identity
			}{
				{"INSERT", nil, first, storage.User},
				{"MODIFY", first, second, storage.User},
				{"REMOVE", second, nil, storage.TTL},
			} {
				record := records[i]
				size := attribute.ItemSize(item("p", 1, nil))
				if images[0] {
					size += attribute.ItemSize(want.now)
				}
				if images[1] {
					size += attribute.ItemSize(want.old)
				}
				assert.Equal(t, want.event, record.Event)
				assert.Equal(t, keys, string(record.Keys))
				assert.Equal(t, text(want.now, images[0]), string(record.New))
				assert.Equal(t, text(want.old, images[1]), string(record.Old))
				assert.Equal(t, want.by, record.By)
				assert.Equal(t, size, record.Size)
				assert.True(t, record.Time.Equal(c.Now()))
			}
		})
	}
}

func streamRecords(t *testing.T, db *storage.DB, arn string) (records []storage.StreamRecord) {
	t.Helper()
	require.NoError(t, db.View(func(tx *storage.Tx) error {
		for record, err := range tx.StreamRecords(arn, 0) {
			require.NoError(t, err)
			records = append(records, record)
		}
		return nil
	}))
	return records
}

func TestStreamsOutliveTheirTablesByADay(t *testing.T) {
	t.Parallel()
	c := newClock()
	db := opened(t, c)
	d := definition("t")
	d.Stream = table.Stream{Enabled: true, Label: "first", ViewType: "KEYS_ONLY"}
	created(t, db, d)
	put(t, db, "t", item("p", 1, nil))
	c.pass(23 * time.Hour)
	put(t, db, "t", item("p", 2, nil))
	require.NoError(t, db.Update(func(tx *storage.Tx) error { return tx.DropTable("t") }))
	c.pass(2 * time.Hour)
	require.NoError(t, db.Sweep())
	assert.Len(t, streamRecords(t, db, d.StreamARN()), 1, "the first is more than a day old")
	require.NoError(t, db.View(func(tx *storage.Tx) error {
		stream, ok, err := tx.Stream(d.StreamARN())
		require.NoError(t, err)
		assert.True(t, ok)
		assert.False(t, stream.Enabled)
		assert.Equal(t, tx.LastSequence(), stream.Last)
		return nil
	}))
	c.pass(23 * time.Hour)
	require.NoError(t, db.Sweep())
	require.NoError(t, db.View(func(tx *storage.Tx) error {
		streams, err := tx.Streams()
		assert.Empty(t, streams)
		return err
	}))
}

func TestTokensAreForgotten(t *testing.T) {
	t.Parallel()
	c := newClock()
	db := opened(t, c)
	recall := func(token string) (text string, ok bool) {
		require.NoError(t, db.View(func(tx *storage.Tx) error {
			fingerprint, found := tx.Token(token)
			text, ok = string(fingerprint), found
			return nil
		}))
		return text, ok
	}
	_, ok := recall("token")
	require.False(t, ok)
	c.pass(9 * time.Minute)
	require.NoError(t, db.Update(func(tx *storage.Tx) error { return tx.SetToken("token", []byte("print")) }))
	c.pass(10*time.Minute - time.Second)
	require.NoError(t, db.Sweep())
	text, ok := recall("token")
	assert.True(t, ok)
	assert.Equal(t, "print", text)
	c.pass(time.Second)
	_, ok = recall("token")
	assert.False(t, ok)
	c.pass(time.Hour)
	require.NoError(t, db.Sweep())
}
