package rehearse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	oci "github.com/google/go-containerregistry/pkg/v1"
	containertypes "github.com/moby/moby/api/types/container"
	networktypes "github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/network"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb"
	"github.com/pretendfriend/falafel-api/devenv/image"
	"github.com/pretendfriend/falafel-api/devenv/internal/process"
)

// Where DynamoDB Local is in the network of the tasks.
const databaseName, databasePort = "dynamodb", "8000"

// docker is the network that tasks and DynamoDB Local are in. Testcontainers' reaper
// removes all of it when this process ends, however that happens.
type docker struct {
	network *testcontainers.DockerNetwork
	images  map[string]bool // tags that were loaded

	// database is DynamoDB Local as this process reaches it: a container that joins a
	// network may get another port for what it publishes.
	database *dynamodb.Server
}

// startDocker makes the network, and gives the database a name in it.
func startDocker(ctx context.Context, database *dynamodb.Server) (*docker, error) {
	nw, err := network.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("Docker makes no network: %w", err) //nolint:staticcheck // a name
	}
	d := &docker{network: nw, images: map[string]bool{}}
	if err := d.join(ctx, database); err != nil {
		d.close(ctx)
		return nil, fmt.Errorf("DynamoDB Local cannot join the network of the tasks: %w", err)
	}
	return d, nil
}

func (d *docker) join(ctx context.Context, database *dynamodb.Server) error {
	endpoint, err := url.Parse(database.Endpoint)
	if err != nil {
		return err
	}
	api, err := testcontainers.NewDockerClientWithOpts(ctx)
	if err != nil {
		return err
	}
	defer api.Close() //nolint:errcheck // nothing is kept
	found, err := api.ContainerList(ctx, client.ContainerListOptions{Filters: client.Filters{}.Add("publish", endpoint.Port())})
	if err != nil {
		return err
	}
	if len(found.Items) != 1 {
		return fmt.Errorf("%d containers publish port %s", len(found.Items), endpoint.Port())
	}
	id := found.Items[0].ID
	if _, err := api.NetworkConnect(ctx, d.network.ID, client.NetworkConnectOptions{
		Container: id, EndpointConfig: &networktypes.EndpointSettings{Aliases: []string{databaseName}},
	}); err != nil {
		return err
	}
	joined, err := api.ContainerInspect(ctx, id, client.ContainerInspectOptions{})
	if err != nil {
		return err
	}
	published := joined.Container.NetworkSettings.Ports[networktypes.MustParsePort(databasePort+"/tcp")]
	if len(published) == 0 {
		return errors.New("it publishes no port any more")
	}
	endpoint.Host = net.JoinHostPort(endpoint.Hostname(), published[0].HostPort)
	d.database = &dynamodb.Server{Kind: dynamodb.Container, Endpoint: endpoint.String()}
	return nil
}

// close removes the network and the images. The containers must be gone: the database has
// to be closed before.
func (d *docker) close(ctx context.Context) {
	if api, err := testcontainers.NewDockerClientWithOpts(ctx); err == nil {
		for tag := range d.images {
			_, _ = api.ImageRemove(ctx, tag, client.ImageRemoveOptions{Force: true})
		}
		_ = api.Close()
	}
	_ = d.network.Remove(ctx)
}

// A task is a container that was started by what a task definition says.
type task struct {
	definition string // ARN
	defined    *types.ContainerDefinition
	platform   string
	address    *url.URL // of the port that requests are sent to
	container  *testcontainers.DockerContainer
	patience   time.Duration // for its health check
	grace      time.Duration // for stopping
	written    []byte        // all of its log, once it is stopped
}

// run starts the container of a task, and returns before it is healthy.
func (d *docker) run(ctx context.Context, definition *types.TaskDefinition, container *types.ContainerDefinition, port int32, index oci.ImageIndex) (*task, error) {
	digest, err := index.Digest()
	if err != nil {
		return nil, err
	}
	// What the registry delivered was held against the digest; Docker only gets a name for it.
	tag := "falafel-rehearsal:" + digest.Hex[:16]
	platform, err := image.Load(ctx, index, tag)
	if err != nil {
		return nil, fmt.Errorf("CannotPullContainerError: %w", err)
	}
	d.images[tag] = true

	cpu, memory, err := sizes(definition)
	if err != nil {
		return nil, err
	}
	environment := map[string]string{
		// What Fargate sets, or the task role stands for.
		"AWS_REGION": region, "AWS_ACCESS_KEY_ID": accessKey, "AWS_SECRET_ACCESS_KEY": accessKey,
		"AWS_ENDPOINT_URL_DYNAMODB": "http://" + databaseName + ":" + databasePort,
	}
	for _, variable := range container.Environment {
		environment[aws.ToString(variable.Name)] = aws.ToString(variable.Value)
	}
	t := &task{definition: aws.ToString(definition.TaskDefinitionArn), defined: container, platform: platform, grace: 30 * time.Second}
	if container.StopTimeout != nil {
		t.grace = time.Duration(*container.StopTimeout) * time.Second
	}
	check := healthCheck(container.HealthCheck)
	if check != nil {
		t.patience = check.StartPeriod + time.Duration(check.Retries+1)*(check.Interval+check.Timeout)
	}
	containerPort := networktypes.MustParsePort(strconv.Itoa(int(port)) + "/tcp")
	t.container, err = testcontainers.Run(ctx, tag,
		network.WithNetwork(nil, d.network),
		testcontainers.WithEnv(environment),
		testcontainers.WithExposedPorts(containerPort.String()),
		testcontainers.WithConfigModifier(func(config *containertypes.Config) {
			if container.User != nil {
				config.User = *container.User
			}
			if len(container.EntryPoint) > 0 {
				config.Entrypoint = container.EntryPoint
			}
			if len(container.Command) > 0 {
				config.Cmd = container.Command
			}
			config.Healthcheck = check
			config.StopTimeout = aws.Int(int(t.grace.Seconds()))
		}),
		testcontainers.WithHostConfigModifier(func(config *containertypes.HostConfig) {
			config.PortBindings = networktypes.PortMap{containerPort: {{HostIP: netip.MustParseAddr("127.0.0.1")}}}
			config.ReadonlyRootfs = aws.ToBool(container.ReadonlyRootFilesystem)
			config.NanoCPUs, config.Memory = cpu, memory
			config.SecurityOpt = []string{"no-new-privileges"}
			if linux := container.LinuxParameters; linux != nil {
				config.Init = linux.InitProcessEnabled
				if linux.Capabilities != nil {
					config.CapDrop = linux.Capabilities.Drop
				}
			}
		}),
	)
	if err != nil {
		if t.container != nil {
			_ = testcontainers.TerminateContainer(t.container)
		}
		return nil, fmt.Errorf("CannotStartContainerError: %w", err)
	}
	published, err := t.container.MappedPort(ctx, containerPort.String())
	if err != nil {
		// It ended before its port could be asked for.
		return t, errors.Join(errors.New("Essential container in task exited"), err) //nolint:staticcheck // the words of ECS
	}
	t.address = &url.URL{Scheme: "http", Host: net.JoinHostPort("127.0.0.1", published.Port())}
	return t, nil
}

// sizes are a task's limits: CPU in billionths of one, memory in bytes.
func sizes(definition *types.TaskDefinition) (cpu, memory int64, err error) {
	units, err := strconv.ParseInt(aws.ToString(definition.Cpu), 10, 64)
	if err != nil {
		return 0, 0, fmt.Errorf("the task definition's cpu is %q", aws.ToString(definition.Cpu))
	}
	mib, err := strconv.ParseInt(aws.ToString(definition.Memory), 10, 64)
	if err != nil {
		return 0, 0, fmt.Errorf("the task definition's memory is %q", aws.ToString(definition.Memory))
	}
	return units * 1_000_000_000 / 1024, mib << 20, nil
}

// healthCheck has ECS's defaults, which are others than Docker's.
func healthCheck(check *types.HealthCheck) *containertypes.HealthConfig {
	if check == nil {
		return nil
	}
	seconds := func(value *int32, otherwise int32) time.Duration {
		if value != nil {
			otherwise = *value
		}
		return time.Duration(otherwise) * time.Second
	}
	retries := 3
	if check.Retries != nil {
		retries = int(*check.Retries)
	}
	return &containertypes.HealthConfig{
		Test: check.Command, Retries: retries, Interval: seconds(check.Interval, 30),
		Timeout: seconds(check.Timeout, 5), StartPeriod: seconds(check.StartPeriod, 0),
	}
}

// healthy waits until the task's own health check says so.
func (t *task) healthy(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, t.patience+10*time.Second, errors.New("Task failed container health checks: it says neither healthy nor unhealthy")) //nolint:staticcheck // the words of ECS
	defer cancel()
	for {
		state, err := t.container.State(ctx)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			return err
		case !state.Running:
			return fmt.Errorf("Essential container in task exited with code %d", state.ExitCode) //nolint:staticcheck // the words of ECS
		case t.patience == 0, state.Health != nil && state.Health.Status == containertypes.Healthy:
			return nil
		case state.Health != nil && state.Health.Status == containertypes.Unhealthy:
			return errors.New("Task failed container health checks") //nolint:staticcheck // the words of ECS
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
}

// log is the last line that the container wrote.
func (t *task) log(ctx context.Context) string {
	logs, err := t.container.Logs(ctx)
	if err != nil {
		return err.Error()
	}
	defer logs.Close()
	tail := &process.Tail{}
	_, _ = io.Copy(tail, logs)
	text := tail.String()
	return strings.TrimSpace(text[strings.LastIndex(text, "\n")+1:])
}

// stop ends the task as Fargate does: its stop signal, and after its stop timeout a kill.
// Its log stays, as it does in CloudWatch.
func (t *task) stop(ctx context.Context) {
	_ = t.container.Stop(ctx, &t.grace)
	if logs, err := t.container.Logs(ctx); err == nil {
		t.written, _ = io.ReadAll(logs)
		_ = logs.Close()
	}
	_ = testcontainers.TerminateContainer(t.container)
}
