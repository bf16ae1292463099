package rest

import (
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/pretendfriend/falafel-api/api/review"
)

// documentEarlier describes the earlier service's routes as they are.
func documentEarlier(api huma.API) {
	registry := api.OpenAPI().Components.Schemas
	earlierReview := registry.Schema(reflect.TypeFor[EarlierReview](), true, "")
	sent := &huma.Schema{Ref: "#/components/schemas/EarlierReviewInput"}
	earlierError := registry.Schema(reflect.TypeFor[EarlierError](), true, "")
	failed := func(description, example string) *huma.Response {
		return &huma.Response{Description: description, Content: map[string]*huma.MediaType{"application/json": {
			Schema:  earlierError,
			Example: map[string]any{"error": example},
		}}}
	}
	one := map[string]any{"falafel_restaurant": "Habibi", "falafel_rating": 4.5, "falafel_time": "2023-10-03T14:30:00Z", "falafel_cost": 8.5}
	tags := []string{"Earlier service"}
	etag := &huma.Param{Required: true, Description: "Weak entity tag of the answer.", Schema: matching(etagPattern), Example: `W/"0f1e2d3c4b5a69788796a5b4"`}
	ifNoneMatch := &huma.Param{Name: "If-None-Match", In: "header", Description: "ETag that the client has.", Schema: text(), Example: etag.Example}
	unchanged := func() *huma.Response {
		return &huma.Response{Description: "The client has it.", Headers: map[string]*huma.Param{"ETag": etag}}
	}
	release := &huma.Param{
		Description: "Which deployment of the service answers, as whoever deployed it calls it. Where it was not said, the header is absent.",
		Schema:      text(), Example: "sha256:3f4b0c6f5f6a0f3d6a1c1c0e7d9f4e2b8a7c5d3e1f0a9b8c7d6e5f4a3b2c1d0e",
	}
	running := &huma.Response{Description: "The client has it.", Headers: map[string]*huma.Param{"ETag": etag, ReleaseHeader: release}}

	api.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "getStatus", Method: http.MethodGet, Path: HealthPath, Tags: tags,
		Summary:     "Is the server running?",
		Description: "Says that the process answers; it does not ask the database.",
		Parameters:  []*huma.Param{ifNoneMatch},
		Responses: map[string]*huma.Response{
			"200": {
				Description: "It is.",
				Headers:     map[string]*huma.Param{"ETag": etag, ReleaseHeader: release},
				Content:     map[string]*huma.MediaType{"text/plain": {Schema: &huma.Schema{Type: huma.TypeString, Enum: []any{statusText}}, Example: statusText}},
			},
			"304": running,
		},
	})
	mediaType := failed("The charset or content encoding is not supported.", `unsupported charset "latin1": JSON is UTF-8`)
	mediaType.Headers = map[string]*huma.Param{"Accept-Encoding": acceptEncoding()}
	api.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "createEarlierReview", Method: http.MethodPost, Path: earlierPath, Tags: tags,
		Summary:     "Add a review (earlier service)",
		Description: "Stores a review and answers what was sent, further members included. Every review is kept, where the earlier service kept one for each restaurant.",
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: sent, Example: one}}},
		Responses: map[string]*huma.Response{
			"200": {Description: "Stored.", Content: map[string]*huma.MediaType{"application/json": {Schema: sent, Example: one}}},
			"400": failed("A field is missing, empty, zero or null; or breaks a rule; or the body is no JSON.", errMissingFields),
			"408": failed("The body did not arrive in time.", problemTimeout.detail),
			"413": failed("The body is too large.", problemTooLarge.detail),
			"415": mediaType,
			"500": failed("The database failed.", errInsert),
		},
	})
	longest := review.MaxEarlierPage
	api.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "listEarlierReviews", Method: http.MethodGet, Path: earlierPath, Tags: tags,
		Summary:     "List the reviews of a restaurant (earlier service)",
		Description: "The reviews of one restaurant, newest first; at most 1,000, then a `Link` to the next.",
		Parameters: []*huma.Param{
			{Name: "falafel_restaurant", In: "query", Required: true, Description: "Name of the restaurant.", Schema: &huma.Schema{Type: huma.TypeString, MinLength: new(1)}, Example: "Habibi"},
			{Name: "cursor", In: "query", Description: "Where the page begins: from the Link of the page before.", Schema: &huma.Schema{Type: huma.TypeString, MaxLength: new(2048)}},
			ifNoneMatch,
		},
		Responses: map[string]*huma.Response{
			"200": {
				Description: "The reviews; none is [].",
				Headers: map[string]*huma.Param{
					"ETag": etag,
					"Link": {Description: `Where the next page is, with rel="next" (RFC 8288). The last page has none.`, Schema: matching(linkPattern), Example: `</data?falafel_restaurant=Habibi&cursor=AbCdEf>; rel="next"`},
				},
				Content: map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Type: huma.TypeArray, Items: earlierReview, MaxItems: &longest}, Example: []any{one}}},
			},
			"304": unchanged(),
			"400": failed("The parameter is missing or empty, or no name.", errMissingRestaurant),
			"500": failed("The database failed.", errFetch),
		},
	})
}
