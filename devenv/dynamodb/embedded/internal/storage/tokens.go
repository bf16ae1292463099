package storage

import (
	"encoding/binary"
	"fmt"
	"slices"
	"time"
)

// TokenLifetime is how long a client token of a transaction is remembered.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
const TokenLifetime = 10 * time.Minute

// Tokens lie in buckets of one lifetime each, by the time when they were used: a token that
// counts is in the current one or the one before, and older ones are dropped whole.

// window returns the bucket for tokens that were used before so many lifetimes.
func (tx *Tx) window(before int64) bucketName {
	number := tx.db.options.Now().Unix()/int64(TokenLifetime/time.Second) - before
	return named(prefixTokens, fmt.Sprintf("%016x", max(0, number)))
}

// Token returns what was remembered with a client token. One that is older than
// [TokenLifetime] counts as absent.
func (tx *Tx) Token(token string) (fingerprint []byte, ok bool) {
	now := tx.db.options.Now()
	for before := range int64(2) {
		bucket := tx.bolt.Bucket(tx.window(before).bytes)
		if bucket == nil {
			continue
		}
		value := bucket.Get([]byte(token))
		if len(value) < secondLength {
			continue
		}
		used := time.UnixMilli(int64(binary.BigEndian.Uint64(value))) //nolint:gosec // was written as an int64
		if now.Sub(used) < TokenLifetime {
			return slices.Clone(value[secondLength:]), true
		}
	}
	return nil, false
}

// SetToken remembers a client token of 1 to 36 characters with the fingerprint of its
// request.
func (tx *Tx) SetToken(token string, fingerprint []byte) error {
	if err := tx.write(); err != nil {
		return err
	}
	bucket, err := tx.bolt.CreateBucketIfNotExists(tx.window(0).bytes)
	if err != nil {
		return fmt.Errorf("remember a client token: %w", err)
	}
	value := binary.BigEndian.AppendUint64(nil, uint64(tx.db.options.Now().UnixMilli()))
	return bucket.Put([]byte(token), append(value, fingerprint...))
}

// oldTokens returns the buckets of tokens that count no more.
func (tx *Tx) oldTokens() []bucketName {
	var old []bucketName
	oldest := tx.window(1)
	c := tx.bolt.Cursor()
	for name, _ := c.Seek([]byte(prefixTokens)); name != nil && string(name) < oldest.text; name, _ = c.Next() {
		old = append(old, named(string(name)))
	}
	return old
}

func (tx *Tx) dropTokens(names []bucketName) error {
	for _, name := range names {
		if tx.bolt.Bucket(name.bytes) == nil {
			continue
		}
		if err := tx.write(); err != nil {
			return err
		}
		if err := tx.bolt.DeleteBucket(name.bytes); err != nil {
			return fmt.Errorf("drop bucket %s: %w", name.text, err)
		}
	}
	return nil
}
