package tilttest_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.starlark.net/starlark"
	"go.yaml.in/yaml/v3"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb"
	"github.com/pretendfriend/falafel-api/devenv/internal/project"
)

const demandVariable = "FALAFEL_TEST_TILT"

func projectRoot(t *testing.T) string {
	t.Helper()
	root, err := project.Root()
	require.NoError(t, err)
	return root
}

var modes = map[string]map[string]starlark.Value{
	"host":                 nil,
	"image":                {"api": starlark.String("image")},
	"image and monitoring": {"api": starlark.String("image"), "monitoring": starlark.True},
}

func TestTheTiltfileDeclaresTheStackOfCompose(t *testing.T) {
	t.Parallel()
	root := projectRoot(t)
	devenv := buildDevenv(t)
	content, err := os.ReadFile(filepath.Join(root, "compose.yaml"))
	require.NoError(t, err)
	var compose composeFile
	require.NoError(t, yaml.Unmarshal(content, &compose))

	for name, args := range modes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := execute(root, read(t, root), args, map[string]string{})
			require.NoError(t, err)
			assert.Equal(t, "/dev/null", f.environ["KUBECONFIG"])

			want := map[string][]string{"host": {"dynamodb", "api"}, "image": {"dynamodb", "api", "table"}, "image and monitoring": {"dynamodb", "api", "table", "prometheus", "grafana", "jaeger"}}
			var got []string
			published := publishedPorts(compose)
			for resource, r := range f.resources {
				got = append(got, resource)
				assert.Len(t, r.labels, 1, "%s has one group", resource)
				if len(r.command) > 0 {
					understands(t, devenv, r.command)
				}
				for _, link := range append(r.links, r.probe) {
					if link == "" {
						continue
					}
					u, err := url.Parse(link)
					require.NoError(t, err)
					assert.Equal(t, "127.0.0.1", u.Hostname(), link)
					assert.Equal(t, resource, published[u.Port()], "%s is on %s", link, resource)
				}
			}
			assert.ElementsMatch(t, want[name], got)
			assert.Equal(t, name == "host", f.resources["api"].serve)
			if name == "host" {
				assert.Equal(t, "http://127.0.0.1:5050/readyz", f.resources["api"].probe)
				assert.Equal(t, []string{"dynamodb"}, f.resources["api"].deps)
				assert.Empty(t, f.builds)
			} else {
				assert.Equal(t, []string{"table"}, f.resources["api"].deps)
				require.Contains(t, f.builds, "falafel-api:dev")
				understands(t, devenv, strings.Fields(strings.ReplaceAll(f.builds["falafel-api:dev"].command, `"$EXPECTED_REF"`, "falafel-api:x")))
				for _, dep := range f.builds["falafel-api:dev"].deps {
					assert.FileExists(t, filepath.Join(root, dep, map[bool]string{true: "main.go"}[dep == "api"]))
				}
			}

			var buttons []string
			for button, b := range f.buttons {
				buttons = append(buttons, button)
				assert.Equal(t, button == "reset", b.confirm, "what deletes data asks first, and nothing else does")
				require.Equal(t, []string{button}, f.commands[button].buttons)
				understands(t, devenv, f.commands[button].arguments)
			}
			for _, command := range [][]string{f.resources["api"].command, f.commands["seed"].arguments, f.commands["reset"].arguments} {
				for _, flag := range command {
					if endpoint, ok := strings.CutPrefix(flag, "--dynamodb="); ok {
						u, err := url.Parse(endpoint)
						require.NoError(t, err)
						assert.Equal(t, "dynamodb", published[u.Port()], command)
					}
				}
			}
			if name != "host" { // where the API knows nothing of git branches
				onAPIsTable := []string{"--dynamodb=http://127.0.0.1:8000", "--table=" + compose.Services["api"].Environment["FALAFEL_TABLE"]}
				for _, command := range [][]string{f.resources["table"].command, f.commands["seed"].arguments, f.commands["reset"].arguments} {
					assert.Subset(t, command, onAPIsTable)
				}
			}
			assert.ElementsMatch(t, []string{"seed", "reset", "test", "openapi"}, buttons)
		})
	}
}

func TestPortsMoveWithTheVariablesOfCompose(t *testing.T) {
	t.Parallel()
	root := projectRoot(t)
	f, err := execute(root, read(t, root), nil, map[string]string{"FALAFEL_PORT": "3001", "FALAFEL_METRICS_PORT": "5051", "FALAFEL_DYNAMODB_PORT": "8001"})
	require.NoError(t, err)
	api := f.resources["api"]
	assert.Equal(t, []string{"go", "run", "./devenv", "--dynamodb=http://127.0.0.1:8001", "--addr=127.0.0.1:3001", "--metrics-addr=127.0.0.1:5051"}, api.command)
	assert.Equal(t, "http://127.0.0.1:5051/readyz", api.probe)
	assert.Contains(t, api.links, "http://127.0.0.1:3001/docs")

	f, err = execute(root, read(t, root), modes["image and monitoring"], map[string]string{
		"FALAFEL_PROMETHEUS_PORT": "9091", "FALAFEL_GRAFANA_PORT": "3003", "FALAFEL_JAEGER_PORT": "16687",
	})
	require.NoError(t, err)
	assert.Equal(t, []string{"http://127.0.0.1:9091"}, f.resources["prometheus"].links)
	assert.Equal(t, []string{"http://127.0.0.1:3003"}, f.resources["grafana"].links)
	assert.Equal(t, []string{"http://127.0.0.1:16687"}, f.resources["jaeger"].links)
	assert.Equal(t, "http://jaeger:4318", f.compose.Services["api"].Environment["OTEL_EXPORTER_OTLP_ENDPOINT"])
	for _, service := range []string{"prometheus", "grafana", "jaeger"} {
		require.NotEmpty(t, f.compose.Services[service].Volumes)
		for _, volume := range f.compose.Services[service].Volumes {
			source, _, _ := strings.Cut(volume, ":")
			assert.True(t, filepath.IsAbs(source), volume)
			_, err := os.Stat(source)
			require.NoError(t, err)
		}
	}
}

func TestABadSettingIsOneSentence(t *testing.T) {
	t.Parallel()
	root := projectRoot(t)
	for says, args := range map[string]map[string]starlark.Value{
		"--api=kubernetes is not understood: write --api=host or --api=image": {"api": starlark.String("kubernetes")},
		"cannot reach an API on this machine: write --api=image --monitoring": {"monitoring": starlark.True},
		`invalid argument "yes" for --monitoring, which is "bool"`:            {"monitoring": starlark.String("yes")},
	} {
		_, err := execute(root, read(t, root), args, map[string]string{})
		require.ErrorContains(t, err, says)
	}
}

// What the interpreter would not notice, nobody would.
func TestTheInterpreterRefusesWhatTiltRefuses(t *testing.T) {
	t.Parallel()
	root := projectRoot(t)
	for source, says := range map[string]string{
		`local_resource("a", serve_command="x")`:                                                                              `unexpected keyword argument "serve_command"`,
		`local_resource("a", resource_deps="b")`:                                                                              "got string, want list of strings",
		`local_resource("a", resource_deps=["b"])`:                                                                            "a depends on b, which does not exist",
		`local_resource("a", links=["http://x"])`:                                                                             "got string in a list of link",
		`local_resource("a", readiness_probe=http_get_action(1))`:                                                             "is no probe",
		`local_resource("a"); local_resource("a")`:                                                                            "two resources a",
		`dc_resource("a")`:                                                                                                    "no Docker Compose service a",
		`docker_compose("compose.yaml", wait=True)`:                                                                           "got string, want blob",
		`docker_compose(encode_yaml({"services": {}}))`:                                                                       "without wait=True",
		`docker_compose(encode_yaml({"name": "x", "services": {}}), wait=True)`:                                               `calls it "x"`,
		`docker_compose(encode_yaml({"services": {"a": {"build": "."}}}), wait=True)`:                                         "built by the Dockerfile",
		`docker_compose(encode_yaml({"services": {"a": {"depends_on": {"b": {}}}}}), wait=True)`:                              "a depends on b, which does not exist",
		`custom_build("a:b", "make", deps=[])`:                                                                                "$EXPECTED_REF",
		`custom_build("a:b", "make $EXPECTED_REF", deps=[])`:                                                                  "no resource uses it",
		`custom_build("a:b", "make $EXPECTED_REF", deps=[], live_update=[])`:                                                  "needs tar",
		`load("ext://uibutton", "cmd_button")`:                                                                                "load not implemented",
		`v1alpha1.ui_button(name="a", location={"component_type": "Resource", "component_id": "x"})`:                          "a is on x, which does not exist",
		`local_resource("a"); v1alpha1.cmd(name="c", annotations={"tilt.dev/resource": "a"}, start_on={"ui_buttons": ["b"]})`: "the button b, which does not exist",
		`k8s_yaml("x")`: "undefined: k8s_yaml",
	} {
		_, err := execute(root, source, nil, map[string]string{})
		require.ErrorContains(t, err, says, source)
	}
}

// publishedPorts are the ports that compose.yaml publishes by default, and whose they are.
func publishedPorts(compose composeFile) map[string]string {
	published := map[string]string{}
	for name, service := range compose.Services {
		for _, port := range service.Ports {
			if found := regexp.MustCompile(`^127\.0\.0\.1:\$\{\w+:-(\d+)\}:\d+$`).FindStringSubmatch(port); found != nil {
				published[found[1]] = name
			}
		}
	}
	return published
}

func buildDevenv(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "devenv")
	output, err := exec.Command("go", "build", "-o", program, filepath.Join(projectRoot(t), "devenv")).CombinedOutput()
	require.NoError(t, err, "%s", output)
	return program
}

// understands has devenv read its flags: with --help it does nothing else.
func understands(t *testing.T, devenv string, command []string) {
	t.Helper()
	if strings.Join(command, " ") == "go generate ./..." || strings.Join(command, " ") == "go run ./devenv test" {
		return // which passes on what it does not know
	}
	require.Equal(t, []string{"go", "run", "./devenv"}, command[:3])
	flags := slices.Clone(command[3:])
	// The default commands, whose flags only their own help lists.
	if strings.HasPrefix(flags[0], "--") {
		flags = append([]string{"up"}, flags...)
	}
	if flags[0] == "image" && len(flags) > 1 && strings.HasPrefix(flags[1], "--") {
		flags = slices.Insert(flags, 1, "all")
	}
	output, err := exec.Command(devenv, append(flags, "--help")...).CombinedOutput()
	require.NoError(t, err, "%v: %s", command, output)
	for _, flag := range flags {
		if name, _, _ := strings.Cut(flag, "="); strings.HasPrefix(name, "--") {
			assert.Contains(t, string(output), "\n      "+name, "a flag of %v", command)
		}
	}
}

func TestTiltCISucceedsAndEnds(t *testing.T) {
	t.Parallel()
	_, err := exec.LookPath("tilt")
	if err == nil {
		err = dynamodb.Available(dynamodb.Container)
	}
	if err != nil {
		if os.Getenv(demandVariable) != "" {
			t.Fatalf("%s demands Tilt: %v", demandVariable, err)
		}
		t.Skipf("NOT run by Tilt itself, only by the interpreter: %v", err)
	}
	for name, args := range map[string][]string{"host": nil, "image": {"--", "--api=image"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tilt := anotherProject(t, args)
			tilt("ci", "--port=0", "--timeout=5m")
		})
	}
}

// anotherProject runs Tilt on a copy of this project with a name, ports and images of its
// own: the developer's may be running, perhaps in the Tilt whose button started this test.
func anotherProject(t *testing.T, settings []string) (tilt func(arguments ...string)) {
	t.Helper()
	root, folder, name := projectRoot(t), t.TempDir(), "falafel-test-"+strings.ToLower(rand.Text()[:8])
	entries, err := os.ReadDir(root)
	require.NoError(t, err)
	for _, entry := range entries {
		from, to := filepath.Join(root, entry.Name()), filepath.Join(folder, entry.Name())
		switch {
		case entry.Name() == ".git" || entry.Name() == project.State:
		case entry.IsDir():
			require.NoError(t, os.CopyFS(to, os.DirFS(from)))
		default:
			content, err := os.ReadFile(from)
			require.NoError(t, err)
			if entry.Name() == "compose.yaml" {
				for own, other := range map[string]string{"\nname: falafel-api\n": "\nname: " + name + "\n", " image: falafel-api:dev\n": " image: " + name + ":dev\n"} {
					require.Contains(t, string(content), own)
					content = bytes.ReplaceAll(content, []byte(own), []byte(other))
				}
			}
			require.NoError(t, os.WriteFile(to, content, 0o600))
		}
	}

	environ := append(os.Environ(), "KUBECONFIG=/dev/null", "CI=true")
	for _, variable := range []string{"FALAFEL_PORT", "FALAFEL_METRICS_PORT", "FALAFEL_DYNAMODB_PORT"} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer listener.Close() // not before each has a port of its own
		_, port, err := net.SplitHostPort(listener.Addr().String())
		require.NoError(t, err)
		environ = append(environ, variable+"="+port)
	}
	run := func(program string, arguments ...string) string {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Minute)
		defer cancel()
		command := exec.CommandContext(ctx, program, arguments...)
		command.Dir, command.Env = folder, environ
		output, err := command.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", command, err, output) // and what follows clears up
		}
		return string(output)
	}
	tilt = func(arguments ...string) { run("tilt", append(arguments, settings...)...) }
	t.Cleanup(func() {
		tilt("down")
		run("docker", "volume", "rm", "--force", name+"_dynamodb")
		if images := strings.Fields(run("docker", "image", "ls", "--format={{.Repository}}:{{.Tag}}", name)); len(images) > 0 {
			run("docker", append([]string{"image", "rm", "--force"}, images...)...)
		}
	})
	return tilt
}
