package operation

import (
	"encoding/base64"
	"encoding/binary"
	"strconv"
	"strings"
	"time"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
)

// iteratorLifetime is how long a shard iterator can be used.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetShardIterator.html
const iteratorLifetime = 15 * time.Minute

// A sequence number has 21 to 40 decimal digits on the wire: a 1, and the stored number
// with as many zeros before it as the largest needs.
const sequenceDigits = 20

func sequenceNumber(n uint64) string {
	digits := strconv.FormatUint(n, 10)
	return "1" + strings.Repeat("0", sequenceDigits-len(digits)) + digits
}

func parseSequenceNumber(s string) (uint64, bool) {
	digits, ok := strings.CutPrefix(s, "1")
	if !ok || len(digits) != sequenceDigits {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	return n, err == nil
}

type shardIteratorType string

// The kinds of iterators.
const (
	trimHorizon         shardIteratorType = "TRIM_HORIZON"
	latest              shardIteratorType = "LATEST"
	atSequenceNumber    shardIteratorType = "AT_SEQUENCE_NUMBER"
	afterSequenceNumber shardIteratorType = "AFTER_SEQUENCE_NUMBER"
)

var shardIteratorTypes = []string{string(atSequenceNumber), string(latest), string(afterSequenceNumber), string(trimHorizon)}

type getShardIteratorInput struct {
	StreamARN         *string `json:"StreamArn"`
	ShardID           *string `json:"ShardId"`
	ShardIteratorType *string `json:"ShardIteratorType"`
	SequenceNumber    *string `json:"SequenceNumber"`
}

type getShardIteratorOutput struct {
	ShardIterator string `json:"ShardIterator"`
}

// getShardIterator returns a place in a shard from which to read.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetShardIterator.html
func (s *Service) getShardIterator(_ *Call, in *getShardIteratorInput) (*getShardIteratorOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	out := new(getShardIteratorOutput)
	err := s.db.View(func(tx *storage.Tx) error {
		stream, err := streamFor(tx, *in.StreamARN)
		if err != nil {
			return err
		}
		if *in.ShardID != shardID(stream) {
			return exception.New(exception.ResourceNotFoundName, "Requested resource not found: Shard does not exist")
		}
		from, err := in.start(tx, stream)
		out.ShardIterator = shardIterator{stream.ARN, from, s.now()}.String()
		return err
	})
	return out, err
}

func (in *getShardIteratorInput) check() error {
	var c constraints
	if c.required("streamArn", in.StreamARN != nil) {
		constrainStreamARN(&c, "streamArn", in.StreamARN)
	}
	if c.required("shardId", in.ShardID != nil) {
		c.length("shardId", in.ShardID, 28, 65)
	}
	if c.required("shardIteratorType", in.ShardIteratorType != nil) {
		c.enum("shardIteratorType", in.ShardIteratorType, shardIteratorTypes...)
	}
	c.length("sequenceNumber", in.SequenceNumber, 21, 40)
	if err := c.err(); err != nil {
		return err
	}
	switch shardIteratorType(*in.ShardIteratorType) {
	case trimHorizon, latest:
		if in.SequenceNumber != nil {
			return exception.InvalidParameter("SequenceNumber should not be passed for this iterator type")
		}
	case atSequenceNumber, afterSequenceNumber:
		if in.SequenceNumber == nil {
			return exception.InvalidParameter("Invalid SequenceNumber")
		}
	}
	return nil
}

// start returns the number of the first record that the iterator may return.
func (in *getShardIteratorInput) start(tx *storage.Tx, stream storage.Stream) (uint64, error) {
	switch shardIteratorType(*in.ShardIteratorType) {
	case trimHorizon:
		return stream.First, nil
	case latest:
		return tx.LastSequence() + 1, nil
	default:
	}
	n, ok := parseSequenceNumber(*in.SequenceNumber)
	if !ok || n < stream.First || n > tx.LastSequence() || (!stream.Enabled && n > stream.Last) {
		return 0, exception.InvalidParameter("Invalid SequenceNumber")
	}
	if err := checkTrimmed(tx, stream, n); err != nil {
		return 0, err
	}
	if shardIteratorType(*in.ShardIteratorType) == afterSequenceNumber {
		n++
	}
	return n, nil
}

// A shardIterator is a place in a shard. Clients get it as text that means nothing to them.
type shardIterator struct {
	stream string
	from   uint64 // the first sequence number that may be returned
	made   time.Time
}

const iteratorVersion = "|1|"

func (i shardIterator) String() string {
	place := binary.BigEndian.AppendUint64(nil, i.from)
	place = binary.BigEndian.AppendUint64(place, uint64(i.made.UnixMilli()))
	return i.stream + iteratorVersion + base64.StdEncoding.EncodeToString(place)
}

func parseShardIterator(text string) (shardIterator, bool) {
	stream, place, ok := strings.Cut(text, iteratorVersion)
	decoded, err := base64.StdEncoding.DecodeString(place)
	const number = 8
	if !ok || err != nil || len(decoded) != 2*number {
		return shardIterator{}, false
	}
	made := int64(binary.BigEndian.Uint64(decoded[number:])) //nolint:gosec // two's complement both ways
	return shardIterator{stream, binary.BigEndian.Uint64(decoded), time.UnixMilli(made)}, true
}
