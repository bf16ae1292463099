// Package bootstrap_test asks the bootstrap without AWS, as the modules are asked.
package bootstrap_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/terraform"
)

func TestBootstrap(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	installation, err := terraform.Setup(t.Context(), root)
	if errors.Is(err, terraform.ErrMissing) {
		if os.Getenv("FALAFEL_TEST_TERRAFORM") == "1" {
			t.Fatalf("FALAFEL_TEST_TERRAFORM=1 demands Terraform, but %v", err)
		}
		t.Skip("NOT TESTED: " + err.Error())
	}
	require.NoError(t, err)
	copied := t.TempDir()
	for _, folder := range []string{"bootstrap", "modules/delivery"} {
		require.NoError(t, os.CopyFS(filepath.Join(copied, folder), os.DirFS(filepath.Join("..", folder))))
	}
	for _, arguments := range [][]string{
		{"init", "-backend=false", "-input=false", "-no-color"},
		{"validate", "-no-color"},
		{"test", "-no-color"},
	} {
		command := exec.CommandContext(t.Context(), installation.Program, arguments...)
		command.Dir = filepath.Join(copied, "bootstrap")
		command.Env = append(os.Environ(), append(installation.Environ(), "CHECKPOINT_DISABLE=1")...)
		output, err := command.CombinedOutput()
		require.NoErrorf(t, err, "%s\n%s", command, output)
	}
}
