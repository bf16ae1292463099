package dynamodb

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/cenkalti/backoff/v5"
)

// engines are the kinds that can be started, in order of preference. To add one, write its
// file and enter it here.
var engines = []engine{
	embeddedEngine,
	javaEngine,
	containerEngine,
}

// An engine is the way to one kind of database.
type engine struct {
	kind Kind

	// available returns nil or an error of [unavailable].
	available func(context.Context) error

	// start returns a database that answers. When it fails it leaves nothing running.
	// Options.Dir is absolute, exists and is locked.
	start func(context.Context, Kind, Options) (database, error)
}

// A database is one that was started, whatever it consists of.
type database interface {
	endpoint() string

	// done is closed when the database has ended, by stop or by itself.
	done() <-chan struct{}

	// err tells why it ended. It is asked only after done, and not after stop.
	err() error

	// stop ends the database and returns when it is gone. It is called once.
	stop() error
}

// engineOf returns the engine of a kind; a kind that is made by hand may have none.
func engineOf(kind Kind) (engine, error) {
	if kind.IsURL() {
		return urlEngine(kind), nil
	}
	for _, engine := range engines {
		if engine.kind == kind {
			return engine, nil
		}
	}
	return engine{}, fmt.Errorf("there is no kind %q of DynamoDB: use %s, or a URL", kind, names())
}

// names lists the kinds for a sentence.
func names() string {
	var list []string
	for _, kind := range Kinds() {
		list = append(list, string(kind))
	}
	return strings.Join(list, ", ")
}

const (
	// The polls of await start eager, since a database that is there answers in a
	// millisecond, and soon leave the processor to the one that is still starting.
	firstPoll, lastPoll = 10 * time.Millisecond, 200 * time.Millisecond

	// answerWithin bounds one poll: a server that took the connection and hangs must not
	// take all of the caller's time.
	answerWithin = 5 * time.Second
)

// await polls until answers returns nil. It fails when db ends or ctx does.
func await(ctx context.Context, db database, answers func(context.Context) error) error {
	var last error
	ask := func() (struct{}, error) {
		select {
		case <-db.done():
			return struct{}{}, backoff.Permanent(db.err())
		default:
		}
		ctx, cancel := context.WithTimeout(ctx, answerWithin)
		defer cancel()
		last = answers(ctx)
		return struct{}{}, last
	}
	pace := backoff.NewExponentialBackOff()
	pace.InitialInterval, pace.MaxInterval = firstPoll, lastPoll
	_, err := backoff.Retry(ctx, ask, backoff.WithBackOff(pace), backoff.WithMaxElapsedTime(0))
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("the DynamoDB at %s did not answer in time (%w): %w", db.endpoint(), context.Cause(ctx), last)
	}
	return err
}

// listTables asks once for a table's name: every DynamoDB can answer that, whatever is in
// it, and it touches storage, so that one that answers is one that works.
func listTables(ctx context.Context, client *sdk.Client, options ...func(*sdk.Options)) (*sdk.ListTablesOutput, error) {
	once := func(o *sdk.Options) { o.Retryer = aws.NopRetryer{} }
	return client.ListTables(ctx, &sdk.ListTablesInput{Limit: aws.Int32(1)}, append(options, once)...)
}

// unavailable makes an error that is about the machine; its text is the sentence alone.
func unavailable(format string, args ...any) error {
	return &unavailableError{fmt.Errorf(format, args...)}
}

type unavailableError struct{ error }

func (e *unavailableError) Unwrap() error        { return e.error }
func (e *unavailableError) Is(target error) bool { return target == ErrUnavailable }

// stopWithin is how long a database may take to end on SIGTERM before it gets SIGKILL.
const stopWithin = 5 * time.Second

// errEnded starts the sentence about a database that ended unasked.
var errEnded = errors.New("DynamoDB Local ended by itself")
