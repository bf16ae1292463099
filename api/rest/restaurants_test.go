package rest_test

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/rest"

	"github.com/pretendfriend/falafel-api/openapi/goclient"
)

// visit is a review of nothing but numbers.
func visit(rating, cost, currency string) string {
	return fmt.Sprintf(`{"rating":%s,"visited_at":"2026-11-20T12:30:00Z","cost":%s,"currency":%q}`, rating, cost, currency)
}

func TestASummaryIsWhatTheReviewsAddUpTo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		summary := func(want string, last made) {
			t.Helper()
			a := s.getRestaurant("Habibi").expect(t, http.StatusOK)
			r := decode[rest.Restaurant](t, a)
			require.NotNil(t, r.LastReview)
			assert.Equal(t, decode[rest.Review](t, s.getReview(last).expect(t, http.StatusOK)), *r.LastReview)
			got := fmt.Sprintf("%d reviews, %s, %s %s;", r.ReviewCount, r.AverageRating, r.AverageCost, r.Currency)
			for _, cost := range r.Costs {
				got += fmt.Sprintf(" %d %s %s", cost.ReviewCount, cost.Average, cost.Currency)
			}
			assert.Equal(t, want, got)
			assert.Equal(t, "Habibi", r.Name)
		}
		first := s.create(t, "Habibi", visit("4.5", "8.50", "EUR"))
		summary("1 reviews, 4.5, 8.5 EUR; 1 8.5 EUR", first)
		second := s.create(t, "Habibi", visit("4", "1000", "JPY"))
		summary("2 reviews, 4.25, 8.5 EUR; 1 8.5 EUR 1 1000 JPY", second)
		third := s.create(t, "Habibi", visit("1", "1001", "JPY"))
		summary("3 reviews, 3.17, 1000 JPY; 2 1000 JPY 1 8.5 EUR", third)
		s.replaceReview(third, visit("5", "0.01", "EUR")).expect(t, http.StatusOK)
		summary("3 reviews, 4.5, 4.26 EUR; 2 4.26 EUR 1 1000 JPY", third)
		s.patchReview(first, mergePatch, `{"cost":8.53}`).expect(t, http.StatusOK)
		summary("3 reviews, 4.5, 4.27 EUR; 2 4.27 EUR 1 1000 JPY", third)
		s.deleteReview(second).expect(t, http.StatusNoContent)
		summary("2 reviews, 4.75, 4.27 EUR; 2 4.27 EUR", third)
		s.deleteReview(third).expect(t, http.StatusNoContent)
		summary("1 reviews, 4.5, 8.53 EUR; 1 8.53 EUR", first)
		s.createEarlierReview(data(map[string]string{"falafel_cost": "0.47"})).expect(t, http.StatusOK)
		assert.Contains(t, s.getRestaurant("Habibi").expect(t, http.StatusOK).body, `"average_cost":4.5,"currency":"EUR"`)
	})
}

func TestARestaurantIsGoneWithItsLastReviewAndBackWithTheNext(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		listed := func(sort goclient.Sort) string { return s.listRestaurants(sort).expect(t, http.StatusOK).body }
		s.getRestaurant("Habibi").expect(t, http.StatusNotFound).problem(t, "not-found")
		assert.JSONEq(t, `{"items":[]}`, s.listReviewsOf("Habibi").expect(t, http.StatusOK).body)
		for range 2 {
			m := s.create(t, "Habibi", plain)
			a := s.getRestaurant("Habibi").expect(t, http.StatusOK)
			assert.Equal(t, int64(1), decode[rest.Restaurant](t, a).ReviewCount)
			for _, sort := range []goclient.Sort{goclient.ByRating, goclient.ByName} {
				eventually(t, func(c *assert.CollectT) { assert.Contains(c, listed(sort), `"Habibi"`) })
			}
			s.deleteReview(m).expect(t, http.StatusNoContent)
			s.getRestaurant("Habibi").with("If-None-Match", a.header.Get("ETag")).expect(t, http.StatusNotFound)
			assert.JSONEq(t, `{"items":[]}`, s.listReviewsOf("Habibi").expect(t, http.StatusOK).body)
			for _, sort := range []goclient.Sort{goclient.ByRating, goclient.ByName} {
				eventually(t, func(c *assert.CollectT) { assert.JSONEq(c, `{"items":[]}`, listed(sort)) })
			}
		}
	})
}

func TestARestaurantsEntityTagChangesWithEveryReview(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		seen := map[string]bool{}
		changed := func() {
			t.Helper()
			etag := s.getRestaurant("Habibi").expect(t, http.StatusOK).header.Get("ETag")
			assert.False(t, seen[etag], "%s was there before", etag)
			seen[etag] = true
			s.getRestaurant("Habibi").with("If-None-Match", etag).expect(t, http.StatusNotModified)
		}
		m := s.create(t, "Habibi", plain)
		changed()
		s.replaceReview(m, plain).expect(t, http.StatusOK)
		changed()
		other := s.create(t, "Habibi", plain)
		changed()
		s.deleteReview(other).expect(t, http.StatusNoContent)
		changed()
		s.deleteReview(m).expect(t, http.StatusNoContent)
		s.create(t, "Habibi", plain)
		changed()
	})
}

// ranked lists the names of restaurants in order.
func (s *service) ranked(t testing.TB, sort goclient.Sort) (names []string) {
	t.Helper()
	for _, r := range decode[rest.List[rest.Restaurant]](t, s.listRestaurants(sort).limited(100).expect(t, http.StatusOK)).Items {
		names = append(names, r.Name)
	}
	return names
}

func TestRestaurantsAreRankedByRating(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		for name, ratings := range map[string][]string{
			"one five":             {"5"},
			"three fives":          {"5", "5", "5"},
			"ten fives":            {"5", "5", "5", "5", "5", "5", "5", "5", "5", "5"},
			"4.5":                  {"4.5"},
			"4.5 of two":           {"4", "5"},
			"4.333 rounds to 4.33": {"4", "4", "5"},
			"4.325":                {"4.3", "4.3", "4.3", "4.4"},
			"0.1":                  {"0.1"},
			"9 of twelve":          {"1", "1", "1", "1", "1", "1", "1", "1", "1", "1", "1", "1"},
			"1 of two":             {"1", "1"},
		} {
			for _, rating := range ratings {
				s.create(t, name, visit(rating, "1", "EUR"))
			}
		}
		want := []string{"ten fives", "three fives", "one five", "4.5 of two", "4.5", "4.333 rounds to 4.33", "4.325", "9 of twelve", "1 of two", "0.1"}
		eventually(t, func(c *assert.CollectT) { assert.Equal(c, want, s.ranked(t, goclient.ByRating)) })
		assert.Equal(t, s.listRestaurants(goclient.ByRating).send(t).body, s.listRestaurants("").send(t).body, "is the default")
	})
}

func TestRestaurantsAreRankedByNameWithoutCase(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		want := []string{"Ali", "ali baba", "ALI!", "Ali#", "Ali-Baba", "Alia", "bob", "Bobby", "ZED", "élan", "Фалафель", "🧆"}
		for i := range want {
			s.create(t, want[(i*5)%len(want)], plain)
		}
		s.create(t, "ALI", plain)
		eventually(t, func(c *assert.CollectT) {
			got := s.ranked(t, goclient.ByName)
			if assert.Len(c, got, len(want)+1) {
				assert.ElementsMatch(c, []string{"Ali", "ALI"}, got[:2], "two restaurants, in either order")
				assert.Equal(c, want[1:], got[2:])
			}
		})
	})
}

func TestManyWritersAtOneRestaurantAreAllCounted(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		const writers = 16
		var all []*request
		for i := range writers {
			all = append(all, s.createReview("Busy", visit("4", strconv.Itoa(i), "EUR")))
		}
		for _, a := range together(t, all...) {
			assert.Equal(t, http.StatusCreated, a.status, a.body)
		}
		r := decode[rest.Restaurant](t, s.getRestaurant("Busy").expect(t, http.StatusOK))
		assert.Equal(t, int64(writers), r.ReviewCount)
		assert.Equal(t, "7.5", r.AverageCost.String())
		list := decode[rest.List[rest.Review]](t, s.listReviewsOf("Busy").expect(t, http.StatusOK))
		assert.Len(t, list.Items, writers)
	})
}
