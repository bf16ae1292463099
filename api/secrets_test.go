package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/dynamodbtest"
)

// A spiteful database says in its errors all that it was told in headers, as AWS does of
// those that it was to check a signature of.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html
func spiteful(header http.Header) string {
	var lines strings.Builder
	for name, values := range header {
		fmt.Fprintf(&lines, `%s:%s\n`, strings.ToLower(name), strings.ReplaceAll(strings.Join(values, ","), `"`, ""))
	}
	return "The Canonical String for this request should have been 'POST\\n/\\n\\n" + lines.String() + "'"
}

func TestNoSecretIsInTheLogHoweverTheDatabaseFails(t *testing.T) {
	t.Parallel()
	const (
		accessKey    = "ASIAIOSFODNN7EXAMPLE"
		sessionToken = "hushSESSIONtoken0123456789=="
		hush         = "hushHUSH0123456789" // in whatever a client sends
	)
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		backend, err := url.Parse(db.Endpoint)
		require.NoError(t, err)
		var fail atomic.Pointer[http.HandlerFunc]
		proxy := httputil.NewSingleHostReverseProxy(backend)
		database := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if with := fail.Load(); with != nil {
				_, _ = io.Copy(io.Discard, r.Body)
				(*with)(w, r)
				return
			}
			proxy.ServeHTTP(w, r)
		}))
		t.Cleanup(database.Close)
		a := start(t, environ(database.URL, db.Table(t, store.Definition("")),
			"AWS_ACCESS_KEY_ID="+accessKey, "AWS_SESSION_TOKEN="+sessionToken, "FALAFEL_LOG_LEVEL=debug", "FALAFEL_REQUEST_TIMEOUT=3s"))

		asks := func() {
			for method, path := range map[string]string{
				http.MethodGet: "/v1/restaurants/%s/reviews?cursor=%s&token=%[2]s", http.MethodPost: "/v1/restaurants/%s/reviews?password=%s",
				http.MethodPut: "/v1/restaurants/%s/reviews/%s", http.MethodDelete: "/v1/restaurants/%s/reviews/019aa3c2-7d1e-7b0a-9c55-0d2f6f1a4e21?x=%s",
				http.MethodPatch: "/v1/%s?%s", "BREW": "/%s?%s", http.MethodHead: "/data?falafel_restaurant=%s&session=%s",
			} {
				for _, body := range []string{
					fmt.Sprintf(`{"rating":4.5,"visited_at":"2026-11-20T12:30:00Z","cost":8.5,"comment":%q}`, hush), fmt.Sprintf(`{"password":%q}`, hush), hush,
				} {
					request, err := http.NewRequestWithContext(t.Context(), method, a.public+fmt.Sprintf(path, hush, hush), strings.NewReader(body))
					require.NoError(t, err)
					for _, name := range []string{"Authorization", "Cookie", "Idempotency-Key", "User-Agent", "X-Api-Key", "X-Amz-Security-Token", "Referer", "X-Forwarded-For", "Traceparent", "Tracestate", "Baggage", "Accept-Language", "Origin"} {
						request.Header.Set(name, hush)
					}
					request.Header.Set("X-Request-Id", "not fit "+hush)
					request.Header.Set("Content-Type", "application/json")
					response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(request) // unseen: its requests are no client's
					require.NoError(t, err)
					response.Body.Close()
				}
			}
			status, _ := get(t, a.operations+"/readyz")
			assert.Contains(t, []int{http.StatusOK, http.StatusServiceUnavailable}, status)
		}
		asks()
		for name, with := range map[string]http.HandlerFunc{
			"the signature does not match": func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(http.StatusBadRequest)
				fmt.Fprintf(w, `{"__type":"com.amazon.coral.service#InvalidSignatureException","message":"%s"}`, spiteful(r.Header))
			},
			"it fails": func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(http.StatusInternalServerError)
				fmt.Fprintf(w, `{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"%s"}`, spiteful(r.Header))
			},
			"it answers what is no JSON": func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, spiteful(r.Header)) },
			"a page of a proxy": func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "text/html")
				w.WriteHeader(http.StatusForbidden)
				fmt.Fprint(w, "<pre>", spiteful(r.Header))
			},
			"it breaks off": func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "1000")
				fmt.Fprint(w, `{"Item":`)
				panic(http.ErrAbortHandler)
			},
			"it is not there": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		} {
			t.Log(name)
			fail.Store(&with)
			asks()
			a.awaitLine(t, `"level":"ERROR"`)
			fail.Store(nil)
		}
		require.NoError(t, a.command.Process.Signal(syscall.SIGTERM))
		require.NoError(t, <-a.exited)
		all := a.lines() + a.stderr.String()
		for _, secret := range []string{accessKey, sessionToken, strings.Trim(sessionToken, "="), secret, hush, "aws4_request", "AWS4-HMAC"} {
			assert.NotContains(t, all, secret)
		}
		assert.Contains(t, all, "should have been", "the errors are told")
		assert.Contains(t, all, "[redacted]")
	})
}
