package environment

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/devenv/samples"
)

const tableTimeout = time.Minute

// makeTable creates the table from the API's definition, unless it is there. Whether one
// that is there fits, the API itself says when it starts.
func makeTable(ctx context.Context, client *dynamodb.Client, table string) (made bool, err error) {
	_, err = client.CreateTable(ctx, store.Definition(table))
	if _, exists := errors.AsType[*types.ResourceInUseException](err); exists {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("table %s cannot be created: %w", table, err)
	}
	waiter := dynamodb.NewTableExistsWaiter(client, func(o *dynamodb.TableExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = 20*time.Millisecond, time.Second
	})
	if err := waiter.Wait(ctx, &dynamodb.DescribeTableInput{TableName: &table}, tableTimeout); err != nil {
		return false, fmt.Errorf("table %s does not become active: %w", table, err)
	}
	_, err = client.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
		TableName:               &table,
		TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String(store.ExpiryAttribute), Enabled: aws.Bool(true)},
	})
	if err != nil {
		return false, fmt.Errorf("table %s gets no Time to Live: %w", table, err)
	}
	return true, nil
}

// samplesMark is the item which says that the sample reviews are loaded, or that loading
// them has begun. A table that this environment did not make has none, and gets none: it
// may be somebody's.
var samplesMark = map[string]types.AttributeValue{
	"pk": &types.AttributeValueMemberS{Value: "DEVENV"},
	"sk": &types.AttributeValueMemberS{Value: "SAMPLES"},
}

// loadSamples stores the sample reviews once: not again after somebody deleted some. It
// returns how many it stored.
func loadSamples(ctx context.Context, client *dynamodb.Client, table string, isNew bool) (int, error) {
	mark := func(state string) error {
		item := map[string]types.AttributeValue{"state": &types.AttributeValueMemberS{Value: state}}
		maps.Copy(item, samplesMark)
		_, err := client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: item})
		return err
	}
	if isNew {
		if err := mark("loading"); err != nil {
			return 0, err
		}
	} else {
		out, err := client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &table, Key: samplesMark, ConsistentRead: aws.Bool(true)})
		if err != nil {
			return 0, nil //nolint:nilerr // a table of another shape: the API names what is wrong with it
		}
		if state, _ := out.Item["state"].(*types.AttributeValueMemberS); state == nil || state.Value != "loading" {
			return 0, nil
		}
	}
	reviews, err := store.Open(ctx, client, table)
	if err != nil {
		return 0, err
	}
	loaded, err := samples.Load(ctx, reviews)
	if err != nil {
		return 0, err
	}
	return loaded, mark("loaded")
}
