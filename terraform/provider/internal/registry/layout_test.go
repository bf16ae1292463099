package registry_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	oci "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/terraform/provider/internal/registry"
	"github.com/pretendfriend/falafel-api/terraform/provider/internal/registry/registrytest"
)

func TestALayoutIsReadWithItsPlatformsAndWithoutItsAttestations(t *testing.T) {
	t.Parallel()
	folder, digest := registrytest.Layout(t)
	image, err := registry.ReadLayout(folder)
	require.NoError(t, err)
	assert.Equal(t, digest, image.Digest)
	assert.Equal(t, map[string]string{"org.opencontainers.image.revision": "abc"}, image.Annotations)

	platforms, err := image.Platforms()
	require.NoError(t, err)
	assert.Len(t, platforms, 2)
	arm := platforms["linux/arm64"]
	assert.Equal(t, "65532:65532", arm.User)
	assert.Equal(t, []string{"/api"}, arm.Entrypoint)
	assert.Equal(t, []int64{3000, 5050}, arm.Ports)
	assert.Greater(t, arm.Size, int64(64))
}

// Docker's own tools write both; a base image of nothing has neither.
func TestThePlatformIsSaidByTheIndexOrByTheImage(t *testing.T) {
	t.Parallel()
	bare, err := random.Image(16, 1)
	require.NoError(t, err)
	read := func(descriptor oci.Descriptor) (map[string]registry.Platform, error) {
		folder := t.TempDir()
		index := mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: bare, Descriptor: descriptor})
		_, err := layout.Write(folder, mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: index}))
		require.NoError(t, err)
		image, err := registry.ReadLayout(folder)
		require.NoError(t, err)
		return image.Platforms()
	}
	platforms, err := read(oci.Descriptor{Platform: &oci.Platform{OS: "linux", Architecture: "arm64"}})
	require.NoError(t, err)
	assert.Equal(t, []int64{}, platforms["linux/arm64"].Ports, "none, and not nothing known")
	assert.Equal(t, []string{}, platforms["linux/arm64"].Entrypoint)
	_, err = read(oci.Descriptor{})
	require.ErrorContains(t, err, "says nowhere which platform it is for")
}

func TestEveryBlobOfALayoutIsWhatItIsCalled(t *testing.T) {
	t.Parallel()
	whole, _ := registrytest.Layout(t)
	blobs, err := os.ReadDir(filepath.Join(whole, "blobs", "sha256"))
	require.NoError(t, err)
	require.Len(t, blobs, 10, "one index, and manifest, configuration and layer of three images")
	for _, blob := range blobs {
		t.Run(blob.Name()[:8], func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			require.NoError(t, os.CopyFS(folder, os.DirFS(whole)))
			file := filepath.Join(folder, "blobs", "sha256", blob.Name())
			content, err := os.ReadFile(file)
			require.NoError(t, err)
			content[len(content)/2] ^= 1
			require.NoError(t, os.WriteFile(file, content, 0o600))
			_, err = registry.ReadLayout(folder)
			require.ErrorContains(t, err, "is damaged: blob sha256:"+blob.Name())

			require.NoError(t, os.Remove(file))
			_, err = registry.ReadLayout(folder)
			require.ErrorContains(t, err, "sha256:"+blob.Name()+" is missing")
		})
	}
}

func TestAFolderThatHoldsNoSingleImageIsRefusedWithTheReason(t *testing.T) {
	t.Parallel()
	_, err := registry.ReadLayout(filepath.Join(t.TempDir(), "absent"))
	require.ErrorContains(t, err, "go run ./devenv image build")

	two := t.TempDir()
	_, err = layout.Write(two, mutate.AppendManifests(empty.Index,
		mutate.IndexAddendum{Add: registrytest.Index(t)}, mutate.IndexAddendum{Add: registrytest.Index(t)}))
	require.NoError(t, err)
	_, err = registry.ReadLayout(two)
	require.ErrorContains(t, err, "holds 2 images")

	garbled, _ := registrytest.Layout(t)
	require.NoError(t, os.WriteFile(filepath.Join(garbled, "index.json"), []byte(strings.Repeat("{", 9)), 0o600))
	_, err = registry.ReadLayout(garbled)
	require.ErrorContains(t, err, "index.json")
}
