package environment

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/pretendfriend/falafel-api/devenv/internal/process"
)

// readyWithin is how long the API may take from its start to being ready: it looks at its
// table first, and says so itself when that fails.
const readyWithin = 30 * time.Second

// errBuild is the error of a build whose messages have been printed.
var errBuild = errors.New("the API does not build: mend what the compiler says above")

// build compiles the API of the project, and returns the program.
func build(ctx context.Context, options Options) (string, error) {
	program := filepath.Join(options.State, "bin", "api")
	command := exec.CommandContext(ctx, "go", "build", "-o", program, "./api")
	command.Dir = options.Root
	var messages bytes.Buffer
	command.Stdout, command.Stderr = &messages, &messages
	err := command.Run()
	var exit *exec.ExitError
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "", errors.New("go is not on PATH: install Go (https://go.dev/doc/install)")
	case errors.As(err, &exit) && ctx.Err() == nil:
		_, _ = options.Out.Write(messages.Bytes())
		return "", errBuild
	}
	return program, err
}

// startAPI runs the program until it is ready to serve.
func startAPI(ctx context.Context, program string, environ []string, metricsAddr string, out io.Writer) (*process.Process, error) {
	command := exec.Command(program) //nolint:noctx // built by us; it is stopped gracefully, not by a context
	command.Env = append(os.Environ(), environ...)
	api, err := process.Start(command, out)
	if err != nil {
		return nil, err
	}
	asked, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	_, err = backoff.Retry(asked, func() (struct{}, error) {
		select {
		case <-api.Done():
			return struct{}{}, backoff.Permanent(errors.New("the API did not start, for the reason above"))
		default:
			return struct{}{}, ready(asked, metricsAddr)
		}
	}, backoff.WithBackOff(backoff.NewConstantBackOff(20*time.Millisecond)), backoff.WithMaxElapsedTime(0))
	if err != nil {
		api.Stop(stopWithin)
		return nil, err
	}
	return api, nil
}

func ready(ctx context.Context, metricsAddr string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+metricsAddr+"/readyz", nil)
	if err != nil {
		return backoff.Permanent(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the API is not ready: %s", response.Status)
	}
	return nil
}

// free reports that nothing listens on the address yet.
func free(ctx context.Context, flag, addr string) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s is taken by another program: stop that, or choose another address with %s", addr, flag)
	case err != nil:
		return fmt.Errorf("%s=%s cannot be listened on: %w", flag, addr, err)
	}
	return listener.Close()
}

func makeFolder(path string) error {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return fmt.Errorf("the folder for the environment's data cannot be made: %w", err)
	}
	return nil
}
