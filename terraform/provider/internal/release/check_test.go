package release_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/rest"
	"github.com/pretendfriend/falafel-api/api/review"
	"github.com/pretendfriend/falafel-api/openapi/goclient"
	"github.com/pretendfriend/falafel-api/terraform/provider/internal/release"
	"github.com/pretendfriend/falafel-api/terraform/provider/internal/release/releasetest"
)

const canaryRestaurant = "~ Falafel release check"

func checkOf(p *releasetest.Public, named string) release.Check {
	return release.Check{URL: p.URL, Path: rest.HealthPath, Header: rest.ReleaseHeader, Release: named, Interval: time.Millisecond}
}

// within has the context end when the test has no more patience.
func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeoutCause(t.Context(), d, errors.New("the timeout is over"))
	t.Cleanup(cancel)
	return ctx
}

// left are the reviews of checks.
func left(t *testing.T, p *releasetest.Public) (ids []string) {
	t.Helper()
	client, err := goclient.New(p.URL)
	require.NoError(t, err)
	for review, err := range client.ReviewsOf(t.Context(), canaryRestaurant) {
		require.NoError(t, err)
		ids = append(ids, review.ID.String())
	}
	return ids
}

func TestAReleaseThatWorksPassesAndLeavesNothing(t *testing.T) {
	t.Parallel()
	p := releasetest.Serve(t, "sha256:new")
	var seen []string
	p.Break(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			call := r.Method
			for _, header := range []string{"Idempotency-Key", "If-Match"} {
				if r.Header.Get(header) != "" {
					call += " " + header
				}
			}
			seen = append(seen, call) // one request at a time
			next.ServeHTTP(w, r)
		})
	})
	require.NoError(t, checkOf(p, "sha256:new").Run(t.Context()))
	assert.Equal(t, []string{"GET", "POST Idempotency-Key", "GET", "DELETE If-Match", "GET", "GET"}, seen)
	assert.Empty(t, left(t, p))
}

// Until the load balancer has caught up, the public sees what it saw.
func TestTheCheckWaitsForTheRelease(t *testing.T) {
	t.Parallel()
	p := releasetest.Serve(t, "sha256:old")
	var asked atomic.Int32
	p.Break(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch asked.Add(1) {
			case 1:
				w.WriteHeader(http.StatusBadGateway)
			case 4:
				p.Deploy(t, "sha256:new")
				fallthrough
			default:
				next.ServeHTTP(w, r)
			}
		})
	})
	require.NoError(t, checkOf(p, "sha256:new").Run(t.Context()))
	assert.GreaterOrEqual(t, asked.Load(), int32(5))
}

func status(code int) func(http.Handler) http.Handler {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(code)
		})
	}
}

func TestWhatWasLastSeenIsSaid(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault func(http.Handler) http.Handler
		said  string
	}{
		"another release": {func(next http.Handler) http.Handler { return next }, "/status still answers with release sha256:old, and not with sha256:new"},
		"an outage":       {status(http.StatusServiceUnavailable), "/status answers 503 Service Unavailable"},
		"a redirect":      {status(http.StatusMovedPermanently), "/status redirects to /elsewhere"},
		"no release":      {status(http.StatusOK), "without the header X-Release"},
		"a broken connection": {func(http.Handler) http.Handler {
			return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
		}, "/status does not answer: EOF"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := releasetest.Serve(t, "sha256:old")
			p.Break(test.fault)
			err := checkOf(p, "sha256:new").Run(within(t, 300*time.Millisecond))
			require.ErrorContains(t, err, test.said)
			assert.ErrorContains(t, err, "(the timeout is over)")
		})
	}
}

func TestACertificateThatNobodyKnowsIsRefused(t *testing.T) {
	t.Parallel()
	p := releasetest.Serve(t, "sha256:new")
	encrypted := httptest.NewUnstartedServer(p.Server.Config.Handler)
	encrypted.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // each handshake
	encrypted.StartTLS()
	t.Cleanup(encrypted.Close)
	p.URL = encrypted.URL
	err := checkOf(p, "sha256:new").Run(within(t, 500*time.Millisecond))
	assert.ErrorContains(t, err, "certificate signed by unknown authority")
}

// on answers a method of the reviews otherwise.
func on(method string, answer http.HandlerFunc) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == method && strings.HasPrefix(r.URL.Path, "/v1/") {
				answer(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

func TestAReleaseThatDoesNotKeepReviewsFails(t *testing.T) {
	t.Parallel()
	answers := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	tests := map[string]struct {
		fault func(http.Handler) http.Handler
		said  string
		left  int
	}{
		"refuses it":              {on(http.MethodPost, answers(http.StatusForbidden)), "does not store a review: 403 Forbidden", 0},
		"loses it":                {on(http.MethodGet, answers(http.StatusNotFound)), "does not find the review that it stored", 0},
		"does not delete it":      {on(http.MethodDelete, answers(http.StatusInternalServerError)), "does not delete the review", 1},
		"says that it deletes it": {on(http.MethodDelete, answers(http.StatusNoContent)), "still has the review", 1},
		"gives another back": {func(next http.Handler) http.Handler {
			return on(http.MethodGet, func(w http.ResponseWriter, r *http.Request) {
				recorded := httptest.NewRecorder()
				next.ServeHTTP(recorded, r)
				for name := range recorded.Header() {
					w.Header().Set(name, recorded.Header().Get(name))
				}
				w.Header().Del("Content-Length")
				w.WriteHeader(recorded.Code)
				_, _ = io.Copy(w, bytes.NewReader(bytes.Replace(recorded.Body.Bytes(), []byte("1.23"), []byte("1.24"), 1)))
			})(next)
		}, "does not give back the review that it stored", 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := releasetest.Serve(t, "sha256:new")
			p.Break(test.fault)
			err := checkOf(p, "sha256:new").Run(t.Context())
			require.ErrorContains(t, err, " answers with release sha256:new, but "+test.said)
			p.Break(func(next http.Handler) http.Handler { return next })
			assert.Len(t, left(t, p), test.left)
		})
	}
}

func TestWhatAnInterruptedCheckLeftIsSweptUpLater(t *testing.T) {
	t.Parallel()
	p := releasetest.Serve(t, "sha256:new")
	name, err := review.ParseName(canaryRestaurant)
	require.NoError(t, err)
	stored := func(at time.Time) string {
		made, err := review.New(name, review.Content{
			Rating: review.MustDecimal("0.1"), Cost: review.MustDecimal("1"), Currency: "EUR", Visited: at.Format(time.RFC3339),
		}, at)
		require.NoError(t, err)
		require.NoError(t, p.Store.Import(t.Context(), []review.Review{made}))
		return made.ID.String()
	}
	stored(time.Now().Add(-2 * time.Hour))
	running := stored(time.Now().Add(-time.Minute)) // of a check that runs at the same time
	require.NoError(t, checkOf(p, "sha256:new").Run(t.Context()))
	assert.Equal(t, []string{running}, left(t, p))
}
