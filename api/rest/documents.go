package rest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"reflect"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// Version of the API that the OpenAPI document describes (semantic versioning).
const Version = "1.1.0"

func newAPI(mux *http.ServeMux) huma.API {
	configureHuma()
	return humago.New(mux, huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title:       "Falafel API",
				Version:     Version,
				Description: description,
				License:     &huma.License{Name: "MIT", Identifier: "MIT"},
				Contact:     &huma.Contact{Name: "Falafel API", URL: "https://github.com/pretendfriend/falafel-api/issues"},
			},
			Servers: []*huma.Server{
				{URL: "/", Description: "The service that this document is from"},
				{URL: "http://127.0.0.1:3000", Description: "go run ./devenv, or docker compose up"},
			},
			// Nobody has to say who they are. (An empty list: huma leaves it out.)
			Extensions: map[string]any{"security": []any{}},
			Tags: []*huma.Tag{
				{Name: "Reviews", Description: "What people say about a visit."},
				{Name: "Restaurants", Description: "What the reviews of a restaurant add up to."},
				{Name: "Earlier service", Description: "The routes that were there before v1, kept for its clients. New clients use v1."},
			},
			Components: &huma.Components{Schemas: huma.NewMapRegistry("#/components/schemas/", schemaName)},
		},
		Formats:                      map[string]huma.Format{"application/json": strictJSON, "json": suffixedJSON},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
	})
}

// configureHuma sets what huma has as variables of its package, once in a process: by
// then another API may be serving.
var configureHuma = sync.OnceFunc(func() {
	useProblems()
	// Arrays are [] and never null, and names of members are compared to the letter, as
	// everywhere in JSON.
	huma.DefaultArrayNullable = false
	huma.ValidateStrictCasing = true
})

const description = `Reviews of falafel restaurants.

**Errors** are problem details ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)) with a ` + "`type`" + ` for code and a ` + "`detail`" + ` for people. **Lists** come in pages: follow the ` + "`Link`" + ` header with ` + "`rel=\"next\"`" + ` until there is none. **Changes** can be made conditional with ` + "`ETag`" + ` and ` + "`If-Match`" + `, and repeatable with ` + "`Idempotency-Key`" + `. Every response carries ` + "`X-Request-Id`" + ` and, in ` + "`Server-Timing`" + `, the time that the database took and the capacity units that it consumed.`

// schemaName keeps the names of the Go types, and makes List[Review] a ReviewList.
func schemaName(t reflect.Type, hint string) string {
	switch t {
	case reflect.TypeFor[List[Review]]():
		return "ReviewList"
	case reflect.TypeFor[List[Restaurant]]():
		return "RestaurantList"
	}
	return huma.DefaultSchemaNamer(t, hint)
}

// Documents are the OpenAPI document of the API in its forms, by file name: 3.1 and
// 3.0.3, each as YAML and JSON. What the service serves is what is committed.
func Documents() (map[string][]byte, error) {
	mux := http.NewServeMux()
	api := newAPI(mux)
	registerReviews(api, nil, cursors{})
	registerRestaurants(api, nil, cursors{})
	registerEarlier(api, mux, nil, cursors{}, "")
	document := api.OpenAPI()
	defineProblems(document)
	describeHeaders(document)
	tellRules(document)
	linkOperations(document)
	documentDeprecations(document, deprecations)
	shareProblems(document)
	return render(document)
}

func render(document *huma.OpenAPI) (map[string][]byte, error) {
	documents := map[string][]byte{}
	for name, form := range map[string]func() ([]byte, error){
		"openapi.json":     document.MarshalJSON,
		"openapi.yaml":     document.YAML,
		"openapi-3.0.json": asOf30(document, document.Downgrade),
		"openapi-3.0.yaml": asOf30(document, document.DowngradeYAML),
	} {
		content, err := form()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if path.Ext(name) == ".json" {
			var indented bytes.Buffer
			if err := json.Indent(&indented, content, "", "  "); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			content = append(indented.Bytes(), '\n')
		}
		documents[name] = content
	}
	return documents, nil
}

// asOf30 renders a document that huma downgrades, but for the licence: SPDX identifiers
// came with 3.1.
func asOf30(document *huma.OpenAPI, render func() ([]byte, error)) func() ([]byte, error) {
	return func() ([]byte, error) {
		of31 := document.Info.License
		defer func() { document.Info.License = of31 }()
		document.Info.License = &huma.License{Name: "MIT", URL: "https://spdx.org/licenses/MIT.html"}
		return render()
	}
}

// serveDocuments serves the OpenAPI document in its forms.
// They are rendered for the first who asks: it takes longer than the rest of the start.
func serveDocuments(mux *http.ServeMux) {
	rendered := sync.OnceValues(Documents)
	for _, name := range []string{"openapi.json", "openapi.yaml", "openapi-3.0.json", "openapi-3.0.yaml"} {
		mediaType := "application/openapi+" + path.Ext(name)[1:]
		mux.HandleFunc("GET /"+name, func(w http.ResponseWriter, r *http.Request) {
			documents, err := rendered()
			if err != nil {
				slog.ErrorContext(r.Context(), "OpenAPI document", "error", err)
				writeProblem(w, r, problemInternal, "The error is in the log under the request id.")
				return
			}
			writeConditional(w, r, mediaType, documents[name])
		})
	}
}
