package rehearse

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	oci "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// A containerRegistry is what ECR's API has behind it: an OCI registry on loopback, which
// the stand-in's GetAuthorizationToken sends clients to. As ECR does, it wants that token,
// and takes images only for repositories that were created.
type containerRegistry struct {
	address string // http://127.0.0.1:PORT
	server  *http.Server
	store   http.Handler
	aws     atomic.Pointer[ecr.Client]
}

func startRegistry() (*containerRegistry, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // at once
	if err != nil {
		return nil, fmt.Errorf("the container registry cannot listen: %w", err)
	}
	r := &containerRegistry{
		address: "http://" + listener.Addr().String(),
		store:   registry.New(registry.Logger(slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo))),
	}
	r.server = &http.Server{Handler: r, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = r.server.Serve(listener) }() // until close
	return r, nil
}

func (r *containerRegistry) close() { _ = r.server.Close() }

// follow has the registry ask the account which repositories there are.
func (r *containerRegistry) follow(c *cloud) { r.aws.Store(ecr.NewFromConfig(c.config())) }

// ServeHTTP implements http.Handler.
func (r *containerRegistry) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if user, _, ok := request.BasicAuth(); !ok || user != "AWS" {
		w.Header().Set("WWW-Authenticate", `Basic realm="ecr"`)
		refuse(w, http.StatusUnauthorized, "UNAUTHORIZED", "Not Authorized")
		return
	}
	if repository, ok := repositoryOf(request.URL.Path); ok && (request.Method == http.MethodPost || request.Method == http.MethodPut) {
		found, err := r.aws.Load().DescribeRepositories(request.Context(), &ecr.DescribeRepositoriesInput{RepositoryNames: []string{repository}})
		if err != nil || len(found.Repositories) == 0 {
			refuse(w, http.StatusNotFound, "NAME_UNKNOWN", "The repository with name '"+repository+"' does not exist in the registry")
			return
		}
	}
	if err := r.record(request); err != nil {
		refuse(w, http.StatusBadRequest, "TAG_INVALID", err.Error())
		return
	}
	r.store.ServeHTTP(w, request)
}

// record tells the account of a tag, as ECR's two halves know of each other: that half
// refuses to move tags, and to delete a repository that holds an image.
func (r *containerRegistry) record(request *http.Request) error {
	path, tag, ok := strings.Cut(strings.TrimPrefix(request.URL.Path, "/v2/"), "/manifests/")
	if request.Method != http.MethodPut || !ok || strings.Contains(tag, ":") {
		return nil
	}
	manifest, err := io.ReadAll(http.MaxBytesReader(nil, request.Body, 4<<20))
	if err != nil {
		return err
	}
	request.Body = io.NopCloser(bytes.NewReader(manifest))
	_, err = r.aws.Load().PutImage(request.Context(), &ecr.PutImageInput{
		RepositoryName: &path, ImageTag: &tag, ImageManifest: aws.String(string(manifest)),
		ImageManifestMediaType: aws.String(request.Header.Get("Content-Type")),
	})
	if _, same := errors.AsType[*types.ImageAlreadyExistsException](err); same {
		return nil
	}
	return err
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"errors":[{"code":%q,"message":%q}]}`, code, message)
}

// repositoryOf reads /v2/NAME/blobs/… and /v2/NAME/manifests/…; a name may have slashes.
func repositoryOf(path string) (string, bool) {
	path = strings.TrimPrefix(path, "/v2/")
	for _, kind := range []string{"/blobs/", "/manifests/"} {
		if repository, _, ok := strings.Cut(path, kind); ok {
			return repository, true
		}
	}
	return "", false
}

// index reads what an ECR reference by digest names, as Fargate's agent would.
func (r *containerRegistry) index(ctx context.Context, reference string) (oci.ImageIndex, error) {
	digest, err := name.NewDigest(reference)
	if err != nil {
		return nil, fmt.Errorf("the task's image %q is not named by digest: write repository@sha256:…", reference)
	}
	if host := digest.RegistryStr(); !strings.Contains(host, ".dkr.ecr.") {
		return nil, fmt.Errorf("the task's image is in %s: only ECR is rehearsed", host)
	}
	here, err := name.NewDigest(strings.TrimPrefix(r.address, "http://")+"/"+digest.RepositoryStr()+"@"+digest.DigestStr(), name.Insecure)
	if err != nil {
		return nil, err
	}
	index, err := remote.Index(here, remote.WithContext(ctx), remote.WithAuth(&authn.Basic{Username: "AWS", Password: "rehearsal"}))
	if err != nil {
		// The words of ECS for the same.
		return nil, errors.Join(fmt.Errorf("CannotPullContainerError: failed to resolve ref %s", reference), err)
	}
	return index, nil
}
