package image

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"encoding/json"

	oci "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// subject is the image of one platform, with the program in it.
type subject struct {
	platform oci.Platform
	image    oci.Image
	program  []byte
}

// checkout is what a subject was built from.
type checkout struct {
	root, revision string
	environ        []string
}

// How BuildKit keeps what is said about an image in the index beside it, which registries,
// Docker and scanners know: a manifest for no platform.
// https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md
const (
	referenceType       = "vnd.docker.reference.type"
	referenceDigest     = "vnd.docker.reference.digest"
	attestationManifest = "attestation-manifest"
	predicateAnnotation = "in-toto.io/predicate-type"

	inTotoLayer types.MediaType = "application/vnd.in-toto+json"
)

// statement is https://in-toto.io/Statement/v1. The library for it, in-toto/attestation, is
// generated from protobuf, whose JSON differs from run to run on purpose.
type statement struct {
	Type          string             `json:"_type"`
	Subject       []statementSubject `json:"subject"`
	PredicateType string             `json:"predicateType"`
	Predicate     any                `json:"predicate"`
}

type statementSubject struct {
	Name   string            `json:"name"`
	Digest map[string]string `json:"digest"`
}

// attest makes the manifest that carries the SBOM and the provenance of an image. They are
// not signed: they say what was built, and [Verify] finds out whether that is so.
func attest(ctx context.Context, of subject, from checkout) (mutate.IndexAddendum, error) {
	digest, err := of.image.Digest()
	if err != nil {
		return mutate.IndexAddendum{}, err
	}
	info, err := buildinfo.Read(bytes.NewReader(of.program))
	if err != nil {
		return mutate.IndexAddendum{}, err
	}
	licenses, err := findLicenses(ctx, info.Deps, from)
	if err != nil {
		return mutate.IndexAddendum{}, err
	}
	unknown := &oci.Platform{OS: "unknown", Architecture: "unknown"}
	manifest, err := mutate.ConfigFile(empty.Image, &oci.ConfigFile{
		OS: unknown.OS, Architecture: unknown.Architecture, RootFS: oci.RootFS{Type: "layers"},
	})
	if err != nil {
		return mutate.IndexAddendum{}, err
	}
	manifest = mutate.ConfigMediaType(mutate.MediaType(manifest, types.OCIManifestSchema1), types.OCIConfigJSON)
	for _, said := range []struct {
		predicateType string
		predicate     any
	}{
		{"https://spdx.dev/Document", bill(of.platform, digest, of.program, info, licenses)},
		{"https://slsa.dev/provenance/v1", provenance(of.platform, info, from.revision)},
	} {
		content, err := json.Marshal(statement{
			Type:          "https://in-toto.io/Statement/v1",
			Subject:       []statementSubject{{Name: imagePURL(of.platform, digest), Digest: map[string]string{digest.Algorithm: digest.Hex}}},
			PredicateType: said.predicateType,
			Predicate:     said.predicate,
		})
		if err != nil {
			return mutate.IndexAddendum{}, err
		}
		manifest, err = mutate.Append(manifest, mutate.Addendum{
			Layer:       static.NewLayer(content, inTotoLayer),
			Annotations: map[string]string{predicateAnnotation: said.predicateType},
		})
		if err != nil {
			return mutate.IndexAddendum{}, err
		}
	}
	return mutate.IndexAddendum{Add: manifest, Descriptor: oci.Descriptor{
		Platform:    unknown,
		Annotations: map[string]string{referenceType: attestationManifest, referenceDigest: digest.String()},
	}}, nil
}
