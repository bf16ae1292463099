package environment_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/internal/project"
)

// checkout is a copy of what the API is built from, in a git repository, to be edited.
type checkout string

func newCheckout(t *testing.T) checkout {
	t.Helper()
	c := checkout(t.TempDir())
	require.NoError(t, project.CopyAPI(string(c)))
	require.NoError(t, os.WriteFile(c.path(".gitignore"), []byte(project.State+"/\n"), 0o600))
	c.git(t, "init", "--quiet", "--initial-branch=main")
	c.git(t, "add", "--all")
	c.git(t, "commit", "--quiet", "--message=A copy")
	return c
}

func (c checkout) path(elements ...string) string {
	return filepath.Join(append([]string{string(c)}, elements...)...)
}

func (c checkout) git(t *testing.T, arguments ...string) {
	t.Helper()
	command := exec.Command("git", arguments...)
	command.Dir = string(c)
	command.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null",
		"GIT_AUTHOR_NAME=Test", "GIT_AUTHOR_EMAIL=test@example.com", "GIT_COMMITTER_NAME=Test", "GIT_COMMITTER_EMAIL=test@example.com")
	output, err := command.CombinedOutput()
	require.NoError(t, err, "git %v: %s", arguments, output)
}

// edit replaces text in a file, and saves it as most editors do: a new file takes the
// place of the old.
func (c checkout) edit(t *testing.T, file, old, replacement string) {
	t.Helper()
	path := c.path(filepath.FromSlash(file))
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(string(content), old), "%s in %s", old, file)
	require.NoError(t, os.WriteFile(path+".tmp", []byte(strings.Replace(string(content), old, replacement, 1)), 0o600))
	require.NoError(t, os.Rename(path+".tmp", path))
}
