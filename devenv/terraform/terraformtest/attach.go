package terraformtest

import (
	"context"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/pretendfriend/falafel-api/devenv/internal/process"
)

const (
	// attachWithin bounds the start of a provider, which takes seconds.
	attachWithin = time.Minute
	askEvery     = 50 * time.Millisecond

	// stopWithin is how long a provider may take to end.
	stopWithin = 10 * time.Second
)

var attachment = regexp.MustCompile(`TF_REATTACH_PROVIDERS='(.+)'`)

// Attach starts the provider that `terraform init` put into the folder, named like
// hashicorp/aws, and returns the variable that has Terraform use it until the test ends.
// Terraform else starts a provider two or three times in each command, which for that of
// AWS is most of what a `terraform test` costs. Whoever shares it must not configure it:
// tests with a mock_provider read its schema alone.
//
// https://developer.hashicorp.com/terraform/plugin/debugging
func Attach(t *testing.T, dir, name string) (variable string) {
	t.Helper()
	pattern := filepath.Join(dir, ".terraform", "providers", "*", filepath.FromSlash(name), "*", "*", "terraform-provider-*")
	programs, err := filepath.Glob(pattern)
	if err != nil || len(programs) != 1 {
		t.Fatalf("%s is there %d times, not once (%v)", pattern, len(programs), err)
	}
	provider, err := process.Start(exec.CommandContext(context.Background(), programs[0], "-debug"), nil) // the test's own context ends before its cleanup
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { provider.Stop(stopWithin) })
	ctx, cancel := context.WithTimeout(t.Context(), attachWithin)
	defer cancel()
	said, err := provider.AwaitLog(ctx, askEvery, attachment)
	if err != nil {
		t.Fatalf("the provider %s does not start: %v", name, err)
	}
	return "TF_REATTACH_PROVIDERS=" + said[1]
}
