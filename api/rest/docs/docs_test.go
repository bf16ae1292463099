package docs_test

import (
	"compress/gzip"
	"crypto/sha256"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/rest"
	"github.com/pretendfriend/falafel-api/api/rest/docs"
	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/api/telemetry"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/embeddedtest"
)

// serve is the API on a database of its own, with the page or without.
func serve(t *testing.T, page bool) *httptest.Server {
	t.Helper()
	const table = "FalafelReviews"
	client := embeddedtest.Start(t)
	_, err := client.CreateTable(t.Context(), store.Definition(table))
	require.NoError(t, err)
	reviews, err := store.Open(t.Context(), client, table, nil, nil)
	require.NoError(t, err)
	key, err := reviews.CursorKey(t.Context())
	require.NoError(t, err)
	api, err := rest.New(reviews, rest.Options{CursorKey: key, Metrics: telemetry.NewMetrics(telemetry.Build{}), Timeout: 10 * time.Second, Docs: page})
	require.NoError(t, err)
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	return server
}

type answer struct {
	*http.Response
	body string // as it came
}

// send asks as the header says, and does not decompress.
func send(t *testing.T, server *httptest.Server, method, path string, header http.Header) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, http.NoBody)
	require.NoError(t, err)
	request.Header = header
	transport := &http.Transport{DisableCompression: true}
	defer transport.CloseIdleConnections()
	response, err := transport.RoundTrip(request)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return answer{response, string(body)}
}

func get(t *testing.T, server *httptest.Server, path string) answer {
	t.Helper()
	return send(t, server, http.MethodGet, path, http.Header{})
}

// parts are the paths of all that the page names.
func parts(t *testing.T, page string) []string {
	t.Helper()
	var paths []string
	for _, match := range regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		paths = append(paths, "/"+match[1])
	}
	require.Greater(t, len(paths), 3)
	return paths
}

func renderer(t *testing.T, page string) string {
	t.Helper()
	path := regexp.MustCompile(`docs/scalar-[0-9.]+\.js`).FindString(page)
	require.NotEmpty(t, path)
	return "/" + path
}

func TestThePageAndAllThatItNamesAreServed(t *testing.T) {
	t.Parallel()
	server := serve(t, true)
	page := get(t, server, "/docs")
	require.Equal(t, http.StatusOK, page.StatusCode)
	assert.Equal(t, "text/html; charset=utf-8", page.Header.Get("Content-Type"))
	for _, path := range parts(t, page.body) {
		part := get(t, server, path)
		assert.Equal(t, http.StatusOK, part.StatusCode, path)
		assert.NotEmpty(t, part.body, path)
		assert.NotContains(t, part.Header.Get("Content-Type"), "octet-stream", path)
		assert.Equal(t, "nosniff", part.Header.Get("X-Content-Type-Options"), path)
	}
}

func TestThePageMayTalkToItsOwnServerOnly(t *testing.T) {
	t.Parallel()
	page := get(t, serve(t, true), "/docs")
	assert.Equal(t, "no-referrer", page.Header.Get("Referrer-Policy"))
	directives := map[string]string{}
	for directive := range strings.SplitSeq(page.Header.Get("Content-Security-Policy"), "; ") {
		name, sources, _ := strings.Cut(directive, " ")
		directives[name] = sources
	}
	assert.Equal(t, map[string]string{
		"default-src": "'none'", "script-src": "'self'", "connect-src": "'self'", "img-src": "'self' data:",
		"style-src": "'self' 'unsafe-inline'", "base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'",
	}, directives)
	assert.NotRegexp(t, `<script(>| [^>]*>[^<])|<style|style=|\son[a-z]+=|https?:|src="//`, page.body, "nothing inline, and no other server")
}

func TestTheRendererComesInGzipToThoseWhoTakeIt(t *testing.T) {
	t.Parallel()
	server := serve(t, true)
	path := renderer(t, get(t, server, "/docs").body)
	plain := get(t, server, path)
	require.Equal(t, http.StatusOK, plain.StatusCode)
	assert.Positive(t, strings.Count(plain.body, "createApiReference"))
	tags := map[bool]string{}
	for accept, compressed := range map[string]bool{
		"": false, "identity": false, "br": false, "gzip;q=0": false, "*;q=0": false, "*, gzip;q=0": false, "gzip;q=0, *": false, "gzipped": false, "gzip;;": false,
		"gzip": true, "GZIP": true, "x-gzip": true, "deflate, gzip;q=0.5": true, "*": true, "br;q=1.0, *;q=0.1": true, "gzip; q=0.001": true,
	} {
		a := send(t, server, http.MethodGet, path, http.Header{"Accept-Encoding": {accept}})
		assert.Equal(t, http.StatusOK, a.StatusCode, accept)
		assert.Equal(t, "Accept-Encoding", a.Header.Get("Vary"), accept)
		assert.EqualValues(t, len(a.body), a.ContentLength, accept)
		tags[compressed] = a.Header.Get("ETag")
		if !compressed {
			assert.Empty(t, a.Header.Get("Content-Encoding"), accept)
			assert.Equal(t, sha256.Sum256([]byte(plain.body)), sha256.Sum256([]byte(a.body)), accept)
			continue
		}
		assert.Equal(t, "gzip", a.Header.Get("Content-Encoding"), accept)
		reader, err := gzip.NewReader(strings.NewReader(a.body))
		require.NoError(t, err, accept)
		content, err := io.ReadAll(reader)
		require.NoError(t, err, accept)
		assert.Equal(t, sha256.Sum256([]byte(plain.body)), sha256.Sum256(content), accept)
	}
	assert.NotEqual(t, tags[true], tags[false], "two representations")
}

func TestWhatABrowserHasIsNotSentAgain(t *testing.T) {
	t.Parallel()
	server := serve(t, true)
	page := get(t, server, "/docs").body
	for _, path := range append(parts(t, page), "/docs", "/docs/notices.txt") {
		for _, encoding := range []string{"gzip", "identity"} {
			header := http.Header{"Accept-Encoding": {encoding}}
			first := send(t, server, http.MethodGet, path, header)
			require.NotEmpty(t, first.Header.Get("ETag"), path)
			header.Set("If-None-Match", first.Header.Get("ETag"))
			again := send(t, server, http.MethodGet, path, header)
			assert.Equal(t, http.StatusNotModified, again.StatusCode, "%s, %s", path, encoding)
			assert.Empty(t, again.body, path)
			assert.Equal(t, first.Header.Get("ETag"), again.Header.Get("ETag"), path)
			header.Set("If-None-Match", `"another"`)
			assert.Equal(t, http.StatusOK, send(t, server, http.MethodGet, path, header).StatusCode, path)
		}
	}
	assert.Equal(t, "public, max-age=31536000, immutable", get(t, server, renderer(t, page)).Header.Get("Cache-Control"))
	for _, changing := range []string{"/docs", "/docs/docs.js", "/docs/icon.svg", "/docs/notices.txt"} {
		assert.Equal(t, "no-cache", get(t, server, changing).Header.Get("Cache-Control"), changing)
	}
}

func TestHEADSaysWhatGETWould(t *testing.T) {
	t.Parallel()
	server := serve(t, true)
	for _, path := range []string{"/docs", "/docs/docs.js", renderer(t, get(t, server, "/docs").body)} {
		for _, encoding := range []string{"gzip", "identity"} {
			header := http.Header{"Accept-Encoding": {encoding}}
			full, head := send(t, server, http.MethodGet, path, header), send(t, server, http.MethodHead, path, header)
			assert.Equal(t, http.StatusOK, head.StatusCode, path)
			assert.Empty(t, head.body, path)
			for _, name := range []string{"Content-Type", "Content-Length", "Content-Encoding", "ETag", "Cache-Control", "Vary"} {
				assert.Equal(t, full.Header.Get(name), head.Header.Get(name), "%s of %s", name, path)
			}
		}
	}
}

func TestTheLicencesOfWhatIsInsideCanBeRead(t *testing.T) {
	t.Parallel()
	notices := get(t, serve(t, true), "/docs/notices.txt")
	require.Equal(t, http.StatusOK, notices.StatusCode)
	for _, owner := range []string{"Scalar", "Yuxi (Evan) You", "highlight.js", "Apache License"} {
		assert.Positive(t, strings.Count(notices.body, owner), owner)
	}
}

func TestWhatIsNoPartOfThePageIsAnsweredAsAnyUnknownPath(t *testing.T) {
	t.Parallel()
	with, without := serve(t, true), serve(t, false)
	page := get(t, with, "/docs").body
	for _, path := range []string{"/docs/", "/docs/nothing.js", "/docs/index.html", "/docs/../docs.go", "/docs/assets/docs.js", "/docs/scalar-0.0.0.js"} {
		notFound(t, get(t, with, path), path)
	}
	for _, path := range append(parts(t, page), "/docs", "/docs/notices.txt") {
		switched := get(t, without, path)
		if strings.HasPrefix(path, "/openapi") {
			assert.Equal(t, http.StatusOK, switched.StatusCode, "%s stays", path)
			continue
		}
		notFound(t, switched, path)
	}
	posted := send(t, with, http.MethodPost, docs.Path, http.Header{})
	assert.Equal(t, http.StatusMethodNotAllowed, posted.StatusCode)
	assert.Equal(t, "GET, HEAD", posted.Header.Get("Allow"))
}

func notFound(t *testing.T, a answer, path string) {
	t.Helper()
	assert.Equal(t, http.StatusNotFound, a.StatusCode, path)
	assert.Equal(t, "application/problem+json", a.Header.Get("Content-Type"), path)
	assert.Contains(t, a.body, `"/problems/not-found"`, path)
	assert.Empty(t, a.Header.Get("Content-Security-Policy"), path)
}
