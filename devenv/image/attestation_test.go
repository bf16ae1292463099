package image_test

import (
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	oci "github.com/google/go-containerregistry/pkg/v1"
	"github.com/package-url/packageurl-go"
	"github.com/spdx/tools-golang/spdx/v2/v2_3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/rest"
	"github.com/pretendfriend/falafel-api/devenv/image"
)

// predicates returns what an index says about the image of a platform, by kind, where
// BuildKit's tools look for it.
func predicates(t *testing.T, index oci.ImageIndex, platform string) (about string, said map[string]json.RawMessage) {
	t.Helper()
	about, said = platformDigests(t, index)[platform], map[string]json.RawMessage{}
	manifest, err := index.IndexManifest()
	require.NoError(t, err)
	for _, descriptor := range manifest.Manifests {
		if descriptor.Annotations["vnd.docker.reference.digest"] != about {
			continue
		}
		assert.Equal(t, "attestation-manifest", descriptor.Annotations["vnd.docker.reference.type"])
		assert.Equal(t, "unknown/unknown", descriptor.Platform.String())
		attestation, err := index.Image(descriptor.Digest)
		require.NoError(t, err)
		inside, err := attestation.Manifest()
		require.NoError(t, err)
		layers, err := attestation.Layers()
		require.NoError(t, err)
		for i, layer := range layers {
			assert.Equal(t, "application/vnd.in-toto+json", string(inside.Layers[i].MediaType))
			content, err := layer.Uncompressed()
			require.NoError(t, err)
			var statement struct {
				Type          string `json:"_type"`
				PredicateType string `json:"predicateType"`
				Subject       []struct{ Digest map[string]string }
				Predicate     json.RawMessage
			}
			require.NoError(t, json.NewDecoder(content).Decode(&statement))
			assert.Equal(t, "https://in-toto.io/Statement/v1", statement.Type)
			assert.Equal(t, statement.PredicateType, inside.Layers[i].Annotations["in-toto.io/predicate-type"])
			require.Len(t, statement.Subject, 1)
			assert.Equal(t, about, "sha256:"+statement.Subject[0].Digest["sha256"])
			said[statement.PredicateType] = statement.Predicate
		}
	}
	return about, said
}

func TestTheBillNamesEveryModuleInTheProgram(t *testing.T) {
	t.Parallel()
	for _, platform := range []string{"linux/amd64", "linux/arm64"} {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			digest, said := predicates(t, assemble(t), platform)
			var bill v2_3.Document
			require.NoError(t, json.Unmarshal(said["https://spdx.dev/Document"], &bill))
			assert.Equal(t, "SPDX-2.3", bill.SPDXVersion)
			assert.Equal(t, "CC0-1.0", bill.DataLicense)
			assert.True(t, strings.HasSuffix(bill.DocumentNamespace, strings.TrimPrefix(digest, "sha256:")), bill.DocumentNamespace)

			_, program := imageFor(t, assemble(t), platform)
			info, err := buildinfo.Read(bytes.NewReader(program))
			require.NoError(t, err)
			want := []string{"pkg:golang/stdlib@" + strings.TrimPrefix(info.GoVersion, "go"), "pkg:golang/github.com/pretendfriend/falafel-api@v" + rest.Version}
			for _, module := range info.Deps {
				purl, err := packageurl.FromString("pkg:golang/" + module.Path + "@" + module.Version)
				require.NoError(t, err)
				want = append(want, purl.ToString())
			}
			ids, related, unknown := map[string]bool{}, map[string]bool{}, 0
			var purls []string
			for _, component := range bill.Packages {
				id := string(component.PackageSPDXIdentifier)
				assert.False(t, ids[id], "%s is there twice", id)
				ids[id] = true
				require.Len(t, component.PackageExternalReferences, 1)
				locator := component.PackageExternalReferences[0].Locator
				_, err := packageurl.FromString(locator)
				require.NoError(t, err, locator)
				if strings.HasPrefix(locator, "pkg:golang/") {
					purls = append(purls, locator)
				}
				if component.PackageLicenseDeclared == "NOASSERTION" {
					unknown++
				}
			}
			assert.ElementsMatch(t, want, purls)
			assert.LessOrEqual(t, unknown, 2, "licences that are not known: is the source of the modules found?")
			for _, relationship := range bill.Relationships {
				related[string(relationship.RefB.ElementRefID)] = true
			}
			assert.Equal(t, ids, related, "each is related to another")
		})
	}
}

func TestTheProvenanceNamesTheRevision(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	commit := repository(t, dir)
	provenance := func(index oci.ImageIndex) string {
		_, said := predicates(t, index, "linux/arm64")
		return string(said["https://slsa.dev/provenance/v1"])
	}
	revision := func(index oci.ImageIndex) string {
		manifest, err := index.IndexManifest()
		require.NoError(t, err)
		assert.Equal(t, rest.Version, manifest.Annotations["org.opencontainers.image.version"])
		assert.Equal(t, "falafel-api", manifest.Annotations["org.opencontainers.image.title"])
		return manifest.Annotations["org.opencontainers.image.revision"]
	}

	clean, err := image.Assemble(t.Context(), dir, io.Discard)
	require.NoError(t, err)
	assert.Equal(t, commit, revision(clean))
	assert.Contains(t, provenance(clean), `"digest":{"gitCommit":"`+commit+`"}`)

	// What is not in the image changes nothing.
	require.NoError(t, os.WriteFile(filepath.Join(dir, "notes.txt"), []byte("x"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "api", "new_test.go"), []byte("package main\n"), 0o600))
	same, err := image.Assemble(t.Context(), dir, io.Discard)
	require.NoError(t, err)
	assert.Equal(t, commit, revision(same))

	require.NoError(t, os.WriteFile(filepath.Join(dir, "api", "new.go"), []byte("package main\n"), 0o600))
	changed, err := image.Assemble(t.Context(), dir, io.Discard)
	require.NoError(t, err)
	assert.Equal(t, commit+"-dirty", revision(changed))
	assert.NotContains(t, provenance(changed), "gitCommit")

	require.NoError(t, os.RemoveAll(filepath.Join(dir, ".git")))
	without, err := image.Assemble(t.Context(), dir, io.Discard)
	require.NoError(t, err)
	assert.Empty(t, revision(without))
}
