package store_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/review"
	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/api/telemetry"
	"github.com/pretendfriend/falafel-api/api/telemetry/telemetrytest"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/dynamodbtest"
)

// The access patterns that these tests count, and their operations.
const (
	summary = `access_pattern="summary of a restaurant before a change",operation="GetItem"`
	byID    = `access_pattern="review by id",operation="GetItem"`
	newest  = `access_pattern="newest reviews of all restaurants",operation="Query"`
	ready   = `access_pattern="key that seals cursors, and readiness",operation="GetItem"`
	seal    = `access_pattern="first key that seals cursors",operation="PutItem"`
	making  = `access_pattern="create a review",operation="TransactWriteItems"`
	edit    = `access_pattern="replace a review",operation="TransactWriteItems"`
	removal = `access_pattern="delete a review",operation="TransactWriteItems"`
	bulk    = `access_pattern="import reviews of a restaurant",operation="TransactWriteItems"`
)

func calls(pattern, outcome string) string {
	return fmt.Sprintf("falafel_dynamodb_calls_total{%s,outcome=%q}", pattern, outcome)
}

func written(change string) string {
	return fmt.Sprintf("falafel_reviews_written_total{change=%q}", change)
}

const (
	added      = "falafel_restaurants_added_total"
	replays    = "falafel_idempotency_replays_total"
	ratings    = "falafel_review_rating_count"
	ratingsSum = "falafel_review_rating_sum"
)

// counted opens a table of the test's own, through an endpoint if it has one, and counts.
func counted(t *testing.T, db *dynamodbtest.Backend, endpoint string) (*store.Store, *telemetry.Metrics) {
	t.Helper()
	client := db.Client
	if endpoint != "" {
		client = dynamodb.New(client.Options(), func(o *dynamodb.Options) {
			o.BaseEndpoint, o.Retryer = &endpoint, retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.MaxBackoff = 5, time.Millisecond })
		})
	}
	metrics := telemetry.NewMetrics(telemetry.Build{})
	reviews, err := store.Open(t.Context(), client, db.Table(t, store.Definition("")), metrics, nil)
	require.NoError(t, err)
	return reviews, metrics
}

// during is what is counted while something is done, units aside.
func during(t *testing.T, metrics *telemetry.Metrics, do func()) telemetrytest.Series {
	t.Helper()
	before := telemetrytest.Read(t, metrics.Gatherer(), "falafel_")
	do()
	counted := telemetrytest.Read(t, metrics.Gatherer(), "falafel_").Since(before)
	maps.DeleteFunc(counted, func(name string, _ float64) bool { return strings.HasPrefix(name, "falafel_dynamodb_consumed_units") })
	return counted
}

func TestEachUseOfTheTableIsCountedOnce(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		ctx := t.Context()
		reviews, metrics := counted(t, db, "")
		key := review.Idempotency{Key: "k", Fingerprint: []byte("one request")}
		first, second := newReview(t, "Habibi", content("4.5", "8")), newReview(t, "Habibi", content("2", "8"))
		keyed := newReview(t, "Habibi", content("1", "1"))
		stale := first.Revision()
		succeeds := func(err error) { require.NoError(t, err) }
		for _, step := range []struct {
			name string
			do   func()
			want telemetrytest.Series
		}{
			{
				"a restaurant's first review",
				func() { _, err := reviews.Create(ctx, first, review.Idempotency{}); succeeds(err) },
				telemetrytest.Series{calls(summary, "ok"): 1, calls(making, "ok"): 1, written("created"): 1, ratings: 1, ratingsSum: 4.5, added: 1},
			},
			{
				"its second",
				func() { _, err := reviews.Create(ctx, second, review.Idempotency{}); succeeds(err) },
				telemetrytest.Series{calls(summary, "ok"): 1, calls(making, "ok"): 1, written("created"): 1, ratings: 1, ratingsSum: 2},
			},
			{
				"one that is there",
				func() {
					_, err := reviews.Create(ctx, second, review.Idempotency{})
					require.ErrorIs(t, err, review.ErrExists)
				},
				telemetrytest.Series{calls(summary, "ok"): 1, calls(making, "condition_failed"): 1},
			},
			{
				"one with a key",
				func() { _, err := reviews.Create(ctx, keyed, key); succeeds(err) },
				telemetrytest.Series{calls(summary, "ok"): 1, calls(making, "ok"): 1, written("created"): 1, ratings: 1, ratingsSum: 1},
			},
			{
				"the same again",
				func() { _, err := reviews.Create(ctx, newReview(t, "Habibi", content("1", "1")), key); succeeds(err) },
				telemetrytest.Series{calls(summary, "ok"): 1, calls(making, "condition_failed"): 1, replays: 1},
			},
			{
				"another with that key",
				func() {
					_, err := reviews.Create(ctx, newReview(t, "Habibi", content("3", "1")), review.Idempotency{Key: "k", Fingerprint: []byte("another")})
					require.ErrorIs(t, err, review.ErrIdempotencyKeyReused)
				},
				telemetrytest.Series{calls(summary, "ok"): 1, calls(making, "condition_failed"): 1},
			},
			{
				"a change",
				func() { _, err := reviews.Replace(ctx, "Habibi", first.ID, content("5", "8"), nil); succeeds(err) },
				telemetrytest.Series{calls(byID, "ok"): 1, calls(summary, "ok"): 1, calls(edit, "ok"): 1, written("replaced"): 1},
			},
			{
				"a change of what is no more",
				func() {
					_, err := reviews.Replace(ctx, "Habibi", first.ID, content("3", "8"), &stale)
					require.ErrorIs(t, err, review.ErrStale)
				},
				telemetrytest.Series{calls(summary, "ok"): 1, calls(edit, "condition_failed"): 1},
			},
			{
				"a removal",
				func() { succeeds(reviews.Delete(ctx, "Habibi", first.ID, nil)) },
				telemetrytest.Series{calls(byID, "ok"): 1, calls(summary, "ok"): 1, calls(removal, "ok"): 1, written("deleted"): 1},
			},
			{
				"a removal of what is gone",
				func() { require.ErrorIs(t, reviews.Delete(ctx, "Habibi", first.ID, nil), review.ErrNotFound) },
				telemetrytest.Series{calls(byID, "ok"): 1},
			},
			{
				"the first review of a restaurant that had some",
				func() {
					succeeds(reviews.Delete(ctx, "Habibi", second.ID, nil))
					succeeds(reviews.Delete(ctx, "Habibi", keyed.ID, nil))
					create(t, reviews, "Habibi", content("3", "1"))
				},
				telemetrytest.Series{
					calls(byID, "ok"): 2, calls(summary, "ok"): 3, calls(removal, "ok"): 2, written("deleted"): 2,
					calls(making, "ok"): 1, written("created"): 1, ratings: 1, ratingsSum: 3,
				},
			},
			{
				"an import",
				func() {
					succeeds(reviews.Import(ctx, []review.Review{newReview(t, "Imported", content("3", "1")), newReview(t, "Imported", content("4", "1"))}))
				},
				telemetrytest.Series{calls(summary, "ok"): 1, calls(bulk, "ok"): 1, written("imported"): 2, added: 1},
			},
			{
				"a list of all shards",
				func() { _, err := reviews.NewestReviews(ctx, review.PageRequest{Limit: 10}); succeeds(err) },
				telemetrytest.Series{calls(newest, "ok"): store.Shards},
			},
			{
				"readiness, and what seals cursors",
				func() {
					succeeds(reviews.Ready(ctx))
					_, err := reviews.CursorKey(ctx)
					succeeds(err)
				},
				telemetrytest.Series{calls(ready, "ok"): 2, calls(seal, "ok"): 1},
			},
		} {
			assert.Equal(t, step.want, during(t, metrics, step.do), step.name)
		}
	})
}

var serverTiming = regexp.MustCompile(`desc="(\d+) calls", read-units;desc="([\d.]+)", write-units;desc="([\d.]+)"`)

// What is counted by access pattern, for each request, and told to the client is the same.
func TestConsumedUnitsAddUpToWhatRequestsWereTold(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		reviews, metrics := counted(t, db, "")
		request := &telemetry.Request{}
		ctx := telemetry.WithRequest(t.Context(), request)
		before := telemetrytest.Read(t, metrics.Gatherer(), "falafel_", "db_")
		r, err := reviews.Create(ctx, newReview(t, "Habibi", content("4.5", "8")), review.Idempotency{Key: "k", Fingerprint: []byte("f")})
		require.NoError(t, err)
		_, err = reviews.Replace(ctx, "Habibi", r.ID, content("5", "8"), nil)
		require.NoError(t, err)
		_, err = reviews.NewestReviews(ctx, review.PageRequest{Limit: 10})
		require.NoError(t, err)
		require.NoError(t, reviews.Delete(ctx, "Habibi", r.ID, nil))
		metrics.RequestEnds(ctx, telemetry.Answer{Method: http.MethodPost, Route: "/r", Status: 200})

		told := serverTiming.FindStringSubmatch(request.ServerTiming())
		require.NotNil(t, told, request.ServerTiming())
		number := func(i int) float64 {
			n, err := strconv.ParseFloat(told[i], 64)
			require.NoError(t, err)
			return n
		}
		sums := map[string]float64{}
		kinds := regexp.MustCompile(`^(\w+)(?:_total|_count){(?:.*kind="(\w+)")?`)
		for series, n := range telemetrytest.Read(t, metrics.Gatherer(), "falafel_", "db_").Since(before) {
			if parts := kinds.FindStringSubmatch(series); parts != nil {
				sums[parts[1]+" "+parts[2]] += n
			}
		}
		assert.InDelta(t, number(1), sums["falafel_dynamodb_calls "], 0)
		assert.InDelta(t, number(1), sums["db_client_operation_duration_seconds "], 0)
		for i, kind := range map[int]string{2: "read", 3: "write"} {
			assert.Positive(t, number(i))
			assert.InDelta(t, number(i), sums["falafel_dynamodb_consumed_units "+kind], 1e-9, kind)
			assert.InDelta(t, number(i), sums["falafel_request_consumed_units "+kind], 1e-9, kind)
		}
		for _, pattern := range store.AccessPatterns() {
			for kind, most := range map[string]float64{"read": pattern.MaxReadUnits, "write": pattern.MaxWriteUnits} {
				series := fmt.Sprintf("falafel_dynamodb_consumed_units_total{access_pattern=%q,kind=%q,operation=%q}", pattern.Name, kind, pattern.Operation)
				if n, exists := telemetrytest.Read(t, metrics.Gatherer())[series]; exists && most == 0 {
					assert.Zero(t, n, series)
				}
			}
		}
	})
}

// Writers of two instances meet in the database. However often they try, each review is
// counted once.
func TestConflictsAreCountedAndWhatComesOfThemOnce(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		const instances, each = 4, 10
		metrics := telemetry.NewMetrics(telemetry.Build{})
		table := db.Table(t, store.Definition(""))
		var writing sync.WaitGroup
		for range instances {
			reviews, err := store.Open(t.Context(), db.Client, table, metrics, nil)
			require.NoError(t, err)
			writing.Go(func() {
				for range each {
					_, err := reviews.Create(t.Context(), newReview(t, "Habibi", content("3", "1")), review.Idempotency{})
					assert.NoError(t, err)
				}
			})
		}
		writing.Wait()
		all := telemetrytest.Read(t, metrics.Gatherer())
		assert.InDelta(t, instances*each, all[written("created")], 0)
		assert.InDelta(t, instances*each, all[ratings], 0)
		assert.InDelta(t, 1, all[added], 0)
		assert.InDelta(t, instances*each, all[calls(making, "ok")], 0)
		reason := func(r string) float64 {
			return all[fmt.Sprintf(`falafel_transaction_conflicts_total{access_pattern="create a review",reason=%q}`, r)]
		}
		assert.Positive(t, reason("summary_changed")+reason("transaction_conflict"))
		assert.InDelta(t, reason("summary_changed"), all[calls(making, "condition_failed")], 0)
		assert.InDelta(t, reason("transaction_conflict"), all[calls(making, "conflict")], 0)
	})
}

// A broken database answers some calls as the test says, and passes the others on.
type broken struct {
	*httptest.Server

	mu        sync.Mutex
	operation string
	times     int
	with      http.HandlerFunc
}

func newBroken(t *testing.T, endpoint string) *broken {
	t.Helper()
	target, err := url.Parse(endpoint)
	require.NoError(t, err)
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Host = r.In.Host }}
	b := &broken{}
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if with := b.takes(r); with != nil {
			_, _ = io.Copy(io.Discard, r.Body)
			with(w, r)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(b.Close)
	return b
}

// breaks makes the next calls of an operation end as with has it.
func (b *broken) breaks(operation string, times int, with http.HandlerFunc) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.operation, b.times, b.with = operation, times, with
}

func (b *broken) takes(r *http.Request) http.HandlerFunc {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.times == 0 || !strings.HasSuffix(r.Header.Get("X-Amz-Target"), "."+b.operation) {
		return nil
	}
	b.times--
	return b.with
}

func answers(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func code(status int, name string) http.HandlerFunc {
	return answers(status, fmt.Sprintf(`{"__type":"com.amazonaws.dynamodb.v20120810#%s","message":"as the test wants it"}`, name))
}

func canceledBy(reasons ...string) http.HandlerFunc {
	codes := make([]string, len(reasons))
	for i, reason := range reasons {
		codes[i] = fmt.Sprintf(`{"Code":%q}`, reason)
	}
	return answers(http.StatusBadRequest, `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"m","CancellationReasons":[`+strings.Join(codes, ",")+`]}`)
}

func TestWhatCameOfACallIsCountedWithItsRetries(t *testing.T) {
	t.Parallel()
	const always = 1000
	for name, c := range map[string]struct {
		with      http.HandlerFunc
		times     int
		outcome   string
		errorType string
		retries   float64
		throttles float64
	}{
		"a blip":                       {code(500, "InternalServerError"), 2, "ok", "", 2, 0},
		"throttled, and then not":      {code(400, "ProvisionedThroughputExceededException"), 3, "ok", "", 3, 3},
		"throttled for good":           {code(400, "ThrottlingException"), always, "throttled", "ThrottlingException", 4, 5},
		"too much for the account":     {code(400, "RequestLimitExceeded"), always, "throttled", "RequestLimitExceeded", 4, 5},
		"a server that fails for good": {code(500, "InternalServerError"), always, "unavailable", "InternalServerError", 4, 0},
		"no rights":                    {code(400, "AccessDeniedException"), always, "error", "AccessDeniedException", 0, 0},
		"a table that is gone":         {code(400, "ResourceNotFoundException"), always, "error", "ResourceNotFoundException", 0, 0},
		"an error that nobody knows":   {code(400, "Made<Up>Exception"), always, "error", "_OTHER", 0, 0},
		"a connection that breaks":     {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, always, "unavailable", "connection", 4, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
				line := newBroken(t, db.Endpoint)
				reviews, metrics := counted(t, db, line.URL)
				id := newReview(t, "Habibi", content("1", "1")).ID
				line.breaks("GetItem", c.times, c.with)
				before := telemetrytest.Read(t, metrics.Gatherer(), "db_")
				want := telemetrytest.Series{calls(byID, c.outcome): 1}
				if c.retries > 0 {
					want["falafel_dynamodb_retries_total{"+byID+"}"] = c.retries
				}
				if c.throttles > 0 {
					want["falafel_dynamodb_throttles_total{"+byID+"}"] = c.throttles
				}
				assert.Equal(t, want, during(t, metrics, func() { _, _ = reviews.Review(t.Context(), "Habibi", id) }))
				for series := range telemetrytest.Read(t, metrics.Gatherer(), "db_").Since(before) {
					assert.Contains(t, series, fmt.Sprintf("error_type=%q", c.errorType))
					assert.Contains(t, series, `db_operation_name="GetItem",db_system_name="aws.dynamodb"`)
				}
			})
		})
	}
}

func TestATransactionThatIsCanceledIsCountedByItsReasons(t *testing.T) {
	t.Parallel()
	conflicts := func(reason string) string {
		return fmt.Sprintf(`falafel_transaction_conflicts_total{access_pattern="create a review",reason=%q}`, reason)
	}
	throttles := "falafel_dynamodb_throttles_total{" + making + "}"
	for name, c := range map[string]struct {
		reasons []string
		want    telemetrytest.Series
	}{
		"a conflict":            {[]string{"None", "TransactionConflict"}, telemetrytest.Series{calls(making, "conflict"): 3, conflicts("transaction_conflict"): 3}},
		"throttled":             {[]string{"None", "ProvisionedThroughputExceeded"}, telemetrytest.Series{calls(making, "throttled"): 3, throttles: 3}},
		"throttled by adaption": {[]string{"ThrottlingError", "None"}, telemetrytest.Series{calls(making, "throttled"): 3, throttles: 3}},
		"both":                  {[]string{"TransactionConflict", "ThrottlingError"}, telemetrytest.Series{calls(making, "conflict"): 3, conflicts("transaction_conflict"): 3, throttles: 3}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
				line := newBroken(t, db.Endpoint)
				reviews, metrics := counted(t, db, line.URL)
				line.breaks("TransactWriteItems", 3, canceledBy(c.reasons...))
				want := maps.Clone(c.want)
				maps.Copy(want, telemetrytest.Series{calls(summary, "ok"): 1, calls(making, "ok"): 1, written("created"): 1, ratings: 1, ratingsSum: 3, added: 1})
				assert.Equal(t, want, during(t, metrics, func() { create(t, reviews, "Habibi", content("3", "1")) }))
			})
		})
	}
}

func TestACallOfSomeoneWhoWentAwayIsNoFailure(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		line := newBroken(t, db.Endpoint)
		reviews, metrics := counted(t, db, line.URL)
		release := make(chan struct{})
		t.Cleanup(func() { close(release) })
		arrived := make(chan struct{}, 2)
		line.breaks("GetItem", 2, func(http.ResponseWriter, *http.Request) {
			arrived <- struct{}{}
			<-release
			panic(http.ErrAbortHandler)
		})
		ctx, leave := context.WithCancel(t.Context())
		assert.Equal(t, telemetrytest.Series{calls(ready, "canceled"): 1}, during(t, metrics, func() {
			go func() { <-arrived; leave() }()
			require.ErrorIs(t, reviews.Ready(ctx), context.Canceled)
		}))
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		assert.Equal(t, telemetrytest.Series{calls(ready, "unavailable"): 1}, during(t, metrics, func() {
			require.ErrorIs(t, reviews.Ready(ctx), review.ErrUnavailable)
		}))
	})
}

func TestCountersExistBeforeTheFirstCall(t *testing.T) {
	t.Parallel()
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		_, metrics := counted(t, db, "")
		all := telemetrytest.Read(t, metrics.Gatherer(), "falafel_")
		for _, pattern := range store.AccessPatterns() {
			labels := fmt.Sprintf("access_pattern=%q,operation=%q", pattern.Name, pattern.Operation)
			for _, outcome := range []string{"ok", "condition_failed", "conflict", "throttled", "unavailable", "canceled", "error"} {
				assert.Contains(t, all, calls(labels, outcome))
			}
			assert.Contains(t, all, "falafel_dynamodb_retries_total{"+labels+"}")
			assert.Contains(t, all, "falafel_dynamodb_throttles_total{"+labels+"}")
			for kind, most := range map[string]float64{"read": pattern.MaxReadUnits, "write": pattern.MaxWriteUnits} {
				if most > 0 {
					assert.Contains(t, all, fmt.Sprintf("falafel_dynamodb_consumed_units_total{access_pattern=%q,kind=%q,operation=%q}", pattern.Name, kind, pattern.Operation))
				}
			}
			for _, reason := range []string{"transaction_conflict", "summary_changed"} {
				series := fmt.Sprintf("falafel_transaction_conflicts_total{access_pattern=%q,reason=%q}", pattern.Name, reason)
				_, exists := all[series]
				assert.Equal(t, pattern.Operation == "TransactWriteItems", exists, series)
			}
		}
		for _, series := range []string{added, replays, ratings, written("created"), written("replaced"), written("deleted"), written("imported"), "falafel_log_lines_dropped_total"} {
			assert.Contains(t, all, series)
		}
		for series, n := range all {
			if !strings.HasPrefix(series, "falafel_build_info") {
				assert.Zero(t, n, series)
			}
		}
	})
}
