package rehearse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pretendfriend/falafel-api/api/store"
)

// describeTable is the table of that name in the account, as what would create it again.
func describeTable(ctx context.Context, client *sdk.Client, name string) (store.Settings, error) {
	described, err := client.DescribeTable(ctx, &sdk.DescribeTableInput{TableName: &name})
	if err != nil {
		return store.Settings{}, err
	}
	expiry, err := client.DescribeTimeToLive(ctx, &sdk.DescribeTimeToLiveInput{TableName: &name})
	if err != nil {
		return store.Settings{}, err
	}
	table := described.Table
	create := &sdk.CreateTableInput{
		TableName: &name, AttributeDefinitions: table.AttributeDefinitions, KeySchema: table.KeySchema,
		BillingMode: types.BillingModeProvisioned,
	}
	if table.BillingModeSummary != nil {
		create.BillingMode = table.BillingModeSummary.BillingMode
	}
	for _, index := range table.GlobalSecondaryIndexes {
		create.GlobalSecondaryIndexes = append(create.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName: index.IndexName, KeySchema: index.KeySchema, Projection: index.Projection,
		})
	}
	return store.Settings{
		CreateTable: create,
		UpdateTimeToLive: &sdk.UpdateTimeToLiveInput{TableName: &name, TimeToLiveSpecification: &types.TimeToLiveSpecification{
			AttributeName: expiry.TimeToLiveDescription.AttributeName,
			Enabled:       aws.Bool(expiry.TimeToLiveDescription.TimeToLiveStatus == types.TimeToLiveStatusEnabled),
		}},
	}, nil
}

// compareTable returns an error that shows in what a table differs from the one that the
// service defines.
func compareTable(has store.Settings) error {
	wants := store.SettingsOf(aws.ToString(has.CreateTable.TableName))
	difference := cmp.Diff(wants, has, cmpopts.EquateEmpty(),
		cmpopts.IgnoreUnexported(sdk.CreateTableInput{}, sdk.UpdateTimeToLiveInput{}, types.AttributeDefinition{}, types.KeySchemaElement{},
			types.GlobalSecondaryIndex{}, types.Projection{}, types.TimeToLiveSpecification{}),
		cmpopts.SortSlices(func(a, b types.AttributeDefinition) bool { return *a.AttributeName < *b.AttributeName }),
		cmpopts.SortSlices(func(a, b types.GlobalSecondaryIndex) bool { return *a.IndexName < *b.IndexName }))
	if difference != "" {
		return fmt.Errorf("the table differs from api/store's (-): \n%s", difference)
	}
	return nil
}

// bringTables makes in DynamoDB Local every table that the account has and it does not.
func (f *fargate) bringTables(ctx context.Context) error {
	account := sdk.NewFromConfig(f.cloud.config())
	list, err := account.ListTables(ctx, &sdk.ListTablesInput{})
	if err != nil {
		return err
	}
	local := f.database.Client()
	here, err := local.ListTables(ctx, &sdk.ListTablesInput{})
	if err != nil {
		return err
	}
	for _, name := range list.TableNames {
		if slices.Contains(here.TableNames, name) {
			continue
		}
		settings, err := describeTable(ctx, account, name)
		if err == nil {
			_, err = local.CreateTable(ctx, settings.CreateTable)
		}
		if err == nil && *settings.UpdateTimeToLive.TimeToLiveSpecification.Enabled {
			_, err = local.UpdateTimeToLive(ctx, settings.UpdateTimeToLive)
		}
		if err != nil {
			return fmt.Errorf("table %s cannot be made in DynamoDB Local: %w", name, err)
		}
	}
	return nil
}

// checkTables compares every table of the account with api/store's definition.
func (f *fargate) checkTables(ctx context.Context) (string, error) {
	account := sdk.NewFromConfig(f.cloud.config())
	list, err := account.ListTables(ctx, &sdk.ListTablesInput{})
	if err != nil {
		return "", err
	}
	if len(list.TableNames) == 0 {
		return "", errors.New("the apply made no table")
	}
	for _, name := range list.TableNames {
		settings, err := describeTable(ctx, account, name)
		if err == nil {
			err = compareTable(settings)
		}
		if err != nil {
			return "", err
		}
	}
	return strings.Join(list.TableNames, ", "), nil
}
