package reload

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// A BuildError is the compiler's refusal; its text is what the compiler wrote, with file
// and line.
type BuildError struct{ Messages string }

func (e *BuildError) Error() string { return e.Messages }

// A program is a build of the API.
type program struct {
	path string
	sum  uint64 // of its content; the go command sets a file's time anew even where nothing changed
}

// sums tells the builds of one environment apart.
var sums = maphash.MakeSeed()

// buildFlags leave out what nobody needs between two saves, and what takes time: the
// symbols and the debugger's tables, which are half of what the linker writes, and git's
// state. Panics keep their file and line.
var buildFlags = []string{"-buildvcs=false", "-ldflags=-s -w"}

// build compiles the API. It ends early, without an error of the compiler, when ctx does.
func (r *Reloader) build(ctx context.Context) (program, error) {
	path := filepath.Join(r.options.Folder, "api")
	command := exec.CommandContext(ctx, "go", append(append([]string{"build"}, buildFlags...), "-o", path, "./api")...)
	command.Dir = r.options.Root
	// As the image is built; and a C compiler is not everywhere.
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	var messages bytes.Buffer
	command.Stdout, command.Stderr = &messages, &messages
	// The compilers that it started have to go with it, and it has to clear up itself.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGINT) }
	command.WaitDelay = 5 * time.Second
	err := command.Run()
	switch exit := (*exec.ExitError)(nil); {
	case ctx.Err() != nil:
		return program{}, context.Cause(ctx)
	case errors.Is(err, exec.ErrNotFound):
		return program{}, errors.New("go is not on PATH: install Go (https://go.dev/doc/install)")
	case errors.As(err, &exit):
		return program{}, &BuildError{messages.String()}
	case err != nil:
		return program{}, fmt.Errorf("the API cannot be built: %w", err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return program{}, fmt.Errorf("the API was built, and cannot be read: %w", err)
	}
	return program{path, maphash.Bytes(sums, content)}, nil
}
