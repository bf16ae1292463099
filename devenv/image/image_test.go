package image_test

import (
	"archive/tar"
	"bytes"
	"context"
	"debug/buildinfo"
	"debug/elf"
	"encoding/json"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	oci "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/dynamodbtest"
	"github.com/pretendfriend/falafel-api/devenv/image"
	"github.com/pretendfriend/falafel-api/devenv/internal/project"
)

func TestMain(m *testing.M) { dynamodbtest.Main(m) }

// assemble makes the image of this checkout, once for all tests.
func assemble(t *testing.T) oci.ImageIndex {
	t.Helper()
	index, err := assembled()
	require.NoError(t, err)
	return index
}

var assembled = sync.OnceValues(func() (oci.ImageIndex, error) {
	root, err := project.Root()
	if err != nil {
		return nil, err
	}
	return image.Assemble(context.Background(), root, os.Stderr)
})

// imageFor returns the image of a platform, and the program in it.
func imageFor(t *testing.T, index oci.ImageIndex, platform string) (oci.Image, []byte) {
	t.Helper()
	manifest, err := index.IndexManifest()
	require.NoError(t, err)
	for _, descriptor := range manifest.Manifests {
		if descriptor.Platform.String() != platform {
			continue
		}
		img, err := index.Image(descriptor.Digest)
		require.NoError(t, err)
		layers, err := img.Layers()
		require.NoError(t, err)
		require.Len(t, layers, 1)
		content, err := layers[0].Uncompressed()
		require.NoError(t, err)
		t.Cleanup(func() { content.Close() })
		files := tar.NewReader(content)
		header, err := files.Next()
		require.NoError(t, err)
		program, err := io.ReadAll(files)
		require.NoError(t, err)
		assert.Equal(t, &tar.Header{
			Typeflag: tar.TypeReg, Name: "api", Mode: 0o755, Size: int64(len(program)), ModTime: time.Unix(0, 0), Format: tar.FormatUSTAR,
		}, header)
		_, err = files.Next()
		require.ErrorIs(t, err, io.EOF, "a second file")
		return img, program
	}
	t.Fatalf("no image for %s", platform)
	return nil, nil
}

func TestTheImageIsOneStaticProgramThatRunsAsNobody(t *testing.T) {
	t.Parallel()
	index := assemble(t)
	for platform, machine := range map[string]elf.Machine{"linux/amd64": elf.EM_X86_64, "linux/arm64": elf.EM_AARCH64} {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			img, program := imageFor(t, index, platform)
			config, err := img.ConfigFile()
			require.NoError(t, err)
			assert.Equal(t, platform, config.OS+"/"+config.Architecture)
			assert.Equal(t, time.Unix(0, 0).UTC(), config.Created.Time)
			assert.Equal(t, "65532:65532", config.Config.User)
			assert.Equal(t, []string{"/api"}, config.Config.Entrypoint)
			assert.Empty(t, config.Config.Cmd)
			assert.Empty(t, config.Config.Env)
			assert.Equal(t, []string{"3000/tcp", "5050/tcp"}, slices.Sorted(maps.Keys(config.Config.ExposedPorts)))

			binary, err := elf.NewFile(bytes.NewReader(program))
			require.NoError(t, err)
			assert.Equal(t, machine, binary.Machine)
			libraries, err := binary.ImportedLibraries()
			require.NoError(t, err)
			assert.Empty(t, libraries)
			for _, segment := range binary.Progs {
				assert.NotEqual(t, elf.PT_INTERP, segment.Type, "it needs a dynamic linker")
			}

			info, err := buildinfo.Read(bytes.NewReader(program))
			require.NoError(t, err)
			assert.Equal(t, toolchain(t), info.GoVersion)
			var modules []string
			for _, module := range info.Deps {
				modules = append(modules, module.Path)
			}
			assert.Contains(t, modules, "golang.org/x/crypto/x509roots/fallback", "the roots of TLS, which the image does not have")
		})
	}
}

// toolchain is the line in go.mod.
func toolchain(t *testing.T) string {
	t.Helper()
	output, err := exec.Command("go", "mod", "edit", "-json").Output()
	require.NoError(t, err)
	var module struct{ Toolchain string }
	require.NoError(t, json.Unmarshal(output, &module))
	return module.Toolchain
}

// repository makes dir a checkout of what the API is built from, as it is here, with one
// commit: the same one each time.
func repository(t *testing.T, dir string) (commit string) {
	t.Helper()
	require.NoError(t, project.CopyAPI(dir))
	git(t, dir, "init", "--quiet")
	git(t, dir, "add", "--all")
	git(t, dir, "commit", "--quiet", "--message", "One")
	return git(t, dir, "rev-parse", "HEAD")
}

// git runs git without the settings of this machine, and returns what it prints, trimmed.
func git(t *testing.T, dir string, arguments ...string) string {
	t.Helper()
	command := exec.Command("git", arguments...)
	command.Dir = dir
	command.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_AUTHOR_DATE=2026-01-01T00:00:00Z",
		"GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@example.com", "GIT_COMMITTER_DATE=2026-01-01T00:00:00Z",
	}
	output, err := command.CombinedOutput()
	require.NoErrorf(t, err, "%s\n%s", command, output)
	return strings.TrimSpace(string(output))
}

// compile returns the devenv of this checkout, compiled.
func compile(t *testing.T) string {
	t.Helper()
	root, err := project.Root()
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "devenv")
	output, err := exec.Command("go", "build", "-o", file, root+"/devenv").CombinedOutput()
	require.NoError(t, err, string(output))
	return file
}

// Copies of the source, as several people have them: in different folders, from different
// times, for different users, and each with an own idea of how Go compiles. The digest is
// that of the index: the images, what is in them, and where they come from.
func TestTheSameSourceGivesTheSameDigest(t *testing.T) {
	t.Parallel()
	program := compile(t)
	settings := t.TempDir() // as `go env -w` writes them
	require.NoError(t, os.Mkdir(filepath.Join(settings, "go"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(settings, "go", "env"), []byte("GOFLAGS=-tags=settings\nGOARM64=v9.0\n"), 0o600))
	goCache, err := exec.Command("go", "env", "GOCACHE", "GOMODCACHE").Output()
	require.NoError(t, err)
	caches := strings.Fields(string(goCache))
	first := t.TempDir()
	commit := repository(t, first)
	index, err := image.Assemble(t.Context(), first, os.Stderr)
	require.NoError(t, err)
	want, err := index.Digest()
	require.NoError(t, err)
	// With or without git, in this checkout and elsewhere, the images are the same.
	assert.Equal(t, platformDigests(t, assemble(t)), platformDigests(t, index))

	for name, c := range map[string]struct {
		umask   string
		modTime time.Time
		environ []string
	}{
		"a fresh copy": {"022", time.Now(), nil},
		"an old copy, and another idea of Go": {"077", time.Unix(1e9, 0), []string{
			"XDG_CONFIG_HOME=" + settings, "GOAMD64=v3", "GOEXPERIMENT=nogreenteagc", "GOFIPS140=latest", "GOOS=windows", "CGO_ENABLED=1", "TZ=Asia/Kathmandu", "SOURCE_DATE_EPOCH=1",
		}},
		"flags in the environment": {"022", time.Now(), []string{"GOFLAGS=-tags=flags -ldflags=-X=main.x=y"}},
		"another user": {"022", time.Now(), []string{
			"HOME=" + t.TempDir(), "USER=nobody", "LOGNAME=nobody", "LANG=tr_TR.UTF-8", "GOCACHE=" + caches[0], "GOMODCACHE=" + caches[1],
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			copied := t.TempDir()
			require.Equal(t, commit, repository(t, copied))
			require.NoError(t, filepath.WalkDir(copied, func(path string, _ os.DirEntry, _ error) error {
				return os.Chtimes(path, c.modTime, c.modTime)
			}))

			command := exec.Command("sh", "-c", `umask "$1" && exec "$2" image`, "sh", c.umask, program)
			command.Dir = copied
			var stdout, stderr bytes.Buffer
			command.Stdout, command.Stderr = &stdout, &stderr
			// Without a Docker daemon: it is not needed.
			command.Env = slices.Concat(os.Environ(), []string{"DOCKER_HOST=tcp://127.0.0.1:1"}, c.environ)
			require.NoError(t, command.Run(), stderr.String())
			assert.Equal(t, want.String()+"\n", stdout.String())
			assert.Contains(t, stderr.String(), "Not loaded into Docker: no Docker daemon answers")

			written, err := image.ReadLayout(filepath.Join(copied, ".falafel", "image"))
			require.NoError(t, err)
			requireSound(t, written)
			got, err := written.Digest()
			require.NoError(t, err)
			assert.Equal(t, want, got)
		})
	}
	t.Run("a tag that was asked for is one that Docker has to have", func(t *testing.T) {
		t.Parallel()
		command := exec.Command(program, "image", "--tag", "falafel-api:asked")
		command.Dir, command.Env = first, append(os.Environ(), "DOCKER_HOST=tcp://127.0.0.1:1")
		said, err := command.CombinedOutput()
		require.Error(t, err)
		assert.Contains(t, string(said), "devenv: no Docker daemon answers")
		assert.Contains(t, string(said), "start Docker, or say in DOCKER_HOST where it listens\n")
	})
}

func platformDigests(t *testing.T, index oci.ImageIndex) map[string]string {
	t.Helper()
	images, err := image.Platforms(index)
	require.NoError(t, err)
	digests := map[string]string{}
	for _, platform := range images {
		digest, err := platform.Image.Digest()
		require.NoError(t, err)
		digests[platform.Name] = digest.String()
	}
	return digests
}

// requireSound checks an index as far as the validator knows it, which takes every layer
// for an archive of files.
func requireSound(t *testing.T, index oci.ImageIndex) {
	t.Helper()
	images, err := image.Platforms(index)
	require.NoError(t, err)
	require.Len(t, images, 2)
	for _, platform := range images {
		require.NoError(t, validate.Image(platform.Image), platform.Name)
	}
	require.NoError(t, validate.Index(index, validate.Fast))
}

func TestAnImageIsSmallerThan20MB(t *testing.T) {
	t.Parallel()
	images, err := image.Platforms(assemble(t))
	require.NoError(t, err)
	for _, platform := range images {
		layers, err := platform.Image.Layers()
		require.NoError(t, err)
		require.Len(t, layers, 1)
		compressed, err := layers[0].Size()
		require.NoError(t, err)
		unpacked, err := partial.UncompressedSize(layers[0])
		require.NoError(t, err)
		t.Logf("%s: %d bytes compressed, %d unpacked", platform.Name, compressed, unpacked)
		assert.Less(t, compressed, int64(20e6), platform.Name)
		assert.Less(t, unpacked, int64(20e6), platform.Name)
	}
}

func TestSaysWhatKeepsItFromBuilding(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ module, program, says, shows string }{
		"a broken program": {"module broken\n\ngo 1.26.0\n\ntoolchain " + toolchain(t) + "\n", "package main\n\nfunc main() { oops }\n", "the API does not build for linux/", "main.go:3:15: undefined: oops"},
		"no toolchain":     {"module unpinned\n\ngo 1.26.0\n", "package main\n\nfunc main() {}\n", "go.mod names no toolchain", ""},
		"a broken go.mod":  {"modul broken\n", "", "go mod edit -json fails: go: errors parsing go.mod: ", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			require.NoError(t, os.Mkdir(filepath.Join(root, "api"), 0o755))
			require.NoError(t, os.WriteFile(filepath.Join(root, "go.mod"), []byte(c.module), 0o600))
			require.NoError(t, os.WriteFile(filepath.Join(root, "api", "main.go"), []byte(c.program), 0o600))
			var out bytes.Buffer
			_, err := image.Assemble(t.Context(), root, &out)
			require.ErrorContains(t, err, c.says)
			assert.NotContains(t, err.Error(), "\n")
			assert.Contains(t, out.String(), c.shows)
		})
	}
}

// Tests of the layout do without a compiler: any index will do.
func randomIndex(t *testing.T) oci.ImageIndex {
	t.Helper()
	index, err := random.Index(1024, 1, 2)
	require.NoError(t, err)
	return index
}

func TestTheLayoutHoldsTheLastIndexAlone(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state", "image")
	for range 3 {
		index := randomIndex(t)
		require.NoError(t, image.WriteLayout(dir, index))
		require.NoError(t, image.WriteLayout(dir, index), "twice the same")
		requireHolds(t, dir, index)
		blobs, err := os.ReadDir(filepath.Join(dir, "blobs", "sha256"))
		require.NoError(t, err)
		assert.Len(t, blobs, 7, "an index, and of two images the manifest, the config and the layer")
	}
	beside, err := os.ReadDir(filepath.Dir(dir))
	require.NoError(t, err)
	for _, entry := range beside {
		assert.Contains(t, []string{"image", "image.lock"}, entry.Name())
	}
}

func requireHolds(t *testing.T, dir string, index oci.ImageIndex) {
	t.Helper()
	written, err := layout.ImageIndexFromPath(dir)
	require.NoError(t, err)
	require.NoError(t, validate.Index(written))
	got, err := written.Digest()
	require.NoError(t, err)
	want, err := mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: index}).Digest()
	require.NoError(t, err)
	require.Equal(t, want, got)
}

// unreadable is an index that ends in the middle.
type unreadable struct{ index }

type index = oci.ImageIndex // whose name is that of a method, too

func (u unreadable) Image(oci.Hash) (oci.Image, error) { return nil, io.ErrUnexpectedEOF }

func TestALayoutThatCannotBeWrittenLeavesTheLastOne(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "image")
	last := randomIndex(t)
	require.NoError(t, image.WriteLayout(dir, last))
	err := image.WriteLayout(dir, unreadable{randomIndex(t)})
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.True(t, strings.HasPrefix(err.Error(), "the image cannot be written to "+dir), err)
	requireHolds(t, dir, last)

	// A blob has no place: a folder has its name.
	next := randomIndex(t)
	digest, err := next.Digest()
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "blobs", "sha256", digest.Hex, "taken"), 0o755))
	require.Error(t, image.WriteLayout(dir, next))
	requireHolds(t, dir, last)
}
