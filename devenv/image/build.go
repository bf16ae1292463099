package image

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"

	oci "github.com/google/go-containerregistry/pkg/v1"
)

// kept are the user's settings of Go that tell where modules and the results of compiling
// come from. All others could change the program, and are not passed on.
var kept = []string{
	"GOAUTH", "GOCACHE", "GOINSECURE", "GOMODCACHE", "GONOPROXY", "GONOSUMDB", "GOPATH",
	"GOPRIVATE", "GOPROXY", "GOSUMDB", "GOTMPDIR", "GOVCS",
}

// buildEnviron is an environment in which the same source gives the same program: that of
// the user without the settings that change it, and with the Go that go.mod names.
func buildEnviron(ctx context.Context, root string) ([]string, error) {
	settings := map[string]string{}
	if err := goJSON(ctx, root, &settings, append([]string{"env", "-json"}, kept...)...); err != nil {
		return nil, err
	}
	var module struct{ Toolchain string }
	if err := goJSON(ctx, root, &module, "mod", "edit", "-json"); err != nil {
		return nil, err
	}
	if module.Toolchain == "" {
		return nil, errors.New("go.mod names no toolchain, so that no two machines build the same image: add a line such as `toolchain go1.26.8`")
	}
	environ := slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "GO") || strings.HasPrefix(variable, "CGO_")
	})
	for name, value := range settings {
		environ = append(environ, name+"="+value)
	}
	// GOENV is the file in which `go env -w` keeps the same settings.
	return append(environ, "GOENV=off", "GOWORK=off", "GOTOOLCHAIN="+module.Toolchain, "CGO_ENABLED=0"), nil
}

// goJSON runs the go command and decodes what it prints.
func goJSON(ctx context.Context, root string, into any, arguments ...string) error {
	output, err := goOutput(ctx, root, nil, arguments...)
	if err != nil {
		return err
	}
	return json.Unmarshal(output, into)
}

// goOutput runs the go command, in the user's environment where environ is nil.
func goOutput(ctx context.Context, root string, environ []string, arguments ...string) ([]byte, error) {
	command := exec.CommandContext(ctx, "go", arguments...)
	command.Dir = root
	command.Env = environ
	output, err := command.Output()
	if errors.Is(err, exec.ErrNotFound) {
		return nil, errors.New("go is not on PATH: install Go (https://go.dev/doc/install), or let Docker build the image (docker build .)")
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return nil, fmt.Errorf("go %s fails: %s", strings.Join(arguments, " "), oneLine(exit.Stderr))
	}
	return output, err
}

// oneLine is what a program said, as a part of a sentence.
func oneLine(said []byte) string {
	return strings.ReplaceAll(strings.TrimSpace(string(said)), "\n", " ")
}

// compileError is what is wrong with the source.
type compileError struct {
	platform oci.Platform
	messages []byte
}

func (e *compileError) Error() string {
	return fmt.Sprintf("the API does not build for %s: mend what the compiler says above", e.platform)
}

// build compiles the API to the file program. The Dockerfile has the same flags.
func build(ctx context.Context, root string, platform oci.Platform, environ []string, program string) error {
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-o", program, "./api")
	command.Dir = root
	command.Env = slices.Concat(environ, []string{"GOOS=" + platform.OS, "GOARCH=" + platform.Architecture})
	messages, err := command.CombinedOutput()
	if _, failed := errors.AsType[*exec.ExitError](err); failed && ctx.Err() == nil {
		return &compileError{platform, messages}
	}
	return err
}
