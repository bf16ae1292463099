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
)

type item = map[string]types.AttributeValue

// get reads one item; nil when there is none.
func (s *Store) get(ctx context.Context, pattern AccessPattern, pk, sk string) (item, error) {
	input := getInput(&s.table, pattern, pk, sk)
	input.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	ctx, call := s.begin(ctx, pattern)
	out, err := s.client.GetItem(ctx, input, call.options(ctx)...)
	if err != nil {
		call.failed(ctx, err)
		return nil, failure(ctx, pattern, err)
	}
	call.succeeded(ctx, consumed(read, out.ConsumedCapacity))
	return out.Item, nil
}

// putNew writes an item that must not be there yet. One that is there is returned as the
// [types.ConditionalCheckFailedException] itself.
func (s *Store) putNew(ctx context.Context, pattern AccessPattern, made item) error {
	ctx, call := s.begin(ctx, pattern)
	out, err := s.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName:              &s.table,
		Item:                   made,
		ConditionExpression:    aws.String("attribute_not_exists(pk)"),
		ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
	}, call.options(ctx)...)
	if err != nil {
		call.failed(ctx, err)
		if exists, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
			return exists
		}
		return failure(ctx, pattern, err)
	}
	call.succeeded(ctx, consumed(write, out.ConsumedCapacity))
	return nil
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
	input := queryInput(&s.table, pattern, where, min(int32(limit), pattern.MaxItems)) //nolint:gosec // a page has a thousand items at most
	input.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	ctx, call := s.begin(ctx, pattern)
	out, err := s.client.Query(ctx, input, call.options(ctx)...)
	if err != nil {
		call.failed(ctx, err)
		return found{}, failure(ctx, pattern, err)
	}
	call.succeeded(ctx, consumed(read, out.ConsumedCapacity))
	return found{items: out.Items, more: out.LastEvaluatedKey != nil}, nil
}

// transact writes all items or none. A transaction that DynamoDB cancels is
// returned as the [types.TransactionCanceledException] itself, for the caller
// to see which item was the reason.
func (s *Store) transact(ctx context.Context, pattern AccessPattern, token string, writes []types.TransactWriteItem) error {
	ctx, call := s.begin(ctx, pattern)
	out, err := s.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{
		TransactItems:          writes,
		ClientRequestToken:     &token,
		ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
	}, call.options(ctx)...)
	if err != nil {
		call.failed(ctx, err)
		if canceled, ok := errors.AsType[*types.TransactionCanceledException](err); ok {
			return canceled
		}
		return failure(ctx, pattern, err)
	}
	var total units
	for i := range out.ConsumedCapacity {
		total = total.plus(consumed(write, &out.ConsumedCapacity[i]))
	}
	call.succeeded(ctx, total)
	return nil
}

func key(pk, sk string) item {
	return item{attrPK: text(pk), attrSK: text(sk)}
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

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
