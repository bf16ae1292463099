package contract

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Section is what the changelog says about a version, without its heading.
func Section(released, document Document, notes Notes) (string, error) {
	changes, err := Compare(released.Content, document.Content)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	if notes.Summary != "" {
		fmt.Fprintf(&out, "%s\n\n", strings.TrimSpace(notes.Summary))
	}
	if len(changes) == 0 {
		if bytes.Equal(released.Content, document.Content) {
			out.WriteString("Nothing changed.\n\n")
		} else {
			out.WriteString("Texts and examples only.\n\n")
		}
	}
	for _, group := range []struct {
		severity Severity
		heading  string
	}{{Breaking, "Breaking"}, {Risky, "May break some clients"}, {Compatible, "Compatible"}} {
		list(&out, group.heading, notes, slices.DeleteFunc(slices.Clone(changes), func(change Change) bool {
			note := notes.explanation(change)
			return change.Severity != group.severity || note != nil && note.Correction
		}))
	}
	list(&out, "Corrections of the document: the service did so before", notes, slices.DeleteFunc(slices.Clone(changes), func(change Change) bool {
		note := notes.explanation(change)
		return note == nil || !note.Correction
	}))
	return out.String(), nil
}

// list writes the changes under a heading, those of one wording as one, with the
// operations that it happened to and the note about it.
func list(out *strings.Builder, heading string, notes Notes, changes []Change) {
	if len(changes) == 0 {
		return
	}
	fmt.Fprintf(out, "### %s\n\n", heading)
	written := map[string]bool{}
	for _, change := range changes {
		if written[change.ID+change.Text] {
			continue
		}
		written[change.ID+change.Text] = true
		var operations []string
		for _, other := range changes {
			if other.ID == change.ID && other.Text == change.Text {
				operations = append(operations, "`"+other.Operation+"`")
			}
		}
		fmt.Fprintf(out, "- %s: %s\n", strings.Join(operations, ", "), change.Text)
		if note := notes.explanation(change); note != nil {
			fmt.Fprintf(out, "  - Why: %s\n", oneLine(note.Why))
			if note.Migrate != "" {
				fmt.Fprintf(out, "  - What to do: %s\n", oneLine(note.Migrate))
			}
		}
	}
	out.WriteString("\n")
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// FirstSection is what the changelog says about the first release: what there is.
func FirstSection(document Document, notes Notes) (string, error) {
	var content struct {
		Paths map[string]map[string]struct {
			Summary    string `yaml:"summary"`
			Deprecated bool   `yaml:"deprecated"`
		} `yaml:"paths"`
	}
	if err := yaml.Unmarshal(document.Content, &content); err != nil {
		return "", err
	}
	var out strings.Builder
	if notes.Summary != "" {
		fmt.Fprintf(&out, "%s\n\n", strings.TrimSpace(notes.Summary))
	}
	var lines []string
	for path, methods := range content.Paths {
		for method, operation := range methods {
			line := fmt.Sprintf("- `%s %s`: %s", strings.ToUpper(method), path, operation.Summary)
			if operation.Deprecated {
				line += " (deprecated)"
			}
			lines = append(lines, line)
		}
	}
	slices.Sort(lines)
	out.WriteString("### Operations\n\n" + strings.Join(lines, "\n") + "\n\n")
	return out.String(), nil
}
