package dynamodb

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"

	containertypes "github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	tclog "github.com/testcontainers/testcontainers-go/log"
	tcdynamodb "github.com/testcontainers/testcontainers-go/modules/dynamodb"

	"github.com/pretendfriend/falafel-api/devenv/internal/process"
)

// Container is DynamoDB Local in a container, run by testcontainers: its reaper removes
// the container when this process has ended, however that happens. (It watches over all
// children of one parent together, and waits for the last of them.)
const Container Kind = "container"

var containerEngine = engine{kind: Container, available: containerAvailable, start: startContainer}

const (
	containerImage = "amazon/dynamodb-local:" + localVersion
	containerPort  = "8000/tcp"
	containerDir   = "/data" // where Options.Dir is mounted
)

func containerAvailable(ctx context.Context) error {
	silence()
	docker, err := testcontainers.NewDockerClientWithOpts(ctx)
	if err == nil {
		_, err = docker.Ping(ctx, client.PingOptions{})
	}
	if err != nil {
		return noDocker(err)
	}
	return locate(ctx, docker)
}

// noDocker is for a daemon that cannot be used; causes may come as several lines.
func noDocker(cause error) error {
	return unavailable("no Docker daemon answers (%s): start Docker, or say in DOCKER_HOST where it listens",
		strings.ReplaceAll(cause.Error(), "\n", "; "))
}

// hostVariable tells testcontainers where the ports are that containers publish.
const hostVariable = "TESTCONTAINERS_HOST_OVERRIDE"

// locate sets hostVariable when the daemon runs right here. Testcontainers assumes that a
// program inside a container talks to a daemon outside of it, and takes the default
// gateway for that: it never gets an answer where the daemon runs inside as well (CI, and
// development containers), and no option corrects it.
func locate(ctx context.Context, docker *testcontainers.DockerClient) error {
	info, err := docker.Info(ctx, client.InfoOptions{})
	if err != nil {
		return noDocker(err)
	}
	name, unnamed := os.Hostname()
	if unnamed == nil && name == info.Info.Name && os.Getenv(hostVariable) == "" {
		return os.Setenv(hostVariable, "127.0.0.1")
	}
	return nil
}

func startContainer(ctx context.Context, _ Kind, options Options) (database, error) {
	// What testcontainers starts with a context ends with it, the copying of logs for one.
	// The caller's must not do that once the database is there.
	life, end := context.WithCancelCause(context.WithoutCancel(ctx))
	given := context.AfterFunc(ctx, func() { end(context.Cause(ctx)) })

	db := &containerDatabase{end: end, ended: make(chan struct{})}
	err := db.run(life, options)
	if err == nil {
		err = await(life, db, func(ctx context.Context) error {
			_, err := listTables(ctx, (&Server{Kind: Container, Endpoint: db.url}).Client())
			return err
		})
	}
	if err != nil || !given() {
		_ = db.stop()
		if err == nil {
			err = context.Cause(ctx)
		}
		return nil, err
	}
	return db, nil
}

type containerDatabase struct {
	container *tcdynamodb.DynamoDBContainer
	url       string
	end       context.CancelCauseFunc // stops what testcontainers and watch do
	watch     sync.WaitGroup
	ended     chan struct{}
}

// run creates the container and returns when its process runs.
func (db *containerDatabase) run(ctx context.Context, options Options) error {
	provider, err := testcontainers.NewDockerProvider()
	if err != nil {
		return noDocker(err)
	}
	host, err := provider.DaemonHost(ctx)
	if err != nil {
		return fmt.Errorf("where Docker publishes ports cannot be told: %w", err)
	}
	if host == "localhost" {
		host = "127.0.0.1" // the only address of that name on which it is published below
	}
	customizers := []testcontainers.ContainerCustomizer{
		// Not the module's WithSharedDB: that also gives the container a fixed name and
		// takes over whichever has it.
		testcontainers.WithCmdArgs("-sharedDb", "-disableTelemetry"),
		publishedOn(host),
		unawaited,
	}
	if options.Dir == "" {
		customizers = append(customizers, testcontainers.WithCmdArgs("-inMemory"))
	} else {
		customizers = append(customizers, testcontainers.WithCmdArgs("-dbPath", containerDir),
			ownedByCaller, mountedFrom(options.Dir))
	}
	if options.Log != nil {
		customizers = append(customizers, testcontainers.WithLogConsumers(logConsumer{options.Log}))
	}

	db.container, err = tcdynamodb.Run(ctx, containerImage, customizers...)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return fmt.Errorf("%s was not running in time: %w", containerImage, context.Cause(ctx))
	case db.container == nil: // it got no further than the images: this one, and the reaper's
		return unavailable("Docker cannot make a container of %s (%w): if it has to pull an image, let it reach its registry, or load the image",
			containerImage, err)
	default:
		return fmt.Errorf("%s cannot be run: %w", containerImage, err)
	}
	db.watch.Go(func() {
		wait := provider.Client().ContainerWait(ctx, db.container.GetContainerID(), client.ContainerWaitOptions{})
		select {
		case <-wait.Result:
		case <-wait.Error: //nolint:errcheck // the daemon has gone, and with it what we know of the container
		}
		close(db.ended)
	})
	port, err := db.container.MappedPort(ctx, containerPort)
	if err != nil {
		return fmt.Errorf("the port of %s is not published: %w", containerImage, err)
	}
	db.url = "http://" + net.JoinHostPort(host, port.Port())
	return nil
}

func (db *containerDatabase) endpoint() string      { return db.url }
func (db *containerDatabase) done() <-chan struct{} { return db.ended }

func (db *containerDatabase) err() error {
	log := &process.Tail{}
	ctx, cancel := context.WithTimeout(context.Background(), answerWithin)
	defer cancel()
	if logs, err := db.container.Logs(ctx); err == nil {
		_, _ = io.Copy(log, logs)
		_ = logs.Close()
	}
	return fmt.Errorf("%w in its container; the last of its log:\n%s", errEnded, log)
}

func (db *containerDatabase) stop() error {
	defer db.watch.Wait()
	defer db.end(context.Canceled)
	if db.container == nil {
		return nil
	}
	if err := testcontainers.TerminateContainer(db.container, testcontainers.StopTimeout(stopWithin)); err != nil {
		return fmt.Errorf("the container of DynamoDB Local cannot be removed: %w", err)
	}
	return nil
}

// publishedOn keeps the database off the network when the daemon is on this machine; one
// elsewhere has to publish where we can reach it.
func publishedOn(host string) testcontainers.CustomizeRequestOption {
	return testcontainers.WithHostConfigModifier(func(config *containertypes.HostConfig) {
		if address, err := netip.ParseAddr(host); err == nil && address.IsLoopback() {
			config.PortBindings = network.PortMap{network.MustParsePort(containerPort): {{HostIP: address}}}
		}
	})
}

// mountedFrom keeps the data in a folder of this machine.
func mountedFrom(dir string) testcontainers.CustomizeRequestOption {
	return testcontainers.WithHostConfigModifier(func(config *containertypes.HostConfig) {
		config.Mounts = append(config.Mounts, mount.Mount{Type: mount.TypeBind, Source: dir, Target: containerDir})
	})
}

// ownedByCaller runs the database as our user: the image's own could not write into our
// folder, and root would leave files there that we cannot delete.
var ownedByCaller = testcontainers.WithConfigModifier(func(config *containertypes.Config) {
	config.User = fmt.Sprintf("%d:%d", os.Getuid(), os.Getgid())
})

// unawaited leaves the waiting to await, which also notices a database that ends.
var unawaited = testcontainers.CustomizeRequestOption(func(request *testcontainers.GenericContainerRequest) error {
	request.WaitingFor = nil
	return nil
})

// logConsumer hands the container's output to a writer.
type logConsumer struct{ io.Writer }

func (c logConsumer) Accept(log testcontainers.Log) { _, _ = c.Write(log.Content) }

// silence keeps out of the terminal what testcontainers tells about its work, to a logger
// that the whole process shares.
var silence = sync.OnceFunc(func() { tclog.SetDefault(tclog.NewNoopLogger()) })
