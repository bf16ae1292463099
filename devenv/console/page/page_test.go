package page_test

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/console/page"
)

func get(t *testing.T, handler http.Handler, method, target string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), method, target, http.NoBody)
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	return recorder
}

func TestThePageIsServedWithWhatItIsMadeOf(t *testing.T) {
	t.Parallel()
	handler := page.Handler()
	served := 0
	err := fs.WalkDir(os.DirFS("assets"), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		served++
		target := "/" + name
		if name == "index.html" {
			target = "/"
		}
		response := get(t, handler, http.MethodGet, target)
		want, err := os.ReadFile(path.Join("assets", name))
		require.NoError(t, err)
		assert.Equal(t, http.StatusOK, response.Code, name)
		assert.Equal(t, string(want), response.Body.String(), name)
		assert.Equal(t, map[string]string{
			".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
			".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8",
		}[path.Ext(name)], response.Header().Get("Content-Type"), name)
		assert.Equal(t, page.Policy, response.Header().Get("Content-Security-Policy"), name)
		assert.Equal(t, "nosniff", response.Header().Get("X-Content-Type-Options"), name)

		again := get(t, handler, http.MethodGet, target, "If-None-Match", response.Header().Get("ETag"))
		assert.Equal(t, http.StatusNotModified, again.Code, name)
		head := get(t, handler, http.MethodHead, target)
		assert.Equal(t, http.StatusOK, head.Code, name)
		return nil
	})
	require.NoError(t, err)
	assert.Greater(t, served, 20)
}

func TestWhatIsNotOfThePageIsNotServed(t *testing.T) {
	t.Parallel()
	for name, asked := range map[string]struct {
		method, target string
		status         int
	}{
		"another file":         {http.MethodGet, "/page.go", http.StatusNotFound},
		"a folder":             {http.MethodGet, "/app/", http.StatusNotFound},
		"a way out":            {http.MethodGet, "/../page.go", http.StatusNotFound},
		"the page by its file": {http.MethodGet, "/index.html", http.StatusNotFound},
		"a change":             {http.MethodPost, "/", http.StatusMethodNotAllowed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, asked.status, get(t, page.Handler(), asked.method, asked.target).Code)
		})
	}
}

var (
	imported = regexp.MustCompile(`(?:from ?|import ?)"([^"\s]+)"`)
	linked   = regexp.MustCompile(`(?:src|href)="([^"]+)"`)
	unsafe   = regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|dangerously|\beval\(|new Function|https?://[a-z]`)
)

// It is served below other paths as well, and offline.
func TestThePageNeedsNothingButItsOwnFiles(t *testing.T) {
	t.Parallel()
	index, err := os.ReadFile("assets/index.html")
	require.NoError(t, err)
	for _, link := range linked.FindAllStringSubmatch(string(index), -1) {
		assert.FileExists(t, path.Join("assets", link[1]))
		assert.False(t, strings.HasPrefix(link[1], "/"), link[1])
	}
	modules, err := fs.Glob(os.DirFS("."), "assets/*/*.js")
	require.NoError(t, err)
	for _, module := range modules {
		content, err := os.ReadFile(module)
		require.NoError(t, err)
		own := strings.Contains(module, "/app/")
		for _, name := range imported.FindAllStringSubmatch(string(content), -1) {
			if own || strings.HasPrefix(name[1], ".") {
				assert.FileExists(t, path.Join(path.Dir(module), name[1]), module)
			}
		}
		if own {
			for i, line := range strings.Split(string(content), "\n") {
				found := unsafe.FindString(line)
				if found != "" && !strings.Contains(line, "http://127.0.0.1") {
					t.Errorf("%s:%d has %s: %s", module, i+1, found, line)
				}
			}
		}
	}
}
