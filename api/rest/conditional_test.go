package rest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// writes are the ways to change a review.
func (s *service) writes(m made) map[string]func() *request {
	return map[string]func() *request{
		"PUT":         func() *request { return s.replaceReview(m, plain) },
		"merge patch": func() *request { return s.patchReview(m, mergePatch, `{"comment":"New."}`) },
		"JSON patch": func() *request {
			return s.patchReview(m, jsonPatch, `[{"op":"replace","path":"/comment","value":"New."}]`)
		},
		"DELETE": func() *request { return s.deleteReview(m) },
	}
}

func TestAWriteHappensOnlyToTheStateThatIfMatchNames(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		for name := range s.writes(made{}) {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				m := s.create(t, "Habibi", plain)
				write := s.writes(m)[name]
				current := s.replaceReview(m, plain).with("If-Match", m.etag).expect(t, http.StatusOK).header.Get("ETag")
				require.NotEqual(t, m.etag, current)
				for what, field := range map[string]string{
					"stale":                    m.etag,
					"weak":                     "W/" + current,
					"of no review":             `"abc"`,
					"an empty tag":             `""`,
					"no tag":                   "abc",
					"not quoted":               strings.Trim(current, `"`),
					"a part of it":             current[:len(current)-2] + `"`,
					"with another number":      strings.Replace(current, "4.5", "4.4", 1),
					"with the number as 4.50":  strings.Replace(current, "4.5", "4.50", 1),
					"with the number as 04.5":  strings.Replace(current, "4.5", "04.5", 1),
					"with a version too large": `"999999999999999999-4.5-8.5-EUR"`,
					"with another currency":    strings.Replace(current, "EUR", "USD", 1),
					"with no rating":           `"2-6-8.5-EUR"`,
					"several, none of them it": `"a", ` + m.etag + `,W/` + current,
				} {
					write().with("If-Match", field).expect(t, http.StatusPreconditionFailed).problem(t, "precondition-failed")
					require.Equal(t, current, s.getReview(m).expect(t, http.StatusOK).header.Get("ETag"), what)
				}
				write().with("If-Match", `"a,b" , `+current+`, "c"`).send(t)
				after := s.getReview(m).send(t)
				if name == "DELETE" {
					assert.Equal(t, http.StatusNotFound, after.status)
				} else {
					assert.Contains(t, after.body, `"version":3`)
				}
			})
		}
	})
}

func TestIfMatchWithAStarTakesAnyState(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		for name := range s.writes(made{}) {
			m := s.create(t, "Habibi", plain)
			s.replaceReview(m, plain).expect(t, http.StatusOK)
			assert.Less(t, s.writes(m)[name]().with("If-Match", "*").send(t).status, 300, name)
		}
	})
}

func TestAWriteToNoReviewIsNotFoundWhateverTheCondition(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		m := s.create(t, "Habibi", plain)
		s.deleteReview(m).expect(t, http.StatusNoContent)
		for _, absent := range []made{m, at("Nobody", m.ID)} {
			for name, write := range s.writes(absent) {
				write().expect(t, http.StatusNotFound)
				for _, field := range []string{m.etag, "*", `"abc"`, `"a", "b"`, "abc"} {
					a := write().with("If-Match", field).send(t)
					assert.Equal(t, http.StatusNotFound, a.status, "%s with %s", name, field)
				}
			}
		}
		s.getRestaurant("Nobody").expect(t, http.StatusNotFound)
	})
}

func TestOfWritersWithTheSameIfMatchOneWins(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		const writers = 12
		m := s.create(t, "Habibi", plain)
		var all []*request
		for i := range writers {
			write := s.replaceReview(m, visit("1", "1", "EUR"))
			if i%2 == 0 {
				write = s.patchReview(m, mergePatch, `{"rating":1}`)
			}
			all = append(all, write.with("If-Match", m.etag))
		}
		count := map[int]int{}
		for _, a := range together(t, all...) {
			count[a.status]++
		}
		assert.Equal(t, map[int]int{http.StatusOK: 1, http.StatusPreconditionFailed: writers - 1}, count)
		assert.Contains(t, s.getReview(m).expect(t, http.StatusOK).body, `"version":2`)
	})
}

func TestIfNoneMatchSparesTheBody(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		m := s.create(t, "Habibi", plain)
		for _, path := range []string{m.path, reviewsPath("Habibi"), restaurantPath("Habibi"), "/v1/reviews", "/v1/restaurants", "/v1/restaurants?sort=name"} {
			t.Run(path, func(t *testing.T) {
				t.Parallel()
				etag := ""
				eventually(t, func(c *assert.CollectT) { // until the indexes have it
					a := s.get(path).expect(t, http.StatusOK)
					etag = a.header.Get("ETag")
					assert.Contains(c, a.body, `"Habibi"`)
				})
				require.Regexp(t, `^(W/)?"[^"]+"$`, etag)
				strong := strings.TrimPrefix(etag, "W/")
				for _, field := range []string{etag, strong, "W/" + strong, "*", `"a", ` + etag, etag + `,"b"`} {
					a := s.get(path).with("If-None-Match", field).expect(t, http.StatusNotModified)
					assert.Equal(t, etag, a.header.Get("ETag"), field)
					s.do(http.MethodHead, path).with("If-None-Match", field).expect(t, http.StatusNotModified)
				}
				for _, field := range []string{`"other"`, strings.Trim(strong, `"`), ""} {
					s.get(path).with("If-None-Match", field).expect(t, http.StatusOK)
				}
			})
		}
	})
}

func TestAnEntityTagChangesWithTheReview(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		m := s.create(t, "Habibi", plain)
		list := s.listReviewsOf("Habibi").expect(t, http.StatusOK).header.Get("ETag")
		s.patchReview(m, mergePatch, `{"comment":"Other."}`).expect(t, http.StatusOK)
		s.getReview(m).with("If-None-Match", m.etag).expect(t, http.StatusOK)
		changed := s.listReviewsOf("Habibi").with("If-None-Match", list).expect(t, http.StatusOK).header.Get("ETag")
		s.create(t, "Habibi", plain)
		s.listReviewsOf("Habibi").with("If-None-Match", changed).expect(t, http.StatusOK)
		assert.NotEqual(t, s.listReviewsOf("Habibi").limited(1).send(t).header.Get("ETag"), s.listReviewsOf("Habibi").send(t).header.Get("ETag"))
	})
}
