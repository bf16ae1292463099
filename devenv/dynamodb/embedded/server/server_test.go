package server_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/server"
)

func start(t *testing.T, options server.Options) *server.Server {
	t.Helper()
	if options.Addr == "" {
		options.Addr = "127.0.0.1:0"
	}
	s, err := server.Start(t.Context(), options)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}

func clientOf(s *server.Server) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		BaseEndpoint: aws.String(s.Endpoint()),
		Region:       "eu-central-1",
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
		Retryer:      aws.NopRetryer{},
	})
}

// connect opens a connection to the server, which ends with the test.
func connect(t *testing.T, s *server.Server) net.Conn {
	t.Helper()
	connection, err := net.Dial("tcp", strings.TrimPrefix(s.Endpoint(), "http://"))
	require.NoError(t, err)
	t.Cleanup(func() { connection.Close() })
	return connection
}

func TestDataIsThereAgainAfterClose(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "folder")
	for _, durable := range []bool{false, true} {
		options := server.Options{Dir: dir}
		options.Engine.Durable = durable
		s := start(t, options)
		client := clientOf(s)
		tables, err := client.ListTables(t.Context(), &dynamodb.ListTablesInput{})
		require.NoError(t, err)
		if !durable {
			assert.Empty(t, tables.TableNames)
			_, err := client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
				TableName:            aws.String("kept"),
				BillingMode:          types.BillingModePayPerRequest,
				AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("pk"), AttributeType: types.ScalarAttributeTypeS}},
				KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("pk"), KeyType: types.KeyTypeHash}},
			})
			require.NoError(t, err)
		} else {
			assert.Equal(t, []string{"kept"}, tables.TableNames)
		}
		require.NoError(t, s.Close())
		require.NoError(t, s.Err(), "it was asked to end")
		_, err = client.ListTables(t.Context(), &dynamodb.ListTablesInput{})
		require.Error(t, err, "it answers after Close")
	}
}

func TestARequestInFlightIsAnsweredBeforeTheEnd(t *testing.T) {
	t.Parallel()
	s := start(t, server.Options{})
	connection := connect(t, s)
	const body = `{}`
	_, err := fmt.Fprintf(connection, "POST / HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: %d\r\n"+
		"Content-Type: application/x-amz-json-1.0\r\nX-Amz-Target: DynamoDB_20120810.ListTables\r\nX-Amz-Date: 20260101T000000Z\r\n"+
		"Authorization: AWS4-HMAC-SHA256 Credential=local/20260101/eu-central-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0\r\n\r\n",
		len(body))
	require.NoError(t, err)
	answers := bufio.NewReader(connection)
	line, err := answers.ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, line, "100 Continue", "the request is being read")
	_, err = answers.ReadString('\n')
	require.NoError(t, err)

	closed := make(chan error, 1)
	go func() { closed <- s.Close() }()
	<-s.Done()
	_, err = net.Dial("tcp", strings.TrimPrefix(s.Endpoint(), "http://"))
	require.Error(t, err, "new ones are not taken")
	select {
	case err := <-closed:
		t.Fatalf("it ended (%v) with a request in flight", err)
	default:
	}
	_, err = connection.Write([]byte(body))
	require.NoError(t, err)
	response, err := http.ReadResponse(answers, nil)
	require.NoError(t, err)
	defer response.Body.Close()
	assert.Equal(t, http.StatusOK, response.StatusCode)
	require.NoError(t, <-closed)
}

func TestAConnectionWithoutARequestHoldsNothingUp(t *testing.T) {
	t.Parallel()
	s := start(t, server.Options{})
	connect(t, s)
	_, err := clientOf(s).ListTables(t.Context(), &dynamodb.ListTablesInput{})
	require.NoError(t, err) // so that the first connection has been accepted as well
	began := time.Now()
	require.NoError(t, s.Close())
	assert.Less(t, time.Since(began), 3*time.Second)
}

func TestOneSentenceSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := start(t, server.Options{Dir: dir})
	taken := strings.TrimPrefix(first.Endpoint(), "http://")
	for name, c := range map[string]struct {
		options server.Options
		says    string
	}{
		"a taken port":    {server.Options{Addr: taken}, taken + " is taken by another program: stop that, or choose another address"},
		"no address":      {server.Options{Addr: "nonsense"}, "nonsense cannot be listened on: "},
		"a folder in use": {server.Options{Addr: "127.0.0.1:0", Dir: dir}, dir},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := server.Start(t.Context(), c.options)
			require.ErrorContains(t, err, c.says)
			assert.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestAllInterfacesAreReachedOverLoopback(t *testing.T) {
	t.Parallel()
	s := start(t, server.Options{Addr: ":0"})
	assert.Regexp(t, `^http://127\.0\.0\.1:\d+$`, s.Endpoint())
	_, err := clientOf(s).ListTables(t.Context(), &dynamodb.ListTablesInput{})
	require.NoError(t, err)
}
