package rest

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// What tests declare for themselves: no operation of the API has a Sunset.

type Deprecation = deprecation

func Deprecating(deprecations map[string]Deprecation, next http.Handler) http.Handler {
	return deprecating(deprecations, next)
}

func DocumentDeprecations(document *huma.OpenAPI, deprecations map[string]Deprecation) {
	documentDeprecations(document, deprecations)
}
