package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/pretendfriend/falafel-api/api/review"
)

// Version of the API that the OpenAPI document describes (semantic versioning).
const Version = "1.0.0"

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
			},
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
	case reflect.TypeFor[jsonPatchOperation]():
		return "JSONPatchOperation"
	}
	return huma.DefaultSchemaNamer(t, hint)
}

// describeErrors says in the document what each status of an error means here, and
// shows one: huma has no more than the status's name.
func describeErrors(document *huma.OpenAPI) {
	for _, item := range document.Paths {
		for _, operation := range []*huma.Operation{item.Get, item.Put, item.Post, item.Patch, item.Delete} {
			if operation == nil {
				continue
			}
			for code, response := range operation.Responses {
				content := response.Content[problemMediaTypeValue]
				if content == nil {
					continue
				}
				var titles []string
				for _, kind := range problemKinds {
					if strconv.Itoa(kind.status) != code {
						continue
					}
					titles = append(titles, fmt.Sprintf("%s (`/problems/%s`).", kind.title, kind.slug))
					if content.Example == nil {
						content.Example = kind.new(context.Background(), "")
					}
				}
				response.Description = strings.Join(titles, " ")
			}
		}
	}
}

// notModified documents the answer to a GET whose If-None-Match names what is there.
func notModified() map[string]*huma.Response {
	return map[string]*huma.Response{"304": {Description: "The client has it: the entity tag is the one in If-None-Match."}}
}

// Documents are the OpenAPI document of the API in its forms, by file name: 3.1 and
// 3.0.3, each as YAML and JSON. What the service serves is what is committed.
func Documents() (map[string][]byte, error) {
	mux := http.NewServeMux()
	api := newAPI(mux)
	registerReviews(api, nil, cursors{})
	registerRestaurants(api, nil, cursors{})
	registerEarlier(api, mux, nil, cursors{})
	return render(api.OpenAPI())
}

func render(document *huma.OpenAPI) (map[string][]byte, error) {
	describeErrors(document)
	documents := map[string][]byte{}
	for name, form := range map[string]func() ([]byte, error){
		"openapi.json":     document.MarshalJSON,
		"openapi.yaml":     document.YAML,
		"openapi-3.0.json": document.Downgrade,
		"openapi-3.0.yaml": document.DowngradeYAML,
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

// serveDocuments serves the OpenAPI document in its forms, and a page to read it on.
// They are rendered for the first who asks: it takes longer than the rest of the start.
func serveDocuments(api huma.API, mux *http.ServeMux) {
	rendered := sync.OnceValues(func() (map[string][]byte, error) { return render(api.OpenAPI()) })
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
	// huma's page, from an API of its own: it registers documents as well, which it
	// renders at the first request without a lock.
	pages := http.NewServeMux()
	humago.New(pages, huma.Config{OpenAPI: &huma.OpenAPI{Info: api.OpenAPI().Info}, OpenAPIPath: "/openapi", DocsPath: "/docs"})
	mux.Handle("GET /docs", pages)
}

// documentEarlier describes the earlier service's routes as they are.
func documentEarlier(api huma.API) {
	registry := api.OpenAPI().Components.Schemas
	earlierReview := registry.Schema(reflect.TypeFor[EarlierReview](), true, "")
	registry.SchemaFromRef(earlierReview.Ref).AdditionalProperties = true // echoed, not stored
	earlierError := registry.Schema(reflect.TypeFor[EarlierError](), true, "")
	failed := func(description, example string) *huma.Response {
		return &huma.Response{Description: description, Content: map[string]*huma.MediaType{"application/json": {
			Schema:  earlierError,
			Example: map[string]any{"error": example},
		}}}
	}
	one := map[string]any{"falafel_restaurant": "Habibi", "falafel_rating": 4.5, "falafel_time": "2023-10-03T14:30:00Z", "falafel_cost": 8.5}
	tags := []string{"Earlier service"}
	text := func(s string) *huma.Schema { return &huma.Schema{Type: huma.TypeString, Description: s} }

	api.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "getStatus", Method: http.MethodGet, Path: "/status", Tags: tags,
		Summary:     "Is the server running?",
		Description: "Says that the process answers; it does not ask the database.",
		Responses: map[string]*huma.Response{"200": {Description: "It is.", Content: map[string]*huma.MediaType{
			"text/plain": {Schema: text("Always the same text."), Example: statusText},
		}}},
	})
	api.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "postData", Method: http.MethodPost, Path: earlierPath, Tags: tags, Deprecated: true,
		Summary:     "Add a review (earlier service)",
		Description: "Stores a review and answers what was sent, further members included. Every review is kept, where the earlier service kept one for each restaurant. Use createReview.",
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: earlierReview, Example: one}}},
		Responses: map[string]*huma.Response{
			"200": {Description: "Stored.", Content: map[string]*huma.MediaType{"application/json": {Schema: earlierReview, Example: one}}},
			"400": failed("A field is missing, empty, zero or null; or breaks a rule; or the body is no JSON.", errMissingFields),
			"408": failed("The body did not arrive in time.", "The body did not arrive in time."),
			"413": failed("The body is too large.", "A request has at most "+strconv.Itoa(MaxBodyBytes)+" bytes."),
			"415": failed("The charset or content encoding is not supported.", `unsupported charset "latin1": JSON is UTF-8`),
			"500": failed("The database failed.", errInsert),
		},
	})
	longest := review.MaxEarlierPage
	api.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "getData", Method: http.MethodGet, Path: earlierPath, Tags: tags, Deprecated: true,
		Summary:     "List the reviews of a restaurant (earlier service)",
		Description: "The reviews of one restaurant, newest first; at most 1,000, then a `Link` to the next. Use listRestaurantReviews.",
		Parameters: []*huma.Param{
			{Name: "falafel_restaurant", In: "query", Required: true, Description: "Name of the restaurant.", Schema: &huma.Schema{Type: huma.TypeString, MinLength: new(1)}, Example: "Habibi"},
			{Name: "cursor", In: "query", Description: "Where the page begins: from the Link of the page before.", Schema: text("Opaque.")},
			{Name: "If-None-Match", In: "header", Description: "ETag that the client has.", Schema: text("Entity tag.")},
		},
		Responses: map[string]*huma.Response{
			"200": {
				Description: "The reviews; none is [].",
				Headers: map[string]*huma.Param{
					"ETag": {Description: "Entity tag of the answer.", Schema: text("Weak entity tag.")},
					"Link": {Description: `Where the next page is, with rel="next".`, Schema: text("RFC 8288.")},
				},
				Content: map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Type: huma.TypeArray, Items: earlierReview, MaxItems: &longest}, Example: []any{one}}},
			},
			"304": {Description: "The client has it."},
			"400": failed("The parameter is missing or empty, or no name.", errMissingRestaurant),
			"500": failed("The database failed.", errFetch),
		},
	})
}
