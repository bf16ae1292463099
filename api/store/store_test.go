package store_test

import (
	"context"
	"flag"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/review"
	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/dynamodbtest"
)

func TestMain(m *testing.M) {
	// Every step of a property test is several requests; -rapid.checks asks for more.
	_ = flag.Set("rapid.checks", "10")
	dynamodbtest.Main(m)
}

// open opens a table of the test's own.
func open(t *testing.T, db *dynamodbtest.Backend) *store.Store {
	t.Helper()
	table := db.Table(t, store.Definition(""))
	reviews, err := store.Open(t.Context(), db.Client, table, nil, nil)
	require.NoError(t, err)
	return reviews
}

func content(rating, cost string) review.Content {
	return review.Content{
		Rating: review.MustDecimal(rating), Cost: review.MustDecimal(cost), Currency: "EUR", Comment: "Crisp.", Visited: "2026-11-20T12:30:00+01:00",
	}
}

func newReview(t *testing.T, restaurant review.Name, c review.Content) review.Review {
	t.Helper()
	r, err := review.New(restaurant, c, time.Now())
	require.NoError(t, err)
	return r
}

func create(t *testing.T, reviews *store.Store, restaurant review.Name, c review.Content) review.Review {
	t.Helper()
	r, err := reviews.Create(t.Context(), newReview(t, restaurant, c), review.Idempotency{})
	require.NoError(t, err)
	return r
}

func TestATableThatIsNotOursIsNamed(t *testing.T) {
	t.Parallel()
	keys := func(names ...string) *dynamodb.CreateTableInput {
		in := &dynamodb.CreateTableInput{BillingMode: types.BillingModePayPerRequest}
		for i, name := range names {
			in.KeySchema = append(in.KeySchema, types.KeySchemaElement{AttributeName: aws.String(name), KeyType: []types.KeyType{types.KeyTypeHash, types.KeyTypeRange}[i]})
			in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{AttributeName: aws.String(name), AttributeType: types.ScalarAttributeTypeS})
		}
		return in
	}
	withoutIndex := store.Definition("")
	withoutIndex.GlobalSecondaryIndexes = withoutIndex.GlobalSecondaryIndexes[:2]
	withoutIndex.AttributeDefinitions = withoutIndex.AttributeDefinitions[:5]
	keysOnly := store.Definition("")
	keysOnly.GlobalSecondaryIndexes[0].Projection = &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly}

	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		for name, c := range map[string]struct {
			definition *dynamodb.CreateTableInput
			says       []string
		}{
			"the earlier service's":   {keys("falafel_restaurant"), []string{"belongs to the earlier service", "FALAFEL_TABLE"}},
			"another key":             {keys("id", "sk"), []string{"has the key id (HASH), sk (RANGE) where pk (HASH), sk (RANGE) is needed"}},
			"an index is missing":     {withoutIndex, []string{`lacks the global secondary index "names"`, "names_pk (HASH), names_sk (RANGE)"}},
			"an index has too little": {keysOnly, []string{`index "newest"`, "must project all attributes"}},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				_, err := store.Open(t.Context(), db.Client, db.Table(t, c.definition), nil, nil)
				for _, says := range c.says {
					require.ErrorContains(t, err, says)
				}
			})
		}
		t.Run("no table", func(t *testing.T) {
			t.Parallel()
			_, err := store.Open(t.Context(), db.Client, "NoSuchTable", nil, nil)
			require.ErrorContains(t, err, `there is no table "NoSuchTable"`)
			require.ErrorContains(t, err, db.Endpoint)
		})
	})
}

func TestADatabaseThatIsNotThereIsNamed(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	client := dynamodb.New(dynamodb.Options{
		BaseEndpoint: &gone.URL, Region: "eu-central-1", Credentials: aws.AnonymousCredentials{}, Retryer: aws.NopRetryer{},
	})
	_, err := store.Open(t.Context(), client, "T", nil, nil)
	require.ErrorContains(t, err, "cannot be reached: check AWS_ENDPOINT_URL_DYNAMODB")
	require.ErrorContains(t, err, gone.URL)
	require.ErrorContains(t, err, "connection refused")
}

func TestConnectNamesWhatIsMissing(t *testing.T) { //nolint:paralleltest // sets the environment
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_CONFIG_FILE", "/nowhere")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	_, err := store.Connect(t.Context())
	require.ErrorContains(t, err, "set AWS_REGION")
	t.Setenv("AWS_REGION", "eu-central-1")
	_, err = store.Connect(t.Context())
	require.ErrorContains(t, err, "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
}

func TestCursorKeyIsOneForAllInstances(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		table := db.Table(t, store.Definition(""))
		keys := make(chan []byte, 16)
		for range cap(keys) {
			go func() {
				var key []byte
				reviews, err := store.Open(t.Context(), db.Client, table, nil, nil)
				if assert.NoError(t, err) {
					key, err = reviews.CursorKey(t.Context())
					assert.NoError(t, err)
				}
				keys <- key
			}()
		}
		first := <-keys
		assert.Len(t, first, 16)
		for range cap(keys) - 1 {
			assert.Equal(t, first, <-keys)
		}
	})
}

// A caller who goes away ends the work: the database sees its request end.
func TestACallerWhoGoesAwayCancelsTheWork(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		table := db.Table(t, store.Definition(""))
		backend, err := url.Parse(db.Endpoint)
		require.NoError(t, err)
		proxy := httputil.NewSingleHostReverseProxy(backend)
		arrived, left := make(chan struct{}), make(chan struct{})
		slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("X-Amz-Target") != "DynamoDB_20120810.GetItem" {
				proxy.ServeHTTP(w, r)
				return
			}
			// net/http notices that a client left only when the body has been read.
			_, _ = http.MaxBytesReader(w, r.Body, 1<<20).Read(make([]byte, 1<<20))
			close(arrived)
			<-r.Context().Done()
			close(left)
		}))
		t.Cleanup(slow.Close)
		options := db.Client.Options()
		options.BaseEndpoint = &slow.URL
		reviews, err := store.Open(t.Context(), dynamodb.New(options), table, nil, nil)
		require.NoError(t, err)

		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-arrived
			cancel()
		}()
		_, err = reviews.Review(ctx, "Habibi", newReview(t, "Habibi", content("4", "8")).ID)
		require.ErrorIs(t, err, context.Canceled)
		<-left
	})
}
