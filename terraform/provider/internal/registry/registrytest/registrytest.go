// Package registrytest starts registries that tests can break, and makes images for them.
package registrytest

import (
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	oci "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"

	containerregistry "github.com/google/go-containerregistry/pkg/registry"
)

// A Fault answers in the registry's place, or says that it does not.
type Fault func(http.ResponseWriter, *http.Request) bool

// Server is a real registry on loopback.
type Server struct {
	Host string

	server *httptest.Server
	mutex  sync.Mutex
	fault  Fault
	seen   []string
}

// New starts a registry that ends with the test.
func New(t testing.TB) *Server {
	t.Helper()
	registry := containerregistry.New(containerregistry.Logger(slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)))
	server := &Server{}
	server.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		server.mutex.Lock()
		server.seen = append(server.seen, r.Method+" "+r.URL.RequestURI())
		fault := server.fault
		server.mutex.Unlock()
		if fault == nil || !fault(w, r) {
			registry.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.server.Close)
	server.Host = server.server.Listener.Addr().String()
	return server
}

// Break has fault see every request first; nil mends it.
func (s *Server) Break(fault Fault) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.fault = fault
}

// Stop ends the registry: connections are refused from now on.
func (s *Server) Stop() { s.server.Close() }

// Seen counts the requests whose "METHOD path" contains all of parts.
func (s *Server) Seen(parts ...string) int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	count := 0
requests:
	for _, request := range s.seen {
		for _, part := range parts {
			if !strings.Contains(request, part) {
				continue requests
			}
		}
		count++
	}
	return count
}

// Writes counts what changes the registry.
func (s *Server) Writes() int {
	return s.Seen("PUT ") + s.Seen("POST ") + s.Seen("PATCH ") + s.Seen("DELETE ")
}

// Answer always gives one status and reason.
func Answer(status int, code, message string) Fault {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"errors":[{"code":%q,"message":%q}]}`, code, message)
		return true
	}
}

// Login wants a user's name and password.
func Login(user, password string) Fault {
	want := "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("Authorization") == want {
			return false
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
		return Answer(http.StatusUnauthorized, "UNAUTHORIZED", "authentication required")(w, r)
	}
}

// Index makes an index of two platforms and an attestation, unlike any other.
func Index(t testing.TB) oci.ImageIndex {
	t.Helper()
	var addenda []mutate.IndexAddendum
	for _, platform := range []oci.Platform{{OS: "linux", Architecture: "amd64"}, {OS: "linux", Architecture: "arm64"}, {OS: "unknown", Architecture: "unknown"}} {
		image, err := random.Image(64, 1)
		if err != nil {
			t.Fatal(err)
		}
		config, err := image.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		config = config.DeepCopy()
		config.OS, config.Architecture = platform.OS, platform.Architecture
		config.Config = oci.Config{User: "65532:65532", Entrypoint: []string{"/api"}, ExposedPorts: map[string]struct{}{"5050/tcp": {}, "3000/tcp": {}}}
		if image, err = mutate.ConfigFile(image, config); err != nil {
			t.Fatal(err)
		}
		addenda = append(addenda, mutate.IndexAddendum{Add: image, Descriptor: oci.Descriptor{Platform: &platform}})
	}
	index := mutate.IndexMediaType(mutate.AppendManifests(empty.Index, addenda...), types.OCIImageIndex)
	annotated, ok := mutate.Annotations(index, map[string]string{"org.opencontainers.image.revision": "abc"}).(oci.ImageIndex)
	if !ok {
		t.Fatal("an annotated index is no index")
	}
	return annotated
}

// WriteLayout makes folder the layout of one index, and returns its digest.
func WriteLayout(t testing.TB, folder string, index oci.ImageIndex) string {
	t.Helper()
	if _, err := layout.Write(folder, mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: index})); err != nil {
		t.Fatal(err)
	}
	return Digest(t, index)
}

// Layout makes a layout with an image unlike any other, and returns its folder and digest.
func Layout(t testing.TB) (folder, digest string) {
	t.Helper()
	folder = t.TempDir()
	return folder, WriteLayout(t, folder, Index(t))
}

// Digest of what has one.
func Digest(t testing.TB, of interface{ Digest() (oci.Hash, error) }) string {
	t.Helper()
	digest, err := of.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return digest.String()
}

// Reference in the server.
func (s *Server) Reference(t testing.TB, text string) name.Reference {
	t.Helper()
	reference, err := name.ParseReference(s.Host+"/"+text, name.StrictValidation)
	if err != nil {
		t.Fatal(err)
	}
	return reference
}

// Put has somebody else write an image.
func (s *Server) Put(t testing.TB, reference string, index oci.ImageIndex) {
	t.Helper()
	if err := remote.WriteIndex(s.Reference(t, reference), index); err != nil {
		t.Fatal(err)
	}
}

// Remove has somebody else delete a manifest.
func (s *Server) Remove(t testing.TB, reference string) {
	t.Helper()
	if err := remote.Delete(s.Reference(t, reference)); err != nil {
		t.Fatal(err)
	}
}

// DigestOf is what a tag or digest names, and "" where that is nothing.
func (s *Server) DigestOf(t testing.TB, reference string) string {
	t.Helper()
	found, err := remote.Get(s.Reference(t, reference))
	if err != nil {
		return ""
	}
	return found.Digest.String()
}
