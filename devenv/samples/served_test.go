package samples_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/rest"
	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/dynamodbtest"
	"github.com/pretendfriend/falafel-api/devenv/samples"
	"github.com/pretendfriend/falafel-api/openapi/goclient"
)

// What is at the edge of the rules is what a client gets, under its name, in every list.
func TestTheServiceServesTheEdges(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		ctx := t.Context()
		into, err := store.Open(ctx, db.Client, db.Table(t, store.Definition("")), nil, nil)
		require.NoError(t, err)
		total, err := samples.Seed(ctx, into, samples.Options{Profile: "edge"})
		require.NoError(t, err)
		key, err := into.CursorKey(ctx)
		require.NoError(t, err)
		api, err := rest.New(into, rest.Options{CursorKey: key, Timeout: time.Minute})
		require.NoError(t, err)
		server := httptest.NewServer(api)
		t.Cleanup(server.Close)
		client, err := goclient.New(server.URL)
		require.NoError(t, err)

		restaurants := all(t, samples.Options{Profile: "edge"})
		for name, reviews := range restaurants {
			got, err := client.GetRestaurant(ctx, string(name))
			if assert.NoError(t, err, name) {
				assert.Equal(t, string(name), got.Name)
				assert.EqualValues(t, len(reviews), got.ReviewCount, name)
			}
			listed := 0
			for r, err := range client.ReviewsOf(ctx, string(name), goclient.Limit(100)) {
				require.NoError(t, err, name)
				listed++
				assert.Equal(t, string(name), r.Restaurant)
			}
			assert.Equal(t, len(reviews), listed, name)
		}
		require.EventuallyWithT(t, func(c *assert.CollectT) { // an index may lag
			reviews, byName, byRating := 0, map[string]bool{}, map[string]bool{}
			for _, err := range client.Reviews(ctx, goclient.Limit(7)) {
				require.NoError(c, err)
				reviews++
			}
			for r, err := range client.Restaurants(ctx, goclient.ByName, goclient.Limit(7)) {
				require.NoError(c, err)
				byName[r.Name] = true
			}
			for r, err := range client.Restaurants(ctx, goclient.ByRating, goclient.Limit(7)) {
				require.NoError(c, err)
				byRating[r.Name] = true
			}
			assert.Equal(c, total, reviews)
			assert.Len(c, byName, len(restaurants))
			assert.Len(c, byRating, len(restaurants))
		}, 2*time.Minute, time.Second)
	})
}
