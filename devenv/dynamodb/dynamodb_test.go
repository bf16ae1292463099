package dynamodb_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/dynamodbtest"
)

// helperVariable makes this program start a kind, say where and who it is, and wait to be
// killed.
const helperVariable = "DYNAMODB_TEST_START"

func TestMain(m *testing.M) {
	if kind := os.Getenv(helperVariable); kind != "" {
		server, err := dynamodb.Start(context.Background(), dynamodb.Kind(kind), dynamodb.Options{})
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(server.Endpoint, os.Getpid())
		select {}
	}
	dynamodbtest.Main(m)
}

// kindNames is how a sentence lists what can be started.
var kindNames = strings.Trim(strings.ReplaceAll(fmt.Sprint(dynamodb.Kinds()), " ", ", "), "[]")

func TestParseKind(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]dynamodb.Kind{
		"embedded":               dynamodb.Embedded,
		"java":                   dynamodb.Java,
		"container":              dynamodb.Container,
		" java ":                 dynamodb.Java, //nolint:gocritic // the space is the point
		"http://127.0.0.1:8000":  "http://127.0.0.1:8000",
		"http://127.0.0.1:8000/": "http://127.0.0.1:8000",
		"https://dynamodb.eu-central-1.amazonaws.com": "https://dynamodb.eu-central-1.amazonaws.com",
	} {
		kind, err := dynamodb.ParseKind(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, kind, text)
	}
	for _, text := range []string{
		"", "Java", "docker", "localhost:8000", "ftp://127.0.0.1", "http://", "http://:8000",
		"http://me:secret@127.0.0.1", "http://127.0.0.1?a=b", "http://127.0.0.1#a", "http://%",
	} {
		_, err := dynamodb.ParseKind(text)
		assert.EqualError(t, err, fmt.Sprintf("%q is no DynamoDB that can be used: "+
			"write %s, or the http(s) URL of one that is running", text, kindNames))
	}
}

func TestUnknownKind(t *testing.T) {
	t.Parallel()
	_, err := dynamodb.Start(t.Context(), "paper", dynamodb.Options{})
	require.EqualError(t, err, `there is no kind "paper" of DynamoDB: use `+kindNames+`, or a URL`)
	require.Equal(t, err, dynamodb.Available("paper"))
	require.NotErrorIs(t, err, dynamodb.ErrUnavailable)
}

func TestServer(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEachKind(t, func(t *testing.T, kind dynamodb.Kind) error {
		server, err := dynamodb.Start(t.Context(), kind, dynamodb.Options{Log: t.Output()})
		if err != nil || kind.IsURL() {
			return err
		}
		defer server.Close()
		assert.Equal(t, kind, server.Kind)
		assert.Regexp(t, `^http://127\.0\.0\.1:\d+$`, server.Endpoint)
		assert.Equal(t, []string{
			"AWS_ENDPOINT_URL_DYNAMODB=" + server.Endpoint,
			"AWS_REGION=eu-central-1",
			"AWS_ACCESS_KEY_ID=local",
			"AWS_SECRET_ACCESS_KEY=local",
		}, server.Environ())
		assert.Empty(t, tables(t, server))
		assert.NoError(t, server.Err())
		select {
		case <-server.Done():
			assert.Fail(t, "done while it runs")
		default:
		}

		require.NoError(t, server.Close())
		<-server.Done()
		assert.NoError(t, server.Err(), "it was asked to end")
		assert.NoError(t, server.Close(), "a second time")
		assert.Error(t, ask(server), "it answers after Close")
		return nil
	})
}

func TestDataInAFolderOutlivesTheDatabase(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEachKind(t, func(t *testing.T, kind dynamodb.Kind) error {
		if kind.IsURL() {
			return nil
		}
		options := dynamodb.Options{Dir: filepath.Join(t.TempDir(), "new", "folder"), Log: t.Output()}
		first, err := dynamodb.Start(t.Context(), kind, options)
		if err != nil {
			return err
		}
		defer first.Close()
		createTable(t, first, "kept")
		_, err = dynamodb.Start(t.Context(), kind, options)
		require.EqualError(t, err, "another DynamoDB keeps its data in "+options.Dir+": stop it, or choose another folder")
		require.NoError(t, first.Close())

		second, err := dynamodb.Start(t.Context(), kind, options)
		require.NoError(t, err)
		defer second.Close()
		assert.Equal(t, []string{"kept"}, tables(t, second))
		assertOurs(t, options.Dir)
		return nil
	})
}

func TestDataInMemoryDoesNot(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEachKind(t, func(t *testing.T, kind dynamodb.Kind) error {
		if kind.IsURL() {
			return nil
		}
		for range 2 {
			server, err := dynamodb.Start(t.Context(), kind, dynamodb.Options{Log: t.Output()})
			if err != nil {
				return err
			}
			defer server.Close()
			assert.Empty(t, tables(t, server))
			createTable(t, server, "forgotten")
			require.NoError(t, server.Close())
		}
		return nil
	})
}

// TestKindsShareData holds a promise of Options.Dir.
func TestKindsShareData(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, kind := range []dynamodb.Kind{dynamodb.Container, dynamodb.Java} {
		if err := dynamodb.Available(kind); err != nil {
			t.Skip(err)
		}
		server, err := dynamodb.Start(t.Context(), kind, dynamodb.Options{Dir: dir, Log: t.Output()})
		require.NoError(t, err)
		defer server.Close()
		if kind == dynamodb.Container {
			createTable(t, server, "shared")
		}
		assert.Equal(t, []string{"shared"}, tables(t, server))
		require.NoError(t, server.Close())
	}
}

func TestNoTime(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEachKind(t, func(t *testing.T, kind dynamodb.Kind) error {
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := dynamodb.Start(ended, kind, dynamodb.Options{})
		require.ErrorIs(t, err, context.Canceled)
		require.NotErrorIs(t, err, dynamodb.ErrUnavailable)
		return nil
	})
}

func TestTooLittleTime(t *testing.T) {
	t.Parallel()
	for _, kind := range []dynamodb.Kind{dynamodb.Java, dynamodb.Container} { // the slow ones
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			if err := dynamodb.Available(kind); err != nil {
				t.Skip(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			_, err := dynamodb.Start(ctx, kind, dynamodb.Options{Log: t.Output()})
			require.ErrorIs(t, err, context.DeadlineExceeded)
		})
	}
}

// TestKilledParent has a process that started a database killed, which is what makes
// databases that nobody knows of.
func TestKilledParent(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEachKind(t, func(t *testing.T, kind dynamodb.Kind) error {
		if kind.IsURL() {
			return nil
		}
		// As the only child of its parent: testcontainers' reaper waits for all children of
		// one parent, and the keeper of the tests' database may be a child of ours.
		family := exec.Command("/bin/sh", "-c", `"$0"; exit`, os.Args[0])
		family.Env = append(os.Environ(), helperVariable+"="+string(kind))
		output, err := family.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, family.Start())
		var endpoint string
		var parent int
		_, err = fmt.Fscanln(output, &endpoint, &parent)
		require.NoError(t, err)
		server := &dynamodb.Server{Kind: kind, Endpoint: endpoint}
		require.NoError(t, ask(server))

		require.NoError(t, syscall.Kill(parent, syscall.SIGKILL))
		_ = family.Wait()
		// testcontainers' reaper allows a client 10 s to come back.
		assert.Eventually(t, func() bool { return ask(server) != nil }, 30*time.Second, 50*time.Millisecond,
			"the database outlives its parent")
		return nil
	})
}

// BenchmarkStart measures a start up to the first answer, and the stop after it.
func BenchmarkStart(b *testing.B) {
	for _, kind := range dynamodb.Kinds() {
		b.Run(string(kind), func(b *testing.B) {
			if err := dynamodb.Available(kind); err != nil {
				b.Skip(err)
			}
			for b.Loop() {
				server, err := dynamodb.Start(b.Context(), kind, dynamodb.Options{})
				require.NoError(b, err)
				require.NoError(b, server.Close())
			}
		})
	}
}

func createTable(t *testing.T, server *dynamodb.Server, name string) {
	t.Helper()
	_, err := server.Client().CreateTable(t.Context(), &sdk.CreateTableInput{
		TableName:            aws.String(name),
		BillingMode:          types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("pk"), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("pk"), KeyType: types.KeyTypeHash}},
	})
	require.NoError(t, err)
}

func tables(t *testing.T, server *dynamodb.Server) []string {
	t.Helper()
	out, err := server.Client().ListTables(t.Context(), &sdk.ListTablesInput{})
	require.NoError(t, err)
	if len(out.TableNames) == 0 {
		return nil
	}
	return out.TableNames
}

// ask returns nil when the database answers.
func ask(server *dynamodb.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_, err := server.Client().ListTables(ctx, &sdk.ListTablesInput{}, func(o *sdk.Options) { o.RetryMaxAttempts = 1 })
	return err
}

// assertOurs fails when a file below dir belongs to another user.
func assertOurs(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			assert.EqualValues(t, os.Getuid(), info.Sys().(*syscall.Stat_t).Uid, path)
		}
		return err
	})
	require.NoError(t, err)
}
