package reload

import (
	"bufio"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/pretendfriend/falafel-api/devenv/internal/process"
)

//go:embed air.toml
var airConfig []byte

// airChanged is what air prints for every save: see air.toml.
const airChanged = "changed"

// watch has air tell of every save until ctx ends, and of its own start, which closes the
// gap between the first build and the first look at the sources. Its error is one
// sentence about an air that cannot be had, or that ended by itself.
func (r *Reloader) watch(ctx context.Context) error {
	config := filepath.Join(r.options.Folder, "air.toml")
	if err := os.WriteFile(config, airConfig, 0o600); err != nil {
		return fmt.Errorf("air's configuration cannot be written: %w", err)
	}
	// The path of the program, which is built when it is not there yet. `go tool air`
	// would put another process between air and us, and that one does not end with us.
	command := exec.CommandContext(ctx, "go", "tool", "-n", "air")
	command.Dir = r.options.Root
	path, err := command.Output()
	if err != nil {
		reason := err.Error()
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			reason = lastLine(exit.Stderr)
		}
		return fmt.Errorf("`go tool air`, which watches the sources, cannot be had: %s", reason)
	}

	lines, writer := io.Pipe()
	command = exec.Command(strings.TrimSpace(string(path)), "-c", config) //nolint:noctx // it is stopped below
	command.Dir = r.options.Root
	air, err := process.Start(command, writer)
	if err != nil {
		return err
	}
	var ended error
	go func() {
		select {
		case <-ctx.Done():
			air.Stop(airStopsWithin)
		case <-air.Done():
			ended = fmt.Errorf("air, which watches the sources, ended by itself (%s)", air.State())
		}
		_ = writer.Close() // cannot fail
	}()
	for scanner := bufio.NewScanner(lines); scanner.Scan(); {
		switch line := scanner.Text(); {
		case line == airChanged:
			r.Changed()
		case strings.Contains(line, "failed"), strings.Contains(line, "error"):
			r.say("air: %s", line)
		}
	}
	return ended
}

// airStopsWithin is how long air may take to end; nothing of ours is in it.
const airStopsWithin = 2 * time.Second

func lastLine(text []byte) string {
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
