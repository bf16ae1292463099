package store_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/review"
	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/dynamodbtest"
)

// A wire is a proxy in front of a database that keeps what passes.
type wire struct {
	client *dynamodb.Client

	mu    sync.Mutex
	calls []wireCall
}

type wireCall struct {
	operation string
	request   []byte
}

func newWire(t *testing.T, db *dynamodbtest.Backend) *wire {
	t.Helper()
	w := &wire{}
	target, err := url.Parse(db.Endpoint)
	require.NoError(t, err)
	forward := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Host = r.In.Host }}
	server := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		w.mu.Lock()
		w.calls = append(w.calls, wireCall{operation, body})
		w.mu.Unlock()
		r.Body = io.NopCloser(bytes.NewReader(body))
		forward.ServeHTTP(answer, r)
	}))
	t.Cleanup(server.Close)
	w.client = dynamodb.New(db.Client.Options(), func(o *dynamodb.Options) { o.BaseEndpoint = &server.URL })
	return w
}

// during returns what passed while something was done.
func (w *wire) during(do func()) []wireCall {
	w.mu.Lock()
	w.calls = nil
	w.mu.Unlock()
	do()
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.calls
}

// Whoever looks at the table asks as the service does: the same call, but for how many items
// it wants and whether it is told what they cost.
func TestAskIsWhatTheServiceAsks(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		ctx, w := t.Context(), newWire(t, db)
		table := db.Table(t, store.Definition(""))
		reviews, err := store.Open(ctx, w.client, table, nil, nil)
		require.NoError(t, err)
		made := create(t, reviews, "Habibi", content("4", "8"))
		_, err = reviews.CursorKey(ctx)
		require.NoError(t, err)
		first := review.PageRequest{Limit: 10}
		service := map[string]func(){
			"review by id":                                              func() { _, err = reviews.Review(ctx, "Habibi", made.ID) },
			"reviews of a restaurant, newest first":                     func() { _, err = reviews.ReviewsOf(ctx, "Habibi", first) },
			"newest reviews of all restaurants":                         func() { _, err = reviews.NewestReviews(ctx, first) },
			"restaurant with its newest review":                         func() { _, _, err = reviews.Restaurant(ctx, "Habibi") },
			"restaurants by rating":                                     func() { _, err = reviews.RestaurantsByRating(ctx, first) },
			"restaurants by name":                                       func() { _, err = reviews.RestaurantsByName(ctx, first) },
			"key that seals cursors, and readiness":                     func() { err = reviews.Ready(ctx) },
			"summary of a restaurant before a change":                   func() { err = reviews.Delete(ctx, "Habibi", made.ID, nil) },
			"reviews of a restaurant for the earlier service's clients": func() { _, err = reviews.EarlierReviewsOf(ctx, "Habibi", first) },
		}
		for _, pattern := range store.AccessPatterns() {
			serve := service[pattern.Name]
			if pattern.MaxWriteUnits > 0 {
				_, err := pattern.Ask(table, store.Asked{Restaurant: "Habibi", ID: made.ID})
				require.NoError(t, err, pattern.Name)
				continue
			}
			require.NotNil(t, serve, pattern.Name)
			served := w.during(serve)
			require.NoError(t, err, pattern.Name)
			for shard := range max(1, pattern.Partitions) {
				asked := w.during(func() {
					ask, err := pattern.Ask(table, store.Asked{Restaurant: "Habibi", ID: made.ID, Shard: shard})
					require.NoError(t, err)
					switch ask := ask.(type) {
					case *dynamodb.GetItemInput:
						_, err = w.client.GetItem(ctx, ask)
					case *dynamodb.QueryInput:
						_, err = w.client.Query(ctx, ask)
					}
					require.NoError(t, err)
				})
				require.Len(t, asked, 1)
				var wanted []any
				for _, call := range served {
					if call.operation == pattern.Operation {
						wanted = append(wanted, essence(t, call))
					}
				}
				assert.Contains(t, wanted, essence(t, asked[0]), pattern.Name)
			}
			if pattern.Name == "summary of a restaurant before a change" {
				made = create(t, reviews, "Habibi", content("4", "8"))
			}
		}
	})
}

func essence(t *testing.T, call wireCall) any {
	t.Helper()
	var request map[string]any
	require.NoError(t, json.Unmarshal(call.request, &request))
	delete(request, "Limit")
	delete(request, "ReturnConsumedCapacity")
	return request
}

func TestWhatIsNotTheServicesIsNotRecognised(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]wireCall{
		"no operation":             {"", []byte(`{}`)},
		"another operation":        {"Scan", []byte(`{"TableName":"T"}`)},
		"the look at the table":    {"DescribeTable", []byte(`{"TableName":"T"}`)},
		"no JSON":                  {"GetItem", []byte(`{`)},
		"nothing":                  {"GetItem", []byte(``)},
		"another item":             {"GetItem", []byte(`{"Key":{"pk":{"S":"RESTAURANT#x"},"sk":{"S":"OTHER"}}}`)},
		"a key of another type":    {"GetItem", []byte(`{"Key":{"pk":{"N":"1"},"sk":{"N":"2"}}}`)},
		"a key of no type":         {"GetItem", []byte(`{"Key":{"pk":{"S":1}}}`)},
		"another index":            {"Query", []byte(`{"IndexName":"theirs","KeyConditionExpression":"pk = :pk"}`)},
		"another item that is put": {"PutItem", []byte(`{"Item":{"pk":{"S":"x"},"sk":{"S":"y"}}}`)},
		"a transaction of nothing": {"TransactWriteItems", []byte(`{"TransactItems":[]}`)},
		"another transaction":      {"TransactWriteItems", []byte(`{"TransactItems":[{"Put":{"Item":{"pk":{"S":"x"},"sk":{"S":"y"}}}}]}`)},
		"a transaction of updates": {"TransactWriteItems", []byte(`{"TransactItems":[{"Update":{"Key":{"pk":{"S":"x"},"sk":{"S":"REVIEW#1"}}}}]}`)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, ok := store.Recognise(call.operation, call.request)
			assert.False(t, ok)
		})
	}
}

func TestAnAccessPatternThatIsNoneAsksNothing(t *testing.T) {
	t.Parallel()
	_, err := store.AccessPattern{Name: "all"}.Ask("T", store.Asked{Restaurant: "Habibi"})
	require.EqualError(t, err, "there is no such access pattern: docs/access-patterns.md has them")
}

func FuzzRecognise(f *testing.F) {
	f.Add("GetItem", []byte(`{"Key":{"pk":{"S":"RESTAURANT#x"},"sk":{"S":"REVIEW#1"}}}`))
	f.Add("Query", []byte(`{"KeyConditionExpression":"pk = :pk AND sk < :before","Limit":21}`))
	f.Add("TransactWriteItems", []byte(`{"TransactItems":[{"Put":{"Item":{"sk":{"S":"REVIEW#1"}}}},{"Delete":{"Key":{}}}]}`))
	f.Fuzz(func(t *testing.T, operation string, request []byte) {
		if pattern, ok := store.Recognise(operation, request); ok {
			assert.Equal(t, operation, pattern.Operation)
		}
	})
}
