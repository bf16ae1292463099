package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/dynamodbtest"
)

type testCommand struct {
	Args []string `arg:"" optional:"" help:"Passed to go test: -race ./api/... (default: ./...)."`
}

// Run implements kong's command.
func (c *testCommand) Run(ctx context.Context) error {
	folder, err := os.MkdirTemp("", "falafel-test-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	reports := filepath.Join(folder, "reports")

	// -count=1: a cached result says nothing about the database of today.
	args := append([]string{"test", "-count=1"}, c.Args...)
	if len(c.Args) == 0 {
		args = append(args, "./...")
	}
	test := exec.CommandContext(ctx, "go", args...)
	test.Cancel = func() error { return test.Process.Signal(os.Interrupt) }
	test.Stdout, test.Stderr = os.Stdout, os.Stderr
	test.Env = append(os.Environ(), "FALAFEL_TEST_REPORT="+reports)
	failed := test.Run()
	if err := summarise(os.Stdout, reports); err != nil {
		return err
	}
	if _, ok := errors.AsType[*exec.ExitError](failed); ok {
		return errors.New("the tests failed, see above")
	}
	return failed
}

// summarise adds up what the test packages reported about their DynamoDBs.
func summarise(out io.Writer, path string) error {
	content, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil // no package among them uses a DynamoDB
	}
	if err != nil {
		return err
	}
	tests, missing := map[dynamodb.Kind]int{}, map[dynamodb.Kind]string{}
	for lines := bufio.NewScanner(bytes.NewReader(content)); lines.Scan(); {
		var report dynamodbtest.Report
		if err := json.Unmarshal(lines.Bytes(), &report); err != nil {
			return fmt.Errorf("a test's report is unreadable: %w", err)
		}
		tests[report.Backend] += report.Tests
		if report.Missing != "" {
			missing[report.Backend] = report.Missing
		}
	}
	fmt.Fprintln(out)
	for _, kind := range slices.Sorted(maps.Keys(tests)) {
		if reason := missing[kind]; reason != "" {
			fmt.Fprintf(out, "DynamoDB: NOT on %s: %s\n", kind, reason)
			continue
		}
		fmt.Fprintf(out, "DynamoDB: %d tests on %s\n", tests[kind], kind)
	}
	return nil
}
