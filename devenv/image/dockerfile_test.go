package image_test

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/image"
	"github.com/pretendfriend/falafel-api/devenv/internal/project"
)

// builderImage is the one that the Dockerfile compiles in.
func builderImage(t *testing.T) string {
	t.Helper()
	root, err := project.Root()
	require.NoError(t, err)
	dockerfile, err := os.ReadFile(filepath.Join(root, "Dockerfile"))
	require.NoError(t, err)
	from := regexp.MustCompile(`(?m)^FROM (golang:\S+) AS build$`).FindSubmatch(dockerfile)
	require.NotNil(t, from)
	return string(from[1])
}

func TestTheDockerfileCompilesWithTheGoOfGoMod(t *testing.T) {
	t.Parallel()
	version, _, _ := strings.Cut(strings.TrimPrefix(builderImage(t), "golang:"), "-")
	assert.Equal(t, toolchain(t), "go"+version)
}

// The Dockerfile is for machines without Go. Its image holds the same bytes.
func TestTheDockerfileMakesTheSameProgram(t *testing.T) {
	t.Parallel()
	needDocker(t)
	root, err := project.Root()
	require.NoError(t, err)
	arguments := provideBuilder(t)
	build := func(target string) (tag string) {
		tag = newTag(t)
		command := exec.Command("docker", append([]string{"build", "--force-rm", "--target", target, "--tag", tag}, append(arguments, root)...)...)
		command.Env = append(os.Environ(), "DOCKER_BUILDKIT=0") // every Docker has this builder
		output, err := command.CombinedOutput()
		require.NoError(t, err, string(output))
		return tag
	}

	tag, ours := build("api"), newTag(t)
	platform, err := image.Load(t.Context(), assemble(t), ours)
	require.NoError(t, err)
	_, want := imageFor(t, assemble(t), platform)
	got := programIn(t, tag, "/api")
	assert.Equal(t, sha256.Sum256(want), sha256.Sum256(got), "%d and %d bytes", len(want), len(got))
	const config = "{{json .Config.User}} {{json .Config.Entrypoint}} {{json .Config.Cmd}} {{json .Config.ExposedPorts}} {{len .RootFS.Layers}} layer"
	assert.Equal(t, docker(t, "image", "inspect", "--format", config, ours), docker(t, "image", "inspect", "--format", config, tag))

	assert.Contains(t, docker(t, "run", "--rm", "--read-only", "--cap-drop", "ALL", build("devenv"), "--help"), "The local environment of the Falafel API.")
}

// programIn takes a file out of an image that has no program to do so.
func programIn(t *testing.T, tag, path string) []byte {
	t.Helper()
	container := docker(t, "create", tag)
	t.Cleanup(func() { _ = exec.Command("docker", "rm", container).Run() })
	archive, err := exec.Command("docker", "cp", container+":"+path, "-").Output()
	require.NoError(t, err)
	files := tar.NewReader(bytes.NewReader(archive))
	header, err := files.Next()
	require.NoError(t, err)
	assert.Equal(t, fs.FileMode(0o755), header.FileInfo().Mode())
	content, err := io.ReadAll(files)
	require.NoError(t, err)
	return content
}

// standIn labels a builder image that was made here.
const standIn = "io.github.pretendfriend.falafel.stand-in"

// provideBuilder has Docker know the builder image, and returns what `docker build` needs
// for it. One that was pulled is used as it is. Else this machine's Go, shell and modules
// are imported under its name until the test ends, so that nothing is downloaded.
func provideBuilder(t *testing.T) (arguments []string) {
	t.Helper()
	name := builderImage(t)
	label, err := exec.Command("docker", "image", "inspect", "--format", `{{index .Config.Labels "`+standIn+`"}}`, name).Output()
	if err == nil && len(bytes.TrimSpace(label)) == 0 {
		return nil
	}
	t.Cleanup(func() {
		_ = exec.Command("docker", "image", "rm", name).Run()
		_ = exec.Command("docker", "image", "prune", "--force", "--filter", "label="+standIn).Run() // what was built on it
	})
	command := exec.Command("docker", "import",
		"--change", "ENV PATH=/usr/local/go/bin:/bin",
		"--change", "ENV GOTOOLCHAIN=local", // as the original
		"--change", "LABEL "+standIn+"=true", "-", name)
	command.Stderr = t.Output()
	input, err := command.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	archive := tar.NewWriter(input)
	err = errors.Join(addGo(t, archive), addShell(archive), addModules(t, archive), archive.Close(), input.Close())
	require.NoError(t, errors.Join(err, command.Wait()))
	return []string{"--build-arg", "GOPROXY=file:///modules"}
}

// addGo adds what of Go compiles.
func addGo(t *testing.T, archive *tar.Writer) error {
	t.Helper()
	output, err := exec.Command("go", "env", "GOROOT").Output()
	require.NoError(t, err)
	goroot := strings.TrimSpace(string(output))
	return filepath.WalkDir(goroot, func(path string, entry fs.DirEntry, err error) error {
		inside, _ := filepath.Rel(goroot, path)
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "testdata" || inside == "test" || inside == "doc" || inside == "api"):
			return fs.SkipDir
		case !entry.Type().IsRegular() || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		return addFile(archive, path, "usr/local/go/"+filepath.ToSlash(inside))
	})
}

// addShell adds what RUN calls, with the libraries that it links.
func addShell(archive *tar.Writer) error {
	if err := archive.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: "tmp/", Mode: 0o1777}); err != nil {
		return err
	}
	linked, err := exec.Command("ldd", "/bin/sh").Output()
	if err != nil {
		return err
	}
	files := append(regexp.MustCompile(`/\S+`).FindAllString(string(linked), -1), "/bin/sh")
	for _, file := range files {
		if err := addFile(archive, file, strings.TrimPrefix(file, "/")); err != nil {
			return err
		}
	}
	return nil
}

// addModules adds what go.mod needs as a module proxy, which is how Go keeps it here: the
// source of the modules, and every go.mod that says which those are.
func addModules(t *testing.T, archive *tar.Writer) error {
	t.Helper()
	output, err := exec.Command("go", "env", "GOMODCACHE").Output()
	require.NoError(t, err)
	proxy := filepath.Join(strings.TrimSpace(string(output)), "cache", "download")
	output, err = exec.Command("go", "mod", "download", "-json").Output()
	require.NoError(t, err)
	needed := map[string]bool{}
	for modules := json.NewDecoder(bytes.NewReader(output)); modules.More(); {
		var module struct{ Info, Zip string }
		require.NoError(t, modules.Decode(&module))
		needed[module.Info], needed[module.Zip] = true, true
	}
	return filepath.WalkDir(proxy, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !needed[path] && filepath.Ext(path) != ".mod" {
			return err
		}
		inside, _ := filepath.Rel(proxy, path)
		return addFile(archive, path, "modules/"+filepath.ToSlash(inside))
	})
}

// addFile adds what a file holds, or one that it is a link to.
func addFile(archive *tar.Writer, path, name string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	header := &tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: int64(info.Mode().Perm()), Size: int64(len(content)), ModTime: info.ModTime()}
	if err := archive.WriteHeader(header); err != nil {
		return err
	}
	_, err = archive.Write(content)
	return err
}
