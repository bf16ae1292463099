package dynamodbtest

import (
	"context"
	"crypto/rand"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb"
)

const (
	// startWithin bounds the start of a database. The first DynamoDB Local on a machine may
	// download some 200 MB; all others take seconds.
	startWithin = 5 * time.Minute

	// tableWithin bounds the creation, and the deletion, of one table.
	tableWithin = time.Minute
)

// A Backend is a DynamoDB to test on.
type Backend struct {
	Kind     dynamodb.Kind
	Client   *sdk.Client
	Endpoint string // a URL without a path
}

// Table creates a table as in definition, except for its name, which is new, and returns
// that name when the table is active. The table is deleted at the end of the test.
func (b *Backend) Table(t testing.TB, definition *sdk.CreateTableInput) string {
	t.Helper()
	input := *definition
	input.TableName = aws.String(tableName(t.Name()))
	if _, err := b.Client.CreateTable(t.Context(), &input); err != nil {
		t.Fatalf("create a table: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), tableWithin) // the test's own has ended
		defer cancel()
		if _, err := b.Client.DeleteTable(ctx, &sdk.DeleteTableInput{TableName: input.TableName}); err != nil {
			t.Errorf("delete the test's table: %v", err)
		}
	})
	active := sdk.NewTableExistsWaiter(b.Client, func(o *sdk.TableExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = 5*time.Millisecond, 500*time.Millisecond
	})
	if err := active.Wait(t.Context(), &sdk.DescribeTableInput{TableName: input.TableName}, tableWithin); err != nil {
		t.Fatalf("wait for a table to be active: %v", err)
	}
	return *input.TableName
}

// tableName makes a name that is unique and says whose table it is, within what DynamoDB
// allows: 3 to 255 of these characters.
func tableName(test string) string {
	test = regexp.MustCompile(`[^a-zA-Z0-9_.-]+`).ReplaceAllString(test, "-")
	return test[:min(len(test), 200)] + "-" + strings.ToLower(rand.Text())
}

// shared returns the backend of a kind, found or started at the first call.
var shared = once(func(kind dynamodb.Kind) connection {
	if kind.IsURL() {
		return connection{backend: backendAt(kind, string(kind))}
	}
	ctx, cancel := context.WithTimeout(context.Background(), startWithin)
	defer cancel()
	if kind == dynamodb.Embedded {
		// It is there in milliseconds and ends with this process, in memory as it is, so
		// that there is nothing to share.
		server, err := dynamodb.Start(ctx, kind, dynamodb.Options{Log: os.Stderr})
		if err != nil {
			return connection{err: err}
		}
		return connection{backend: backendAt(kind, server.Endpoint)}
	}
	r, err := roomOf(kind)
	if err != nil {
		return connection{err: err}
	}
	endpoint, err := r.enter(ctx)
	if err != nil {
		return connection{err: err}
	}
	return connection{backend: backendAt(kind, endpoint), room: r}
})

// A connection is what is known of the backend of a kind.
type connection struct {
	backend *Backend
	room    *room // has the lease; kept for that
	err     error
}

func backendAt(kind dynamodb.Kind, endpoint string) *Backend {
	server := dynamodb.Server{Kind: kind, Endpoint: endpoint}
	return &Backend{Kind: kind, Client: server.Client(), Endpoint: endpoint}
}

// answers returns nil when the database does.
func answers(ctx context.Context, client *sdk.Client) error {
	_, err := client.ListTables(ctx, &sdk.ListTablesInput{Limit: aws.Int32(1)})
	return err
}

// once remembers for each kind what find returned for it.
func once[T any](find func(dynamodb.Kind) T) func(dynamodb.Kind) T {
	var mu sync.Mutex
	found := map[dynamodb.Kind]func() T{}
	return func(kind dynamodb.Kind) T {
		mu.Lock()
		get := found[kind]
		if get == nil {
			get = sync.OnceValue(func() T { return find(kind) })
			found[kind] = get
		}
		mu.Unlock() // a search for one kind does not hold up another
		return get()
	}
}
