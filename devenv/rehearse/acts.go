package rehearse

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"

	oci "github.com/google/go-containerregistry/pkg/v1"

	"github.com/pretendfriend/falafel-api/devenv/image"
)

// play is the rehearsal, act by act.
func (s *stage) play(ctx context.Context) error {
	hosted, err := openRoot(ctx, s.work, "hosted", "rehearsal", s.installation, s.cloud)
	if err != nil {
		return err
	}
	var release *root
	for _, act := range []struct {
		name string
		play func() error
	}{
		{"one apply makes everything in an empty account", func() error { return s.firstApply(ctx, hosted) }},
		{"a second plan is empty", func() error { return hosted.empty(ctx) }},
		{"the service runs as its task definition says", func() error { return s.runs(ctx) }},
		{"a new version is rolled out through the whole environment", func() error {
			return s.newVersion(ctx, hosted, "rehearsal-2")
		}},
		{"the metrics of the one before went with its log, and alarms read them", func() error { return s.metricsArrive(ctx) }},
		{"a new version is rolled out by a release alone", func() (err error) {
			if release, err = openRoot(ctx, s.work, "hosted/release", "rehearsal/release", s.installation, s.cloud); err != nil {
				return err
			}
			return s.releaseAlone(ctx, release, "rehearsal-3")
		}},
		{"a version whose program ends is caught", func() error {
			return s.badVersion(ctx, release, broken, "broken")
		}},
		{"a version that cannot reach its table is caught", func() error {
			return s.badVersion(ctx, release, cutOff, "cut-off")
		}},
		{"a version that runs, and keeps no review, is caught", func() error {
			return s.badVersion(ctx, release, mute, "mute")
		}},
		{"without our provider, it takes two applies", func() error { return s.withoutOurProvider(ctx) }},
		{"destroy leaves nothing", func() error { return s.destroy(ctx, hosted, release) }},
	} {
		s.say("%s …", act.name)
		if err := act.play(); err != nil {
			return fmt.Errorf("%s: this failed: %w", act.name, err)
		}
	}
	s.say("all went as it must")
	return nil
}

// write makes a layout of a version, and returns its folder.
func (s *stage) write(version string, index oci.ImageIndex) (string, error) {
	folder := filepath.Join(s.work, "image-"+version)
	return folder, image.WriteLayout(folder, index)
}

func (s *stage) firstApply(ctx context.Context, hosted *root) error {
	layout, err := s.write("1", s.image)
	if err != nil {
		return err
	}
	if err := hosted.set(map[string]any{"url": s.front.url, "layout": layout, "protected": true}); err != nil {
		return err
	}
	plan, err := hosted.plan(ctx)
	if err != nil {
		return err
	}
	if err := hosted.apply(ctx); err != nil {
		return err
	}
	size, err := hosted.size(ctx)
	if err != nil {
		return err
	}
	if size == 0 || size != len(changes(plan)) {
		return fmt.Errorf("%d resources were planned, and %d are there", len(changes(plan)), size)
	}
	s.say("      %d resources", size)
	return s.isFull(ctx)
}

// runs looks at what the release check did not: that check is a part of the apply.
func (s *stage) runs(ctx context.Context) error {
	if s.fargate.current() == nil {
		return errors.New("no task runs")
	}
	tables, err := s.fargate.checkTables(ctx)
	if err != nil {
		return err
	}
	s.say("      table %s is the one that api/store defines", tables)
	client := &http.Client{}
	for _, path := range []string{"/metrics", "/readyz", "/debug/pprof/"} {
		if err := get(ctx, client, s.front.url+path, http.StatusNotFound); err != nil {
			return fmt.Errorf("the public can see %s: %w", path, err)
		}
	}
	return nil
}

func (s *stage) newVersion(ctx context.Context, hosted *root, version string) error {
	before, err := s.image.Digest()
	if err != nil {
		return err
	}
	next := named(s.image, version)
	after, err := next.Digest()
	if err != nil {
		return err
	}
	if err := s.prepare(hosted, version, next); err != nil {
		return err
	}
	plan, err := hosted.plan(ctx)
	if err == nil {
		err = errors.Join(showsImages(plan, before.String(), after.String()), onlyService(plan))
	}
	if err != nil {
		return err
	}
	return s.rollOut(ctx, hosted, strings.Join(changes(plan), ", "))
}

func (s *stage) releaseAlone(ctx context.Context, release *root, version string) error {
	if err := s.prepare(release, version, named(s.image, version)); err != nil {
		return err
	}
	plan, err := release.plan(ctx)
	if err != nil {
		return err
	}
	for _, change := range plan.ResourceChanges {
		if !strings.HasPrefix(change.Type, "falafel_") {
			return fmt.Errorf("the release plans %s", change.Address)
		}
	}
	return s.rollOut(ctx, release, strings.Join(changes(plan), ", "))
}

// prepare has a root promote the version.
func (s *stage) prepare(r *root, version string, index oci.ImageIndex) error {
	layout, err := s.write(version, index)
	if err != nil {
		return err
	}
	return r.set(map[string]any{"url": s.front.url, "layout": layout})
}

// rollOut applies what was planned while somebody uses the service.
func (s *stage) rollOut(ctx context.Context, r *root, planned string) error {
	users := send(ctx, s.front.url+"/status")
	err := r.apply(ctx)
	answered, noticed := users.stop()
	if err := errors.Join(err, noticed); err != nil {
		return err
	}
	s.say("      %s; %d requests meanwhile, none failed", planned, answered)
	return nil
}

// badVersion has a release fail, and the version before go on.
func (s *stage) badVersion(ctx context.Context, release *root, spoil func(oci.ImageIndex) (oci.ImageIndex, error), version string) error {
	before := s.fargate.current().definition
	bad, err := spoil(s.image)
	if err == nil {
		err = s.prepare(release, version, bad)
	}
	if err == nil {
		_, err = release.plan(ctx)
	}
	if err != nil {
		return err
	}
	failure := release.apply(ctx)
	if failure == nil {
		return errors.New("the apply passes")
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	s.say("      the apply says: %s", strings.Join(strings.Fields(failure.Error()), " "))
	if err := s.fargate.settled(ctx, before); err != nil {
		return err
	}
	return get(ctx, &http.Client{}, s.front.url+"/v1/restaurants", http.StatusOK)
}

// destroy takes the environment away as an operator would: first the protection of what
// holds data, which is a change of its own that can be reviewed.
func (s *stage) destroy(ctx context.Context, hosted, release *root) error {
	if err := release.terraform.Destroy(ctx); err != nil {
		return err
	}
	if err := hosted.set(map[string]any{"protected": false}); err != nil {
		return err
	}
	if _, err := hosted.plan(ctx); err != nil {
		return err
	}
	if err := hosted.apply(ctx); err != nil {
		return err
	}
	if err := s.emptyRepository(ctx, environment); err != nil {
		return err
	}
	if err := hosted.terraform.Destroy(ctx); err != nil {
		return err
	}
	size, err := hosted.size(ctx)
	if err == nil && size != 0 {
		err = fmt.Errorf("%d resources are left in the state", size)
	}
	if err != nil {
		return err
	}
	return s.isEmpty(ctx)
}
