package image_test

import (
	"bytes"
	"crypto/rand"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/dynamodbtest"
	"github.com/pretendfriend/falafel-api/devenv/image"
)

const demandVariable = "FALAFEL_TEST_DOCKER"

// needDocker skips where no Docker daemon answers, unless one is demanded.
func needDocker(t *testing.T) {
	t.Helper()
	output, err := exec.Command("docker", "version").CombinedOutput()
	switch {
	case err == nil:
	case os.Getenv(demandVariable) != "":
		t.Fatalf("%s demands Docker: %v\n%s", demandVariable, err, output)
	default:
		t.Skipf("no Docker daemon answers (set %s=1 to have that fail): %v\n%s", demandVariable, err, output)
	}
}

// docker runs the docker command, and returns what it prints to stdout, trimmed.
func docker(t *testing.T, arguments ...string) string {
	t.Helper()
	command := exec.Command("docker", arguments...)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	output, err := command.Output()
	require.NoErrorf(t, err, "%s\n%s", command, stderr.String())
	return strings.TrimSpace(string(output))
}

// newTag returns a name that no other image has. What is called so goes with the test.
func newTag(t *testing.T) string {
	t.Helper()
	tag := "falafel-api-test:" + strings.ToLower(rand.Text())
	t.Cleanup(func() { _ = exec.Command("docker", "image", "rm", "--force", tag).Run() })
	return tag
}

// load gives the image of this checkout to Docker, and returns its tag.
func load(t *testing.T) string {
	t.Helper()
	tag := newTag(t)
	_, err := image.Load(t.Context(), assemble(t), tag)
	require.NoError(t, err)
	return tag
}

func freeAddr(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().String()
}

func TestDockerHasTheVeryImageOfTheLayout(t *testing.T) {
	t.Parallel()
	needDocker(t)
	tag := newTag(t)
	platform, err := image.Load(t.Context(), assemble(t), tag)
	require.NoError(t, err)
	img, _ := imageFor(t, assemble(t), platform)
	config, err := img.ConfigFile()
	require.NoError(t, err)
	assert.Equal(t, config.RootFS.DiffIDs[0].String(), docker(t, "image", "inspect", "--format", "{{join .RootFS.Layers `,`}}", tag))
	if strings.Contains(docker(t, "info", "--format", "{{.DriverStatus}}"), "io.containerd.snapshotter") {
		t.Skip("containerd stores Docker's images here, and gives them ids of its own")
	}
	id, err := img.ConfigName()
	require.NoError(t, err)
	assert.Equal(t, id.String(), docker(t, "image", "inspect", "--format", "{{.Id}}", tag))
}

func TestSaysWhyAnImageCannotBeLoaded(t *testing.T) {
	t.Parallel()
	_, err := image.Load(t.Context(), assemble(t), "Not A Tag")
	require.EqualError(t, err, `"Not A Tag" cannot name an image: write it as falafel-api:dev`)

	needDocker(t)
	_, err = image.Load(t.Context(), randomIndex(t), "falafel-api:none")
	require.ErrorContains(t, err, ", for which there is no image: use a Docker that runs Linux on amd64 or arm64")
}

// restricted is how the image is run: it needs nothing that can be taken away.
var restricted = []string{"--network", "host", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"}

func TestServesFromAContainerWithoutRights(t *testing.T) {
	t.Parallel()
	needDocker(t)
	tag := load(t)
	dynamodbtest.ForEach(t, func(t *testing.T, db *dynamodbtest.Backend) {
		addr, metricsAddr := freeAddr(t), freeAddr(t)
		arguments := append([]string{"run", "--detach"}, restricted...)
		for _, variable := range []string{
			"AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local", "AWS_ENDPOINT_URL_DYNAMODB=" + db.Endpoint,
			"FALAFEL_TABLE=" + db.Table(t, store.Definition("")), "FALAFEL_ADDR=" + addr, "FALAFEL_METRICS_ADDR=" + metricsAddr,
			"TZ=Asia/Kathmandu",
		} {
			arguments = append(arguments, "--env", variable)
		}
		container := docker(t, append(arguments, tag)...)
		t.Cleanup(func() { _ = exec.Command("docker", "rm", "--force", container).Run() })
		logs := func() string {
			output, _ := exec.Command("docker", "logs", container).CombinedOutput()
			return string(output)
		}
		ready := func() bool {
			response, err := http.Get("http://" + metricsAddr + "/readyz")
			if err != nil {
				return false
			}
			defer response.Body.Close()
			return response.StatusCode == http.StatusOK
		}
		require.Eventually(t, ready, 30*time.Second, 20*time.Millisecond, "not ready")

		response, err := http.Post("http://"+addr+"/v1/restaurants/Habibi/reviews", "application/json",
			strings.NewReader(`{"rating": 4.5, "visited_at": "2026-11-20T12:30:00Z", "cost": 8.5, "comment": "Crisp!"}`))
		require.NoError(t, err)
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		assert.Equal(t, http.StatusCreated, response.StatusCode, string(body))
		assert.Contains(t, logs(), "+05:45", "Nepal's time, which the image has from the program alone")

		// The check that an orchestrator runs in the container.
		assert.Empty(t, docker(t, "exec", container, "/api", "health"))
		assert.Equal(t, "65532:65532", docker(t, "inspect", "--format", "{{.Config.User}}", container))
		for _, shell := range []string{"sh", "/bin/sh", "/busybox/sh"} {
			require.Error(t, exec.Command("docker", "exec", container, shell, "-c", "true").Run(), "a shell")
		}

		docker(t, "stop", "--time", "20", container)
		assert.Equal(t, "0", docker(t, "inspect", "--format", "{{.State.ExitCode}}", container), logs())
		assert.Contains(t, logs(), `"msg":"stopped"`)
	})
}

func TestAContainerThatDoesNotServeIsUnhealthy(t *testing.T) {
	t.Parallel()
	needDocker(t)
	tag := load(t)
	arguments := append([]string{"run", "--rm", "--env", "FALAFEL_METRICS_ADDR=" + freeAddr(t)}, restricted...)
	output, err := exec.Command("docker", append(arguments, tag, "health")...).CombinedOutput()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	assert.Equal(t, 1, exit.ExitCode())
	assert.Contains(t, string(output), "api: nothing answers where FALAFEL_METRICS_ADDR points")
	assert.Equal(t, 1, strings.Count(string(output), "\n"), "one sentence: %s", output)
}
