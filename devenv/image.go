package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	oci "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"

	"github.com/pretendfriend/falafel-api/devenv/image"
	"github.com/pretendfriend/falafel-api/devenv/internal/project"
)

const defaultTag = "falafel-api:dev"

type imageCommand struct {
	Tag string `placeholder:"falafel-api:dev" help:"The image's name in Docker. When it is given, Docker has to be there; without it, only what is there is used."`
}

// Run implements kong's command. The digest of the index is all that it prints to stdout,
// so that scripts can take it.
func (c *imageCommand) Run(ctx context.Context) error {
	begin := time.Now()
	root, err := project.Root()
	if err != nil {
		return err
	}
	index, err := image.Assemble(ctx, root, os.Stderr)
	if err != nil {
		return err
	}
	dir := filepath.Join(root, project.State, "image")
	if err := image.WriteLayout(dir, index); err != nil {
		return err
	}
	if err := describe(index); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "OCI layout in %s, after %.1f s\n", dir, time.Since(begin).Seconds())

	tag := c.Tag
	if tag == "" {
		tag = defaultTag
	}
	platform, err := image.Load(ctx, index, tag)
	switch {
	case err == nil:
		fmt.Fprintf(os.Stderr, "%s for %s loaded into Docker, after %.1f s\n", tag, platform, time.Since(begin).Seconds())
	case errors.Is(err, image.ErrNoDocker) && c.Tag == "" && ctx.Err() == nil:
		fmt.Fprintf(os.Stderr, "Not loaded into Docker: %v\n", err)
	default:
		return err
	}
	digest, err := index.Digest()
	if err != nil {
		return err
	}
	fmt.Println(digest)
	return nil
}

// describe prints the size of each image: of its layers in a registry, and on a disk.
func describe(index oci.ImageIndex) error {
	manifest, err := index.IndexManifest()
	if err != nil {
		return err
	}
	for _, descriptor := range manifest.Manifests {
		img, err := index.Image(descriptor.Digest)
		if err != nil {
			return err
		}
		layers, err := img.Layers()
		if err != nil {
			return err
		}
		var compressed, unpacked int64
		for _, layer := range layers {
			size, err := layer.Size()
			if err != nil {
				return err
			}
			compressed += size
			if size, err = partial.UncompressedSize(layer); err != nil {
				return err
			}
			unpacked += size
		}
		fmt.Fprintf(os.Stderr, "%-12s %.1f MB compressed, %.1f MB unpacked\n", descriptor.Platform, float64(compressed)/1e6, float64(unpacked)/1e6)
	}
	return nil
}
