package operation

import (
	"encoding/hex"
	"hash/fnv"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
)

// One GetRecords returns at most so many records, and at most so many bytes of images.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetRecords.html
const (
	maxRecords     = 1000
	maxRecordBytes = 1 << 20
)

type getRecordsInput struct {
	ShardIterator *string `json:"ShardIterator"`
	Limit         *int64  `json:"Limit"`
}

type getRecordsOutput struct {
	Records           []streamRecord `json:"Records"`
	NextShardIterator string         `json:"NextShardIterator,omitzero"`
}

type streamRecord struct {
	EventID      string            `json:"eventID"`
	EventName    string            `json:"eventName"`
	EventVersion string            `json:"eventVersion"`
	EventSource  string            `json:"eventSource"`
	AWSRegion    string            `json:"awsRegion"`
	DynamoDB     streamRecordItems `json:"dynamodb"`
	UserIdentity *identity         `json:"userIdentity,omitzero"`
}

type streamRecordItems struct {
	ApproximateCreationDateTime epoch          `json:"ApproximateCreationDateTime"`
	Keys                        jsontext.Value `json:"Keys"`
	NewImage                    jsontext.Value `json:"NewImage,omitzero"`
	OldImage                    jsontext.Value `json:"OldImage,omitzero"`
	SequenceNumber              string         `json:"SequenceNumber"`
	SizeBytes                   int            `json:"SizeBytes"`
	StreamViewType              string         `json:"StreamViewType"`
}

type identity struct {
	PrincipalID string `json:"PrincipalId"`
	Type        string `json:"Type"`
}

// getRecords reads a shard from a place on, and returns the place after what it has read:
// none at the end of a closed shard.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetRecords.html
func (s *Service) getRecords(_ *Call, in *getRecordsInput) (*getRecordsOutput, error) {
	iterator, limit, err := in.check()
	if err != nil {
		return nil, err
	}
	out := &getRecordsOutput{Records: []streamRecord{}}
	err = s.db.View(func(tx *storage.Tx) error {
		stream, err := streamFor(tx, iterator.stream)
		if err != nil {
			return err
		}
		if s.now().Sub(iterator.made) > iteratorLifetime {
			return exception.New("ExpiredIteratorException", "Iterator expired. The iterator was created at time %s, and can be used for %d minutes",
				iterator.made.UTC().Format(streamLabel), int(iteratorLifetime.Minutes()))
		}
		next, size, atEnd := iterator.from, 0, true
		for r, err := range tx.StreamRecords(stream.ARN, iterator.from) {
			if err != nil {
				return err
			}
			n := len(out.Records)
			if size += r.Size; n == limit || (n > 0 && size > maxRecordBytes) {
				atEnd = false
				break
			}
			out.Records = append(out.Records, newStreamRecord(stream, &r))
			next = r.Sequence + 1
		}
		if stream.Enabled || !atEnd {
			out.NextShardIterator = shardIterator{stream.ARN, next, s.now()}.String()
		}
		return nil
	})
	return out, err
}

func (in *getRecordsInput) check() (iterator shardIterator, limit int, err error) {
	var c constraints
	if c.required("shardIterator", in.ShardIterator != nil) {
		c.length("shardIterator", in.ShardIterator, 1, 2048)
	}
	c.minimum("limit", in.Limit, 1)
	if err := c.err(); err != nil {
		return iterator, 0, err
	}
	limit = maxRecords
	if in.Limit != nil {
		if *in.Limit > maxRecords {
			return iterator, 0, exception.InvalidParameter("Limit should be less than or equal to %d", maxRecords)
		}
		limit = int(*in.Limit)
	}
	iterator, ok := parseShardIterator(*in.ShardIterator)
	if !ok {
		return iterator, 0, exception.Validation("Invalid ShardIterator")
	}
	return iterator, limit, nil
}

func newStreamRecord(stream storage.Stream, r *storage.StreamRecord) streamRecord {
	record := streamRecord{
		EventID: eventID(stream.ARN, r.Sequence), EventName: r.Event, EventVersion: "1.1",
		EventSource: "aws:dynamodb", AWSRegion: regionOf(stream.ARN),
		DynamoDB: streamRecordItems{
			ApproximateCreationDateTime: epoch(r.Time), Keys: r.Keys, NewImage: r.New, OldImage: r.Old,
			SequenceNumber: sequenceNumber(r.Sequence), SizeBytes: r.Size, StreamViewType: stream.ViewType,
		},
	}
	if r.By == storage.TTL {
		record.UserIdentity = &identity{PrincipalID: "dynamodb.amazonaws.com", Type: "Service"}
	}
	return record
}

// eventID is the same whenever a record is read, so that consumers can tell what they have
// seen.
func eventID(arn string, sequence uint64) string {
	h := fnv.New128a()
	_, _ = h.Write(strconv.AppendUint([]byte(arn+"#"), sequence, 10)) // never fails
	return hex.EncodeToString(h.Sum(nil))
}

// regionOf returns the region in an ARN: arn:aws:dynamodb:region:…
func regionOf(arn string) string {
	const region = 3
	if parts := strings.Split(arn, ":"); len(parts) > region {
		return parts[region]
	}
	return ""
}

// checkTrimmed refuses a sequence number that lies before what the stream still has.
func checkTrimmed(tx *storage.Tx, stream storage.Stream, n uint64) error {
	oldest, ok := tx.OldestRecord(stream.ARN)
	if !ok || n == stream.First || n >= oldest {
		return nil
	}
	return exception.New("TrimmedDataAccessException", "The operation attempted to read past the oldest stream record in a shard.")
}
