package rehearse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb"
)

// lookEvery is the pause between two looks at what ECS is told to run.
const lookEvery = 300 * time.Millisecond

// A deployment is one of ECS: a service that is to run a task definition.
type deployment struct {
	cluster, service, id string
	taskDefinition       string // ARN
}

// fargate runs in Docker what ECS is told to run: one task of the one service there is.
type fargate struct {
	cloud    *cloud
	registry *containerRegistry
	front    *front
	database *dynamodb.Server
	docker   *docker
	out      io.Writer

	mu      sync.Mutex
	running *task
	ended   *task // the last that another took the place of
}

// run follows ECS until ctx ends, and then stops what it started.
func (f *fargate) run(ctx context.Context) {
	defer f.stop(context.WithoutCancel(ctx))
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		if err := f.step(ctx); err != nil && ctx.Err() == nil {
			_, _ = fmt.Fprintln(f.out, "      the stand-in for Fargate:", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		}
	}
}

// current is the task that serves; nil when there is none.
func (f *fargate) current() *task {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.running
}

// predecessor is the task that served before the one that serves; nil when there was none.
func (f *fargate) predecessor() *task {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ended
}

// settled waits until the task of a definition is the one that serves.
func (f *fargate) settled(ctx context.Context, definition string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, 2*time.Minute, fmt.Errorf("%s does not serve any more", definition))
	defer cancel()
	for {
		if t := f.current(); t != nil && t.definition == definition {
			return nil
		}
		if err := pause(ctx, lookEvery); err != nil {
			return err
		}
	}
}

func (f *fargate) stop(ctx context.Context) {
	f.mu.Lock()
	running := f.running
	f.running = nil
	f.mu.Unlock()
	f.front.drop()
	if running != nil {
		running.stop(ctx)
	}
}

// step does what a look at ECS asks for.
func (f *fargate) step(ctx context.Context) error {
	client := ecs.NewFromConfig(f.cloud.config())
	service, err := findService(ctx, client)
	if err != nil {
		return fmt.Errorf("ECS cannot be asked what to run: %w", err)
	}
	if service == nil || aws.ToString(service.Status) != "ACTIVE" || service.DesiredCount == 0 {
		if f.current() != nil {
			f.stop(ctx)
		}
		return nil
	}
	for _, d := range service.Deployments {
		if aws.ToString(d.Status) != "PRIMARY" || d.RolloutState != types.DeploymentRolloutStateInProgress {
			continue
		}
		wanted := deployment{nameOf(service.ClusterArn), aws.ToString(service.ServiceName), aws.ToString(d.Id), aws.ToString(d.TaskDefinition)}
		failure := f.deploy(ctx, client, service, wanted)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if failure != nil {
			_, _ = fmt.Fprintf(f.out, "      %s does not run: %v\n", nameOf(&wanted.taskDefinition), failure)
		}
		return f.cloud.reportDeployment(ctx, wanted, failure)
	}
	return nil
}

// deploy brings the task that serves to what the deployment says. An error leaves the one
// that served before.
func (f *fargate) deploy(ctx context.Context, client *ecs.Client, service *types.Service, wanted deployment) error {
	before := f.current()
	if before != nil && before.definition == wanted.taskDefinition {
		return nil // rolled back
	}
	described, err := client.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: &wanted.taskDefinition})
	if err != nil {
		return err
	}
	begin := time.Now()
	started, err := f.start(ctx, described.TaskDefinition, service)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(f.out, "      %s runs in Docker on %s, healthy after %.1f s\n", nameOf(&wanted.taskDefinition), started.platform, time.Since(begin).Seconds())
	f.mu.Lock()
	f.running = started
	f.mu.Unlock()
	f.front.use(started.address)
	if before != nil {
		before.stop(ctx)
		f.mu.Lock()
		f.ended = before
		f.mu.Unlock()
	}
	return nil
}

// start returns a task that is healthy by its own check and by the load balancer's.
func (f *fargate) start(ctx context.Context, definition *types.TaskDefinition, service *types.Service) (*task, error) {
	container, port, err := serving(definition, service)
	if err != nil {
		return nil, err
	}
	index, err := f.registry.index(ctx, aws.ToString(container.Image))
	if err != nil {
		return nil, err
	}
	if err := f.bringTables(ctx); err != nil {
		return nil, err
	}
	started, err := f.docker.run(ctx, definition, container, port, index)
	if err == nil {
		err = started.healthy(ctx)
	}
	if err == nil {
		err = f.targetHealthy(ctx, service, started.address)
	}
	if err != nil && started != nil {
		log := started.log(ctx)
		started.stop(context.WithoutCancel(ctx))
		err = fmt.Errorf("%w; the last of its log: %s", err, log)
	}
	return started, err
}

// serving is the container of a task that the load balancer, if there is one, sends
// requests to, and on which port.
func serving(definition *types.TaskDefinition, service *types.Service) (*types.ContainerDefinition, int32, error) {
	if len(definition.ContainerDefinitions) != 1 {
		return nil, 0, fmt.Errorf("the task definition has %d containers, and one is all that is rehearsed", len(definition.ContainerDefinitions))
	}
	container := &definition.ContainerDefinitions[0]
	if len(container.Secrets) > 0 {
		return nil, 0, errors.New("the task definition has secrets, and they are not rehearsed")
	}
	var port int32
	for _, target := range service.LoadBalancers {
		if aws.ToString(target.ContainerName) != aws.ToString(container.Name) {
			return nil, 0, fmt.Errorf("the container %s does not exist in the task definition", aws.ToString(target.ContainerName))
		}
		port = aws.ToInt32(target.ContainerPort)
	}
	for _, mapping := range container.PortMappings {
		if port == 0 || aws.ToInt32(mapping.ContainerPort) == port {
			return container, aws.ToInt32(mapping.ContainerPort), nil
		}
	}
	return nil, 0, fmt.Errorf("the container %s did not have a container port %d defined", aws.ToString(container.Name), port)
}

// targetHealthy waits for the health check of the service's target group.
func (f *fargate) targetHealthy(ctx context.Context, service *types.Service, address *url.URL) error {
	if len(service.LoadBalancers) == 0 || service.LoadBalancers[0].TargetGroupArn == nil {
		return nil
	}
	arn := *service.LoadBalancers[0].TargetGroupArn
	groups, err := elasticloadbalancingv2.NewFromConfig(f.cloud.config()).DescribeTargetGroups(ctx,
		&elasticloadbalancingv2.DescribeTargetGroupsInput{TargetGroupArns: []string{arn}})
	if err != nil {
		return err
	}
	group := groups.TargetGroups[0]
	wanted, path := "200", aws.ToString(group.HealthCheckPath)
	if group.Matcher != nil && group.Matcher.HttpCode != nil {
		wanted = *group.Matcher.HttpCode
	}
	client := &http.Client{Timeout: time.Duration(aws.ToInt32(group.HealthCheckTimeoutSeconds)) * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	var last string
	for range aws.ToInt32(group.UnhealthyThresholdCount) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.JoinPath(path).String(), http.NoBody)
		if err != nil {
			return err
		}
		response, err := client.Do(request)
		if err != nil {
			last = err.Error()
		} else {
			response.Body.Close()
			if last = response.Status; strings.HasPrefix(last, wanted) {
				return nil
			}
		}
		if err := pause(ctx, time.Second); err != nil {
			return err
		}
	}
	return fmt.Errorf("the target is unhealthy: GET %s gives %s instead of %s", path, last, wanted)
}

// findService is the one service of the account that is not deleted; nil when there is none.
func findService(ctx context.Context, client *ecs.Client) (*types.Service, error) {
	clusters, err := client.ListClusters(ctx, &ecs.ListClustersInput{})
	if err != nil {
		return nil, err
	}
	for _, cluster := range clusters.ClusterArns {
		list, err := client.ListServices(ctx, &ecs.ListServicesInput{Cluster: &cluster})
		if err != nil {
			return nil, err
		}
		if len(list.ServiceArns) == 0 {
			continue
		}
		services, err := client.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &cluster, Services: list.ServiceArns})
		if err != nil {
			return nil, err
		}
		for i := range services.Services {
			if aws.ToString(services.Services[i].Status) == "ACTIVE" {
				return &services.Services[i], nil
			}
		}
	}
	return nil, nil
}

// nameOf is the last part of an ARN.
func nameOf(arn *string) string {
	text := aws.ToString(arn)
	return text[strings.LastIndex(text, "/")+1:]
}

// pause waits, and returns at once when ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
