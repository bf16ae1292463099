package composetest_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/internal/project"
)

// environ is that of this process, without what would change the stack.
func environ() []string {
	return slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "FALAFEL_") || strings.HasPrefix(variable, "COMPOSE_")
	})
}

// definition is compose.yaml as Compose understands it.
type definition struct {
	Services map[string]struct {
		Image string
		Build *struct{ Context, Target string }
		User  string
		Ports []struct {
			HostIP    string `json:"host_ip"`
			Published string
			Target    int
		}
		Volumes     []struct{ Type, Source string }
		Privileged  bool
		CapDrop     []string `json:"cap_drop"`
		SecurityOpt []string `json:"security_opt"`
		HealthCheck *struct{ Test []string }
		DependsOn   map[string]struct{ Condition string } `json:"depends_on"`
	}
}

// Without a daemon: Compose only reads the file.
func TestTheFileIsSafeToRunOnALaptop(t *testing.T) {
	t.Parallel()
	root, err := project.Root()
	require.NoError(t, err)
	command := exec.Command("docker", "compose", "--profile=*", "config", "--format=json")
	command.Dir, command.Env = root, environ()
	output, err := command.Output()
	if err != nil && os.Getenv(demandVariable) == "" {
		t.Skipf("NOT run: Docker Compose is missing, or does not read compose.yaml: %v", err)
	}
	require.NoError(t, err)
	var file definition
	require.NoError(t, json.Unmarshal(output, &file))

	published := map[string]string{}
	for name, service := range file.Services {
		for _, port := range service.Ports {
			assert.Equal(t, "127.0.0.1", port.HostIP, "%s must not be reached from another machine", name)
			published[port.Published] = name
		}
		for _, volume := range service.Volumes {
			assert.Equal(t, "volume", volume.Type, "%s must not see the host's %s", name, volume.Source)
		}
		assert.False(t, service.Privileged, name)
		assert.Contains(t, service.SecurityOpt, "no-new-privileges:true", name)
		switch _, tag, _ := strings.Cut(service.Image, ":"); {
		case service.Build != nil:
			assert.Equal(t, "dev", tag, "%s is built here", name)
		default:
			assert.Regexp(t, `^v?\d+\.\d+\.\d+$`, tag, "%s has to be the same tomorrow", name)
		}
		if name != "table" { // which ends
			assert.NotNil(t, service.HealthCheck, name)
		}
	}
	assert.Equal(t, map[string]string{"3000": "api", "5050": "api", "8000": "dynamodb", "9090": "prometheus"}, published)
	assert.Equal(t, "service_completed_successfully", file.Services["api"].DependsOn["table"].Condition)
	assert.Equal(t, "service_healthy", file.Services["table"].DependsOn["dynamodb"].Condition)
}
