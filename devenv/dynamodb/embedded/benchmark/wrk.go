package main

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed request.lua
var requestScript string

// A request is what a server is asked again and again.
type request struct {
	name      string
	operation string
	body      string // $ is a number, from 1 on, and ~ the digit of a version
	distinct  int    // the numbers
}

// script writes the request as wrk's script.
func (r request) script(dir string) (file string, err error) {
	var text strings.Builder
	fmt.Fprintf(&text, "local operation, body, distinct, headers = %q, [[%s]], %d, {", r.operation, r.body, r.distinct)
	for _, header := range headers {
		fmt.Fprintf(&text, "[%q] = %q, ", header[0], header[1])
	}
	text.WriteString("}\n" + requestScript)
	file = filepath.Join(dir, strings.ReplaceAll(r.name, " ", "-")+".lua")
	return file, os.WriteFile(file, []byte(text.String()), 0o600)
}

// A sample is one turn of one server.
type sample struct {
	perSecond float64       // answers
	perCPU    float64       // answers for each second of the server's CPU time
	cpu       time.Duration // of the server, for an answer
	p50, p99  time.Duration
}

// load has wrk ask for the duration.
func load(ctx context.Context, s *server, script string, duration time.Duration, connections int) (sample, error) {
	before, err := s.cpu()
	if err != nil {
		return sample{}, err
	}
	out, err := exec.CommandContext(ctx, "wrk", "--threads", "1", "--connections", strconv.Itoa(connections),
		"--duration", duration.String(), "--script", script, "http://"+s.addr).CombinedOutput()
	if err != nil {
		return sample{}, fmt.Errorf("%w: %s", err, out)
	}
	after, err := s.cpu()
	if err != nil {
		return sample{}, err
	}
	_, result, _ := bytes.Cut(out, []byte("RESULT "))
	var count, failed, micros, p50, p99 int64
	if _, err := fmt.Sscan(string(result), &count, &micros, &p50, &p99, &failed); err != nil {
		return sample{}, fmt.Errorf("wrk does not say what it measured: %w: %s", err, out)
	}
	if failed > 0 || count == 0 {
		return sample{}, fmt.Errorf("%d of %d requests to %s failed", failed, count, s.name)
	}
	cpu := max(after-before, clockTick)
	return sample{
		perSecond: float64(count) / (time.Duration(micros) * time.Microsecond).Seconds(),
		perCPU:    float64(count) / cpu.Seconds(),
		cpu:       cpu / time.Duration(count),
		p50:       time.Duration(p50) * time.Microsecond,
		p99:       time.Duration(p99) * time.Microsecond,
	}, nil
}

// median of one column of the samples.
func median[T any](samples []T, column func(T) float64) float64 {
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
