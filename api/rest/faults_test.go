package rest_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/rest"
	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/api/telemetry/telemetrytest"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/dynamodbtest"
	"github.com/pretendfriend/falafel-api/devenv/faults"
	"github.com/pretendfriend/falafel-api/openapi/goclient"
)

// withFaults puts switches between the service and its database.
func withFaults(s *settings) { s.faults = true }

// newFaults serves a proxy with switches in front of the database, until the end of the test.
func newFaults(t testing.TB, endpoint string) (proxy *faults.Proxy, at string) {
	t.Helper()
	target, err := url.Parse(endpoint)
	require.NoError(t, err)
	proxy = faults.NewProxy(target)
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	return proxy, server.URL
}

func (s *service) breaks(t testing.TB, faults ...faults.Fault) {
	t.Helper()
	for _, fault := range faults {
		require.NoError(t, s.faults.Switch(fault))
	}
}

// nameOf is the name of the access pattern that the test means, which must be one.
func nameOf(t testing.TB, operation, index string, members ...string) string {
	t.Helper()
	for _, pattern := range store.AccessPatterns() {
		if pattern.Operation == operation && pattern.Index == index && slices.Equal(pattern.Members, members) {
			return pattern.Name
		}
	}
	t.Fatalf("there is no access pattern with %s, %q, %v", operation, index, members)
	return ""
}

func TestWhatAClientSeesOfAFault(t *testing.T) {
	t.Parallel()
	type seen struct{ reads, writes string } // problem types; "" is success
	const unavailable, busy = "database-unavailable", "busy"
	for kind, want := range map[faults.Kind]seen{
		faults.Throttling: {unavailable, unavailable},
		faults.Errors:     {unavailable, unavailable},
		faults.Gone:       {unavailable, unavailable},
		faults.Lost:       {unavailable, unavailable},
		faults.Conflicts:  {"", busy},
		faults.Latency:    {"", ""},
		faults.Stale:      {"", ""},
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, s *service) {
				m := s.create(t, "Habibi", plain)
				reads := []*request{
					s.getReview(m), s.listReviewsOf("Habibi"), s.listReviews(), s.getRestaurant("Habibi"),
					s.listRestaurants(""), s.listRestaurants(goclient.ByName),
				}
				// Writers of one restaurant wait for each other: these have one each.
				writes := []*request{s.createReview("New", plain), s.keyed("k", "Keyed", plain)}
				for name := range s.writes(made{}) {
					own := s.create(t, name, plain)
					writes = append(writes, s.writes(own)[name]().with("If-Match", own.etag))
				}
				fault := faults.Fault{Kind: kind, Share: 1}
				if kind == faults.Latency || kind == faults.Stale {
					fault.Delay = 20 * time.Millisecond
				}
				s.breaks(t, fault)
				expect := func(problem string, requests []*request) {
					cutOff := 0
					for i, a := range together(t, requests...) {
						what := requests[i].method + " " + requests[i].path
						if problem == "" {
							assert.Less(t, a.status, 300, "%s: %s", what, a.body)
							continue
						}
						assert.Equal(t, http.StatusServiceUnavailable, a.status, "%s: %s", what, a.body)
						assert.Regexp(t, `^[1-9]\d*$`, a.header.Get("Retry-After"), what)
						if problem == busy && strings.Contains(a.body, `"/problems/`+unavailable+`"`) {
							cutOff++
							continue
						}
						assert.Contains(t, a.body, `"/problems/`+problem+`"`, what)
					}
					// A call that hangs when time is up may have been carried out: whoever made it
					// must not say that nothing was written. It takes a slow machine.
					assert.LessOrEqual(t, cutOff, len(requests)/2)
				}
				expect(want.reads, reads)
				expect(want.writes, writes)
				assert.Equal(t, http.StatusOK, s.getStatus().send(t).status)

				// It recovers by itself, and what a client repeats is done once.
				s.faults.Clear()
				s.keyed("k", "Keyed", plain).expect(t, http.StatusCreated)
				assert.Len(t, s.agree(t, "Keyed"), 1)
				for _, restaurant := range []string{"Habibi", "New"} {
					s.agree(t, restaurant)
				}
				for name := range s.writes(made{}) {
					s.agree(t, name)
				}
			}, withFaults, withTimeout(2*time.Second))
		})
	}
}

// What stands between the service and its table recognises each call as the access pattern
// that the service's own metrics count it for.
func TestTheServicesCallsAreRecognised(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		target, err := url.Parse(db.Endpoint)
		require.NoError(t, err)
		forward := faults.NewProxy(target)
		var mu sync.Mutex
		seen := map[string]float64{}
		line := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
			pattern, _ := store.Recognise(operation, body)
			mu.Lock()
			if operation != "DescribeTable" {
				seen[pattern.Name]++
			}
			mu.Unlock()
			r.Body = io.NopCloser(bytes.NewReader(body))
			forward.ServeHTTP(w, r)
		}))
		t.Cleanup(line.Close)
		behind := *db
		behind.Endpoint = line.URL
		s := start(t, &behind)

		m := s.create(t, "Habibi", plain)
		for range 2 { // the second time, what the first answered
			s.keyed("k", "Habibi", plain).expect(t, http.StatusCreated)
		}
		s.createEarlier(t, "Habibi", "12:30")
		for _, r := range []*request{
			s.getReview(m), s.listReviewsOf("Habibi"), s.listReviewsOf("Habibi").limited(1), s.listReviewsOf("Habibi").limited(100), s.listReviews(), s.listReviews().limited(100),
			s.getRestaurant("Habibi"), s.listRestaurants(""), s.listRestaurants(goclient.ByRating), s.listRestaurants(goclient.ByName), s.listEarlierReviews("Habibi"), s.getStatus(),
		} {
			r.expect(t, http.StatusOK)
		}
		for name := range s.writes(made{}) {
			own := s.create(t, name, plain)
			require.Less(t, s.writes(own)[name]().send(t).status, 300, name)
		}

		counted := map[string]float64{}
		for series, value := range telemetrytest.Read(t, s.counts.Gatherer(), "falafel_dynamodb_calls_total", "falafel_dynamodb_retries_total") {
			if name := accessPattern.FindStringSubmatch(series); value > 0 {
				require.NotNil(t, name, series)
				counted[name[1]] += value
			}
		}
		mu.Lock()
		defer mu.Unlock()
		assert.Equal(t, counted, seen)
		for _, pattern := range store.AccessPatterns() {
			if len(pattern.Members) == 0 || pattern.MaxItems <= 3 { // an import is nothing that the API does
				assert.Positive(t, seen[pattern.Name], "%q is not made here", pattern.Name)
			}
		}
	})
}

var accessPattern = regexp.MustCompile(`access_pattern="([^"]+)"`)

func TestAFaultOfOneAccessPatternLeavesTheOthersAlone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		m := s.create(t, "Habibi", plain)
		s.breaks(t, faults.Fault{Kind: faults.Gone, Share: 1, AccessPattern: nameOf(t, "Query", "newest")})
		s.listReviews().expect(t, http.StatusServiceUnavailable)
		s.listReviewsOf("Habibi").expect(t, http.StatusOK)
		s.listRestaurants("").expect(t, http.StatusOK)
		s.getReview(m).expect(t, http.StatusOK)
		s.create(t, "Habibi", plain)
		require.NoError(t, s.faults.Off(faults.Gone, nameOf(t, "Query", "newest")))
		s.listReviews().expect(t, http.StatusOK)

		s.breaks(t, faults.Fault{Kind: faults.Errors, Share: 1, AccessPattern: nameOf(t, "TransactWriteItems", "", "DeleteItem", "PutItem")})
		s.deleteReview(m).expect(t, http.StatusServiceUnavailable)
		s.replaceReview(m, plain).expect(t, http.StatusOK)
		s.faults.Clear()
		s.deleteReview(m).expect(t, http.StatusNoContent)
		assert.Len(t, s.agree(t, "Habibi"), 1)
	}, withFaults)
}

func TestFaultsNowAndThenAreNotNoticed(t *testing.T) {
	t.Parallel()
	for _, kind := range []faults.Kind{faults.Throttling, faults.Errors, faults.Conflicts, faults.Gone, faults.Lost} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, s *service) {
				const writers, each = 4, 4
				s.breaks(t, faults.Fault{Kind: kind, Share: 0.2})
				var mu sync.Mutex
				acknowledged := map[string][]string{}
				var writing sync.WaitGroup
				for w := range writers {
					writing.Go(func() {
						restaurant := "Own " + strconv.Itoa(w)
						for i := range each {
							key := fmt.Sprintf("%s %d", restaurant, i)
							a := s.tryCreate(t, s.keyed(key, restaurant, visit("3", strconv.Itoa(i), "EUR")))
							if a.status != http.StatusCreated {
								continue
							}
							mu.Lock()
							acknowledged[restaurant] = append(acknowledged[restaurant], decode[rest.Review](t, a).ID)
							mu.Unlock()
						}
					})
				}
				writing.Wait()
				s.faults.Clear()
				total := 0
				for restaurant, ids := range acknowledged {
					stored := s.agree(t, restaurant)
					for _, id := range ids {
						assert.True(t, stored[id], "%s was acknowledged and is lost", id)
					}
					total += len(ids)
				}
				// Five attempts fail together once in three thousand times.
				assert.GreaterOrEqual(t, total, writers*each-1, "retries take care of it")
			}, withFaults)
		})
	}
}

func TestAStaleIndexShowsOnlyWhatItIsAllowedTo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		count := func(r *request) int {
			return len(decode[rest.List[rest.Review]](t, r.expect(t, http.StatusOK)).Items)
		}
		s.create(t, "Habibi", plain)
		eventually(t, func(c *assert.CollectT) {
			assert.Len(c, decode[rest.List[rest.Review]](t, s.listReviews().expect(t, http.StatusOK)).Items, 1)
		})
		s.breaks(t, faults.Fault{Kind: faults.Stale, Share: 1, Delay: time.Minute})
		require.Equal(t, 1, count(s.listReviews()))
		s.create(t, "Habibi", plain)
		assert.Equal(t, 1, count(s.listReviews()), "an index may lag")
		assert.Equal(t, 2, count(s.listReviewsOf("Habibi")), "a restaurant's reviews are read consistently")
		s.faults.Clear()
		eventually(t, func(c *assert.CollectT) {
			assert.Len(c, decode[rest.List[rest.Review]](t, s.listReviews().expect(t, http.StatusOK)).Items, 2)
		})
	}, withFaults)
}
