package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// server is a process that serves on loopback.
type server struct {
	name    string
	addr    string // of what is measured
	metrics string
	command *exec.Cmd
	output  *bytes.Buffer
}

// startTimeout bounds the time until a server answers.
const startTimeout = 15 * time.Second

// environment is the one that the servers find DynamoDB by.
func environment(database, gogc string) []string {
	env := []string{
		"AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local",
		"AWS_ENDPOINT_URL_DYNAMODB=http://" + database, "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null",
	}
	if gogc != "" {
		env = append(env, "GOGC="+gogc)
	}
	return env
}

// start runs a server and waits until it answers. The peers take their addresses as
// arguments, the service from the environment.
func start(ctx context.Context, name, binary string, env []string, arguments ...string) (*server, error) {
	addr, err := freeAddr(ctx)
	if err != nil {
		return nil, err
	}
	metrics, err := freeAddr(ctx)
	if err != nil {
		return nil, err
	}
	if len(arguments) > 0 {
		arguments = append(arguments, addr, metrics)
	}
	s := &server{name: name, addr: addr, metrics: metrics, command: exec.CommandContext(ctx, binary, arguments...), output: new(bytes.Buffer)}
	s.command.Env = slices.Concat(env, []string{"FALAFEL_ADDR=" + addr, "FALAFEL_METRICS_ADDR=" + metrics})
	// The log goes through a pipe, as a container's does, and nowhere.
	s.command.Stdout = struct{ io.Writer }{io.Discard}
	s.command.Stderr = s.output
	if err := s.command.Start(); err != nil {
		return nil, err
	}
	for began := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		if _, err := s.scrape(ctx); err == nil {
			return s, nil
		} else if time.Since(began) > startTimeout || ctx.Err() != nil {
			s.stop()
			return nil, fmt.Errorf("%s does not start: %w: %s", name, err, s.output)
		}
	}
}

// freeAddr is an address that nobody listens on, at this moment.
func freeAddr(ctx context.Context) (string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

func (s *server) stop() {
	_ = s.command.Process.Signal(syscall.SIGTERM) // it may have ended by itself
	_ = s.command.Wait()                          // the same
}

// usage is what a server has consumed since its start.
type usage struct {
	cpu       time.Duration
	allocated float64 // bytes
	mallocs   float64
	resident  float64 // bytes, now
}

func (s *server) usage(ctx context.Context) (usage, error) {
	cpu, err := s.cpu()
	if err != nil {
		return usage{}, err
	}
	metrics, err := s.scrape(ctx)
	return usage{cpu, metrics["go_memstats_alloc_bytes_total"], metrics["go_memstats_mallocs_total"], metrics["process_resident_memory_bytes"]}, err
}

// clockTick is the kernel's USER_HZ, which is 100 on every architecture Go runs on.
const clockTick = time.Second / 100

// cpu is the time that the kernel has charged the process, user and system: the
// 14th and 15th field of /proc/PID/stat. The second is its name in parentheses.
//
// https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
func (s *server) cpu() (time.Duration, error) {
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(s.command.Process.Pid), "stat"))
	if err != nil {
		return 0, fmt.Errorf("the CPU time of %s is read from /proc, which Linux has: %w", s.name, err)
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 13 {
		return 0, fmt.Errorf("the CPU time of %s is not in /proc/PID/stat: %s", s.name, stat)
	}
	var ticks int64
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * clockTick, nil
}

// scrape reads the metrics that have no labels.
func (s *server) scrape(ctx context.Context) (map[string]float64, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.metrics+"/metrics", http.NoBody)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	values := map[string]float64{}
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		name, value, ok := strings.Cut(lines.Text(), " ")
		if !ok {
			continue
		}
		if number, err := strconv.ParseFloat(value, 64); err == nil {
			values[name] = number
		}
	}
	return values, lines.Err()
}
