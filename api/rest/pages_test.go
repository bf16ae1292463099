package rest_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
)

// lists are all that come in pages. Each of their items has the text that labels it.
var lists = map[string]string{
	"/v1/restaurants/Habibi/reviews": "id",
	"/v1/reviews":                    "id",
	"/v1/restaurants":                "name",
	"/v1/restaurants?sort=name":      "name",
	"/v1/restaurants?sort=rating":    "name",
}

// crowd makes reviews, many of Habibi and one or two of each of many others.
func (s *service) crowd(t testing.TB) (reviews, restaurants int) {
	t.Helper()
	group := errgroup.Group{}
	group.SetLimit(8)
	add := func(name string, count int) {
		group.Go(func() error {
			for i := range count {
				s.create(t, name, visit(fmt.Sprintf("%d.%d", 1+i%4, i%10), "1", "EUR"))
			}
			return nil
		})
		reviews += count
		restaurants++
	}
	add("Habibi", 21)
	for i := range 33 {
		add(fmt.Sprintf("%s %d", []string{"Restaurant", "restaurant", "a/b?c", "🧆", "RESTAURANT#"}[i%5], i), 1+i%2)
	}
	require.NoError(t, group.Wait())
	return reviews, restaurants
}

// page adds parameters to the path of a list.
func page(list, format string, args ...any) string {
	separator := "?"
	if strings.Contains(list, "?") {
		separator = "&"
	}
	return list + separator + fmt.Sprintf(format, args...)
}

// walk follows a list from a path to its end, and labels what it meets.
func (s *service) walk(t testing.TB, path, label string, limit func() int) (all []string) {
	t.Helper()
	for path != "" {
		size := limit()
		u, err := url.Parse(path)
		require.NoError(t, err)
		query := u.Query()
		query.Set("limit", fmt.Sprint(size))
		u.RawQuery = query.Encode()
		a := s.get(u.String()).expect(t, http.StatusOK)
		items := decode[map[string][]map[string]any](t, a)["items"]
		require.LessOrEqual(t, len(items), size)
		for _, item := range items {
			all = append(all, item[label].(string))
		}
		path = a.next(t)
		require.False(t, path != "" && len(items) == 0, "an empty page is the last")
		require.LessOrEqual(t, len(all), 1000, "it goes on and on")
	}
	return all
}

func TestPagesOfAnySizeAreTheWholeListInOrder(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		reviews, restaurants := s.crowd(t)
		sizes := map[string]int{"/v1/restaurants/Habibi/reviews": 21, "/v1/reviews": reviews}
		for list, label := range lists {
			t.Run(list, func(t *testing.T) {
				t.Parallel()
				size, ok := sizes[list]
				if !ok {
					size = restaurants
				}
				always := func(n int) func() int { return func() int { return n } }
				var whole []string
				eventually(t, func(c *assert.CollectT) {
					whole = s.walk(t, list, label, always(100))
					assert.Len(c, whole, size)
				})
				require.Len(t, slices.Compact(slices.Sorted(slices.Values(whole))), size, "nothing is there twice")
				if label == "id" {
					require.True(t, slices.IsSortedFunc(whole, func(a, b string) int { return strings.Compare(b, a) }), "newest first")
				}
				for _, limit := range []int{1, 2, 3, 5, 7, size - 1, size, size + 1, 99} {
					require.Equal(t, whole, s.walk(t, list, label, always(limit)), "limit=%d", limit)
				}
				for seed := range uint64(5) {
					random := rand.New(rand.NewPCG(seed, 0))
					require.Equal(t, whole, s.walk(t, list, label, func() int { return 1 + random.IntN(12) }), "random limits, seed %d", seed)
				}
			})
		}
	})
}

func TestAPageHasTwentyItemsUnlessAskedOtherwise(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		s.crowd(t)
		for list := range lists {
			eventually(t, func(c *assert.CollectT) {
				a := s.get(list).expect(t, http.StatusOK)
				assert.Len(c, decode[map[string][]any](t, a)["items"], 20)
				assert.Contains(c, a.next(t), "limit=20")
			})
		}
	})
}

func TestALimitOutOfBoundsIsRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		for list := range lists {
			for _, limit := range []string{"", "0", "-1", "101", "1000000000", "99999999999999999999", "5.0", "abc", "1e1", "0x10", "%20", "٣", "1,2"} {
				p := s.get(page(list, "limit=%s", limit)).expect(t, http.StatusUnprocessableEntity).problem(t, "validation")
				if assert.Len(t, p.Errors, 1, limit) {
					assert.Equal(t, "query.limit", p.Errors[0].Location)
				}
			}
			s.get(page(list, "limit=1")).expect(t, http.StatusOK)
			s.get(page(list, "limit=100")).expect(t, http.StatusOK)
			s.get(page(list, "surprise=1")).expect(t, http.StatusUnprocessableEntity).problem(t, "validation")
			s.get(page(list, "Limit=1")).expect(t, http.StatusUnprocessableEntity).problem(t, "validation")
		}
		for _, sort := range []string{"", "cost", "Name", "rating,name", "%00"} {
			s.get("/v1/restaurants?sort="+sort).expect(t, http.StatusUnprocessableEntity).problem(t, "validation")
		}
	})
}

func TestACursorOpensOnlyTheListThatGaveItOut(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		for _, name := range []string{"Habibi", "Other"} {
			s.create(t, name, plain)
			s.create(t, name, plain)
		}
		cursors := map[string]string{}
		all := []string{"/v1/restaurants/Habibi/reviews", "/v1/restaurants/Other/reviews", "/v1/reviews", "/v1/restaurants?sort=name", "/v1/restaurants?sort=rating"}
		for _, list := range all {
			eventually(t, func(c *assert.CollectT) {
				u, err := url.Parse(s.get(page(list, "limit=1")).expect(t, http.StatusOK).next(t))
				require.NoError(t, err)
				cursors[list] = u.Query().Get("cursor")
				assert.NotEmpty(c, cursors[list])
			})
		}
		refused := func(list, what, cursor string) {
			t.Helper()
			a := s.get(page(list, "cursor=%s", url.QueryEscape(cursor))).send(t)
			require.Equal(t, http.StatusUnprocessableEntity, a.status, "%s, %s: %s", list, what, a.body)
			p := a.problem(t, "validation")
			require.Len(t, p.Errors, 1)
			assert.Equal(t, "query.cursor", p.Errors[0].Location)
		}
		for _, list := range all {
			ours := cursors[list]
			s.get(page(list, "cursor=%s", ours)).expect(t, http.StatusOK)
			s.get(page(list, "limit=3&cursor=%s", ours)).expect(t, http.StatusOK)
			for _, other := range all {
				if other != list {
					refused(list, "of "+other, cursors[other])
				}
			}
			for what, cursor := range map[string]string{
				"made up": "abc", "not base64": "!", "altered": altered(ours), "cut": ours[:len(ours)-4], "longer": ours + "AAAA",
				"padded": ours + "==", "space": " " + ours, "a page number": "2", "a key": "UkVWSUVXIw", "too long": strings.Repeat("A", 2049), "NUL": "\x00",
			} {
				refused(list, what, cursor)
			}
			for i := range len(ours) {
				refused(list, "altered", ours[:i]+altered(ours[i:i+1])+ours[i+1:])
			}
		}
		// The parameters that do not choose the list may change on the way.
		s.get("/v1/restaurants?cursor="+cursors["/v1/restaurants?sort=rating"]).expect(t, http.StatusOK)
	})
}

func TestItemsThatComeAndGoDoNotShiftTheOthers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		var all []made
		for range 6 {
			all = append([]made{s.create(t, "Habibi", plain)}, all...)
		}
		a := s.listReviewsOf("Habibi").limited(2).expect(t, http.StatusOK)
		s.create(t, "Habibi", plain)                           // before the cursor
		s.deleteReview(all[1]).expect(t, http.StatusNoContent) // what the cursor stands on
		s.deleteReview(all[3]).expect(t, http.StatusNoContent) // behind it
		a = s.get(a.next(t)).expect(t, http.StatusOK)
		assert.Contains(t, a.body, all[2].ID)
		assert.Contains(t, a.body, all[4].ID)
		a = s.get(a.next(t)).expect(t, http.StatusOK)
		assert.Contains(t, a.body, all[5].ID)
		assert.Empty(t, a.next(t))
	})
}
