// Package difftest asks the embedded engine and DynamoDB Local the same random questions,
// one after the other, and compares all that they answer: items, counts, pages, capacity,
// and the names and texts of exceptions. A difference is shrunk to a few small requests.
//
//	go test ./devenv/dynamodb/embedded/difftest                       # bounded, for CI
//	go test ./devenv/dynamodb/embedded/difftest -rapid.checks=2000    # the more the better
//
// DynamoDB Local is not always right: deviations_test.go has what is forgiven, by its
// number in docs/embedded-deviations.md, where AWS's page is named that decides.
//
// Read sequence_test.go for the course of a check, table_test.go and the files with an
// operation in their name for what is asked, and compare_test.go for what is equal.
package difftest

import (
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
		var tables atomic.Int64 // the names are new each time, while a failure is shrunk too
		rapid.Check(t, func(rt *rapid.T) {
			name := fmt.Sprintf("difftest-%s-%d", suffix, tables.Add(1))
			newSequence(rt, t.Context(), engine, db.Endpoint, name).run()
		})
	})
}
