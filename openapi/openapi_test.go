package openapi_test

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pretendfriend/falafel-api/api/rest"
)

func TestTheCommittedDocumentsAreThoseOfTheCode(t *testing.T) {
	t.Parallel()
	documents, err := rest.Documents()
	if err != nil {
		t.Fatal(err)
	}
	if len(documents) != 4 {
		t.Errorf("%d documents, want 4", len(documents))
	}
	for name, generated := range documents {
		committed, err := os.ReadFile(name)
		if err != nil {
			t.Errorf("%v: run go generate ./...", err)
			continue
		}
		if diff := cmp.Diff(string(committed), string(generated)); diff != "" {
			t.Errorf("%s is stale, run go generate ./... (-committed +generated):\n%s", name, diff)
		}
	}
}

func TestDocumentsAreTheSameEveryTime(t *testing.T) {
	t.Parallel()
	first, err := rest.Documents()
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		again, err := rest.Documents()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(first, again); diff != "" {
			t.Fatal(diff)
		}
	}
}
