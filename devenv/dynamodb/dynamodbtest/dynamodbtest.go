// Package dynamodbtest gives tests a DynamoDB, whichever the machine has: the embedded one
// everywhere, and DynamoDB Local where it can run.
//
// A package that needs one hands over its TestMain, and each test says what it does with
// a backend:
//
//	func TestMain(m *testing.M) { dynamodbtest.Main(m) }
//
//	func TestAdd(t *testing.T) {
//		t.Parallel()
//		dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
//			table := db.Table(t, store.Definition())
//			…
//		})
//	}
//
// Which backends run is for the environment to say:
//
//	FALAFEL_TEST_DYNAMODB=embedded,java    demands exactly these: one that is missing fails
//	FALAFEL_TEST_DYNAMODB=http://host:port demands that one
//	(unset)                                runs what the machine has, skips the rest aloud
//	FALAFEL_TEST_REPORT=FILE               appends what ran to FILE, for a wrapper (see [Report])
//	FALAFEL_TEST_DYNAMODB_GRACE=DURATION   how long a database waits for the next package
//
// All of them are in memory. The embedded database is a part of the test process, each of
// which has its own. DynamoDB Local takes too long to start for that: all packages of a
// `go test ./...` share one, started by the first of them and run by a keeper, a process
// of its own that lives as long as somebody uses it (keeper.go tells how). Its log and
// its state are in .falafel/test/ below the project's root.
package dynamodbtest

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb"
)

// demandVariable lists the kinds, or URLs, that have to run.
const demandVariable = "FALAFEL_TEST_DYNAMODB"

// Main runs the tests of a package, prints which backends they ran on and which not and
// why, and exits. It has to be the first thing that TestMain does: the same program is
// started again to keep the database, and then Main does only that.
func Main(m *testing.M) {
	if isKeeper() {
		os.Exit(keep()) //nolint:revive // Main stands for main
	}
	used.mainRan.Store(true)
	code := m.Run()
	if err := used.report(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code) //nolint:revive // Main stands for main
}

// ForEach runs a parallel subtest for each backend, named after it. The database is shared
// with other tests and packages, so a test touches the tables that it made and no others.
func ForEach(t *testing.T, run func(t *testing.T, db *Backend)) {
	t.Helper()
	ForEachKind(t, func(t *testing.T, kind dynamodb.Kind) error {
		connection := shared(kind)
		if connection.err == nil {
			run(t, connection.backend)
		}
		return connection.err
	})
}

// ForEachKind is ForEach for a test that starts its databases itself. What run returns is
// taken for the start's error: with [dynamodb.ErrUnavailable] the kind is missing on this
// machine, with any other the test fails.
func ForEachKind(t *testing.T, run func(t *testing.T, kind dynamodb.Kind) error) {
	t.Helper()
	if !used.mainRan.Load() {
		t.Fatal("dynamodbtest: the package needs `func TestMain(m *testing.M) { dynamodbtest.Main(m) }`")
	}
	kinds, demanded, err := wanted()
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range kinds {
		t.Run(label(kind), func(t *testing.T) {
			t.Parallel()
			err := available(kind)
			if err == nil {
				used.ran(kind)
				err = run(t, kind)
			}
			switch {
			case err == nil:
			case errors.Is(err, dynamodb.ErrUnavailable):
				used.missed(kind, err)
				if demanded {
					t.Fatalf("%s demands %s: %v", demandVariable, kind, err)
				}
				t.Skip(err)
			default:
				t.Fatal(err)
			}
		})
	}
}

// available asks each kind once: it may run programs to find out.
var available = once(dynamodb.Available)

// wanted returns the kinds to test on, and whether they are demanded.
func wanted() (kinds []dynamodb.Kind, demanded bool, err error) {
	list := strings.FieldsFunc(os.Getenv(demandVariable), func(r rune) bool { return r == ',' || r == ' ' })
	if len(list) == 0 {
		return dynamodb.Kinds(), false, nil
	}
	for _, text := range list {
		kind, err := dynamodb.ParseKind(text)
		if err != nil {
			return nil, true, fmt.Errorf("%s: %w", demandVariable, err)
		}
		kinds = append(kinds, kind)
	}
	return kinds, true, nil
}

// label names a kind where slashes mean something: in the name of a test.
func label(kind dynamodb.Kind) string {
	if u, err := url.Parse(string(kind)); err == nil && kind.IsURL() {
		return u.Host
	}
	return string(kind)
}
