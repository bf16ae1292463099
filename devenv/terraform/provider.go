package terraform

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

const (
	source = "pretendfriend/falafel"

	// version is what a build of the checkout has: the modules ask for ~> 1.0.
	version = "1.0.0"
)

// buildProvider builds the provider into the mirror of one registry host.
func buildProvider(ctx context.Context, root, state, mirror string) error {
	// The compiler works beside the mirror, so that it finds its own output up to date and
	// a Terraform that runs meanwhile finds the provider whole.
	built := filepath.Join(state, "build", "terraform-provider-falafel")
	// The same source gives the same bytes: a lock file stays valid until the source changes.
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", built, "./terraform/provider")
	build.Dir = root
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH)
	output, err := build.CombinedOutput()
	if ctx.Err() != nil {
		return fmt.Errorf("the provider was not built: %w", context.Cause(ctx))
	}
	if err != nil {
		return fmt.Errorf("the provider in terraform/provider does not compile (%w); the compiler says:\n%s", err, bytes.TrimSpace(output))
	}
	program, err := os.ReadFile(built)
	if err == nil {
		dir := filepath.Join(mirror, filepath.FromSlash(source), version, runtime.GOOS+"_"+runtime.GOARCH)
		err = write(filepath.Join(dir, "terraform-provider-falafel_v"+version), program, 0o755)
	}
	if err != nil {
		return fmt.Errorf("the provider cannot be put into its mirror: %w", err)
	}
	return nil
}

// cliConfig has our provider come from mirror, and no other. The others come from the
// registry, or from the folder others where it is set.
func (i *Installation) cliConfig(mirror, others string) ([]byte, error) {
	ours := i.registry() + "/" + source
	rest := "  direct {\n    exclude = [" + strconv.Quote(ours) + "]\n  }\n"
	if others != "" {
		absolute, err := filepath.Abs(others)
		if err == nil {
			_, err = os.Stat(filepath.Join(absolute, i.registry()))
		}
		if err != nil {
			return nil, fmt.Errorf("%s does not name a mirror with a folder %s (%w): see `%s providers mirror`", MirrorVariable, i.registry(), err, i.name())
		}
		rest = filesystemMirror(absolute, "exclude", ours)
	}
	var config strings.Builder
	config.WriteString("# Written by `go run ./devenv provider`; it may be deleted at any time.\n")
	config.WriteString("disable_checkpoint = true\n")
	config.WriteString("provider_installation {\n")
	config.WriteString(filesystemMirror(mirror, "include", ours))
	config.WriteString(rest)
	config.WriteString("}\n")
	return []byte(config.String()), nil
}

func filesystemMirror(path, filter, provider string) string {
	return fmt.Sprintf("  filesystem_mirror {\n    path    = %q\n    %s = [%q]\n  }\n", filepath.ToSlash(path), filter, provider)
}

// write replaces a file in one step, and leaves alone one that has the content: somebody
// may be running it.
func write(path string, content []byte, mode fs.FileMode) error {
	old, err := os.ReadFile(path)
	if err == nil && bytes.Equal(old, content) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	staged, err := os.CreateTemp(filepath.Dir(path), ".new-")
	if err != nil {
		return err
	}
	defer os.Remove(staged.Name())
	_, err = staged.Write(content)
	if err := errors.Join(err, staged.Chmod(mode), staged.Close()); err != nil {
		return err
	}
	return os.Rename(staged.Name(), path)
}
