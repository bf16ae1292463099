package image

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	oci "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// ErrNoDocker is in the error of [Load] when there is no Docker to load into.
var ErrNoDocker = errors.New("no Docker daemon answers")

// Load gives the image for Docker's own platform to Docker, under the tag, and returns
// that platform. Where Docker stores images itself, its id of the image is the digest of
// the config in the index. The error is one sentence for a person.
//
// It asks the docker command, and not a client library: that alone knows the user's
// Docker contexts, and so the daemon that compose and Tilt will run the image on.
func Load(ctx context.Context, index oci.ImageIndex, tag string) (platform string, err error) {
	ref, err := name.NewTag(tag)
	if err != nil {
		return "", fmt.Errorf("%q cannot name an image: write it as falafel-api:dev", tag)
	}
	platform, err = docker(ctx, nil, "version", "--format", "{{.Server.Os}}/{{.Server.Arch}}")
	if err != nil {
		return "", fmt.Errorf("%w (%w): start Docker, or say in DOCKER_HOST where it listens", ErrNoDocker, err)
	}
	image, err := find(index, platform)
	if err != nil {
		return "", err
	}
	var archive bytes.Buffer
	if err := tarball.Write(ref, image, &archive); err != nil {
		return "", fmt.Errorf("the image cannot be packed for Docker: %w", err)
	}
	if _, err := docker(ctx, &archive, "load", "--quiet"); err != nil {
		return "", fmt.Errorf("Docker does not take the image: %w", err) //nolint:staticcheck // a name
	}
	return platform, nil
}

// find returns the image of a platform, which is "os/architecture".
func find(index oci.ImageIndex, platform string) (oci.Image, error) {
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(manifest.Manifests, func(d oci.Descriptor) bool { return d.Platform != nil && d.Platform.String() == platform })
	if i < 0 {
		return nil, fmt.Errorf("Docker runs on %s, for which there is no image: use a Docker that runs Linux on amd64 or arm64", platform) //nolint:staticcheck // a name
	}
	return index.Image(manifest.Manifests[i].Digest)
}

// docker runs the docker command, and returns what it prints without the last line's end.
func docker(ctx context.Context, input *bytes.Buffer, arguments ...string) (string, error) {
	command := exec.CommandContext(ctx, "docker", arguments...)
	if input != nil {
		command.Stdin = input
	}
	output, err := command.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		lines := strings.Split(strings.TrimSpace(string(exit.Stderr)), "\n")
		return "", errors.New(strings.TrimSuffix(lines[0], "."))
	}
	return strings.TrimSpace(string(output)), err
}
