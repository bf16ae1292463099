package embeddedtest_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/embeddedtest"
)

func createTable(t *testing.T, client *dynamodb.Client) *types.TableDescription {
	t.Helper()
	out, err := client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName:            aws.String("own"),
		BillingMode:          types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("pk"), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("pk"), KeyType: types.KeyTypeHash}},
	})
	require.NoError(t, err)
	return out.TableDescription
}

func TestEachCallStartsADatabaseOfItsOwn(t *testing.T) {
	t.Parallel()
	createTable(t, embeddedtest.Start(t))
	tables, err := embeddedtest.Start(t).ListTables(t.Context(), &dynamodb.ListTablesInput{})
	require.NoError(t, err)
	assert.Empty(t, tables.TableNames)
}

func TestTheDatabaseEndsWithItsTest(t *testing.T) { //nolint:tparallel // the first has to end before the rest
	t.Parallel()
	var client *dynamodb.Client
	t.Run("user", func(t *testing.T) { client = embeddedtest.Start(t) })
	_, err := client.ListTables(t.Context(), &dynamodb.ListTablesInput{}, func(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} })
	require.Error(t, err)
}

func TestTheClockIsTheTests(t *testing.T) {
	t.Parallel()
	then := time.Date(2031, 5, 17, 12, 0, 0, 0, time.UTC)
	client := embeddedtest.Start(t, func(o *embedded.Options) { o.Clock = func() time.Time { return then } })
	assert.WithinDuration(t, then, *createTable(t, client).CreationDateTime, time.Second)
}
