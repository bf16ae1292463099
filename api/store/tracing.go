package store

import (
	"context"
	"errors"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
	"go.opentelemetry.io/contrib/instrumentation/github.com/aws/aws-sdk-go-v2/otelaws"
	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/pretendfriend/falafel-api/api/telemetry"
)

// spans are the options of a call that gets a span by OpenTelemetry's instrumentation of
// the SDK, with what an operator wants to know and no key and no value of an item. There
// are none where tracing is off.
//
// https://opentelemetry.io/docs/specs/semconv/database/dynamodb/
func spans(tracing *telemetry.Tracing) []func(*dynamodb.Options) {
	provider := tracing.Provider()
	if provider == nil {
		return nil
	}
	var instrumentation []func(*middleware.Stack) error
	otelaws.AppendMiddlewares(&instrumentation, otelaws.WithTracerProvider(provider),
		otelaws.WithTextMapPropagator(tracing.Propagator()), otelaws.WithAttributeBuilder(describeCall))
	instrumentation = append(instrumentation, func(stack *middleware.Stack) error {
		// Behind otelaws: within its span.
		return errors.Join(
			stack.Initialize.Add(middleware.InitializeMiddlewareFunc("NameError", nameError), middleware.After),
			stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("TraceAttempt", traceAttempt), (*retry.Attempt)(nil).ID(), middleware.After))
	})
	return []func(*dynamodb.Options){func(options *dynamodb.Options) {
		options.APIOptions = append(options.APIOptions, instrumentation...)
	}}
}

// options are those of the spans where the trace of the request is kept, and else none:
// the instrumentation does most of its work before it asks, which is a tenth of what a
// call costs. Calls that no request makes get no span either: those of readiness probes
// would outnumber all others on a quiet day.
func (c *call) options(ctx context.Context) []func(*dynamodb.Options) {
	if !trace.SpanContextFromContext(ctx).IsSampled() {
		return nil
	}
	return c.store.spans
}

// describeCall is asked when the call is over.
func describeCall(ctx context.Context, in middleware.InitializeInput, out middleware.InitializeOutput) []attribute.KeyValue {
	// Of otelaws: table, index, limit, direction, consistency; nothing for transactions.
	attributes := append(otelaws.DynamoDBAttributeBuilder(ctx, in, out), semconv.DBOperationName(awsmiddleware.GetOperationName(ctx)))
	if call := callOf(ctx); call != nil {
		attributes = append(attributes, attribute.String("falafel.access_pattern", call.pattern.Name), semconv.DBCollectionName(call.store.table))
		if call.attempts > 1 {
			attributes = append(attributes, semconv.HTTPRequestResendCount(call.attempts-1))
		}
	}
	if writes, ok := in.Parameters.(*dynamodb.TransactWriteItemsInput); ok {
		attributes = append(attributes, semconv.DBOperationBatchSize(len(writes.TransactItems)))
	}
	switch result := out.Result.(type) {
	case *dynamodb.GetItemOutput:
		attributes = appendConsumed(attributes, result.ConsumedCapacity)
	case *dynamodb.PutItemOutput:
		attributes = appendConsumed(attributes, result.ConsumedCapacity)
	case *dynamodb.QueryOutput:
		attributes = append(attributes, semconv.AWSDynamoDBCount(int(result.Count)), semconv.AWSDynamoDBScannedCount(int(result.ScannedCount)))
		attributes = appendConsumed(attributes, result.ConsumedCapacity)
	case *dynamodb.TransactWriteItemsOutput:
		for i := range result.ConsumedCapacity {
			attributes = appendConsumed(attributes, &result.ConsumedCapacity[i])
		}
	}
	return attributes
}

// appendConsumed writes the capacity as the convention wants it: in JSON.
func appendConsumed(attributes []attribute.KeyValue, reported *types.ConsumedCapacity) []attribute.KeyValue {
	if reported == nil {
		return attributes
	}
	return append(attributes, semconv.AWSDynamoDBConsumedCapacity(
		`{"TableName":`+strconv.Quote(aws.ToString(reported.TableName))+`,"CapacityUnits":`+strconv.FormatFloat(aws.ToFloat64(reported.CapacityUnits), 'f', -1, 64)+`}`))
}

// nameError gives an error the name that DynamoDB has for it: otelaws would say the type in
// Go, which is that of the SDK's wrapper.
func nameError(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
	out, metadata, err := next.HandleInitialize(ctx, in)
	if err != nil {
		_, name := outcomeOf(ctx, err)
		err = &typedError{err, name}
	}
	return out, metadata, err
}

// traceAttempt notes each attempt that failed, where it failed: the span's length then
// explains itself.
func traceAttempt(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
	out, metadata, err := next.HandleFinalize(ctx, in)
	if err != nil {
		_, name := outcomeOf(ctx, err)
		trace.SpanFromContext(ctx).AddEvent("attempt failed", trace.WithAttributes(semconv.ErrorTypeKey.String(name)))
	}
	return out, metadata, err
}

// typedError is an error that semconv asks for its type: the one that metrics have.
type typedError struct {
	error
	name string
}

func (e *typedError) Unwrap() error     { return e.error }
func (e *typedError) ErrorType() string { return e.name }
