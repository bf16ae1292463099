// Package bootstrap_test asks the bootstrap without AWS, as the modules are asked.
package bootstrap_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/terraform/terraformtest"
)

func TestBootstrap(t *testing.T) {
	t.Parallel()
	installation := terraformtest.Setup(t)
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
