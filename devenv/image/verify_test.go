package image_test

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	oci "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/image"
	"github.com/pretendfriend/falafel-api/devenv/internal/project"
)

// wholeRepository copies all of this checkout that git would commit, and commits it.
func wholeRepository(t *testing.T) (dir, commit string) {
	t.Helper()
	root, err := project.Root()
	require.NoError(t, err)
	command := exec.Command("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", "go.mod", "go.sum", "api", "devenv", "openapi", "terraform")
	command.Dir = root
	listed, err := command.Output()
	if err != nil {
		t.Skipf("this is no checkout of git, and so has no revision to verify: %v", err)
	}
	dir = t.TempDir()
	for file := range strings.SplitSeq(strings.TrimSuffix(string(listed), "\x00"), "\x00") {
		content, err := os.ReadFile(filepath.Join(root, file))
		if os.IsNotExist(err) {
			continue // deleted, and not yet committed
		}
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, file)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, file), content, 0o600))
	}
	git(t, dir, "init", "--quiet")
	git(t, dir, "add", "--all")
	git(t, dir, "commit", "--quiet", "--message", "One")
	return dir, git(t, dir, "rev-parse", "HEAD")
}

func TestVerifiesByBuildingTheRevisionAnew(t *testing.T) {
	t.Parallel()
	root, commit := wholeRepository(t)
	index, err := image.Assemble(t.Context(), root, os.Stderr)
	require.NoError(t, err)
	// What is checked out has moved on.
	require.NoError(t, os.WriteFile(filepath.Join(root, "api", "later.go"), []byte("package main\n\nfunc init() { println(1) }\n"), 0o600))
	git(t, root, "add", "--all")
	git(t, root, "commit", "--quiet", "--message", "Two")

	host, _ := startRegistry(t)
	pushed, err := image.Push(t.Context(), index, host+"/falafel-api")
	require.NoError(t, err)
	read, err := image.Open(t.Context(), pushed)
	require.NoError(t, err)
	var out bytes.Buffer
	verified, err := image.Verify(t.Context(), root, read, &out)
	require.NoError(t, err, out.String())
	assert.Equal(t, commit, verified)
	assert.Equal(t, 1, strings.Count(git(t, root, "worktree", "list"), "\n")+1, "no worktree is left")

	_, err = image.Verify(t.Context(), root, relabel(t, index), &out)
	require.ErrorContains(t, err, "the image is not what revision "+commit+" builds: the config of linux/arm64 is sha256:")
	assert.NotContains(t, err.Error(), "linux/amd64", "which is as it was")
	assert.NotContains(t, err.Error(), "\n")
}

// relabel changes a label of the image for arm64.
func relabel(t *testing.T, index oci.ImageIndex) oci.ImageIndex {
	t.Helper()
	manifest, err := index.IndexManifest()
	require.NoError(t, err)
	var all []mutate.IndexAddendum
	for _, descriptor := range manifest.Manifests {
		img, err := index.Image(descriptor.Digest)
		require.NoError(t, err)
		if descriptor.Platform.Architecture == "arm64" {
			config, err := img.ConfigFile()
			require.NoError(t, err)
			changed := config.Config.DeepCopy()
			changed.Labels["org.opencontainers.image.title"] = "another"
			img, err = mutate.Config(img, *changed)
			require.NoError(t, err)
		}
		all = append(all, mutate.IndexAddendum{Add: img, Descriptor: oci.Descriptor{Platform: descriptor.Platform, Annotations: descriptor.Annotations}})
	}
	return annotated(mutate.AppendManifests(empty.Index, all...), manifest.Annotations)
}

func annotated(index oci.ImageIndex, annotations map[string]string) oci.ImageIndex {
	return mutate.Annotations(index, annotations).(oci.ImageIndex)
}

func TestSaysWhyAnImageCannotBeVerified(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	commit := repository(t, root) // without the code that builds it
	for name, c := range map[string]struct{ revision, says string }{
		"no revision":        {"", "the image does not say which revision it is of"},
		"changes":            {commit + "-dirty", "the image was built with changes to " + commit + " that were not committed"},
		"another language":   {"v1.0.0", `the image says that it is of revision "v1.0.0", which is no commit`},
		"an unknown one":     {strings.Repeat("0", 40), "this repository has no revision 0000000000000000000000000000000000000000: fetch it"},
		"one without a tool": {commit, "revision " + commit + " cannot be built again (exit status 1): "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			index := randomIndex(t)
			if c.revision != "" {
				index = annotated(index, map[string]string{"org.opencontainers.image.revision": c.revision})
			}
			_, err := image.Verify(t.Context(), root, index, io.Discard)
			require.ErrorContains(t, err, c.says)
			assert.NotContains(t, err.Error(), "\n")
		})
	}
}
