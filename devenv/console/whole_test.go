package console_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/devenv/console"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/dynamodbtest"
	"github.com/pretendfriend/falafel-api/devenv/faults"
)

const review = `{"rating": 4.5, "visited_at": "2026-11-20T12:30:00+01:00", "cost": 8.5, "comment": "Crisp!"}`

func itemOf(t *testing.T, item json.RawMessage) (values map[string]map[string]any) {
	t.Helper()
	require.NoError(t, json.Unmarshal(item, &values), string(item))
	return values
}

// The real API on every database: what a request did to DynamoDB is under that request.
func TestWhatARequestDidToDynamoDB(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		e := start(t, db)
		// With < and é, which JSON may write in several ways.
		reviews := e.front + "/v1/restaurants/Caf%C3%A9%20%3C1%3E/reviews"
		status, header, content := do(t, http.MethodPost, reviews, review, "Content-Type", "application/json", "Idempotency-Key", "k")
		require.Equal(t, http.StatusCreated, status, content)
		location := e.front + header.Get("Location")

		created := e.last(t)
		require.Len(t, created.Calls, 2)
		look, write := created.Calls[0], created.Calls[1]
		assert.Equal(t, "GetItem", look.Operation)
		assert.Equal(t, "summary of a restaurant before a change", look.AccessPattern)
		assert.Empty(t, look.Items)
		assert.Equal(t, "TransactWriteItems", write.Operation)
		assert.Equal(t, "create a review", write.AccessPattern)
		assert.InDelta(t, 1, look.ReadUnits, 0)
		assert.GreaterOrEqual(t, write.WriteUnits, 8.0)
		assert.Contains(t, header.Get("Server-Timing"), fmt.Sprintf(`write-units;desc="%g"`, created.WriteUnits))
		assert.InDelta(t, created.ReadUnits*0.1525+created.WriteUnits*0.7625, created.USDPerMillion, 1e-3)
		assert.LessOrEqual(t, look.StartMS+look.TookMS, write.StartMS+write.TookMS)
		assert.LessOrEqual(t, created.DynamoDBMS, created.TookMS)
		require.Len(t, write.Items, 3)
		for i, sk := range []string{"REVIEW#", "IDEMPOTENCY", "SUMMARY"} {
			assert.False(t, write.Items[i].Omitted)
			assert.Equal(t, "null", string(write.Items[i].Before), "it was not there")
			assert.Contains(t, write.Items[i].SK, sk)
		}
		assert.Equal(t, "RESTAURANT#Café <1>", write.Items[0].PK)
		assert.Equal(t, "Crisp!", itemOf(t, write.Items[0].After)["comment"]["S"])

		eventually(t, func() bool { return e.request(t, created.ID).Route == "/v1/restaurants/{restaurant}/reviews" }, "its route is not known")
		eventually(t, func() bool { return strings.Contains(string(e.request(t, created.ID).Spans), "TransactWriteItems") }, "its spans do not come")
		eventually(t, func() bool { return len(e.request(t, created.ID).Logs) == 1 }, "its log does not come")

		status, _, content = do(t, http.MethodPatch, location, `{"rating": 2}`, "Content-Type", "application/merge-patch+json")
		require.Equal(t, http.StatusOK, status, content)
		patched := e.last(t)
		change := patched.Calls[len(patched.Calls)-1].Items[0]
		assert.Equal(t, "4.5", itemOf(t, change.Before)["rating"]["N"], "as it was")
		assert.Equal(t, "2", itemOf(t, change.After)["rating"]["N"], "as it is")

		status, _, content = do(t, http.MethodDelete, location, "")
		require.Equal(t, http.StatusNoContent, status, content)
		deleted := e.last(t)
		removed := deleted.Calls[len(deleted.Calls)-1].Items
		assert.Equal(t, "2", itemOf(t, removed[0].Before)["rating"]["N"])
		assert.Equal(t, "null", string(removed[0].After))

		do(t, http.MethodGet, e.front+"/v1/restaurants", "")
		ranked := e.last(t)
		require.Len(t, ranked.Calls, store.Shards)
		for _, call := range ranked.Calls {
			assert.Equal(t, "restaurants by rating", call.AccessPattern)
			assert.Equal(t, "ranking", call.Index)
		}

		// A fault is shown where it struck, and every attempt after it.
		require.NoError(t, e.faults.Switch(faults.Fault{Kind: faults.Throttling, AccessPattern: "review by id", Share: 1}))
		do(t, http.MethodGet, location, "")
		e.faults.Clear()
		throttled := e.last(t)
		require.Greater(t, len(throttled.Calls), 1)
		for i, call := range throttled.Calls {
			assert.Equal(t, "throttling", call.Fault)
			assert.Equal(t, "ProvisionedThroughputExceededException", call.Error)
			assert.Equal(t, i+1, call.Attempt)
		}
		require.NoError(t, e.faults.Switch(faults.Fault{Kind: faults.Gone, Share: 1}))
		do(t, http.MethodGet, location, "")
		e.faults.Clear()
		gone := e.last(t)
		assert.Equal(t, "connection", gone.Calls[0].Error)
		assert.Equal(t, "gone", gone.Calls[0].Fault)
		assert.Zero(t, gone.Calls[0].Status)
	})
}

// Calls of other programs, and those whose request is not recorded, pass as they are.
func TestACallOfNobodyPasses(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		c := newConsole(t, console.Options{})
		table := db.Table(t, store.Definition(""))
		client := tapped(t, c, db, "")
		_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: item("a", "1")})
		require.NoError(t, err)
		client = tapped(t, c, db, "falafel=12345")
		_, err = client.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &table, Key: item("a", "1")})
		require.NoError(t, err)
		assert.Empty(t, get[list](t, c, "/api/requests").Items)
	})
}

func item(pk, sk string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: pk}, "sk": &types.AttributeValueMemberS{Value: sk}}
}

// The operations that the service does not use are understood, too.
func TestItemsBeforeAndAfterEveryKindOfWrite(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		c := newConsole(t, console.Options{})
		c.SetDatabase(console.Database{}, direct(t, db))
		table := db.Table(t, store.Definition(""))
		state := make(chan string, 1)
		release := make(chan struct{})
		front := c.front(t, func(_ http.ResponseWriter, r *http.Request) {
			state <- r.Header.Get("Tracestate")
			<-release
		})
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			response, err := http.Get(front)
			if assert.NoError(t, err) {
				response.Body.Close()
			}
		}()
		client := tapped(t, c, db, <-state)
		ctx := t.Context()
		full := item("a", "1")
		full["n"] = &types.AttributeValueMemberN{Value: "1"}
		_, err := client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: full, ReturnConsumedCapacity: "TOTAL"})
		require.NoError(t, err)
		_, err = client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: item("a", "1"), ConditionExpression: aws.String("attribute_not_exists(pk)")})
		require.Error(t, err)
		_, err = client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: &table, Key: item("a", "1"), UpdateExpression: aws.String("ADD n :one"),
			ExpressionAttributeValues: map[string]types.AttributeValue{":one": &types.AttributeValueMemberN{Value: "1"}},
		})
		require.NoError(t, err)
		_, err = client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &table, Key: item("a", "1")})
		require.NoError(t, err)
		_, err = client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &table, Key: item("a", "1"), ConsistentRead: aws.Bool(true), ReturnConsumedCapacity: "TOTAL"})
		require.NoError(t, err)
		close(release)
		<-ended

		calls := c.last(t).Calls
		require.Len(t, calls, 5)
		numbers := func(call int) (before, after any) {
			require.Len(t, calls[call].Items, 1)
			read := func(item json.RawMessage) any {
				if string(item) == "null" {
					return nil
				}
				return itemOf(t, item)["n"]["N"]
			}
			return read(calls[call].Items[0].Before), read(calls[call].Items[0].After)
		}
		for call, want := range [][2]any{{nil, "1"}, {"1", "1"}, {"1", "2"}, {"2", nil}} {
			before, after := numbers(call)
			assert.Equal(t, want, [2]any{before, after}, calls[call].Operation)
		}
		assert.Equal(t, "ConditionalCheckFailedException", calls[1].Error)
		assert.Positive(t, calls[0].WriteUnits)
		assert.Positive(t, calls[4].ReadUnits)
	})
}

// tapped is a client whose calls pass the console with a trace state.
func tapped(t *testing.T, c watched, db *dynamodbtest.Backend, state string) *dynamodb.Client {
	t.Helper()
	endpoint := serveTap(t, c, db)
	return dynamodb.New(db.Client.Options(), func(o *dynamodb.Options) {
		o.BaseEndpoint = &endpoint
		o.HTTPClient = stated{state}
	})
}

type stated struct{ state string }

func (s stated) Do(r *http.Request) (*http.Response, error) {
	if s.state != "" {
		r.Header.Set("Tracestate", s.state)
	}
	return http.DefaultClient.Do(r)
}
