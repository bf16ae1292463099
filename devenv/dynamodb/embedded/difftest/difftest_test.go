// Package difftest asks the embedded engine and DynamoDB Local the same random questions,
// one after the other, and compares all that they answer: items, counts, pages, capacity,
// and the names and texts of exceptions. A difference is shrunk to a few small requests.
//
//	go test ./devenv/dynamodb/embedded/difftest                       # the same 100 checks each time
//	go test ./devenv/dynamodb/embedded/difftest -rapid.checks=2000    # others each time
//
// DynamoDB Local is not always right: deviations_test.go has what is forgiven, by its
// number in docs/embedded-deviations.md, where AWS's page is named that decides.
//
// Read sequence_test.go for the course of a check, table_test.go and the files with an
// operation in their name for what is asked, and compare_test.go for what is equal.
package difftest

import (
	"flag"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/dynamodbtest"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded"
)

func TestMain(m *testing.M) { dynamodbtest.Main(m) }

// taken is set by the first DynamoDB Local: the second one would say the same.
var taken atomic.Bool

func TestAnswersAreThoseOfDynamoDBLocal(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		if db.Kind == dynamodb.Embedded {
			t.Skip("the embedded engine is compared with DynamoDB Local: it needs java or container")
		}
		if !taken.CompareAndSwap(false, true) {
			t.Skip("compared with another DynamoDB Local already")
		}
		engine, err := embedded.Open("", embedded.Options{})
		require.NoError(t, err)
		t.Cleanup(func() { assert.NoError(t, engine.Close()) })
		setSeed(t)
		var tables atomic.Int64 // the names are new each time, while a failure is shrunk too
		rapid.Check(t, func(rt *rapid.T) {
			name := fmt.Sprintf("difftest-%s-%d", suffix, tables.Add(1))
			newSequence(t.Context(), rt, engine, db.Endpoint, name).run()
		})
	})
}

// setSeed makes the checks the same each time, unless more are asked for: two rare faults
// of DynamoDB Local in one check must not stop those who changed something else.
func setSeed(t *testing.T) {
	t.Helper()
	chosen := false
	flag.Visit(func(f *flag.Flag) { chosen = chosen || f.Name == "rapid.checks" || f.Name == "rapid.seed" })
	if !chosen {
		require.NoError(t, flag.Set("rapid.seed", "1"))
	}
	// A failure is printed as requests, and nothing is left in the work tree.
	require.NoError(t, flag.Set("rapid.nofailfile", "true"))
}
