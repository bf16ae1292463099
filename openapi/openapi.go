// Package openapi holds the API's OpenAPI document, generated from the operations in
// api/rest: openapi.yaml and openapi.json in version 3.1, openapi-3.0.yaml and
// openapi-3.0.json in 3.0.3 for tools that do not read 3.1 yet. The service serves the
// same under the same names.
//
// To change a document, change the operations and run `go generate ./...`.
package openapi

//go:generate go run ./generate
