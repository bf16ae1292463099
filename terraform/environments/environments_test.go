// Package environments_test holds the environments against each other: a second one is a
// copy of the first, and must not share its state.
package environments_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	oci "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/image"
	"github.com/pretendfriend/falafel-api/devenv/terraform/terraformtest"
)

func TestEachEnvironmentHasAStateAndANameOfItsOwn(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*/main.tf")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		assert.Empty(t, flaws(t, filepath.Dir(file)))
	}
}

// flaws are what an environment has of another, and where its two roots disagree.
func flaws(t *testing.T, dir string) (found []string) {
	t.Helper()
	environment := filepath.Base(dir)
	whole, release := filepath.Join(dir, "main.tf"), filepath.Join(dir, "release", "main.tf")
	expect := func(file, name, want string) {
		if got := value(t, file, name); got != want {
			found = append(found, fmt.Sprintf("%s of %s is %q and should be %q", name, file, got, want))
		}
	}
	expect(whole, "key", environment+"/terraform.tfstate")
	expect(whole, "name", "falafel-"+environment)
	expect(release, "key", environment+"/release/terraform.tfstate")
	for _, same := range []string{"name", "account", "region"} {
		expect(release, same, value(t, whole, same))
	}
	expect(release, "url", "https://"+value(t, whole, "domain"))
	return found
}

// value is the first string that the file gives to the name.
func value(t *testing.T, file, name string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	found := regexp.MustCompile(`(?m)^ +` + name + ` += "([^"]*)"`).FindSubmatch(content)
	require.NotNil(t, found, "%s gives no string to %s", file, name)
	return string(found[1])
}

func TestASecondEnvironmentIsACopyWithOtherLocals(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for _, folder := range []string{"environments", "modules"} {
		require.NoError(t, os.CopyFS(filepath.Join(root, "terraform", folder), os.DirFS(filepath.Join("..", folder))))
	}
	staging := filepath.Join(root, "terraform", "environments", "staging")
	require.NoError(t, os.CopyFS(staging, os.DirFS("hosted")))
	assert.Len(t, flaws(t, staging), 3, "a copy as it is has the state and the name of the first")

	for _, file := range []string{"main.tf", "release/main.tf"} {
		content, err := os.ReadFile(filepath.Join(staging, file))
		require.NoError(t, err)
		edited := strings.NewReplacer(`"falafel-hosted"`, `"falafel-staging"`, `"hosted/`, `"staging/`).Replace(string(content))
		require.NoError(t, os.WriteFile(filepath.Join(staging, file), []byte(edited), 0o600))
	}
	assert.Empty(t, flaws(t, staging))

	installation := terraformtest.Setup(t)
	layout(t, filepath.Join(root, ".falafel", "image"))
	for _, dir := range []string{staging, filepath.Join(staging, "release")} {
		for _, arguments := range [][]string{{"init", "-backend=false", "-input=false", "-no-color"}, {"validate", "-no-color"}} {
			command := exec.CommandContext(t.Context(), installation.Program, arguments...)
			command.Dir = dir
			command.Env = append(os.Environ(), append(installation.Environ(), "CHECKPOINT_DISABLE=1")...)
			output, err := command.CombinedOutput()
			require.NoErrorf(t, err, "%s\n%s", command, output)
		}
	}
}

// layout writes an image that is run as the service's is, and has no program.
func layout(t *testing.T, dir string) {
	t.Helper()
	content, err := random.Image(16, 1)
	require.NoError(t, err)
	content, err = mutate.Config(content, oci.Config{User: "65532:65532", ExposedPorts: map[string]struct{}{"3000/tcp": {}, "5050/tcp": {}}})
	require.NoError(t, err)
	index := mutate.AppendManifests(empty.Index, mutate.IndexAddendum{
		Add: content, Descriptor: oci.Descriptor{Platform: &oci.Platform{OS: "linux", Architecture: "arm64"}},
	})
	require.NoError(t, image.WriteLayout(dir, index))
}
