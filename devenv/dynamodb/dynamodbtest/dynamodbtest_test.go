package dynamodbtest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/dynamodbtest"
)

func TestMain(m *testing.M) { dynamodbtest.Main(m) }

// definition is a table of one key, with a name that Table has to replace.
func definition() *sdk.CreateTableInput {
	return &sdk.CreateTableInput{
		TableName:            aws.String("replaced"),
		BillingMode:          types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("pk"), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("pk"), KeyType: types.KeyTypeHash}},
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		input := definition()
		name, other := db.Table(t, input), db.Table(t, input)
		require.NotEqual(t, name, other)
		require.Equal(t, "replaced", *input.TableName, "the caller's definition is left alone")
		out, err := db.Client.DescribeTable(t.Context(), &sdk.DescribeTableInput{TableName: &name})
		require.NoError(t, err)
		require.Equal(t, types.TableStatusActive, out.Table.TableStatus)
	})
}
