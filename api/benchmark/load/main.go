// Command load measures the service under load beside the peers of package
// benchmark, each in a process of its own, on loopback:
//
//	go run ./api/benchmark/load
//	go run ./api/benchmark/load -telemetry
//
// The servers take turns, round by round, so that whatever else the machine does
// falls on all of them; the medians are printed. CPU is what the kernel charged the
// server, by which a noisy machine is still a fair one, and allocation what the Go
// runtime counted. It needs Linux (/proc) and wrk. With -telemetry it is the service
// alone, that tells more and more about itself.
//
// Read measure.go for what is measured, server.go and lineup.go for what is run.
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
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

// plan is how much load there is.
type plan struct {
	rounds      int
	duration    time.Duration
	connections int
	gogc        string // for all servers; "" leaves each its own
	telemetry   bool   // the service with more and more of it, in place of the peers
}

func run(ctx context.Context, args []string, w io.Writer) error {
	var p plan
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	flags.IntVar(&p.rounds, "rounds", 5, "`times` that each server has its turn")
	flags.DurationVar(&p.duration, "duration", 4*time.Second, "`time` of a turn, in whole seconds")
	flags.IntVar(&p.connections, "connections", 32, "`number` of clients at the same time")
	flags.StringVar(&p.gogc, "gogc", "", "GOGC of all servers in `percent`; without it the peers have Go's 100, and the service what it sets itself")
	flags.BoolVar(&p.telemetry, "telemetry", false, "measure what metrics, log and traces cost, at GOGC=400 unless another is given")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if p.rounds < 1 || p.connections < 1 || p.duration < time.Second {
		return errors.New("there must be at least one round of one second with one connection")
	}
	if _, err := exec.LookPath("wrk"); err != nil {
		return errors.New("wrk is not installed: apt-get install wrk, or brew install wrk")
	}
	dir, err := os.MkdirTemp("", "falafel-load-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)

	fmt.Fprintln(w, "building …")
	peers, service := filepath.Join(dir, "benchmark"), filepath.Join(dir, "api")
	for binary, source := range map[string]string{peers: "api/benchmark", service: "api"} {
		if err := build(ctx, binary, "github.com/pretendfriend/falafel-api/"+source); err != nil {
			return err
		}
	}
	fake, err := start(ctx, "fake", peers, nil, "fake")
	if err != nil {
		return err
	}
	defer fake.stop()
	lineup := against
	if p.telemetry {
		receiver, err := start(ctx, "receiver", peers, nil, "receiver")
		if err != nil {
			return err
		}
		defer receiver.stop()
		lineup = telemetries(receiver.addr)
		if p.gogc == "" {
			p.gogc = "400" // the service's own choice, which silent does not make
		}
	}
	var servers []*server
	for _, runner := range lineup {
		binary := peers
		if runner.arguments == nil {
			binary = service
		}
		s, err := start(ctx, runner.name, binary, append(environment(fake.addr, p.gogc), runner.variables...), runner.arguments...)
		if err != nil {
			return err
		}
		defer s.stop()
		servers = append(servers, s)
	}
	results, err := measure(ctx, w, dir, p, servers)
	if err != nil {
		return err
	}
	printTable(w, p, servers, results)
	return nil
}

func build(ctx context.Context, binary, source string) error {
	command := exec.CommandContext(ctx, "go", "build", "-o", binary, source)
	command.Stderr = os.Stderr
	if err := command.Run(); err != nil {
		return fmt.Errorf("%s does not build: %w", source, err)
	}
	return nil
}
