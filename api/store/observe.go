package store

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"github.com/pretendfriend/falafel-api/api/telemetry"
)

// A call is one use of an access pattern: what the store asks of the SDK, in as many
// attempts as that takes. It is counted once, when it ends.
type call struct {
	store     *Store
	pattern   AccessPattern
	began     time.Time
	ofRequest func(readUnits, writeUnits float64)
	attempts  int
	throttled int
}

type callKey struct{}

// callOf is the call that the context is of, or nil: for middleware of the SDK.
func callOf(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

func (s *Store) begin(ctx context.Context, pattern AccessPattern) (context.Context, *call) {
	c := &call{store: s, pattern: pattern, began: time.Now(), ofRequest: telemetry.FromContext(ctx).DatabaseCall()}
	return context.WithValue(ctx, callKey{}, c), c
}

func (c *call) succeeded(ctx context.Context, consumed units) {
	c.end(ctx, consumed, telemetry.OK, "")
}

// failed ends a call that the SDK gave up. DynamoDB does not say what such a call consumed,
// although the conditions of writes cost what the writes would have.
func (c *call) failed(ctx context.Context, err error) {
	outcome, errorType := outcomeOf(ctx, err)
	c.end(ctx, units{}, outcome, errorType)
}

func (c *call) end(ctx context.Context, consumed units, outcome telemetry.Outcome, errorType string) {
	c.ofRequest(consumed.read, consumed.write)
	c.store.metrics.DatabaseCalled(ctx, telemetry.DatabaseCall{
		AccessPattern: c.pattern.Name, Operation: c.pattern.Operation, Table: c.store.table,
		Outcome: outcome, ErrorType: errorType, Took: time.Since(c.began), Attempts: c.attempts, Throttled: c.throttled,
		ReadUnits: consumed.read, WriteUnits: consumed.write,
	})
}

// countingAttempts makes a client note the attempts of each call: the SDK tells of them
// only when the last one succeeded.
func countingAttempts(client *dynamodb.Client) *dynamodb.Client {
	return dynamodb.New(client.Options(), func(o *dynamodb.Options) {
		o.APIOptions = append(slices.Clone(o.APIOptions), func(stack *middleware.Stack) error {
			return stack.Finalize.Insert(attempts, (*retry.Attempt)(nil).ID(), middleware.After)
		})
	})
}

var attempts = middleware.FinalizeMiddlewareFunc("CountAttempts",
	func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
		out, metadata, err := next.HandleFinalize(ctx, in)
		if c := callOf(ctx); c != nil { // none at the look at the table
			c.attempts++
			if isThrottle(err) {
				c.throttled++
			}
		}
		return out, metadata, err
	})

// declare makes the metrics of all access patterns exist from the start.
func declare(metrics *telemetry.Metrics) {
	for _, pattern := range AccessPatterns() {
		transaction := pattern.Operation == createReview.Operation
		metrics.DeclareDatabaseUse(telemetry.DatabaseUse{
			AccessPattern: pattern.Name, Operation: pattern.Operation,
			// The answer to a transaction that had been carried out before costs a read.
			Reads: pattern.MaxReadUnits > 0 || transaction, Writes: pattern.MaxWriteUnits > 0, Conflicts: transaction,
		})
	}
}

// units are capacity units.
type units struct{ read, write float64 }

func (u units) plus(v units) units { return units{u.read + v.read, u.write + v.write} }

// The kinds of operations.
type kind bool

const (
	read  kind = false
	write kind = true
)

// consumed is what DynamoDB reports. Only of transactions it says what kind of units
// they were: the answer to one that had been carried out before costs a read.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
func consumed(kind kind, reported *types.ConsumedCapacity) units {
	if reported == nil {
		return units{}
	}
	told := units{aws.ToFloat64(reported.ReadCapacityUnits), aws.ToFloat64(reported.WriteCapacityUnits)}
	switch total := aws.ToFloat64(reported.CapacityUnits); {
	case told != units{}:
		return told
	case kind == write:
		return units{write: total}
	default:
		return units{read: total}
	}
}

// outcomeOf sorts an error of the SDK, and names it in few words: DynamoDB's own, where
// they are known, as OpenTelemetry has it for error.type.
func outcomeOf(ctx context.Context, err error) (outcome telemetry.Outcome, errorType string) {
	if errors.Is(ctx.Err(), context.Canceled) {
		return telemetry.Canceled, "canceled"
	}
	var api smithy.APIError
	switch {
	case errors.As(err, &api):
		errorType = "_OTHER" // labels must stay few, whatever answers
		if slices.Contains(errorCodes, api.ErrorCode()) {
			errorType = api.ErrorCode()
		}
	case errors.Is(err, context.DeadlineExceeded) || isTimeout(err):
		return telemetry.Unavailable, "timeout"
	default:
		return telemetry.Unavailable, "connection"
	}
	switch {
	case isConditionFailed(err):
		return telemetry.ConditionFailed, errorType
	case isConflict(err):
		return telemetry.Conflict, errorType
	case isThrottle(err):
		return telemetry.Throttled, errorType
	case api.ErrorFault() == smithy.FaultClient || refused(err):
		return telemetry.Failed, errorType
	default:
		return telemetry.Unavailable, errorType
	}
}

// errorCodes are those that the service can meet.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/CommonErrors.html
var errorCodes = []string{
	"AccessDeniedException", "ConditionalCheckFailedException", "ExpiredTokenException", "IdempotentParameterMismatchException",
	"IncompleteSignatureException", "InternalFailure", "InternalServerError", "InvalidSignatureException",
	"ItemCollectionSizeLimitExceededException", "LimitExceededException", "MissingAuthenticationTokenException",
	"ProvisionedThroughputExceededException", "RequestLimitExceeded", "ResourceNotFoundException", "SerializationException",
	"ServiceUnavailable", "ThrottlingException", "TransactionCanceledException", "TransactionConflictException",
	"TransactionInProgressException", "UnrecognizedClientException", "ValidationException",
}

// refused holds for answers of 4xx. Errors that the SDK has no type for do not say whose
// fault they are: those of rights, keys and validation are among them.
func refused(err error) bool {
	response, ok := errors.AsType[*awshttp.ResponseError](err)
	return ok && response.HTTPStatusCode() >= http.StatusBadRequest && response.HTTPStatusCode() < http.StatusInternalServerError
}

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	return ok && timeout.Timeout()
}

func isConditionFailed(err error) bool {
	var failed *types.ConditionalCheckFailedException
	return errors.As(err, &failed) || canceledBy(err, conditionFailed)
}

func isConflict(err error) bool {
	var conflict *types.TransactionConflictException
	var same *types.TransactionInProgressException
	return errors.As(err, &conflict) || errors.As(err, &same) || canceledBy(err, conflicted)
}

// isThrottle holds for an attempt that DynamoDB refused because there were too many.
func isThrottle(err error) bool {
	if canceledBy(err, passing) {
		return true
	}
	var api smithy.APIError
	if !errors.As(err, &api) || isConflict(err) {
		return false // the SDK takes a transaction that is in progress for a throttled one
	}
	_, is := retry.DefaultThrottleErrorCodes[api.ErrorCode()]
	return is
}

func canceledBy(err error, is func(types.CancellationReason) bool) bool {
	canceled, ok := errors.AsType[*types.TransactionCanceledException](err)
	return ok && slices.ContainsFunc(canceled.CancellationReasons, is)
}
