package goclient_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/oapi-codegen/nullable"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/pretendfriend/falafel-api/openapi/goclient"
)

func connect(t testing.TB, baseURL string, options ...goclient.Option) *goclient.Client {
	t.Helper()
	client, err := goclient.New(baseURL, options...)
	require.NoError(t, err)
	return client
}

// unique is a name that no other test uses, nor the same test before.
func unique(name string) string { return name + " " + uuid.NewString() }

func input() goclient.ReviewInput {
	return goclient.ReviewInput{Rating: 4.5, VisitedAt: time.Date(2026, 11, 20, 12, 30, 0, 0, time.UTC), Cost: 8.5, Currency: "EUR", Comment: "Crisp."}
}

func TestARestaurantIsNamedByItsName(t *testing.T) {
	t.Parallel()
	client := connect(t, api)
	for _, name := range []string{
		"Falafel/Zaatar", "50% off", "%2F", "Café", "what?", "a#b", "a&b=c", "a+b c", "a;b,c", "/a", "a.", ".a", "a//b", "..a", "~!$*()[]{}|^`\"<>\\:@'", "🧆", "ファラフェル亭", "\u202ertl", strings.Repeat("x", 200),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			created, err := client.CreateReview(t.Context(), name, input())
			require.NoError(t, err)
			assert.Equal(t, name, created.Restaurant)
			got, err := client.GetReview(t.Context(), name, created.ID)
			require.NoError(t, err)
			assert.Equal(t, created.Review, got.Review)
			restaurant, err := client.GetRestaurant(t.Context(), name)
			require.NoError(t, err)
			assert.Equal(t, name, restaurant.Name)
			require.NoError(t, client.DeleteReview(t.Context(), name, created.ID))
		})
	}
}

func TestAReviewIsChangedByWhoKnowsIt(t *testing.T) {
	t.Parallel()
	client := connect(t, api)
	created, err := client.CreateReview(t.Context(), "Changed", input())
	require.NoError(t, err)
	_, err = client.GetReview(t.Context(), "Changed", created.ID, goclient.IfNoneMatch(created.ETag))
	require.ErrorIs(t, err, goclient.ErrNotModified)

	changed := created.Input()
	changed.Cost = 0
	replaced, err := client.ReplaceReview(t.Context(), "Changed", created.ID, changed, goclient.IfMatch(created.ETag))
	require.NoError(t, err)
	assert.Zero(t, replaced.Cost)
	assert.Equal(t, int64(2), replaced.Version)

	patched, err := client.PatchReview(t.Context(), "Changed", created.ID, goclient.ReviewPatch{Rating: new(2.5), Comment: nullable.NewNullNullable[string]()})
	require.NoError(t, err)
	assert.InDelta(t, 2.5, patched.Rating, 0)
	assert.Empty(t, patched.Comment)
	assert.Zero(t, patched.Cost, "what a patch leaves out stays")

	_, err = client.ReplaceReview(t.Context(), "Changed", created.ID, changed, goclient.IfMatch(created.ETag))
	assert.True(t, goclient.IsProblem(err, goclient.TypePreconditionFailed), err)
	require.NoError(t, client.DeleteReview(t.Context(), "Changed", created.ID, goclient.IfMatch(patched.ETag)))
	_, err = client.GetReview(t.Context(), "Changed", created.ID)
	assert.True(t, goclient.IsProblem(err, goclient.TypeNotFound), err)
}

// The client of a review that the earlier service took must not lose its time.
func TestAReviewThatIsSentBackKeepsTheTimeItHad(t *testing.T) {
	t.Parallel()
	client, earlier := connect(t, api), unique("Earlier")
	_, err := client.CreateEarlierReviewWithResponse(t.Context(), nil, goclient.EarlierReviewInput{FalafelRestaurant: earlier, FalafelRating: 4.5, FalafelTime: "12:30", FalafelCost: 8.5})
	require.NoError(t, err)
	for review, err := range client.ReviewsOf(t.Context(), earlier) {
		require.NoError(t, err)
		replaced, err := client.ReplaceReview(t.Context(), earlier, review.ID, review.Input())
		require.NoError(t, err)
		assert.Equal(t, "12:30", replaced.VisitedAtText)
	}
}

func TestNumbersAreWhatWasSent(t *testing.T) {
	t.Parallel()
	client := connect(t, api)
	rapid.Check(t, func(r *rapid.T) {
		sent := input()
		_, err := fmt.Sscanf(fmt.Sprintf("%d.%d %d.%04d", rapid.IntRange(1, 4).Draw(r, "rating"), rapid.IntRange(0, 9).Draw(r, "tenths"),
			rapid.IntRange(0, 99_999_999).Draw(r, "cost"), rapid.IntRange(0, 9999).Draw(r, "decimals")), "%g %g", &sent.Rating, &sent.Cost)
		require.NoError(r, err)
		created, err := client.CreateReview(t.Context(), "Numbers", sent)
		require.NoError(r, err)
		assert.Equal(r, sent, created.Input())
	})
}

func TestAnErrorSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	client := connect(t, api, goclient.Always(goclient.RequestID("test-1")))
	wrong := input()
	wrong.Rating, wrong.Cost = 6, -1
	_, err := client.CreateReview(t.Context(), "Habibi", wrong)
	problem, ok := errors.AsType[*goclient.Problem](fmt.Errorf("lunch: %w", err))
	require.True(t, ok)
	assert.Equal(t, goclient.TypeValidation, problem.Type)
	assert.Equal(t, int64(http.StatusUnprocessableEntity), problem.Status)
	assert.Equal(t, "test-1", problem.RequestID)
	assert.Len(t, problem.Errors, 2)
	for _, part := range []string{"422", "body.rating", "body.cost", "(request test-1)"} {
		require.ErrorContains(t, err, part)
	}
	body, err := io.ReadAll(problem.Response.Body)
	require.NoError(t, err)
	assert.Contains(t, string(body), `"type":"/problems/validation"`)

	_, err = client.CreateEarlierReviewWithResponse(t.Context(), nil, goclient.EarlierReviewInput{FalafelTime: "12:30"})
	problem, ok = errors.AsType[*goclient.Problem](err)
	require.True(t, ok)
	assert.Equal(t, "about:blank", problem.Type)
	assert.Equal(t, "Missing required fields", problem.Detail)
	assert.Equal(t, "test-1", problem.RequestID)
}

func TestPagesAreFetchedAsTheyAreNeeded(t *testing.T) {
	t.Parallel()
	front, pages := newFront(t), unique("Pages/7")
	client := connect(t, front.url)
	var want []uuid.UUID
	for i := range 7 {
		created, err := client.CreateReview(t.Context(), pages, input())
		require.NoError(t, err, i)
		want = append([]uuid.UUID{created.ID}, want...)
	}
	front.requests.Store(0)
	var got []uuid.UUID
	for review, err := range client.ReviewsOf(t.Context(), pages, goclient.Limit(3)) {
		require.NoError(t, err)
		got = append(got, review.ID)
	}
	assert.Equal(t, want, got)
	assert.Equal(t, int64(3), front.requests.Swap(0))
	for _, err := range client.ReviewsOf(t.Context(), pages, goclient.Limit(3)) {
		require.NoError(t, err)
		break
	}
	assert.Equal(t, int64(1), front.requests.Load())

	for _, sort := range []goclient.Sort{goclient.ByName, goclient.ByRating} {
		var names []string
		for restaurant, err := range client.Restaurants(t.Context(), sort, goclient.Limit(1)) {
			require.NoError(t, err)
			names = append(names, restaurant.Name)
		}
		assert.Contains(t, names, pages)
	}
	for _, err := range client.Reviews(t.Context(), goclient.Limit(101)) {
		assert.True(t, goclient.IsProblem(err, goclient.TypeValidation), err)
	}
}

func TestABaseURLIsOne(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"", "localhost", "127.0.0.1:3000", "/v1", "http://", "http://a b"} {
		_, err := goclient.New(base)
		assert.Error(t, err, base)
	}
}

// A front stands before the API, and fails as a test tells it to.
type front struct {
	url      string
	requests atomic.Int64
	keys     chan string
	// fails answers a request in place of the API, or lets it pass.
	fails func(n int64, w http.ResponseWriter, r *http.Request) bool
}

func newFront(t testing.TB) *front {
	t.Helper()
	target, err := url.Parse(api)
	require.NoError(t, err)
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}
	f := &front{keys: make(chan string, 100), fails: func(int64, http.ResponseWriter, *http.Request) bool { return false }}
	server := httptest.NewServer(http.StripPrefix("/behind/a/proxy", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := f.requests.Add(1)
		if r.Method == http.MethodPost {
			f.keys <- r.Header.Get("Idempotency-Key")
		}
		if !f.fails(n, w, r) {
			proxy.ServeHTTP(w, r)
		}
	})))
	t.Cleanup(server.Close)
	f.url = server.URL + "/behind/a/proxy"
	return f
}

// Ways to fail once: the answer that was on its way is lost, and so is the connection; or
// somebody is not available.
func lost(n int64, _ http.ResponseWriter, r *http.Request) bool {
	if n > 1 {
		return false
	}
	target, _ := url.Parse(api)
	(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}).ServeHTTP(httptest.NewRecorder(), r)
	panic(http.ErrAbortHandler)
}

func unavailable(kind, pause string) func(int64, http.ResponseWriter, *http.Request) bool {
	return func(n int64, w http.ResponseWriter, _ *http.Request) bool {
		if n > 1 {
			return false
		}
		w.Header().Set("Content-Type", "application/problem+json")
		if pause != "" {
			w.Header().Set("Retry-After", pause)
		}
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintf(w, `{"type":%q,"title":"Down","status":503}`, kind)
		return true
	}
}

func TestARequestIsSentAgainWhereThatIsSafe(t *testing.T) {
	t.Parallel()
	type call func(ctx context.Context, c *goclient.Client, of *goclient.StoredReview) error
	create := func(edits ...goclient.RequestEditorFn) call {
		return func(ctx context.Context, c *goclient.Client, of *goclient.StoredReview) error {
			_, err := c.CreateReview(ctx, of.Restaurant, input(), edits...)
			return err
		}
	}
	get := func(ctx context.Context, c *goclient.Client, of *goclient.StoredReview) error {
		_, err := c.GetReview(ctx, of.Restaurant, of.ID)
		return err
	}
	replace := func(edits ...goclient.RequestEditorFn) call {
		return func(ctx context.Context, c *goclient.Client, of *goclient.StoredReview) error {
			_, err := c.ReplaceReview(ctx, of.Restaurant, of.ID, input(), edits...)
			return err
		}
	}
	patch := func(ctx context.Context, c *goclient.Client, of *goclient.StoredReview) error {
		_, err := c.PatchReview(ctx, of.Restaurant, of.ID, goclient.ReviewPatch{Rating: new(1.0)})
		return err
	}
	remove := func(ctx context.Context, c *goclient.Client, of *goclient.StoredReview) error {
		return c.DeleteReview(ctx, of.Restaurant, of.ID)
	}
	down := unavailable(goclient.TypeDatabaseUnavailable, "")
	for name, test := range map[string]struct {
		call  call
		fails func(int64, http.ResponseWriter, *http.Request) bool
		again bool
		left  int64 // reviews
	}{
		"a creation whose answer is lost":     {create(), lost, true, 2},
		"a creation with a key of its own":    {create(goclient.IdempotencyKey(unique("mine"))), lost, true, 2},
		"a creation that is answered 503":     {create(), down, true, 2},
		"a reading whose answer is lost":      {get, lost, true, 1},
		"a reading that is answered 503":      {get, down, true, 1},
		"a replacement whose answer is lost":  {replace(), lost, true, 1},
		"a conditional replacement":           {replace(goclient.IfMatch("*")), lost, false, 1},
		"a conditional replacement, 503":      {replace(goclient.IfMatch("*")), down, false, 1},
		"a patch":                             {patch, lost, false, 1},
		"a patch, 503":                        {patch, down, false, 1},
		"a patch of a restaurant that's busy": {patch, unavailable(goclient.TypeBusy, ""), true, 1},
		"a deletion":                          {remove, lost, false, 0},
		"a deletion, 503":                     {remove, down, false, 1},
		"a server that wants a long pause":    {get, unavailable(goclient.TypeBusy, "3600"), false, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			made, err := connect(t, api).CreateReview(t.Context(), unique(name), input())
			require.NoError(t, err)
			front := newFront(t)
			front.fails = test.fails
			// An own transport: net/http's sends a GET again by itself where its
			// connection was not new.
			client := connect(t, front.url, goclient.Through(&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}))
			err = test.call(t.Context(), client, made)
			want := int64(1)
			if test.again {
				require.NoError(t, err)
				want = 2
			} else {
				require.Error(t, err)
			}
			assert.Equal(t, want, front.requests.Load())
			var count int64
			for _, err := range connect(t, api).ReviewsOf(t.Context(), made.Restaurant) {
				require.NoError(t, err)
				count++
			}
			assert.Equal(t, test.left, count)
			if len(front.keys) == 2 {
				first := <-front.keys
				assert.NotEmpty(t, first)
				assert.Equal(t, first, <-front.keys)
			}
		})
	}
}

func TestRetryAfterIsWaitedFor(t *testing.T) {
	t.Parallel()
	front := newFront(t)
	front.fails = unavailable(goclient.TypeDatabaseUnavailable, "1")
	began := time.Now()
	_, err := connect(t, front.url).ListReviewsWithResponse(t.Context(), nil)
	require.NoError(t, err)
	assert.GreaterOrEqual(t, time.Since(began), time.Second)
}

func TestAttemptsEnd(t *testing.T) {
	t.Parallel()
	front := newFront(t)
	front.fails = func(_ int64, w http.ResponseWriter, r *http.Request) bool {
		return unavailable(goclient.TypeDatabaseUnavailable, "")(1, w, r)
	}
	_, err := connect(t, front.url, goclient.Attempts(2)).GetRestaurant(t.Context(), "Habibi")
	assert.True(t, goclient.IsProblem(err, goclient.TypeDatabaseUnavailable), err)
	assert.Equal(t, int64(2), front.requests.Swap(0))

	_, err = connect(t, front.url, goclient.Attempts(1)).CreateReview(t.Context(), "Habibi", input())
	require.Error(t, err)
	assert.Equal(t, int64(1), front.requests.Swap(0))
	require.Len(t, front.keys, 1)
	assert.Empty(t, <-front.keys, "one attempt needs no key")

	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err = connect(t, front.url, goclient.Attempts(1_000_000)).GetRestaurant(ctx, "Habibi")
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestAnAnswerThatIsNoneOfTheAPIIsAnError(t *testing.T) {
	t.Parallel()
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		if strings.HasSuffix(r.URL.Path, "reviews") {
			w.WriteHeader(http.StatusTeapot)
		}
		fmt.Fprint(w, "<h1>Log in</h1>")
	}))
	t.Cleanup(page.Close)
	client := connect(t, page.URL)
	_, err := client.GetRestaurant(t.Context(), "Habibi")
	require.ErrorContains(t, err, "text/html")
	_, err = client.CreateReview(t.Context(), "Habibi", input())
	assert.True(t, goclient.IsProblem(err, "about:blank"), err)
	require.ErrorContains(t, err, "418 I'm a teapot")
}
