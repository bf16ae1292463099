package samples_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/review"
	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/dynamodbtest"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/embeddedtest"
	"github.com/pretendfriend/falafel-api/devenv/samples"
)

// all are the reviews of a profile, by restaurant.
func all(t testing.TB, options samples.Options) map[review.Name][]review.Review {
	t.Helper()
	restaurants, err := samples.All(options)
	require.NoError(t, err)
	found := map[review.Name][]review.Review{}
	for reviews, err := range restaurants {
		require.NoError(t, err)
		require.NotEmpty(t, reviews)
		require.NotContains(t, found, reviews[0].Restaurant, "a restaurant comes once: two writers of one would wait for each other")
		found[reviews[0].Restaurant] = reviews
	}
	return found
}

func count(restaurants map[review.Name][]review.Review) (reviews int) {
	for _, of := range restaurants {
		reviews += len(of)
	}
	return reviews
}

func TestEveryProfileIsTheSameEveryTimeAndByTheRules(t *testing.T) {
	t.Parallel()
	for _, profile := range samples.Profiles() {
		assert.NotEmpty(t, profile.Description)
		for _, size := range profile.Sizes {
			options := samples.Options{Profile: profile.Name, Size: size}
			restaurants := all(t, options)
			assert.Equal(t, size, count(restaurants), "%s %d", profile.Name, size)
			ids := make(map[string]bool, size)
			for name, reviews := range restaurants {
				for _, r := range reviews {
					ids[r.ID.String()] = true
					assert.Equal(t, name, r.Restaurant)
					if err := r.Validate(); err != nil {
						assert.NoError(t, err)
					}
				}
			}
			assert.Len(t, ids, size, "ids are unique")
			if size <= 10_000 {
				assert.True(t, equal(restaurants, all(t, options)), "%s %d", profile.Name, size)
			}
		}
	}
}

func equal(a, b map[review.Name][]review.Review) bool {
	return maps.EqualFunc(a, b, slices.Equal)
}

func TestTheEdges(t *testing.T) {
	t.Parallel()
	restaurants := all(t, samples.Options{Profile: "edge"})
	scripts, currencies, comments, visits := map[string]bool{}, map[string]bool{}, 0, 0
	var lowest, highest, free, dearest bool
	names := strings.Join(slices.Collect(func(yield func(string) bool) {
		for name := range restaurants {
			yield(string(name))
		}
	}), "\n")
	for script, table := range unicode.Scripts {
		scripts[script] = strings.ContainsFunc(names, func(r rune) bool { return unicode.Is(table, r) })
	}
	for name, reviews := range restaurants {
		assert.LessOrEqual(t, utf8.RuneCountInString(string(name)), review.MaxNameLength)
		for _, r := range reviews {
			currencies[r.Currency] = true
			comments = max(comments, utf8.RuneCountInString(r.Comment))
			if _, text := r.VisitedAt(); text != "" {
				visits++
			}
			lowest, highest = lowest || r.Rating.String() == "0.1", highest || r.Rating.String() == "5"
			free, dearest = free || r.Cost.Sign() == 0, dearest || r.Cost.String() == "99999999.9999"
		}
	}
	for script, is := range scripts {
		assert.True(t, is || script == "Inherited" || script == "Braille" || script == "SignWriting", script) // which have no letters
	}
	for _, code := range []string{"JPY", "KWD", "CLF", "MRU"} {
		assert.Contains(t, currencies, code)
	}
	assert.Equal(t, review.MaxCommentLength, comments)
	assert.True(t, lowest && highest && free && dearest)
	assert.GreaterOrEqual(t, visits, 5, "texts of the earlier service that are no time")
	for _, name := range []review.Name{"%2F", "Who? Falafel!", "#1 Falafel", `<script>alert("falafel")</script>`, "🧆", "Café", "RESTAURANT#Habibi", "Ali", "ALI", review.Name(strings.Repeat("🧆", 200))} {
		assert.Contains(t, restaurants, name)
	}
	for _, r := range restaurants["At once"] {
		assert.Equal(t, restaurants["At once"][0].CreatedAt(), r.CreatedAt())
	}
	assert.Greater(t, len(restaurants["At once"]), 2*review.MaxPage)
}

func TestAFewRestaurantsHaveMostOfTheLoad(t *testing.T) {
	t.Parallel()
	restaurants := all(t, samples.Options{Profile: "load", Size: 10_000})
	assert.Len(t, restaurants, 200)
	var sizes []int
	for _, reviews := range restaurants {
		sizes = append(sizes, len(reviews))
	}
	slices.Sort(sizes)
	slices.Reverse(sizes)
	assert.Greater(t, sizes[0], 1500)
	assert.Less(t, sizes[0], 2000)
	assert.InDelta(t, sizes[0], 2*sizes[1], 120, "the second has half of the first")
	assert.InDelta(t, sizes[0], 10*sizes[9], 200)
	for _, size := range []int{1, 2, 49, 50, 99, 101, 12_345} {
		assert.Equal(t, size, count(all(t, samples.Options{Profile: "load", Size: size})))
	}
}

func TestWhatThereIsNoProfileFor(t *testing.T) {
	t.Parallel()
	edge := samples.Profiles()[1].Sizes[0]
	for _, test := range []struct {
		options samples.Options
		says    string
	}{
		{samples.Options{Profile: "all"}, `there is no profile "all": they are demo, edge, load`},
		{samples.Options{Size: 7}, `profile demo has `},
		{samples.Options{Profile: "edge", Size: edge + 1}, `and no other size: leave the size out`},
		{samples.Options{Profile: "load", Size: -1}, `profile load has 1 to 1000000 reviews, and not -1`},
		{samples.Options{Profile: "load", Size: 1_000_001}, `profile load has 1 to 1000000 reviews, and not 1000001`},
	} {
		require.ErrorContains(t, test.options.Check(), test.says)
		_, err := samples.Seed(t.Context(), nil, test.options)
		require.ErrorContains(t, err, test.says)
	}
	for _, options := range []samples.Options{{}, {Profile: "edge"}, {Profile: "edge", Size: edge}, {Profile: "load", Size: 1}} {
		assert.NoError(t, options.Check())
	}
}

// contents is all that is in a table, by key.
func contents(t testing.TB, db *dynamodbtest.Backend, table string) map[string]map[string]types.AttributeValue {
	t.Helper()
	found := map[string]map[string]types.AttributeValue{}
	pages := dynamodb.NewScanPaginator(db.Client, &dynamodb.ScanInput{TableName: &table})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		for _, item := range page.Items {
			pk, sk := item["pk"].(*types.AttributeValueMemberS).Value, item["sk"].(*types.AttributeValueMemberS).Value
			found[pk+"\n"+sk] = item
		}
	}
	return found
}

func TestASeedMakesTheSameTableAndTellsHowFarItIs(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		for _, options := range []samples.Options{{Profile: "edge"}, {Profile: "load", Size: 300}} {
			var tables []map[string]map[string]types.AttributeValue
			for range 2 {
				table := db.Table(t, store.Definition(""))
				into, err := store.Open(t.Context(), db.Client, table, nil, nil)
				require.NoError(t, err)
				last, total := 0, 0
				options.Progress = func(done, of int) {
					assert.Greater(t, done, last)
					last, total = done, of
				}
				seeded, err := samples.Seed(t.Context(), into, options)
				require.NoError(t, err)
				assert.Equal(t, seeded, last)
				assert.Equal(t, seeded, total)
				tables = append(tables, contents(t, db, table))
			}
			assert.Equal(t, tables[0], tables[1])
			restaurants := all(t, samples.Options{Profile: options.Profile, Size: options.Size})
			assert.Len(t, tables[0], count(restaurants)+len(restaurants), "reviews, and a summary for each restaurant")
		}
	})
}

func BenchmarkSeed(b *testing.B) {
	if testing.Short() {
		b.Skip()
	}
	backend := embeddedBackend(b)
	const size = 5000
	for b.Loop() {
		into, err := store.Open(b.Context(), backend.Client, backend.Table(b, store.Definition("")), nil, nil)
		require.NoError(b, err)
		_, err = samples.Seed(b.Context(), into, samples.Options{Profile: "load", Size: size})
		require.NoError(b, err)
	}
	b.ReportMetric(float64(size*b.N)/b.Elapsed().Seconds(), "reviews/s")
}

func embeddedBackend(b *testing.B) *dynamodbtest.Backend {
	b.Helper()
	client := embeddedtest.Start(b)
	return &dynamodbtest.Backend{Client: client, Endpoint: *client.Options().BaseEndpoint}
}
