package contract

import (
	"bytes"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"
	"golang.org/x/mod/semver"
)

// Document is an OpenAPI document with the version that it says it has.
type Document struct {
	Version string // semantic, without a v
	Content []byte
}

// ParseDocument reads the version of a document.
func ParseDocument(content []byte) (Document, error) {
	var head struct {
		Info struct {
			Version string `yaml:"version"`
		} `yaml:"info"`
	}
	if err := yaml.Unmarshal(content, &head); err != nil {
		return Document{}, err
	}
	if version := "v" + head.Info.Version; !semver.IsValid(version) || semver.Canonical(version) != version || semver.Prerelease(version) != "" {
		return Document{}, fmt.Errorf("info.version %q is no semantic version such as 1.4.0", head.Info.Version)
	}
	return Document{head.Info.Version, content}, nil
}

// newer reports that a version comes after another.
func newer(version, than string) bool { return semver.Compare("v"+version, "v"+than) > 0 }

// Check lists what keeps a document from following a released one: a version that does
// not say enough, a breaking change that no note explains, a note that explains nothing.
// Each sentence says what to do.
func Check(released, document Document, notes Notes) ([]string, error) {
	if bytes.Equal(released.Content, document.Content) {
		return nil, nil
	}
	changes, err := Compare(released.Content, document.Content)
	if err != nil {
		return nil, err
	}
	var problems []string
	var unexplained []Change
	for _, change := range changes {
		if change.Severity > Compatible && notes.explanation(change) == nil {
			unexplained = append(unexplained, change)
			problems = append(problems, fmt.Sprintf("%s change without a note: %s", change.Severity, change))
		}
	}
	if len(unexplained) > 0 {
		problems = append(problems, fmt.Sprintf("take these changes back, or explain them in openapi/released/notes/%s.yaml:\n%s",
			wanted(released.Version, document.Version, notes, changes), Stub(unexplained)))
	}
	problems = append(problems, notes.faults(changes)...)
	if needed, why := atLeast(released.Version, notes, changes); newer(needed, document.Version) {
		problems = append(problems, fmt.Sprintf("the document calls itself %s: %s since the release of %s, so that it is %s at least; set Version in api/rest/documents.go",
			document.Version, why, released.Version, needed))
	}
	return problems, nil
}

// wanted is the version that the document has or should have.
func wanted(released, document string, notes Notes, changes []Change) string {
	needed, _ := atLeast(released, notes, changes)
	if newer(needed, document) {
		return needed
	}
	return document
}

// atLeast is the lowest version that the changes since a release allow, and why.
// Breaking takes a major version, everything else that a client can see in the contract
// a minor one, and texts and examples a patch.
func atLeast(released string, notes Notes, changes []Change) (version, why string) {
	var major, minor, patch int
	if _, err := fmt.Sscanf(released, "%d.%d.%d", &major, &minor, &patch); err != nil {
		return released, err.Error() // ParseDocument took it: cannot happen
	}
	breaks := slices.ContainsFunc(changes, func(change Change) bool {
		note := notes.explanation(change)
		return change.Severity == Breaking && (note == nil || !note.Correction)
	})
	switch {
	case breaks:
		return fmt.Sprintf("%d.0.0", major+1), "it breaks clients"
	case len(changes) > 0:
		return fmt.Sprintf("%d.%d.0", major, minor+1), "the contract changed"
	default:
		return fmt.Sprintf("%d.%d.%d", major, minor, patch+1), "its texts or examples changed"
	}
}

func (s Severity) String() string {
	return [...]string{"compatible", "risky", "breaking"}[s]
}
