package image

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// inputs are what decides about the image, as git names paths.
var inputs = []string{"api", "devenv/image", "go.mod", "go.sum", ":(exclude,glob)**/*_test.go", ":(exclude,glob)**/testdata/**"}

// dirty ends the revision of a checkout in which the inputs were changed.
const dirty = "-dirty"

// revision returns the commit that is checked out in root, or nothing where root is no
// checkout of git, where git is missing, and before the first commit.
func revision(ctx context.Context, root string) (string, error) {
	// Not git's own search, which would find the repository of another project above.
	if _, err := os.Lstat(filepath.Join(root, ".git")); errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	commit, err := git(ctx, root, "rev-parse", "--verify", "--quiet", "HEAD")
	if errors.Is(err, exec.ErrNotFound) || err == nil && commit == "" {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("the revision of %s cannot be told: %w", root, err)
	}
	changed, err := git(ctx, root, append([]string{"status", "--porcelain", "--untracked-files=all", "--"}, inputs...)...)
	if err != nil {
		return "", fmt.Errorf("whether %s was changed cannot be told: %w", root, err)
	}
	if changed != "" {
		return commit + dirty, nil
	}
	return commit, nil
}

// git runs git on the repository in root, and returns what it prints, trimmed. What fails
// without a word, as `--quiet` has it, is no error.
func git(ctx context.Context, root string, arguments ...string) (string, error) {
	command := exec.CommandContext(ctx, "git", arguments...)
	command.Dir = root
	// A hook of git's has these point to its own repository.
	command.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains([]string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"}, name)
	})
	// It only reads: no other git has to wait for it.
	command.Env = append(command.Env, "GIT_OPTIONAL_LOCKS=0")
	output, err := command.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && ctx.Err() == nil {
		if len(exit.Stderr) == 0 {
			return "", nil
		}
		return "", errors.New(oneLine(exit.Stderr))
	}
	return strings.TrimSpace(string(output)), err
}
