// Command benchmark measures the embedded DynamoDB beside DynamoDB Local, each as a
// process of its own, on loopback, in one run:
//
//	go run ./devenv/dynamodb/embedded/benchmark
//
// The servers take turns, round by round, so that whatever else the machine does falls on
// both; medians and their ratios are printed, in Markdown. All is in DynamoDB Local's
// favour that can be: it keeps its data in memory while the embedded one keeps it on disk,
// it has its turns with Java's optimising compiler and after a warm-up, and its starts
// without that compiler, with which they take longer.
//
// CPU is what the kernel charged the server, by which a noisy machine is still a fair one.
// It needs Linux (/proc), wrk, and what DynamoDB Local needs (Java and Maven).
//
// Read load.go for what is asked, start.go and curve.go for the other two tables, and
// server.go and local.go for what is run.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "benchmark:", err)
		os.Exit(1)
	}
}

// plan is how much is measured.
type plan struct {
	rounds      int
	duration    time.Duration
	warmUp      time.Duration
	connections int
	starts      int
	largest     int
	dir         string // for data
	embedded    string // the binary
	report      io.Writer
}

func run(ctx context.Context, args []string, w io.Writer) error {
	p := plan{report: w}
	flags := flag.NewFlagSet("benchmark", flag.ContinueOnError)
	flags.IntVar(&p.rounds, "rounds", 5, "`times` that each server has its turn with each request")
	flags.DurationVar(&p.duration, "duration", 4*time.Second, "`time` of a turn, in whole seconds")
	flags.DurationVar(&p.warmUp, "warm-up", 15*time.Second, "`time` of the turn before, which does not count")
	flags.IntVar(&p.connections, "connections", 16, "`number` of clients at the same time")
	flags.IntVar(&p.starts, "starts", 11, "`number` of starts of each server")
	flags.IntVar(&p.largest, "largest", 1_000_000, "`items` in the largest table of the curve")
	only := flags.String("only", "load,start,curve", "`tables` to measure")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if p.rounds < 1 || p.connections < 1 || p.starts < 1 || p.duration < time.Second || p.warmUp < time.Second {
		return errors.New("there must be at least one start, and one round of one second with one connection")
	}
	if _, err := exec.LookPath("wrk"); err != nil {
		return errors.New("wrk is not installed: apt-get install wrk, or brew install wrk")
	}
	dir, err := os.MkdirTemp("", "falafel-benchmark-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	p.dir, p.embedded = dir, filepath.Join(dir, "devenv")

	say("building …")
	build := exec.CommandContext(ctx, "go", "build", "-o", p.embedded, "github.com/pretendfriend/falafel-api/devenv")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("devenv does not build: %w", err)
	}
	local, err := findLocal(ctx)
	if err != nil {
		return err
	}
	for name := range strings.SplitSeq(*only, ",") {
		measure, ok := map[string]func(context.Context, plan, localCommand) error{
			"load": measureLoad, "start": measureStart, "curve": measureCurve,
		}[name]
		if !ok {
			return fmt.Errorf("there is no table %q: choose from load,start,curve", name)
		}
		if err := measure(ctx, p, local); err != nil {
			return err
		}
	}
	return nil
}

// say tells how far it is, beside the report.
func say(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
