package store_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/gofrs/uuid/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/pretendfriend/falafel-api/api/review"
	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/dynamodbtest"
)

// all reads every review of a restaurant, page by page.
func all(ctx context.Context, t require.TestingT, reviews *store.Store, restaurant review.Name, limit int) []review.Review {
	var list []review.Review
	page := review.PageRequest{Limit: limit}
	for {
		read, err := reviews.ReviewsOf(ctx, restaurant, page)
		require.NoError(t, err)
		list = append(list, read.Items...)
		if page.After = read.Next; page.After == "" {
			return list
		}
	}
}

// requireConsistent holds a restaurant's summary against what its reviews add up to.
func requireConsistent(ctx context.Context, t require.TestingT, reviews *store.Store, restaurant review.Name) review.Restaurant {
	want := review.Restaurant{Name: restaurant, Costs: map[string]review.Costs{}}
	list := all(ctx, t, reviews, restaurant, review.MaxPage)
	for _, r := range list {
		want = want.With(r.Revision())
	}
	got, newest, err := reviews.Restaurant(ctx, restaurant)
	if len(list) == 0 {
		require.ErrorIs(t, err, review.ErrNotFound)
		return want
	}
	require.NoError(t, err)
	want.Version = got.Version
	require.Equal(t, want.Reviews, got.Reviews)
	require.Zero(t, want.Ratings.Cmp(got.Ratings), "ratings: want %s, got %s", want.Ratings, got.Ratings)
	require.Len(t, got.Costs, len(want.Costs))
	for code, costs := range want.Costs {
		require.Equal(t, costs.Reviews, got.Costs[code].Reviews)
		require.Zero(t, costs.Sum.Cmp(got.Costs[code].Sum), "%s: want %s, got %s", code, costs.Sum, got.Costs[code].Sum)
	}
	require.Equal(t, list[0].ID, newest.ID, "the newest review")
	return got
}

func TestAReviewIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		reviews := open(t, db)
		for name, c := range map[review.Name]review.Content{
			"Habibi":      content("4.5", "8.5"),
			"a/b%c#d?&+":  content("0.1", "0"),
			"بيت الفلافل": {Rating: review.MustDecimal("5"), Cost: review.MustDecimal("99999999.9999"), Currency: "LBP", Comment: "🧆\n\"quoted\"", Visited: "12:30"},
			"minimal":     {Rating: review.MustDecimal("1"), Cost: review.MustDecimal("0.0001"), Currency: "JOD", Visited: "\x00"},
		} {
			written := create(t, reviews, name, c)
			read, err := reviews.Review(t.Context(), name, written.ID)
			require.NoError(t, err)
			assert.Equal(t, written, read)
			_, err = reviews.Review(t.Context(), name+"x", written.ID)
			require.ErrorIs(t, err, review.ErrNotFound)
		}
	})
}

func TestTheSameReviewIsCreatedOnce(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		reviews := open(t, db)
		r := create(t, reviews, "Habibi", content("4", "8"))
		_, err := reviews.Create(t.Context(), r, review.Idempotency{})
		require.ErrorIs(t, err, review.ErrExists)
		assert.EqualValues(t, 1, requireConsistent(t.Context(), t, reviews, "Habibi").Reviews)
	})
}

func TestAnImportIsAllOrNothing(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		reviews := open(t, db)
		var most []review.Review
		for range store.MaxImport {
			most = append(most, newReview(t, "Habibi", content("4", "8.5")))
		}
		require.NoError(t, reviews.Import(t.Context(), nil))
		require.NoError(t, reviews.Import(t.Context(), most))
		assert.EqualValues(t, store.MaxImport, requireConsistent(t.Context(), t, reviews, "Habibi").Reviews)

		require.ErrorIs(t, reviews.Import(t.Context(), []review.Review{newReview(t, "Habibi", content("1", "1")), most[0]}), review.ErrExists)
		require.ErrorContains(t, reviews.Import(t.Context(), []review.Review{newReview(t, "Habibi", content("1", "1")), newReview(t, "Other", content("1", "1"))}), "more than one restaurant")
		require.ErrorContains(t, reviews.Import(t.Context(), append(most, newReview(t, "Habibi", content("1", "1")))), "more than 99")
		assert.EqualValues(t, store.MaxImport, requireConsistent(t.Context(), t, reviews, "Habibi").Reviews)
	})
}

func TestAWriteFromAnotherRevisionIsRefused(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		reviews := open(t, db)
		r := create(t, reviews, "Habibi", content("4", "8"))
		forged := func(change func(*review.Revision)) *review.Revision {
			revision := r.Revision()
			change(&revision)
			return &revision
		}
		for name, from := range map[string]*review.Revision{
			"another version":  forged(func(r *review.Revision) { r.Version++ }),
			"another rating":   forged(func(r *review.Revision) { r.Rating = review.MustDecimal("1") }),
			"another cost":     forged(func(r *review.Revision) { r.Cost = review.MustDecimal("1") }),
			"another currency": forged(func(r *review.Revision) { r.Currency = "USD" }),
		} {
			_, err := reviews.Replace(t.Context(), "Habibi", r.ID, content("1", "1"), from)
			require.ErrorIs(t, err, review.ErrStale, name)
			require.ErrorIs(t, reviews.Delete(t.Context(), "Habibi", r.ID, from), review.ErrStale, name)
			_, err = reviews.Replace(t.Context(), "Habibi", uuid.Must(uuid.NewV7()), content("1", "1"), from)
			require.ErrorIs(t, err, review.ErrNotFound, name)
		}
		revision := r.Revision()
		_, err := reviews.Replace(t.Context(), "Habibi", r.ID, content("1", "1"), &revision)
		require.NoError(t, err)
		require.ErrorIs(t, reviews.Delete(t.Context(), "Habibi", r.ID, &revision), review.ErrStale)
		requireConsistent(t.Context(), t, reviews, "Habibi")
	})
}

// The promise of the design: 64 writers on one restaurant, and the summary is exact.
func TestASummaryEqualsItsReviewsUnder64Writers(t *testing.T) {
	t.Parallel()
	const instances, writers, rounds = 4, 64, 3
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		// Writers of one instance go in line; those of several meet in the database.
		table := db.Table(t, store.Definition(""))
		var stores [instances]*store.Store
		for i := range stores {
			var err error
			stores[i], err = store.Open(t.Context(), db.Client, table, nil, nil)
			require.NoError(t, err)
		}
		var wg sync.WaitGroup
		var kept atomic.Int64
		for writer := range writers {
			wg.Go(func() {
				reviews := stores[writer/4%instances]
				for range rounds {
					c := content([]string{"1", "2.5", "5"}[writer%3], []string{"0", "3.3333", "12.5"}[writer%3])
					c.Currency = []string{"EUR", "USD"}[writer%2]
					r, err := reviews.Create(t.Context(), newReview(t, "Habibi", c), review.Idempotency{})
					if err != nil {
						t.Error(err)
						return
					}
					kept.Add(1)
					switch writer % 4 {
					case 0: // change it
						_, err = reviews.Replace(t.Context(), "Habibi", r.ID, content("3", "1"), nil)
					case 1: // change it from what was seen
						from := r.Revision()
						_, err = reviews.Replace(t.Context(), "Habibi", r.ID, content("3", "1"), &from)
					case 2: // take it back
						err = reviews.Delete(t.Context(), "Habibi", r.ID, nil)
						kept.Add(-1)
					}
					assert.NoError(t, err)
				}
			})
		}
		wg.Wait()
		assert.Equal(t, kept.Load(), requireConsistent(t.Context(), t, stores[0], "Habibi").Reviews)
	})
}

// Of writers who all saw the same revision, one wins.
func TestOneOfManyConditionalWritesWins(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		reviews := open(t, db)
		r := create(t, reviews, "Habibi", content("4", "8"))
		from := r.Revision()
		var wg sync.WaitGroup
		var won, stale atomic.Int64
		for range 16 {
			wg.Go(func() {
				switch _, err := reviews.Replace(t.Context(), "Habibi", r.ID, content("2", "2"), &from); {
				case err == nil:
					won.Add(1)
				case errors.Is(err, review.ErrStale):
					stale.Add(1)
				default:
					assert.NoError(t, err)
				}
			})
		}
		wg.Wait()
		assert.EqualValues(t, 1, won.Load())
		assert.EqualValues(t, 15, stale.Load())
		requireConsistent(t.Context(), t, reviews, "Habibi")
	})
}

func TestARestaurantIsGoneWithItsLastReviewAndComesBack(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		reviews := open(t, db)
		first := create(t, reviews, "Habibi", content("4", "8"))
		before, _, err := reviews.Restaurant(t.Context(), "Habibi")
		require.NoError(t, err)
		require.NoError(t, reviews.Delete(t.Context(), "Habibi", first.ID, nil))
		_, _, err = reviews.Restaurant(t.Context(), "Habibi")
		require.ErrorIs(t, err, review.ErrNotFound)
		page, err := reviews.RestaurantsByName(t.Context(), review.PageRequest{Limit: 10})
		require.NoError(t, err)
		assert.Empty(t, page.Items)

		create(t, reviews, "Habibi", content("5", "1"))
		after := requireConsistent(t.Context(), t, reviews, "Habibi")
		assert.Greater(t, after.Version, before.Version, "a version must not come again")
	})
}

func TestAnIdempotencyKeyMakesOneReview(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		table := db.Table(t, store.Definition(""))
		reviews, err := store.Open(t.Context(), db.Client, table, nil, nil)
		require.NoError(t, err)
		key := review.Idempotency{Key: "k", Fingerprint: []byte("one request")}
		made := make(chan review.Review, 16)
		for range cap(made) {
			fresh := newReview(t, "Habibi", content("4", "8"))
			go func() {
				r, err := reviews.Create(t.Context(), fresh, key)
				assert.NoError(t, err)
				made <- r
			}()
		}
		first := <-made
		for range cap(made) - 1 {
			assert.Equal(t, first, <-made)
		}
		assert.EqualValues(t, 1, requireConsistent(t.Context(), t, reviews, "Habibi").Reviews)

		_, err = reviews.Create(t.Context(), newReview(t, "Habibi", content("1", "1")), review.Idempotency{Key: "k", Fingerprint: []byte("another")})
		require.ErrorIs(t, err, review.ErrIdempotencyKeyReused)

		// The answer stays what it was, whatever became of the review.
		_, err = reviews.Replace(t.Context(), "Habibi", first.ID, content("1", "1"), nil)
		require.NoError(t, err)
		again, err := reviews.Create(t.Context(), newReview(t, "Habibi", content("4", "8")), key)
		require.NoError(t, err)
		assert.Equal(t, first, again)

		// DynamoDB may take days to remove what has expired.
		_, err = db.Client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
			TableName: &table,
			Key: map[string]types.AttributeValue{
				"pk": &types.AttributeValueMemberS{Value: "IDEMPOTENCY#k"}, "sk": &types.AttributeValueMemberS{Value: "IDEMPOTENCY"},
			},
			UpdateExpression:          aws.String("SET expires_at = :past"),
			ExpressionAttributeValues: map[string]types.AttributeValue{":past": &types.AttributeValueMemberN{Value: "0"}},
		})
		require.NoError(t, err)
		other, err := reviews.Create(t.Context(), newReview(t, "Habibi", content("1", "1")), review.Idempotency{Key: "k", Fingerprint: []byte("another")})
		require.NoError(t, err)
		assert.NotEqual(t, first.ID, other.ID)
	})
}

// Whatever is done, in whatever order, reviews, summaries and rankings agree with a
// model of them.
func TestAnySequenceOfWritesKeepsTheTableConsistent(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		reviews := open(t, db)
		ctx := t.Context()
		rapid.Check(t, func(rt *rapid.T) {
			// The table is shared by the rounds; a restaurant of its own keeps them apart.
			restaurant := review.Name("r-" + uuid.Must(uuid.NewV7()).String())
			model := map[uuid.UUID]review.Review{}
			pick := func(rt *rapid.T) review.Review {
				if len(model) == 0 {
					rt.Skip("no review")
				}
				ids := slices.SortedFunc(maps.Keys(model), func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
				return model[rapid.SampledFrom(ids).Draw(rt, "id")]
			}
			draw := func(rt *rapid.T) review.Content {
				c := content(rapid.StringMatching(`[1-4](\.[0-9])?`).Draw(rt, "rating"), rapid.StringMatching(`[0-9]{1,7}(\.[0-9]{1,4})?`).Draw(rt, "cost"))
				c.Currency = rapid.SampledFrom([]string{"EUR", "JPY"}).Draw(rt, "currency")
				return c
			}
			rt.Repeat(map[string]func(*rapid.T){
				"create": func(rt *rapid.T) {
					r, err := reviews.Create(ctx, newReview(t, restaurant, draw(rt)), review.Idempotency{})
					require.NoError(rt, err)
					model[r.ID] = r
				},
				"replace": func(rt *rapid.T) {
					old := pick(rt)
					var from *review.Revision
					if rapid.Bool().Draw(rt, "if match") {
						revision := old.Revision()
						from = &revision
					}
					r, err := reviews.Replace(ctx, restaurant, old.ID, draw(rt), from)
					require.NoError(rt, err)
					require.Equal(rt, old.Version+1, r.Version)
					model[r.ID] = r
				},
				"delete": func(rt *rapid.T) {
					old := pick(rt)
					require.NoError(rt, reviews.Delete(ctx, restaurant, old.ID, nil))
					delete(model, old.ID)
					require.ErrorIs(rt, reviews.Delete(ctx, restaurant, old.ID, nil), review.ErrNotFound)
				},
				"": func(rt *rapid.T) {
					requireConsistent(ctx, rt, reviews, restaurant)
					list := all(ctx, rt, reviews, restaurant, rapid.IntRange(1, 4).Draw(rt, "limit"))
					require.Len(rt, list, len(model))
					for _, r := range list {
						require.Equal(rt, model[r.ID], r)
					}
				},
			})
		})
	})
}
