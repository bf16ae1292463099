// Package rehearse applies the hosted environment to a stand-in for AWS, and runs what it
// is told to run: from an empty account through releases, good and bad, to one that is
// empty again. What is rehearsed is terraform/environments/hosted/main.tf itself.
//
// Moto's server is the account (standin/), a registry on loopback is what ECR keeps images
// in, Docker is Fargate, DynamoDB Local has the table, and a proxy on loopback is the
// public address. acts.go, with the acts, is the file to read first. README.md lists what
// cannot be rehearsed so, and what covers it instead.
package rehearse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	oci "github.com/google/go-containerregistry/pkg/v1"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb"
	"github.com/pretendfriend/falafel-api/devenv/image"
	"github.com/pretendfriend/falafel-api/devenv/internal/project"
	"github.com/pretendfriend/falafel-api/devenv/terraform"
)

// Options are the caller's wishes for [Run].
type Options struct {
	Program string    // the terraform or tofu; empty: the one on PATH
	Keep    bool      // whether the folder with the roots stays
	Out     io.Writer // gets a line for each act
}

// Run rehearses, and returns nil when all went as it must. What it started is gone when it
// returns, also when ctx ends. Errors are for a person; those about the machine wrap
// [ErrMissing], [terraform.ErrMissing] or [dynamodb.ErrUnavailable].
func Run(ctx context.Context, root string, options Options) (err error) {
	s := &stage{root: root, out: &lockedWriter{next: options.Out}, begin: time.Now()}
	defer func() { err = errors.Join(err, s.close()) }()
	if options.Program == "" {
		s.installation, err = terraform.Setup(ctx, root)
	} else {
		s.installation, err = terraform.SetupProgram(ctx, root, options.Program)
	}
	if err != nil {
		return err
	}
	if err := s.open(ctx); err != nil {
		return err
	}
	if options.Keep {
		s.say("the roots stay in %s", s.work)
	} else {
		defer os.RemoveAll(s.work)
	}
	return s.play(ctx)
}

// A stage is all that acts play on.
type stage struct {
	root, work   string
	out          *lockedWriter
	begin        time.Time
	installation *terraform.Installation
	image        oci.ImageIndex

	registry *containerRegistry
	front    *front
	cloud    *cloud
	database *dynamodb.Server
	docker   *docker
	fargate  *fargate

	following sync.WaitGroup
	end       context.CancelFunc // of what runs Fargate
}

// open starts everything that AWS would have.
func (s *stage) open(ctx context.Context) (err error) {
	if err := dynamodb.Available(dynamodb.Container); err != nil {
		return err
	}
	state := filepath.Join(s.root, project.State, "rehearse")
	if s.registry, err = startRegistry(); err != nil {
		return err
	}
	if s.cloud, err = startCloud(ctx, state, s.registry.address); err != nil {
		return err
	}
	s.registry.follow(s.cloud)
	if s.front, err = startFront(); err != nil {
		return err
	}
	if s.database, err = dynamodb.Start(ctx, dynamodb.Container, dynamodb.Options{}); err != nil {
		return err
	}
	if s.docker, err = startDocker(ctx, s.database); err != nil {
		return err
	}
	if s.image, err = image.Assemble(ctx, s.root, os.Stderr); err != nil {
		return err
	}
	if s.work, err = os.MkdirTemp(state, "work-"); err != nil {
		return err
	}
	if s.installation, err = s.installation.Isolate(s.work); err != nil {
		return err
	}
	if err := copyTerraform(s.root, s.work); err != nil {
		return err
	}
	s.fargate = &fargate{cloud: s.cloud, registry: s.registry, front: s.front, database: s.docker.database, docker: s.docker, out: s.out}
	following, end := context.WithCancel(ctx)
	s.end = end
	s.following.Go(func() { s.fargate.run(following) })
	s.say("the stage is set: %s, a stand-in for AWS, a registry, DynamoDB Local", s.installation)
	return nil
}

// close stops all of it, the last first.
func (s *stage) close() error {
	var err error
	if s.end != nil {
		s.end()
		s.following.Wait()
	}
	if s.database != nil {
		err = s.database.Close()
	}
	if s.docker != nil {
		// Also when the caller has no time any more.
		s.docker.close(context.Background())
	}
	if s.front != nil {
		s.front.close()
	}
	if s.cloud != nil {
		s.cloud.close()
	}
	if s.registry != nil {
		s.registry.close()
	}
	return err
}

// say prints a line with the time since the beginning.
func (s *stage) say(format string, arguments ...any) {
	_, _ = fmt.Fprintf(s.out, "%4.0f s  %s\n", time.Since(s.begin).Seconds(), fmt.Sprintf(format, arguments...))
}

// lockedWriter lets the acts and Fargate print in one place.
type lockedWriter struct {
	mu   sync.Mutex
	next io.Writer
}

func (w *lockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.next.Write(p)
}
