package rest_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/rest"
	"github.com/pretendfriend/falafel-api/api/review"
	"github.com/pretendfriend/falafel-api/api/slo"
	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/api/telemetry"
	"github.com/pretendfriend/falafel-api/devenv/faults"
)

// labels are all values that the service's labels may have. They are known beforehand, so
// that the number of series is, whatever clients and the database send.
func labels(t testing.TB, s *service) map[string][]string {
	t.Helper()
	documents, err := rest.Documents()
	require.NoError(t, err)
	document, err := openapi3.NewLoader().LoadFromData(documents["openapi-3.0.json"])
	require.NoError(t, err)
	routes := slices.Concat(document.Paths.InMatchingOrder(), []string{
		telemetry.Unmatched, "/problems/{kind}", "/openapi.json", "/openapi.yaml", "/openapi-3.0.json", "/openapi-3.0.yaml",
	})
	methods := []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"}
	codes := []string{"200", "201", "204", "304", "400", "404", "405", "406", "408", "409", "412", "413", "415", "422", "500", "503"}
	var objectives, patterns []string
	for _, objective := range slo.Objectives() {
		objectives = append(objectives, objective.Name)
	}
	for _, pattern := range store.AccessPatterns() {
		patterns = append(patterns, pattern.Name)
	}
	operations := []string{"GetItem", "Query", "PutItem", "TransactWriteItems"}
	errorTypes := []string{
		"", "500", "503", "canceled", "timeout", "connection", "_OTHER", "TransactionCanceledException", "ProvisionedThroughputExceededException",
		"InternalServerError", "ConditionalCheckFailedException", "TransactionConflictException",
	}
	return map[string][]string{
		"method": append(methods, "OTHER"), "http_request_method": append(methods, "_OTHER"),
		"route": routes, "http_route": append(routes, ""),
		"code": codes, "http_response_status_code": codes, "error_type": errorTypes, "url_scheme": {"http"},
		"access_pattern": patterns, "operation": operations, "db_operation_name": operations,
		"db_system_name": {"aws.dynamodb"}, "db_collection_name": {s.table},
		"outcome":   {"ok", "condition_failed", "conflict", "throttled", "unavailable", "canceled", "error"},
		"kind":      {"read", "write"},
		"reason":    {"transaction_conflict", "summary_changed"},
		"change":    {"created", "replaced", "deleted", "imported"},
		"objective": objectives, "result": {"good", "bad"},
		"version": {""}, "release": {""}, "go_version": {runtime.Version()},
	}
}

// fixed requires that each label of our metrics has one of its values, and returns how many
// series there are.
func (s *service) fixed(t testing.TB, allowed map[string][]string) int {
	t.Helper()
	families, err := s.counts.Gatherer().Gather()
	require.NoError(t, err)
	series := 0
	for _, family := range families {
		name := family.GetName()
		if strings.HasPrefix(name, "go_") || strings.HasPrefix(name, "process_") || strings.HasPrefix(name, "promhttp_") {
			continue // of client_golang
		}
		most := 1
		for _, metric := range family.GetMetric() {
			series++
			bound := 1
			for _, label := range metric.GetLabel() {
				require.Contains(t, allowed[label.GetName()], label.GetValue(), "%s{%s}", name, label.GetName())
				bound *= len(allowed[label.GetName()])
			}
			most = bound
		}
		assert.LessOrEqual(t, len(family.GetMetric()), most, name)
	}
	return series
}

func TestSeriesStayFewWhateverClientsAndTheDatabaseSend(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		allowed := labels(t, s)
		m := s.create(t, "Habibi", plain)
		s.keyed("k", "Habibi", plain).expect(t, http.StatusCreated)
		s.keyed("k", "Habibi", plain).expect(t, http.StatusCreated)
		for _, write := range s.writes(s.create(t, "Other", plain)) {
			write().send(t)
		}
		s.getReview(m).with("If-None-Match", m.etag).expect(t, http.StatusNotModified)
		s.listReviewsOf("Habibi").expect(t, http.StatusOK)
		s.createEarlierReview(data(nil)).expect(t, http.StatusOK)
		s.listEarlierReviews("Habibi").expect(t, http.StatusOK)
		for _, kind := range []faults.Kind{faults.Throttling, faults.Errors, faults.Gone} {
			s.breaks(t, faults.Fault{Kind: kind, Share: 1})
			s.listRestaurants("").send(t)
			s.createReview("Habibi", plain).send(t)
			s.faults.Clear()
		}
		var series []int
		for round := range 3 {
			random := rand.New(rand.NewPCG(uint64(round), 8))
			for range 400 {
				hostile(s, random)
			}
			series = append(series, s.fixed(t, allowed))
		}
		t.Logf("series: %v", series)
		assert.Less(t, series[2], 600)
		assert.Less(t, series[2]-series[0], series[0]/10, "they do not grow with the requests")
	}, withFaults, withTimeout(2*time.Second))
}

// hostile sends a request that nobody should send, with something new in each of its parts.
func hostile(s *service, random *rand.Rand) {
	word := func() string { return fmt.Sprintf("x%x", random.Uint64()) }
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	path := pick("/"+word(), "/v1/"+word(), "/v1/restaurants/"+word(), "/v1/restaurants/"+word()+"/reviews", "/v1/restaurants/"+word()+"/reviews/"+word(),
		"/v1/reviews", "/data", "/problems/"+word(), "/"+strings.Repeat("../", 5)+word(), "//"+word(), "/%00"+word(), "/v1/restaurants/{restaurant}/reviews")
	in, err := http.NewRequest(pick("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW", strings.ToUpper(word())),
		s.api.URL+path+"?"+word()+"="+word(), strings.NewReader(pick("", word(), plain, "{}", "[")))
	if err != nil {
		return
	}
	for _, name := range []string{"X-Request-Id", "Traceparent", "Idempotency-Key", "User-Agent", "Origin", "X-Forwarded-For", "X-Forwarded-Proto", "X-" + word()} {
		in.Header.Set(name, word())
	}
	in.Header.Set(pick("Accept", "Content-Encoding", "If-Match", "If-None-Match", "X-Nothing"), pick(word(), "*/*", `"`+word()+`"`))
	in.Header.Set("Content-Type", pick("application/json", "text/"+word(), word(), mergePatch))
	out, err := http.DefaultTransport.RoundTrip(in)
	if err == nil {
		out.Body.Close()
	}
}

// FuzzLabels asks for anything, past net/http's own checks.
func FuzzLabels(f *testing.F) {
	for _, path := range []string{"/v1/reviews", "/v1/restaurants/%2F/reviews", "", "*", "/v1/restaurants//reviews/", "unmatched"} {
		f.Add("GET", path, "id")
		f.Add("b\x00d", path, "\xff")
	}
	metrics := telemetry.NewMetrics(telemetry.Build{})
	handler, err := rest.New(memory{stored: review.Review{}}, rest.Options{CursorKey: make([]byte, 16), Metrics: metrics, Timeout: time.Minute})
	require.NoError(f, err)
	s := &service{counts: metrics}
	allowed := labels(f, s)
	known := regexp.MustCompile(`^/(v1/restaurants/[^/]*/reviews|v1/restaurants/[^/]*|data|problems/.*|openapi.*)?$`)
	f.Fuzz(func(t *testing.T, method, path, id string) {
		if known.MatchString(path) && method == http.MethodGet {
			t.Skip("memory has no lists")
		}
		in := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", strings.NewReader(plain))
		in.Method, in.URL, in.RequestURI = method, &url.URL{Path: path}, path
		in.Header.Set("X-Request-Id", id)
		in.Header.Set("Traceparent", id)
		handler.ServeHTTP(httptest.NewRecorder(), in)
		s.fixed(t, allowed)
	})
}
