package environment_test

import (
	"context"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb"
	"github.com/pretendfriend/falafel-api/devenv/environment"
	"github.com/pretendfriend/falafel-api/devenv/internal/screen"
)

// served is a DynamoDB that runs alone.
type served struct {
	running

	endpoint string
}

func serveDynamoDB(t *testing.T, options environment.DynamoDBOptions) *served {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	s := &served{running: running{screen: &screen.Screen{}, ended: make(chan error, 1), stop: stop}}
	options.Out = s.screen
	go func() { s.ended <- environment.ServeDynamoDB(ctx, options) }()
	require.Eventually(t, func() bool {
		select {
		case err := <-s.ended:
			t.Errorf("it ended: %v\n%s", err, s.screen)
			return true
		default:
			return strings.Contains(s.screen.String(), "Ctrl-C stops it.")
		}
	}, time.Minute, 5*time.Millisecond)
	first, _, _ := strings.Cut(s.screen.String(), "\n")
	s.endpoint = first[strings.LastIndex(first, " ")+1:]
	return s
}

func TestDynamoDBAloneTellsHowToUseItAndKeepsItsData(t *testing.T) {
	t.Parallel()
	options := environment.DynamoDBOptions{Addr: freeAddr(t), Dir: filepath.Join(t.TempDir(), "db")}
	s := serveDynamoDB(t, options)
	require.Equal(t, "http://"+options.Addr, s.endpoint)
	for _, line := range []string{
		"\n  export AWS_ENDPOINT_URL_DYNAMODB=" + s.endpoint + "\n",
		"\n  export AWS_ENDPOINT_URL_DYNAMODB_STREAMS=" + s.endpoint + "\n",
		"\n  export AWS_REGION=eu-central-1\n",
		"\n  export AWS_DEFAULT_REGION=eu-central-1\n",
		"\n  export AWS_ACCESS_KEY_ID=local\n",
		"\n  export AWS_SECRET_ACCESS_KEY=local\n",
		"\nData: " + options.Dir + ". ",
	} {
		assert.Contains(t, s.screen.String(), line)
	}
	assert.NotContains(t, s.screen.String(), "Whoever reaches")
	database := dynamodb.Server{Kind: dynamodb.Embedded, Endpoint: s.endpoint}
	_, err := database.Client().CreateTable(t.Context(), &sdk.CreateTableInput{
		TableName:            aws.String("kept"),
		BillingMode:          types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("pk"), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("pk"), KeyType: types.KeyTypeHash}},
	})
	require.NoError(t, err)
	s.down(t)

	again := serveDynamoDB(t, options)
	tables, err := database.Client().ListTables(t.Context(), &sdk.ListTablesInput{})
	require.NoError(t, err)
	assert.Equal(t, []string{"kept"}, tables.TableNames)

	// What a second one would do wrong, it says.
	busy := options
	busy.Out = &screen.Screen{}
	require.EqualError(t, environment.ServeDynamoDB(t.Context(), busy),
		options.Addr+" is taken by another program: stop that, or choose another address")
	busy.Addr = "127.0.0.1:0"
	require.ErrorContains(t, environment.ServeDynamoDB(t.Context(), busy), options.Dir)
	again.down(t)
}

func TestDynamoDBAloneInMemoryOnAllInterfaces(t *testing.T) {
	t.Parallel()
	s := serveDynamoDB(t, environment.DynamoDBOptions{Addr: ":0"})
	assert.Contains(t, s.screen.String(), "in memory")
	assert.Contains(t, s.screen.String(), "Whoever reaches :0 can read and change that data")
	connection, err := net.Dial("tcp", strings.TrimPrefix(s.endpoint, "http://"))
	require.NoError(t, err)
	require.NoError(t, connection.Close())
	s.down(t)
}
