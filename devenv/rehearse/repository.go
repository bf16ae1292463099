package rehearse

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

// emptyRepository deletes the images of a repository, as an operator has to before it can
// be destroyed: first it sees that ECR refuses to delete it with them.
func (s *stage) emptyRepository(ctx context.Context, repository string) error {
	client := ecr.NewFromConfig(s.cloud.config())
	_, err := client.DeleteRepository(ctx, &ecr.DeleteRepositoryInput{RepositoryName: &repository})
	if _, refused := errors.AsType[*types.RepositoryNotEmptyException](err); !refused {
		return fmt.Errorf("a repository with images can be deleted (%w)", err)
	}
	pages := ecr.NewListImagesPaginator(client, &ecr.ListImagesInput{RepositoryName: &repository})
	var images []types.ImageIdentifier
	listed := map[string]bool{} // an image with two tags is listed twice
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, image := range page.ImageIds {
			if digest := *image.ImageDigest; !listed[digest] {
				// By digest, which takes the tags along.
				images = append(images, types.ImageIdentifier{ImageDigest: &digest})
				listed[digest] = true
			}
		}
	}
	deleted, err := client.BatchDeleteImage(ctx, &ecr.BatchDeleteImageInput{RepositoryName: &repository, ImageIds: images})
	if err == nil && len(deleted.Failures) > 0 {
		err = fmt.Errorf("%d images cannot be deleted: %s", len(deleted.Failures), *deleted.Failures[0].FailureReason)
	}
	return err
}
