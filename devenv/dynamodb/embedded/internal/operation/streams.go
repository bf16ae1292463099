package operation

import (
	"fmt"
	"hash/fnv"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
)

// streamOperations are those of DynamoDB Streams. A stream has one shard, from its
// beginning to its end: nothing is so large here that it has to be split.
var streamOperations = map[string]handler{
	"ListStreams":      handle((*Service).listStreams),
	"DescribeStream":   handle((*Service).describeStream),
	"GetShardIterator": handle((*Service).getShardIterator),
	"GetRecords":       handle((*Service).getRecords),
}

type listStreamsInput struct {
	TableName               *string `json:"TableName"`
	Limit                   *int64  `json:"Limit"`
	ExclusiveStartStreamARN *string `json:"ExclusiveStartStreamArn"`
}

type listStreamsOutput struct {
	Streams                []streamSummary `json:"Streams"`
	LastEvaluatedStreamARN string          `json:"LastEvaluatedStreamArn,omitzero"`
}

type streamSummary struct {
	StreamARN   string `json:"StreamArn"`
	TableName   string `json:"TableName"`
	StreamLabel string `json:"StreamLabel"`
}

// listStreams lists streams in the order of their ARNs, closed ones too, for a day.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_ListStreams.html
func (s *Service) listStreams(_ *Call, in *listStreamsInput) (*listStreamsOutput, error) {
	var c constraints
	c.minimum("limit", in.Limit, 1)
	c.indexName("tableName", in.TableName)
	constrainStreamARN(&c, "exclusiveStartStreamArn", in.ExclusiveStartStreamARN)
	if err := c.err(); err != nil {
		return nil, err
	}
	limit := maxListed
	if in.Limit != nil {
		if *in.Limit > maxListed {
			return nil, exception.InvalidParameter("Limit cannot be greater than the maximum allowed size: %d", maxListed)
		}
		limit = int(*in.Limit)
	}
	out := &listStreamsOutput{Streams: []streamSummary{}}
	err := s.db.View(func(tx *storage.Tx) error {
		streams, err := tx.Streams()
		for _, stream := range streams {
			switch {
			case in.TableName != nil && stream.Table != *in.TableName,
				in.ExclusiveStartStreamARN != nil && stream.ARN <= *in.ExclusiveStartStreamARN:
			case len(out.Streams) == limit:
				out.LastEvaluatedStreamARN = out.Streams[limit-1].StreamARN
				return err
			default:
				out.Streams = append(out.Streams, streamSummary{stream.ARN, stream.Table, stream.Label})
			}
		}
		return err
	})
	return out, err
}

type describeStreamInput struct {
	StreamARN             *string `json:"StreamArn"`
	Limit                 *int64  `json:"Limit"`
	ExclusiveStartShardID *string `json:"ExclusiveStartShardId"`
}

type describeStreamOutput struct {
	StreamDescription streamDescription `json:"StreamDescription"`
}

type streamDescription struct {
	StreamARN               string             `json:"StreamArn"`
	StreamLabel             string             `json:"StreamLabel"`
	StreamStatus            string             `json:"StreamStatus"`
	StreamViewType          string             `json:"StreamViewType"`
	CreationRequestDateTime epoch              `json:"CreationRequestDateTime"`
	TableName               string             `json:"TableName"`
	KeySchema               []keySchemaElement `json:"KeySchema"`
	Shards                  []shard            `json:"Shards"`
}

type shard struct {
	ShardID             string              `json:"ShardId"`
	SequenceNumberRange sequenceNumberRange `json:"SequenceNumberRange"`
}

type sequenceNumberRange struct {
	StartingSequenceNumber string `json:"StartingSequenceNumber"`
	EndingSequenceNumber   string `json:"EndingSequenceNumber,omitzero"`
}

// describeStream tells what a stream is, and its shard.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_DescribeStream.html
func (s *Service) describeStream(_ *Call, in *describeStreamInput) (*describeStreamOutput, error) {
	var c constraints
	if c.required("streamArn", in.StreamARN != nil) {
		constrainStreamARN(&c, "streamArn", in.StreamARN)
	}
	c.minimum("limit", in.Limit, 1)
	c.length("exclusiveStartShardId", in.ExclusiveStartShardID, 28, 65)
	if err := c.err(); err != nil {
		return nil, err
	}
	if in.Limit != nil && *in.Limit > maxListed {
		return nil, exception.InvalidParameter("Limit cannot be greater than the maximum allowed size: %d", maxListed)
	}
	var out *describeStreamOutput
	err := s.db.View(func(tx *storage.Tx) error {
		stream, err := streamFor(tx, *in.StreamARN)
		if err == nil {
			out = &describeStreamOutput{newStreamDescription(stream, in.ExclusiveStartShardID)}
		}
		return err
	})
	return out, err
}

func newStreamDescription(stream storage.Stream, after *string) streamDescription {
	d := streamDescription{
		StreamARN: stream.ARN, StreamLabel: stream.Label, StreamStatus: "ENABLED", StreamViewType: stream.ViewType,
		CreationRequestDateTime: epoch(stream.Created), TableName: stream.Table, KeySchema: schemaOf(stream.Key), Shards: []shard{},
	}
	only := shard{shardID(stream), sequenceNumberRange{StartingSequenceNumber: sequenceNumber(stream.First)}}
	if !stream.Enabled {
		d.StreamStatus = "DISABLED"
		only.SequenceNumberRange.EndingSequenceNumber = sequenceNumber(stream.Last)
	}
	if after == nil || only.ShardID > *after {
		d.Shards = append(d.Shards, only)
	}
	return d
}

func constrainStreamARN(c *constraints, member string, arn *string) { c.length(member, arn, 37, 1024) }

func streamFor(tx *storage.Tx, arn string) (storage.Stream, error) {
	stream, ok, err := tx.Stream(arn)
	if err == nil && !ok {
		err = exception.New(exception.ResourceNotFoundName, "Requested resource not found: Stream: %s not found", arn)
	}
	return stream, err
}

// shardID names the shard of a stream: by the time in milliseconds, as DynamoDB does, and
// what sets it apart from others of that time.
func shardID(stream storage.Stream) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(stream.ARN)) // never fails
	return fmt.Sprintf("shardId-%020d-%08x", stream.Created.UnixMilli(), h.Sum32())
}
