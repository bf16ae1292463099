package image_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/image"
)

// startRegistry returns the address of an empty registry, and how many uploads of blobs and tags
// (v…) it saw.
func startRegistry(t *testing.T) (host string, uploads *atomic.Int64) {
	t.Helper()
	uploads = new(atomic.Int64)
	handler := registry.New(registry.Logger(slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost || r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/manifests/v") {
			uploads.Add(1)
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://"), uploads
}

func TestPushesWholeAndOnlyWhatIsMissing(t *testing.T) {
	t.Parallel()
	host, uploads := startRegistry(t)
	index := assemble(t)
	digest, err := index.Digest()
	require.NoError(t, err)

	pushed, err := image.Push(t.Context(), index, host+"/falafel-api")
	require.NoError(t, err)
	assert.Equal(t, host+"/falafel-api@"+digest.String(), pushed)
	first := uploads.Load()
	assert.Positive(t, first)

	again, err := image.Push(t.Context(), index, host+"/falafel-api:v1")
	require.NoError(t, err)
	assert.Equal(t, pushed, again)
	assert.Equal(t, first+1, uploads.Load(), "only the tag is new")
	_, err = image.Push(t.Context(), index, host+"/falafel-api:v1")
	require.NoError(t, err)
	assert.Equal(t, first+1, uploads.Load(), "a tag that is right is left alone, since it may not move")

	for _, reference := range []string{pushed, host + "/falafel-api:v1"} {
		got, err := image.Open(t.Context(), reference)
		require.NoError(t, err)
		requireSound(t, got)
		read, err := got.Digest()
		require.NoError(t, err)
		assert.Equal(t, digest, read)
		_, said := predicates(t, got, "linux/amd64")
		assert.Len(t, said, 2, "the SBOM and the provenance came along")
	}
}

func TestSaysWhyAnImageCannotBePushedOrRead(t *testing.T) {
	t.Parallel()
	for _, reference := range []string{"Not A Place", "host/repository:bad tag"} {
		_, err := image.Push(t.Context(), randomIndex(t), reference)
		require.ErrorContains(t, err, "names no place for an image: write it as registry.example/repository or ")
	}
	_, err := image.Push(t.Context(), randomIndex(t), "127.0.0.1:1/falafel-api")
	require.ErrorContains(t, err, "does not take the image: ")
	_, err = image.Open(t.Context(), "127.0.0.1:1/falafel-api:v1")
	require.ErrorContains(t, err, "cannot be read: ")
	_, err = image.Open(t.Context(), "no-such-folder")
	require.ErrorContains(t, err, "is neither a folder nor an image in a registry")
	_, err = image.Open(t.Context(), t.TempDir())
	require.ErrorContains(t, err, "build one (go run ./devenv image build)")
}

// Docker finds its platform beside the manifests that are for none.
func TestDockerRunsWhatWasPushedByItsDigest(t *testing.T) {
	t.Parallel()
	needDocker(t)
	host, _ := startRegistry(t)
	pushed, err := image.Push(t.Context(), assemble(t), host+"/falafel-api")
	require.NoError(t, err)
	t.Cleanup(func() { _ = exec.Command("docker", "image", "rm", "--force", pushed).Run() })
	docker(t, "pull", "--quiet", pushed)
	assert.Contains(t, docker(t, "run", "--rm", "--read-only", "--cap-drop", "ALL", pushed, "table"), `"FalafelReviews"`)
}
