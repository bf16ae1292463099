package console_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/console"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/dynamodbtest"
	"github.com/pretendfriend/falafel-api/devenv/faults"
)

func serveTap(t *testing.T, c watched, db *dynamodbtest.Backend) string {
	t.Helper()
	endpoint, err := url.Parse(db.Endpoint)
	require.NoError(t, err)
	server := httptest.NewServer(c.Database(faults.NewProxy(endpoint)))
	t.Cleanup(server.Close)
	return server.URL
}

// direct is the database itself.
func direct(t *testing.T, db *dynamodbtest.Backend) http.Handler {
	t.Helper()
	handler, err := (&dynamodb.Server{Kind: dynamodb.Kind(db.Endpoint), Endpoint: db.Endpoint}).Handler()
	require.NoError(t, err)
	return handler
}

// echo is what arrived at the API.
type echo struct {
	method, target string
	header         http.Header
	body           []byte
}

func echoing(t *testing.T, options console.Options) (c watched, front string, arrived chan echo) {
	t.Helper()
	arrived = make(chan echo, 100)
	c = newConsole(t, options)
	front = c.front(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		arrived <- echo{r.Method, r.RequestURI, r.Header.Clone(), body}
		w.WriteHeader(http.StatusCreated)
	})
	return c, front, arrived
}

func TestAReplayIsTheSameRequest(t *testing.T) {
	t.Parallel()
	c, front, arrived := echoing(t, console.Options{})
	body := "grüße\x00\xff"
	do(t, http.MethodPut, front+"/v1/a%2Fb?q=%C3%A4&q", body, "Content-Type", "text/plain", "X-Twice", "1", "X-Twice", "2",
		"Authorization", "Bearer 0123456789", "Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "X-Request-Id", "mine")
	first, original := <-arrived, c.last(t)
	status, content := c.command(t, http.MethodPost, fmt.Sprintf("/api/requests/%d/replay", original.ID), "{}")
	require.Equal(t, http.StatusOK, status, content)
	var answer struct{ ID uint64 }
	require.NoError(t, json.Unmarshal([]byte(content), &answer))
	again := <-arrived
	assert.Equal(t, first.method, again.method)
	assert.Equal(t, first.target, again.target)
	assert.Equal(t, body, string(again.body))
	assert.Equal(t, []string{"1", "2"}, again.header["X-Twice"])
	assert.Empty(t, again.header["Authorization"], "which is not known any more")
	assert.Empty(t, again.header["X-Request-Id"], "or the API would tell of two as of one")
	replayed := c.request(t, answer.ID)
	assert.Equal(t, original.ID, replayed.ReplayOf)
	assert.Equal(t, http.StatusCreated, replayed.Status)
	assert.NotEqual(t, original.TraceID, replayed.TraceID)
}

func TestWhatCannotBeReplayedSaysWhy(t *testing.T) {
	t.Parallel()
	c, front, _ := echoing(t, console.Options{Limits: console.Limits{BodyBytes: 100}})
	for says, send := range map[string]func(){
		"not kept whole":    func() { do(t, http.MethodPost, front, strings.Repeat("x", 101)) },
		"had a credential":  func() { do(t, http.MethodPost, front, `{"password":"x"}`) },
		"body was not kept": func() { do(t, http.MethodPost, front, "packed", "Content-Encoding", "br") },
	} {
		send()
		status, content := c.command(t, http.MethodPost, fmt.Sprintf("/api/requests/%d/replay", c.last(t).ID), "{}")
		assert.Equal(t, http.StatusConflict, status)
		assert.Contains(t, content, says)
	}
	status, _ := c.command(t, http.MethodPost, "/api/requests/99/replay", "{}")
	assert.Equal(t, http.StatusNotFound, status)
}

func TestOnlyTheAPIIsSentTo(t *testing.T) {
	t.Parallel()
	c, _, arrived := echoing(t, console.Options{})
	for _, path := range []string{"http://evil.example/", "//evil.example/", "evil", "", "/a b", "/a\r\nX: 1"} {
		body, err := json.Marshal(map[string]any{"method": "GET", "path": path})
		require.NoError(t, err)
		status, content := c.command(t, http.MethodPost, "/api/send", string(body))
		assert.Equal(t, http.StatusUnprocessableEntity, status, "%q: %s", path, content)
	}
	for _, wrong := range []string{
		`{"method":"A B","path":"/"}`, `{"method":"CONNECT","path":"/"}`, `{"method":"GET","path":"/","headers":[["A b","c"]]}`,
		`{"method":"GET","path":"/","headers":[["A","b\r\nC: d"]]}`,
	} {
		status, content := c.command(t, http.MethodPost, "/api/send", wrong)
		assert.Equal(t, http.StatusUnprocessableEntity, status, "%s: %s", wrong, content)
	}
	assert.Empty(t, arrived)
	status, content := c.command(t, http.MethodPost, "/api/send",
		`{"method":"POST","path":"/v1/x?y=%20","headers":[["host","api.example"],["X-A","1"],["Content-Length","999"],["Transfer-Encoding","chunked"]],"body":{"base64":"/wA="}}`)
	require.Equal(t, http.StatusOK, status, content)
	sent := <-arrived
	assert.Equal(t, "/v1/x?y=%20", sent.target)
	assert.Equal(t, []byte{0xff, 0}, sent.body)
	assert.Equal(t, "1", sent.header.Get("X-A"))
}

var update = flag.Bool("update", false, "write the golden files anew")

// hostile are requests whose quoting goes wrong first.
var hostile = map[string]struct {
	method, path, body string
	headers            []string
}{
	"simple": {"GET", "/v1/restaurants?limit=3", "", []string{"Accept-Language", "de"}},
	"post":   {"POST", "/v1/restaurants/My%20Falafel/reviews", review, []string{"Content-Type", "application/json", "Idempotency-Key", "k"}},
	"quotes": {"POST", "/v1/x?a='b'&c=$(id)&d=`id`&e=[1-3]{a,b}", "it's $HOME `id` $(id) \"x\" \\ ! # %s \n@file\n`", []string{"X-A", "it's \"$HOME\" `id`", "Content-Type", "text/plain"}},
	"at":     {"PUT", "/v1/x", "@/etc/passwd", nil},
	"binary": {"POST", "/v1/x", "\x00\xff\n'%\\", []string{"Content-Type", "application/octet-stream"}},
	"script": {"POST", "/v1/%3Cscript%3E", "</script><!-- \u2028 \u2029 -->", []string{"Content-Type", "text/plain"}},
	"head":   {"HEAD", "/../status", "", []string{"X-Empty", ""}},
	"secret": {"DELETE", "/v1/x?token=abc", "", []string{"Authorization", "Bearer 0123456789"}},
}

// A copy is what somebody pastes: it is run, and has to be the same request.
func TestCopiesAreTheSameRequest(t *testing.T) {
	t.Parallel()
	const placeholder = "http://127.0.0.1:3000"
	for name, sent := range hostile {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, front, arrived := echoing(t, console.Options{Front: placeholder})
			raw(t, front, sent.method, sent.path, sent.body, sent.headers)
			first := <-arrived
			id := c.last(t).ID
			for as, run := range map[string]func(t *testing.T, text string){"curl": runShell, "go": runGo, "typescript": runNode} {
				_, header, text := do(t, http.MethodGet, fmt.Sprintf("%s/api/requests/%d/copy?as=%s", c.url, id, as), "")
				assert.Contains(t, header.Get("Content-Type"), "text/plain")
				golden(t, filepath.Join("testdata", "copies", name+"."+as), text)
				if name == "secret" {
					assert.Contains(t, text, "Authorization had a credential, which is not kept: add it.")
					continue
				}
				if as != "curl" && (strings.Contains(sent.path, "..") || testing.Short()) {
					continue // only curl can be kept from tidying it
				}
				run(t, strings.ReplaceAll(text, placeholder, front))
				select {
				case again := <-arrived:
					assert.Equal(t, first.method, again.method, as)
					if as != "typescript" { // the URL standard encodes quotes
						assert.Equal(t, first.target, again.target, as)
					}
					assert.Equal(t, first.body, again.body, as)
					for i := 0; i+1 < len(sent.headers); i += 2 {
						assert.Equal(t, first.header[sent.headers[i]], again.header[sent.headers[i]], as)
					}
				default:
					t.Logf("NOT run: %s", as)
				}
			}
			status, _, _ := do(t, http.MethodGet, fmt.Sprintf("%s/api/requests/%d/copy?as=perl", c.url, id), "")
			assert.Equal(t, http.StatusBadRequest, status)
		})
	}
}

// raw sends a request as it is written, which Go's client would tidy.
func raw(t *testing.T, front, method, target, body string, headers []string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, front, strings.NewReader(body))
	require.NoError(t, err)
	path, query, _ := strings.Cut(target, "?")
	request.URL.Opaque, request.URL.RawQuery = path, query
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Add(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	response.Body.Close()
}

func golden(t *testing.T, path, text string) {
	t.Helper()
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), text, "go test ./devenv/console -run Copies -update writes it")
}

func runShell(t *testing.T, text string) {
	t.Helper()
	if _, err := exec.LookPath("curl"); err == nil {
		output, err := exec.CommandContext(t.Context(), "sh", "-c", text).CombinedOutput()
		require.NoError(t, err, "%s\n%s", text, output)
	}
}

func runGo(t *testing.T, text string) {
	t.Helper()
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "copied_test.go"), []byte(text), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "go.mod"), []byte("module copied\n\ngo 1.26\n"), 0o600))
	command := exec.CommandContext(t.Context(), "go", "test", ".")
	command.Dir = folder
	command.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	output, err := command.CombinedOutput()
	require.NoError(t, err, "%s\n%s", text, output)
	formatted := exec.CommandContext(t.Context(), "gofmt")
	formatted.Stdin = strings.NewReader(text)
	tidy, err := formatted.Output()
	require.NoError(t, err)
	assert.Equal(t, string(tidy), text)
}

func runNode(t *testing.T, text string) {
	t.Helper()
	if _, err := exec.LookPath("node"); err == nil {
		command := exec.CommandContext(t.Context(), "node", "--input-type=module")
		command.Stdin = strings.NewReader(text)
		output, err := command.CombinedOutput()
		require.NoError(t, err, "%s\n%s", text, output)
		assert.True(t, bytes.HasPrefix(output, []byte("201")), "%s", output)
	}
}
