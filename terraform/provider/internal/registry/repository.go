package registry

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	oci "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// Repository is one repository, and the right to use it. What the network breaks is tried
// three times, one and three seconds apart, by the library: requests, and uploads from
// their start.
type Repository struct {
	name    name.Repository // as Terraform and ECS call it
	dialled name.Repository // where it is spoken to: the same, but for a stand-in of ECR
	ecr     *elastic        // nil elsewhere
	puller  *remote.Puller
	pusher  *remote.Pusher
}

// Open finds the credentials for a repository: ECR's through the AWS SDK's default chain,
// those of other registries where Docker keeps them.
func Open(ctx context.Context, repository name.Repository) (*Repository, error) {
	opened := &Repository{name: repository, dialled: repository}
	auth := remote.WithAuthFromKeychain(authn.DefaultKeychain)
	if host, isECR := parseHost(repository.RegistryStr()); isECR {
		client, err := newElastic(ctx, host, repository)
		if err != nil {
			return nil, err
		}
		token, dialled, err := client.token(ctx)
		if err != nil {
			return nil, err
		}
		opened.ecr, opened.dialled, auth = client, dialled, remote.WithAuth(token)
	}
	options := []remote.Option{auth, remote.WithTransport(wire), remote.WithUserAgent("terraform-provider-falafel")}
	var errPull, errPush error
	opened.puller, errPull = remote.NewPuller(options...)
	opened.pusher, errPush = remote.NewPusher(options...)
	return opened, errors.Join(errPull, errPush)
}

// Get finds an image by tag or digest, and nil where there is none. It asks by GET, since
// an answer to HEAD could not say why it refuses.
func (r *Repository) Get(ctx context.Context, identifier string) (*Image, error) {
	found, err := r.puller.Get(ctx, reference(r.dialled, identifier))
	if isGone(err) {
		return nil, nil //nolint:nilnil // absence is an answer
	}
	if err != nil {
		return nil, explain(r.name, "reading "+identifier+" from", err)
	}
	var content remote.Taggable
	switch {
	case found.MediaType.IsIndex():
		content, err = found.ImageIndex()
	case found.MediaType.IsImage():
		content, err = found.Image()
	default:
		return nil, fmt.Errorf("%s in %s is of type %s, which is neither an image nor an index", identifier, r.name, found.MediaType)
	}
	if err != nil {
		return nil, err
	}
	return newImage(content, found.Digest)
}

// Misplaced are those tags that do not name digest (yet).
func (r *Repository) Misplaced(ctx context.Context, digest string, tags []string) ([]string, error) {
	var misplaced []string
	for _, tag := range tags {
		image, err := r.Get(ctx, tag)
		if err != nil {
			return nil, err
		}
		if image == nil || image.Digest != digest {
			misplaced = append(misplaced, tag)
		}
	}
	return misplaced, nil
}

// Check finds out, before anything is written, that a tag names another image and may not
// move. Only ECR says whether tags may; elsewhere they do.
func (r *Repository) Check(ctx context.Context, digest string, tags []string) error {
	if r.ecr == nil {
		return nil
	}
	for _, tag := range tags {
		image, err := r.Get(ctx, tag)
		if err != nil {
			return err
		}
		if image == nil || image.Digest == digest {
			continue
		}
		fixed, err := r.ecr.immutable(ctx, tag)
		if err != nil {
			return err
		}
		if fixed {
			return fmt.Errorf("tag %s of %s names %s and may not move to %s, since tags are immutable there: choose another tag", tag, r.name, image.Digest, digest)
		}
	}
	return nil
}

// Push writes the image and then its tags. What is already there is not sent again; what
// another repository of the same registry has is mounted.
func (r *Repository) Push(ctx context.Context, image *Image, tags []string) error {
	if err := r.pusher.Push(ctx, r.dialled.Digest(image.Digest), image.content); err != nil {
		return explain(r.name, "writing "+image.Digest+" to", err)
	}
	misplaced, err := r.Misplaced(ctx, image.Digest, tags)
	if err != nil {
		return err
	}
	for _, tag := range misplaced {
		if err := r.pusher.Put(ctx, r.dialled.Tag(tag), image.content); err != nil {
			return explain(r.name, "writing tag "+tag+" to", err)
		}
	}
	return nil
}

// Delete takes these tags away and, where no other names it, the image.
func (r *Repository) Delete(ctx context.Context, digest string, tags []string) error {
	ours, err := r.holding(ctx, digest, tags)
	if err != nil {
		return err
	}
	all, err := r.puller.List(ctx, r.dialled)
	if isGone(err) {
		return nil
	}
	if err != nil {
		return explain(r.name, "listing the tags of", err)
	}
	held, err := r.holding(ctx, digest, all)
	if err != nil {
		return err
	}
	shared := len(held) > len(ours)
	if r.ecr != nil && r.dialled == r.name {
		return r.ecr.remove(ctx, digest, ours, shared)
	}
	identifiers := ours
	if !shared {
		identifiers = append(identifiers, digest)
	}
	for _, identifier := range identifiers {
		err := r.pusher.Delete(ctx, reference(r.dialled, identifier))
		if err != nil && !isGone(err) {
			return explain(r.name, "deleting "+identifier+" from", err)
		}
	}
	return nil
}

// holding are those tags that name digest.
func (r *Repository) holding(ctx context.Context, digest string, tags []string) ([]string, error) {
	var holding []string
	for _, tag := range tags {
		if _, err := oci.NewHash(tag); err == nil {
			continue // the library's registry lists digests, too
		}
		image, err := r.Get(ctx, tag)
		if err != nil {
			return nil, err
		}
		if image != nil && image.Digest == digest {
			holding = append(holding, tag)
		}
	}
	return holding, nil
}
