package requests_test

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/VictoriaMetrics/metricsql"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gofrs/uuid/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/rest"
	"github.com/pretendfriend/falafel-api/api/review"
	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/api/telemetry"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/embeddedtest"
	"github.com/pretendfriend/falafel-api/devenv/samples"
	"github.com/pretendfriend/falafel-api/terraform/cost/requests"
)

var update = flag.Bool("update", false, "write docs/requests-cost.md")

const (
	page   = "../../../docs/requests-cost.md"
	copies = 10 // of the samples, so that the shards of the indexes have more than a page
	times  = 20 // that each operation is called, each time on another restaurant
)

// service is the API on a table with reviews.
type service struct {
	api, metrics *httptest.Server
	reviews      [][]review.Review // by restaurant
}

func start(t *testing.T) *service {
	t.Helper()
	database := embeddedtest.Start(t)
	_, err := database.CreateTable(t.Context(), store.Definition("Reviews"))
	require.NoError(t, err)
	metrics := telemetry.NewMetrics(telemetry.Build{})
	reviews, err := store.Open(t.Context(), database, "Reviews", metrics, nil)
	require.NoError(t, err)
	api, err := rest.New(reviews, rest.Options{CursorKey: make([]byte, 32), Metrics: metrics, Timeout: time.Minute})
	require.NoError(t, err)
	s := &service{api: httptest.NewServer(api), metrics: httptest.NewServer(metrics.Handler()), reviews: many(t)}
	t.Cleanup(s.api.Close)
	t.Cleanup(s.metrics.Close)
	for _, of := range s.reviews {
		require.NoError(t, reviews.Import(t.Context(), of))
	}
	return s
}

// many are the samples again and again, the same in every run: under other names, with ids
// from a fixed seed.
func many(t *testing.T) [][]review.Review {
	t.Helper()
	random := uuid.NewGenWithOptions(uuid.WithRandomReader(rand.NewChaCha8([32]byte([]byte("what an operation costs, always ")))))
	var all [][]review.Review
	for n := range copies {
		restaurants, err := samples.Reviews()
		require.NoError(t, err)
		for _, of := range restaurants {
			for i := range of {
				of[i].Restaurant, err = review.ParseName(fmt.Sprintf("%s %d", of[i].Restaurant, n+1))
				require.NoError(t, err)
				of[i].ID, err = random.NewV7AtTime(of[i].CreatedAt())
				require.NoError(t, err)
			}
			all = append(all, of)
		}
	}
	return all
}

// operation is called with the number of the time, and with a restaurant and one of its
// reviews that no other call has.
type operation struct {
	method, route, what string
	status              int
	path                func(of []review.Review) string
	body                string
	header              func(n int) [2]string
}

const (
	falafel = `{"rating":4.5,"visited_at":"2026-11-20T12:30:00+01:00","cost":8.5,"comment":"Crisp outside, green inside, and the sauce is worth the queue."}`
	earlier = `{"falafel_restaurant":%q,"falafel_rating":4.5,"falafel_time":"2026-11-20T12:30:00Z","falafel_cost":8.5}`
)

func restaurant(of []review.Review) string {
	return "/v1/restaurants/" + url.PathEscape(string(of[0].Restaurant))
}
func reviewsOf(of []review.Review) string { return restaurant(of) + "/reviews" }
func newest(of []review.Review) string    { return reviewsOf(of) + "/" + of[len(of)-1].ID.String() }
func oldest(of []review.Review) string    { return reviewsOf(of) + "/" + of[0].ID.String() }
func at(path string) func([]review.Review) string {
	return func([]review.Review) string { return path }
}

func and(path func([]review.Review) string, query string) func([]review.Review) string {
	return func(of []review.Review) string { return path(of) + query }
}

func key(prefix string) func(int) [2]string {
	return func(n int) [2]string { return [2]string{"Idempotency-Key", prefix + strconv.Itoa(n)} }
}

// Reads come first, so that they all find the same; the replay comes behind its creation.
var operations = []operation{
	{method: "GET", route: "/v1/reviews", what: "20 newest", status: 200, path: at("/v1/reviews")},
	{method: "GET", route: "/v1/reviews", what: "100 newest", status: 200, path: at("/v1/reviews?limit=100")},
	{method: "GET", route: "/v1/restaurants", what: "20 best", status: 200, path: at("/v1/restaurants")},
	{method: "GET", route: "/v1/restaurants", what: "100 best", status: 200, path: at("/v1/restaurants?limit=100")},
	{method: "GET", route: "/v1/restaurants", what: "20 by name", status: 200, path: at("/v1/restaurants?sort=name")},
	{method: "GET", route: "/v1/restaurants/{restaurant}", status: 200, path: restaurant},
	{method: "GET", route: "/v1/restaurants/{restaurant}/reviews", what: "20 at most", status: 200, path: reviewsOf},
	{method: "GET", route: "/v1/restaurants/{restaurant}/reviews", what: "100 at most", status: 200, path: and(reviewsOf, "?limit=100")},
	{method: "GET", route: "/v1/restaurants/{restaurant}/reviews/{id}", status: 200, path: newest},
	{method: "GET", route: "/data", what: "1,000 at most", status: 200, path: func(of []review.Review) string {
		return "/data?falafel_restaurant=" + url.QueryEscape(string(of[0].Restaurant))
	}},
	{method: "GET", route: "/status", status: 200, path: at("/status")},
	{method: "POST", route: "/v1/restaurants/{restaurant}/reviews", what: "one more", status: 201, path: reviewsOf, body: falafel},
	{method: "POST", route: "/v1/restaurants/{restaurant}/reviews", what: "the first", status: 201, path: func(of []review.Review) string {
		return "/v1/restaurants/" + url.PathEscape("New "+string(of[0].Restaurant)) + "/reviews"
	}, body: falafel},
	{method: "POST", route: "/v1/restaurants/{restaurant}/reviews", what: "one more, with Idempotency-Key", status: 201, path: reviewsOf, body: falafel, header: key("n")},
	{method: "POST", route: "/v1/restaurants/{restaurant}/reviews", what: "the same again", status: 201, path: reviewsOf, body: falafel, header: key("n")},
	{method: "PUT", route: "/v1/restaurants/{restaurant}/reviews/{id}", status: 200, path: newest, body: falafel},
	{method: "PATCH", route: "/v1/restaurants/{restaurant}/reviews/{id}", status: 200, path: newest, body: `{"rating":3}`},
	{method: "DELETE", route: "/v1/restaurants/{restaurant}/reviews/{id}", status: 204, path: oldest},
	{method: "POST", route: "/data", status: 200, path: at("/data"), body: earlier},
}

// call makes one request.
func (s *service) call(t *testing.T, o operation, n int) {
	t.Helper()
	of := s.reviews[n*len(s.reviews)/times]
	body := o.body
	if body == earlier {
		body = fmt.Sprintf(earlier, of[0].Restaurant)
	}
	request, err := http.NewRequestWithContext(t.Context(), o.method, s.api.URL+o.path(of), strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	if o.method == http.MethodPatch {
		request.Header.Set("Content-Type", "application/merge-patch+json")
	}
	if o.header != nil {
		request.Header.Set(o.header(n)[0], o.header(n)[1])
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, o.status, response.StatusCode, "%s %s: %s", o.method, request.URL, answer)
}

var series = regexp.MustCompile(`^(falafel_request_consumed_units_total|falafel_dynamodb_calls_total)\{(.*)\} (\S+)$`)

// scrape sums by method, route and kind, and the calls of the database under "calls".
func (s *service) scrape(t *testing.T) map[string]float64 {
	t.Helper()
	response, err := http.Get(s.metrics.URL)
	require.NoError(t, err)
	defer response.Body.Close()
	sums := map[string]float64{}
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		found := series.FindStringSubmatch(lines.Text())
		if found == nil {
			continue
		}
		value, err := strconv.ParseFloat(found[3], 64)
		require.NoError(t, err)
		name := found[2]
		if found[1] == "falafel_dynamodb_calls_total" {
			name = "calls"
		}
		sums[name] += value
	}
	return sums
}

func (s *service) measure(t *testing.T, o operation) requests.Operation {
	t.Helper()
	before := s.scrape(t)
	for n := range times {
		s.call(t, o, n)
	}
	measured := requests.Operation{Method: o.method, Route: o.route, Case: o.what}
	for name, value := range s.scrape(t) {
		each := (value - before[name]) / times
		labels := fmt.Sprintf(`kind="%%s",method=%q,route=%q`, o.method, o.route)
		switch name {
		case "calls":
			measured.Calls = each
		case fmt.Sprintf(labels, "read"):
			measured.ReadUnits = each
		case fmt.Sprintf(labels, "write"):
			measured.WriteUnits = each
		default:
			assert.Zero(t, each, "%s %s is charged to %s", o.method, o.route, name)
		}
	}
	return measured
}

func TestThePageIsWhatWasMeasured(t *testing.T) {
	t.Parallel()
	s := start(t)
	total := 0
	for _, of := range s.reviews {
		total += len(of)
	}
	var measured []requests.Operation
	for _, o := range operations {
		measured = append(measured, s.measure(t, o))
	}
	want := requests.Markdown(len(s.reviews), total, measured)
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(want), 0o644))
	}
	is, err := os.ReadFile(page)
	require.NoError(t, err)
	assert.Equal(t, want, string(is), "go test ./terraform/cost/requests -update")

	for _, o := range measured {
		assert.Equal(t, o.Route == "/status", o.Million() == 0, "%s %s %s", o.Method, o.Route, o.Case)
		assert.Equal(t, o.Method == http.MethodGet || o.Case == "the same again", o.WriteUnits == 0, "%s %s %s", o.Method, o.Route, o.Case)
		assert.False(t, math.IsNaN(o.Million()))
	}
}

// Whoever adds an operation says what it costs.
func TestEveryOperationIsMeasured(t *testing.T) {
	t.Parallel()
	documents, err := rest.Documents()
	require.NoError(t, err)
	document, err := openapi3.NewLoader().LoadFromData(documents["openapi-3.0.json"])
	require.NoError(t, err)
	measured := map[string]bool{}
	for _, o := range operations {
		measured[o.method+" "+o.route] = true
	}
	for path, item := range document.Paths.Map() {
		for method := range item.Operations() {
			assert.True(t, measured[method+" "+path], "%s %s is not measured", method, path)
		}
	}
}

func TestTheExpressionIsPromQL(t *testing.T) {
	t.Parallel()
	expression, err := metricsql.Parse(requests.PromQL("1h"))
	require.NoError(t, err)
	text := string(expression.AppendString(nil))
	for _, part := range []string{"falafel_request_consumed_units_total", "http_requests_total", `kind="read"`, `kind="write"`, "0.1525", "0.7625"} {
		assert.Contains(t, text, part)
	}
	assert.True(t, json.Valid([]byte(strconv.Quote(requests.PromQL("5m")))))
}
