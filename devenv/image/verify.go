package image

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	oci "github.com/google/go-containerregistry/pkg/v1"
)

var commitID = regexp.MustCompile(`^[0-9a-f]{40}$`)

// Verify builds the revision that an image says it is of, and compares. The revision comes
// from the repository in root, and is built by its own code. It returns that revision, or
// an error that says in one sentence what differs. What goes on is said to out.
func Verify(ctx context.Context, root string, index oci.ImageIndex, out io.Writer) (string, error) {
	manifest, err := index.IndexManifest()
	if err != nil {
		return "", fmt.Errorf("the image cannot be read: %w", err)
	}
	commit := manifest.Annotations[revisionAnnotation]
	switch before, changed := strings.CutSuffix(commit, dirty); {
	case commit == "":
		return "", errors.New("the image does not say which revision it is of, so that it cannot be built again: build it in a git checkout")
	case changed:
		return "", fmt.Errorf("the image was built with changes to %s that were not committed, so that it cannot be built again: commit them, and build it anew", before)
	case !commitID.MatchString(commit):
		return "", fmt.Errorf("the image says that it is of revision %q, which is no commit: build it anew", commit)
	}
	if kind, err := git(ctx, root, "cat-file", "-t", commit); err != nil || kind != "commit" {
		return "", fmt.Errorf("this repository has no revision %s: fetch it (git fetch --unshallow, if the clone is shallow)", commit)
	}
	rebuilt, remove, err := rebuild(ctx, root, commit, out)
	if err != nil {
		return "", err
	}
	defer remove()
	same, err := sameDigest(index, rebuilt)
	if err != nil {
		return "", err
	}
	if same {
		return commit, nil
	}
	differ, err := differences(index, rebuilt)
	if err != nil {
		return "", err
	}
	return "", fmt.Errorf("the image is not what revision %s builds: %s", commit, strings.Join(differ, "; "))
}

// rebuild makes the image of a revision with that revision's code, in a worktree of git's.
func rebuild(ctx context.Context, root, commit string, out io.Writer) (index oci.ImageIndex, remove func(), err error) {
	folder, err := os.MkdirTemp("", "falafel-verify-")
	if err != nil {
		return nil, nil, fmt.Errorf("there is no place to build revision %s: %w", commit, err)
	}
	defer func() {
		if err != nil {
			os.RemoveAll(folder)
		}
	}()
	tree, result := filepath.Join(folder, "source"), filepath.Join(folder, "image")
	fmt.Fprintf(out, "Building revision %s\n", commit)
	// No hooks: they are the user's, and for the user's own checkouts.
	if _, err := git(ctx, root, "-c", "core.hooksPath=/dev/null", "worktree", "add", "--quiet", "--detach", tree, commit); err != nil {
		return nil, nil, fmt.Errorf("revision %s cannot be checked out: %w", commit, err)
	}
	// Also when this is interrupted.
	defer git(context.WithoutCancel(ctx), root, "worktree", "remove", "--force", tree) //nolint:errcheck // git prunes what is gone
	command := exec.CommandContext(ctx, "go", "run", "./devenv", "image", "build", "--output", result)
	command.Dir = tree
	var said bytes.Buffer
	command.Stderr = io.MultiWriter(out, &said)
	if err := command.Run(); err != nil {
		lines := bytes.Split(bytes.TrimSpace(bytes.TrimSuffix(bytes.TrimSpace(said.Bytes()), []byte("exit status 1"))), []byte("\n"))
		return nil, nil, fmt.Errorf("revision %s cannot be built again (%w): %s", commit, err, lines[len(lines)-1])
	}
	if index, err = ReadLayout(result); err != nil {
		return nil, nil, err
	}
	return index, func() { os.RemoveAll(folder) }, nil
}

func sameDigest(a, b oci.ImageIndex) (bool, error) {
	first, err := a.Digest()
	if err != nil {
		return false, err
	}
	second, err := b.Digest()
	return first == second, err
}

// part is a piece of an index that can be compared: "the config of linux/arm64".
type part struct{ name, value string }

// differences says what is other in an index than in the one that was rebuilt. What is
// said about the images counts only where the images are equal: it names their digests.
func differences(index, rebuilt oci.ImageIndex) ([]string, error) {
	images, attestations, err := parts(index)
	if err != nil {
		return nil, err
	}
	wantImages, wantAttestations, err := parts(rebuilt)
	if err != nil {
		return nil, err
	}
	differ := compare(images, wantImages)
	if len(differ) == 0 {
		differ = compare(attestations, wantAttestations)
	}
	if len(differ) == 0 {
		differ = []string{"the same parts are written down otherwise"}
	}
	return differ, nil
}

func compare(got, want []part) (differ []string) {
	named := func(parts []part, name string) int {
		return slices.IndexFunc(parts, func(p part) bool { return p.name == name })
	}
	for _, p := range got {
		switch i := named(want, p.name); {
		case i < 0:
			differ = append(differ, p.name+" should not be there")
		case want[i].value != p.value:
			differ = append(differ, fmt.Sprintf("%s is %s and should be %s", p.name, p.value, want[i].value))
		}
	}
	for _, p := range want {
		if named(got, p.name) < 0 {
			differ = append(differ, p.name+" is missing")
		}
	}
	return differ
}

// parts takes an index apart: annotations and images, and what is said about the images.
func parts(index oci.ImageIndex) (images, attestations []part, err error) {
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, nil, err
	}
	for _, key := range slices.Sorted(maps.Keys(manifest.Annotations)) {
		images = append(images, part{"the annotation " + key, manifest.Annotations[key]})
	}
	platform := map[string]string{}
	for _, descriptor := range manifest.Manifests {
		platform[descriptor.Digest.String()] = descriptor.Platform.String()
	}
	for _, descriptor := range manifest.Manifests {
		image, err := index.Image(descriptor.Digest)
		if err != nil {
			return nil, nil, err
		}
		inside, err := image.Manifest()
		if err != nil {
			return nil, nil, err
		}
		if descriptor.Annotations[referenceType] == attestationManifest {
			of := platform[descriptor.Annotations[referenceDigest]]
			for _, layer := range inside.Layers {
				attestations = append(attestations, part{"the statement " + layer.Annotations[predicateAnnotation] + " about " + of, layer.Digest.String()})
			}
			continue
		}
		of := descriptor.Platform.String()
		images = append(images, part{"the config of " + of, inside.Config.Digest.String()})
		for i, layer := range inside.Layers {
			images = append(images, part{fmt.Sprintf("layer %d of %s", i+1, of), layer.Digest.String()})
		}
	}
	return images, attestations, nil
}
