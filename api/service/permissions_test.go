package service_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/rest"
	"github.com/pretendfriend/falafel-api/api/service"
	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/embeddedtest"
	"github.com/pretendfriend/falafel-api/openapi/goclient"
)

// members are the operations in a transaction, and what IAM asks for each.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
var members = map[string]string{"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem", "Get": "GetItem"}

// needed is what IAM asks for one call on the wire.
func needed(operation string, body []byte) ([]store.Permission, error) {
	var call struct {
		IndexName     string
		TransactItems []map[string]json.RawMessage
	}
	if err := json.Unmarshal(body, &call); err != nil {
		return nil, err
	}
	if operation != "TransactWriteItems" && operation != "TransactGetItems" {
		return []store.Permission{{Action: "dynamodb:" + operation, Index: call.IndexName}}, nil
	}
	var permissions []store.Permission
	for _, item := range call.TransactItems {
		for member := range item {
			permissions = append(permissions, store.Permission{Action: "dynamodb:" + members[member]})
		}
	}
	return permissions, nil
}

// A recorder passes on what the service asks of its database, and remembers what IAM would
// have been asked.
type recorder struct {
	proxy *httputil.ReverseProxy

	mu   sync.Mutex
	used map[store.Permission]bool
	err  error
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	var permissions []store.Permission
	if err == nil {
		_, operation, _ := strings.Cut(request.Header.Get("X-Amz-Target"), ".")
		permissions, err = needed(operation, body)
	}
	r.mu.Lock()
	r.err = errors.Join(r.err, err)
	for _, permission := range permissions {
		r.used[permission] = true
	}
	r.mu.Unlock()
	request.Body = io.NopCloser(bytes.NewReader(body))
	r.proxy.ServeHTTP(w, request)
}

// serve runs the service until the end of the test, and returns its address.
func serve(t *testing.T, table string) string {
	t.Helper()
	config, err := service.ReadConfig([]string{"FALAFEL_TABLE=" + table, "FALAFEL_ADDR=127.0.0.1:0", "FALAFEL_METRICS_ADDR=127.0.0.1:0", "FALAFEL_SHUTDOWN_TIMEOUT=1s"})
	require.NoError(t, err)
	log, out := io.Pipe()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		err := service.Run(ctx, context.Background(), config, out)
		ended <- err
		_ = out.CloseWithError(err)
	}()
	t.Cleanup(func() {
		stop()
		assert.NoError(t, <-ended)
	})
	serving := make(chan string, 1)
	go func() {
		defer close(serving)
		for lines := bufio.NewScanner(log); lines.Scan(); {
			var line struct{ Msg, Addr string }
			if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "serving" {
				serving <- "http://" + line.Addr
			}
		}
	}()
	address, ok := <-serving
	require.True(t, ok, "the service does not serve")
	return address
}

// operations calls every operation of the API at least once, by its name in the document.
func operations(t *testing.T, client *goclient.Client) map[string]func(context.Context) error {
	t.Helper()
	const restaurant = "Habibi"
	input := goclient.ReviewInput{Rating: 4.5, VisitedAt: time.Now(), Cost: 8.5}
	made := func(ctx context.Context) (uuid.UUID, error) {
		review, err := client.CreateReview(ctx, restaurant, input)
		if err != nil {
			return uuid.Nil, err
		}
		return review.ID, nil
	}
	onReview := func(use func(ctx context.Context, id uuid.UUID) error) func(context.Context) error {
		return func(ctx context.Context) error {
			id, err := made(ctx)
			if err != nil {
				return err
			}
			return use(ctx, id)
		}
	}
	return map[string]func(context.Context) error{
		"createReview": func(ctx context.Context) error {
			for range 2 { // the second time, what the first answered
				if _, err := client.CreateReview(ctx, restaurant, input, goclient.IdempotencyKey("key")); err != nil {
					return err
				}
			}
			return nil
		},
		"getReview": onReview(func(ctx context.Context, id uuid.UUID) error {
			_, err := client.GetReview(ctx, restaurant, id)
			return err
		}),
		"replaceReview": onReview(func(ctx context.Context, id uuid.UUID) error {
			_, err := client.ReplaceReview(ctx, restaurant, id, input)
			return err
		}),
		"patchReview": onReview(func(ctx context.Context, id uuid.UUID) error {
			_, err := client.PatchReviewWithBodyWithResponse(ctx, restaurant, id, nil, "application/merge-patch+json", strings.NewReader(`{"rating": 3}`))
			return err
		}),
		"deleteReview": func(ctx context.Context) error {
			for _, of := range []string{restaurant, "Whose only review goes"} {
				review, err := client.CreateReview(ctx, of, input)
				if err == nil {
					err = client.DeleteReview(ctx, of, review.ID, goclient.IfMatch(review.ETag))
				}
				if err != nil {
					return err
				}
			}
			return nil
		},
		"listRestaurantReviews": onReview(func(ctx context.Context, _ uuid.UUID) error {
			return all(client.ReviewsOf(ctx, restaurant, goclient.Limit(1)))
		}),
		"listReviews": onReview(func(ctx context.Context, _ uuid.UUID) error { return all(client.Reviews(ctx, goclient.Limit(1))) }),
		"listRestaurants": onReview(func(ctx context.Context, _ uuid.UUID) error {
			if err := all(client.Restaurants(ctx, goclient.ByName)); err != nil {
				return err
			}
			return all(client.Restaurants(ctx, goclient.ByRating))
		}),
		"getRestaurant": onReview(func(ctx context.Context, _ uuid.UUID) error {
			_, err := client.GetRestaurant(ctx, restaurant)
			return err
		}),
		"createEarlierReview": func(ctx context.Context) error {
			_, err := client.CreateEarlierReviewWithBodyWithResponse(ctx, nil, "application/json", strings.NewReader( //nolint:staticcheck // deprecated, and served
				`{"falafel_restaurant": "Habibi", "falafel_rating": 4, "falafel_time": "12:30", "falafel_cost": 8}`))
			return err
		},
		"listEarlierReviews": func(ctx context.Context) error {
			_, err := client.ListEarlierReviewsWithResponse(ctx, &goclient.ListEarlierReviewsParams{FalafelRestaurant: restaurant}) //nolint:staticcheck // deprecated, and served
			return err
		},
		"getStatus": func(ctx context.Context) error {
			_, err := client.GetStatusWithResponse(ctx, nil)
			return err
		},
	}
}

func all[T any](items func(yield func(T, error) bool)) error {
	for _, err := range items {
		if err != nil {
			return err
		}
	}
	return nil
}

// The role of the service's tasks is made of store.Permissions. One that is missing is an
// outage that no other test sees; one too many is more than the service should be trusted
// with.
func TestThePermissionsAreWhatTheServiceUses(t *testing.T) {
	database := embeddedtest.Start(t)
	_, err := database.CreateTable(t.Context(), store.Definition("Reviews"))
	require.NoError(t, err)
	target, err := url.Parse(*database.Options().BaseEndpoint)
	require.NoError(t, err)
	recorded := &recorder{used: map[store.Permission]bool{}, proxy: &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}}
	line := httptest.NewServer(recorded)
	t.Cleanup(line.Close)
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", line.URL)
	t.Setenv("AWS_REGION", "eu-central-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "local")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "local")

	client, err := goclient.New(serve(t, "Reviews"))
	require.NoError(t, err)
	every := operations(t, client)
	documents, err := rest.Documents()
	require.NoError(t, err)
	document, err := openapi3.NewLoader().LoadFromData(documents["openapi-3.0.json"])
	require.NoError(t, err)
	var described []string
	for _, item := range document.Paths.Map() {
		for _, operation := range item.Operations() {
			described = append(described, operation.OperationID)
		}
	}
	require.ElementsMatch(t, described, slices.Collect(maps.Keys(every)), "an operation is not called here")
	for name, call := range every {
		require.NoError(t, call(t.Context()), name)
	}

	recorded.mu.Lock()
	defer recorded.mu.Unlock()
	require.NoError(t, recorded.err)
	assert.ElementsMatch(t, store.Permissions(), slices.Collect(maps.Keys(recorded.used)), "the first are allowed, the second are used")
}
