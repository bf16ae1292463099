package storage

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/table"
)

// keepRecords is how long a stream keeps its records, and how long one that has been
// closed, by its table's deletion or otherwise, can be read.
const keepRecords = 24 * time.Hour

// A Stream is a stream of changes that there is, or was less than a day ago. It has one
// shard.
type Stream struct {
	ARN, Label, Table string
	Key               table.Key
	ViewType          string // KEYS_ONLY, NEW_IMAGE, OLD_IMAGE or NEW_AND_OLD_IMAGES
	Enabled           bool
	Created           time.Time
	Ended             time.Time // zero while it is enabled

	// The sequence numbers with which its shard begins and, when it has ended, ends. Its
	// records lie between.
	First, Last uint64
}

// A StreamRecord is a change of an item.
type StreamRecord struct {
	Sequence       uint64    // increases over all streams; gaps mean nothing
	Time           time.Time // in whole seconds
	Event          string    // INSERT, MODIFY or REMOVE
	Keys, New, Old []byte    // as [attribute.AppendItem] makes; nil where there is none, or the view leaves it out
	Size           int       // of Keys, New and Old, as DynamoDB counts
	By             Identity
}

// The events, by their number in the stored form.
var events = []string{"INSERT", "MODIFY", "REMOVE"}

const (
	insert = iota
	modify
	remove
)

// Streams returns all streams in the order of their ARNs.
func (tx *Tx) Streams() ([]Stream, error) {
	var streams []Stream
	err := tx.bolt.Bucket(bucketStreams).ForEach(func(arn, text []byte) error {
		stream, err := decodeStream(arn, text)
		streams = append(streams, stream)
		return err
	})
	return streams, err
}

// Stream returns a stream by its ARN.
func (tx *Tx) Stream(arn string) (stream Stream, ok bool, err error) {
	text := tx.bolt.Bucket(bucketStreams).Get([]byte(arn))
	if text == nil {
		return Stream{}, false, nil
	}
	stream, err = decodeStream([]byte(arn), text)
	return stream, err == nil, err
}

func decodeStream(arn, text []byte) (stream Stream, err error) {
	if err := json.Unmarshal(text, &stream); err != nil {
		return Stream{}, fmt.Errorf("decode the description of stream %s: %w", arn, err)
	}
	return stream, nil
}

// LastSequence returns the highest sequence number that has been given out: later records
// have higher ones.
func (tx *Tx) LastSequence() uint64 { return tx.bolt.Bucket(bucketStreams).Sequence() }

// StreamRecords iterates over the records of a stream that have a sequence number of at
// least from. They stay valid after the transaction. An error ends it.
//
// It reads as it goes, since records may be large. The transaction must not write before it
// ends.
func (tx *Tx) StreamRecords(arn string, from uint64) iter.Seq2[StreamRecord, error] {
	return func(yield func(StreamRecord, error) bool) {
		bucket := tx.bolt.Bucket(named(prefixRecords, arn).bytes)
		if bucket == nil {
			return
		}
		c := bucket.Cursor()
		for k, v := c.Seek(binary.BigEndian.AppendUint64(nil, from)); k != nil; k, v = c.Next() {
			record, err := decodeStreamRecord(v)
			if err != nil {
				yield(StreamRecord{}, fmt.Errorf("decode a record of stream %s: %w", arn, err))
				return
			}
			record.Sequence = binary.BigEndian.Uint64(k)
			if !yield(record, nil) {
				return
			}
		}
	}
}

// OldestRecord returns the sequence number of the oldest record that a stream still has.
func (tx *Tx) OldestRecord(arn string) (sequence uint64, ok bool) {
	bucket := tx.bolt.Bucket(named(prefixRecords, arn).bytes)
	if bucket == nil {
		return 0, false
	}
	k, _ := bucket.Cursor().First()
	if k == nil {
		return 0, false
	}
	return binary.BigEndian.Uint64(k), true
}

// replaceStream closes the stream that a table had and opens the one that it has now.
func (tx *Tx) replaceStream(before, now *table.Definition) error {
	if before.Stream.Enabled {
		if err := tx.closeStream(before.StreamARN()); err != nil {
			return err
		}
	}
	if now.Stream.Enabled {
		return tx.openStream(now)
	}
	return nil
}

func (tx *Tx) openStream(d *table.Definition) error {
	first, err := tx.bolt.Bucket(bucketStreams).NextSequence()
	if err != nil {
		return fmt.Errorf("number a stream: %w", err)
	}
	records := named(prefixRecords, d.StreamARN())
	if _, err := tx.bolt.CreateBucket(records.bytes); err != nil {
		return fmt.Errorf("create bucket %s: %w", records.text, err)
	}
	return tx.storeStream(Stream{
		ARN: d.StreamARN(), Label: d.Stream.Label, Table: d.Name,
		Key: d.Key, ViewType: d.Stream.ViewType, Enabled: true,
		Created: tx.db.options.Now(), First: first,
	})
}

func (tx *Tx) closeStream(arn string) error {
	stream, ok, err := tx.Stream(arn)
	if err != nil || !ok {
		return err
	}
	if stream.Last, err = tx.bolt.Bucket(bucketStreams).NextSequence(); err != nil {
		return fmt.Errorf("number the end of a stream: %w", err)
	}
	stream.Enabled, stream.Ended = false, tx.db.options.Now()
	return tx.storeStream(stream)
}

func (tx *Tx) storeStream(stream Stream) error {
	text, err := json.Marshal(stream)
	if err != nil {
		return fmt.Errorf("encode the description of stream %s: %w", stream.ARN, err)
	}
	return tx.bolt.Bucket(bucketStreams).Put([]byte(stream.ARN), text)
}

// streamChange adds a change of an item to the table's stream, unless nothing has changed:
// the stored forms of sets with the same members may differ.
func (tx *Tx) streamChange(p *plan, before, now version, by Identity) error {
	if p.records.text == "" {
		return nil
	}
	if len(before.value) == len(now.value) && attribute.Equal(before.item, now.item) {
		return nil
	}
	sequence, err := tx.bolt.Bucket(bucketStreams).NextSequence()
	if err != nil {
		return fmt.Errorf("number a stream record: %w", err)
	}
	bucket, err := tx.bucket(p.records)
	if err != nil {
		return err
	}
	value := appendStreamRecord(nil, newStreamRecord(p, before, now, by, tx.db.options.Now()))
	tx.group.bytes += len(value)
	return bucket.Put(binary.BigEndian.AppendUint64(nil, sequence), value)
}

func newStreamRecord(p *plan, before, now version, by Identity, at time.Time) StreamRecord {
	record := StreamRecord{Time: at, By: by}
	item := now.item
	switch {
	case before.value == nil:
		record.Event = events[insert]
	case now.value != nil:
		record.Event = events[modify]
	default:
		record.Event, item = events[remove], before.item
	}
	keys := attribute.Item{}
	for _, name := range p.definition.Key.Names() {
		keys[name] = item[name]
	}
	record.Keys, record.Size = attribute.AppendItem(nil, keys), attribute.ItemSize(keys)
	view := p.definition.Stream.ViewType
	if view == "NEW_IMAGE" || view == "NEW_AND_OLD_IMAGES" {
		record.New = now.JSON
		record.Size += now.Size
	}
	if view == "OLD_IMAGE" || view == "NEW_AND_OLD_IMAGES" {
		record.Old = before.JSON
		record.Size += before.Size
	}
	return record
}

// A stored record is a byte for the event and the identity, the second and the size
// (uvarint), and the three images, each behind its length.

const identityShift = 4

func appendStreamRecord(dst []byte, record StreamRecord) []byte {
	event := byte(insert)
	for i, name := range events {
		if name == record.Event {
			event = byte(i)
		}
	}
	dst = append(dst, event|byte(record.By)<<identityShift)
	dst = binary.AppendUvarint(dst, uint64(max(0, record.Time.Unix())))
	dst = binary.AppendUvarint(dst, uint64(record.Size)) //nolint:gosec // not negative
	for _, image := range [][]byte{record.Keys, record.New, record.Old} {
		dst = append(binary.AppendUvarint(dst, uint64(len(image))), image...)
	}
	return dst
}

var errDamagedRecord = errors.New("storage: a stored stream record is damaged")

// decodeStreamRecord copies what it decodes.
func decodeStreamRecord(src []byte) (StreamRecord, error) {
	if len(src) == 0 || int(src[0]&(1<<identityShift-1)) >= len(events) {
		return StreamRecord{}, errDamagedRecord
	}
	record := StreamRecord{Event: events[src[0]&(1<<identityShift-1)], By: Identity(src[0] >> identityShift)}
	src = src[1:]
	var err error
	number := func() uint64 {
		n, length := binary.Uvarint(src)
		if length <= 0 {
			err, src = errDamagedRecord, nil
			return 0
		}
		src = src[length:]
		return n
	}
	record.Time = time.Unix(int64(number()), 0).UTC() //nolint:gosec // was written as an int64
	record.Size = int(number())                       //nolint:gosec // was written as an int
	for _, image := range []*[]byte{&record.Keys, &record.New, &record.Old} {
		length := number()
		if length > uint64(len(src)) {
			return StreamRecord{}, errDamagedRecord
		}
		if length > 0 {
			*image = append([]byte(nil), src[:length]...)
		}
		src = src[length:]
	}
	return record, err
}

// hasOld reports whether there is something to trim in a stream.
func (tx *Tx) hasOld(stream Stream) (bool, error) {
	if tx.outlived(stream) {
		return true, nil
	}
	old, err := tx.oldRecords(stream, 1)
	return len(old) > 0, err
}

// outlived reports whether a stream was closed so long ago that it is gone.
func (tx *Tx) outlived(stream Stream) bool {
	return !stream.Enabled && stream.Ended.Before(tx.db.options.Now().Add(-keepRecords))
}

// oldRecords returns the keys of a stream's records that are too old, at most limit.
func (tx *Tx) oldRecords(stream Stream, limit int) ([][]byte, error) {
	oldest := tx.db.options.Now().Add(-keepRecords)
	var keys [][]byte
	for record, err := range tx.StreamRecords(stream.ARN, 0) {
		if err != nil {
			return nil, err
		}
		if len(keys) == limit || !record.Time.Before(oldest) {
			break
		}
		keys = append(keys, binary.BigEndian.AppendUint64(nil, record.Sequence))
	}
	return keys, nil
}

// trimStreams removes what is too old, of each stream at most so many records.
func (tx *Tx) trimStreams(limit int) error {
	streams, err := tx.Streams()
	if err != nil {
		return err
	}
	for _, stream := range streams {
		if err := tx.trimStream(stream, limit); err != nil {
			return fmt.Errorf("trim stream %s: %w", stream.ARN, err)
		}
	}
	return nil
}

func (tx *Tx) trimStream(stream Stream, limit int) error {
	name := named(prefixRecords, stream.ARN)
	if tx.outlived(stream) {
		if err := tx.write(); err != nil {
			return err
		}
		return errors.Join(tx.bolt.DeleteBucket(name.bytes), tx.bolt.Bucket(bucketStreams).Delete([]byte(stream.ARN)))
	}
	keys, err := tx.oldRecords(stream, limit)
	if err != nil || len(keys) == 0 {
		return err
	}
	if err := tx.write(); err != nil {
		return err
	}
	bucket, err := tx.bucket(name)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if err := bucket.Delete(k); err != nil {
			return err
		}
	}
	return nil
}
