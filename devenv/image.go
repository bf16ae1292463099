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

// imageCommand holds what can be done with the image. What a script may want, a digest or
// a reference, is all that goes to stdout.
type imageCommand struct {
	All    imageAllCommand    `cmd:"" default:"withargs" help:"Build the image, and load it into Docker where there is one (the default)."`
	Build  imageBuildCommand  `cmd:"" help:"Build the image for all platforms, as an OCI layout, and print its digest."`
	Verify imageVerifyCommand `cmd:"" help:"Build the revision anew that an image says it is of, and say whether the digest is the same."`
	Load   imageLoadCommand   `cmd:"" help:"Load the image that was built into Docker."`
	Push   imagePushCommand   `cmd:"" help:"Push the image that was built, for all platforms, to a registry, and print repository@digest."`
}

type imageAllCommand struct {
	Tag string `placeholder:"falafel-api:dev" help:"The image's name in Docker. When it is given, Docker has to be there; without it, only what is there is used."`
}

// Run implements kong's command.
func (c *imageAllCommand) Run(ctx context.Context) error {
	index, err := buildImage(ctx, "")
	if err != nil {
		return err
	}
	tag := c.Tag
	if tag == "" {
		tag = defaultTag
	}
	err = loadImage(ctx, index, tag)
	if errors.Is(err, image.ErrNoDocker) && c.Tag == "" && ctx.Err() == nil {
		fmt.Fprintf(os.Stderr, "Not loaded into Docker: %v\n", err)
		err = nil
	}
	if err != nil {
		return err
	}
	return printDigest(index)
}

type imageBuildCommand struct {
	Output string `placeholder:".falafel/image" type:"path" help:"The folder of the layout."`
}

// Run implements kong's command.
func (c *imageBuildCommand) Run(ctx context.Context) error {
	index, err := buildImage(ctx, c.Output)
	if err != nil {
		return err
	}
	return printDigest(index)
}

type imageVerifyCommand struct {
	Reference string `arg:"" optional:"" help:"An image in a registry, or the folder of a layout; else the image that was built."`
}

// Run implements kong's command.
func (c *imageVerifyCommand) Run(ctx context.Context) error {
	root, err := project.Root()
	if err != nil {
		return err
	}
	reference := c.Reference
	if reference == "" {
		reference = filepath.Join(root, project.State, "image")
	}
	index, err := image.Open(ctx, reference)
	if err != nil {
		return err
	}
	revision, err := image.Verify(ctx, root, index, os.Stderr)
	if err != nil {
		return err
	}
	digest, err := index.Digest()
	if err != nil {
		return err
	}
	fmt.Printf("%s is what revision %s builds\n", digest, revision)
	return nil
}

type imageLoadCommand struct {
	Tag string `default:"falafel-api:dev" help:"The image's name in Docker."`
}

// Run implements kong's command.
func (c *imageLoadCommand) Run(ctx context.Context) error {
	index, err := builtImage()
	if err != nil {
		return err
	}
	return loadImage(ctx, index, c.Tag)
}

type imagePushCommand struct {
	Reference string `arg:"" help:"A repository, such as registry.example/falafel-api, with a tag or without."`
}

// Run implements kong's command.
func (c *imagePushCommand) Run(ctx context.Context) error {
	index, err := builtImage()
	if err != nil {
		return err
	}
	pushed, err := image.Push(ctx, index, c.Reference)
	if err != nil {
		return err
	}
	fmt.Println(pushed)
	return nil
}

// buildImage builds into dir, or where the other commands look for the image.
func buildImage(ctx context.Context, dir string) (oci.ImageIndex, error) {
	begin := time.Now()
	root, err := project.Root()
	if err != nil {
		return nil, err
	}
	if dir == "" {
		dir = filepath.Join(root, project.State, "image")
	}
	index, err := image.Assemble(ctx, root, os.Stderr)
	if err != nil {
		return nil, err
	}
	if err := image.WriteLayout(dir, index); err != nil {
		return nil, err
	}
	if err := describe(index); err != nil {
		return nil, err
	}
	fmt.Fprintf(os.Stderr, "OCI layout in %s, after %.1f s\n", dir, time.Since(begin).Seconds())
	return index, nil
}

func builtImage() (oci.ImageIndex, error) {
	dir, err := project.StatePath("image")
	if err != nil {
		return nil, err
	}
	return image.ReadLayout(dir)
}

func loadImage(ctx context.Context, index oci.ImageIndex, tag string) error {
	begin := time.Now()
	platform, err := image.Load(ctx, index, tag)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%s for %s loaded into Docker, after %.1f s\n", tag, platform, time.Since(begin).Seconds())
	return nil
}

func printDigest(index oci.ImageIndex) error {
	digest, err := index.Digest()
	if err != nil {
		return err
	}
	fmt.Println(digest)
	return nil
}

// describe prints the size of each image: of its layers in a registry, and on a disk.
func describe(index oci.ImageIndex) error {
	images, err := image.Platforms(index)
	if err != nil {
		return err
	}
	for _, platform := range images {
		layers, err := platform.Image.Layers()
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
		fmt.Fprintf(os.Stderr, "%-12s %.1f MB compressed, %.1f MB unpacked\n", platform.Name, float64(compressed)/1e6, float64(unpacked)/1e6)
	}
	return nil
}
