package rest_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/rest"
)

// members are the names in a JSON object.
func members(t testing.TB, a *answer) (names []string) {
	t.Helper()
	for name := range decode[map[string]any](t, a) {
		names = append(names, name)
	}
	return names
}

func TestACreatedReviewIsShownAndFound(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		before := time.Now().Truncate(time.Millisecond)
		a := s.createReview("Habibi", `{"rating":4.5,"visited_at":"2026-11-20T12:30:00+01:00","cost":8.50,"currency":"TND","comment":"Crisp\n🧆"}`).expect(t, http.StatusCreated)
		after := time.Now()
		assert.ElementsMatch(t, []string{"id", "restaurant", "rating", "visited_at", "cost", "currency", "comment", "created_at", "updated_at", "version"}, members(t, a))
		r := decode[rest.Review](t, a)
		assert.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, r.ID)
		assert.Contains(t, a.body, `"rating":4.5,"visited_at":"2026-11-20T12:30:00+01:00","cost":8.5,"currency":"TND","comment":"Crisp\n🧆"`)
		assert.Equal(t, int64(1), r.Version)
		assert.Equal(t, r.CreatedAt, r.UpdatedAt)
		created, err := time.Parse("2006-01-02T15:04:05.000Z", r.CreatedAt)
		require.NoError(t, err, "RFC 3339 in UTC to the millisecond")
		assert.False(t, created.Before(before) || created.After(after), "%s is between %s and %s", created, before, after)
		assert.Equal(t, "application/json", a.header.Get("Content-Type"))
		assert.Equal(t, "/v1/restaurants/Habibi/reviews/"+r.ID, a.header.Get("Location"))
		assert.Regexp(t, `^"[^"]+"$`, a.header.Get("ETag"), "strong")
		assert.NotContains(t, a.header, "Idempotency-Replayed")

		got := s.get(a.header.Get("Location")).expect(t, http.StatusOK)
		assert.Equal(t, a.body, got.body)
		assert.Equal(t, a.header.Get("ETag"), got.header.Get("ETag"))
		assert.Contains(t, s.listReviewsOf("Habibi").expect(t, http.StatusOK).body, strings.TrimSpace(a.body))
		eventually(t, func(c *assert.CollectT) {
			assert.Contains(c, s.listReviews().expect(t, http.StatusOK).body, strings.TrimSpace(a.body))
		})
	})
}

func TestWhatIsLeftOutOfAReviewHasADefault(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		m := s.create(t, "Habibi", `{"rating":5,"visited_at":"2026-11-20T12:30:00Z","cost":0}`)
		assert.Equal(t, "EUR", m.Currency)
		assert.Empty(t, m.Comment)
		assert.Equal(t, "0", m.Cost.String())
		for _, missing := range []string{
			`{"visited_at":"2026-11-20T12:30:00Z","cost":0}`, `{"rating":5,"cost":0}`, `{"rating":5,"visited_at":"2026-11-20T12:30:00Z"}`, `{}`,
		} {
			s.createReview("Habibi", missing).expect(t, http.StatusUnprocessableEntity).problem(t, "validation")
		}
	})
}

func TestNumbersComeBackAsTheyWereSent(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		for sent, want := range map[[2]string][2]string{
			{"0.1", "0.1"}:                          {"0.1", "0.1"},
			{"5.0", "99999999.9999"}:                {"5", "99999999.9999"},
			{"45e-1", "1e2"}:                        {"4.5", "100"},
			{"3.30000", "0.0001"}:                   {"3.3", "0.0001"},
			{"1E0", "1.10"}:                         {"1", "1.1"},
			{"4.9", "12345678.9012"}:                {"4.9", "12345678.9012"},
			{"0.5e1", "0.0000000e-999"}:             {"5", "0"},
			{"2", "-0.0"}:                           {"2", "0"},
			{"2", "0.3" + strings.Repeat("0", 100)}: {"2", "0.3"},
		} {
			m := s.create(t, "Numbers", fmt.Sprintf(`{"rating":%s,"visited_at":"2026-11-20T12:30:00Z","cost":%s}`, sent[0], sent[1]))
			a := s.getReview(m).expect(t, http.StatusOK)
			assert.Contains(t, a.body, fmt.Sprintf(`"rating":%s,`, want[0]))
			assert.Contains(t, a.body, fmt.Sprintf(`"cost":%s,`, want[1]))
			s.replaceReview(m, plain).with("If-Match", m.etag).expect(t, http.StatusOK)
		}
	})
}

func TestAReviewIsReplacedAsAWhole(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		m := s.create(t, "Habibi", strings.Replace(plain, "EUR", "USD", 1))
		a := s.replaceReview(m, `{"rating":2,"visited_at":"2025-01-01T00:00:00Z","cost":3}`).expect(t, http.StatusOK)
		r := decode[rest.Review](t, a)
		assert.Equal(t, m.ID, r.ID)
		assert.Equal(t, m.CreatedAt, r.CreatedAt)
		assert.GreaterOrEqual(t, r.UpdatedAt, m.UpdatedAt)
		assert.Equal(t, int64(2), r.Version)
		assert.Equal(t, "EUR", r.Currency, "the default, not what was there")
		assert.Empty(t, r.Comment)
		assert.NotEqual(t, m.etag, a.header.Get("ETag"))
		got := s.getReview(m).expect(t, http.StatusOK)
		assert.Equal(t, a.body, got.body)
		assert.Equal(t, a.header.Get("ETag"), got.header.Get("ETag"))

		// As it was read, read-only members and all.
		again := decode[rest.Review](t, s.replaceReview(m, got.body).expect(t, http.StatusOK))
		again.Version, again.UpdatedAt = r.Version, r.UpdatedAt
		assert.Equal(t, r, again)
	})
}

func TestADeletedReviewIsGone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		gone, stays := s.create(t, "Habibi", plain), s.create(t, "Habibi", plain)
		s.deleteReview(gone).expect(t, http.StatusNoContent)
		s.getReview(gone).expect(t, http.StatusNotFound).problem(t, "not-found")
		s.deleteReview(gone).expect(t, http.StatusNotFound)
		s.replaceReview(gone, plain).expect(t, http.StatusNotFound)
		s.patchReview(gone, mergePatch, `{}`).expect(t, http.StatusNotFound)
		s.getReview(stays).expect(t, http.StatusOK)
		list := decode[rest.List[rest.Review]](t, s.listReviewsOf("Habibi").expect(t, http.StatusOK))
		require.Len(t, list.Items, 1)
		assert.Equal(t, stays.ID, list.Items[0].ID)
	})
}

func TestAReviewBelongsToItsRestaurant(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		m := s.create(t, "Habibi", plain)
		s.create(t, "Other", plain)
		elsewhere := at("Other", m.ID)
		s.getReview(elsewhere).expect(t, http.StatusNotFound)
		s.replaceReview(elsewhere, plain).expect(t, http.StatusNotFound)
		s.replaceReview(elsewhere, plain).with("If-Match", m.etag).expect(t, http.StatusNotFound)
		s.deleteReview(elsewhere).expect(t, http.StatusNotFound)
		s.getReview(m).expect(t, http.StatusOK)

		// Ids are compared as UUIDs.
		assert.Contains(t, []int{http.StatusOK, http.StatusUnprocessableEntity}, s.get(reviewsPath("Habibi")+"/"+strings.ToUpper(m.ID)).send(t).status)
		for _, id := range []string{"1", "x", m.ID + "0", "%2e%2e", url.PathEscape("{" + m.ID + "}"), "urn:uuid:" + m.ID, strings.ReplaceAll(m.ID, "-", ""), "%FF", "SUMMARY"} {
			s.get(reviewsPath("Habibi")+"/"+id).expect(t, http.StatusUnprocessableEntity).problem(t, "validation")
		}
		s.getReview(at("Habibi", "00000000-0000-0000-0000-000000000000")).expect(t, http.StatusNotFound)
	})
}

// names of restaurants that a path, a header or a sort key could stumble over.
var names = []string{
	"Χωριάτικο", "Фалафель", "فلافل الملك", "פלאפל הזקנים", "ファラフェル亭", "팔라펠", "沙拉三明治", "फलाफल", "ฟาลาเฟล", "ფალაფელი", "Café Ñandú", "ፋላፌል",
	"a/b", "/a", "50%", "%2F", "a#b", "what?", "a&b=c", "a+b c", "O'Falafel", `"quoted"`, "a;b,c", "<b>&amp;</b>", "back\\slash", "a:b@c", "~!$*()[]{}|^`",
	"🧆", "👨‍👩‍👧‍👦 family", "reviews", "a.", ".a", "restaurants", "\u202eright to left", "e\u0301", "\u200bzero", "\ufffd",
	strings.Repeat("🧆", 200), strings.Repeat("x", 200), "RESTAURANT#a", "REVIEW#",
}

func TestARestaurantMayHaveAnyName(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		for _, name := range names {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				m := s.create(t, name, plain)
				if name != "e\u0301" {
					assert.Equal(t, name, m.Restaurant)
				}
				assert.Equal(t, m.Review, decode[rest.Review](t, s.getReview(m).expect(t, http.StatusOK)))
				s.patchReview(m, mergePatch, `{"rating":3}`).expect(t, http.StatusOK)
				s.patchReview(m, jsonPatch, `[{"op":"replace","path":"/rating","value":2}]`).expect(t, http.StatusOK)
				s.replaceReview(m, plain).expect(t, http.StatusOK)
				second := s.create(t, name, plain)
				assert.Equal(t, int64(2), decode[rest.Restaurant](t, s.getRestaurant(name).expect(t, http.StatusOK)).ReviewCount)
				first := s.listReviewsOf(name).limited(1).expect(t, http.StatusOK)
				assert.Contains(t, first.body, second.ID)
				last := s.get(first.next(t)).expect(t, http.StatusOK)
				assert.Contains(t, last.body, m.ID)
				assert.Empty(t, last.next(t))
				s.listEarlierReviews(name).expect(t, http.StatusOK)
				s.deleteReview(second).expect(t, http.StatusNoContent)
			})
		}
	})
}

func TestNamesThatLookTheSameAreOneRestaurant(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		for name, leniency := range map[string]string{
			"Café": "", "Cafe\u0301": "", "  Café": "", "Café\u00a0": "",
			"\tCafe\u0301\n": "its control characters are trimmed",
		} {
			m := s.createReview(name, plain).lenient(leniency).expect(t, http.StatusCreated).made(t)
			assert.Equal(t, "Café", m.Restaurant)
			assert.True(t, strings.HasPrefix(m.path, "/v1/restaurants/Caf%C3%A9/reviews/"), m.path)
		}
		s.createEarlierReview(data(map[string]string{"falafel_restaurant": `"Cafe\u0301 "`})).expect(t, http.StatusOK)
		r := decode[rest.Restaurant](t, s.getRestaurant(" Cafe\u0301").expect(t, http.StatusOK))
		assert.Equal(t, int64(6), r.ReviewCount)
		s.getRestaurant("Cafe").expect(t, http.StatusNotFound)
		s.getRestaurant("CAFÉ").expect(t, http.StatusNotFound)
	})
}

func TestAReviewOfTheEarlierServiceKeepsItsTime(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		m := s.createEarlier(t, "Habibi", "12:30")
		assert.Equal(t, "12:30", m.VisitedAtText)
		assert.Equal(t, m.CreatedAt, m.VisitedAt)
		assert.Equal(t, "EUR", m.Currency)

		kept := func() {
			t.Helper()
			r := decode[rest.Review](t, s.getReview(m).expect(t, http.StatusOK))
			assert.Equal(t, "12:30", r.VisitedAtText)
			assert.Equal(t, r.CreatedAt, r.VisitedAt)
			assert.Contains(t, s.listEarlierReviews("Habibi").expect(t, http.StatusOK).body, `"falafel_time":"12:30"`)
		}
		s.patchReview(m, mergePatch, `{"rating":3}`).expect(t, http.StatusOK)
		kept()
		s.patchReview(m, jsonPatch, `[{"op":"add","path":"/comment","value":"Late."}]`).expect(t, http.StatusOK)
		kept()
		s.replaceReview(m, s.getReview(m).expect(t, http.StatusOK).body).expect(t, http.StatusOK)
		kept()
		s.patchReview(m, mergePatch, `{"visited_at_text":"13:00"}`).expect(t, http.StatusUnprocessableEntity)
		kept()

		r := decode[rest.Review](t, s.patchReview(m, mergePatch, `{"visited_at":"2023-10-03T12:30:00Z"}`).expect(t, http.StatusOK))
		assert.Equal(t, "2023-10-03T12:30:00Z", r.VisitedAt)
		assert.Empty(t, r.VisitedAtText)
		assert.Contains(t, s.listEarlierReviews("Habibi").expect(t, http.StatusOK).body, `"falafel_time":"2023-10-03T12:30:00Z"`)

		withTime := s.createEarlier(t, "Habibi", "2023-10-03T14:30:00Z")
		assert.Equal(t, "2023-10-03T14:30:00Z", withTime.VisitedAt)
		assert.Empty(t, withTime.VisitedAtText)
	})
}

func TestOnlyTheEarlierServiceTakesATimeThatIsNone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		for _, visited := range []string{"2026-11-20T12:30:00Z", "0001-01-01T00:00:00.000Z"} {
			m := s.create(t, "Habibi", fmt.Sprintf(`{"rating":5,"visited_at":%q,"cost":1,"visited_at_text":"smuggled"}`, visited))
			assert.Empty(t, m.VisitedAtText)
			assert.NotContains(t, s.getReview(m).expect(t, http.StatusOK).body, "smuggled")
			s.patchReview(m, mergePatch, `{"visited_at_text":"smuggled"}`).expect(t, http.StatusUnprocessableEntity)
		}
		assert.NotContains(t, s.listEarlierReviews("Habibi").expect(t, http.StatusOK).body, "smuggled")
	})
}
