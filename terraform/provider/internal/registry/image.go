package registry

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/go-containerregistry/pkg/name"
	oci "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// Image is what is promoted: an index with the images of all platforms and what attests
// them, or the image of a single platform.
type Image struct {
	Digest      string
	Annotations map[string]string
	content     remote.Taggable
}

// Read finds the image that a source names: a folder, or a reference.
func Read(ctx context.Context, source string) (*Image, error) {
	if !IsReference(source) {
		return ReadLayout(source)
	}
	reference, err := ParseReference(source)
	if err != nil {
		return nil, err
	}
	repository, err := Open(ctx, reference.Context())
	if err != nil {
		return nil, err
	}
	image, err := repository.Get(ctx, reference.Identifier())
	if err != nil {
		return nil, err
	}
	if image == nil {
		return nil, fmt.Errorf("there is no image %s: push it first, or correct the source", source)
	}
	return image, nil
}

// newImage describes content whose manifest and digest are known.
func newImage(content remote.Taggable, digest oci.Hash) (*Image, error) {
	raw, err := content.RawManifest()
	if err != nil {
		return nil, err
	}
	var manifest struct {
		Annotations map[string]string `json:"annotations"`
	}
	if err := json.Unmarshal(raw, &manifest); err != nil {
		return nil, err
	}
	if manifest.Annotations == nil {
		manifest.Annotations = map[string]string{}
	}
	return &Image{Digest: digest.String(), Annotations: manifest.Annotations, content: content}, nil
}

// reference names a digest or a tag in a repository.
func reference(repository name.Repository, identifier string) name.Reference {
	if _, err := oci.NewHash(identifier); err == nil {
		return repository.Digest(identifier)
	}
	return repository.Tag(identifier)
}
