package rest_test

import (
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/gofrs/uuid/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/store"
)

// The access patterns that the operations are made of.
const (
	reviewByID      = "review by id"
	reviewsOf       = "reviews of a restaurant, newest first"
	reviewsEarlier  = "reviews of a restaurant for the earlier service's clients"
	newest          = "newest reviews of all restaurants"
	restaurantByID  = "restaurant with its newest review"
	restaurantsBest = "restaurants by rating"
	restaurantsName = "restaurants by name"
	summaryBefore   = "summary of a restaurant before a change"
	reviewCreate    = "create a review"
	reviewReplace   = "replace a review"
	reviewDelete    = "delete a review"
)

// A cost is what a request took of the database.
type cost struct {
	calls       int
	read, write float64
}

func costOf(t testing.TB, a *answer) (c cost) {
	t.Helper()
	parts := serverTiming.FindStringSubmatch(a.header.Get("Server-Timing"))
	require.NotNil(t, parts, a.header.Get("Server-Timing"))
	var err error
	c.calls, err = strconv.Atoi(parts[2])
	require.NoError(t, err)
	c.read, err = strconv.ParseFloat(parts[3], 64)
	require.NoError(t, err)
	c.write, err = strconv.ParseFloat(parts[4], 64)
	require.NoError(t, err)
	return c
}

// budgetOf is what requests may cost that use these patterns once each.
func budgetOf(t testing.TB, names ...string) (c cost) {
	t.Helper()
	known := map[string]store.AccessPattern{}
	for _, pattern := range store.AccessPatterns() {
		known[pattern.Name] = pattern
	}
	for _, name := range names {
		pattern, ok := known[name]
		require.True(t, ok, "no access pattern is called %q", name)
		c.calls += pattern.Partitions
		c.read += pattern.MaxReadUnits
		c.write += pattern.MaxWriteUnits
	}
	return c
}

// within requires an answer's cost to be that of the patterns, at most.
func within(t testing.TB, a *answer, names ...string) (measured, budget cost) {
	t.Helper()
	measured, budget = costOf(t, a), budgetOf(t, names...)
	t.Logf("%v: %+v of %+v", names, measured, budget)
	assert.Equal(t, budget.calls, measured.calls, "calls of %v", names)
	assert.LessOrEqual(t, measured.read, budget.read, "read units of %v", names)
	assert.LessOrEqual(t, measured.write, budget.write, "write units of %v", names)
	assert.Equal(t, budget.read > 0, measured.read > 0, "%v read", names)
	assert.Equal(t, budget.write > 0, measured.write > 0, "%v write", names)
	return measured, budget
}

// tightly is within, for the largest request that there is: its budget is no more than
// twice what it takes.
func tightly(t testing.TB, a *answer, names ...string) {
	t.Helper()
	measured, budget := within(t, a, names...)
	assert.LessOrEqual(t, budget.read, 2*measured.read, "the budget of %v means something", names)
	assert.LessOrEqual(t, budget.write, 2*measured.write, "the budget of %v means something", names)
}

// large is a review of which an item of just under 1 KB is made.
var large = strings.Replace(plain, "Crisp.", strings.Repeat("x", 760), 1)

// size is that of an item (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html),
// of strings exactly and of the rest with too much.
func size(t testing.TB, item dynamodbItem) (bytes int) {
	t.Helper()
	for name, value := range item {
		bytes += len(name) + 21
		if s, ok := value.(*types.AttributeValueMemberS); ok {
			bytes += len(s.Value) - 21
		}
	}
	return bytes
}

func TestARequestForOneReviewCostsNoMoreThanItMay(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		var costs cost
		create := func(key string) made {
			t.Helper()
			r := s.createReview("Habibi", large)
			if key != "" {
				r.with("Idempotency-Key", key)
			}
			a := r.expect(t, http.StatusCreated)
			measured, _ := within(t, a, summaryBefore, reviewCreate)
			costs.write = max(costs.write, measured.write)
			return a.made(t)
		}
		create("")
		create("k")
		m := create(strings.Repeat("k", 255))
		// DynamoDB Local leaves the record of the key out of the total of a transaction.
		assert.LessOrEqual(t, budgetOf(t, reviewCreate).write, 2*costs.write, "the budget means something")
		require.InDelta(t, 1000, size(t, s.item(t, "RESTAURANT#Habibi", "REVIEW#"+m.ID)), 24, "it is just under 1 KB")

		tightly(t, s.getReview(m).expect(t, http.StatusOK), reviewByID)
		tightly(t, s.getReview(m).with("If-None-Match", m.etag).expect(t, http.StatusNotModified), reviewByID)
		tightly(t, s.getRestaurant("Habibi").expect(t, http.StatusOK), restaurantByID)

		a := s.replaceReview(m, large).with("If-Match", m.etag).expect(t, http.StatusOK)
		tightly(t, a, summaryBefore, reviewReplace)
		a = s.replaceReview(m, strings.Replace(large, "4.5", "1", 1)).expect(t, http.StatusOK) // to another place in the ranking
		tightly(t, a, reviewByID, summaryBefore, reviewReplace)
		a = s.replaceReview(m, large).with("If-Match", `"a", `+a.header.Get("ETag")).expect(t, http.StatusOK)
		tightly(t, a, reviewByID, summaryBefore, reviewReplace)
		a = s.patchReview(m, mergePatch, `{"rating":2,"currency":"USD"}`).with("If-Match", a.header.Get("ETag")).expect(t, http.StatusOK)
		tightly(t, a, reviewByID, summaryBefore, reviewReplace)
		a = s.patchReview(m, jsonPatch, `[{"op":"replace","path":"/rating","value":1}]`).expect(t, http.StatusOK)
		tightly(t, a, reviewByID, summaryBefore, reviewReplace)
		tightly(t, s.deleteReview(m).with("If-Match", a.header.Get("ETag")).expect(t, http.StatusNoContent), summaryBefore, reviewDelete)
		tightly(t, s.deleteReview(create("")).expect(t, http.StatusNoContent), reviewByID, summaryBefore, reviewDelete)
		tightly(t, s.createEarlierReview(data(map[string]string{"falafel_time": `"` + strings.Repeat("x", 780) + `"`})).expect(t, http.StatusOK), summaryBefore, reviewCreate)
	})
}

func TestARequestThatIsRefusedCostsLittleOrNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		m := s.create(t, "Habibi", plain)
		for _, r := range []*request{
			s.getStatus(), s.get("/nowhere"), s.createReview("Habibi", "{}"), s.createEarlierReview("{}"), s.get("/data"), s.get("/v1/reviews?limit=0"),
			s.get("/v1/reviews?cursor=x"), s.replaceReview(m, "{"), s.patchReview(m, mergePatch, "[]"), s.get("/openapi.json"), s.do("BREW", "/v1/reviews"),
		} {
			assert.Equal(t, cost{}, costOf(t, r.send(t)), r.path)
		}
		assert.LessOrEqual(t, costOf(t, s.getReview(at("Habibi", "00000000-0000-7000-8000-000000000000")).expect(t, http.StatusNotFound)).read, 1.0)
		assert.LessOrEqual(t, costOf(t, s.getRestaurant("Nobody").expect(t, http.StatusNotFound)).read, 1.0)
		s.replaceReview(m, plain).expect(t, http.StatusOK)
		stale := s.replaceReview(m, plain).with("If-Match", m.etag).expect(t, http.StatusPreconditionFailed)
		assert.LessOrEqual(t, costOf(t, stale).calls, 2, "no read before the write but the summary's")
	})
}

func TestTheLargestPageCostsNoMoreThanItMay(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		name := strings.Repeat("x", 190)
		first := s.create(t, "Habibi", large)
		template := s.item(t, "RESTAURANT#Habibi", "REVIEW#"+first.ID)
		s.create(t, name, plain)
		summary := s.item(t, "RESTAURANT#"+name, "SUMMARY")
		require.Less(t, size(t, summary), 1024)

		var items []dynamodbItem
		ids := uuid.NewGen()
		const perShard = 300 // more than a page's, and together more than the earlier service's page
		for i := range perShard * store.Shards {
			shard := strconv.Itoa(i % store.Shards)
			id, err := ids.NewV7AtTime(time.Now().Add(-time.Duration(i) * time.Second))
			require.NoError(t, err)
			review := maps.Clone(template)
			review["sk"], review["newest_pk"] = text("REVIEW#"+id.String()), text("newest#"+shard)
			items = append(items, review)
			if i >= 110*store.Shards {
				continue
			}
			numbered := fmt.Sprintf("%s %06d", name, i)
			restaurant := maps.Clone(summary)
			restaurant["pk"] = text("RESTAURANT#" + numbered)
			restaurant["ranking_pk"], restaurant["ranking_sk"] = text("ranking#"+shard), text("4500000#000000000001#"+numbered)
			restaurant["names_pk"], restaurant["names_sk"] = text("names#"+shard), text(numbered+"\x1f0123456789abcdef")
			items = append(items, restaurant)
		}
		s.fill(t, items)

		for path, pattern := range map[string]string{
			reviewsPath("Habibi"):          reviewsOf,
			"/v1/reviews":                  newest,
			"/v1/restaurants?sort=rating":  restaurantsBest,
			"/v1/restaurants?sort=name":    restaurantsName,
			dataOf("Habibi") + "&unknown=": reviewsEarlier,
		} {
			want := 100
			if pattern == reviewsEarlier {
				want = 1000
			}
			tooSmall := budgetOf(t, pattern).read / 4
			eventually(t, func(c *assert.CollectT) { // until the index has enough
				assert.GreaterOrEqual(c, costOf(t, s.get(page(path, "limit=100")).send(t)).read, tooSmall)
			})
			a := s.get(page(path, "limit=100")).expect(t, http.StatusOK)
			tightly(t, a, pattern)
			require.GreaterOrEqual(t, strings.Count(a.body, `"currency"`)+strings.Count(a.body, "falafel_time"), want)
			within(t, s.get(a.next(t)).expect(t, http.StatusOK), pattern)
		}
	})
}
