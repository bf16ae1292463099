package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A server is a DynamoDB, as a process.
type server struct {
	name    string
	addr    string
	started time.Duration // from the process to its first answer
	command *exec.Cmd
	output  *bytes.Buffer
}

const (
	// startTimeout bounds the time until a server answers.
	startTimeout = time.Minute

	// askAgain is the time between two tries, which blurs what is measured of a start.
	askAgain = time.Millisecond
)

// startEmbedded starts the embedded DynamoDB on a folder, as devenv serves it.
func startEmbedded(ctx context.Context, binary, dir string) (*server, error) {
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	addr := fmt.Sprintf("127.0.0.1:%d", port)
	return start(ctx, "embedded", addr, []string{binary, "dynamodb", "--addr", addr, "--dir", dir})
}

func start(ctx context.Context, name, addr string, command []string) (*server, error) {
	s := &server{name: name, addr: addr, command: exec.CommandContext(ctx, command[0], command[1:]...), output: new(bytes.Buffer)}
	s.command.Stdout, s.command.Stderr = s.output, s.output
	began := time.Now()
	if err := s.command.Start(); err != nil {
		return nil, err
	}
	for {
		if err := s.ask(ctx, "ListTables", `{"Limit":1}`); err == nil {
			s.started = time.Since(began)
			return s, nil
		} else if time.Since(began) > startTimeout || ctx.Err() != nil {
			s.stop()
			return nil, fmt.Errorf("%s does not start: %w: %s", name, err, s.output)
		}
		time.Sleep(askAgain)
	}
}

// freePort is a port that nobody listens on, at this moment.
func freePort(ctx context.Context) (int, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(port)
}

func (s *server) stop() {
	_ = s.command.Process.Signal(syscall.SIGTERM) // it may have ended by itself
	_ = s.command.Wait()                          // the same
}

// headers are those of an SDK. The signature is of the right length; nobody verifies it.
var headers = [][2]string{
	{"Content-Type", "application/x-amz-json-1.0"},
	{"X-Amz-Date", "20260101T000000Z"},
	{"Authorization", "AWS4-HMAC-SHA256 Credential=local/20260101/eu-central-1/dynamodb/aws4_request, " +
		"SignedHeaders=content-length;content-type;host;x-amz-date;x-amz-target, Signature=" + strings.Repeat("0", 64)},
}

// ask sends one request. An answer that is an exception is an error.
func (s *server) ask(ctx context.Context, operation, body string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.addr+"/", strings.NewReader(body))
	if err != nil {
		return err
	}
	for _, header := range headers {
		request.Header.Set(header[0], header[1])
	}
	request.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var answer bytes.Buffer
	if _, err := answer.ReadFrom(response.Body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s with %s: %s", s.name, operation, response.Status, &answer)
	}
	return nil
}

// clockTick is the kernel's USER_HZ, which is 100 on every architecture Go runs on.
const clockTick = time.Second / 100

// cpu is the time that the kernel has charged the process, user and system: the
// 14th and 15th field of /proc/PID/stat. The second is its name in parentheses.
//
// https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
func (s *server) cpu() (time.Duration, error) {
	stat, err := os.ReadFile(s.proc("stat"))
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

// resident returns the memory that the process has in RAM, in bytes.
func (s *server) resident() (float64, error) {
	status, err := os.ReadFile(s.proc("status"))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	var kilobytes float64
	if _, err := fmt.Sscan(rest, &kilobytes); err != nil {
		return 0, errors.New("the memory of " + s.name + " is not in /proc/PID/status")
	}
	return kilobytes * 1024, nil
}

func (s *server) proc(file string) string {
	return filepath.Join("/proc", strconv.Itoa(s.command.Process.Pid), file)
}
