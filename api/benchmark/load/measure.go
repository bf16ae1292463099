package main

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// Both scripts are wrk's: what a request is, and how the result is told.
var (
	//go:embed create.lua
	createScript string
	//go:embed report.lua
	reportScript string
)

// request is what the servers are asked again and again.
type request struct {
	name   string
	script string
}

var requests = []request{
	{"create a review", createScript + reportScript},
	{"list 20 reviews", reportScript},
}

// path is answered by all servers.
const path = "/v1/restaurants/Habibi/reviews"

// sample is one turn of one server.
type sample struct {
	perSecond float64
	p50, p99  time.Duration
	cpu       time.Duration // of the server, for a request
	allocated float64       // bytes, for a request
	mallocs   float64       // allocations, for a request
	resident  float64       // bytes
}

type turn struct{ request, server string }

// measure gives every server its turns, and one before that does not count.
func measure(ctx context.Context, w io.Writer, dir string, p plan, servers []*server) (map[turn][]sample, error) {
	results := map[turn][]sample{}
	for round := range p.rounds + 1 {
		duration := p.duration
		if round == 0 {
			fmt.Fprintln(w, "warming up …")
			duration = time.Second
		} else {
			fmt.Fprintf(w, "round %d of %d …\n", round, p.rounds)
		}
		for i, request := range requests {
			script := filepath.Join(dir, fmt.Sprintf("request-%d.lua", i))
			if err := os.WriteFile(script, []byte(request.script), 0o600); err != nil {
				return nil, err
			}
			for _, server := range servers {
				got, err := one(ctx, script, duration, p.connections, server)
				if err != nil {
					return nil, fmt.Errorf("%s, %s: %w", server.name, request.name, err)
				}
				if round > 0 {
					of := turn{request.name, server.name}
					results[of] = append(results[of], got)
				}
			}
		}
	}
	return results, nil
}

func one(ctx context.Context, script string, duration time.Duration, connections int, server *server) (sample, error) {
	before, err := server.usage(ctx)
	if err != nil {
		return sample{}, err
	}
	out, err := exec.CommandContext(ctx, "wrk", "--threads", "1", "--connections", strconv.Itoa(connections),
		"--duration", duration.String(), "--script", script, "http://"+server.addr+path).CombinedOutput()
	if err != nil {
		return sample{}, fmt.Errorf("%w: %s", err, out)
	}
	after, err := server.usage(ctx)
	if err != nil {
		return sample{}, err
	}
	_, result, _ := bytes.Cut(out, []byte("RESULT "))
	var count, failed, micros, p50, p99 int64
	if _, err := fmt.Sscan(string(result), &count, &micros, &p50, &p99, &failed); err != nil {
		return sample{}, fmt.Errorf("wrk does not say what it measured: %w: %s", err, out)
	}
	if failed > 0 || count == 0 {
		return sample{}, fmt.Errorf("%d of %d requests failed", failed, count)
	}
	return sample{
		perSecond: float64(count) / (time.Duration(micros) * time.Microsecond).Seconds(),
		p50:       time.Duration(p50) * time.Microsecond,
		p99:       time.Duration(p99) * time.Microsecond,
		cpu:       (after.cpu - before.cpu) / time.Duration(count),
		allocated: (after.allocated - before.allocated) / float64(count),
		mallocs:   (after.mallocs - before.mallocs) / float64(count),
		resident:  after.resident,
	}, nil
}

// median of one column of the samples.
func median(samples []sample, column func(sample) float64) float64 {
	values := make([]float64, len(samples))
	for i, s := range samples {
		values[i] = column(s)
	}
	slices.Sort(values)
	middle := len(values) / 2
	if len(values)%2 == 0 {
		return (values[middle-1] + values[middle]) / 2
	}
	return values[middle]
}

func printTable(w io.Writer, p plan, servers []*server, results map[turn][]sample) {
	collector := "each its own GOGC"
	if p.gogc != "" {
		collector = "GOGC=" + p.gogc
	}
	fmt.Fprintf(w, "\nMedians of %d rounds of %s, %d connections, %s\n\n", p.rounds, p.duration, p.connections, collector)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	columns := []string{"request", "server", "requests/s", "p50 ms", "p99 ms", "CPU µs/request", "KB/request", "allocs/request", "RSS MB"}
	peers := servers[:len(servers)-1]
	if p.telemetry {
		peers = servers[:1]
	}
	for _, server := range peers {
		columns = append(columns, "CPU / "+server.name)
	}
	fmt.Fprintln(table, strings.Join(columns, "\t")+"\t")
	cpu := func(s sample) float64 { return float64(s.cpu.Nanoseconds()) / 1000 }
	for _, request := range requests {
		for _, server := range servers {
			of := results[turn{request.name, server.name}]
			fmt.Fprintf(table, "%s\t%s\t%.0f\t%.2f\t%.2f\t%.0f\t%.1f\t%.0f\t%.0f\t", request.name, server.name,
				median(of, func(s sample) float64 { return s.perSecond }),
				median(of, func(s sample) float64 { return float64(s.p50) / float64(time.Millisecond) }),
				median(of, func(s sample) float64 { return float64(s.p99) / float64(time.Millisecond) }),
				median(of, cpu),
				median(of, func(s sample) float64 { return s.allocated / 1000 }),
				median(of, func(s sample) float64 { return s.mallocs }),
				median(of, func(s sample) float64 { return s.resident / 1e6 }))
			for _, peer := range peers {
				fmt.Fprintf(table, "%.2f\t", median(of, cpu)/median(results[turn{request.name, peer.name}], cpu))
			}
			fmt.Fprintln(table)
		}
	}
	_ = table.Flush() // w takes it or not
}
