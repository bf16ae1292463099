// Package schemathesis holds the running service against its OpenAPI document: it has
// Schemathesis make thousands of requests out of the document, good and bad ones, and
// follow its links, and looks at every answer.
//
// It fetches Schemathesis, so that it runs only where it is asked for by
// FALAFEL_TEST_SCHEMATHESIS=1, and then what is missing fails.
package schemathesis_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/embeddedtest"
)

const (
	demandVariable = "FALAFEL_TEST_SCHEMATHESIS"

	// seedVariable is for a run other than CI's, which has 1.
	seedVariable = "FALAFEL_SCHEMATHESIS_SEED"

	// The cases of a test, at least, and how many of them follow links. With fewer,
	// something was left out.
	leastCases, leastStateful = 5000, 1000

	// A run that follows links ends early where an answer is not the one that the same
	// requests had before, as happens with a database behind them. The next seed goes on.
	mostStatefulRuns = 30

	within = 10 * time.Minute
)

// report is what is read of Schemathesis' report.
type report struct {
	Seed       int    `json:"seed"`
	Complete   bool   `json:"complete"`
	StopReason string `json:"stop_reason"`
	Operations struct {
		Total   int `json:"total"`
		Tested  int `json:"tested"`
		Errored int `json:"errored"`
	} `json:"operations"`
	Phases map[string]struct {
		Status string `json:"status"`
	} `json:"phases"`
	TestCases struct {
		Generated     int `json:"generated"`
		WithFailures  int `json:"with_failures"`
		WithoutChecks int `json:"without_checks"`
		Errored       int `json:"errored"`
	} `json:"test_cases"`
	Failures []json.RawMessage `json:"failures"`
	Errors   []json.RawMessage `json:"errors"`
}

func TestTheServiceKeepsItsDocument(t *testing.T) {
	t.Parallel()
	if os.Getenv(demandVariable) == "" {
		t.Skipf("set %s=1 to fetch Schemathesis and run it", demandVariable)
	}
	seed := 1
	if text := os.Getenv(seedVariable); text != "" {
		var err error
		seed, err = strconv.Atoi(text)
		require.NoError(t, err, seedVariable)
	}
	st, api := install(t), serve(t)

	single := schemathesis(t, st, api, seed, "examples", "coverage", "fuzzing")
	assert.Equal(t, single.Operations.Total, single.Operations.Tested, "operations")
	following, runs := 0, 0
	for ; following < leastStateful && runs < mostStatefulRuns; runs++ {
		following += schemathesis(t, st, api, seed+runs, "stateful").TestCases.Generated
	}
	t.Logf("seed %d: %d single requests; %d that followed links, in %d runs", seed, single.TestCases.Generated, following, runs)
	assert.GreaterOrEqual(t, following, leastStateful, "cases that follow links")
	assert.GreaterOrEqual(t, single.TestCases.Generated+following, leastCases, "cases")
}

// schemathesis runs the phases, and fails with what Schemathesis found.
func schemathesis(t *testing.T, st, api string, seed int, phases ...string) report {
	t.Helper()
	name := filepath.Join(t.TempDir(), "report.json")
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	command := exec.CommandContext(ctx, st, "--config-file=schemathesis.toml", "run", "../openapi.yaml", "--url="+api,
		"--seed="+strconv.Itoa(seed), "--phases="+strings.Join(phases, ","), "--no-color", "--report=json", "--report-json-path="+name)
	command.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1", "PYTHONPATH=.", "HYPOTHESIS_STORAGE_DIRECTORY="+t.TempDir())
	output, err := command.CombinedOutput()
	if err != nil { // lines of cases are too long for testify
		t.Fatalf("%s: %v\n%s", command, err, output)
	}
	content, err := os.ReadFile(name)
	require.NoError(t, err)
	var run report
	require.NoError(t, json.Unmarshal(content, &run))
	assert.Equal(t, seed, run.Seed)
	assert.True(t, run.Complete, run.StopReason)
	for _, phase := range phases {
		assert.Equal(t, "success", run.Phases[phase].Status, "phase "+phase)
	}
	assert.Zero(t, run.TestCases.WithFailures, "cases with failures")
	assert.Zero(t, run.TestCases.WithoutChecks, "cases that nothing was checked of")
	assert.Zero(t, run.TestCases.Errored, "cases that could not be carried out")
	assert.Zero(t, run.Operations.Errored, "operations that could not be tested")
	assert.Empty(t, run.Failures)
	assert.Empty(t, run.Errors)
	return run
}

// install returns Schemathesis, from the packages that requirements.txt pins.
func install(t *testing.T) (st string) {
	t.Helper()
	venv, err := filepath.Abs("../../.falafel/schemathesis") // kept for the next run
	require.NoError(t, err)
	python := filepath.Join(venv, "bin", "python")
	if _, err := os.Stat(python); err != nil {
		run(t, "python3", "-m", "venv", venv)
	}
	run(t, python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
		"--no-deps", "--require-hashes", "--requirement", "requirements.txt")
	return filepath.Join(venv, "bin", "st")
}

// serve runs the service, on an empty table in the embedded DynamoDB, until the end of
// the test. It returns the service's address.
func serve(t *testing.T) (url string) {
	t.Helper()
	const table = "Schemathesis"
	database := embeddedtest.Start(t)
	_, err := database.CreateTable(t.Context(), store.Definition(table))
	require.NoError(t, err)

	program := filepath.Join(t.TempDir(), "api")
	run(t, "go", "build", "-o", program, "../../api")
	command := exec.CommandContext(t.Context(), program)
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = time.Minute
	command.Env = []string{
		"AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local",
		"AWS_ENDPOINT_URL_DYNAMODB=" + aws.ToString(database.Options().BaseEndpoint),
		"FALAFEL_TABLE=" + table, "FALAFEL_ADDR=127.0.0.1:0", "FALAFEL_METRICS_ADDR=127.0.0.1:0",
	}
	log, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	lines := bufio.NewReader(log)
	for url == "" {
		line, err := lines.ReadBytes('\n')
		require.NoErrorf(t, err, "the service ended instead of serving: %s", line)
		var entry struct{ Msg, Addr string }
		if json.Unmarshal(line, &entry) == nil && entry.Msg == "serving" {
			url = "http://" + entry.Addr
		}
	}
	errors := make(chan string, 1)
	go func() { errors <- errorsIn(lines) }()
	t.Cleanup(func() { // t.Context has ended, and with it the service
		assert.Empty(t, <-errors, "what the service logged as errors")
		_ = command.Wait() // it was told to end
	})
	return url
}

// errorsIn are the lines of a log that are about errors, to its end.
func errorsIn(log io.Reader) string {
	var found strings.Builder
	lines := bufio.NewReader(log)
	for {
		line, err := lines.ReadString('\n')
		if strings.Contains(line, `"level":"ERROR"`) {
			found.WriteString(line)
		}
		if err != nil {
			return found.String()
		}
	}
}

// run runs a program, and fails with what it printed.
func run(t *testing.T, program string, arguments ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	command := exec.CommandContext(ctx, program, arguments...)
	output, err := command.CombinedOutput()
	require.NoErrorf(t, err, "%s\n%s", command, output)
}
