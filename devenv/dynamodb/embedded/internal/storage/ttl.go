package storage

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
)

// A table with a TTL attribute has a list of its items by the second in which they expire.
// Items whose attribute is no Number, or no time, are not in it: they never expire.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-before-you-start.html

// maxExpired is the age from which a time is taken for a mistake: the item stays.
const maxExpired = 5 * 365 * 24 * time.Hour

// maxSecondDigits is enough for every year of four digits; what is longer is no time in
// seconds.
const maxSecondDigits = 12

// secondLength is the length of a second in a key.
const secondLength = 8

// expiry returns the second in which an item expires, in seconds since 1970.
func expiry(item attribute.Item, name string) (second uint64, ok bool) {
	number, ok := item[name].(attribute.Number)
	if !ok {
		return 0, false
	}
	whole, _, _ := strings.Cut(string(number), ".")
	if len(whole) > maxSecondDigits {
		return 0, false
	}
	second, err := strconv.ParseUint(whole, 10, 64)
	return second, err == nil && second > 0
}

// expired returns the seconds that count as expired: from the first to the last.
func (db *DB) expired() (first, last uint64) {
	now := db.options.Now()
	return uint64(max(1, now.Add(-maxExpired).Unix())), uint64(max(1, now.Unix()))
}

// expiryKey returns the key in the list of an item that expires in a second. Without an
// item it is before those of all.
func expiryKey(second uint64, place []byte) []byte {
	return append(binary.BigEndian.AppendUint64(nil, second), place...)
}

// changeTTL brings the list up to date with a change of an item.
func (tx *Tx) changeTTL(p *plan, place []byte, before, now version) error {
	if p.ttl.text == "" {
		return nil
	}
	from, had := expiry(before.item, p.definition.TTLAttribute)
	to, has := expiry(now.item, p.definition.TTLAttribute)
	if had == has && from == to {
		return nil
	}
	bucket, err := tx.bucket(p.ttl)
	if err != nil {
		return err
	}
	if had {
		if err := bucket.Delete(expiryKey(from, place)); err != nil {
			return fmt.Errorf("change the expiry of an item: %w", err)
		}
	}
	if has {
		if err := bucket.Put(expiryKey(to, place), nil); err != nil {
			return fmt.Errorf("change the expiry of an item: %w", err)
		}
	}
	return nil
}

// replaceTTL makes the list anew when another attribute counts.
func (tx *Tx) replaceTTL(from, to *plan) error {
	if from.definition.TTLAttribute == to.definition.TTLAttribute {
		return nil
	}
	if from.ttl.text != "" {
		if err := tx.bolt.DeleteBucket(from.ttl.bytes); err != nil {
			return fmt.Errorf("drop bucket %s: %w", from.ttl.text, err)
		}
	}
	if to.ttl.text == "" {
		return nil
	}
	if _, err := tx.bolt.CreateBucket(to.ttl.bytes); err != nil {
		return fmt.Errorf("create bucket %s: %w", to.ttl.text, err)
	}
	return tx.each(to, func(place []byte, v version) error { return tx.changeTTL(to, place, version{}, v) })
}

// due returns some of a table's list of items: what has expired.
func (tx *Tx) due(p *plan, limit int) [][]byte {
	bucket := tx.bolt.Bucket(p.ttl.bytes)
	if bucket == nil {
		return nil
	}
	first, last := tx.db.expired()
	var due [][]byte
	c := bucket.Cursor()
	for k, _ := c.Seek(expiryKey(first, nil)); k != nil && binary.BigEndian.Uint64(k) <= last && len(due) < limit; k, _ = c.Next() {
		due = append(due, bytes.Clone(k))
	}
	return due
}

// expire deletes the items that due has listed, those of them that are still there and
// expire in that second: they may have changed since.
func (tx *Tx) expire(p *plan, due [][]byte) error {
	list, err := tx.bucket(p.ttl)
	if err != nil {
		return err
	}
	items, err := tx.bucket(p.items)
	if err != nil {
		return err
	}
	for _, entry := range due {
		if list.Get(entry) == nil {
			continue
		}
		place := entry[secondLength:]
		if items.Get(place) == nil {
			return fmt.Errorf("storage: an item of table %s expires that is not there", p.definition.Name)
		}
		if _, err := tx.change(p, place, version{}, TTL); err != nil {
			return err
		}
	}
	return nil
}
