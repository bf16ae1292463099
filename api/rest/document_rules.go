package rest

import (
	"maps"
	"slices"

	"github.com/bojanz/currency"
	"github.com/danielgtaylor/huma/v2"

	"github.com/pretendfriend/falafel-api/api/review"
)

// Patterns of the domain's rules, in the part of the syntax that ECMA-262, RE2 and
// Python have in common.
const (
	namePattern    = `^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\xa0./][^\x00-\x1f\x7f-\x9f]*$`
	commentPattern = `^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$`
)

var schemaMeanings = map[string]string{
	"Review":         "A visit to a restaurant, as one person saw it.",
	"ReviewInput":    "What a client says in a review. Read-only members may be sent back as they were read; they are ignored.",
	"ReviewList":     "A page of reviews.",
	"Restaurant":     "What the reviews of a restaurant add up to. last_review, the newest, is there where one restaurant is asked for.",
	"RestaurantList": "A page of restaurants.",
	"AverageCost":    "A mean cost in one currency.",
	"EarlierReview":  "A review in the earlier service's form.",
	"EarlierError":   "An error in the earlier service's form.",
	"Problem":        "An error (RFC 9457). New types and members may come; treat a type that you do not know by its status.",
	"ProblemError":   "A rule that a request breaks.",
}

// tellRules adds to the document's schemas what the domain enforces. huma would
// enforce it as well, by the same schemas and in words of its own ("expected string to
// match pattern …"); and could not: of multiples it knows binary fractions alone.
func tellRules(document *huma.OpenAPI) {
	schemas := document.Components.Schemas.Map()
	tenths, tenThousandths := 0.1, 0.0001
	nameLength := review.MaxNameLength

	codes := make([]any, 0, len(currency.GetCurrencyCodes()))
	for _, code := range currency.GetCurrencyCodes() {
		codes = append(codes, code)
	}
	schemas["Currency"] = &huma.Schema{
		Type: huma.TypeString, Enum: codes, Default: review.DefaultCurrency, Description: "ISO 4217 code of a currency in use.", Examples: []any{"EUR"},
	}
	for _, in := range []string{"ReviewInput", "Review", "EarlierReview"} {
		for name, property := range schemas[in].Properties {
			switch name {
			case "rating", "falafel_rating":
				property.MultipleOf = &tenths
			case "cost", "falafel_cost":
				property.MultipleOf = &tenThousandths
			case "restaurant", "falafel_restaurant":
				if !property.ReadOnly {
					property.Pattern = namePattern
				}
			case "comment":
				property.Pattern = commentPattern
			}
		}
	}
	schemas["ReviewInput"].Properties["currency"] = &huma.Schema{Ref: "#/components/schemas/Currency"}
	schemas["EarlierReviewInput"] = earlierReviewInput(*schemas["EarlierReview"])
	// Nothing beside a $ref: OpenAPI 3.0 ignores it, and generators stumble.
	schemas["Restaurant"].Properties["last_review"] = &huma.Schema{Ref: "#/components/schemas/Review"}
	for name, meaning := range schemaMeanings {
		schemas[name].Description = meaning
	}
	schemas["JSONPatchOperation"] = jsonPatchOperation()
	schemas["ReviewPatch"] = reviewPatch(document.Components.Schemas)

	operations(document, func(operation *huma.Operation) {
		for _, param := range operation.Parameters {
			switch param.Name {
			case "restaurant", "falafel_restaurant":
				param.Schema.Pattern, param.Schema.MaxLength = namePattern, &nameLength
			case "cursor":
				param.Schema.Pattern = `^[A-Za-z0-9_-]*$`
			}
		}
	})

	// Answers may get more members: a document that ruled that out would make every
	// addition a break for those who validate. Of requests the service does refuse them.
	for name, schema := range schemas {
		switch name {
		case "ReviewInput", "ReviewPatch", "EarlierReviewInput":
		default:
			schema.AdditionalProperties = nil
		}
	}
}

// reviewPatch is the schema of a merge patch of a ReviewInput: nothing is required, and
// null stands for the default.
func reviewPatch(registry huma.Registry) *huma.Schema {
	whole := registry.Map()["ReviewInput"]
	patch := &huma.Schema{
		Type: huma.TypeObject, Properties: map[string]*huma.Schema{}, AdditionalProperties: false,
		Description: "What of a review is to change. What is left out stays as it is.",
	}
	for name, property := range whole.Properties {
		if property.ReadOnly {
			continue
		}
		if property.Ref != "" {
			property = registry.SchemaFromRef(property.Ref)
		}
		changed := *property
		if !slices.Contains(whole.Required, name) {
			changed.Default, changed.Nullable = nil, true
			changed.Description += " null stands for the default."
			if changed.Enum != nil {
				changed.Enum = append(slices.Clone(changed.Enum), nil)
			}
		}
		patch.Properties[name] = &changed
	}
	return patch
}

// earlierReviewInput is a review as clients of the earlier service send it, and get it
// back: a cost of zero counts as missing, and there may be more members.
func earlierReviewInput(stored huma.Schema) *huma.Schema {
	stored.Description = "A review in the earlier service's form. Further members are sent back, and not stored."
	stored.AdditionalProperties = true
	stored.Properties = maps.Clone(stored.Properties)
	price := *stored.Properties["falafel_cost"]
	price.Minimum, price.ExclusiveMinimum = nil, price.Minimum
	price.Description = "Above 0, at most four decimals."
	stored.Properties["falafel_cost"] = &price
	return &stored
}

// jsonPatchOperation is one operation of a JSON Patch (RFC 6902, section 4), which
// says by its op what else it has.
func jsonPatchOperation() *huma.Schema {
	pointer := func(description string) *huma.Schema {
		return &huma.Schema{Type: huma.TypeString, Pattern: `^(/([^~/]|~[01])*)*$`, Description: description, Examples: []any{"/rating"}}
	}
	with := func(title, member string, schema *huma.Schema, ops ...any) *huma.Schema {
		operation := &huma.Schema{
			Type: huma.TypeObject, Title: title, Required: []string{"op", "path"},
			Properties: map[string]*huma.Schema{
				"op":   {Type: huma.TypeString, Enum: ops, Description: "What to do."},
				"path": pointer("JSON Pointer (RFC 6901) to the member."),
			},
		}
		if member != "" {
			operation.Required = append(operation.Required, member)
			operation.Properties[member] = schema
		}
		return operation
	}
	return &huma.Schema{
		Description: "An operation of a JSON Patch (RFC 6902).",
		OneOf: []*huma.Schema{
			with("To a value", "value", &huma.Schema{Description: "The value to add, replace or test."}, "add", "replace", "test"),
			with("From elsewhere", "from", pointer("JSON Pointer to the member to move or copy."), "move", "copy"),
			with("Away", "", nil, "remove"),
		},
	}
}

// operations visits every operation of the document, always in the same order.
func operations(document *huma.OpenAPI, visit func(*huma.Operation)) {
	for _, path := range slices.Sorted(maps.Keys(document.Paths)) {
		item := document.Paths[path]
		for _, operation := range []*huma.Operation{item.Get, item.Put, item.Post, item.Patch, item.Delete} {
			if operation != nil {
				visit(operation)
			}
		}
	}
}
