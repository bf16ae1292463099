package rehearse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
)

// environment is the tag that hosted/main.tf gives to all that it makes.
const environment = "falafel-hosted"

// stays are the kinds of resources that AWS keeps when they were deleted: keys for a week,
// and of ECS a record, see [stage.inactive]. Task definitions that releases registered stay as
// well: they cost nothing, and run nothing.
var stays = []string{":kms:", ":ecs:"}

// tagged asks the account, and not Terraform's state, what the environment has.
func (s *stage) tagged(ctx context.Context) (arns []string, err error) {
	pages := tagging.NewGetResourcesPaginator(tagging.NewFromConfig(s.cloud.config()), &tagging.GetResourcesInput{
		TagFilters: []types.TagFilter{{Key: aws.String("environment"), Values: []string{environment}}},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, resource := range page.ResourceTagMappingList {
			arns = append(arns, aws.ToString(resource.ResourceARN))
		}
	}
	return arns, nil
}

// isFull returns an error when the account knows nothing of the environment: then it would
// know of no leftovers either.
func (s *stage) isFull(ctx context.Context) error {
	arns, err := s.tagged(ctx)
	if err == nil && len(arns) < 30 {
		err = fmt.Errorf("the account knows no more of the environment than %s", strings.Join(arns, ", "))
	}
	if err == nil {
		s.say("      %d of them are found by their tag", len(arns))
	}
	return err
}

// isEmpty returns an error that names what is left in the account.
func (s *stage) isEmpty(ctx context.Context) error {
	arns, err := s.tagged(ctx)
	if err != nil {
		return err
	}
	left := slices.DeleteFunc(arns, func(arn string) bool {
		return slices.ContainsFunc(stays, func(kind string) bool { return strings.Contains(arn, kind) })
	})
	if len(left) > 0 {
		return errors.New("the account still has " + strings.Join(left, ", "))
	}
	return s.inactive(ctx)
}

// inactive returns an error when ECS still has a cluster or a service that is more than a
// record.
func (s *stage) inactive(ctx context.Context) error {
	client := ecs.NewFromConfig(s.cloud.config())
	service, err := findService(ctx, client)
	if err == nil && service != nil {
		err = fmt.Errorf("the service %s is still %s", aws.ToString(service.ServiceName), aws.ToString(service.Status))
	}
	if err != nil {
		return err
	}
	clusters, err := client.DescribeClusters(ctx, &ecs.DescribeClustersInput{Clusters: []string{environment}})
	if err != nil {
		return err
	}
	for _, cluster := range clusters.Clusters {
		if status := aws.ToString(cluster.Status); status != "INACTIVE" {
			return fmt.Errorf("the cluster %s is still %s", aws.ToString(cluster.ClusterName), status)
		}
	}
	return nil
}
