package openapi_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/openapi/goclient"
	"github.com/pretendfriend/falafel-api/openapi/openapitest"
)

type object = map[string]any

// A document is the OpenAPI document as JSON.
type document struct{ root object }

func read(t testing.TB) (document, *openapitest.Contract) {
	t.Helper()
	content, err := os.ReadFile("openapi.json")
	require.NoError(t, err)
	contract, err := openapitest.New(content)
	require.NoError(t, err)
	var root object
	require.NoError(t, json.Unmarshal(content, &root))
	return document{root}, contract
}

// at is a member of a member …, with references followed; an object that is not there is
// an empty one.
func (d document) at(node object, path ...string) object {
	for _, name := range path {
		child, _ := node[name].(object)
		node = d.resolved(child)
	}
	return node
}

func (d document) resolved(node object) object {
	for {
		reference, ok := node["$ref"].(string)
		if !ok {
			return node
		}
		node = d.root
		for name := range strings.SplitSeq(strings.TrimPrefix(reference, "#/"), "/") {
			node, _ = node[name].(object)
		}
	}
}

// operations are all, by "METHOD /path".
func (d document) operations() map[string]object {
	all := map[string]object{}
	for path, item := range d.at(d.root, "paths") {
		for method, operation := range item.(object) {
			if method := strings.ToUpper(method); slices.Contains([]string{"GET", "PUT", "POST", "PATCH", "DELETE"}, method) {
				all[method+" "+path] = operation.(object)
			}
		}
	}
	return all
}

// examples of a media type, a header or a parameter: its own, or those of its schema.
func (d document) examples(node object) (values []any) {
	if value, ok := node["example"]; ok {
		values = append(values, value)
	}
	for name := range d.at(node, "examples") {
		values = append(values, d.at(node, "examples", name)["value"])
	}
	schema := d.at(node, "schema")
	if len(values) == 0 {
		if listed, ok := schema["examples"].([]any); ok {
			values = append(values, listed...)
		}
	}
	if value, ok := schema["default"]; ok && len(values) == 0 {
		values = append(values, value)
	}
	return values
}

func text(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	content, _ := json.Marshal(value)
	return string(content)
}

// request is one with the example of each parameter, but for its body.
func (d document) request(t testing.TB, route string, operation object) *http.Request {
	t.Helper()
	method, path, _ := strings.Cut(route, " ")
	query, header := url.Values{}, http.Header{}
	parameters, _ := operation["parameters"].([]any)
	for _, parameter := range parameters {
		parameter := d.resolved(parameter.(object))
		name := parameter["name"].(string)
		examples := d.examples(parameter)
		if len(examples) == 0 {
			assert.NotEqual(t, true, parameter["required"], "%s: %s has no example", route, name)
			continue
		}
		switch value := text(examples[0]); parameter["in"] {
		case "path":
			path = strings.ReplaceAll(path, "{"+name+"}", url.PathEscape(value))
		case "query":
			query.Set(name, value)
		default:
			header.Set(name, value)
		}
	}
	request, err := http.NewRequestWithContext(t.Context(), method, "http://127.0.0.1"+path+"?"+query.Encode(), nil)
	require.NoError(t, err)
	request.Header = header
	return request
}

func TestEveryExampleOfARequestIsValid(t *testing.T) {
	t.Parallel()
	d, contract := read(t)
	for route, operation := range d.operations() {
		t.Run(route, func(t *testing.T) {
			t.Parallel()
			contents := d.at(operation, "requestBody", "content")
			if len(contents) == 0 {
				require.NoError(t, contract.Request(d.request(t, route, operation), nil))
			}
			for mediaType := range contents {
				examples := d.examples(d.at(contents, mediaType))
				assert.NotEmpty(t, examples, "%s has no example", mediaType)
				for _, example := range examples {
					body, err := json.Marshal(example)
					require.NoError(t, err)
					request := d.request(t, route, operation)
					request.Header.Set("Content-Type", mediaType)
					assert.NoError(t, contract.Request(request, body))
				}
			}
		})
	}
}

func TestEveryExampleOfAnAnswerIsValid(t *testing.T) {
	t.Parallel()
	d, contract := read(t)
	for route, operation := range d.operations() {
		t.Run(route, func(t *testing.T) {
			t.Parallel()
			request := d.request(t, route, operation)
			for code := range d.at(operation, "responses") {
				response := d.at(operation, "responses", code)
				status, err := strconv.Atoi(code)
				require.NoError(t, err)
				header := http.Header{}
				for name := range d.at(response, "headers") {
					if examples := d.examples(d.at(response, "headers", name)); len(examples) > 0 {
						header.Set(name, text(examples[0]))
					}
				}
				contents := d.at(response, "content")
				if len(contents) == 0 {
					assert.Contains(t, []int{http.StatusNoContent, http.StatusNotModified, http.StatusRequestHeaderFieldsTooLarge}, status, "no content")
					require.NoError(t, contract.Response(request, &http.Response{StatusCode: status, Header: header}, nil))
				}
				for mediaType := range contents {
					examples := d.examples(d.at(contents, mediaType))
					assert.NotEmpty(t, examples, "%s %s has no example", code, mediaType)
					for _, example := range examples {
						body := []byte(text(example))
						header := header.Clone()
						header.Set("Content-Type", mediaType)
						assert.NoError(t, contract.Response(request, &http.Response{StatusCode: status, Header: header}, body))
					}
				}
			}
		})
	}
}

// kinds are the types of problems that a schema admits.
func (d document) kinds(schema object) (kinds []string) {
	for _, name := range []string{"oneOf", "allOf"} {
		parts, _ := schema[name].([]any)
		for _, part := range parts {
			kinds = append(kinds, d.kinds(d.resolved(part.(object)))...)
		}
	}
	values, _ := d.at(schema, "properties", "type")["enum"].([]any)
	for _, value := range values {
		kinds = append(kinds, value.(string))
	}
	return kinds
}

func TestEveryErrorHasItsKindsAndAnExampleOfEach(t *testing.T) {
	t.Parallel()
	d, _ := read(t)
	all := map[string]bool{}
	for route, operation := range d.operations() {
		for code := range d.at(operation, "responses") {
			content := d.at(operation, "responses", code, "content", "application/problem+json")
			if code < "400" || strings.HasPrefix(route, "GET /data") || strings.HasPrefix(route, "POST /data") || code == "431" {
				assert.Empty(t, content, "%s %s", route, code)
				continue
			}
			kinds := d.kinds(d.at(content, "schema"))
			assert.NotEmpty(t, kinds, "%s %s", route, code)
			var shown []string
			for _, example := range d.examples(content) {
				shown = append(shown, fmt.Sprint(example.(object)["type"]))
				assert.Equal(t, code, text(example.(object)["status"]), "%s %s", route, code)
			}
			assert.ElementsMatch(t, kinds, shown, "%s %s", route, code)
			for _, kind := range kinds {
				all[kind] = true
			}
		}
	}
	assert.ElementsMatch(t, slices.Collect(maps.Keys(all)), []string{
		goclient.TypeBusy, goclient.TypeContentTooLarge, goclient.TypeDatabaseUnavailable, goclient.TypeIdempotencyKeyReused,
		goclient.TypeInternal, goclient.TypeMalformedRequest, goclient.TypeNotAcceptable, goclient.TypeNotFound,
		goclient.TypePreconditionFailed, goclient.TypeRequestTimeout, goclient.TypeUnsupportedMediaType, goclient.TypeValidation,
	}, "the Go client names those that there are")
}
