// Package contract holds an OpenAPI document against the one that clients were promised:
// what changed, what a client may not survive, and which version that makes.
//
// oasdiff tells what changed. What of it breaks a promise is decided here, where it
// differs from oasdiff: see [stricter].
package contract

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oasdiff/oasdiff/checker"
	"github.com/oasdiff/oasdiff/diff"
	"github.com/oasdiff/oasdiff/load"
)

// Severity is what a change does to a client that was written for the document before.
type Severity int

// From the harmless to the fatal.
const (
	Compatible Severity = iota // every client goes on working
	Risky                      // some clients may stop
	Breaking                   // clients that use it stop
)

// Change is one difference between two documents.
type Change struct {
	ID        string // of oasdiff's rule, or of ours
	Operation string // "GET /v1/reviews", or "document" for what belongs to none
	Text      string
	Severity  Severity
}

func (c Change) String() string {
	return fmt.Sprintf("%s: %s [%s]", c.Operation, c.Text, c.ID)
}

// NoticeDays is for how long an announced end lies ahead, at least.
const NoticeDays = 180

// stricter are the rules that oasdiff takes more lightly than this API can.
var stricter = map[string]checker.Level{
	// Generated clients have operations for methods, and schemas for types.
	checker.APIOperationIdRemovedId: checker.ERR,
	checker.APISchemasRemovedId:     checker.WARN,
	// Headers carry what clients work with (ETag, Link), and are never "required" here.
	checker.OptionalResponseHeaderRemovedId: checker.ERR,
	// An optional member that never comes again is one that clients read.
	checker.ResponseOptionalPropertyRemovedId: checker.ERR,
	// The service refuses members and parameters that it does not know.
	checker.RequestPropertyRemovedId:  checker.ERR,
	checker.RequestParameterRemovedId: checker.ERR,
	// What a client leaves out comes to mean something else.
	checker.RequestParameterDefaultValueChangedId: checker.ERR,
	checker.RequestParameterDefaultValueRemovedId: checker.ERR,
	checker.RequestPropertyDefaultValueChangedId:  checker.ERR,
	checker.RequestPropertyDefaultValueRemovedId:  checker.ERR,
	checker.RequestBodyDefaultValueChangedId:      checker.ERR,
	checker.RequestBodyDefaultValueRemovedId:      checker.ERR,
	// Code that waits for an error waits in vain.
	checker.ResponseNonSuccessStatusRemovedId: checker.WARN,
	// Deprecated is not enough: only a Sunset tells clients until when.
	checker.APIRemovedWithDeprecationId:                      checker.ERR,
	checker.APIPathRemovedWithDeprecationId:                  checker.ERR,
	checker.RequestParameterRemovedWithDeprecationId:         checker.ERR,
	checker.RequestPropertyRemovedWithDeprecationId:          checker.ERR,
	checker.ResponseRequiredPropertyRemovedWithDeprecationId: checker.ERR,
}

// RemovedAfterSunset is the change that oasdiff passes over: an operation that went
// when it was announced to go.
const RemovedAfterSunset = "api-removed-after-sunset"

// Compare lists what changed from one document to the next, the worst first.
func Compare(base, revision []byte) ([]Change, error) {
	before, err := read(base, "the released document")
	if err != nil {
		return nil, err
	}
	after, err := read(revision, "the document")
	if err != nil {
		return nil, err
	}
	report, sources, err := diff.GetWithOperationsSourcesMap(diff.NewConfig(), before, after)
	if err != nil {
		return nil, fmt.Errorf("compare %s with %s: %w", before.Version, after.Version, err)
	}
	config := checker.NewConfig(checker.GetAllChecks(),
		checker.WithSeverityLevels(stricter),
		checker.WithDeprecation(NoticeDays, NoticeDays))
	english := checker.NewDefaultLocalizer()

	var changes []Change
	reported := map[string]bool{}
	for _, found := range checker.CheckBackwardCompatibilityUntilLevel(config, report, sources, checker.INFO) {
		if aboutVersions[found.GetId()] {
			continue
		}
		change := Change{ID: found.GetId(), Operation: "document", Text: found.GetUncolorizedText(english), Severity: severityOf(found)}
		if found.GetPath() != "" {
			change.Operation = found.GetOperation() + " " + found.GetPath()
		}
		reported[change.Operation] = true
		changes = append(changes, change)
	}
	for _, operation := range gone(before.Spec, after.Spec) {
		if !reported[operation] {
			changes = append(changes, Change{ID: RemovedAfterSunset, Operation: operation, Text: "removed, as announced by its sunset"})
		}
	}
	slices.SortFunc(changes, func(a, b Change) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Text, b.Text))
	})
	// One schema in two places of an operation gives one sentence twice.
	return slices.Compact(changes), nil
}

// aboutVersions are oasdiff's findings about the version of the document, of which
// [Check] has its own opinion.
var aboutVersions = map[string]bool{
	checker.APIVersionNotBumpedId:      true,
	checker.APIVersionDecreasedId:      true,
	checker.APIMajorVersionNotBumpedId: true,
}

func severityOf(change checker.Change) Severity {
	switch change.GetLevel() {
	case checker.ERR:
		return Breaking
	case checker.WARN:
		return Risky
	default:
		return Compatible
	}
}

func read(document []byte, name string) (*load.SpecInfo, error) {
	info, err := load.NewSpecInfoFromData(openapi3.NewLoader(), document, name,
		load.WithFlattenAllOf(), load.WithFlattenParams(), load.WithLowercaseHeaders())
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return info, nil
}

// gone are the operations of one document that the other has not.
func gone(before, after *openapi3.T) []string {
	var operations []string
	for path, item := range before.Paths.Map() {
		for method := range item.Operations() {
			if still := after.Paths.Value(path); still == nil || still.GetOperation(method) == nil {
				operations = append(operations, method+" "+path)
			}
		}
	}
	return operations
}
