package contract_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pretendfriend/falafel-api/openapi/promise/contract"
)

var project = contract.History{Dir: "../.."}

func TestTheDocumentKeepsThePromise(t *testing.T) {
	t.Parallel()
	problems, err := project.Check()
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range problems {
		t.Error(problem)
	}
}

func TestTheChangelogIsUpToDate(t *testing.T) {
	t.Parallel()
	want, err := project.Changelog()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(project.Dir, "CHANGELOG.md"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("openapi/CHANGELOG.md is stale, run go generate ./... (-generated +committed):\n%s", diff)
	}
}

// A history from the first release to the second, as people make it.
func TestAReleaseIsCutAndKept(t *testing.T) {
	t.Parallel()
	history := contract.History{Dir: t.TempDir()}
	write(t, history, "openapi.yaml", string(versioned(t, "1.0.0", nil).Content))

	expectProblem(t, history, "no document is released")
	release(t, history, "1.0.0")
	expectProblem(t, history)
	if _, err := history.Release(); !errors.Is(err, contract.ErrNothingToRelease) {
		t.Errorf("a second release: %v, want %v", err, contract.ErrNothingToRelease)
	}
	if changelog := read(t, history); !strings.Contains(changelog, "Nothing yet.") || !strings.Contains(changelog, "- `GET /v1/reviews`: List the newest reviews") {
		t.Error(changelog)
	}

	document := versioned(t, "1.0.0", renamed)
	write(t, history, "openapi.yaml", string(document.Content))
	expectProblem(t, history, "breaking change without a note", "so that it is 2.0.0 at least")
	if _, err := history.Release(); err == nil {
		t.Error("a document that breaks the promise was released")
	}

	document = versioned(t, "2.0.0", renamed)
	write(t, history, "openapi.yaml", string(document.Content))
	write(t, history, "released/notes/2.0.0.yaml", `
summary: Names that read well.
changes:
  - id: api-operation-id-removed
    text: api operation id `+"`listReviews`"+` removed and replaced with `+"`newestReviews`"+`
    operations: [GET /v1/reviews]
    why: It lists
      the newest.
    migrate: Rename the method.
`)
	expectProblem(t, history)
	if changelog := read(t, history); !strings.Contains(changelog, "## Unreleased\n\nNames that read well.\n\n### Breaking\n\n- `GET /v1/reviews`: ") {
		t.Error(changelog)
	}
	release(t, history, "2.0.0")
	expectProblem(t, history)
	changelog := read(t, history)
	for _, want := range []string{"Nothing yet.", "## 2.0.0\n\nNames that read well.", "  - Why: It lists the newest.\n  - What to do: Rename the method.\n"} {
		if !strings.Contains(changelog, want) {
			t.Errorf("want %q in %s", want, changelog)
		}
	}
	if strings.Index(changelog, "## 2.0.0") > strings.Index(changelog, "## 1.0.0") {
		t.Error("the newest release does not come first")
	}

	write(t, history, "released/notes/3.0.0.yaml", "summary: Too early.")
	expectProblem(t, history, "released/notes/3.0.0.yaml is about no version")
}

func TestAReleasedDocumentIsNotEdited(t *testing.T) {
	t.Parallel()
	history := contract.History{Dir: t.TempDir()}
	write(t, history, "openapi.yaml", string(versioned(t, "1.0.0", nil).Content))
	release(t, history, "1.0.0")
	write(t, history, "released/1.0.0.yaml", string(versioned(t, "1.1.0", nil).Content))
	if problems, err := history.Check(); err == nil {
		t.Errorf("taken, with %v", problems)
	}
}

func write(t *testing.T, history contract.History, name, content string) {
	t.Helper()
	name = filepath.Join(history.Dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, history contract.History) string {
	t.Helper()
	changelog, err := history.Changelog()
	if err != nil {
		t.Fatal(err)
	}
	return string(changelog)
}

func release(t *testing.T, history contract.History, want string) {
	t.Helper()
	version, err := history.Release()
	if err != nil || version != want {
		t.Fatalf("release: %s, %v, want %s", version, err, want)
	}
}

// expectProblem wants each of the texts in the problems; without any, that there is none.
func expectProblem(t *testing.T, history contract.History, texts ...string) {
	t.Helper()
	problems, err := history.Check()
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(problems, "\n")
	if len(texts) == 0 && all != "" {
		t.Errorf("want no problem, got %s", all)
	}
	for _, text := range texts {
		if !strings.Contains(all, text) {
			t.Errorf("want %q in %q", text, all)
		}
	}
}
