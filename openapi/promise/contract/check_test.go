package contract_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pretendfriend/falafel-api/openapi/promise/contract"
)

// versioned is the project's document as a version, after an edit.
func versioned(t *testing.T, version string, edit func(t *testing.T, document node)) contract.Document {
	t.Helper()
	content := edited(t, func(t *testing.T, document node) {
		t.Helper()
		at(t, document, "info")["version"] = version
		if edit != nil {
			edit(t, document)
		}
	})
	return contract.Document{Version: version, Content: content}
}

func renamed(t *testing.T, document node) {
	t.Helper()
	at(t, document, "paths#/v1/reviews#get")["operationId"] = "newestReviews"
}

func added(t *testing.T, document node) {
	t.Helper()
	at(t, document, "components/schemas/ReviewInput/properties")["author"] = node{"type": "string"}
}

func reworded(t *testing.T, document node) {
	t.Helper()
	at(t, document, "paths#/v1/reviews#get")["description"] = "Other words."
}

func relaxedError(t *testing.T, document node) {
	t.Helper()
	remove(t, document, "paths#"+reviewPath+"#delete#responses", "412")
}

func TestTheVersionSaysHowMuchChanged(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		edit    func(t *testing.T, document node)
		version string
		needs   string // the version that is asked for; empty where this one is enough
	}{
		"nothing at the same version":                {nil, "1.4.2", ""},
		"a text at the same version":                 {reworded, "1.4.2", "1.4.3"},
		"a text at a patch":                          {reworded, "1.4.3", ""},
		"an addition at a patch":                     {added, "1.4.3", "1.5.0"},
		"an addition at a minor version":             {added, "1.5.0", ""},
		"a risky change at a patch":                  {relaxedError, "1.4.3", "1.5.0"},
		"a risky change at a minor version":          {relaxedError, "1.5.0", ""},
		"a breaking change at a minor version":       {renamed, "1.5.0", "2.0.0"},
		"a breaking change at a major version":       {renamed, "2.0.0", ""},
		"a version that goes back":                   {reworded, "1.3.9", "1.4.3"},
		"a second change before the version is out":  {added, "1.6.0", ""},
		"a text at a version further than it has to": {reworded, "2.0.0", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			released, document := versioned(t, "1.4.2", nil), versioned(t, test.version, test.edit)
			problems, err := contract.Check(released, document, everythingExplained(t, released, document))
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(problems, "\n")
			if test.needs == "" && got != "" {
				t.Errorf("want no problem, got %s", got)
			}
			if test.needs != "" && !strings.Contains(got, "so that it is "+test.needs+" at least; set Version in api/rest/documents.go") {
				t.Errorf("want that it needs %s, got %q", test.needs, got)
			}
		})
	}
}

// everythingExplained are notes for all that needs one.
func everythingExplained(t *testing.T, released, document contract.Document) contract.Notes {
	t.Helper()
	var unexplained []contract.Change
	for _, change := range compare(t, released.Content, document.Content) {
		if change.Severity > contract.Compatible {
			unexplained = append(unexplained, change)
		}
	}
	notes, err := contract.ParseNotes([]byte(contract.Stub(unexplained)))
	if err != nil {
		t.Fatal(err)
	}
	return notes
}

func TestABreakingChangeNeedsANote(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(t *testing.T, document node){"breaking": renamed, "risky": relaxedError} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			problems, err := contract.Check(versioned(t, "1.4.2", nil), versioned(t, "2.0.0", edit), contract.Notes{})
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(problems, "\n")
			for _, want := range []string{name + " change without a note", "openapi/released/notes/2.0.0.yaml", "- id: ", "migrate: "} {
				if !strings.Contains(got, want) {
					t.Errorf("want %q in %q", want, got)
				}
			}
		})
	}
}

func TestANoteLetsThroughExactlyWhatItNames(t *testing.T) {
	t.Parallel()
	released := versioned(t, "1.4.2", nil)
	document := versioned(t, "2.0.0", func(t *testing.T, document node) {
		t.Helper()
		renamed(t, document)
		at(t, document, "paths#/v1/restaurants#get")["operationId"] = "restaurants"
	})
	notes := everythingExplained(t, released, document)
	if len(notes.Changes) != 2 {
		t.Fatalf("%d notes, want one for each of two operations", len(notes.Changes))
	}
	for name, test := range map[string]struct {
		change func(notes *contract.Notes)
		want   []string // in the problems
	}{
		"all of them": {func(*contract.Notes) {}, nil},
		"one of two": {
			func(n *contract.Notes) { n.Changes = n.Changes[:1] },
			[]string{"breaking change without a note"},
		},
		"another operation": {
			func(n *contract.Notes) { n.Changes[0].Operations = []string{"GET /v1/other"} },
			[]string{"breaking change without a note", "explains nothing in GET /v1/other"},
		},
		"one operation too many": {func(n *contract.Notes) {
			n.Changes[0].Operations = append(n.Changes[0].Operations, "GET /v1/other")
		}, []string{"explains nothing in GET /v1/other"}},
		"another rule": {
			func(n *contract.Notes) { n.Changes[0].ID = "api-tag-removed" },
			[]string{"breaking change without a note", "note 1 (api-tag-removed) explains nothing"},
		},
		"other words": {
			func(n *contract.Notes) { n.Changes[0].Text += "!" },
			[]string{"breaking change without a note", "explains nothing"},
		},
		"no reason":                      {func(n *contract.Notes) { n.Changes[0].Why = " " }, []string{"does not say why"}},
		"no way to migrate":              {func(n *contract.Notes) { n.Changes[0].Migrate = "" }, []string{"does not say how a client migrates"}},
		"no operation":                   {func(n *contract.Notes) { n.Changes[0].Operations = nil }, []string{"names no operation", "breaking change without a note"}},
		"a correction, without a way to": {func(n *contract.Notes) { n.Changes[0].Correction, n.Changes[0].Migrate = true, "" }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := contract.Notes{Changes: append([]contract.Note(nil), notes.Changes...)}
			test.change(&changed)
			problems, err := contract.Check(released, document, changed)
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(problems, "\n")
			if len(test.want) == 0 && got != "" {
				t.Errorf("want no problem, got %s", got)
			}
			for _, want := range test.want {
				if !strings.Contains(got, want) {
					t.Errorf("want %q in %q", want, got)
				}
			}
		})
	}
}

// Where the document was wrong, clients do not break when it is put right.
func TestACorrectionTakesNoMajorVersion(t *testing.T) {
	t.Parallel()
	released, document := versioned(t, "1.4.2", nil), versioned(t, "1.5.0", func(t *testing.T, document node) {
		t.Helper()
		at(t, document, "components/schemas/ReviewInput/properties/comment")["maxLength"] = 1000
	})
	notes := everythingExplained(t, released, document)
	for i := range notes.Changes {
		notes.Changes[i].Correction = true
	}
	problems, err := contract.Check(released, document, notes)
	if err != nil || len(problems) > 0 {
		t.Error(problems, err)
	}
}

func TestNotesAreReadStrictly(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a member with a slip": "changes:\n  - idd: api-tag-removed\n",
		"no list":              "changes: all of them\n",
		"no YAML":              "changes: [",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if notes, err := contract.ParseNotes([]byte(text)); err == nil {
				t.Errorf("taken: %+v", notes)
			}
		})
	}
	t.Run("nothing is no notes", func(t *testing.T) {
		t.Parallel()
		notes, err := contract.ParseNotes(nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(contract.Notes{}, notes); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAVersionIsSemantic(t *testing.T) {
	t.Parallel()
	for version, valid := range map[string]bool{"1.4.0": true, "10.0.12": true, "1.4": false, "v1.4.0": false, "1.4.0-rc.1": false, "1.4.0+build": false, "": false, "today": false} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			_, err := contract.ParseDocument([]byte("openapi: 3.1.0\ninfo:\n  version: '" + version + "'\n"))
			if (err == nil) != valid {
				t.Errorf("%q: %v", version, err)
			}
		})
	}
}
