package environment

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb"
	"github.com/pretendfriend/falafel-api/devenv/samples"
)

// data is what a branch has in the database: its table.
type data struct {
	client *sdk.Client
	kind   dynamodb.Kind
	table  string
	out    io.Writer
}

// The environment leaves a mark in each table that it made, which also says how far it
// has come with the sample reviews. A table without it may be somebody's: it is used, and
// nothing about it is changed.
const (
	markPartition, markSort, markState = "DEVENV", "SAMPLES", "state"

	samplesNone    = "none"
	samplesLoading = "loading"
	samplesLoaded  = "loaded"
)

// mark is the key of the mark, whatever the table calls its keys.
func mark(keys []types.KeySchemaElement) map[string]types.AttributeValue {
	item := map[string]types.AttributeValue{}
	for _, key := range keys {
		value := markPartition
		if key.KeyType == types.KeyTypeRange {
			value = markSort
		}
		item[aws.ToString(key.AttributeName)] = &types.AttributeValueMemberS{Value: value}
	}
	return item
}

func (d data) setMark(ctx context.Context, keys []types.KeySchemaElement, state string) error {
	item := mark(keys)
	item[markState] = &types.AttributeValueMemberS{Value: state}
	_, err := d.client.PutItem(ctx, &sdk.PutItemInput{TableName: &d.table, Item: item})
	return err
}

// readMark returns "" for a table of somebody else.
func (d data) readMark(ctx context.Context, found *types.TableDescription) string {
	out, err := d.client.GetItem(ctx, &sdk.GetItemInput{TableName: &d.table, Key: mark(found.KeySchema), ConsistentRead: aws.Bool(true)})
	if err != nil {
		return "" // a table of another shape
	}
	state, _ := out.Item[markState].(*types.AttributeValueMemberS)
	if state == nil {
		return ""
	}
	return state.Value
}

// ours reports whether the table may be changed and deleted: it is in a database of this
// environment, or this environment made it.
func (d data) ours(ctx context.Context, found *types.TableDescription) bool {
	return !d.kind.IsURL() || d.readMark(ctx, found) != ""
}

func (d data) say(format string, args ...any) { _, _ = fmt.Fprintf(d.out, format+"\n", args...) }

// fit makes the table what the settings say. What would disturb a build that uses it is
// left to alone, which is nil when there is nothing of the kind.
func (d data) fit(ctx context.Context, settings store.Settings, withSamples bool) (alone func(context.Context) error, err error) {
	found, err := find(ctx, d.client, d.table)
	if err != nil {
		return nil, err
	}
	if found == nil {
		state := samplesNone
		if withSamples {
			state = samplesLoading
		}
		return nil, d.create(ctx, settings, state)
	}
	if !d.ours(ctx, found) {
		return nil, nil // whether it fits, the API itself says when it starts
	}
	expiry, err := d.client.DescribeTimeToLive(ctx, &sdk.DescribeTimeToLiveInput{TableName: &d.table})
	if err != nil {
		return nil, fmt.Errorf("the Time to Live of table %s cannot be looked at: %w", d.table, err)
	}
	list, err := changes(found, expiry.TimeToLiveDescription, settings)
	if errors.Is(err, errIncompatible) {
		return nil, fmt.Errorf("%w: to delete its data and begin anew, run `go run ./devenv reset`, or start with --reset", err)
	}
	if err != nil || len(list) == 0 {
		return nil, err
	}
	apply := func(ctx context.Context) error {
		for _, change := range list {
			d.say("Table %s: %s.", d.table, change.what)
			if err := change.apply(ctx, d.client); err != nil {
				return fmt.Errorf("table %s cannot be changed (%s): %w", d.table, change.what, err)
			}
		}
		return nil
	}
	for _, change := range list {
		if change.alone {
			return apply, nil
		}
	}
	return nil, apply(ctx)
}

// create makes the table, and marks it.
func (d data) create(ctx context.Context, settings store.Settings, state string) error {
	if err := createTable(ctx, d.client, settings); err != nil {
		return err
	}
	return d.setMark(ctx, settings.CreateTable.KeySchema, state)
}

// load stores the sample reviews of a new table that are not there. It may be done again
// after it was interrupted, or after somebody deleted some.
func (d data) load(ctx context.Context, keys []types.KeySchemaElement, demo samples.Options) (int, error) {
	if err := d.setMark(ctx, keys, samplesLoading); err != nil {
		return 0, err
	}
	loaded, err := d.add(ctx, demo)
	if err != nil {
		return 0, err
	}
	return loaded, d.setMark(ctx, keys, samplesLoaded)
}

// add stores the reviews of a profile that are not there, and returns how many it has.
func (d data) add(ctx context.Context, profile samples.Options) (int, error) {
	reviews, err := store.Open(ctx, d.client, d.table, nil, nil)
	if err != nil {
		return 0, err
	}
	loaded, err := samples.Seed(ctx, reviews, profile)
	if err == nil {
		d.say("%d sample reviews are in table %s.", loaded, d.table)
	}
	return loaded, err
}

// resume loads the sample reviews where the mark says that they are to be loaded: into a
// new table, and where that was interrupted.
func (d data) resume(ctx context.Context) error {
	found, err := find(ctx, d.client, d.table)
	if err != nil || found == nil || d.readMark(ctx, found) != samplesLoading {
		return err
	}
	_, err = d.load(ctx, found.KeySchema, samples.Options{})
	return err
}

// seed loads the reviews of a profile into the table, and makes it where it is missing. It
// returns how many the profile has.
func (d data) seed(ctx context.Context, profile samples.Options) (int, error) {
	if err := profile.Check(); err != nil {
		return 0, err
	}
	found, err := find(ctx, d.client, d.table)
	if err != nil {
		return 0, err
	}
	settings, demo := store.SettingsOf(d.table), profile.IsDemo()
	keys := settings.CreateTable.KeySchema
	switch {
	case found == nil && demo:
		err = d.create(ctx, settings, samplesLoading)
	case found == nil:
		err = d.create(ctx, settings, samplesNone)
	case !d.ours(ctx, found):
		err = fmt.Errorf("table %s at %s was not made by this environment, so that nothing is added to it", d.table, d.kind)
	default:
		keys = found.KeySchema
	}
	switch {
	case err != nil:
		return 0, err
	case demo:
		return d.load(ctx, keys, profile)
	default:
		return d.add(ctx, profile)
	}
}

// reset deletes the table with all that is in it, and makes it anew.
func (d data) reset(ctx context.Context) error {
	if err := d.delete(ctx); err != nil {
		return err
	}
	return d.createAndLoad(ctx)
}

func (d data) createAndLoad(ctx context.Context) error {
	settings := store.SettingsOf(d.table)
	if err := d.create(ctx, settings, samplesLoading); err != nil {
		return err
	}
	_, err := d.load(ctx, settings.CreateTable.KeySchema, samples.Options{})
	return err
}

// delete deletes the table, unless it is somebody's.
func (d data) delete(ctx context.Context) error {
	found, err := find(ctx, d.client, d.table)
	if err != nil || found == nil {
		return err
	}
	if !d.ours(ctx, found) {
		return fmt.Errorf("table %s at %s was not made by this environment, so that it is not deleted: delete it yourself, or use another database", d.table, d.kind)
	}
	return deleteTable(ctx, d.client, d.table)
}
