// Package process runs child processes that end with their parent at the latest.
package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"runtime"
	"syscall"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// ErrEnded is about a process that ended before it was ready.
var ErrEnded = errors.New("it ended")

// A Process is a child in its own process group, so that a Ctrl-C in the terminal reaches
// the parent alone, which then stops things in the order that is right: the API before
// its database.
type Process struct {
	command *exec.Cmd
	log     *Tail
	ended   chan struct{}
}

// Start starts the command with its output going to log (which may be nil).
func Start(command *exec.Cmd, log io.Writer) (*Process, error) {
	p := &Process{command: command, log: &Tail{Next: log}, ended: make(chan struct{})}
	command.Stdout, command.Stderr = p.log, p.log
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	endWithParent(command.SysProcAttr)

	started := make(chan error)
	go func() {
		// Linux takes the thread that forked for the parent (prctl(2), PR_SET_PDEATHSIG),
		// and Go ends idle threads as it likes (go.dev/issue/27505): this one has to live
		// as long as the child.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := command.Start()
		started <- err
		if err == nil {
			_ = command.Wait() // its error is the state, see Err
			close(p.ended)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("%s cannot be started: %w", command.Path, err)
	}
	return p, nil
}

// Await asks the process whether it is ready, at that pace, until it is. A process that
// ends instead makes for an [ErrEnded], and the end of the context for an error that tells
// what was missing; both carry the last that the process said.
func (p *Process) Await(ctx context.Context, every time.Duration, ready func(context.Context) error) error {
	var missing error
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		select {
		case <-p.ended:
			return struct{}{}, backoff.Permanent(fmt.Errorf("%w (%s)%s", ErrEnded, p.State(), p.said()))
		default:
			missing = ready(ctx)
			return struct{}{}, missing
		}
	}, backoff.WithBackOff(backoff.NewConstantBackOff(every)), backoff.WithMaxElapsedTime(0))
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("it is not ready (%w): %w%s", context.Cause(ctx), missing, p.said())
	}
	return err
}

// AwaitLog is [Process.Await] for a process that says when it is ready; it returns the
// match, and those of the pattern's groups.
func (p *Process) AwaitLog(ctx context.Context, every time.Duration, pattern *regexp.Regexp) (match []string, err error) {
	err = p.Await(ctx, every, func(context.Context) error {
		if match = pattern.FindStringSubmatch(p.log.String()); match == nil {
			return fmt.Errorf("its log has nothing like %s", pattern)
		}
		return nil
	})
	return match, err
}

// said is how a sentence about the process ends.
func (p *Process) said() string {
	log := p.log.String()
	if log == "" {
		return ""
	}
	return "; the last of its log:\n" + log
}

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.ended }

// State says how the process ended: "exit status 1". It is asked only after Done.
func (p *Process) State() string { return p.command.ProcessState.String() }

// Log is the end of the output.
func (p *Process) Log() *Tail { return p.log }

// ID is the operating system's number of the process.
func (p *Process) ID() int { return p.command.Process.Pid }

// Stop asks the process to end, waits, and kills it when it takes longer than it may.
func (p *Process) Stop(within time.Duration) {
	// The error of a signal says that the process is gone already, which is what we want.
	_ = p.command.Process.Signal(syscall.SIGTERM)
	patience := time.NewTimer(within)
	defer patience.Stop()
	select {
	case <-p.ended:
	case <-patience.C:
		_ = p.command.Process.Kill()
		<-p.ended
	}
}
