package registry

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// secured speaks without TLS to this machine only. The library would do so to private
// addresses and to *.local, and go wherever a registry's redirects point.
type secured struct{ under http.RoundTripper }

func (s secured) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.URL.Scheme != "https" && !isLoopback(request.URL.Hostname()) {
		return nil, fmt.Errorf("%s would be spoken to without TLS, which is done on loopback only", request.URL.Host)
	}
	return s.under.RoundTrip(request)
}

var wire = func() http.RoundTripper {
	library, ok := remote.DefaultTransport.(*http.Transport)
	if !ok {
		return secured{remote.DefaultTransport}
	}
	patient := library.Clone()
	// A registry that takes the connection and says nothing is down, too.
	patient.ResponseHeaderTimeout = time.Minute
	return secured{patient}
}()

// isGone says whether the registry answered that there is no such thing. Nothing else
// means that: not a registry that is down, and not one that refuses.
func isGone(err error) bool {
	answer, ok := errors.AsType[*transport.Error](err)
	return ok && answer.StatusCode == http.StatusNotFound
}

// explain makes a sentence of what a registry, or the way to it, had against doing.
func explain(repository name.Repository, doing string, err error) error {
	host := repository.RegistryStr()
	answer, answered := errors.AsType[*transport.Error](err)
	_, unreachable := errors.AsType[*net.OpError](err)
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s %s was interrupted: %w", doing, repository, err)
	case answered && answer.StatusCode == http.StatusUnauthorized:
		return fmt.Errorf("%s does not accept the credentials for %s: log in first (docker login %[1]s, or an AWS profile): %[3]w", host, repository, err)
	case answered && answer.StatusCode == http.StatusForbidden:
		return fmt.Errorf("%s forbids %s %s: grant the right, or use other credentials: %w", host, doing, repository, err)
	case unreachable:
		return fmt.Errorf("%s cannot be reached for %s %s: %w", host, doing, repository, err)
	}
	return fmt.Errorf("%s %s failed: %w", doing, repository, err)
}
