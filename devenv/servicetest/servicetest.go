// Package servicetest has a test's program be the service: as a process of its own it has
// an environment, a log and numbers that are nobody else's.
//
//	func TestMain(m *testing.M) {
//		servicetest.Main()
//		os.Exit(m.Run())
//	}
//
//	func TestServes(t *testing.T) {
//		api := servicetest.Start(t, t.Output(), url, table)
//		…
//	}
package servicetest

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/pretendfriend/falafel-api/api/service"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb"
	"github.com/pretendfriend/falafel-api/devenv/internal/process"
)

// beTheService is the variable of a process that is to be the service.
const beTheService = "FALAFEL_TEST_BE_THE_SERVICE"

const (
	servesWithin = 30 * time.Second
	askEvery     = 5 * time.Millisecond

	// stopWithin is for SIGTERM, which ends it at once.
	stopWithin = 5 * time.Second
)

// Main has to be the first thing that TestMain does. In a process that [Start] started it
// is the service until that is ended, and does not return.
func Main() {
	if os.Getenv(beTheService) == "" {
		return
	}
	config, err := service.ReadConfig(os.Environ())
	if err == nil {
		err = service.Run(context.Background(), context.Background(), config, os.Stdout)
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1) //nolint:revive // Main stands for main
}

// Service is one that runs.
type Service struct {
	Addr        string // host:port
	MetricsAddr string // host:port
}

// serving is what the service says when it serves, as text or as JSON.
var serving = regexp.MustCompile(`\bmsg"?[=:]"?serving\b.*\baddr"?[=:]"?([^" ]+).*\bmetrics_addr"?[=:]"?([^" ]+)`)

// Start runs the service until the test ends, on ports that are free and with the table of
// the database at that URL, and returns when it serves. It has the variables that this
// takes, the others that it is given, and none else; what it says goes to log.
func Start(t testing.TB, log io.Writer, database, table string, environ ...string) Service {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(context.WithoutCancel(t.Context()), program) // it ends with the test's cleanup
	server := dynamodb.Server{Kind: dynamodb.Embedded, Endpoint: database}      // or any other that checks no credentials
	command.Env = slices.Concat(server.Environ(), []string{
		beTheService + "=1", "FALAFEL_TABLE=" + table,
		"FALAFEL_ADDR=127.0.0.1:0", "FALAFEL_METRICS_ADDR=127.0.0.1:0", "HOME=" + t.TempDir(),
	}, environ)
	started, err := process.Start(command, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { started.Stop(stopWithin) })
	ctx, cancel := context.WithTimeout(t.Context(), servesWithin)
	defer cancel()
	said, err := started.AwaitLog(ctx, askEvery, serving)
	if err != nil {
		t.Fatalf("the service does not start: %v", err)
	}
	return Service{Addr: said[1], MetricsAddr: said[2]}
}
