package rest_test

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/rest"

	"github.com/pretendfriend/falafel-api/openapi/goclient"
)

func TestWithoutADatabaseV1IsUnavailableAndRecovers(t *testing.T) {
	t.Parallel()
	for name, outage := range map[string]state{"cut": cut, "silent": silent, "one way": oneWay} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const timeout = 2 * time.Second
			each(t, func(t *testing.T, s *service) {
				m := s.create(t, "Habibi", plain)
				// Writers of one restaurant wait for each other: these have one each.
				requests := []*request{
					s.createReview("Habibi", plain), s.keyed("k", "New", plain),
					s.getReview(m), s.listReviewsOf("Habibi"), s.listReviews(),
					s.getRestaurant("Habibi"), s.listRestaurants(""), s.listRestaurants(goclient.ByName),
				}
				for name := range s.writes(made{}) {
					own, conditional := s.create(t, name, plain), s.create(t, name+" if", plain)
					requests = append(requests, s.writes(own)[name](), s.writes(conditional)[name]().with("If-Match", conditional.etag))
				}
				s.line.become(outage)
				began := time.Now()
				for i, a := range together(t, requests...) {
					what := requests[i].method + " " + requests[i].path
					assert.Equal(t, http.StatusServiceUnavailable, a.status, "%s: %s", what, a.body)
					assert.Contains(t, a.body, `"/problems/database-unavailable"`, what)
					assert.Regexp(t, `^\d+$`, a.header.Get("Retry-After"), what)
				}
				assert.Less(t, time.Since(began), timeout+time.Second)
				assert.Equal(t, http.StatusOK, s.getStatus().send(t).status)
				s.createReview("Habibi", "{}").expect(t, http.StatusUnprocessableEntity)
				s.line.become(cut) // the connections that hang break at last
				s.line.become(sound)
				s.keyed("k", "New", plain).expect(t, http.StatusCreated)
				assert.Len(t, s.agree(t, "New"), 1)
				s.listReviews().expect(t, http.StatusOK)
				s.agree(t, "Habibi")
				for name := range s.writes(made{}) {
					s.agree(t, name)
					s.agree(t, name+" if")
				}
			}, withLine, withTimeout(timeout))
		})
	}
}

// agree requires a restaurant's summary to be what its reviews add up to, and returns
// the ids of these.
func (s *service) agree(t testing.TB, restaurant string) (ids map[string]bool) {
	t.Helper()
	ids = map[string]bool{}
	var ratings, costs float64
	for path := reviewsPath(restaurant) + "?limit=100"; path != ""; {
		a := s.get(path).expect(t, http.StatusOK)
		for _, r := range decode[rest.List[rest.Review]](t, a).Items {
			require.False(t, ids[r.ID])
			ids[r.ID] = true
			ratings += float(t, r.Rating.String())
			costs += float(t, r.Cost.String())
		}
		path = a.next(t)
	}
	a := s.getRestaurant(restaurant).send(t)
	if len(ids) == 0 {
		require.Equal(t, http.StatusNotFound, a.status)
		return ids
	}
	r := decode[rest.Restaurant](t, a)
	assert.Equal(t, int64(len(ids)), r.ReviewCount)
	assert.InDelta(t, ratings/float64(len(ids)), float(t, r.AverageRating.String()), 0.0051)
	assert.InDelta(t, costs/float64(len(ids)), float(t, r.AverageCost.String()), 0.0051)
	return ids
}

func float(t testing.TB, number string) float64 {
	t.Helper()
	f, err := strconv.ParseFloat(number, 64)
	require.NoError(t, err)
	return f
}

func TestAnAnswerThatIsLostIsAskedForAgain(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		// The first answer is the summary, the second the transaction's.
		for n := 1; n <= 2; n++ {
			for _, key := range []string{"", "k"} {
				restaurant := fmt.Sprintf("%d lost %s", n, key)
				s.line.loseAnswer(n)
				r := s.createReview(restaurant, plain)
				if key != "" {
					r.with("Idempotency-Key", restaurant)
				}
				a := r.expect(t, http.StatusCreated)
				assert.Empty(t, a.header.Values("Idempotency-Replayed"), "it is the first answer")
				m := a.made(t)
				require.Len(t, s.agree(t, restaurant), 1)

				s.line.loseAnswer(n)
				a = s.replaceReview(m, visit("1", "2", "EUR")).with("If-Match", m.etag).expect(t, http.StatusOK)
				s.agree(t, restaurant)
				s.line.loseAnswer(n)
				s.deleteReview(m).with("If-Match", a.header.Get("ETag")).expect(t, http.StatusNoContent)
				require.Empty(t, s.agree(t, restaurant))
			}
		}
	}, withLine)
}

// tryCreate sends a creation whose outcome may be unknown.
func (s *service) tryCreate(t testing.TB, r *request) *answer {
	t.Helper()
	a, err := r.try(t.Context())
	if err != nil {
		t.Errorf("the service itself does not answer: %v", err)
		return &answer{}
	}
	assert.Contains(t, []int{http.StatusCreated, http.StatusServiceUnavailable}, a.status, a.body)
	return a
}

func TestNoAcknowledgedReviewIsLostOnAFrailLine(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		restaurants := []string{"One", "Two"}
		const writers, each = 6, 6
		var mu sync.Mutex
		acknowledged := map[string][]string{}
		var writing sync.WaitGroup
		s.line.become(frail)
		for w := range writers {
			writing.Go(func() {
				for i := range each {
					restaurant := restaurants[(w+i)%2]
					a := s.tryCreate(t, s.createReview(restaurant, visit("3", strconv.Itoa(i), "EUR")))
					if a.status == http.StatusCreated {
						mu.Lock()
						acknowledged[restaurant] = append(acknowledged[restaurant], decode[rest.Review](t, a).ID)
						mu.Unlock()
					}
				}
			})
		}
		writing.Wait()
		s.line.become(sound)
		for _, restaurant := range restaurants {
			ids := s.agree(t, restaurant)
			for _, id := range acknowledged[restaurant] {
				assert.True(t, ids[id], "%s was acknowledged and is lost", id)
				s.getReview(at(restaurant, id)).expect(t, http.StatusOK)
			}
			t.Logf("%s: %d of %d acknowledged, %d stored", restaurant, len(acknowledged[restaurant]), writers*each/2, len(ids))
		}
	}, withLine)
}

func TestACreationRepeatedWithItsKeyMakesOneReviewOnAFrailLine(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		const writers, each = 4, 5
		var writing sync.WaitGroup
		s.line.become(frail)
		for w := range writers {
			writing.Go(func() {
				for i := range each {
					status := 0
					for attempt := 0; status != http.StatusCreated && assert.Less(t, attempt, 50); attempt++ {
						status = s.tryCreate(t, s.keyed(fmt.Sprintf("%d/%d", w, i), "Habibi", visit("3", strconv.Itoa(i), "EUR"))).status
					}
				}
			})
		}
		writing.Wait()
		s.line.become(sound)
		assert.Len(t, s.agree(t, "Habibi"), writers*each)
	}, withLine)
}

func TestAClientThatGoesAwayIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		s.line.become(silent)
		client := http.Client{Timeout: 200 * time.Millisecond}
		_, err := client.Get(s.api.URL + "/v1/reviews") //nolint:bodyclose // there is none
		require.Error(t, err)
		eventually(t, func(c *assert.CollectT) {
			assert.Contains(c, s.ask(t, http.MethodGet, "/metrics").body, `http_requests_total{code="408",method="GET",route="/v1/reviews"} 1`)
		})
	}, withLine, withTimeout(time.Minute))
}
