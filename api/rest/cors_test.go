package rest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// preflight is what a browser asks before it sends a request of another origin.
func (s *service) preflight(path, method, origin string) *request {
	return s.do(http.MethodOptions, path).with("Origin", origin).
		with("Access-Control-Request-Method", method).with("Access-Control-Request-Headers", "content-type,idempotency-key,if-match")
}

func accessControl(a *answer) (names []string) {
	for name := range a.header {
		if strings.HasPrefix(name, "Access-Control-") {
			names = append(names, name)
		}
	}
	return names
}

func TestBrowsersOfOtherOriginsGetNothingUnlessConfigured(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		for _, path := range []string{"/v1/reviews", "/status", "/data", "/nowhere"} {
			assert.Empty(t, accessControl(s.get(path).with("Origin", "https://example.com").send(t)), path)
		}
		assert.Empty(t, accessControl(s.preflight("/v1/reviews", "GET", "https://example.com").expect(t, http.StatusMethodNotAllowed)))
		assert.Empty(t, accessControl(s.preflight(reviewsPath("Habibi"), "POST", "null").expect(t, http.StatusMethodNotAllowed)))
	})
}

func TestBrowsersOfTheOriginsThatAreConfiguredMayCall(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		const ours = "https://falafel.example"
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			a := s.preflight(reviewsPath("Habibi"), method, ours).expect(t, http.StatusNoContent)
			assert.Equal(t, ours, a.header.Get("Access-Control-Allow-Origin"))
			assert.Contains(t, a.header.Get("Access-Control-Allow-Methods"), method)
			for _, name := range []string{"content-type", "idempotency-key", "if-match"} {
				assert.Contains(t, strings.ToLower(a.header.Get("Access-Control-Allow-Headers")), name)
			}
			assert.Equal(t, "7200", a.header.Get("Access-Control-Max-Age"))
			assert.Empty(t, a.header.Get("Access-Control-Allow-Credentials"))
		}
		for _, r := range []*request{s.listReviews(), s.get("/nowhere"), s.createReview("Habibi", "{}"), s.createReview("Habibi", plain), s.listEarlierReviews("Habibi"), s.createEarlierReview(strings.Repeat("x", 200_000))} {
			a := r.with("Origin", ours).send(t)
			assert.Equal(t, ours, a.header.Get("Access-Control-Allow-Origin"), r.path)
			assert.Contains(t, a.header.Values("Vary"), "Origin")
			for _, name := range []string{"ETag", "Link", "Location", "Server-Timing", "X-Request-Id", "Idempotency-Replayed", "Retry-After"} {
				assert.Contains(t, strings.ToLower(a.header.Get("Access-Control-Expose-Headers")), strings.ToLower(name))
			}
		}
		for _, other := range []string{"https://example.com", "http://falafel.example", "https://falafel.example.com", "https://falafel.example:8443", "https://evil-falafel.example", "null"} {
			assert.Empty(t, s.listReviews().with("Origin", other).expect(t, http.StatusOK).header.Get("Access-Control-Allow-Origin"), other)
			assert.Empty(t, s.preflight(reviewsPath("Habibi"), "POST", other).send(t).header.Get("Access-Control-Allow-Origin"), other)
		}
	}, withOrigins("https://falafel.example", "https://other.example"))
}

func TestAnOriginMayHaveAnyPort(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		for origin, allowed := range map[string]bool{
			"http://localhost:5173": true, "http://localhost:80": true,
			"http://localhost": false, "https://localhost:5173": false, "http://localhost.example:5173": false, "http://example.com": false,
		} {
			granted := s.listReviews().with("Origin", origin).expect(t, http.StatusOK).header.Get("Access-Control-Allow-Origin")
			assert.Equal(t, allowed, granted == origin, origin)
		}
	}, withOrigins("http://localhost:*"))
}
