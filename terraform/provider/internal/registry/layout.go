package registry

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	oci "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// ReadLayout reads the one image of an OCI layout, and compares every blob with its
// digest: a registry need not notice that a manifest is not what it was named by.
func ReadLayout(folder string) (*Image, error) {
	index, err := layout.ImageIndexFromPath(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no OCI layout in %q: build the image first (go run ./devenv image build), or say where it is", folder)
	}
	if err != nil {
		return nil, fmt.Errorf("the OCI layout in %q cannot be read: %w", folder, err)
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, fmt.Errorf("index.json of the OCI layout in %q cannot be read: %w", folder, err)
	}
	if len(manifest.Manifests) != 1 {
		return nil, fmt.Errorf("the OCI layout in %q holds %d images, where one was expected: put the platforms into one index", folder, len(manifest.Manifests))
	}
	image, err := readRoot(index, manifest.Manifests[0], layout.Path(folder))
	if err != nil {
		return nil, fmt.Errorf("the OCI layout in %q is damaged: %w; build the image again", folder, err)
	}
	return image, nil
}

func readRoot(index oci.ImageIndex, root oci.Descriptor, path layout.Path) (*Image, error) {
	if err := verify(path, root); err != nil {
		return nil, err
	}
	var content remote.Taggable
	var err error
	switch {
	case root.MediaType.IsIndex():
		content, err = verifiedIndex(index, root, path)
	case root.MediaType.IsImage():
		content, err = verifiedImage(index, root, path)
	default:
		err = fmt.Errorf("%s is of type %s, which is neither an image nor an index", root.Digest, root.MediaType)
	}
	if err != nil {
		return nil, err
	}
	return newImage(content, root.Digest)
}

func verifiedIndex(parent oci.ImageIndex, of oci.Descriptor, path layout.Path) (oci.ImageIndex, error) {
	index, err := parent.ImageIndex(of.Digest)
	if err != nil {
		return nil, err
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	for _, child := range manifest.Manifests {
		err := verify(path, child)
		switch {
		case err != nil:
		case child.MediaType.IsIndex():
			_, err = verifiedIndex(index, child, path)
		case child.MediaType.IsImage():
			_, err = verifiedImage(index, child, path)
		}
		if err != nil {
			return nil, err
		}
	}
	return index, nil
}

func verifiedImage(parent oci.ImageIndex, of oci.Descriptor, path layout.Path) (oci.Image, error) {
	image, err := parent.Image(of.Digest)
	if err != nil {
		return nil, err
	}
	manifest, err := image.Manifest()
	if err != nil {
		return nil, err
	}
	for _, blob := range append(manifest.Layers, manifest.Config) {
		if err := verify(path, blob); err != nil {
			return nil, err
		}
	}
	return image, nil
}

func verify(path layout.Path, blob oci.Descriptor) error {
	if !blob.MediaType.IsDistributable() {
		return nil
	}
	content, err := path.Blob(blob.Digest)
	if err != nil {
		return fmt.Errorf("blob %s is missing", blob.Digest)
	}
	defer content.Close()
	digest, size, err := oci.SHA256(content)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("blob %s cannot be read: %w", blob.Digest, err)
	}
	if digest != blob.Digest || size != blob.Size {
		return fmt.Errorf("blob %s has %d bytes with digest %s", blob.Digest, size, digest)
	}
	return nil
}

// Platform is how the image of one platform is run.
type Platform struct {
	User       string
	Entrypoint []string
	Ports      []int64
	Size       int64 // bytes to download
}

// Platforms describes what can be run, by names such as linux/arm64. What attests the
// images, of platform unknown/unknown, is left out.
func (i *Image) Platforms() (map[string]Platform, error) {
	platforms := map[string]Platform{}
	add := func(image oci.Image, of *oci.Platform) error {
		config, err := image.ConfigFile()
		if err != nil {
			return err
		}
		manifest, err := image.Manifest()
		if err != nil {
			return err
		}
		// Lists that are empty, and not nil: those would be null in HCL.
		platform := Platform{
			User: config.Config.User, Entrypoint: append([]string{}, config.Config.Entrypoint...), Ports: []int64{}, Size: manifest.Config.Size,
		}
		for _, layer := range manifest.Layers {
			platform.Size += layer.Size
		}
		for exposed := range config.Config.ExposedPorts {
			number, _, _ := strings.Cut(exposed, "/")
			port, err := strconv.ParseUint(number, 10, 16)
			if err != nil {
				return fmt.Errorf("the image exposes %q, which is no port", exposed)
			}
			platform.Ports = append(platform.Ports, int64(port))
		}
		slices.Sort(platform.Ports)
		if of == nil {
			of = config.Platform()
		}
		if of == nil {
			return errors.New("the image says nowhere which platform it is for: build it for one, such as linux/arm64")
		}
		platforms[of.String()] = platform
		return nil
	}
	switch content := i.content.(type) {
	case oci.Image:
		return platforms, add(content, nil)
	case oci.ImageIndex:
		manifest, err := content.IndexManifest()
		if err != nil {
			return nil, err
		}
		for _, child := range manifest.Manifests {
			if !child.MediaType.IsImage() || (child.Platform != nil && child.Platform.OS == "unknown") {
				continue
			}
			image, err := content.Image(child.Digest)
			if err != nil {
				return nil, err
			}
			if err := add(image, child.Platform); err != nil {
				return nil, err
			}
		}
	}
	return platforms, nil
}
