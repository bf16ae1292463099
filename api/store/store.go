// Package store keeps reviews in one DynamoDB table: its definition, its keys, and
// every query and transaction on it. It speaks DynamoDB's protocol through the AWS
// SDK and does not know whose DynamoDB answers, nor what HTTP is.
//
// Read [AccessPatterns] first, then table.go for the keys.
package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/pretendfriend/falafel-api/api/telemetry"
)

// Store is the table of reviews. Its methods may be called from many goroutines,
// and stop when their context ends.
type Store struct {
	client  *dynamodb.Client
	table   string
	turns   *turns
	metrics *telemetry.Metrics
	spans   []func(*dynamodb.Options)
}

// Open checks that the table is there and is ours. Its error is one sentence for
// the person who starts the service. What the store does from then on is counted and
// traced; metrics and tracing may be nil.
func Open(ctx context.Context, client *dynamodb.Client, table string, metrics *telemetry.Metrics, tracing *telemetry.Tracing) (*Store, error) {
	out, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &table})
	var missing *types.ResourceNotFoundException
	var api smithy.APIError
	switch {
	case errors.As(err, &missing):
		return nil, fmt.Errorf("there is no table %q in region %s%s: create it, or name another in FALAFEL_TABLE",
			table, client.Options().Region, at(client))
	case errors.As(err, &api):
		return nil, fmt.Errorf("DynamoDB%s refuses to describe table %q: %s: %s", at(client), table, api.ErrorCode(), api.ErrorMessage())
	case err != nil:
		return nil, fmt.Errorf("DynamoDB%s cannot be reached: check AWS_ENDPOINT_URL_DYNAMODB, AWS_REGION and the network (%w)", at(client), root(err))
	}
	if err := check(out.Table, Definition(table)); err != nil {
		return nil, err
	}
	declare(metrics)
	return &Store{client: countingAttempts(client), table: table, turns: newTurns(), metrics: metrics, spans: spans(tracing)}, nil
}

func at(client *dynamodb.Client) string {
	if endpoint := client.Options().BaseEndpoint; endpoint != nil {
		return " at " + *endpoint
	}
	return ""
}

// root is the innermost cause: "connection refused", without the SDK's layers.
func root(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

// check compares a table that exists with the definition.
func check(found *types.TableDescription, want *dynamodb.CreateTableInput) error {
	table := aws.ToString(want.TableName)
	if !sameKeys(found.KeySchema, want.KeySchema) {
		if len(found.KeySchema) == 1 && aws.ToString(found.KeySchema[0].AttributeName) == "falafel_restaurant" {
			return fmt.Errorf("table %q belongs to the earlier service (its only key is falafel_restaurant): name another in FALAFEL_TABLE", table)
		}
		return fmt.Errorf("table %q has the key %s where %s is needed: name another in FALAFEL_TABLE", table, describe(found.KeySchema), describe(want.KeySchema))
	}
	indexes := map[string]types.GlobalSecondaryIndexDescription{}
	for _, index := range found.GlobalSecondaryIndexes {
		indexes[aws.ToString(index.IndexName)] = index
	}
	for _, index := range want.GlobalSecondaryIndexes {
		name := aws.ToString(index.IndexName)
		existing, ok := indexes[name]
		switch {
		case !ok:
			return fmt.Errorf("table %q lacks the global secondary index %q: add it with the key %s", table, name, describe(index.KeySchema))
		case !sameKeys(existing.KeySchema, index.KeySchema):
			return fmt.Errorf("index %q of table %q has the key %s where %s is needed: make it anew", name, table, describe(existing.KeySchema), describe(index.KeySchema))
		case existing.IndexStatus == types.IndexStatusCreating:
			return fmt.Errorf("index %q of table %q is still being made: start again when it is active", name, table)
		case existing.Projection == nil || existing.Projection.ProjectionType != index.Projection.ProjectionType:
			return fmt.Errorf("index %q of table %q must project all attributes: make it anew", name, table)
		}
	}
	return nil
}

func sameKeys(a, b []types.KeySchemaElement) bool { return describe(a) == describe(b) }

func describe(keys []types.KeySchemaElement) (text string) {
	for i, key := range keys {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%s (%s)", aws.ToString(key.AttributeName), key.KeyType)
	}
	return text
}

// Ready reports whether the table answers; nil when it does.
func (s *Store) Ready(ctx context.Context) error {
	_, err := s.get(ctx, getCursorKey, pkCursorKey, pkCursorKey)
	return err
}

// cursorKeySize is that of AES-128.
const cursorKeySize = 16

// CursorKey is the secret that seals the cursors of lists. It is made once and kept
// in the table, so that all instances of the service share it, a restart keeps
// cursors valid, and nobody has to configure it.
func (s *Store) CursorKey(ctx context.Context) ([]byte, error) {
	// Loops once more only when another instance makes the first key at this moment.
	for {
		stored, err := s.get(ctx, getCursorKey, pkCursorKey, pkCursorKey)
		if err != nil {
			return nil, err
		}
		if secret, ok := stored["secret"].(*types.AttributeValueMemberB); ok && len(secret.Value) == cursorKeySize {
			return secret.Value, nil
		}
		made := key(pkCursorKey, pkCursorKey)
		secret := make([]byte, cursorKeySize)
		_, _ = rand.Read(secret) // never fails: crypto/rand
		made["secret"] = &types.AttributeValueMemberB{Value: secret}
		err = s.putNew(ctx, putCursorKey, made)
		var exists *types.ConditionalCheckFailedException
		switch {
		case err == nil:
			return secret, nil
		case !errors.As(err, &exists):
			return nil, err
		}
	}
}
