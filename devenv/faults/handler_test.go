package faults_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/pretendfriend/falafel-api/devenv/faults"
)

func TestHandler(t *testing.T) {
	t.Parallel()
	const throttling = `{"kind":"throttling","share":0.5,"text":"throttling for 50 % of all calls"}`
	const latency = `{"kind":"latency","access_pattern":"create a review","share":1,"delay_ms":1.5,"text":"latency of 1.5ms for create a review"}`
	const number = `1` + "0000000000000000000"
	handler := faults.Handler(faults.NewProxy(&url.URL{Scheme: "http", Host: "127.0.0.1:1"}))
	for _, test := range []struct { // one after the other
		method, query, body string
		status              int
		answer              string // the list, or the detail of the problem
	}{
		{"GET", "", "", 200, `[]`},
		{"PUT", "", `{"kind":"throttling","share":0.5}`, 200, `[` + throttling + `]`},
		{"PUT", "", `{"kind":"latency","access_pattern":"create a review","delay_ms":1.5}`, 200, `[` + throttling + `,` + latency + `]`},
		{"GET", "", "", 200, `[` + throttling + `,` + latency + `]`},

		{"PUT", "", `{"kind":"fire"}`, 422, `there is no fault "fire": they are latency, throttling, errors, conflicts, stale, gone, lost`},
		{"PUT", "", `{"kind":"gone","share":0}`, 422, `a fault hits a share of the calls above 0 and up to 1, and not 0`},
		{"PUT", "", `{"kind":"latency","delay_ms":60001}`, 422, `latency needs a delay above 0 and up to 1m0s, and not 1m0.001s`},
		{"PUT", "", `{"kind":"latency","delay_ms":` + number + `}`, 422, `delay_ms is up to 60000, and not 1e+19`},
		{"PUT", "", `{"kind":"latency","delay_ms":-` + number + `}`, 422, `delay_ms is up to 60000, and not -1e+19`},
		{"PUT", "", latency, 422, `the text of a fault is made of the rest: leave it out`},
		{"PUT", "", `{"kind":"gone","speed":1}`, 400, `the body is not understood: /speed is not known here`},
		{"PUT", "", `{"kind":"gone","share":"1"}`, 400, `the body is not understood: /share cannot be a JSON string`},
		{"PUT", "", `[]`, 400, `the body is not understood: it cannot be a JSON [`},
		{"PUT", "", `{"kind":"gone"`, 400, `the body is not understood: unexpected EOF after offset 14`},
		{"PUT", "", `{"kind":"` + strings.Repeat("x", 5000) + `"}`, 413, `the body must have at most 4096 bytes`},
		{"DELETE", "?kind=gone", "", 404, `that fault is not switched on`},
		{"DELETE", "?kind=latency", "", 404, `that fault is not switched on`},
		{"DELETE", "?access_pattern=create+a+review", "", 400, `an access_pattern alone names no fault: name its kind as well`},
		{"DELETE", "?kinds=gone", "", 400, `"kinds" is asked: name a kind and an access_pattern, each once, or nothing to switch all off`},
		{"DELETE", "?kind=gone&kind=lost", "", 400, `"kind" is asked: name a kind and an access_pattern, each once, or nothing to switch all off`},

		{"DELETE", "?kind=latency&access_pattern=create+a+review", "", 200, `[` + throttling + `]`},
		{"DELETE", "", "", 200, `[]`},
		{"DELETE", "", "", 200, `[]`},
	} {
		r := httptest.NewRequest(test.method, "/api/faults"+test.query, strings.NewReader(test.body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		what := test.method + " " + test.query + " " + test.body
		assert.Equal(t, test.status, w.Code, "%s: %s", what, w.Body)
		assert.Equal(t, "no-store", w.Header().Get("Cache-Control"))
		if test.status == http.StatusOK {
			assert.Equal(t, "application/json", w.Header().Get("Content-Type"))
			assert.JSONEq(t, test.answer, w.Body.String(), what)
			continue
		}
		assert.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
		assert.Contains(t, w.Body.String(), `"detail":"`+strings.ReplaceAll(test.answer, `"`, `\"`)+`"`, what)
	}
}

// A form of another origin can send these types without being asked first.
func TestOnlyJSONIsTaken(t *testing.T) {
	t.Parallel()
	proxy := faults.NewProxy(&url.URL{Scheme: "http", Host: "127.0.0.1:1"})
	for _, mediaType := range []string{"", "text/plain", "application/x-www-form-urlencoded", "text/plain; x=application/json"} {
		r := httptest.NewRequest(http.MethodPut, "/api/faults", strings.NewReader(`{"kind":"gone"}`))
		r.Header.Set("Content-Type", mediaType)
		w := httptest.NewRecorder()
		faults.Handler(proxy).ServeHTTP(w, r)
		assert.Equal(t, http.StatusUnsupportedMediaType, w.Code, mediaType)
	}
	assert.Empty(t, proxy.Faults())
}
