package store_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/review"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/dynamodbtest"
)

// pages follows a list from its first page to its last, and checks that none is longer
// than asked for, or empty without need.
func pages[T any](t *testing.T, limit int, read func(context.Context, review.PageRequest) (review.Page[T], error)) []T {
	t.Helper()
	var list []T
	request := review.PageRequest{Limit: limit}
	for {
		page, err := read(t.Context(), request)
		require.NoError(t, err)
		require.LessOrEqual(t, len(page.Items), limit)
		list = append(list, page.Items...)
		if page.Next == "" {
			return list
		}
		require.NotEmpty(t, page.Items)
		request.After = page.Next
	}
}

// An index follows its table within a moment.
const indexLag = 10 * time.Second

func TestListsComeInOrderWhateverThePage(t *testing.T) {
	t.Parallel()
	// Equal averages, names that differ by case, more restaurants than shards.
	restaurants := map[review.Name][]string{
		"ali": {"5"}, "Ali": {"4", "5"}, "ALI": {"4.5"}, "Zaatar": {"5", "5"}, "äpfel": {"1"}, "Öl": {"1.1"}, "بيت": {"2"}, "中": {"3", "3", "3"}, "🧆": {"3"},
	}
	byRating := []review.Name{"Zaatar", "ali", "Ali", "ALI", "中", "🧆", "بيت", "Öl", "äpfel"}

	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		reviews := open(t, db)
		var newest []string
		for name, ratings := range restaurants {
			for _, rating := range ratings {
				newest = append(newest, create(t, reviews, name, content(rating, "1")).ID.String())
			}
		}
		slices.Sort(newest)
		slices.Reverse(newest)
		require.EventuallyWithT(t, func(t *assert.CollectT) {
			page, err := reviews.NewestReviews(context.Background(), review.PageRequest{Limit: review.MaxPage})
			assert.NoError(t, err)
			assert.Len(t, page.Items, len(newest))
		}, indexLag, 10*time.Millisecond)

		for _, limit := range []int{1, 2, 3, len(newest) - 1, len(newest), review.MaxPage} {
			var ids []string
			for _, r := range pages(t, limit, reviews.NewestReviews) {
				ids = append(ids, r.ID.String())
			}
			assert.Equal(t, newest, ids, "newest, %d a page", limit)

			var ranked []review.Name
			for _, r := range pages(t, limit, reviews.RestaurantsByRating) {
				ranked = append(ranked, r.Name)
			}
			assert.Equal(t, byRating, ranked, "by rating, %d a page", limit)

			var named []string
			for _, r := range pages(t, limit, reviews.RestaurantsByName) {
				named = append(named, r.Name.Folded())
			}
			assert.Len(t, named, len(restaurants))
			assert.True(t, slices.IsSorted(named), "by name, %d a page: %v", limit, named)

			assert.Len(t, pages(t, limit, func(ctx context.Context, page review.PageRequest) (review.Page[review.Review], error) {
				return reviews.ReviewsOf(ctx, "中", page)
			}), 3)
		}
	})
}

// DynamoDB ends a page at 1 MB: large items must neither be skipped nor come twice, in
// one partition and across shards.
func TestListsOfLargeItemsLoseNothing(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		reviews := open(t, db)
		var want []string
		for range 45 { // 4 MB, so that every shard has more than one page
			c := content("4", "8")
			c.Visited = strings.Repeat("v", 95_000) // the earlier service took any text
			want = append(want, create(t, reviews, "Habibi", c).ID.String())
		}
		slices.Sort(want)
		slices.Reverse(want)
		for name, read := range map[string]func(context.Context, review.PageRequest) (review.Page[review.Review], error){
			"one partition": func(ctx context.Context, page review.PageRequest) (review.Page[review.Review], error) {
				return reviews.ReviewsOf(ctx, "Habibi", page)
			},
			"across shards": reviews.NewestReviews,
		} {
			var got []string
			for _, r := range pages(t, review.MaxPage, read) {
				got = append(got, r.ID.String())
			}
			assert.Equal(t, want, got, name)
		}
	})
}

func TestEveryNameCanBeAKey(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		reviews := open(t, db)
		for _, name := range []review.Name{
			review.Name(strings.Repeat("🧆", review.MaxNameLength)), // 800 bytes
			review.Name(strings.Repeat("ΐ", review.MaxNameLength)), // folds to 1,200 bytes
			"REVIEW#x", "#", "$",
		} {
			create(t, reviews, name, content("4", "8"))
			requireConsistent(t.Context(), t, reviews, name)
		}
		assert.Len(t, pages(t, 2, reviews.RestaurantsByName), 5)
	})
}
