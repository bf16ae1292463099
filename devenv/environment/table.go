package environment

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/cenkalti/backoff/v5"

	"github.com/pretendfriend/falafel-api/api/store"
)

const (
	tableTimeout = time.Minute

	// lookEvery is the pause between two looks at a table that is being changed.
	lookEvery = 20 * time.Millisecond
)

// settingsOf asks a build of the API how it wants the table. This program does not know:
// it was compiled before the edit.
func settingsOf(ctx context.Context, program, table string) (settings store.Settings, err error) {
	command := exec.CommandContext(ctx, program, "table")
	command.Env = append(os.Environ(), "FALAFEL_TABLE="+table)
	output, err := command.Output()
	if err == nil {
		err = json.Unmarshal(output, &settings)
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		err = errors.New(strings.TrimSpace(string(exit.Stderr)))
	}
	if err != nil {
		return settings, fmt.Errorf("the API does not tell how it wants its table: %w", err)
	}
	return settings, nil
}

// createTable makes a new table, and returns when it can be used.
func createTable(ctx context.Context, client *dynamodb.Client, settings store.Settings) error {
	name := *settings.CreateTable.TableName
	if _, err := client.CreateTable(ctx, settings.CreateTable); err != nil {
		return fmt.Errorf("table %s cannot be created: %w", name, err)
	}
	if err := active(ctx, client, name); err != nil {
		return err
	}
	if _, err := client.UpdateTimeToLive(ctx, settings.UpdateTimeToLive); err != nil {
		return fmt.Errorf("table %s gets no Time to Live: %w", name, err)
	}
	return nil
}

// deleteTable returns when the table is gone; one that is not there is.
func deleteTable(ctx context.Context, client *dynamodb.Client, name string) error {
	_, err := client.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &name})
	if _, missing := errors.AsType[*types.ResourceNotFoundException](err); missing {
		return nil
	}
	if err == nil {
		waiter := dynamodb.NewTableNotExistsWaiter(client, func(o *dynamodb.TableNotExistsWaiterOptions) {
			o.MinDelay, o.MaxDelay = lookEvery, time.Second
		})
		err = waiter.Wait(ctx, &dynamodb.DescribeTableInput{TableName: &name}, tableTimeout)
	}
	if err != nil {
		return fmt.Errorf("table %s cannot be deleted: %w", name, err)
	}
	return nil
}

// find describes a table; nil when it is not there.
func find(ctx context.Context, client *dynamodb.Client, name string) (*types.TableDescription, error) {
	out, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	if _, missing := errors.AsType[*types.ResourceNotFoundException](err); missing {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("table %s cannot be looked at: %w", name, err)
	}
	return out.Table, nil
}

// active returns when the table and its indexes are.
func active(ctx context.Context, client *dynamodb.Client, name string) error {
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		found, err := find(ctx, client, name)
		switch {
		case err != nil:
			return struct{}{}, backoff.Permanent(err)
		case found == nil || found.TableStatus != types.TableStatusActive:
			return struct{}{}, fmt.Errorf("table %s does not become active", name)
		}
		for _, index := range found.GlobalSecondaryIndexes {
			if index.IndexStatus != types.IndexStatusActive {
				return struct{}{}, fmt.Errorf("index %s of table %s does not become active", *index.IndexName, name)
			}
		}
		return struct{}{}, nil
	}, backoff.WithBackOff(backoff.NewConstantBackOff(lookEvery)), backoff.WithMaxElapsedTime(tableTimeout))
	return err
}

// A change brings a table that is there, with its data, to other settings.
type change struct {
	what  string // for a person
	alone bool   // it takes away what the build before may need
	apply func(context.Context, *dynamodb.Client) error
}

// errIncompatible is wrapped by the errors about settings that a table with data cannot
// be brought to.
var errIncompatible = errors.New("only a new table can have that")

// changes are what is to be done to a table so that it has the settings. DynamoDB fixes
// the keys of a table, and what types they have, when it creates it; indexes and Time to
// Live come and go.
func changes(found *types.TableDescription, expiry *types.TimeToLiveDescription, want store.Settings) (list []change, err error) {
	name := aws.ToString(found.TableName)
	has, wants := keys(found.KeySchema, found.AttributeDefinitions), keys(want.CreateTable.KeySchema, want.CreateTable.AttributeDefinitions)
	if has != wants {
		return nil, fmt.Errorf("table %s has the key %s, and the API now wants %s: %w", name, has, wants, errIncompatible)
	}
	local := make([]types.LocalSecondaryIndex, len(found.LocalSecondaryIndexes))
	for i, index := range found.LocalSecondaryIndexes {
		local[i] = types.LocalSecondaryIndex{IndexName: index.IndexName, KeySchema: index.KeySchema, Projection: index.Projection}
	}
	has, wants = localIndexes(local, found.AttributeDefinitions), localIndexes(want.CreateTable.LocalSecondaryIndexes, want.CreateTable.AttributeDefinitions)
	if has != wants {
		return nil, fmt.Errorf("table %s has the local secondary indexes [%s], and the API now wants [%s]: %w", name, has, wants, errIncompatible)
	}

	remain := map[string]string{}
	for _, index := range found.GlobalSecondaryIndexes {
		remain[*index.IndexName] = keys(index.KeySchema, found.AttributeDefinitions) + projection(index.Projection)
	}
	var additions []change
	for _, index := range want.CreateTable.GlobalSecondaryIndexes {
		has, exists := remain[*index.IndexName]
		delete(remain, *index.IndexName)
		wants := keys(index.KeySchema, want.CreateTable.AttributeDefinitions) + projection(index.Projection)
		switch add := addIndex(name, index, want.CreateTable.AttributeDefinitions); {
		case !exists:
			additions = append(additions, change{what: "index " + *index.IndexName + " is added", apply: add})
		case has != wants:
			remove := removeIndex(name, *index.IndexName)
			list = append(list, change{
				what: "index " + *index.IndexName + " is made anew", alone: true,
				apply: func(ctx context.Context, client *dynamodb.Client) error {
					return errors.Join(remove(ctx, client), add(ctx, client))
				},
			})
		}
	}
	for index := range remain {
		list = append(list, change{what: "index " + index + " is removed", alone: true, apply: removeIndex(name, index)})
	}
	slices.SortFunc(list, func(a, b change) int { return strings.Compare(a.what, b.what) })
	// A type of an attribute can only change while no index has the attribute.
	return append(append(list, additions...), expiryChanges(expiry, want.UpdateTimeToLive)...), nil
}

// keys and projection say everything about a key or a projection in a line that can be
// compared and read.
func keys(schema []types.KeySchemaElement, attributes []types.AttributeDefinition) string {
	parts := make([]string, len(schema))
	for i, element := range schema {
		parts[i] = fmt.Sprintf("%s %s", element.KeyType, aws.ToString(element.AttributeName))
		for _, attribute := range attributes {
			if aws.ToString(attribute.AttributeName) == aws.ToString(element.AttributeName) {
				parts[i] += fmt.Sprintf(" (%s)", attribute.AttributeType)
			}
		}
	}
	return strings.Join(parts, ", ")
}

func projection(p *types.Projection) string {
	return fmt.Sprintf(" projecting %s %v", p.ProjectionType, slices.Sorted(slices.Values(p.NonKeyAttributes)))
}

func localIndexes(indexes []types.LocalSecondaryIndex, attributes []types.AttributeDefinition) string {
	list := make([]string, len(indexes))
	for i, index := range indexes {
		list[i] = *index.IndexName + ": " + keys(index.KeySchema, attributes) + projection(index.Projection)
	}
	return strings.Join(slices.Sorted(slices.Values(list)), "; ")
}

func addIndex(table string, index types.GlobalSecondaryIndex, attributes []types.AttributeDefinition) func(context.Context, *dynamodb.Client) error {
	input := &dynamodb.UpdateTableInput{
		TableName: &table,
		GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{{Create: &types.CreateGlobalSecondaryIndexAction{
			IndexName: index.IndexName, KeySchema: index.KeySchema, Projection: index.Projection,
			ProvisionedThroughput: index.ProvisionedThroughput, OnDemandThroughput: index.OnDemandThroughput,
		}}},
	}
	for _, element := range index.KeySchema {
		for _, attribute := range attributes {
			if aws.ToString(attribute.AttributeName) == aws.ToString(element.AttributeName) {
				input.AttributeDefinitions = append(input.AttributeDefinitions, attribute)
			}
		}
	}
	return updateTable(input)
}

func removeIndex(table, index string) func(context.Context, *dynamodb.Client) error {
	return updateTable(&dynamodb.UpdateTableInput{
		TableName:                   &table,
		GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{{Delete: &types.DeleteGlobalSecondaryIndexAction{IndexName: &index}}},
	})
}

func updateTable(input *dynamodb.UpdateTableInput) func(context.Context, *dynamodb.Client) error {
	return func(ctx context.Context, client *dynamodb.Client) error {
		if _, err := client.UpdateTable(ctx, input); err != nil {
			return err
		}
		return active(ctx, client, *input.TableName)
	}
}

// expiryChanges bring the Time to Live to what is wanted; an attribute takes the place of
// another only after that was switched off.
func expiryChanges(has *types.TimeToLiveDescription, want *dynamodb.UpdateTimeToLiveInput) (list []change) {
	set := func(attribute string, enabled bool) change {
		what := "Time to Live on " + attribute + " is switched on"
		if !enabled {
			what = "Time to Live on " + attribute + " is switched off"
		}
		return change{what: what, apply: func(ctx context.Context, client *dynamodb.Client) error {
			_, err := client.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
				TableName:               want.TableName,
				TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: &attribute, Enabled: &enabled},
			})
			return err
		}}
	}
	var before, after string
	if has != nil && (has.TimeToLiveStatus == types.TimeToLiveStatusEnabled || has.TimeToLiveStatus == types.TimeToLiveStatusEnabling) {
		before = aws.ToString(has.AttributeName)
	}
	if want != nil && aws.ToBool(want.TimeToLiveSpecification.Enabled) {
		after = aws.ToString(want.TimeToLiveSpecification.AttributeName)
	}
	if before == after {
		return nil
	}
	if before != "" {
		list = append(list, set(before, false))
	}
	if after != "" {
		list = append(list, set(after, true))
	}
	return list
}
