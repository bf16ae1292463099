package contract

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Notes are what people wrote about a version: why it breaks what it breaks, and what
// a client does about it.
type Notes struct {
	Summary string `yaml:"summary"` // what the version is about; may be empty
	Changes []Note `yaml:"changes"`
}

// Note explains one change, in the operations that it names and in no other.
type Note struct {
	ID         string   `yaml:"id"`         // of the change, as the check prints it
	Text       string   `yaml:"text"`       // of the change, to the letter
	Operations []string `yaml:"operations"` // "GET /v1/reviews", or "document"
	Why        string   `yaml:"why"`
	Migrate    string   `yaml:"migrate"` // what a client does
	// Correction: the service did so all along, and it was the document that was wrong.
	// No client breaks, so that it takes no major version.
	Correction bool `yaml:"correction,omitempty"`
}

// ParseNotes reads the notes of a version. A member that it does not know is an error:
// a note with a slip in it would explain nothing.
func ParseNotes(text []byte) (Notes, error) {
	var notes Notes
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&notes); err != nil && !errors.Is(err, io.EOF) {
		return notes, err
	}
	return notes, nil
}

func (n Note) explains(change Change) bool {
	return n.ID == change.ID && n.Text == change.Text && slices.Contains(n.Operations, change.Operation)
}

// explanation is the note of a change; nil where there is none.
func (n Notes) explanation(change Change) *Note {
	for i := range n.Changes {
		if n.Changes[i].explains(change) {
			return &n.Changes[i]
		}
	}
	return nil
}

// faults are what is wrong with the notes themselves: what a note lacks, and what it
// claims to explain although it is not there.
func (n Notes) faults(changes []Change) []string {
	var faults []string
	for i, note := range n.Changes {
		name := fmt.Sprintf("note %d (%s)", i+1, note.ID)
		if strings.TrimSpace(note.Why) == "" {
			faults = append(faults, name+" does not say why")
		}
		if strings.TrimSpace(note.Migrate) == "" && !note.Correction {
			faults = append(faults, name+" does not say how a client migrates")
		}
		if len(note.Operations) == 0 {
			faults = append(faults, name+" names no operation")
		}
		for _, operation := range note.Operations {
			explained := slices.ContainsFunc(changes, func(change Change) bool {
				return change.Severity > Compatible && change.Operation == operation && note.explains(change)
			})
			if !explained {
				faults = append(faults, fmt.Sprintf("%s explains nothing in %s: there is no such change, or it breaks nothing; remove it", name, operation))
			}
		}
	}
	return faults
}

// Stub is the YAML of notes that would explain the changes, once their dots are filled.
func Stub(changes []Change) string {
	type key struct{ id, text string }
	operations := map[key][]string{}
	var order []key
	for _, change := range changes {
		k := key{change.ID, change.Text}
		if operations[k] == nil {
			order = append(order, k)
		}
		operations[k] = append(operations[k], change.Operation)
	}
	stub := Notes{}
	for _, k := range order {
		stub.Changes = append(stub.Changes, Note{ID: k.id, Text: k.text, Operations: operations[k], Why: "…", Migrate: "…"})
	}
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(struct {
		Changes []Note `yaml:"changes"`
	}{stub.Changes}); err != nil {
		return err.Error() // strings only: cannot happen
	}
	return out.String()
}
