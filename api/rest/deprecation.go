package rest

import (
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// A deprecation is what is said of an operation that clients should leave: in every
// answer of it, and in the OpenAPI document.
type deprecation struct {
	Since     time.Time // Deprecation (RFC 9745)
	Sunset    time.Time // Sunset (RFC 8594): when it goes; zero: it stays
	Successor string    // id of the operation that takes its place
}

// deprecations by pattern of the route. This is the one place that declares them.
//
// The earlier service's routes are not going to be removed, so that they have no Sunset.
var deprecations = map[string]deprecation{
	"POST " + earlierPath: {Since: firstVersion, Successor: "createReview"},
	"GET " + earlierPath:  {Since: firstVersion, Successor: "listRestaurantReviews"},
}

// firstVersion is when v1 took the place of the earlier service.
var firstVersion = time.Date(2026, time.December, 1, 0, 0, 0, 0, time.UTC)

// headers of every answer.
func (d deprecation) headers() map[string]string {
	headers := map[string]string{"Deprecation": "@" + strconv.FormatInt(d.Since.Unix(), 10)}
	if !d.Sunset.IsZero() {
		headers["Sunset"] = d.Sunset.UTC().Format(http.TimeFormat)
	}
	return headers
}

// deprecating tells clients of the deprecations, whatever the answer is.
func deprecating(deprecations map[string]deprecation, next http.Handler) http.Handler {
	headers := map[string]map[string]string{}
	for pattern, deprecated := range deprecations {
		headers[pattern] = deprecated.headers()
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range headers[r.Pattern] {
			w.Header().Set(name, value)
		}
		next.ServeHTTP(w, r)
	})
}

// documentDeprecations says the same in the document. A tool that compares documents
// reads x-sunset: before that day, the operation may not be missing.
func documentDeprecations(document *huma.OpenAPI, deprecations map[string]deprecation) {
	descriptions := map[string]string{
		"Deprecation": "Since when the operation is deprecated (RFC 9745), in seconds since 1970.",
		"Sunset":      "When the operation will be gone (RFC 8594).",
	}
	operations(document, func(operation *huma.Operation) {
		deprecated, ok := deprecations[operation.Method+" "+operation.Path]
		if !ok {
			return
		}
		operation.Deprecated = true
		operation.Description += " Deprecated since " + deprecated.Since.Format(time.DateOnly) + ": use " + deprecated.Successor + "."
		if !deprecated.Sunset.IsZero() {
			operation.Description += " It goes on " + deprecated.Sunset.Format(time.DateOnly) + "."
			operation.Extensions = map[string]any{"x-sunset": deprecated.Sunset.Format(time.DateOnly)}
		}
		for name, value := range deprecated.headers() {
			for _, response := range operation.Responses {
				if response.Ref != "" {
					continue
				}
				response.Headers[name] = &huma.Param{Required: true, Description: descriptions[name], Schema: text(), Example: value}
			}
		}
	})
}
