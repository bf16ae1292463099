package registry

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
)

// https://docs.aws.amazon.com/general/latest/gr/ecr.html
var hosts = regexp.MustCompile(`^(\d{12})\.dkr(?:\.ecr(-fips)?\.([a-z0-9-]+)\.amazonaws\.(?:com|com\.cn|eu)|-ecr(-fips)?\.([a-z0-9-]+)\.on\.(?:aws|amazonwebservices\.com\.cn))$`)

// host is what the name of a registry of ECR tells.
type host struct {
	account, region string
	fips, dualStack bool
}

func parseHost(registry string) (host, bool) {
	parts := hosts.FindStringSubmatch(registry)
	if parts == nil {
		return host{}, false
	}
	return host{
		account:   parts[1],
		region:    parts[3] + parts[5],
		fips:      parts[2]+parts[4] != "",
		dualStack: parts[5] != "",
	}, true
}

// elastic is a repository of ECR, seen through its API.
type elastic struct {
	client     *ecr.Client
	account    string
	repository name.Repository
}

func newElastic(ctx context.Context, host host, repository name.Repository) (*elastic, error) {
	options := []func(*config.LoadOptions) error{config.WithRegion(host.region)}
	if host.fips {
		options = append(options, config.WithUseFIPSEndpoint(aws.FIPSEndpointStateEnabled))
	}
	if host.dualStack {
		options = append(options, config.WithUseDualStackEndpoint(aws.DualStackEndpointStateEnabled))
	}
	settings, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return nil, fmt.Errorf("the AWS configuration cannot be read: %w", err)
	}
	return &elastic{ecr.NewFromConfig(settings), host.account, repository}, nil
}

// token is a credential for 12 hours, and where to use it: at the repository's own host,
// since the answer names the caller's registry, which may be another account's. Only a
// stand-in, which is there because the endpoint was overridden, may name this machine.
func (e *elastic) token(ctx context.Context) (authn.Authenticator, name.Repository, error) {
	answer, err := e.client.GetAuthorizationToken(ctx, &ecr.GetAuthorizationTokenInput{})
	if err != nil {
		return nil, e.repository, fmt.Errorf("ECR gives no credentials for %s: check AWS_PROFILE and the right ecr:GetAuthorizationToken: %w", e.repository, err)
	}
	if len(answer.AuthorizationData) == 0 {
		return nil, e.repository, fmt.Errorf("ECR gives no credentials for %s: its answer is empty", e.repository)
	}
	data := answer.AuthorizationData[0]
	plain, err := base64.StdEncoding.DecodeString(aws.ToString(data.AuthorizationToken))
	user, password, found := strings.Cut(string(plain), ":")
	if err != nil || !found {
		return nil, e.repository, fmt.Errorf("ECR gives no credentials for %s: its token cannot be read", e.repository)
	}
	token := &authn.Basic{Username: user, Password: password}
	proxy, err := url.Parse(aws.ToString(data.ProxyEndpoint))
	if err != nil {
		return nil, e.repository, fmt.Errorf("ECR gives no credentials for %s: its endpoint cannot be read: %w", e.repository, err)
	}
	if e.client.Options().BaseEndpoint == nil || !isLoopback(proxy.Hostname()) {
		return token, e.repository, nil
	}
	standIn, err := name.NewRepository(proxy.Host+"/"+e.repository.RepositoryStr(), name.StrictValidation)
	if err != nil {
		return nil, e.repository, fmt.Errorf("the stand-in for ECR names no registry: %w", err)
	}
	return token, standIn, nil
}

// immutable says whether a tag may not move. A repository that is not there yet has no
// tag that could.
func (e *elastic) immutable(ctx context.Context, tag string) (bool, error) {
	answer, err := e.client.DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{
		RegistryId:      &e.account,
		RepositoryNames: []string{e.repository.RepositoryStr()},
	})
	if _, missing := errors.AsType[*types.RepositoryNotFoundException](err); missing {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("ECR does not tell whether tags of %s may move: allow ecr:DescribeRepositories: %w", e.repository, err)
	}
	if len(answer.Repositories) == 0 {
		return false, nil
	}
	repository := answer.Repositories[0]
	excluded := false
	for _, filter := range repository.ImageTagMutabilityExclusionFilters {
		// The filter's alphabet is that of tags, and a star: all path.Match knows of it.
		matches, err := path.Match(aws.ToString(filter.Filter), tag)
		excluded = excluded || (err == nil && matches)
	}
	switch repository.ImageTagMutability {
	case types.ImageTagMutabilityImmutable:
		return true, nil
	case types.ImageTagMutabilityImmutableWithExclusion:
		return !excluded, nil
	case types.ImageTagMutabilityMutableWithExclusion:
		return excluded, nil
	case types.ImageTagMutabilityMutable:
	}
	return false, nil
}

// remove deletes through ECR's API, since its registry knows no DELETE. The images of the
// platforms have no tags: the repository's lifecycle policy expires them.
func (e *elastic) remove(ctx context.Context, digest string, tags []string, shared bool) error {
	ids := []types.ImageIdentifier{{ImageDigest: &digest}} // and with it all its tags
	if shared {
		ids = nil
		for _, tag := range tags {
			ids = append(ids, types.ImageIdentifier{ImageTag: &tag})
		}
	}
	if len(ids) == 0 {
		return nil
	}
	answer, err := e.client.BatchDeleteImage(ctx, &ecr.BatchDeleteImageInput{
		RegistryId:     &e.account,
		RepositoryName: aws.String(e.repository.RepositoryStr()),
		ImageIds:       ids,
	})
	if _, missing := errors.AsType[*types.RepositoryNotFoundException](err); missing {
		return nil
	}
	if err != nil {
		return fmt.Errorf("ECR does not delete %s from %s: %w", digest, e.repository, err)
	}
	for _, failure := range answer.Failures {
		if failure.FailureCode != types.ImageFailureCodeImageNotFound {
			return fmt.Errorf("ECR does not delete %s from %s: %s", digest, e.repository, aws.ToString(failure.FailureReason))
		}
	}
	return nil
}
