package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	jsonpatch "github.com/evanphx/json-patch/v5"

	"github.com/pretendfriend/falafel-api/api/review"
)

const (
	mergePatch = "application/merge-patch+json" // RFC 7396
	jsonPatch  = "application/json-patch+json"  // RFC 6902
)

type patchInput struct {
	ReviewParams
	Precondition
	RawBody []byte `contentType:"application/merge-patch+json"`

	mediaType string
}

// Resolve implements huma.Resolver.
func (in *patchInput) Resolve(ctx huma.Context) []error {
	in.mediaType, _, _ = mime.ParseMediaType(ctx.Header("Content-Type"))
	return nil
}

// registerPatch adds PATCH. huma's autopatch would do it with a GET and a PUT inside
// the process, but routes them by the decoded path, so that restaurants with a slash
// or a question mark in their name cannot be patched; it answers 304 to a patch that
// changes nothing, and 412 to a client that made no condition. See
// docs/decisions/0004-own-patch-operation.md.
func registerPatch(api huma.API, reviews Reviews, tags []string) {
	registry := api.OpenAPI().Components.Schemas
	input := registry.Schema(reflect.TypeFor[ReviewInput](), true, "")
	body := &huma.RequestBody{Required: true, Description: "A patch.", Content: map[string]*huma.MediaType{}}
	documented := answers(http.StatusOK, "The review, as it is now.", exampleChanged,
		problemMalformed, problemNotFound, problemTimeout, problemStale, problemTooLarge, problemMediaType, problemBusy)
	documented["415"].Headers["Accept-Patch"] = &huma.Param{Description: "The media types of patches (RFC 5789, section 2.2).", Schema: text(), Example: mergePatch + ", " + jsonPatch}

	huma.Register(api, huma.Operation{
		OperationID: "patchReview", Method: http.MethodPatch, Path: reviewPath, Tags: tags,
		Summary:          "Change parts of a review",
		Description:      "Applies a JSON Merge Patch (RFC 7396) or a JSON Patch (RFC 6902) to the review as getReview shows it; read-only members may be tested, not changed. A member set to null falls back to its default. With `If-Match` the change happens only to the state that the client saw; without, to the state at that moment.",
		Responses:        documented,
		RequestBody:      body,
		SkipValidateBody: true, // the patched review is validated, not the patch
	}, func(ctx context.Context, in *patchInput) (*reviewOutput, error) {
		name, id, err := in.key(ctx)
		if err != nil {
			return nil, err
		}
		patch, err := in.parse(ctx, registry.SchemaFromRef(input.Ref))
		if err != nil {
			return nil, err
		}
		for {
			stored, err := reviews.Review(ctx, name, id)
			if err != nil {
				return nil, problem(ctx, err)
			}
			if !in.admits(reviewETag(stored)) {
				return nil, problem(ctx, review.ErrStale)
			}
			content, err := patched(ctx, registry, input, stored, patch)
			if err != nil {
				return nil, err
			}
			from := stored.Revision()
			replaced, err := reviews.Replace(ctx, name, id, content, &from)
			if errors.Is(err, review.ErrStale) && in.unconditional() {
				continue // someone else was quicker; the patch applies to the new state as well
			}
			if err != nil {
				return nil, problem(ctx, err)
			}
			return newReviewOutput(replaced), nil
		}
	})

	// Registering describes the raw bytes; this is what they mean.
	body.Content[mergePatch] = &huma.MediaType{
		Schema: &huma.Schema{Ref: "#/components/schemas/ReviewPatch"},
		Examples: map[string]*huma.Example{
			"rating":  {Summary: "Another rating", Value: map[string]any{"rating": 4}},
			"comment": {Summary: "No comment any more", Value: map[string]any{"comment": nil}},
		},
	}
	body.Content[jsonPatch] = &huma.MediaType{
		Schema: &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{Ref: "#/components/schemas/JSONPatchOperation"}},
		Examples: map[string]*huma.Example{
			"rating": {Summary: "Another rating, if it is 4.5 now", Value: []any{
				map[string]any{"op": "test", "path": "/rating", "value": 4.5},
				map[string]any{"op": "replace", "path": "/rating", "value": 4},
			}},
		},
	}
}

// parse makes a function of the patch, from one JSON text to the next. The schema is
// that of what is patched.
func (in *patchInput) parse(ctx context.Context, schema *huma.Schema) (func([]byte) ([]byte, error), error) {
	if in.mediaType != mergePatch && in.mediaType != jsonPatch {
		return nil, huma.ErrorWithHeaders(
			problemMediaType.new(ctx, problemMediaType.detail),
			http.Header{"Accept-Patch": {mergePatch + ", " + jsonPatch}}) // RFC 5789, section 2.2
	}
	value, err := readJSON(in.RawBody)
	if err != nil {
		return nil, problemMalformed.new(ctx, "validation failed", ProblemError{Location: "body", Message: err.Error()})
	}
	if in.mediaType == mergePatch {
		members, ok := value.(map[string]any)
		if !ok {
			return nil, problemInvalid.new(ctx, "validation failed", ProblemError{Location: "body", Message: "a merge patch of a review is an object"})
		}
		for _, name := range slices.Sorted(maps.Keys(members)) {
			if schema.Properties[name] == nil { // seen here alone where it is null
				return nil, problemInvalid.new(ctx, "validation failed", ProblemError{Location: "body." + name, Message: "unexpected property"})
			}
		}
		return func(document []byte) ([]byte, error) { return jsonpatch.MergePatch(document, in.RawBody) }, nil
	}
	_, isArray := value.([]any)
	patch, err := jsonpatch.DecodePatch(in.RawBody)
	if err != nil || !isArray {
		return nil, problemInvalid.new(ctx, "validation failed", ProblemError{Location: "body", Message: "a JSON Patch is an array of operations"})
	}
	options := jsonpatch.NewApplyOptions()
	options.AccumulatedCopySizeLimit = MaxBodyBytes // copies of copies grow without bound
	return func(document []byte) (after []byte, err error) {
		defer func() {
			// The library panics at some operations that lack a member, as this one:
			// {"op":"test","path":""}
			if cause := recover(); cause != nil {
				err = fmt.Errorf("JSON Patch: %v", cause)
			}
		}()
		return patch.ApplyWithOptions(document, options)
	}, nil
}

// whyNot says why a patch does not apply, in the library's words where these are fit
// to be shown.
func whyNot(err error) string {
	var copied *jsonpatch.AccumulatedCopySizeError
	switch {
	case errors.As(err, &copied):
		return "what it copies is too large"
	case errors.Is(err, jsonpatch.ErrTestFailed), errors.Is(err, jsonpatch.ErrMissing):
		return err.Error()
	default:
		return "one of its operations cannot be carried out on a review"
	}
}

// patched is the content of a stored review after a patch.
func patched(ctx context.Context, registry huma.Registry, schema *huma.Schema, stored review.Review, patch func([]byte) ([]byte, error)) (review.Content, error) {
	var before bytes.Buffer
	if err := writeJSON(&before, fromReview(stored)); err != nil {
		return review.Content{}, problem(ctx, err)
	}
	after, err := patch(before.Bytes())
	if err != nil {
		return review.Content{}, problemInvalid.new(ctx, "The patch does not apply.", ProblemError{Location: "body", Message: whyNot(err)})
	}
	tree, err := readJSON(after)
	if err != nil {
		return review.Content{}, problemInvalid.new(ctx, "The patch does not apply.", ProblemError{Location: "body", Message: err.Error()})
	}
	result := &huma.ValidateResult{}
	huma.Validate(registry, schema, huma.NewPathBuffer([]byte("body"), len("body")), huma.ModeWriteToServer, tree, result)
	if len(result.Errors) > 0 {
		return review.Content{}, fromHuma(ctx, http.StatusUnprocessableEntity, "The patched review breaks a rule.", result.Errors...)
	}
	if err := unchanged(ctx, before.Bytes(), tree); err != nil {
		return review.Content{}, err
	}
	var input ReviewInput
	if err := json.Unmarshal(after, &input); err != nil {
		return review.Content{}, problemInvalid.new(ctx, "The patched review breaks a rule.", ProblemError{Location: "body", Message: err.Error()})
	}
	content, err := input.content(stored)
	if err != nil {
		return content, problem(ctx, err)
	}
	return content, nil
}

// unchanged refuses a patch of what only the service sets: to ignore it would look as
// if it had been done.
func unchanged(ctx context.Context, before []byte, after any) error {
	old, err := readJSON(before)
	if err != nil {
		return problem(ctx, err)
	}
	was, _ := old.(map[string]any)
	is, _ := after.(map[string]any)
	for _, member := range []string{"id", "restaurant", "visited_at_text", "created_at", "updated_at", "version"} {
		_, there := is[member]
		if member == "visited_at_text" && !there {
			continue // goes when a time takes its place
		}
		if !reflect.DeepEqual(was[member], is[member]) {
			return problemInvalid.new(ctx, "The patched review breaks a rule.", ProblemError{Location: "body." + member, Message: "is read-only"})
		}
	}
	return nil
}
