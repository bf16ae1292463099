package rest_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ask sends a request to the operators' port.
func (s *service) ask(t testing.TB, method, path string) *answer {
	t.Helper()
	r := s.do(method, path)
	r.server, r.public = s.metrics, false
	a, err := r.try(t.Context())
	require.NoError(t, err)
	return a
}

func TestMetricsCountRequestsByRoute(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		m := s.create(t, "Häbibi/50%", plain)
		s.getReview(m).expect(t, http.StatusOK)
		s.getReview(m).expect(t, http.StatusOK)
		s.getReview(m).with("If-None-Match", m.etag).expect(t, http.StatusNotModified)
		s.do(http.MethodHead, m.path).expect(t, http.StatusOK)
		s.getRestaurant("Nobody").expect(t, http.StatusNotFound)
		s.get("/v1/reviews?limit=0").expect(t, http.StatusUnprocessableEntity)
		s.listReviews().with("Accept", "text/html").expect(t, http.StatusNotAcceptable)
		s.createEarlierReview(data(nil)).expect(t, http.StatusOK)
		s.createEarlierReview(strings.Repeat("x", 102_401)).expect(t, http.StatusRequestEntityTooLarge)
		s.getStatus().expect(t, http.StatusOK)

		metrics := s.ask(t, http.MethodGet, "/metrics").body
		ours := regexp.MustCompile(`(?m)^http_(requests_total|response_duration_ms_count)\{.*$`).FindAllString(metrics, -1)
		for labels, count := range map[string]int{
			`code="201",method="POST",route="/v1/restaurants/{restaurant}/reviews"`:     1,
			`code="200",method="GET",route="/v1/restaurants/{restaurant}/reviews/{id}"`: 2,
			`code="304",method="GET",route="/v1/restaurants/{restaurant}/reviews/{id}"`: 1,
			`code="404",method="GET",route="/v1/restaurants/{restaurant}"`:              1,
			`code="422",method="GET",route="/v1/reviews"`:                               1,
			`code="406",method="GET",route="/v1/reviews"`:                               1,
			`code="200",method="POST",route="/data"`:                                    1,
			`code="413",method="POST",route="/data"`:                                    1,
			`code="200",method="GET",route="/status"`:                                   1,
		} {
			assert.Contains(t, ours, fmt.Sprintf("http_requests_total{%s} %d", labels, count))
			assert.Contains(t, ours, fmt.Sprintf("http_response_duration_ms_count{%s} %d", labels, count))
		}
		for _, line := range ours {
			assert.NotContains(t, line, "bibi", "a path is no label")
			assert.NotContains(t, line, m.ID)
		}
	})
}

func TestMetricsStayFewWhateverIsAsked(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		for i := range 20 {
			s.get(fmt.Sprintf("/nothing/%d", i)).expect(t, http.StatusNotFound)
			s.get(fmt.Sprintf("/v1/restaurants/x%d/", i)).expect(t, http.StatusNotFound)
			s.do(fmt.Sprintf("BREW%d", i), "/v1/reviews").expect(t, http.StatusMethodNotAllowed)
			s.do(fmt.Sprintf("BREW%d", i), fmt.Sprintf("/pot/%d", i)).expect(t, http.StatusNotFound)
		}
		metrics := s.ask(t, http.MethodGet, "/metrics").body
		series := regexp.MustCompile(`(?m)^http_requests_total\{.*$`).FindAllString(metrics, -1)
		assert.ElementsMatch(t, []string{
			`http_requests_total{code="404",method="GET",route="unmatched"} 40`,
			`http_requests_total{code="404",method="OTHER",route="unmatched"} 20`,
			`http_requests_total{code="405",method="OTHER",route="unmatched"} 20`,
		}, series)
	})
}

func TestOperationsAnswerOnlyWhatOperatorsAsk(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		for path, status := range map[string]int{"/metrics": 200, "/livez": 200, "/readyz": 200, "/": 404, "/data": 404, "/v1/reviews": 404} {
			assert.Equal(t, status, s.ask(t, http.MethodGet, path).status, path)
		}
		assert.Equal(t, http.StatusMethodNotAllowed, s.ask(t, http.MethodPost, "/metrics").status)
	})
}

func TestReadinessFollowsTheDatabaseAndLivenessDoesNot(t *testing.T) {
	t.Parallel()
	for name, outage := range map[string]state{"cut": cut, "silent": silent} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, s *service) {
				status := func(path string) int { return s.ask(t, http.MethodGet, path).status }
				assert.Equal(t, http.StatusOK, status("/readyz"))
				s.line.become(outage)
				assert.Equal(t, http.StatusServiceUnavailable, status("/readyz"))
				assert.Equal(t, http.StatusOK, status("/livez"))
				s.line.become(cut) // what was silent is a broken connection at the end
				s.line.become(sound)
				assert.Equal(t, http.StatusOK, status("/readyz"))
				assert.Equal(t, http.StatusOK, status("/livez"))
			}, withLine)
		})
	}
}

func TestAServiceThatStopsIsNotReadyAndStillServes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		s.operations.Drain()
		assert.Equal(t, http.StatusServiceUnavailable, s.ask(t, http.MethodGet, "/readyz").status)
		assert.Equal(t, http.StatusOK, s.ask(t, http.MethodGet, "/livez").status)
		s.create(t, "Habibi", plain)
	})
}

func TestTheLogHasTheRequestAndNotTheReview(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		id := "log-" + strings.ReplaceAll(t.Name(), "/", "-")
		secret := "whisper " + id
		body := strings.Replace(plain, "Crisp.", secret, 1)
		s.createReview("Habibi", body).with("X-Request-Id", id).with("Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").expect(t, http.StatusCreated)
		broken := strings.Replace(body, "4.5", "9", 1)
		s.createReview("Habibi", broken).with("Authorization", "Bearer "+secret).expect(t, http.StatusUnprocessableEntity)
		assert.Regexp(t, `"route":"/v1/restaurants/\{restaurant\}/reviews","status":201,.*"request_id":"`+regexp.QuoteMeta(id)+`","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"`, logged.String())
		assert.NotContains(t, logged.String(), secret)
	})
}

func TestARequestIDIsKeptIfItIsFitForALog(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		for _, fit := range []string{"a", "019aa3c2-7d1e-7b0a-9c55-0d2f6f1a4e21", strings.Repeat("x", 128), `"<>&`} {
			assert.Equal(t, fit, s.getStatus().with("X-Request-Id", fit).send(t).header.Get("X-Request-Id"))
		}
		for _, unfit := range []string{"", "a b", "ä", strings.Repeat("x", 129), "\xff", "a\tb"} {
			got := s.getStatus().with("X-Request-Id", unfit).send(t).header.Get("X-Request-Id")
			assert.Regexp(t, `^[0-9a-f-]{36}$`, got)
		}
	})
}
