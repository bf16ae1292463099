package release

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// container is the API's in the task definition; others may stand beside it.
const container = "api"

// A Revision is a task definition, as far as releases differ.
type Revision struct {
	ARN     string
	Image   string
	Release string // value of the release variable; "" where it is not set
}

// Running is the service's task definition. The error is [ErrNoService] where there is no
// such service.
func (s *Service) Running(ctx context.Context, variable string) (Revision, error) {
	service, err := s.describe(ctx)
	if err != nil {
		return Revision{}, err
	}
	return s.Revision(ctx, aws.ToString(service.TaskDefinition), variable)
}

// Revision is the task definition of that ARN.
func (s *Service) Revision(ctx context.Context, arn, variable string) (Revision, error) {
	definition, _, err := s.definition(ctx, arn)
	if err != nil {
		return Revision{}, err
	}
	return revisionOf(definition, variable)
}

// Revise returns the service's task definition with this image and release. Where it has
// them already, it is the one that the service runs; else it is registered once more, and
// everything beside is carried over.
func (s *Service) Revise(ctx context.Context, image, variable, release string) (arn string, err error) {
	service, err := s.describe(ctx)
	if err != nil {
		return "", err
	}
	definition, tags, err := s.definition(ctx, aws.ToString(service.TaskDefinition))
	if err != nil {
		return "", err
	}
	has, err := revisionOf(definition, variable)
	if err != nil {
		return "", err
	}
	if has.Image == image && has.Release == release {
		return has.ARN, nil
	}
	input := registration(definition, tags)
	api := &input.ContainerDefinitions[containerAt(input.ContainerDefinitions)]
	api.Image = &image
	api.Environment = append(slices.DeleteFunc(slices.Clone(api.Environment), named(variable)), types.KeyValuePair{Name: &variable, Value: &release})
	out, err := s.Client.RegisterTaskDefinition(ctx, input)
	if err != nil {
		return "", fmt.Errorf("ECS does not register the task definition of the service %s with the image %s: %w", s.Name, image, err)
	}
	return aws.ToString(out.TaskDefinition.TaskDefinitionArn), nil
}

func (s *Service) definition(ctx context.Context, arn string) (*types.TaskDefinition, []types.Tag, error) {
	out, err := s.Client.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{
		TaskDefinition: &arn, Include: []types.TaskDefinitionField{types.TaskDefinitionFieldTags},
	})
	if err != nil {
		return nil, nil, fmt.Errorf("ECS does not describe the task definition %s: %w", arn, err)
	}
	return out.TaskDefinition, out.Tags, nil
}

func revisionOf(definition *types.TaskDefinition, variable string) (Revision, error) {
	arn := aws.ToString(definition.TaskDefinitionArn)
	at := containerAt(definition.ContainerDefinitions)
	if at < 0 {
		return Revision{}, fmt.Errorf("the task definition %s has no container named %q, as the service's must", arn, container)
	}
	api := definition.ContainerDefinitions[at]
	revision := Revision{ARN: arn, Image: aws.ToString(api.Image)}
	if set := slices.IndexFunc(api.Environment, named(variable)); set >= 0 {
		revision.Release = aws.ToString(api.Environment[set].Value)
	}
	return revision, nil
}

func containerAt(containers []types.ContainerDefinition) int {
	return slices.IndexFunc(containers, func(c types.ContainerDefinition) bool { return aws.ToString(c.Name) == container })
}

func named(variable string) func(types.KeyValuePair) bool {
	return func(pair types.KeyValuePair) bool { return aws.ToString(pair.Name) == variable }
}

// registration is what registers the task definition once more. A test holds it to having
// every field.
func registration(definition *types.TaskDefinition, tags []types.Tag) *ecs.RegisterTaskDefinitionInput {
	return &ecs.RegisterTaskDefinitionInput{
		Family:                  definition.Family,
		ContainerDefinitions:    slices.Clone(definition.ContainerDefinitions),
		Cpu:                     definition.Cpu,
		EnableFaultInjection:    definition.EnableFaultInjection,
		EphemeralStorage:        definition.EphemeralStorage,
		ExecutionRoleArn:        definition.ExecutionRoleArn,
		IpcMode:                 definition.IpcMode,
		Memory:                  definition.Memory,
		NetworkMode:             definition.NetworkMode,
		PidMode:                 definition.PidMode,
		PlacementConstraints:    definition.PlacementConstraints,
		ProxyConfiguration:      definition.ProxyConfiguration,
		RequiresCompatibilities: definition.RequiresCompatibilities,
		RuntimePlatform:         definition.RuntimePlatform,
		Tags:                    tags,
		TaskRoleArn:             definition.TaskRoleArn,
		Volumes:                 definition.Volumes,
	}
}
