package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestTheBackendsOfAllPackagesAreAddedUp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ reports, want string }{
		"no package uses one": {"", ""},
		"two packages": {
			`{"package":"a","backend":"java","tests":2}` + "\n" + `{"package":"a","backend":"container","tests":1}` + "\n" + `{"package":"b","backend":"java","tests":3}` + "\n",
			"\nDynamoDB: 1 tests on container\nDynamoDB: 5 tests on java\n",
		},
		"one is missing": {
			`{"package":"a","backend":"container","tests":0,"missing":"no Docker"}` + "\n" + `{"package":"a","backend":"java","tests":2}` + "\n",
			"\nDynamoDB: NOT on container: no Docker\nDynamoDB: 2 tests on java\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "reports")
			if c.reports != "" {
				if err := os.WriteFile(path, []byte(c.reports), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var out bytes.Buffer
			if err := summarise(&out, path); err != nil {
				t.Fatal(err)
			}
			if out.String() != c.want {
				t.Errorf("got %q, want %q", out.String(), c.want)
			}
		})
	}
}
