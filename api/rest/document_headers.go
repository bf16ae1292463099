package rest

import (
	"github.com/danielgtaylor/huma/v2"
)

func text() *huma.Schema { return &huma.Schema{Type: huma.TypeString} }

func matching(pattern string) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Pattern: pattern}
}

// No more than clients rely on: what a pattern says is promised.
const (
	etagPattern = `^(W/)?"[!#-~]+"$`
	linkPattern = `</[^<>]+>; rel="next"`
)

// describeHeaders says of every operation which headers all requests may and all
// answers do have, and shows an example of the others.
func describeHeaders(document *huma.OpenAPI) {
	document.Components.Headers = map[string]*huma.Param{
		"X-Request-Id": {
			Required: true, Schema: matching(`^[!-~]{1,128}$`), Example: exampleRequestID,
			Description: "The id of the request: the client's own, if it is fit for a log, or a new one. Quote it when you ask for help.",
		},
		"Server-Timing": {
			Required: true, Schema: text(), Example: `dynamodb;dur=1.3;desc="2 calls", read-units;desc="1", write-units;desc="12"`,
			Description: "What DynamoDB did for the request (W3C Server Timing): milliseconds, calls, and capacity units consumed.",
		},
		"Retry-After": {
			Required: true, Schema: &huma.Schema{Type: huma.TypeInteger, Minimum: new(1.0)}, Example: 1,
			Description: "Seconds to wait before the request is sent again (RFC 9110, section 10.2.3).",
		},
	}
	document.Components.Parameters = map[string]*huma.Param{
		"X-Request-Id": {
			Name: "X-Request-Id", In: "header", Schema: text(), Example: exampleRequestID,
			Description: "An id of yours for the request, by which the log and the answer name it: up to 128 printable ASCII characters without a space. Else it gets a new one.",
		},
	}
	// Those that huma documents, by the fields of outputs.
	own := map[string]struct {
		required         bool
		pattern, example string
	}{
		"ETag":                 {true, etagPattern, exampleETag},
		"Location":             {true, `^/v1/restaurants/[^/]+/reviews/[0-9a-f-]{36}$`, "/v1/restaurants/Habibi/reviews/" + exampleID},
		"Idempotency-Replayed": {false, `^true$`, "true"},
		"Link":                 {false, linkPattern, `</v1/reviews?cursor=AbCdEf&limit=20>; rel="next"`},
	}

	operations(document, func(operation *huma.Operation) {
		for _, param := range operation.Parameters {
			// huma describes the parameter and its schema alike, and knows a keyword of
			// its own.
			if param.Schema.Description == param.Description {
				param.Schema.Description = ""
			}
			param.Schema.PatternDescription = ""
			if len(param.Schema.Examples) > 0 {
				param.Example, param.Schema.Examples = param.Schema.Examples[0], nil
			}
		}
		operation.Parameters = append(operation.Parameters, &huma.Param{Ref: "#/components/parameters/X-Request-Id"})

		for _, response := range operation.Responses {
			if response.Ref != "" {
				continue
			}
			if response.Headers == nil {
				response.Headers = map[string]*huma.Param{}
			}
			for name, header := range response.Headers {
				if header.Ref == "" && header.Description == "" {
					header.Description, header.Schema.Description = header.Schema.Description, ""
					header.Required, header.Schema.Pattern, header.Example = own[name].required, own[name].pattern, own[name].example
				}
			}
			for _, name := range []string{"X-Request-Id", "Server-Timing"} {
				response.Headers[name] = &huma.Param{Ref: "#/components/headers/" + name}
			}
		}
	})
}
