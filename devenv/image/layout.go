package image

import (
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

// blobs is the folder of a layout for what is named by its SHA-256.
const blobs = "blobs/sha256"
