// Package registry moves images: it reads them from an OCI layout or a registry, and
// writes them, by digest and whole, to a repository of another. Of Terraform it knows
// nothing. Read repository.go first.
//
// Every error is a sentence for a person, and none holds a credential.
package registry

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
)

// ParseRepository reads `registry/repository`, such as ECR's repository_url. The registry
// has to be written out: without one, Docker's tools would mean Docker Hub.
func ParseRepository(text string) (name.Repository, error) {
	switch {
	case strings.Contains(text, "://"):
		return name.Repository{}, fmt.Errorf("%q is a URL: leave out what is before the registry's host", text)
	case strings.Contains(text, "@"):
		return name.Repository{}, fmt.Errorf("%q names one image: leave out what begins with @", text)
	case strings.Contains(text[strings.LastIndex(text, "/")+1:], ":") && strings.Contains(text, "/"):
		return name.Repository{}, fmt.Errorf("%q names a tag: leave it out here, and put it into tags", text)
	case !namesRegistry(text):
		return name.Repository{}, fmt.Errorf("%q names no registry: write registry/repository, such as 123456789012.dkr.ecr.eu-central-1.amazonaws.com/falafel-api", text)
	}
	repository, err := name.NewRepository(text, name.StrictValidation)
	if err != nil {
		return name.Repository{}, fmt.Errorf("%q is no repository: %w", text, err)
	}
	return repository, nil
}

// ParseReference reads `registry/repository@sha256:…` or `registry/repository:tag`.
func ParseReference(text string) (name.Reference, error) {
	reference, err := name.ParseReference(text, name.StrictValidation)
	if err != nil || !namesRegistry(text) {
		return nil, fmt.Errorf("%q is no reference: write registry/repository@sha256:… or registry/repository:tag", text)
	}
	return reference, nil
}

// IsReference tells an image in a registry from a folder: the one begins with a host.
// A folder that looks like one is meant when it is written ./like.this.
func IsReference(source string) bool {
	return !filepath.IsAbs(source) && !strings.HasPrefix(source, ".") && namesRegistry(source)
}

func namesRegistry(text string) bool {
	host, _, found := strings.Cut(text, "/")
	return found && (host == "localhost" || strings.ContainsAny(host, ".:"))
}

// Validate says what is wrong with a source, as far as its text tells.
func Validate(source string) error {
	if source == "" {
		return errors.New("the source is empty: write the folder of an OCI layout, or registry/repository@sha256:…")
	}
	if IsReference(source) {
		_, err := ParseReference(source)
		return err
	}
	return nil
}

// isLoopback says whether a host can only be this machine.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// ParseDigest takes `registry/repository@sha256:…` apart.
func ParseDigest(text string) (repository, digest string, err error) {
	reference, err := name.NewDigest(text, name.StrictValidation)
	if err != nil || !namesRegistry(text) {
		return "", "", fmt.Errorf("%q is no reference by digest: write registry/repository@sha256:…", text)
	}
	return reference.Context().Name(), reference.DigestStr(), nil
}
