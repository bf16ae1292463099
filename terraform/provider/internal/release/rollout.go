package release

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/cenkalti/backoff/v5"
)

// ErrNoService says that the service, or its cluster, does not exist.
var ErrNoService = errors.New("there is no such service")

// mostTold is how many events and stopped tasks an error gives: a rollback has three events
// of its own, and the reason comes before them.
const mostTold = 5

// RollOut makes the service run the task definition, and returns when ECS says that it
// does: when the deployment is COMPLETED, so that what ran before is out of the load
// balancer. A deployment that runs already is waited for; one that failed is begun again.
func (s *Service) RollOut(ctx context.Context, taskDefinition string) error {
	service, err := s.describe(ctx)
	if err != nil {
		return err
	}
	var known []string // deployments before ours
	deployment := primary(service)
	failed := deployment != nil && deployment.RolloutState == types.DeploymentRolloutStateFailed
	if aws.ToString(service.TaskDefinition) != taskDefinition || failed {
		out, err := s.Client.UpdateService(ctx, &ecs.UpdateServiceInput{
			Cluster: &s.Cluster, Service: &s.Name, TaskDefinition: &taskDefinition, ForceNewDeployment: failed,
		})
		if err != nil {
			return fmt.Errorf("ECS does not take the task definition %s for the service %s: %w", taskDefinition, s.Name, err)
		}
		for _, before := range service.Deployments {
			known = append(known, aws.ToString(before.Id))
		}
		deployment = primary(*out.Service)
	}
	if deployment == nil {
		return fmt.Errorf("the service %s has no deployment of ECS's own: its deployment controller must be ECS", s.Name)
	}
	_, err = poll(ctx, s.Interval, func() (struct{}, error) { return struct{}{}, s.progress(ctx, *deployment, known) })
	return err
}

// progress returns nil when the deployment is completed, and a permanent error when it
// never will be.
func (s *Service) progress(ctx context.Context, deployment types.Deployment, known []string) error {
	service, err := s.describe(ctx)
	if err != nil {
		return err
	}
	id := aws.ToString(deployment.Id)
	at := slices.IndexFunc(service.Deployments, func(d types.Deployment) bool { return aws.ToString(d.Id) == id })
	if at < 0 {
		now := primary(service)
		if now == nil || slices.Contains(known, aws.ToString(now.Id)) { // ECS may answer as before for a moment
			return fmt.Errorf("the deployment %s does not appear in the service %s", id, s.Name)
		}
		return s.failed(ctx, service, deployment, fmt.Sprintf("was replaced by %s (%s)", aws.ToString(now.Id), aws.ToString(now.RolloutStateReason)))
	}
	seen := service.Deployments[at]
	switch {
	case seen.RolloutState == types.DeploymentRolloutStateCompleted:
		return nil
	case seen.RolloutState == types.DeploymentRolloutStateFailed:
		return s.failed(ctx, service, seen, "failed: "+aws.ToString(seen.RolloutStateReason))
	case aws.ToString(seen.Status) != "PRIMARY":
		now := primary(service)
		return s.failed(ctx, service, seen, fmt.Sprintf("was replaced by %s (%s)", aws.ToString(now.Id), aws.ToString(now.RolloutStateReason)))
	}
	return fmt.Errorf("the service %s still runs %d of %d tasks of %s, and %d have failed%s",
		s.Name, seen.RunningCount, seen.DesiredCount, aws.ToString(seen.TaskDefinition), seen.FailedTasks, s.told(ctx, service, seen, seen.FailedTasks > 0))
}

func (s *Service) failed(ctx context.Context, service types.Service, deployment types.Deployment, what string) error {
	text := fmt.Sprintf("the deployment of %s to the service %s %s", aws.ToString(deployment.TaskDefinition), s.Name, strings.TrimSuffix(what, "."))
	if now := aws.ToString(service.TaskDefinition); now != aws.ToString(deployment.TaskDefinition) {
		text += "; the service goes on with " + now
	}
	return backoff.Permanent(errors.New(text + s.told(ctx, service, deployment, true)))
}

// told is what ECS has to say beside: why tasks stopped, and the newest events.
func (s *Service) told(ctx context.Context, service types.Service, deployment types.Deployment, stopped bool) string {
	var text strings.Builder
	if stopped {
		for _, reason := range s.stopped(ctx, aws.ToString(deployment.TaskDefinition)) {
			text.WriteString("\n  task stopped: " + reason)
		}
	}
	for _, event := range service.Events[:min(mostTold, len(service.Events))] { // the newest come first
		text.WriteString("\n  event: " + aws.ToString(event.Message))
	}
	return text.String()
}

// stopped is why tasks of the task definition stopped. It is an extra to an error: where
// ECS does not answer, there is none.
func (s *Service) stopped(ctx context.Context, taskDefinition string) (reasons []string) {
	list, err := s.Client.ListTasks(ctx, &ecs.ListTasksInput{Cluster: &s.Cluster, ServiceName: &s.Name, DesiredStatus: types.DesiredStatusStopped})
	if err != nil || len(list.TaskArns) == 0 {
		return nil
	}
	out, err := s.Client.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: &s.Cluster, Tasks: list.TaskArns[:min(len(list.TaskArns), 100)]})
	if err != nil {
		return nil
	}
	for _, task := range out.Tasks {
		if aws.ToString(task.TaskDefinitionArn) != taskDefinition {
			continue
		}
		parts := []string{aws.ToString(task.StoppedReason)}
		for _, container := range task.Containers {
			if container.ExitCode != nil {
				parts = append(parts, fmt.Sprintf("%s exited with %d", aws.ToString(container.Name), *container.ExitCode))
			}
			if container.Reason != nil {
				parts = append(parts, *container.Reason)
			}
		}
		reason := strings.Trim(strings.Join(parts, "; "), "; ")
		if reason != "" && !slices.Contains(reasons, reason) && len(reasons) < mostTold {
			reasons = append(reasons, reason)
		}
	}
	return reasons
}

func (s *Service) describe(ctx context.Context) (types.Service, error) {
	out, err := s.Client.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &s.Cluster, Services: []string{s.Name}})
	if _, ok := errors.AsType[*types.ClusterNotFoundException](err); ok {
		return types.Service{}, backoff.Permanent(fmt.Errorf("the cluster %s does not exist: %w", s.Cluster, ErrNoService))
	}
	if err != nil {
		return types.Service{}, fmt.Errorf("ECS does not describe the service %s: %w", s.Name, err)
	}
	if len(out.Services) == 0 || aws.ToString(out.Services[0].Status) == "INACTIVE" {
		return types.Service{}, backoff.Permanent(fmt.Errorf("the service %s does not exist in the cluster %s: %w", s.Name, s.Cluster, ErrNoService))
	}
	return out.Services[0], nil
}

func primary(service types.Service) *types.Deployment {
	at := slices.IndexFunc(service.Deployments, func(d types.Deployment) bool { return aws.ToString(d.Status) == "PRIMARY" })
	if at < 0 {
		return nil
	}
	return &service.Deployments[at]
}
