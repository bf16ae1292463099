package terraform_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/terraform"
)

// program writes a script that answers as a terraform would.
func program(t *testing.T, version string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "terraform")
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+version+"\n"), 0o755))
	return path
}

func TestSaysWhatIsWrongWithATerraform(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ script, says string }{
		"too old":       {`echo '{"terraform_version": "1.10.9"}'`, " has the version 1.10.9, and 1.11 is the oldest that will do: install a newer one, https://developer.hashicorp.com/terraform/install"},
		"fails":         {"exit 3", " cannot be used (exit status 3): install Terraform 1.11 or newer, https://developer.hashicorp.com/terraform/install"},
		"is another":    {"echo '{}'", " cannot be used (it tells no version): install Terraform 1.11 or newer, https://developer.hashicorp.com/terraform/install"},
		"is not a tool": {"echo hello", " cannot be used (invalid character 'h' looking for beginning of value): install Terraform 1.11 or newer, https://developer.hashicorp.com/terraform/install"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := program(t, c.script)
			_, err := terraform.SetupProgram(t.Context(), t.TempDir(), path)
			require.ErrorIs(t, err, terraform.ErrMissing)
			assert.EqualError(t, err, path+c.says)
		})
	}
}

func TestSaysWhereToGetATerraform(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := terraform.Setup(t.Context(), t.TempDir())
	require.ErrorIs(t, err, terraform.ErrMissing)
	assert.EqualError(t, err, "neither terraform nor tofu is on PATH: install Terraform 1.11 or newer (https://developer.hashicorp.com/terraform/install) or OpenTofu (https://opentofu.org/docs/intro/install)")
}

func TestSaysThatAProviderDoesNotCompile(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(root, "go.mod"), []byte("module example.com/m\n\ngo 1.26\n"), 0o600))
	_, err := terraform.SetupProgram(t.Context(), root, program(t, `echo '{"terraform_version": "1.11.0"}'`))
	require.ErrorContains(t, err, "the provider in terraform/provider does not compile (exit status 1); the compiler says:\n")
}
