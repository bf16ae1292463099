// Package release rolls a service of ECS out and looks at it as the public does. It knows
// ECS's API and the falafel API's client, and nothing of Terraform. Read rollout.go for
// the deployment, revision.go for a new image in the task definition that runs, check.go
// for the look from outside.
//
// Errors are one sentence for the person who waits for the rollout: what was last seen,
// and where there is one, ECS's own reason.
package release

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/cenkalti/backoff/v5"
)

// A Service is one of ECS, at a client for its region.
type Service struct {
	Client  ECS
	Cluster string // name or ARN
	Name    string // name or ARN

	// The first pause between two looks; it grows to ten times that.
	Interval time.Duration
}

// ECS is what this package asks of it.
type ECS interface {
	ecs.DescribeServicesAPIClient
	ecs.DescribeTasksAPIClient
	ecs.ListTasksAPIClient
	DescribeTaskDefinition(context.Context, *ecs.DescribeTaskDefinitionInput, ...func(*ecs.Options)) (*ecs.DescribeTaskDefinitionOutput, error)
	RegisterTaskDefinition(context.Context, *ecs.RegisterTaskDefinitionInput, ...func(*ecs.Options)) (*ecs.RegisterTaskDefinitionOutput, error)
	UpdateService(context.Context, *ecs.UpdateServiceInput, ...func(*ecs.Options)) (*ecs.UpdateServiceOutput, error)
}

// Interval is kind to ECS's API, which a whole account shares.
const Interval = time.Second / 2

// Connect finds credentials, endpoint and region as every AWS SDK does; a cluster that is
// an ARN names its region itself.
func Connect(ctx context.Context, cluster, service string) (*Service, error) {
	var options []func(*config.LoadOptions) error
	if parsed, err := arn.Parse(cluster); err == nil {
		options = append(options, config.WithRegion(parsed.Region))
	}
	chain, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return nil, fmt.Errorf("the AWS configuration cannot be read: %w", err)
	}
	if chain.Region == "" {
		return nil, fmt.Errorf("the region of the cluster %q is not known: set AWS_REGION, or give the cluster's ARN", cluster)
	}
	return &Service{Client: ecs.NewFromConfig(chain), Cluster: cluster, Name: service, Interval: Interval}, nil
}

// poll looks until look has a result or a permanent error, or the context ends. Then the
// error is what was last seen.
func poll[T any](ctx context.Context, first time.Duration, look func() (T, error)) (T, error) {
	growing := backoff.NewExponentialBackOff()
	growing.InitialInterval, growing.MaxInterval = first, 10*first
	var seen error
	result, err := backoff.Retry(ctx, func() (T, error) {
		result, err := look()
		// A look that the deadline cut off has seen nothing.
		if err != nil && (seen == nil || ctx.Err() == nil) {
			seen = err
		}
		return result, err
	}, backoff.WithBackOff(growing), backoff.WithMaxElapsedTime(0))
	if err != nil && ctx.Err() != nil && seen != nil {
		return result, fmt.Errorf("%w (%w)", seen, context.Cause(ctx))
	}
	return result, err
}
