// Package terraformtest gives tests a Terraform that knows this checkout's provider.
package terraformtest

import (
	"context"
	"errors"
	"os"
	"sync"
	"testing"

	"github.com/pretendfriend/falafel-api/devenv/internal/project"
	"github.com/pretendfriend/falafel-api/devenv/terraform"
)

// demandVariable, set to 1, makes a test fail that would be skipped for want of Terraform.
const demandVariable = "FALAFEL_TEST_TERRAFORM"

var install = sync.OnceValues(func() (*terraform.Installation, error) {
	root, err := project.Root()
	if err != nil {
		return nil, err
	}
	return terraform.Setup(context.Background(), root)
})

// Setup returns a Terraform of the test's own: nobody rebuilds the provider under it. The
// test is skipped, loudly, where there is none, and fails where one is demanded.
func Setup(t *testing.T) *terraform.Installation {
	t.Helper()
	installation, err := install()
	if errors.Is(err, terraform.ErrMissing) {
		Skip(t, err.Error())
	}
	if err == nil {
		installation, err = installation.Isolate(t.TempDir())
	}
	if err != nil {
		t.Fatal(err)
	}
	return installation
}

// Skip skips the test for a reason that lies in the machine, or fails it where Terraform
// is demanded.
func Skip(t *testing.T, reason string) {
	t.Helper()
	if os.Getenv(demandVariable) == "1" {
		t.Fatalf("%s=1 demands Terraform, but %s", demandVariable, reason)
	}
	t.Skip("NOT TESTED: " + reason)
}
