package registry_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	oci "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/terraform/provider/internal/registry"
	"github.com/pretendfriend/falafel-api/terraform/provider/internal/registry/registrytest"
)

func open(t *testing.T, repository string) *registry.Repository {
	t.Helper()
	parsed, err := registry.ParseRepository(repository)
	require.NoError(t, err)
	opened, err := registry.Open(t.Context(), parsed)
	require.NoError(t, err)
	return opened
}

func read(t *testing.T, source string) *registry.Image {
	t.Helper()
	image, err := registry.Read(t.Context(), source)
	require.NoError(t, err)
	return image
}

func TestAnImageArrivesWholeAndOnlyOnce(t *testing.T) {
	t.Parallel()
	server := registrytest.New(t)
	folder, digest := registrytest.Layout(t)
	repository := open(t, server.Host+"/falafel")
	require.NoError(t, repository.Push(t.Context(), read(t, folder), []string{"one", "two"}))

	index, err := remote.Index(server.Reference(t, "falafel@"+digest))
	require.NoError(t, err)
	require.NoError(t, validate.Index(index), "all platforms and attestations can be pulled")
	assert.Equal(t, digest, server.DigestOf(t, "falafel:one"))
	assert.Equal(t, digest, server.DigestOf(t, "falafel:two"))

	written := server.Writes()
	require.NoError(t, open(t, server.Host+"/falafel").Push(t.Context(), read(t, folder), []string{"one", "two"}))
	assert.Equal(t, written, server.Writes(), "nothing is sent a second time")
}

func TestOnlyMissingBlobsAreUploaded(t *testing.T) {
	t.Parallel()
	server := registrytest.New(t)
	folder, digest := registrytest.Layout(t)
	repository := open(t, server.Host+"/falafel")
	require.NoError(t, repository.Push(t.Context(), read(t, folder), nil))
	assert.Equal(t, 6, server.Seen("PATCH "), "configuration and layer of three images")
	server.Remove(t, "falafel@"+digest)
	require.NoError(t, open(t, server.Host+"/falafel").Push(t.Context(), read(t, folder), nil))
	assert.Equal(t, 6, server.Seen("PATCH "))
	assert.Equal(t, digest, server.DigestOf(t, "falafel@"+digest))
}

func TestAnImageOfTheSameRegistryIsMountedAndOneOfAnotherIsCopied(t *testing.T) {
	t.Parallel()
	server, other := registrytest.New(t), registrytest.New(t)
	index := registrytest.Index(t)
	server.Put(t, "staging:v1", index)
	sent := server.Seen("PATCH ")
	source := read(t, server.Host+"/staging:v1")
	// The library's registry keeps blobs for all repositories together, and so never needs a
	// mount: here a repository sees its own only.
	server.Break(func(w http.ResponseWriter, r *http.Request) bool {
		hidden := r.Method == http.MethodHead && strings.Contains(r.URL.Path, "/production/blobs/")
		mounts := r.Method == http.MethodPost && r.URL.Query().Get("from") == "staging"
		if hidden {
			w.WriteHeader(http.StatusNotFound)
		}
		if mounts {
			w.WriteHeader(http.StatusCreated)
		}
		return hidden || mounts
	})
	require.NoError(t, open(t, server.Host+"/production").Push(t.Context(), source, nil))
	assert.Equal(t, sent, server.Seen("PATCH "))
	assert.Equal(t, 6, server.Seen("POST ", "/production/", "from=staging", "mount="))
	server.Break(nil)

	require.NoError(t, open(t, other.Host+"/copy").Push(t.Context(), source, []string{"v1"}))
	assert.Equal(t, registrytest.Digest(t, index), other.DigestOf(t, "copy:v1"))
	_, err := registry.Read(t.Context(), server.Host+"/staging:absent")
	require.ErrorContains(t, err, "there is no image")
}

func TestABrokenUploadIsTriedAgain(t *testing.T) {
	t.Parallel()
	for name, breaks := range map[string]func(w http.ResponseWriter){
		"the connection is cut": func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
		"the server fails":      func(w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := registrytest.New(t)
			folder, digest := registrytest.Layout(t)
			var broken atomic.Bool
			server.Break(func(w http.ResponseWriter, r *http.Request) bool {
				if r.Method != http.MethodPatch || broken.Swap(true) {
					return false
				}
				_, _ = r.Body.Read(make([]byte, 8))
				breaks(w)
				return true
			})
			require.NoError(t, open(t, server.Host+"/falafel").Push(t.Context(), read(t, folder), []string{"v1"}))
			assert.True(t, broken.Load())
			assert.Equal(t, digest, server.DigestOf(t, "falafel:v1"))
		})
	}
}

func TestOnly404MeansGone(t *testing.T) {
	t.Parallel()
	server := registrytest.New(t)
	repository := open(t, server.Host+"/falafel")
	image, err := repository.Get(t.Context(), "v1")
	require.NoError(t, err)
	assert.Nil(t, image)
	for name, c := range map[string]struct {
		fault registrytest.Fault
		want  string
	}{
		"unknown":   {registrytest.Login("user", "secret"), "does not accept the credentials"},
		"forbidden": {onManifests(registrytest.Answer(http.StatusForbidden, "DENIED", "no right ecr:BatchGetImage")), "no right ecr:BatchGetImage"},
		"broken":    {onManifests(registrytest.Answer(http.StatusInternalServerError, "INTERNAL", "disk full")), "disk full"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := registrytest.New(t)
			server.Break(c.fault)
			_, err := open(t, server.Host+"/falafel").Get(t.Context(), "v1")
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, err, server.Host)
		})
	}
	down := registrytest.New(t)
	down.Stop()
	_, err = open(t, down.Host+"/falafel").Get(t.Context(), "v1")
	require.ErrorContains(t, err, down.Host+" cannot be reached")
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = open(t, server.Host+"/falafel").Get(stopped, "v1")
	require.ErrorIs(t, err, context.Canceled)
}

func onManifests(fault registrytest.Fault) registrytest.Fault {
	return func(w http.ResponseWriter, r *http.Request) bool {
		return strings.Contains(r.URL.Path, "/manifests/") && fault(w, r)
	}
}

func TestWithoutTLSOnlyThisMachineIsSpokenTo(t *testing.T) {
	t.Parallel()
	server := registrytest.New(t)
	server.Break(func(w http.ResponseWriter, r *http.Request) bool {
		http.Redirect(w, r, "http://192.0.2.1/", http.StatusTemporaryRedirect)
		return true
	})
	_, err := open(t, server.Host+"/falafel").Get(t.Context(), "v1")
	require.ErrorContains(t, err, "192.0.2.1 would be spoken to without TLS")
}

func TestASourceWhoseBytesAreNotItsDigestIsRefused(t *testing.T) {
	t.Parallel()
	server := registrytest.New(t)
	index := registrytest.Index(t)
	server.Put(t, "falafel:v1", index)
	digest := registrytest.Digest(t, index)
	server.Break(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, digest) {
			return false
		}
		w.Header().Set("Content-Type", "application/vnd.oci.image.index.v1+json")
		fmt.Fprint(w, `{"schemaVersion":2,"manifests":[]}`)
		return true
	})
	_, err := registry.Read(t.Context(), server.Host+"/falafel@"+digest)
	require.ErrorContains(t, err, digest)
}

func TestDeletingTakesAwayOurTagsAndTheImageThatNobodyElseNames(t *testing.T) {
	t.Parallel()
	server := registrytest.New(t)
	mine, other := registrytest.Index(t), registrytest.Index(t)
	digest := registrytest.Digest(t, mine)
	for _, tag := range []string{"v1", "theirs"} {
		server.Put(t, "falafel:"+tag, mine)
	}
	server.Put(t, "falafel:moved", other)
	repository := open(t, server.Host+"/falafel")
	require.NoError(t, repository.Delete(t.Context(), digest, []string{"v1", "moved", "absent"}))
	assert.Empty(t, server.DigestOf(t, "falafel:v1"))
	assert.Equal(t, digest, server.DigestOf(t, "falafel:theirs"))
	assert.Equal(t, digest, server.DigestOf(t, "falafel@"+digest))
	assert.Equal(t, registrytest.Digest(t, other), server.DigestOf(t, "falafel:moved"))

	require.NoError(t, repository.Delete(t.Context(), digest, []string{"theirs"}))
	assert.Empty(t, server.DigestOf(t, "falafel@"+digest))
	require.NoError(t, repository.Delete(t.Context(), digest, []string{"theirs"}), "what is gone needs no deleting")
}

func TestDockersCredentialsAreUsedAndNeverSpoken(t *testing.T) { //nolint:paralleltest // it sets the environment
	server := registrytest.New(t)
	server.Break(registrytest.Login("falafel", "s3cret-word"))
	login := func(password string) {
		folder := t.TempDir()
		auth := base64.StdEncoding.EncodeToString([]byte("falafel:" + password))
		require.NoError(t, os.WriteFile(filepath.Join(folder, "config.json"), fmt.Appendf(nil, `{"auths":{%q:{"auth":%q}}}`, server.Host, auth), 0o600))
		t.Setenv("DOCKER_CONFIG", folder)
	}
	folder, digest := registrytest.Layout(t)
	login("wr0ng-word")
	err := open(t, server.Host+"/falafel").Push(t.Context(), read(t, folder), nil)
	require.ErrorContains(t, err, "log in first")
	assert.NotContains(t, err.Error(), "wr0ng-word")
	login("s3cret-word")
	require.NoError(t, open(t, server.Host+"/falafel").Push(t.Context(), read(t, folder), nil))
	image, err := open(t, server.Host+"/falafel").Get(t.Context(), digest)
	require.NoError(t, err)
	assert.NotNil(t, image)
}

func TestECRTellsWhichTagsMayMove(t *testing.T) { //nolint:paralleltest // it sets the environment
	for _, c := range []struct {
		mutability string
		filters    []string
		fixed      bool
	}{
		{"MUTABLE", nil, false},
		{"IMMUTABLE", nil, true},
		{"IMMUTABLE_WITH_EXCLUSION", []string{"dev-*", "v*"}, false},
		{"IMMUTABLE_WITH_EXCLUSION", []string{"dev-*"}, true},
		{"MUTABLE_WITH_EXCLUSION", []string{"v*"}, true},
		{"MUTABLE_WITH_EXCLUSION", []string{"dev-*"}, false},
	} {
		t.Run(c.mutability+strings.Join(c.filters, ""), func(t *testing.T) {
			server := registrytest.New(t)
			api := registrytest.NewECR(t, "http://"+server.Host, c.mutability, c.filters...)
			server.Break(registrytest.Login("AWS", "ecr-secret"))
			index := registrytest.Index(t)
			repository := open(t, registrytest.ECRHost+"/falafel")
			require.NoError(t, repository.Check(t.Context(), "sha256:"+strings.Repeat("0", 64), []string{"v1"}), "absent")
			assert.Empty(t, api.Calls("DescribeRepositories"), "no right is needed that is not used")

			folder := t.TempDir()
			digest := registrytest.WriteLayout(t, folder, index)
			require.NoError(t, repository.Push(t.Context(), read(t, folder), []string{"v1"}))
			require.NoError(t, repository.Check(t.Context(), digest, []string{"v1"}), "equal")
			err := repository.Check(t.Context(), "sha256:"+strings.Repeat("0", 64), []string{"v1"})
			if c.fixed {
				require.ErrorContains(t, err, "tag v1 of "+registrytest.ECRHost+"/falafel names "+digest)
			} else {
				require.NoError(t, err)
			}
			assert.Len(t, api.Calls(`"registryId":"123456789012"`), 1)
		})
	}
}

func TestECRIsDialledAtTheRepositorysHostUnlessAStandInIsOnThisMachine(t *testing.T) { //nolint:paralleltest // it sets the environment
	registrytest.NewECR(t, "https://999999999999.dkr.ecr.eu-central-1.amazonaws.com", "MUTABLE")
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	repository, err := name.NewRepository(registrytest.ECRHost + "/falafel")
	require.NoError(t, err)
	opened, err := registry.Open(t.Context(), repository)
	require.NoError(t, err)
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = opened.Get(stopped, "v1")
	require.ErrorContains(t, err, registrytest.ECRHost)
	assert.NotContains(t, err.Error(), "999999999999")
	assert.NotContains(t, err.Error(), "ecr-secret")
}

func TestECRDeletesByDigestOrOnlyTheTags(t *testing.T) { //nolint:paralleltest // it sets the environment
	api := registrytest.NewECR(t, "http://127.0.0.1:1", "MUTABLE")
	repository := open(t, registrytest.ECRHost+"/falafel")
	digest := oci.Hash{Algorithm: "sha256", Hex: strings.Repeat("0", 64)}.String()
	require.NoError(t, repository.RemoveFromECR(t.Context(), digest, []string{"v1"}, false))
	require.NoError(t, repository.RemoveFromECR(t.Context(), digest, []string{"v1"}, true))
	require.NoError(t, repository.RemoveFromECR(t.Context(), digest, nil, true))
	calls := api.Calls("BatchDeleteImage")
	require.Len(t, calls, 2, "nothing to delete is not asked for")
	assert.Contains(t, calls[0], `"imageIds":[{"imageDigest":"`+digest+`"}]`)
	assert.Contains(t, calls[1], `"imageIds":[{"imageTag":"v1"}]`)
}
