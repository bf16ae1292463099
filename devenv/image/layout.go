package image

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
	oci "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
)

// WriteLayout makes dir an OCI image layout that holds the index and nothing else. Where
// one is there already, it stays usable until the new one is: a reader finds the one or
// the other, however this ends.
func WriteLayout(dir string, index oci.ImageIndex) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("the image cannot be written to %s: %w", dir, err)
		}
	}()
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	lock := flock.New(dir + ".lock")
	if err := lock.Lock(); err != nil {
		return err
	}
	defer lock.Unlock() //nolint:errcheck // it ends with the process

	// Beside it, so that files can be renamed: the library writes in place.
	staged, err := os.MkdirTemp(filepath.Dir(dir), "image-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(staged)
	if _, err := layout.Write(staged, mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: index})); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(dir, blobs), 0o755); err != nil {
		return err
	}
	added, err := os.ReadDir(filepath.Join(staged, blobs))
	if err != nil {
		return err
	}
	isNew := map[string]bool{}
	files := []string{"oci-layout"}
	for _, blob := range added {
		isNew[blob.Name()] = true
		files = append(files, filepath.Join(blobs, blob.Name()))
	}
	// Last the file that says which blobs count.
	for _, file := range append(files, "index.json") {
		if err := os.Rename(filepath.Join(staged, file), filepath.Join(dir, file)); err != nil {
			return err
		}
	}
	all, err := os.ReadDir(filepath.Join(dir, blobs))
	if err != nil {
		return err
	}
	for _, blob := range all {
		if !isNew[blob.Name()] {
			os.Remove(filepath.Join(dir, blobs, blob.Name()))
		}
	}
	return nil
}

// ReadLayout returns the index that [WriteLayout] wrote. Its images are read from dir when
// they are asked for.
func ReadLayout(dir string) (oci.ImageIndex, error) {
	outer, err := layout.ImageIndexFromPath(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("there is no image in %s: build one (go run ./devenv image build)", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("the image in %s cannot be read: %w", dir, err)
	}
	manifest, err := outer.IndexManifest()
	if err != nil {
		return nil, fmt.Errorf("the image in %s cannot be read: %w", dir, err)
	}
	if len(manifest.Manifests) != 1 || !manifest.Manifests[0].MediaType.IsIndex() {
		return nil, fmt.Errorf("the layout in %s does not hold one image index and nothing else: build it anew (go run ./devenv image build)", dir)
	}
	index, err := outer.ImageIndex(manifest.Manifests[0].Digest)
	if err != nil {
		return nil, fmt.Errorf("the image in %s cannot be read: %w", dir, err)
	}
	return index, nil
}

// Platform is the image of one platform, "linux/arm64".
type Platform struct {
	Name  string
	Image oci.Image
}

// Platforms returns the images of an index, in its order, without the manifests that only
// say something about them.
func Platforms(index oci.ImageIndex) ([]Platform, error) {
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	var all []Platform
	for _, descriptor := range manifest.Manifests {
		if descriptor.Annotations[referenceType] == attestationManifest {
			continue
		}
		image, err := index.Image(descriptor.Digest)
		if err != nil {
			return nil, err
		}
		all = append(all, Platform{descriptor.Platform.String(), image})
	}
	return all, nil
}

// blobs is the folder of a layout for what is named by its SHA-256.
const blobs = "blobs/sha256"
