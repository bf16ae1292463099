package rest_test

import (
	"net/http"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEveryKindOfProblemHasAPage(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		index := s.get("/problems/").expect(t, http.StatusOK)
		links := regexp.MustCompile(`<a href="(/problems/[a-z-]+)">([^<]+)</a>`).FindAllStringSubmatch(index.body, -1)
		require.Len(t, links, 13)
		for _, link := range links {
			page := s.get(link[1]).expect(t, http.StatusOK)
			assert.Equal(t, "text/html; charset=utf-8", page.header.Get("Content-Type"))
			assert.Contains(t, page.body, "<h1>"+link[2]+"</h1>")
			assert.Contains(t, page.body, "<code>"+link[1]+"</code>")
			assert.Regexp(t, `(?s)<h2>What it means</h2>\s*<p>\w.{20,}\.</p>\s*<h2>What to do</h2>\s*<p>\w.{10,}\.</p>`, page.body)
			assert.Regexp(t, `^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; `, page.header.Get("Content-Security-Policy"))
			s.get(link[1]).with("If-None-Match", page.header.Get("ETag")).expect(t, http.StatusNotModified)
		}
		s.get("/problems/none").expect(t, http.StatusNotFound).problem(t, "not-found")
		s.post("/problems/validation", "").expect(t, http.StatusMethodNotAllowed).problem(t, "method-not-allowed")
	})
}

// The types that the document knows are those that have a page.
func TestTheAddressOfAProblemIsItsPage(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *service) {
		document := s.get("/openapi.yaml").expect(t, http.StatusOK).body
		types := regexp.MustCompile(`- (/problems/[a-z-]+)\n`).FindAllStringSubmatch(document, -1)
		require.NotEmpty(t, types)
		for _, kind := range types {
			s.get(kind[1]).expect(t, http.StatusOK)
		}
	})
}
