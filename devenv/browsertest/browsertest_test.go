package browsertest_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/browsertest"
)

// serve serves one page, with a policy that permits its own scripts.
func serve(t *testing.T, body, script string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'")
		if r.URL.Path == "/script.js" {
			w.Header().Set("Content-Type", "text/javascript")
			_, _ = w.Write([]byte(script + "\ndocument.title = 'done'"))
			return
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(`<!doctype html><link rel="icon" href="/icon">` + body + `<script src="/script.js"></script>`))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

const (
	patience = 20 * time.Second
	tick     = 20 * time.Millisecond
)

func show(t *testing.T, url string) *browsertest.Tab {
	t.Helper()
	tab := browsertest.Open(t)
	tab.Load(url, `document.title === "done"`)
	return tab
}

func TestAPageThatKeepsToItselfGivesNoCauseForComplaint(t *testing.T) {
	t.Parallel()
	url := serve(t, "", `console.log("hello"); console.warn("careful")`)
	tab := show(t, url)
	assert.Empty(t, tab.Complaints())
	assert.Subset(t, tab.Requests(), []string{url + "/", url + "/script.js"})
	assert.Equal(t, []string{"127.0.0.1"}, tab.Hosts())
}

func TestWhatAPageShouldNotDoIsTold(t *testing.T) {
	t.Parallel()
	for name, page := range map[string]struct {
		body, script string
		complaints   string // a part of one
		requested    bool   // elsewhere.example
		called       bool   // it, or an attempt at its name
	}{
		"an error on the console":         {script: `console.error("ouch")`, complaints: "ouch"},
		"an exception":                    {script: `setTimeout(() => { throw new Error("unforeseen") })`, complaints: "unforeseen"},
		"a rejection that nobody handles": {script: `Promise.reject(new Error("broken word"))`, complaints: "broken word"},
		"code from a string":              {script: `try { new Function("") } catch {}`, complaints: "kEvalViolation"},
		"an inline style":                 {body: `<p style="color: red">`, complaints: "kInlineViolation"},
		"a picture from elsewhere":        {body: `<img src="http://elsewhere.example/x.png">`, complaints: "img-src", requested: true},
		"a call to elsewhere":             {script: `fetch("http://elsewhere.example/").catch(() => {})`, complaints: "connect-src"},
		"a connection ahead of time":      {body: `<link rel="preconnect" href="http://elsewhere.example">`, called: true},
		"a name looked up ahead of time":  {body: `<link rel="dns-prefetch" href="http://elsewhere.example">`, called: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tab := show(t, serve(t, page.body, page.script))
			if page.complaints != "" {
				assert.EventuallyWithT(t, func(t *assert.CollectT) {
					assert.Contains(t, strings.Join(tab.Complaints(), "\n"), page.complaints)
				}, patience, tick)
			}
			if page.requested {
				assert.EventuallyWithT(t, func(t *assert.CollectT) {
					assert.Contains(t, strings.Join(tab.Requests(), "\n"), "http://elsewhere.example/")
				}, patience, tick)
			}
			if page.called {
				assert.NotEqual(t, []string{"127.0.0.1"}, tab.Hosts())
			}
		})
	}
}

func TestABrowserThatIsDemandedAndMissingFailsTheTest(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	require.NoError(t, err)
	for demand, want := range map[string]string{"": "SKIP: TestAPageThatKeepsToItself", "1": "FAIL: TestAPageThatKeepsToItself"} {
		command := exec.CommandContext(t.Context(), self, "-test.v", "-test.run=TestAPageThatKeepsToItself")
		command.Env = []string{"PATH=" + t.TempDir(), "FALAFEL_TEST_BROWSER=" + demand, "HOME=" + t.TempDir()}
		output, _ := command.CombinedOutput() // what it says is looked at
		assert.Contains(t, string(output), want)
		assert.Contains(t, string(output), "Chromium")
	}
}

func TestScreenshotsAreLeftWhereTheyAreAskedFor(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "new")
	t.Setenv("FALAFEL_TEST_SCREENSHOTS", folder)
	show(t, serve(t, "", "")).Screenshot("first")
	content, err := os.ReadFile(filepath.Join(folder, t.Name()+"-first.png"))
	require.NoError(t, err)
	assert.Equal(t, "\x89PNG", string(content[:4]))
}
