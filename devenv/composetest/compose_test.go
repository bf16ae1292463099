// Package composetest has compose.yaml run by Docker Compose, with the API's image as
// `go run ./devenv image` makes it.
//
// It makes images, and pulls those that are missing, so that it starts containers only
// where FALAFEL_TEST_COMPOSE is set; then what is missing fails.
package composetest_test

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	devdynamodb "github.com/pretendfriend/falafel-api/devenv/dynamodb"
)

const demandVariable = "FALAFEL_TEST_COMPOSE"

// within bounds a command: making the images is the slow part.
const within = 5 * time.Minute

func TestTheStackComesUpKeepsItsDataAndGoesDown(t *testing.T) {
	t.Parallel()
	if os.Getenv(demandVariable) == "" {
		t.Skipf("NOT run: set %s=1 to have Docker Compose run compose.yaml", demandVariable)
	}
	s := newStack(t)
	monitored := s.monitoring()

	// As the file has it: the API sends its traces.
	s.environ = append(s.environ, "COMPOSE_PROFILES=monitoring")
	want := map[string]string{"dynamodb": "running, healthy", "table": "exited (0)", "api": "running, healthy"}
	for _, service := range monitored {
		want[service] = "running, healthy"
	}
	s.compose(append([]string{"up", "--wait", "--no-deps"}, slices.Sorted(maps.Keys(want))...)...)
	assert.Equal(t, want, s.states())
	assert.Contains(t, s.get("api", "/v1/restaurants"), `"review_count"`, "the samples are there")
	assert.Equal(t, []string{"FalafelReviews"}, s.tables())
	for _, container := range s.list("container", "ls", "--all") {
		for mount := range strings.Lines(s.docker("inspect", "--format={{range .Mounts}}{{println .Type .Name}}{{end}}", container)) {
			if mount = strings.TrimSpace(mount); mount != "" && mount != "bind" {
				assert.Equal(t, "volume "+s.project+"_dynamodb", mount, "anything else would stay after down")
			}
		}
	}

	s.postReview("Kept Over Down")
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		assert.Equal(c, []string{"1"}, s.query(`up{job="falafel-api"}`))
		assert.NotEmpty(c, s.query(`http_requests_total{job="falafel-api",method="POST",code="201"}`))
		assert.NotEmpty(c, s.query("objective:falafel_slo_requests:target"), "its rules are there")
	}, time.Minute, 100*time.Millisecond)
	if slices.Contains(monitored, "jaeger") {
		require.EventuallyWithT(t, func(c *assert.CollectT) {
			assert.Contains(c, s.get("jaeger", "/api/services"), `"falafel-api"`, "its traces have arrived")
		}, time.Minute, 100*time.Millisecond)
	}
	if slices.Contains(monitored, "grafana") {
		found := s.get("grafana", "/api/search?type=dash-db")
		assert.Contains(t, found, `"falafel-service"`)
		assert.Contains(t, found, `"falafel-business"`)
		assert.Contains(t, s.get("grafana", "/api/datasources/proxy/uid/prometheus/api/v1/query?query=up"), `"falafel-api"`)
	}

	s.compose("down")
	assert.Empty(t, s.list("container", "ls", "--all"))
	assert.Empty(t, s.list("network", "ls"))
	assert.Equal(t, []string{s.project + "_dynamodb"}, s.list("volume", "ls"), "the data stays")

	s.environ = environ(s.ports...)
	s.compose("up", "--wait")
	assert.Len(t, s.states(), 3, "nobody asked for more")
	assert.Contains(t, s.get("api", "/v1/restaurants/Kept%20Over%20Down"), `"review_count":1`)
	s.compose("stop", "api")
	assert.Equal(t, "exited (0)", s.states()["api"], "it had the time to end by itself")

	s.compose("down", "--volumes")
	assert.Empty(t, s.list("container", "ls", "--all"))
	assert.Empty(t, s.list("network", "ls"))
	assert.Empty(t, s.list("volume", "ls"))
}

// A stack is the project of compose.yaml under a name, and on ports, that nobody else has.
type stack struct {
	t       *testing.T
	root    string
	project string
	images  string // the file that puts images of this test's in the place of ours
	addr    map[string]string
	ports   []string // variables that say where the services are
	environ []string
}

func newStack(t *testing.T) *stack {
	t.Helper()
	s := &stack{
		t: t, root: requireCompose(t), project: "falafel-test-" + strings.ToLower(rand.Text()[:8]),
		addr: map[string]string{},
	}
	for service, variable := range map[string]string{
		"api": "FALAFEL_PORT", "metrics": "FALAFEL_METRICS_PORT", "dynamodb": "FALAFEL_DYNAMODB_PORT", "prometheus": "FALAFEL_PROMETHEUS_PORT",
		"grafana": "FALAFEL_GRAFANA_PORT", "jaeger": "FALAFEL_JAEGER_PORT",
	} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		s.addr[service] = listener.Addr().String()
		_, port, err := net.SplitHostPort(s.addr[service])
		require.NoError(t, err)
		s.ports = append(s.ports, variable+"="+port)
		defer listener.Close() // not before each has a port of its own
	}
	s.environ = environ(s.ports...)
	s.makeImages()
	t.Cleanup(func() { s.compose("--profile=*", "down", "--volumes") })
	return s
}

// makeImages makes the API's as a developer does, and devenv's without its Dockerfile,
// whose builder image a machine without a registry cannot have.
func (s *stack) makeImages() {
	s.t.Helper()
	api, devenv := "falafel-api:"+s.project, "falafel-devenv:"+s.project
	s.t.Cleanup(func() { s.docker("image", "rm", "--force", api, devenv) })
	s.run(nil, "go", "run", "./devenv", "image", "--tag="+api)

	program := filepath.Join(s.t.TempDir(), "devenv")
	s.run(nil, "env", "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+strings.TrimSpace(s.docker("version", "--format={{.Server.Arch}}")),
		"go", "build", "-o", program, "./devenv")
	content, err := os.ReadFile(program)
	require.NoError(s.t, err)
	var layer bytes.Buffer
	archive := tar.NewWriter(&layer)
	require.NoError(s.t, archive.WriteHeader(&tar.Header{Name: "devenv", Mode: 0o755, Size: int64(len(content))}))
	_, err = archive.Write(content)
	require.NoError(s.t, err)
	require.NoError(s.t, archive.Close())
	s.run(&layer, "docker", "import", `--change=ENTRYPOINT ["/devenv"]`, "--change=USER 65532:65532", "-", devenv)

	s.images = filepath.Join(s.t.TempDir(), "images.yaml")
	override := fmt.Sprintf("services: {api: {image: %q}, table: {image: %q}}\n", api, devenv)
	require.NoError(s.t, os.WriteFile(s.images, []byte(override), 0o600))
}

// monitoring are the services of that profile whose images this machine has, or can get.
func (s *stack) monitoring() (services []string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), within)
	defer cancel()
	for name, service := range readDefinition(s.t, s.root).Services {
		switch {
		case !slices.Contains(service.Profiles, "monitoring"):
		case exec.CommandContext(ctx, "docker", "image", "inspect", service.Image).Run() != nil &&
			exec.CommandContext(ctx, "docker", "pull", "--quiet", service.Image).Run() != nil:
			s.t.Logf("NOT run: %s, as there is no %s, nor a registry that has it", name, service.Image)
		default:
			services = append(services, name)
		}
	}
	require.Contains(s.t, services, "prometheus")
	return services
}

// run runs a program in the project, and fails with what it printed.
func (s *stack) run(stdin io.Reader, program string, arguments ...string) (stdout string) {
	s.t.Helper()
	// Not the test's own context: that has ended when it clears up.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.t.Context()), within)
	defer cancel()
	command := exec.CommandContext(ctx, program, arguments...)
	command.Dir, command.Env, command.Stdin = s.root, s.environ, stdin
	var stderr bytes.Buffer
	command.Stderr = &stderr
	output, err := command.Output()
	require.NoErrorf(s.t, err, "%s\n%s%s", command, output, &stderr)
	return string(output)
}

func (s *stack) docker(arguments ...string) string {
	s.t.Helper()
	return s.run(nil, "docker", arguments...)
}

func (s *stack) compose(arguments ...string) string {
	s.t.Helper()
	return s.docker(append([]string{"compose", "--progress=plain", "--project-name=" + s.project, "--file=compose.yaml", "--file=" + s.images}, arguments...)...)
}

// list returns the containers, networks or volumes that belong to the stack.
func (s *stack) list(arguments ...string) []string {
	s.t.Helper()
	return strings.Fields(s.docker(append(arguments, "--quiet", "--filter=label=com.docker.compose.project="+s.project)...))
}

func (s *stack) states() map[string]string {
	s.t.Helper()
	states := map[string]string{}
	for line := range strings.Lines(s.compose("ps", "--all", "--format=json")) {
		var c struct {
			Service, State, Health string
			ExitCode               int
		}
		require.NoError(s.t, json.Unmarshal([]byte(line), &c))
		states[c.Service] = c.State + ", " + c.Health
		if c.State == "exited" {
			states[c.Service] = fmt.Sprintf("exited (%d)", c.ExitCode)
		}
	}
	return states
}

func (s *stack) get(service, path string) string {
	s.t.Helper()
	response, err := http.Get("http://" + s.addr[service] + path)
	require.NoError(s.t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(s.t, err)
	require.Equalf(s.t, http.StatusOK, response.StatusCode, "%s", body)
	return string(body)
}

func (s *stack) postReview(restaurant string) {
	s.t.Helper()
	review := `{"rating": 4.5, "visited_at": "2026-11-20T12:30:00+01:00", "cost": 8.5}`
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, "http://"+s.addr["api"]+"/v1/restaurants/"+url.PathEscape(restaurant)+"/reviews", strings.NewReader(review))
	require.NoError(s.t, err)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Origin", "http://localhost:5173")
	response, err := http.DefaultClient.Do(request)
	require.NoError(s.t, err)
	defer response.Body.Close()
	assert.Equal(s.t, "http://localhost:5173", response.Header.Get("Access-Control-Allow-Origin"), "a front end on this machine may call")
	require.Equal(s.t, http.StatusCreated, response.StatusCode)
}

// tables asks the DynamoDB on the port that is published for developers.
func (s *stack) tables() []string {
	s.t.Helper()
	server, err := devdynamodb.Start(s.t.Context(), devdynamodb.Kind("http://"+s.addr["dynamodb"]), devdynamodb.Options{})
	require.NoError(s.t, err)
	out, err := server.Client().ListTables(s.t.Context(), &dynamodb.ListTablesInput{})
	require.NoError(s.t, err)
	return out.TableNames
}

// query returns the values that Prometheus has for an expression now.
func (s *stack) query(expression string) (values []string) {
	s.t.Helper()
	var answer struct {
		Data struct{ Result []struct{ Value [2]any } }
	}
	body := s.get("prometheus", "/api/v1/query?query="+url.QueryEscape(expression))
	require.NoError(s.t, json.Unmarshal([]byte(body), &answer))
	for _, series := range answer.Data.Result {
		values = append(values, fmt.Sprint(series.Value[1]))
	}
	return values
}
