package rest_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gofrs/uuid/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/rest"
	"github.com/pretendfriend/falafel-api/api/review"
	"github.com/pretendfriend/falafel-api/api/telemetry"
	"github.com/pretendfriend/falafel-api/api/telemetry/telemetrytest"
)

// slow takes its time, to the nanosecond: in a synctest bubble, where no database can be.
type slow struct {
	rest.Reviews
	takes time.Duration
	fails error
}

func (s slow) wait(ctx context.Context) error {
	select {
	case <-time.After(s.takes):
		return s.fails
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.Canceled) {
			return context.Canceled
		}
		return review.ErrUnavailable
	}
}

func (s slow) Review(ctx context.Context, restaurant review.Name, id uuid.UUID) (review.Review, error) {
	return review.Review{Restaurant: restaurant, ID: id, UpdatedAt: time.Now(), Content: review.Content{Currency: "EUR"}}, s.wait(ctx)
}

func (s slow) Create(ctx context.Context, r review.Review, _ review.Idempotency) (review.Review, error) {
	return r, s.wait(ctx)
}

func (s slow) EarlierReviewsOf(ctx context.Context, _ review.Name, _ review.PageRequest) (review.Page[review.Review], error) {
	return review.Page[review.Review]{}, s.wait(ctx)
}

func (s slow) Delete(context.Context, review.Name, uuid.UUID, *review.Revision) error { panic("a bug") }

func (s slow) Replace(context.Context, review.Name, uuid.UUID, review.Content, *review.Revision) (review.Review, error) {
	panic(http.ErrAbortHandler)
}

func TestRequestsAreJudgedByTheObjectives(t *testing.T) {
	t.Parallel()
	const (
		one = "/v1/restaurants/Habibi/reviews/019aa3c2-7d1e-7b0a-9c55-0d2f6f1a4e21"
		all = "/v1/restaurants/Habibi/reviews"
		ms  = time.Millisecond
	)
	judged := func(results ...string) telemetrytest.Series {
		series := telemetrytest.Series{}
		for _, result := range results {
			objective, result, _ := strings.Cut(result, " ")
			series[`falafel_slo_requests_total{objective="`+objective+`",result="`+result+`"}`] = 1
		}
		return series
	}
	for name, c := range map[string]struct {
		method, path string
		takes        time.Duration
		fails        error
		leaves       time.Duration // the client goes away; 0: it stays
		status       int
		want         telemetrytest.Series
	}{
		"a read in time":                         {http.MethodGet, one, 100 * ms, nil, 0, 200, judged("availability good", "read_latency good")},
		"a read too late":                        {http.MethodGet, one, 100*ms + 1, nil, 0, 200, judged("availability good", "read_latency bad")},
		"a HEAD too late":                        {http.MethodHead, one, time.Second, nil, 0, 200, judged("availability good", "read_latency bad")},
		"a write in time":                        {http.MethodPost, all, 500 * ms, nil, 0, 201, judged("availability good", "write_latency good")},
		"a write too late":                       {http.MethodPost, all, 500*ms + 1, nil, 0, 201, judged("availability good", "write_latency bad")},
		"an answer of 404":                       {http.MethodGet, one, ms, review.ErrNotFound, 0, 404, judged("availability good", "read_latency good")},
		"the database is away":                   {http.MethodGet, one, ms, review.ErrUnavailable, 0, 503, judged("availability bad")},
		"a writer who never had a turn":          {http.MethodPost, all, ms, review.ErrBusy, 0, 503, judged("availability bad")},
		"no answer before the request's time is": {http.MethodGet, one, time.Hour, nil, 0, 503, judged("availability bad")},
		"a bug":                                  {http.MethodGet, one, ms, errors.New("a bug"), 0, 500, judged("availability bad")},
		"a panic":                                {http.MethodDelete, one, ms, nil, 0, 500, judged("availability bad")},
		"a client that went away":                {http.MethodGet, one, time.Hour, nil, 5 * time.Second, 408, judged("availability good")},
		"a writer that went away":                {http.MethodPost, all, time.Hour, nil, 5 * time.Second, 408, judged("availability good")},
		"the earlier service's route":            {http.MethodGet, "/data?falafel_restaurant=Habibi", time.Second, nil, 0, 200, judged("availability good", "read_latency bad")},
		"the earlier service's failure":          {http.MethodGet, "/data?falafel_restaurant=Habibi", ms, review.ErrUnavailable, 0, 500, judged("availability bad")},
		"health":                                 {http.MethodGet, "/status", 0, nil, 0, 200, judged()},
		"a document":                             {http.MethodGet, "/openapi.json", 0, nil, 0, 200, judged()},
		"a path that is none":                    {http.MethodGet, "/v1/nothing", 0, nil, 0, 404, judged()},
		"a method that is none":                  {http.MethodPost, "/v1/reviews", 0, nil, 0, 405, judged()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				metrics := telemetry.NewMetrics(telemetry.Build{})
				handler, err := rest.New(slow{takes: c.takes, fails: c.fails}, rest.Options{CursorKey: make([]byte, 16), Metrics: metrics, Timeout: 10 * time.Second})
				require.NoError(t, err)
				before := telemetrytest.Read(t, metrics.Gatherer(), "falafel_slo_")
				assert.Len(t, before, 6, "all exist from the start")
				for series, n := range before {
					assert.Zero(t, n, series)
				}
				ctx, leave := context.WithCancel(t.Context())
				defer leave()
				if c.leaves > 0 {
					time.AfterFunc(c.leaves, leave)
				}
				in := httptest.NewRequestWithContext(ctx, c.method, c.path, strings.NewReader(plain))
				in.Header.Set("Content-Type", "application/json")
				out := httptest.NewRecorder()
				handler.ServeHTTP(out, in)
				assert.Equal(t, c.status, out.Code, out.Body.String())
				assert.Equal(t, c.want, telemetrytest.Read(t, metrics.Gatherer(), "falafel_slo_").Since(before))
				for series, n := range telemetrytest.Read(t, metrics.Gatherer(), "http_server_active_requests") {
					assert.Zero(t, n, series)
				}
			})
		})
	}
}

func TestAnAnswerThatIsBrokenOffIsCountedAll(t *testing.T) {
	t.Parallel()
	metrics := telemetry.NewMetrics(telemetry.Build{})
	handler, err := rest.New(slow{}, rest.Options{CursorKey: make([]byte, 16), Metrics: metrics, Timeout: 10 * time.Second})
	require.NoError(t, err)
	in := httptest.NewRequestWithContext(t.Context(), http.MethodPut, "/v1/restaurants/Habibi/reviews/019aa3c2-7d1e-7b0a-9c55-0d2f6f1a4e21", strings.NewReader(plain))
	in.Header.Set("Content-Type", "application/json")
	assert.PanicsWithValue(t, http.ErrAbortHandler, func() { handler.ServeHTTP(httptest.NewRecorder(), in) })
	all := telemetrytest.Read(t, metrics.Gatherer())
	assert.InDelta(t, 1, all[`http_requests_total{code="500",method="PUT",route="/v1/restaurants/{restaurant}/reviews/{id}"}`], 0)
	assert.InDelta(t, 1, all[`falafel_slo_requests_total{objective="availability",result="bad"}`], 0)
	assert.InDelta(t, 0, all[`http_server_active_requests{http_request_method="PUT",url_scheme="http"}`], 0)
}
