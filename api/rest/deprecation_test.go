package rest_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/rest"
)

// One declaration is seen in every answer of the operation, and in the document.
func TestADeprecationIsDeclaredOnce(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, time.December, 1, 0, 0, 0, 0, time.UTC)
	sunset := time.Date(2027, time.June, 30, 23, 59, 59, 0, time.UTC)
	for name, c := range map[string]struct {
		declared         map[string]rest.Deprecation
		deprecation, end string
		description      string
		extensions       map[string]any
	}{
		"with a sunset": {
			map[string]rest.Deprecation{"GET /old": {Since: since, Sunset: sunset, Successor: "getNew"}},
			"@1796083200", "Wed, 30 Jun 2027 23:59:59 GMT",
			"Old. Deprecated since 2026-12-01: use getNew. It goes on 2027-06-30.",
			map[string]any{"x-sunset": "2027-06-30"},
		},
		"without": {
			map[string]rest.Deprecation{"GET /old": {Since: since, Successor: "getNew"}},
			"@1796083200", "", "Old. Deprecated since 2026-12-01: use getNew.", nil,
		},
		"of another method": {map[string]rest.Deprecation{"POST /old": {Since: since, Successor: "getNew"}}, "", "", "Old.", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mux := http.NewServeMux()
			mux.Handle("GET /old", rest.Deprecating(c.declared, http.NotFoundHandler()))
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				w := httptest.NewRecorder()
				mux.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, "/old", nil))
				assert.Equal(t, http.StatusNotFound, w.Code)
				assert.Equal(t, c.deprecation, w.Header().Get("Deprecation"))
				assert.Equal(t, c.end, w.Header().Get("Sunset"))
			}

			operation := &huma.Operation{Method: http.MethodGet, Path: "/old", Description: "Old.", Responses: map[string]*huma.Response{
				"200": {Headers: map[string]*huma.Param{}}, "404": {Headers: map[string]*huma.Param{}},
			}}
			document := &huma.OpenAPI{}
			document.AddOperation(operation)
			rest.DocumentDeprecations(document, c.declared)
			assert.Equal(t, c.deprecation != "", operation.Deprecated)
			assert.Equal(t, c.description, operation.Description)
			assert.Equal(t, c.extensions, operation.Extensions)
			for status, response := range operation.Responses {
				headers := map[string]string{"Deprecation": c.deprecation, "Sunset": c.end}
				for header, value := range headers {
					if value == "" {
						assert.NotContains(t, response.Headers, header, status)
						continue
					}
					require.Contains(t, response.Headers, header, status)
					assert.Equal(t, value, response.Headers[header].Example)
					assert.True(t, response.Headers[header].Required)
				}
			}
		})
	}
}
