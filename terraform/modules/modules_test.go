package modules_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/terraform"
	"github.com/pretendfriend/falafel-api/devenv/terraform/terraformtest"
)

// Each module's own tests (`terraform test`) pass, its examples are valid, and each way of
// breaking it in tests/gotchas is caught.
func TestModules(t *testing.T) {
	t.Parallel()
	installation := terraformtest.Setup(t)
	// A Terraform with the AWS provider takes half a gigabyte.
	running := make(chan struct{}, 2)
	attached := attachAWS(t, installation)
	for _, module := range modules(t) {
		t.Run(module, func(t *testing.T) {
			t.Parallel()
			running <- struct{}{}
			defer func() { <-running }()
			copied := t.TempDir()
			require.NoError(t, os.CopyFS(copied, os.DirFS(".")))
			in := workplace{installation: installation, dir: filepath.Join(copied, module)}
			in.initialise(t)
			in.environ = attached
			in.succeed(t, "validate", "-no-color")
			in.succeed(t, "test", "-no-color")
			in.gotchas(t)
			examples, err := filepath.Glob(filepath.Join(in.dir, "examples", "*"))
			require.NoError(t, err)
			for _, dir := range examples {
				example := workplace{installation: installation, dir: dir}
				example.initialise(t)
				example.environ = attached
				example.succeed(t, "validate", "-no-color")
			}
		})
	}
}

// attachAWS has all modules use one process of the provider that they name in versions.tf.
func attachAWS(t *testing.T, installation *terraform.Installation) (environ []string) {
	t.Helper()
	if installation.Tofu {
		return nil // the provider gives itself the name that it has for Terraform
	}
	content, err := os.ReadFile(filepath.Join("database", "versions.tf"))
	require.NoError(t, err)
	some := workplace{installation: installation, dir: t.TempDir()}
	require.NoError(t, os.WriteFile(filepath.Join(some.dir, "versions.tf"), content, 0o600))
	some.initialise(t)
	return []string{terraformtest.Attach(t, some.dir, "hashicorp/aws")}
}

// A workplace is a folder that Terraform works in.
type workplace struct {
	installation *terraform.Installation
	dir          string
	environ      []string // of all commands but init, which looks for the providers itself
}

var (
	caught = regexp.MustCompile(`^# caught: (.+)\n`)
	frame  = regexp.MustCompile(`[\s│╷╵]+`) // Terraform wraps its messages, and frames them
)

// gotchas plants each file of tests/gotchas as an override, and expects its message from the
// tests of what the module makes; what it refuses to take is in refusals.tftest.hcl.
func (w workplace) gotchas(t *testing.T) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(w.dir, "tests", "gotchas", "*.override"))
	require.NoError(t, err)
	planted := filepath.Join(w.dir, "planted_override.tf")
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		expected := caught.FindSubmatch(content)
		require.NotNil(t, expected, "%s does not begin with \"# caught: \" and the message", file)
		require.NoError(t, os.WriteFile(planted, content, 0o600))
		output, err := w.run(t, "test", "-no-color", "-filter=tests/"+filepath.Base(w.dir)+".tftest.hcl")
		name := filepath.Base(file)
		require.Error(t, err, "%s: nothing catches it", name)
		assert.Contains(t, frame.ReplaceAllString(output, " "), string(expected[1]), "%s: something else failed", name)
	}
	require.NoError(t, os.RemoveAll(planted))
}

func (w workplace) initialise(t *testing.T) {
	t.Helper()
	output, err := w.run(t, "init", "-backend=false", "-input=false", "-no-color")
	if err != nil && strings.Contains(output, "Failed to query available provider packages") {
		terraformtest.Skip(t, "the registry that the providers come from cannot be reached, and "+terraform.MirrorVariable+" names no mirror that has them:\n"+output)
	}
	require.NoError(t, err, output)
}

func (w workplace) succeed(t *testing.T, arguments ...string) {
	t.Helper()
	output, err := w.run(t, arguments...)
	require.NoError(t, err, output)
}

func (w workplace) run(t *testing.T, arguments ...string) (string, error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), w.installation.Program, arguments...)
	command.Dir = w.dir
	command.Env = append(os.Environ(), slices.Concat(w.installation.Environ(), w.environ, []string{"CHECKPOINT_DISABLE=1"})...)
	output, err := command.CombinedOutput()
	return string(output), err
}
