// Package image assembles the API's container image: one static program on nothing, for
// every platform, without a Docker daemon. The same source gives the same digests, on
// any machine and at any time.
//
// An image index holds the image of each platform, and a manifest beside each that says
// what is in it (an SBOM) and where it comes from (provenance). Read [Assemble] first.
package image

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	oci "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/klauspost/compress/gzip"
	"golang.org/x/sync/errgroup"

	"github.com/pretendfriend/falafel-api/api/rest"
)

// platforms are those of AWS, of laptops, and of CI.
var platforms = []oci.Platform{
	{OS: "linux", Architecture: "amd64"},
	{OS: "linux", Architecture: "arm64"},
}

// config is what a container is run with. It names nothing that depends on where or when
// it was built.
var config = oci.Config{
	User:         "65532:65532", // "nonroot" of the distroless images; there is no /etc/passwd to name it
	Entrypoint:   []string{"/api"},
	ExposedPorts: map[string]struct{}{"3000/tcp": {}, "5050/tcp": {}},
	Labels:       labels,
}

const (
	title   = "falafel-api"
	source  = "https://github.com/pretendfriend/falafel-api"
	license = "MIT"
)

// labels are the same for every revision, so that equal programs are equal images.
// https://specs.opencontainers.org/image-spec/annotations/#pre-defined-annotation-keys
var labels = map[string]string{
	"org.opencontainers.image.title":    title,
	"org.opencontainers.image.source":   source,
	"org.opencontainers.image.licenses": license,
}

// epoch is every time in the image.
var epoch = time.Unix(0, 0).UTC()

// Assemble compiles the API of the checkout in root, and returns its image for
// linux/amd64 and linux/arm64 as an OCI image index. What the compiler has to say goes to
// out. The error is one sentence for a person.
//
// The images depend on nothing but the source. The index, its annotations and provenance
// name the revision as well, where the checkout is one of git.
func Assemble(ctx context.Context, root string, out io.Writer) (oci.ImageIndex, error) {
	environ, err := buildEnviron(ctx, root)
	if err != nil {
		return nil, err
	}
	commit, err := revision(ctx, root)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "falafel-image-")
	if err != nil {
		return nil, fmt.Errorf("there is no place to compile to: %w", err)
	}
	defer os.RemoveAll(folder)

	images := make([]mutate.IndexAddendum, len(platforms))
	attestations := make([]mutate.IndexAddendum, len(platforms))
	building, buildContext := errgroup.WithContext(ctx)
	for i, platform := range platforms {
		building.Go(func() error {
			file := filepath.Join(folder, platform.Architecture)
			if err := build(buildContext, root, platform, environ, file); err != nil {
				return err
			}
			program, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			image, err := pack(platform, program)
			if err != nil {
				return fmt.Errorf("the image for %s cannot be assembled: %w", platform, err)
			}
			images[i] = mutate.IndexAddendum{Add: image, Descriptor: oci.Descriptor{Platform: &platform}}
			attestations[i], err = attest(buildContext, subject{platform, image, program}, checkout{root, commit, environ})
			if err != nil {
				return fmt.Errorf("what is in the image for %s cannot be told: %w", platform, err)
			}
			return nil
		})
	}
	err = building.Wait()
	if broken, ok := errors.AsType[*compileError](err); ok {
		_, _ = out.Write(broken.messages)
	}
	if err != nil {
		return nil, err
	}
	index := mutate.AppendManifests(empty.Index, slices.Concat(images, attestations)...)
	return mutate.Annotations(index, annotations(commit)).(oci.ImageIndex), nil //nolint:errcheck // it returns what it was given
}

// The annotations of the index, beside the labels.
const (
	revisionAnnotation = "org.opencontainers.image.revision"
	versionAnnotation  = "org.opencontainers.image.version"
)

func annotations(commit string) map[string]string {
	all := maps.Clone(labels)
	all[versionAnnotation] = rest.Version
	if commit != "" {
		all[revisionAnnotation] = commit
	}
	return all
}

// pack makes the image of one platform.
func pack(platform oci.Platform, program []byte) (oci.Image, error) {
	compressed, err := archive(program)
	if err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(compressed)), nil
	}, tarball.WithMediaType(types.OCILayer))
	if err != nil {
		return nil, err
	}
	scratch, err := mutate.ConfigFile(empty.Image, &oci.ConfigFile{
		OS:           platform.OS,
		Architecture: platform.Architecture,
		Created:      oci.Time{Time: epoch},
		Config:       config,
		RootFS:       oci.RootFS{Type: "layers"},
	})
	if err != nil {
		return nil, err
	}
	scratch = mutate.ConfigMediaType(mutate.MediaType(scratch, types.OCIManifestSchema1), types.OCIConfigJSON)
	return mutate.Append(scratch, mutate.Addendum{
		Layer:   layer,
		History: oci.History{Created: oci.Time{Time: epoch}, CreatedBy: "go run ./devenv image"},
	})
}

// archive is the layer that holds the program and nothing else.
//
// It is not compressed by the standard library, whose output changes with the Go that
// this program was compiled by; go.mod pins the one used here.
func archive(program []byte) ([]byte, error) {
	var layer bytes.Buffer
	compressor, err := gzip.NewWriterLevel(&layer, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	writer := tar.NewWriter(compressor)
	if err := writer.WriteHeader(&tar.Header{
		Typeflag: tar.TypeReg,
		Name:     "api",
		Mode:     0o755,
		Size:     int64(len(program)),
		ModTime:  epoch,
		Format:   tar.FormatUSTAR,
	}); err != nil {
		return nil, err
	}
	if _, err := writer.Write(program); err != nil {
		return nil, err
	}
	if err := errors.Join(writer.Close(), compressor.Close()); err != nil {
		return nil, err
	}
	return layer.Bytes(), nil
}
