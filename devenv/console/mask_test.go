package console_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/console"
	"github.com/pretendfriend/falafel-api/devenv/traces"
)

// secret is what must not be found again; each way in has one of its own.
func secret(n int) string { return fmt.Sprintf("S3CRET%02dwJalrXUtnFEMI", n) }

// Credentials go in by every way there is, and come out by none.
func TestNoCredentialComesOutAgain(t *testing.T) {
	t.Parallel()
	n := 0
	next := func() string { n++; return secret(n) }
	known := "known-" + next()

	buffer := traces.NewBuffer(traces.Limits{})
	c := newConsole(t, console.Options{Project: "p", Traces: buffer, Secrets: []string{known, "local"}})
	events := listen(t, c.run(t))
	answer := ""
	front := c.front(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("X-Request-Id", "an-id")
		w.Header().Set("Set-Cookie", "session="+secret(1))
		w.Header().Set("Location", "http://user:"+secret(1)+"@example.com/?token="+secret(1))
		if r.Header.Get("X-Packed") != "" {
			w.Header().Set("Content-Encoding", "gzip")
			packed := gzip.NewWriter(w)
			_, _ = io.WriteString(packed, answer)
			_ = packed.Close()
			return
		}
		_, _ = io.WriteString(w, answer)
	})

	var headers []string
	for _, name := range []string{
		"Authorization", "Proxy-Authorization", "Cookie", "X-Amz-Security-Token", "X-Api-Key", "X-Auth-Token", "X-Csrf-Token",
		"Api_key", "X-Secret", "X-Password", "X-Amz-Signature", "X-Session-Id", "X-Vault-Token",
	} {
		headers = append(headers, name, next())
	}
	headers = append(headers, "X-Other", "Bearer "+next(), "X-Known", known, "X-Key", "AKIA"+strings.Repeat("Q", 16))
	texts := []string{
		`{"password":"` + next() + `","a":1}`,
		`{ "aws_secret_access_key" : "` + next() + `\" ` + next() + `", "b": 2 }`,
		`{"secretAccessKey":{"S":"` + next() + `"}}`,
		`{"inner":"{\"password\":\"` + next() + `\",\"x\":{\"S\":\"\"}}"}`,
		`{"access_token":"` + next() + `"}`, `{"SessionToken":"` + next() + `"}`,
		"password=" + next() + "&user=a", "client_secret: " + next(), "api-key='" + next() + " " + next() + "'",
		"Authorization: Bearer " + next(), "authorization: AWS4-HMAC-SHA256 Credential=" + next() + ", Signature=" + next(),
		"Cookie: a=" + next() + "; b=" + next(),
		"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI" + "SIGNATUREJWT.x",
		"-----BEGIN RSA PRIVATE KEY-----\n" + next() + "\n-----END RSA PRIVATE KEY-----",
		"https://user:" + next() + "@example.com/", "key is ASIA" + strings.Repeat("Q", 16) + ".", known,
		`{"password":"` + next(), // cut
	}
	for _, text := range texts {
		answer = text
		do(t, http.MethodPost, front+"/v1/x?access_token="+secret(1)+"&X-Amz-Signature="+secret(1)+"&%70assword="+secret(1)+"&ok=1", text, headers...)
		do(t, http.MethodPost, front+"/v1/x", text, "X-Packed", "1")
	}
	log := c.LogWriter("api")
	for _, text := range texts {
		fmt.Fprintf(log, "%s\n", strings.ReplaceAll(text, "\n", `\n`))
		fmt.Fprintf(log, "time=2026-11-30T20:57:31.085Z level=INFO msg=%q error=%q request_id=an-id password=%s\n", text, text, next())
	}
	for i, text := range texts {
		buffer.Add(traces.Span{
			TraceID: fmt.Sprintf("%032x", i+1), SpanID: "00f067aa0ba902b7", Name: "GET", Message: text,
			Attributes: map[string]any{"header": text, "password": next()},
		})
	}
	c.SetBuild(console.Build{State: "failed", Output: strings.Join(texts, "\n"), Errors: []console.BuildError{{Text: "password=" + next()}}})
	c.SetService(console.Service{Name: "api", State: "failed", Detail: "token=" + next() + " " + known})

	outs := map[string]string{}
	read := func(path string) string {
		_, _, content := do(t, http.MethodGet, c.url+path, "")
		outs[path] = content
		return content
	}
	for _, path := range []string{"/api/state", "/api/logs?limit=5000", "/api/requests?limit=5000", "/api/traces?limit=1000"} {
		read(path)
	}
	for _, summary := range get[list](t, c, "/api/requests?limit=5000").Items {
		read(fmt.Sprintf("/api/requests/%d", summary.ID))
		for _, as := range []string{"curl", "go", "typescript"} {
			read(fmt.Sprintf("/api/requests/%d/copy?as=%s", summary.ID, as))
		}
	}
	for i := range texts {
		read(fmt.Sprintf("/api/traces/%032x", i+1))
	}
	unpacked, err := gzip.NewReader(strings.NewReader(read("/api/snapshot")))
	require.NoError(t, err)
	snapshot, err := io.ReadAll(unpacked)
	require.NoError(t, err)
	outs["/api/snapshot"] = string(snapshot)
	fmt.Fprintln(log, "the end")
	outs["/api/events"] = events.until(t, "the end")

	require.Contains(t, outs["/api/requests/1"], "ok=1", "what is no secret is there")
	for path, content := range outs {
		for _, never := range []string{"S3CRET", "wJalr", "SIGNATUREJWT", strings.Repeat("Q", 8)} {
			if at := strings.Index(content, never); at >= 0 {
				t.Errorf("%s shows %s: …%s…", path, never, content[max(0, at-120):min(len(content), at+60)])
				break
			}
		}
	}
}

// What only looks like a credential stays.
func TestWhatIsNoCredentialStays(t *testing.T) {
	t.Parallel()
	c := newConsole(t, console.Options{Secrets: []string{"local"}})
	front := c.front(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })
	for _, text := range []string{
		`{"ClientRequestToken":"9222bb42-a7a3-40be-9374-e229eeaa7f00","pk":{"S":"RESTAURANT#My Falafel"}}`,
		`{"comment":"the key to a basic falafel: tokens of love, asia style"}`,
		`{"cursor":"HyLTV7dlgEuCFe29x0dfPphKDB94","local":"local"}`,
		`ASIAN falafel, AKIA restaurant at http://example.com:80/a@b`,
	} {
		do(t, http.MethodPost, front+"/v1/x?cursor=abc", text, "Idempotency-Key", "my-first-review")
		r := c.last(t)
		assert.Equal(t, text, r.Request.Body.Text)
		assert.Equal(t, text, r.Response.Body.Text)
		assert.Equal(t, "/v1/x?cursor=abc", r.Path)
		assert.Contains(t, r.Request.Headers, [2]string{"Idempotency-Key", "my-first-review"})
	}
}

func TestAnUnreadableEncodingIsNotKept(t *testing.T) {
	t.Parallel()
	c := newConsole(t, console.Options{})
	front := c.front(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "br")
		_, _ = w.Write(bytes.Repeat([]byte("x"), 10))
	})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, front, http.NoBody)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	response.Body.Close()
	body := c.last(t).Response.Body
	assert.Contains(t, body.Note, "br")
	assert.Empty(t, body.Text+string(body.Base64))
}
