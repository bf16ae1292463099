package rehearse

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// withoutOurProvider applies a graph as the earlier project had it: the image is looked up
// in the registry that the same apply makes, and pushed by hand. It takes two applies; that
// it does shows that the one apply of the first act is our provider's doing.
func (s *stage) withoutOurProvider(ctx context.Context) error {
	dir := filepath.Join(s.work, "cycle")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(s.root, "devenv", "rehearse", "testdata", "cycle"))); err != nil {
		return err
	}
	cycle, err := s.installation.In(dir, s.cloud.environ()...)
	if err != nil {
		return err
	}
	if err := cycle.Init(ctx); err != nil {
		return err
	}
	first := cycle.Apply(ctx)
	if first == nil {
		return errors.New("the first apply passes, so that this shows nothing")
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if said := first.Error(); !strings.Contains(said, "ECR Image") {
		return fmt.Errorf("the first apply fails for another reason than the missing image: %w", first)
	}
	s.say("      the first apply fails: there is no image in the repository that it made")
	if err := s.pushByHand(ctx, "falafel-cycle:latest"); err != nil {
		return err
	}
	if err := cycle.Apply(ctx); err != nil {
		return fmt.Errorf("after the image was pushed by hand: %w", err)
	}
	s.say("      after a push by hand, the second passes")
	return cycle.Destroy(ctx)
}

// pushByHand is the step between two applies that nobody needs any more.
func (s *stage) pushByHand(ctx context.Context, image string) error {
	reference, err := name.NewTag(strings.TrimPrefix(s.registry.address, "http://")+"/"+image, name.Insecure)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	return remote.WriteIndex(reference, s.image, remote.WithContext(ctx), remote.WithAuth(&authn.Basic{Username: "AWS", Password: accessKey}))
}
