package samples_test

import (
	"slices"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/dynamodbtest"
	"github.com/pretendfriend/falafel-api/devenv/samples"
)

func TestMain(m *testing.M) { dynamodbtest.Main(m) }

func TestThereIsSomethingToSee(t *testing.T) {
	t.Parallel()
	restaurants, err := samples.Reviews() // by the API's own rules
	require.NoError(t, err)
	reviews, scripts, currencies := 0, map[string]bool{}, map[string]bool{}
	ids := map[string]bool{}
	for _, restaurant := range restaurants {
		reviews += len(restaurant)
		for script, table := range unicode.Scripts {
			if script != "Common" && script != "Inherited" && slices.ContainsFunc([]rune(restaurant[0].Restaurant), func(r rune) bool { return unicode.Is(table, r) }) {
				scripts[script] = true
			}
		}
		for _, r := range restaurant {
			currencies[r.Currency] = true
			ids[r.ID.String()] = true
		}
	}
	assert.GreaterOrEqual(t, len(restaurants), 25)
	assert.GreaterOrEqual(t, reviews, 400)
	assert.GreaterOrEqual(t, len(scripts), 8)
	assert.GreaterOrEqual(t, len(currencies), 10)
	assert.Len(t, ids, reviews, "ids are unique")

	again, err := samples.Reviews()
	require.NoError(t, err)
	assert.Equal(t, restaurants, again, "the same every time")
}

func TestLoadingAgainAddsNothing(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		into, err := store.Open(t.Context(), db.Client, db.Table(t, store.Definition("")), nil, nil)
		require.NoError(t, err)
		for range 2 {
			loaded, err := samples.Seed(t.Context(), into, samples.Options{})
			require.NoError(t, err)
			assert.GreaterOrEqual(t, loaded, 400)
		}
		restaurants, err := samples.Reviews()
		require.NoError(t, err)
		for _, reviews := range restaurants {
			restaurant, _, err := into.Restaurant(t.Context(), reviews[0].Restaurant)
			require.NoError(t, err)
			assert.EqualValues(t, len(reviews), restaurant.Reviews)
		}
	})
}

func TestWhatIsMissingIsLoaded(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		into, err := store.Open(t.Context(), db.Client, db.Table(t, store.Definition("")), nil, nil)
		require.NoError(t, err)
		_, err = samples.Seed(t.Context(), into, samples.Options{})
		require.NoError(t, err)
		restaurants, err := samples.Reviews()
		require.NoError(t, err)
		gone := restaurants[0][1]
		require.NoError(t, into.Delete(t.Context(), gone.Restaurant, gone.ID, nil))
		_, err = samples.Seed(t.Context(), into, samples.Options{})
		require.NoError(t, err)
		back, err := into.Review(t.Context(), gone.Restaurant, gone.ID)
		require.NoError(t, err)
		assert.Equal(t, gone, back)
		restaurant, _, err := into.Restaurant(t.Context(), gone.Restaurant)
		require.NoError(t, err)
		assert.EqualValues(t, len(restaurants[0]), restaurant.Reviews)
	})
}
