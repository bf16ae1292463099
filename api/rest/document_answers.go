package rest

import (
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// answers documents what an operation answers: on success the status with what it
// means and an example, and every kind of problem it can have. Those that every
// operation can have are added.
//
// huma's own Operation.Errors knows statuses, where clients look at types.
func answers(success int, meaning string, example any, kinds ...problemKind) map[string]*huma.Response {
	documented := map[string]*huma.Response{strconv.Itoa(success): {Description: meaning}}
	if example != nil {
		documented[strconv.Itoa(success)].Content = map[string]*huma.MediaType{"application/json": {Example: example}}
	}
	byStatus := map[int][]problemKind{}
	for _, kind := range append(kinds, problemNotAcceptable, problemInvalid, problemInternal, problemUnavailable) {
		byStatus[kind.status] = append(byStatus[kind.status], kind)
	}
	for status, kinds := range byStatus {
		documented[strconv.Itoa(status)] = problemAnswer(status, kinds)
	}
	return documented
}

// orNotModified adds the answer to a GET whose If-None-Match names what is there.
func orNotModified(answers map[string]*huma.Response) map[string]*huma.Response {
	answers["304"] = &huma.Response{
		Description: "The client has it: the entity tag is one of those in If-None-Match.",
		Headers:     map[string]*huma.Param{"ETag": {Required: true, Description: "Entity tag of what the client has.", Schema: matching(etagPattern), Example: exampleETag}},
	}
	return answers
}

// acceptEncoding is a header of the answer to a content encoding (RFC 9110, section
// 15.5.16).
func acceptEncoding() *huma.Param {
	return &huma.Param{Description: "Sent where a content encoding is what is not supported: none is.", Schema: text(), Example: "identity"}
}

// problemAnswer documents a status with all the kinds of problem that it can be. Of
// several the schema is one of theirs, so that a client's code can tell them apart by type.
func problemAnswer(status int, kinds []problemKind) *huma.Response {
	content := &huma.MediaType{Examples: map[string]*huma.Example{}}
	var meanings []string
	var schemas []*huma.Schema
	byType := map[string]string{}
	for _, kind := range kinds {
		schema := &huma.Schema{Ref: "#/components/schemas/" + kind.schemaName()}
		schemas, byType[kind.uri()] = append(schemas, schema), schema.Ref
		meanings = append(meanings, kind.title+" (["+kind.slug+"]("+kind.uri()+")).")
		content.Examples[kind.slug] = &huma.Example{Ref: "#/components/examples/" + kind.slug}
	}
	if content.Schema = schemas[0]; len(schemas) > 1 {
		content.Schema = &huma.Schema{OneOf: schemas, Discriminator: &huma.Discriminator{PropertyName: "type", Mapping: byType}}
	}
	response := &huma.Response{Description: strings.Join(meanings, " "), Content: map[string]*huma.MediaType{problemMediaTypeValue: content}}
	switch status {
	case http.StatusServiceUnavailable:
		response.Headers = map[string]*huma.Param{"Retry-After": {Ref: "#/components/headers/Retry-After"}}
	case http.StatusUnsupportedMediaType:
		response.Headers = map[string]*huma.Param{"Accept-Encoding": acceptEncoding()}
	}
	return response
}

// schemaName is not-found as NotFoundProblem.
func (k problemKind) schemaName() string {
	var name strings.Builder
	for word := range strings.SplitSeq(k.slug, "-") {
		name.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return name.String() + "Problem"
}

// shareProblems moves what several operations answer alike to where all can refer to it:
// a document of half the size, and a change in one place.
func shareProblems(document *huma.OpenAPI) {
	operations(document, func(operation *huma.Operation) {
		for _, code := range slices.Sorted(maps.Keys(operation.Responses)) {
			response := operation.Responses[code]
			content := response.Content[problemMediaTypeValue]
			if content == nil {
				continue
			}
			var kinds []string
			for _, kind := range problemKinds {
				if content.Examples[kind.slug] != nil {
					kinds = append(kinds, strings.TrimSuffix(kind.schemaName(), "Problem"))
				}
			}
			name := strings.Join(kinds, "Or")
			shared := document.Components.Responses
			if shared[name] == nil {
				shared[name] = response
			}
			if reflect.DeepEqual(shared[name], response) {
				operation.Responses[code] = &huma.Response{Ref: "#/components/responses/" + name}
			}
		}
	})
}

// defineProblems puts into the document what answers refers to.
func defineProblems(document *huma.OpenAPI) {
	document.Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "")
	document.Components.Responses = map[string]*huma.Response{
		// From net/http, before a request is one: it has neither an id nor a problem.
		"HeaderFieldsTooLarge": {
			Description: "The path and the header fields are together larger than the service reads (RFC 6585, section 5).",
			Content:     map[string]*huma.MediaType{"text/plain": {Schema: text(), Example: "431 Request Header Fields Too Large"}},
		},
	}
	operations(document, func(operation *huma.Operation) {
		operation.Responses["431"] = &huma.Response{Ref: "#/components/responses/HeaderFieldsTooLarge"}
	})
	document.Components.Examples = map[string]*huma.Example{}
	for _, kind := range problemKinds {
		if kind.slug == problemMethod.slug {
			continue // what has no such method has no operation that could say so
		}
		document.Components.Examples[kind.slug] = &huma.Example{Summary: kind.title, Value: kind.example()}
		document.Components.Schemas.Map()[kind.schemaName()] = &huma.Schema{
			Description: kind.meaning,
			AllOf: []*huma.Schema{
				{Ref: "#/components/schemas/Problem"},
				{Type: huma.TypeObject, Required: []string{"type"}, Properties: map[string]*huma.Schema{
					"type": {Type: huma.TypeString, Description: "The kind of problem: " + kind.title + ".", Enum: []any{kind.uri()}},
				}},
			},
		}
	}
}
