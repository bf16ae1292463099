package composetest_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/internal/project"
)

func TestTheFileIsSafeToRunOnALaptop(t *testing.T) {
	t.Parallel()
	root := requireCompose(t)
	c := readDefinition(t, root)
	assert.Empty(t, c.faults(t, root))

	published := map[string]string{}
	for name, service := range c.Services {
		for _, port := range service.Ports {
			published[port.Published] = name
		}
		if name != "table" { // which ends
			assert.NotNil(t, service.HealthCheck, name)
		}
	}
	assert.Equal(t, map[string]string{
		"3000": "api", "5050": "api", "8000": "dynamodb", "9090": "prometheus", "3002": "grafana", "16686": "jaeger",
	}, published)
	assert.Equal(t, "service_completed_successfully", c.Services["api"].DependsOn["table"].Condition)
	assert.Equal(t, "service_healthy", c.Services["table"].DependsOn["dynamodb"].Condition)

	pom, err := os.ReadFile(filepath.Join(root, "devenv", "dynamodb", "dynamodb-local", "pom.xml"))
	require.NoError(t, err)
	_, version, _ := strings.Cut(c.Services["dynamodb"].Image, ":")
	assert.Contains(t, string(pom), "<version>"+version+"</version>", "the DynamoDB Local that the tests run")
}

// Off is what an empty endpoint means to OpenTelemetry, and off costs nothing.
func TestTracesAreSentWhereThereIsSomebodyToTakeThem(t *testing.T) {
	t.Parallel()
	root := requireCompose(t)
	for profiles, want := range map[string]string{"": "", "monitoring": "http://jaeger:4318"} {
		c := readDefinitionWith(t, root, environ("COMPOSE_PROFILES="+profiles))
		assert.Equal(t, want, *c.Services["api"].Environment["OTEL_EXPORTER_OTLP_ENDPOINT"])
		_, there := c.Services["jaeger"]
		assert.Equal(t, want != "", there)
	}
}

// What the check above would say, so that its silence means something.
func TestWhatTheFileMustNotHaveIsFound(t *testing.T) {
	t.Parallel()
	root := requireCompose(t)
	for name, c := range map[string]struct{ service, fault string }{
		"a port on every address":                 {`api: {ports: ["3333:3000"]}`, "api publishes 3333 on every address, not on 127.0.0.1"},
		"an image without a tag":                  {`dynamodb: {image: amazon/dynamodb-local}`, "dynamodb has the image amazon/dynamodb-local, which is not pinned"},
		"the latest image":                        {`prometheus: {image: "prom/prometheus:latest"}`, "prometheus has the image prom/prometheus:latest, which is not pinned"},
		"an image of ours that is pulled":         {`api: {pull_policy: missing}`, "api is built here, and looked for in a registry"},
		"an unknown build target":                 {`api: {build: {target: server}}`, "api is built from the target server, which Dockerfile has not"},
		"a folder outside":                        {`api: {volumes: ["/etc:/etc"]}`, "api mounts /etc"},
		"Docker's socket":                         {`prometheus: {volumes: ["/var/run/docker.sock:/docker.sock"]}`, "prometheus mounts /var/run/docker.sock"},
		"the host's network":                      {`api: {network_mode: host, networks: !reset null}`, "api shares the network host"},
		"more privileges":                         {`api: {privileged: true}`, "api is privileged"},
		"an image of ours that can be written to": {`api: {read_only: false}`, "api may do more than it needs"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			override := filepath.Join(t.TempDir(), "override.yaml")
			require.NoError(t, os.WriteFile(override, []byte("services: {"+c.service+"}\n"), 0o600))
			assert.Equal(t, []string{c.fault}, readDefinition(t, root, override).faults(t, root))
		})
	}
}

// definition is what the checks need of compose.yaml as Compose reads it: with variables
// replaced, and short forms written out.
type definition struct {
	Services map[string]struct {
		Image       string
		Build       *struct{ Target string }
		PullPolicy  string   `json:"pull_policy"`
		ReadOnly    bool     `json:"read_only"`
		CapDrop     []string `json:"cap_drop"`
		SecurityOpt []string `json:"security_opt"`
		NetworkMode string   `json:"network_mode"`
		HealthCheck *struct{ Test []string }
		DependsOn   map[string]struct{ Condition string } `json:"depends_on"`
		Environment map[string]*string
		Profiles    []string
		Privileged  bool
		Volumes     []struct{ Type, Source string }
		Ports       []struct {
			HostIP    string `json:"host_ip"`
			Published string
		}
	}
}

// pinned is an image with a version of three numbers, or a digest.
var pinned = regexp.MustCompile(`:v?\d+\.\d+\.\d+|@sha256:`)

// faults says what is against the rules, a sentence each.
func (c definition) faults(t *testing.T, root string) (faults []string) {
	t.Helper()
	dockerfile, err := os.ReadFile(filepath.Join(root, "Dockerfile"))
	require.NoError(t, err)
	found := func(format string, a ...any) { faults = append(faults, fmt.Sprintf(format, a...)) }
	for name, s := range c.Services {
		switch {
		case s.Build == nil && !pinned.MatchString(s.Image):
			found("%s has the image %s, which is not pinned", name, s.Image)
		case s.Build != nil && !strings.Contains(string(dockerfile), " AS "+s.Build.Target+"\n"):
			found("%s is built from the target %s, which Dockerfile has not", name, s.Build.Target)
		}
		if s.Build != nil && (!s.ReadOnly || !slices.Contains(s.CapDrop, "ALL")) || !slices.Contains(s.SecurityOpt, "no-new-privileges:true") {
			found("%s may do more than it needs", name)
		}
		if s.Build != nil && s.PullPolicy != "never" {
			found("%s is built here, and looked for in a registry", name)
		}
		if s.Privileged {
			found("%s is privileged", name)
		}
		if s.NetworkMode != "" {
			found("%s shares the network %s", name, s.NetworkMode)
		}
		for _, port := range s.Ports {
			if port.HostIP != "127.0.0.1" {
				found("%s publishes %s on %s, not on 127.0.0.1", name, port.Published, cmp.Or(port.HostIP, "every address"))
			}
		}
		for _, volume := range s.Volumes {
			if inside, err := filepath.Rel(root, volume.Source); volume.Type == "bind" && (err != nil || !filepath.IsLocal(inside)) {
				found("%s mounts %s", name, volume.Source)
			}
		}
	}
	return faults
}

// readDefinition reads the file with all its profiles.
func readDefinition(t *testing.T, root string, overrides ...string) definition {
	t.Helper()
	return readDefinitionWith(t, root, environ("COMPOSE_PROFILES=*"), overrides...)
}

func readDefinitionWith(t *testing.T, root string, environ []string, overrides ...string) (c definition) {
	t.Helper()
	arguments := []string{"compose", "--file=compose.yaml"}
	for _, file := range overrides {
		arguments = append(arguments, "--file="+file)
	}
	command := exec.CommandContext(t.Context(), "docker", append(arguments, "config", "--format=json")...)
	command.Dir, command.Env, command.Stderr = root, environ, t.Output()
	output, err := command.Output()
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(output, &c))
	return c
}

// requireCompose returns the project's folder where there is a Compose to read its file.
func requireCompose(t *testing.T) (root string) {
	t.Helper()
	root, err := project.Root()
	require.NoError(t, err)
	if err := exec.CommandContext(t.Context(), "docker", "compose", "version").Run(); err != nil {
		if os.Getenv(demandVariable) != "" {
			t.Fatalf("%s demands Docker Compose (%v): install Docker's Compose plugin", demandVariable, err)
		}
		t.Skipf("NOT run: no Docker Compose (%v); install Docker's Compose plugin", err)
	}
	return root
}

// environ is this process's, without what a developer may have set for Compose, and with
// more.
func environ(more ...string) []string {
	kept := slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "FALAFEL_") || strings.HasPrefix(variable, "COMPOSE_")
	})
	return append(kept, more...)
}
