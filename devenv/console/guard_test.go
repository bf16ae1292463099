package console_test

import (
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/console"
)

// What a page of another origin can make a browser send reads nothing and changes nothing.
func TestOnlyThePageAndProgramsOfThisMachineAreAnswered(t *testing.T) {
	t.Parallel()
	c := newConsole(t, console.Options{Page: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })})
	c.url = c.run(t)
	_, port, err := net.SplitHostPort(strings.TrimPrefix(c.url, "http://"))
	require.NoError(t, err)
	own := "http://127.0.0.1:" + port
	const (
		read, change, send, traces, page = "GET /api/state", "DELETE /api/requests", "POST /api/send", "POST /v1/traces", "GET /"
	)
	for name, test := range map[string]struct {
		ask     string
		headers []string
		want    int
	}{
		"a program reads":                   {read, nil, 200},
		"by another name":                   {read, []string{"Host", "localhost:" + port}, 200},
		"by IPv6":                           {read, []string{"Host", "[::1]:" + port}, 200},
		"by any loopback address":           {read, []string{"Host", "127.1.2.3:" + port}, 200},
		"a name that was bent (rebinding)":  {read, []string{"Host", "evil.example:" + port}, 403},
		"one that looks right":              {read, []string{"Host", "localhost.evil.example:" + port}, 403},
		"an address of the network":         {read, []string{"Host", "192.168.1.2:" + port}, 403},
		"another port":                      {read, []string{"Host", "127.0.0.1:1"}, 403},
		"no port":                           {read, []string{"Host", "127.0.0.1"}, 403},
		"the page itself, bent":             {page, []string{"Host", "evil.example:" + port}, 403},
		"its own page reads":                {read, []string{"Sec-Fetch-Site", "same-origin"}, 200},
		"another page reads":                {read, []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"}, 403},
		"another origin reads":              {read, []string{"Origin", "http://evil.example"}, 403},
		"the API's own docs read":           {read, []string{"Origin", "http://127.0.0.1:3000", "Sec-Fetch-Site", "same-site"}, 403},
		"a sandboxed frame reads":           {read, []string{"Origin", "null"}, 403},
		"events for another page":           {"GET /api/events", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		"a link leads here":                 {page, []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}, 200},
		"a link leads to the API":           {read, []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}, 403},
		"a frame of another page":           {page, []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"}, 403},
		"its own page changes":              {change, []string{"Origin", own, "Sec-Fetch-Site", "same-origin"}, 204},
		"a program changes":                 {change, []string{"X-Falafel-Console", "1"}, 204},
		"nobody changes":                    {change, nil, 403},
		"another page changes":              {change, []string{"Origin", "http://evil.example"}, 403},
		"another page, with the header":     {change, []string{"Origin", "http://evil.example", "X-Falafel-Console", "1"}, 403},
		"another port of this machine":      {change, []string{"Origin", "http://127.0.0.1:3000"}, 403},
		"the same, by https":                {change, []string{"Origin", "https://127.0.0.1:" + port}, 403},
		"a site that says no origin":        {change, []string{"X-Falafel-Console", "1", "Sec-Fetch-Site", "cross-site"}, 403},
		"bent, with an origin that fits":    {change, []string{"Host", "evil.example:" + port, "Origin", "http://evil.example:" + port}, 403},
		"a form (CSRF)":                     {send, []string{"Origin", own, "Content-Type", "application/x-www-form-urlencoded"}, 415},
		"a form of text":                    {send, []string{"Origin", own, "Content-Type", "text/plain"}, 415},
		"a form that resets":                {"POST /api/reset", []string{"Origin", own, "Content-Type", "application/x-www-form-urlencoded"}, 415},
		"no type":                           {send, []string{"Origin", own}, 415},
		"JSON":                              {send, []string{"Origin", own, "Content-Type", "application/json; charset=utf-8"}, 400},
		"a preflight":                       {"OPTIONS /api/send", []string{"Origin", "http://evil.example", "Access-Control-Request-Method", "POST"}, 403},
		"traces of a program":               {traces, []string{"Content-Type", "application/x-protobuf"}, 200},
		"traces of a page":                  {traces, []string{"Content-Type", "application/x-protobuf", "Origin", own}, 403},
		"traces of a page, without Origin":  {traces, []string{"Content-Type", "application/x-protobuf", "Sec-Fetch-Site", "same-origin"}, 403},
		"traces under a name that was bent": {traces, []string{"Content-Type", "application/x-protobuf", "Host", "evil.example:" + port}, 403},
		"what is not there":                 {"GET /api/nothing", nil, 404},
		"a snapshot that is not open":       {"GET /snapshots/1/api/state", nil, 404},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			method, path, _ := strings.Cut(test.ask, " ")
			status, header, content := do(t, method, c.url+path, "", test.headers...)
			assert.Equal(t, test.want, status, content)
			assert.Contains(t, header.Get("Content-Security-Policy"), "default-src 'none'; script-src 'self'")
			assert.Equal(t, "nosniff", header.Get("X-Content-Type-Options"))
			assert.Empty(t, header.Get("Access-Control-Allow-Origin"))
			if test.want >= 400 {
				assert.Equal(t, "application/problem+json", header.Get("Content-Type"))
			}
		})
	}
}
