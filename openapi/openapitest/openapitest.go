// Package openapitest holds what a server answers, and what it accepts, against its
// OpenAPI document. It is for tests alone: nothing that the service links imports it.
package openapitest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
	invalid "github.com/pb33f/libopenapi-validator/errors"
	"github.com/pb33f/libopenapi-validator/helpers"
	"github.com/pb33f/libopenapi-validator/paths"
	spec "github.com/pb33f/libopenapi/datamodel/high/v3"
	"github.com/pb33f/libopenapi/orderedmap"
)

// ErrUndescribed means that the document has no operation for the request.
var ErrUndescribed = errors.New("the document has no such operation")

// These are between the two ends of a connection, or for a browser: any answer may have
// them without leave of the document.
var ofAnyServer = []string{
	"Content-Type", "Content-Length", "Date", "Connection", "Transfer-Encoding", "X-Content-Type-Options",
	"Vary", "Access-Control-Allow-Origin", "Access-Control-Expose-Headers",
}

// A Contract is an OpenAPI document that exchanges are held against. It is safe for
// concurrent use.
type Contract struct {
	document *spec.Document
	options  *config.ValidationOptions // for finding operations
	// Validators are made when they are needed: it takes some 100 ms.
	requests  func() validator.Validator
	responses func() validator.Validator
	bodiless  func() validator.Validator // for the answers to HEAD
}

// New reads an OpenAPI 3.1 document in JSON.
func New(document []byte) (*Contract, error) {
	closed, err := closeSchemas(document)
	if err != nil {
		return nil, fmt.Errorf("OpenAPI document: %w", err)
	}
	parsed, err := libopenapi.NewDocument(closed)
	if err != nil {
		return nil, fmt.Errorf("OpenAPI document: %w", err)
	}
	model, err := parsed.BuildV3Model()
	if err != nil {
		return nil, fmt.Errorf("OpenAPI document: %w", err)
	}
	made := func(options ...config.Option) func() validator.Validator {
		return sync.OnceValue(func() validator.Validator {
			return validator.NewValidatorFromV3Model(&model.Model, append(options, config.WithFormatAssertions())...)
		})
	}
	// The strict mode is for headers. Of bodies it sees no member that a variant of a
	// oneOf has from an allOf; closed schemas do that part.
	strict := []config.Option{config.WithStrictMode(), config.WithStrictIgnorePaths("$.body.**"), config.WithStrictIgnoredHeaders(ofAnyServer...)}
	return &Contract{
		document:  &model.Model,
		options:   config.NewValidationOptions(),
		requests:  made(config.WithRejectUndeclaredRequestBody()),
		responses: made(strict...),
		bodiless:  made(append(strict, config.WithoutResponseBodyValidation())...),
	}, nil
}

// closeSchemas admits no members but those that are declared. The document itself leaves
// the schemas of answers open, so that clients bear members that are added later; the
// server must not answer one that it has not declared.
func closeSchemas(document []byte) ([]byte, error) {
	var root map[string]any
	if err := json.Unmarshal(document, &root); err != nil {
		return nil, err
	}
	var visit func(node any, isSchema, isBranch bool)
	visit = func(node any, isSchema, isBranch bool) {
		switch node := node.(type) {
		case []any:
			for _, item := range node {
				visit(item, isSchema, isBranch)
			}
		case map[string]any:
			_, decided := node["additionalProperties"]
			_, properties := node["properties"]
			_, all := node["allOf"]
			_, one := node["oneOf"]
			if isSchema && !isBranch && !decided && (properties || all || one) {
				node["unevaluatedProperties"] = false
			}
			for name, child := range node {
				switch name {
				case "schema", "items", "not":
					visit(child, true, false)
				case "allOf", "oneOf", "anyOf":
					visit(child, true, true)
				case "schemas", "properties":
					if named, ok := child.(map[string]any); ok {
						for _, schema := range named {
							visit(schema, true, false)
						}
					}
				case "example", "examples", "enum", "default", "const":
				default:
					visit(child, false, false)
				}
			}
		}
	}
	visit(root, false, false)
	return json.Marshal(root)
}

// Response holds an answer against the document: its status, media type, headers and
// body must be declared for the operation, and no more than what is declared may be in
// it. The error names each departure; it is [ErrUndescribed] where there is no
// operation. HEAD is held to what GET promises.
func (c *Contract) Response(request *http.Request, response *http.Response, body []byte) error {
	request = request.Clone(request.Context())
	responses, isHead := c.responses, request.Method == http.MethodHead
	if isHead {
		request.Method, responses = http.MethodGet, c.bodiless
	}
	operation, item, path, err := c.operation(request)
	if err != nil {
		return err
	}
	response = &http.Response{StatusCode: response.StatusCode, Header: response.Header, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body))}
	var found []error
	if _, departures := responses().GetResponseBodyValidator().ValidateResponseBodyWithPathItem(request, response, item, path); len(departures) > 0 {
		found = describe(departures)
	}
	if declared := declared(operation, response.StatusCode); declared != nil {
		switch hasContent := orderedmap.Len(declared.Content) > 0; {
		case !hasContent && len(body) > 0:
			found = append(found, errors.New("a body, where the document declares none"))
		case hasContent && len(body) == 0 && !isHead: // of which the validator thinks nothing
			found = append(found, errors.New("no body, where the document declares one"))
		}
	}
	return about(request, response.StatusCode, found)
}

// Request holds a request that the server has accepted against the document.
func (c *Contract) Request(request *http.Request, body []byte) error {
	request = request.Clone(request.Context())
	if request.Method == http.MethodHead {
		request.Method = http.MethodGet
	}
	_, item, path, err := c.operation(request)
	if err != nil {
		return err
	}
	request.Body, request.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	_, departures := c.requests().ValidateHttpRequestSyncWithPathItem(request, item, path)
	return about(request, 0, describe(departures))
}

func (c *Contract) operation(request *http.Request) (*spec.Operation, *spec.PathItem, string, error) {
	item, _, path := paths.FindPath(request, c.document, c.options)
	if item == nil {
		return nil, nil, "", fmt.Errorf("%s %s: %w", request.Method, request.URL.Path, ErrUndescribed)
	}
	operation := helpers.ExtractOperation(request, item)
	if operation == nil {
		return nil, nil, "", fmt.Errorf("%s %s: %w", request.Method, path, ErrUndescribed)
	}
	return operation, item, path, nil
}

func declared(operation *spec.Operation, status int) *spec.Response {
	if operation.Responses == nil || operation.Responses.Codes == nil {
		return nil
	}
	return operation.Responses.Codes.GetOrZero(fmt.Sprint(status))
}

func describe(departures []*invalid.ValidationError) (described []error) {
	for _, departure := range departures {
		text := []string{departure.Message + ": " + departure.Reason}
		for _, failure := range departure.SchemaValidationErrors {
			if departure.ValidationSubType == helpers.Schema || failure.FieldPath != "" {
				text = append(text, failure.FieldPath+" "+failure.Reason)
			}
		}
		described = append(described, errors.New(strings.Join(text, "; ")))
	}
	return described
}

func about(request *http.Request, status int, found []error) error {
	if len(found) == 0 {
		return nil
	}
	what := request.Method + " " + request.URL.RequestURI()
	if status != 0 {
		what += fmt.Sprintf(" answered %d", status)
	}
	var all strings.Builder
	for _, err := range found {
		all.WriteString("\n\t" + err.Error())
	}
	return fmt.Errorf("%.300s, otherwise than the document has it:%s", what, all.String())
}
