package registry

import "context"

// Host is what the name of a registry tells about ECR.
func Host(registry string) (account, region string, fips, dualStack, isECR bool) {
	host, isECR := parseHost(registry)
	return host.account, host.region, host.fips, host.dualStack, isECR
}

// RemoveFromECR is what Delete does where no stand-in is in between.
func (r *Repository) RemoveFromECR(ctx context.Context, digest string, tags []string, shared bool) error {
	return r.ecr.remove(ctx, digest, tags, shared)
}
