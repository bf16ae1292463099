package operation_test

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/operation"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
)

// An account is a service without tables, and with a clock of its own.
type account struct {
	*testing.T
	db      *storage.DB
	service *operation.Service

	mu  sync.Mutex
	now time.Time
}

func newAccount(t *testing.T) *account {
	t.Helper()
	a := &account{T: t, now: time.Date(2026, 3, 1, 12, 0, 0, 500_000_000, time.UTC)}
	var err error
	a.db, err = storage.Open("", storage.Options{Now: a.clock, SweepEvery: -1})
	require.NoError(t, err)
	t.Cleanup(func() {
		assert.NoError(t, a.db.Check())
		assert.NoError(t, a.db.Close())
	})
	a.service = operation.New(a.db, a.clock)
	return a
}

func (a *account) clock() time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.now
}

func (a *account) wait(d time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.now = a.now.Add(d)
}

func (a *account) perform(target, body string) (string, error) {
	a.Helper()
	prefix := "DynamoDB_20120810."
	if slices.Contains([]string{"ListStreams", "DescribeStream", "GetShardIterator", "GetRecords"}, target) {
		prefix = "DynamoDBStreams_20120810."
	}
	call := &operation.Call{Context: a.Context(), Region: "eu-central-1", Host: "localhost:8000"}
	out, err := a.service.Perform(call, prefix+target, []byte(body))
	return string(out), err
}

// must performs what must not fail and returns the answer.
func (a *account) must(target, body string) answer {
	a.Helper()
	out, err := a.perform(target, body)
	require.NoError(a, err, "%s %s", target, body)
	return answer{a.T, json.RawMessage(out)}
}

// fails performs what must fail with an exception, of which name and message are given as
// "name: message".
func (a *account) fails(want, target, body string) {
	a.Helper()
	out, err := a.perform(target, body)
	require.Error(a, err, "%s %s answered %s", target, body, out)
	var e *exception.Exception
	require.ErrorAs(a, err, &e, "%s %s", target, body)
	assert.Equal(a, want, e.Error(), "%s %s", target, body)
}

// An answer is JSON.
type answer struct {
	*testing.T
	text json.RawMessage
}

// at returns what is at a path of names and indexes, as JSON; "" when there is nothing.
func (a answer) at(path ...any) string {
	a.Helper()
	text := a.text
	for _, step := range path {
		switch step := step.(type) {
		case string:
			members := map[string]json.RawMessage{}
			require.NoError(a, json.Unmarshal(text, &members), "%v in %s", path, a.text)
			text = members[step]
		case int:
			var elements []json.RawMessage
			require.NoError(a, json.Unmarshal(text, &elements), "%v in %s", path, a.text)
			require.Less(a, step, len(elements), "%v in %s", path, a.text)
			text = elements[step]
		}
		if text == nil {
			return ""
		}
	}
	return string(text)
}

// string returns the string at a path.
func (a answer) string(path ...any) string {
	a.Helper()
	var s string
	require.NoError(a, json.Unmarshal([]byte(a.at(path...)), &s), "%v in %s", path, a.text)
	return s
}

const (
	keyed    = `"AttributeDefinitions":[{"AttributeName":"a","AttributeType":"S"}],"KeySchema":[{"AttributeName":"a","KeyType":"HASH"}]`
	onDemand = `"BillingMode":"PAY_PER_REQUEST"`
	invalid  = "ValidationException: One or more parameter values were invalid: "
)

// in is the account in a subtest.
func (a *account) in(t *testing.T) *account { return &account{T: t, db: a.db, service: a.service} }

// create makes a table from the members of a CreateTable.
func (a *account) create(name string, members ...string) answer {
	a.Helper()
	return a.must("CreateTable", `{"TableName":"`+name+`",`+strings.Join(members, ",")+`}`)
}

func (a *account) describe(name string) answer {
	a.Helper()
	return a.must("DescribeTable", `{"TableName":"`+name+`"}`)
}
