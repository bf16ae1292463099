package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/pretendfriend/falafel-api/api/review"
	"github.com/pretendfriend/falafel-api/api/telemetry"
)

type item = map[string]types.AttributeValue

// get reads one item; nil when there is none.
func (s *Store) get(ctx context.Context, pattern AccessPattern, pk, sk string) (item, error) {
	end := telemetry.FromContext(ctx).DatabaseCall()
	out, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:              &s.table,
		Key:                    key(pk, sk),
		ConsistentRead:         &pattern.ConsistentRead,
		ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
	})
	if err != nil {
		end(0, 0)
		return nil, failure(ctx, pattern, err)
	}
	end(units(out.ConsumedCapacity), 0)
	return out.Item, nil
}

// condition is a key condition expression with the values it names.
type condition struct {
	expression string
	values     item
	descending bool
}

// found is what a query read. There may be more behind it: beyond the limit, or
// because DynamoDB ends what it reads in one call at 1 MB.
type found struct {
	items []item
	more  bool
}

// query reads up to limit items of one partition, in one call.
func (s *Store) query(ctx context.Context, pattern AccessPattern, where condition, limit int) (found, error) {
	input := &dynamodb.QueryInput{
		TableName:                 &s.table,
		KeyConditionExpression:    &where.expression,
		ExpressionAttributeValues: where.values,
		ScanIndexForward:          aws.Bool(!where.descending),
		ConsistentRead:            &pattern.ConsistentRead,
		Limit:                     aws.Int32(min(int32(limit), pattern.MaxItems)), //nolint:gosec // a page has a thousand items at most
		ReturnConsumedCapacity:    types.ReturnConsumedCapacityTotal,
	}
	if pattern.Index != "" {
		input.IndexName = &pattern.Index
	}
	end := telemetry.FromContext(ctx).DatabaseCall()
	out, err := s.client.Query(ctx, input)
	if err != nil {
		end(0, 0)
		return found{}, failure(ctx, pattern, err)
	}
	end(units(out.ConsumedCapacity), 0)
	return found{items: out.Items, more: out.LastEvaluatedKey != nil}, nil
}

// transact writes all items or none. A transaction that DynamoDB cancels is
// returned as the [types.TransactionCanceledException] itself, for the caller
// to see which item was the reason.
func (s *Store) transact(ctx context.Context, pattern AccessPattern, token string, writes []types.TransactWriteItem) error {
	end := telemetry.FromContext(ctx).DatabaseCall()
	out, err := s.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{
		TransactItems:          writes,
		ClientRequestToken:     &token,
		ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
	})
	if err != nil {
		end(0, 0)
		if canceled, ok := errors.AsType[*types.TransactionCanceledException](err); ok {
			return canceled
		}
		return failure(ctx, pattern, err)
	}
	var total float64
	for i := range out.ConsumedCapacity {
		total += units(&out.ConsumedCapacity[i])
	}
	end(0, total)
	return nil
}

func key(pk, sk string) item {
	return item{attrPK: text(pk), attrSK: text(sk)}
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func units(consumed *types.ConsumedCapacity) float64 {
	if consumed == nil {
		return 0
	}
	return aws.ToFloat64(consumed.CapacityUnits)
}

// failure sorts an error of the SDK: the caller who went away, a database that is
// not available, or a fault of ours.
func failure(ctx context.Context, pattern AccessPattern, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return context.Canceled
	}
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorFault() == smithy.FaultClient && !throttled(err) {
		return fmt.Errorf("%s: %w", pattern.Name, err)
	}
	return fmt.Errorf("%w: %s: %w", review.ErrUnavailable, pattern.Name, err)
}

func throttled(err error) bool {
	return retryer().IsErrorRetryable(err)
}
