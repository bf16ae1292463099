package embedded_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded"
)

// The registers are items: pairs of them have a partition in common, within which there
// are transactions and queries. 0 means that there is no item.
const (
	pairs      = 3
	clients    = 16
	operations = 40 // of each client
	histories  = 5
)

type state [2]int

// A call is what a client asks of a pair. Those that write have values of their own, so
// that what is read says who wrote it.
type call struct {
	kind string
	pair int
	at   int // which of the two; transactions and queries have both
	want int // the condition: what is there before; -1 is whatever
	new  state
}

type outcome struct {
	refused bool // by its condition
	seen    state
}

// model is what two registers do when everything happens one after the other. It has no
// unknown outcomes: nobody disturbs the server.
var model = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		of := make([][]porcupine.Operation, pairs)
		for _, operation := range history {
			pair := operation.Input.(call).pair
			of[pair] = append(of[pair], operation)
		}
		return of
	},
	Init: func() any { return state{} },
	Step: func(s, input, output any) (bool, any) {
		return step(s.(state), input.(call), output.(outcome))
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v -> %+v", input, output) },
}

// step reports whether the outcome is possible, and what there is afterwards.
func step(s state, c call, o outcome) (bool, any) {
	switch c.kind {
	case "get":
		return o.seen[0] == s[c.at], s
	case "query", "transact get":
		return o.seen == s, s
	case "put", "update":
		if c.want >= 0 && c.want != s[c.at] {
			return o.refused && o.seen[0] == s[c.at], s
		}
		old := s[c.at]
		s[c.at] = c.new[0]
		return !o.refused && o.seen[0] == old, s
	case "add":
		s[c.at] += c.new[0]
		return o.seen[0] == s[c.at], s
	default: // transact write
		if c.want != s[c.at] {
			return o.refused, s
		}
		return !o.refused, c.new
	}
}

// perform asks the server. Any failure but a condition's is an error.
func (c call) perform(ctx context.Context, endpoint string) (outcome, error) {
	key := func(at int) string { return fmt.Sprintf(`"pk":{"S":"%d"},"sk":{"N":"%d"}`, c.pair, at) }
	item := func(at, value int) string { return fmt.Sprintf(`{%s,"v":{"N":"%d"}}`, key(at), value) }
	// condition is that of the register at c.at, with the value of :w.
	const condition = `"ConditionExpression":"v = :w OR (:w = :zero AND attribute_not_exists(pk))"`
	wanted := fmt.Sprintf(`":w":{"N":"%d"},":zero":{"N":"0"}`, c.want)
	var operation, body string
	switch c.kind {
	case "get":
		operation, body = "GetItem", `"ConsistentRead":true,"Key":{`+key(c.at)+`}`
	case "query":
		operation, body = "Query", fmt.Sprintf(`"ConsistentRead":true,"KeyConditionExpression":"pk = :p","ExpressionAttributeValues":{":p":{"S":"%d"}}`, c.pair)
	case "put":
		operation, body = "PutItem", `"ReturnValues":"ALL_OLD","Item":`+item(c.at, c.new[0])
		if c.want >= 0 {
			body += `,"ReturnValuesOnConditionCheckFailure":"ALL_OLD",` + condition + `,"ExpressionAttributeValues":{` + wanted + `}`
		}
	case "update":
		operation = "UpdateItem"
		body = fmt.Sprintf(`"ReturnValues":"UPDATED_OLD","Key":{%s},"UpdateExpression":"SET v = :v","ReturnValuesOnConditionCheckFailure":"ALL_OLD",%s,"ExpressionAttributeValues":{":v":{"N":"%d"},%s}`,
			key(c.at), condition, c.new[0], wanted)
	case "add":
		operation = "UpdateItem"
		body = fmt.Sprintf(`"ReturnValues":"UPDATED_NEW","Key":{%s},"UpdateExpression":"ADD v :v","ExpressionAttributeValues":{":v":{"N":"%d"}}`, key(c.at), c.new[0])
	case "transact get":
		operation = "TransactGetItems"
		body = fmt.Sprintf(`"TransactItems":[{"Get":{"TableName":"things","Key":{%s}}},{"Get":{"TableName":"things","Key":{%s}}}]`, key(0), key(1))
	default:
		operation = "TransactWriteItems"
		conditional := fmt.Sprintf(`{"Put":{"TableName":"things","Item":%s,%s,"ExpressionAttributeValues":{%s}}}`, item(c.at, c.new[c.at]), condition, wanted)
		other := fmt.Sprintf(`{"Put":{"TableName":"things","Item":%s}}`, item(1-c.at, c.new[1-c.at]))
		body = `"TransactItems":[` + conditional + `,` + other + `]`
	}
	if operation != "TransactGetItems" && operation != "TransactWriteItems" {
		body = `"TableName":"things",` + body
	}
	answer, err := ask(ctx, endpoint, operation, "{"+body+"}")
	if refused, ok := errors.AsType[*refusal](err); ok {
		switch refused.name {
		case "ConditionalCheckFailedException", "TransactionCanceledException":
			return outcome{refused: true, seen: state{number(refused.body["Item"], "v")}}, nil
		}
	}
	if err != nil {
		return outcome{}, err
	}
	var seen state
	switch c.kind {
	case "get":
		seen[0] = number(answer["Item"], "v")
	case "put", "update", "add":
		seen[0] = number(answer["Attributes"], "v")
	case "query":
		for _, item := range answer["Items"].([]any) {
			seen[number(item, "sk")] = number(item, "v")
		}
	case "transact get":
		for at, response := range answer["Responses"].([]any) {
			seen[at] = number(response.(map[string]any)["Item"], "v")
		}
	}
	return outcome{seen: seen}, nil
}

const pairTable = `{"TableName":"things","BillingMode":"PAY_PER_REQUEST",
	"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"N"}],
	"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}]}`

// serve serves an engine that keeps its data in a folder, with the table things.
func serve(t *testing.T) (endpoint string) {
	t.Helper()
	engine, err := embedded.Open(t.TempDir(), embedded.Options{})
	require.NoError(t, err)
	server := httptest.NewServer(engine)
	t.Cleanup(func() {
		server.Close()
		assert.NoError(t, engine.Check())
		assert.NoError(t, engine.Close())
	})
	_, err = ask(t.Context(), server.URL, "CreateTable", pairTable)
	require.NoError(t, err)
	return server.URL
}

func TestWhatClientsSeeCouldHaveHappenedOneAfterTheOther(t *testing.T) {
	t.Parallel()
	for range histories {
		endpoint := serve(t)
		var (
			began   = time.Now()
			all     sync.WaitGroup
			mu      sync.Mutex
			history []porcupine.Operation
			last    [pairs]state // a guess of what is there, so that conditions hold at times
		)
		for client := range clients {
			all.Go(func() {
				for n := range operations {
					c := call{
						kind: []string{"get", "query", "put", "update", "add", "transact get", "transact write"}[rand.IntN(7)],
						pair: rand.IntN(pairs),
						at:   rand.IntN(2),
						new:  state{1 + client + clients*(2*n), 1 + client + clients*(2*n+1)},
					}
					mu.Lock()
					c.want = last[c.pair][c.at]
					mu.Unlock()
					if c.kind == "put" && rand.IntN(2) == 0 {
						c.want = -1
					}
					from := time.Since(began).Nanoseconds()
					o, err := c.perform(t.Context(), endpoint)
					to := time.Since(began).Nanoseconds()
					if err != nil {
						t.Errorf("%+v: %v", c, err)
						return
					}
					mu.Lock()
					history = append(history, porcupine.Operation{ClientId: client, Input: c, Output: o, Call: from, Return: to})
					last[c.pair] = c.guess(last[c.pair], o)
					mu.Unlock()
				}
			})
		}
		all.Wait()
		require.Equal(t, porcupine.Ok, porcupine.CheckOperationsTimeout(model, history, time.Minute))
	}
}

// guess is what the registers probably hold after the call.
func (c call) guess(s state, o outcome) state {
	switch {
	case c.kind == "query" || c.kind == "transact get":
		return o.seen
	case c.kind == "transact write" && !o.refused:
		return c.new
	case c.kind == "get" || c.kind == "add" || o.refused && c.kind != "transact write":
		s[c.at] = o.seen[0]
	case !o.refused:
		s[c.at] = c.new[0]
	}
	return s
}

func TestNoIncrementIsLost(t *testing.T) {
	t.Parallel()
	const writers, each = 64, 10
	key := `"Key":{"pk":{"S":"counter"},"sk":{"N":"0"}}`
	count := func(t *testing.T, endpoint string) int {
		t.Helper()
		got, err := ask(t.Context(), endpoint, "GetItem", `{"TableName":"things","ConsistentRead":true,`+key+`}`)
		require.NoError(t, err)
		return number(got["Item"], "n")
	}
	t.Run("by ADD", func(t *testing.T) {
		t.Parallel()
		endpoint := serve(t)
		var all sync.WaitGroup
		for range writers {
			all.Go(func() {
				for range each {
					_, err := ask(t.Context(), endpoint, "UpdateItem", `{"TableName":"things",`+key+`,"UpdateExpression":"ADD n :one","ExpressionAttributeValues":{":one":{"N":"1"}}}`)
					assert.NoError(t, err)
				}
			})
		}
		all.Wait()
		assert.Equal(t, writers*each, count(t, endpoint))
	})
	t.Run("by optimistic conditions", func(t *testing.T) {
		t.Parallel()
		endpoint := serve(t)
		increment := func() error {
			for {
				n := count(t, endpoint)
				_, err := ask(t.Context(), endpoint, "UpdateItem", fmt.Sprintf(`{"TableName":"things",%s,"UpdateExpression":"SET n = :new",
					"ConditionExpression":"n = :old OR attribute_not_exists(pk)","ExpressionAttributeValues":{":old":{"N":"%d"},":new":{"N":"%d"}}}`, key, n, n+1))
				if refused, ok := errors.AsType[*refusal](err); !ok || refused.name != "ConditionalCheckFailedException" {
					return err
				}
			}
		}
		var all sync.WaitGroup
		for range writers {
			all.Go(func() { assert.NoError(t, increment()) })
		}
		all.Wait()
		assert.Equal(t, writers, count(t, endpoint))
	})
}
