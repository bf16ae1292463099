// Package sdktest has other languages' AWS SDKs at `go run ./devenv dynamodb`, as an
// application would use it: boto3 and the AWS CLI from python/, the SDK for JavaScript
// from javascript/. Both folders are ordinary projects of their language, and run on
// any DynamoDB to which the variables of an SDK point.
//
// It fetches those SDKs, so that it runs only where it is asked for: FALAFEL_TEST_SDKS
// lists the folders, and then what is missing fails.
package sdktest_test

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/internal/project"
)

const demandVariable = "FALAFEL_TEST_SDKS"

// within bounds a command: fetching the SDKs is the slow part.
const within = 5 * time.Minute

// suites are the folders, and how what is in them is run, in them.
var suites = map[string]func(t *testing.T, environ []string){
	"python": func(t *testing.T, environ []string) {
		t.Helper()
		venv, err := project.StatePath("sdktest", "python")
		require.NoError(t, err)
		python := filepath.Join(venv, "bin", "python")
		if _, err := os.Stat(python); err != nil {
			run(t, "python", environ, "python3", "-m", "venv", venv)
		}
		// No dependencies but those that are pinned.
		run(t, "python", environ, python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
			"--no-deps", "--requirement", "requirements.txt")
		run(t, "python", append(environ, "PYTHONDONTWRITEBYTECODE=1"), python, "-m", "pytest")
	},
	"javascript": func(t *testing.T, environ []string) {
		t.Helper()
		run(t, "javascript", environ, "npm", "ci")
		run(t, "javascript", environ, "npm", "test")
	},
}

func TestOtherLanguages(t *testing.T) { //nolint:tparallel // the group has to end before the database
	t.Parallel()
	asked := strings.FieldsFunc(os.Getenv(demandVariable), func(r rune) bool { return r == ',' || r == ' ' })
	if len(asked) == 0 {
		t.Skipf("set %s=python,javascript to fetch other languages' SDKs and try them", demandVariable)
	}
	environ, stop := serve(t)
	t.Run("sdk", func(t *testing.T) { // returns when all of them have ended
		for _, name := range asked {
			suite := suites[name]
			require.NotNilf(t, suite, "%s: there is no %q", demandVariable, name)
			t.Run(name, func(t *testing.T) {
				t.Parallel() // they share the database
				suite(t, environ)
			})
		}
	})
	stop()
}

// serve runs the command, and returns the environment that it tells to use. stop has it
// stop as Ctrl-C does, and looks at how it went.
func serve(t *testing.T) (environ []string, stop func()) {
	t.Helper()
	root, err := project.Root()
	require.NoError(t, err)
	program := filepath.Join(t.TempDir(), "devenv")
	run(t, root, os.Environ(), "go", "build", "-o", program, "./devenv")

	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	command := exec.CommandContext(ctx, program, "dynamodb", "--addr=127.0.0.1:0", "--dir="+filepath.Join(t.TempDir(), "db"))
	command.Stderr = t.Output()
	stdout, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())

	// Nothing but what it prints is to configure the SDKs.
	environ = slices.DeleteFunc(os.Environ(), func(variable string) bool { return strings.HasPrefix(variable, "AWS_") })
	output := bufio.NewReader(stdout)
	for line := ""; !strings.HasPrefix(line, "Ctrl-C"); {
		line, err = output.ReadString('\n')
		require.NoError(t, err, "it ended instead of serving")
		if variable, ok := strings.CutPrefix(strings.TrimSpace(line), "export "); ok {
			environ = append(environ, variable)
		}
	}
	rest := make(chan string, 1)
	go func() {
		text, _ := io.ReadAll(output)
		rest <- string(text)
	}()
	return environ, func() {
		require.NoError(t, command.Process.Signal(os.Interrupt))
		said := <-rest
		require.NoError(t, command.Wait())
		assert.Equal(t, "\nStopping…\n", said, "and nothing went wrong on the way")
	}
}

// run runs a program in the folder, and fails with what it printed.
func run(t *testing.T, folder string, environ []string, program string, arguments ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	command := exec.CommandContext(ctx, program, arguments...)
	command.Dir, command.Env = folder, environ
	output, err := command.CombinedOutput()
	require.NoErrorf(t, err, "%s\n%s", command, output)
	t.Logf("%s\n%s", command, output)
}
