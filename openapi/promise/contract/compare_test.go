package contract_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/pretendfriend/falafel-api/openapi/promise/contract"
)

// node is an object of the document.
type node = map[string]any

const (
	reviewsPath = "/v1/restaurants/{restaurant}/reviews"
	reviewPath  = reviewsPath + "/{id}"
)

// Each edit is one that somebody may make, to the document as it is.
func TestChangesThatBreakClientsAreFound(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		edit func(t *testing.T, document node)
		want string // the id of a breaking change
	}{
		"a removed field": {func(t *testing.T, document node) {
			remove(t, document, "components/schemas/Review/properties", "created_at")
			without(t, at(t, document, "components/schemas/Review"), "required", "created_at")
		}, "response-required-property-removed"},
		"a removed optional field": {func(t *testing.T, document node) {
			remove(t, document, "components/schemas/Restaurant/properties", "last_review")
		}, "response-optional-property-removed"},
		"a narrowed type in a request": {func(t *testing.T, document node) {
			at(t, document, "components/schemas/ReviewInput/properties/rating")["type"] = "integer"
		}, "request-property-type-changed"},
		"another type in a response": {func(t *testing.T, document node) {
			at(t, document, "components/schemas/Review/properties/version")["type"] = "string"
		}, "response-property-type-changed"},
		"a new required parameter": {func(t *testing.T, document node) {
			operation := at(t, document, "paths#/v1/reviews#get")
			operation["parameters"] = append(operation["parameters"].([]any), node{
				"name": "since", "in": "query", "required": true, "schema": node{"type": "string"},
			})
		}, "new-required-request-parameter"},
		"a parameter that became required": {func(t *testing.T, document node) {
			parameter(t, document, "paths#/v1/reviews#get", "limit")["required"] = true
		}, "request-parameter-became-required"},
		"a removed parameter": {func(t *testing.T, document node) {
			operation := at(t, document, "paths#/v1/restaurants#get")
			sort := parameter(t, document, "paths#/v1/restaurants#get", "sort")
			operation["parameters"] = slices.DeleteFunc(operation["parameters"].([]any), func(p any) bool { return p.(node)["name"] == sort["name"] })
		}, "request-parameter-removed"},
		"a removed enum value": {func(t *testing.T, document node) {
			without(t, parameter(t, document, "paths#/v1/restaurants#get", "sort")["schema"].(node), "enum", "name")
		}, "request-parameter-enum-value-removed"},
		"another default": {func(t *testing.T, document node) {
			parameter(t, document, "paths#/v1/reviews#get", "limit")["schema"].(node)["default"] = 10
		}, "request-parameter-default-value-changed"},
		"a changed status": {func(t *testing.T, document node) {
			responses := at(t, document, "paths#"+reviewsPath+"#post#responses")
			responses["200"] = responses["201"]
			delete(responses, "201")
		}, "response-success-status-removed"},
		"a removed operation": {func(t *testing.T, document node) {
			remove(t, document, "paths#"+reviewPath, "delete")
		}, "api-removed-without-deprecation"},
		"a removed path": {func(t *testing.T, document node) {
			remove(t, document, "paths", "/v1/reviews")
		}, "api-path-removed-without-deprecation"},
		"a tightened maxLength": {func(t *testing.T, document node) {
			at(t, document, "components/schemas/ReviewInput/properties/comment")["maxLength"] = 100
		}, "request-property-max-length-decreased"},
		"a removed response header": {func(t *testing.T, document node) {
			remove(t, document, "paths#"+reviewPath+"#get#responses#200#headers", "ETag")
		}, "required-response-header-removed"},
		"a removed response header that is not always there": {func(t *testing.T, document node) {
			remove(t, document, "paths#/v1/reviews#get#responses#200#headers", "Link")
		}, "optional-response-header-removed"},
		"a response property that became optional": {func(t *testing.T, document node) {
			without(t, at(t, document, "components/schemas/Review"), "required", "comment")
		}, "response-property-became-optional"},
		"a response property that may be null": {func(t *testing.T, document node) {
			at(t, document, "components/schemas/Review/properties/comment")["type"] = []any{"string", "null"}
		}, "response-property-became-nullable"},
		"credentials": {func(t *testing.T, document node) {
			at(t, document, "components")["securitySchemes"] = node{"key": node{"type": "apiKey", "in": "header", "name": "X-Api-Key"}}
			at(t, document, "paths#/v1/reviews#get")["security"] = []any{node{"key": []any{}}}
		}, "api-security-anonymous-access-removed"},
		"a new required request property": {func(t *testing.T, document node) {
			schema := at(t, document, "components/schemas/ReviewInput")
			schema["properties"].(node)["author"] = node{"type": "string"}
			schema["required"] = append(schema["required"].([]any), "author")
		}, "new-required-request-property"},
		"a request property that became required": {func(t *testing.T, document node) {
			schema := at(t, document, "components/schemas/ReviewInput")
			schema["required"] = append(schema["required"].([]any), "comment")
		}, "request-property-became-required"},
		"a removed request property": {func(t *testing.T, document node) {
			remove(t, document, "components/schemas/ReviewInput/properties", "comment")
		}, "request-property-removed"},
		"a removed media type of a request": {func(t *testing.T, document node) {
			remove(t, document, "paths#"+reviewPath+"#patch#requestBody#content", "application/json-patch+json")
		}, "request-body-media-type-removed"},
		"a removed media type of a response": {func(t *testing.T, document node) {
			content := at(t, document, "paths#"+reviewPath+"#get#responses#200#content")
			content["application/xml"] = content["application/json"]
			delete(content, "application/json")
		}, "response-media-type-removed"},
		"a renamed operation": {func(t *testing.T, document node) {
			at(t, document, "paths#/v1/reviews#get")["operationId"] = "newestReviews"
		}, "api-operation-id-removed"},
		"a deprecation without an end": {func(t *testing.T, document node) {
			at(t, document, "paths#/v1/reviews#get")["deprecated"] = true
		}, "api-deprecated-sunset-missing"},
		"a deprecation that ends too soon": {func(t *testing.T, document node) {
			operation := at(t, document, "paths#/v1/reviews#get")
			operation["deprecated"], operation["x-sunset"] = true, "2001-01-01"
		}, "api-sunset-date-too-small"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before, after := edited(t, nil), edited(t, test.edit)
			changes := compare(t, before, after)
			found := slices.ContainsFunc(changes, func(change contract.Change) bool {
				return change.ID == test.want && change.Severity == contract.Breaking
			})
			if !found {
				t.Errorf("no breaking change %s in:\n%s", test.want, lines(changes))
			}
		})
	}
}

func TestChangesThatSomeClientsMayNotSurviveAreRisky(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		edit func(t *testing.T, document node)
		want string
	}{
		"a removed status of an error": {func(t *testing.T, document node) {
			remove(t, document, "paths#"+reviewPath+"#delete#responses", "412")
		}, "response-non-success-status-removed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changes := compare(t, edited(t, nil), edited(t, test.edit))
			found := slices.ContainsFunc(changes, func(change contract.Change) bool {
				return change.ID == test.want && change.Severity == contract.Risky
			})
			if !found {
				t.Errorf("no risky change %s in:\n%s", test.want, lines(changes))
			}
		})
	}
}

func TestClientsSurviveWhatIsAdded(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(t *testing.T, document node){
		"an operation": func(t *testing.T, document node) {
			operation := copied(t, at(t, document, "paths#/v1/reviews#get"))
			operation["operationId"] = "listTags"
			at(t, document, "paths")["/v1/tags"] = node{"get": operation}
		},
		"an optional parameter": func(t *testing.T, document node) {
			operation := at(t, document, "paths#/v1/reviews#get")
			operation["parameters"] = append(operation["parameters"].([]any), node{"name": "since", "in": "query", "schema": node{"type": "string"}})
		},
		"an optional request property": func(t *testing.T, document node) {
			at(t, document, "components/schemas/ReviewInput/properties")["author"] = node{"type": "string"}
		},
		"a response property": func(t *testing.T, document node) {
			schema := at(t, document, "components/schemas/Review")
			schema["properties"].(node)["author"] = node{"type": "string"}
			schema["required"] = append(schema["required"].([]any), "author")
		},
		"a response header": func(t *testing.T, document node) {
			at(t, document, "paths#"+reviewPath+"#get#responses#200#headers")["Age"] = node{"schema": node{"type": "integer"}}
		},
		"a wider maxLength in a request": func(t *testing.T, document node) {
			at(t, document, "components/schemas/ReviewInput/properties/comment")["maxLength"] = 4000
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changes := compare(t, edited(t, nil), edited(t, edit))
			if len(changes) == 0 || changes[0].Severity != contract.Compatible { // the worst comes first
				t.Errorf("want compatible changes, got:\n%s", lines(changes))
			}
		})
	}
}

func TestTextsAndExamplesAreNoChangeOfTheContract(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(t *testing.T, document node){
		"a description": func(t *testing.T, document node) {
			at(t, document, "paths#/v1/reviews#get")["description"] = "Other words."
		},
		"an example": func(t *testing.T, document node) {
			at(t, document, "components/schemas/Review/properties/comment")["examples"] = []any{"Soggy."}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if changes := compare(t, edited(t, nil), edited(t, edit)); len(changes) > 0 {
				t.Errorf("want none, got:\n%s", lines(changes))
			}
		})
	}
}

// What is announced with a date may go at that date, and not before.
func TestAnOperationGoesAfterItsSunset(t *testing.T) {
	t.Parallel()
	deprecated := func(sunset any) func(t *testing.T, document node) {
		return func(t *testing.T, document node) {
			operation := at(t, document, "paths#/v1/reviews#get")
			operation["deprecated"] = true
			if sunset != nil {
				operation["x-sunset"] = sunset
			}
		}
	}
	gone := func(t *testing.T, document node) { remove(t, document, "paths", "/v1/reviews") }
	for name, test := range map[string]struct {
		sunset   any
		want     string
		severity contract.Severity
	}{
		"after it":            {"2001-01-01", contract.RemovedAfterSunset, contract.Compatible},
		"not before it":       {"9999-12-31", "api-path-removed-before-sunset", contract.Breaking},
		"not without one":     {nil, "api-path-removed-with-deprecation", contract.Breaking},
		"not with a bad date": {"some day", "api-path-sunset-parse", contract.Breaking},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var removed []contract.Change
			for _, change := range compare(t, edited(t, deprecated(test.sunset)), edited(t, gone)) {
				if change.Operation == "GET /v1/reviews" {
					removed = append(removed, change)
				}
			}
			if len(removed) != 1 || removed[0].ID != test.want || removed[0].Severity != test.severity {
				t.Errorf("want one %s change %s, got:\n%s", test.severity, test.want, lines(removed))
			}
		})
	}
}

// edited is the project's document after an edit.
func edited(t *testing.T, edit func(t *testing.T, document node)) []byte {
	t.Helper()
	content, err := os.ReadFile("../../openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var document node
	if err := yaml.Unmarshal(content, &document); err != nil {
		t.Fatal(err)
	}
	if edit != nil {
		edit(t, document)
	}
	content, err = yaml.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func compare(t *testing.T, before, after []byte) []contract.Change {
	t.Helper()
	changes, err := contract.Compare(before, after)
	if err != nil {
		t.Fatal(err)
	}
	return changes
}

// at is the object under a path of names, which are divided by # where one has a slash.
// A reference is followed.
func at(t *testing.T, document node, path string) node {
	t.Helper()
	separator := "/"
	if strings.Contains(path, "#") {
		separator = "#"
	}
	found := document
	for name := range strings.SplitSeq(path, separator) {
		next, ok := found[name].(node)
		if !ok {
			t.Fatalf("the document has no object %q at %q", name, path)
		}
		if reference, ok := next["$ref"].(string); ok {
			next = at(t, document, strings.TrimPrefix(reference, "#/"))
		}
		found = next
	}
	return found
}

// parameter is a parameter of an operation.
func parameter(t *testing.T, document node, operation, name string) node {
	t.Helper()
	for _, p := range at(t, document, operation)["parameters"].([]any) {
		p := p.(node)
		if reference, ok := p["$ref"].(string); ok {
			p = at(t, document, strings.TrimPrefix(reference, "#/"))
		}
		if p["name"] == name {
			return p
		}
	}
	t.Fatalf("%s has no parameter %s", operation, name)
	return nil
}

func remove(t *testing.T, document node, path, name string) {
	t.Helper()
	object := at(t, document, path)
	if _, there := object[name]; !there {
		t.Fatalf("the document has no %s at %s", name, path)
	}
	delete(object, name)
}

// without takes a value out of a list.
func without(t *testing.T, object node, list string, value any) {
	t.Helper()
	values := object[list].([]any)
	left := slices.DeleteFunc(slices.Clone(values), func(v any) bool { return v == value })
	if len(left) == len(values) {
		t.Fatalf("%s has no %v", list, value)
	}
	object[list] = left
}

func copied(t *testing.T, object node) node {
	t.Helper()
	content, err := yaml.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	var again node
	if err := yaml.Unmarshal(content, &again); err != nil {
		t.Fatal(err)
	}
	return again
}

func lines(changes []contract.Change) string {
	var out strings.Builder
	for _, change := range changes {
		out.WriteString("  " + change.Severity.String() + " " + change.String() + "\n")
	}
	return out.String()
}
