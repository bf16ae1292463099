package image

import (
	"context"
	"fmt"
	"os"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	oci "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// Push gives the index with all that belongs to it to a registry, as it is, and returns
// repository@digest. Only what the registry lacks is uploaded. The reference is a
// repository, with a tag or without; who may push is what `docker login` knows. Without
// TLS it speaks to registries on loopback and in private networks only.
func Push(ctx context.Context, index oci.ImageIndex, reference string) (string, error) {
	digest, err := index.Digest()
	if err != nil {
		return "", err
	}
	// A repository alone first: as a tag it would mean "latest".
	var to name.Reference
	repository, err := name.NewRepository(reference)
	if err == nil {
		to = repository.Digest(digest.String())
	} else {
		tag, err := name.NewTag(reference, name.StrictValidation)
		if err != nil {
			return "", fmt.Errorf("%q names no place for an image: write it as registry.example/repository or registry.example/repository:tag", reference)
		}
		to, repository = tag, tag.Repository
	}
	// It leaves a tag that is right alone: where tags may not move, some registries refuse
	// even what is there already.
	if err := remote.WriteIndex(to, index, remote.WithContext(ctx), remote.WithAuthFromKeychain(authn.DefaultKeychain)); err != nil {
		return "", fmt.Errorf("%s does not take the image: %w", to, err)
	}
	return repository.Digest(digest.String()).String(), nil
}

// Open returns the image index in an OCI layout, where reference is a folder, and else the
// one in a registry.
func Open(ctx context.Context, reference string) (oci.ImageIndex, error) {
	if info, err := os.Stat(reference); err == nil && info.IsDir() {
		return ReadLayout(reference)
	}
	from, err := name.ParseReference(reference, name.StrictValidation)
	if err != nil {
		return nil, fmt.Errorf("%q is neither a folder nor an image in a registry: write it as registry.example/repository@sha256:…", reference)
	}
	index, err := remote.Index(from, remote.WithContext(ctx), remote.WithAuthFromKeychain(authn.DefaultKeychain))
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", from, err)
	}
	return index, nil
}
