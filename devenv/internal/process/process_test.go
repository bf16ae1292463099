package process_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/internal/process"
)

// parentVariable makes this program start a child, say which, and wait to be killed.
const parentVariable = "PROCESS_TEST_PARENT"

func TestMain(m *testing.M) {
	if os.Getenv(parentVariable) == "" {
		os.Exit(m.Run())
	}
	child, err := process.Start(exec.Command("sleep", "600"), nil)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(child.ID())
	select {}
}

func shell(t *testing.T, script string) *process.Process {
	t.Helper()
	started, err := process.Start(exec.Command("/bin/sh", "-c", script), nil)
	require.NoError(t, err)
	t.Cleanup(func() { started.Stop(time.Second) })
	return started
}

var errNotYet = errors.New("it has not said it")

// says is a process's readiness: that it has said the word.
func says(p *process.Process, word string) func(context.Context) error {
	return func(context.Context) error {
		if !p.Log().Has(word) {
			return errNotYet
		}
		return nil
	}
}

func TestAwait(t *testing.T) {
	t.Parallel()
	t.Run("one that becomes ready", func(t *testing.T) {
		t.Parallel()
		p := shell(t, "echo starting; echo ready; exec sleep 600")
		require.NoError(t, p.Await(t.Context(), time.Millisecond, says(p, "ready")))
	})
	t.Run("one that ends first", func(t *testing.T) {
		t.Parallel()
		p := shell(t, "echo the port is taken >&2; exit 3")
		err := p.Await(t.Context(), time.Millisecond, says(p, "ready"))
		require.ErrorIs(t, err, process.ErrEnded)
		require.EqualError(t, err, "it ended (exit status 3); the last of its log:\nthe port is taken")
	})
	t.Run("one that takes too long", func(t *testing.T) {
		t.Parallel()
		p := shell(t, "exec sleep 600")
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		err := p.Await(ctx, time.Millisecond, says(p, "ready"))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, errNotYet)
		require.NotErrorIs(t, err, process.ErrEnded)
	})
	t.Run("with no time", func(t *testing.T) {
		t.Parallel()
		p := shell(t, "exec sleep 600")
		given, cancel := context.WithCancelCause(t.Context())
		cancel(errors.New("Ctrl-C"))
		require.ErrorContains(t, p.Await(given, time.Millisecond, says(p, "ready")), "Ctrl-C")
	})
}

func TestAwaitLog(t *testing.T) {
	t.Parallel()
	port := regexp.MustCompile(`(?m)^listens on (\d+)$`)
	p := shell(t, "echo starting; echo listens on 8000; exec sleep 600")
	match, err := p.AwaitLog(t.Context(), time.Millisecond, port)
	require.NoError(t, err)
	assert.Equal(t, []string{"listens on 8000", "8000"}, match)

	silent := shell(t, "exec sleep 600")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = silent.AwaitLog(ctx, time.Millisecond, port)
	require.EqualError(t, err, "it is not ready (context deadline exceeded): its log has nothing like "+port.String())
}

func TestStop(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, script string
		patience     time.Duration
		state        string
	}{
		{"one that ends when it is asked to", "trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done", time.Minute, "exit status 7"},
		{"one that does not listen", "trap '' TERM; echo ready; while :; do sleep 0.01; done", 100 * time.Millisecond, "signal: killed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := shell(t, test.script)
			require.NoError(t, p.Await(t.Context(), time.Millisecond, says(p, "ready")))
			p.Stop(test.patience)
			assert.Equal(t, test.state, p.State())
		})
	}
	t.Run("one that has ended", func(t *testing.T) {
		t.Parallel()
		p := shell(t, "exit 0")
		<-p.Done()
		p.Stop(time.Minute)
		assert.Equal(t, "exit status 0", p.State())
	})
}

func TestProgramThatIsMissing(t *testing.T) {
	t.Parallel()
	_, err := process.Start(exec.Command("/nowhere/program"), nil)
	require.ErrorContains(t, err, "/nowhere/program cannot be started")
}

func TestChildEndsWithItsParent(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux ends a child with its parent")
	}
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), parentVariable+"=1")
	output, err := parent.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, parent.Start())
	var child int
	_, err = fmt.Fscanln(output, &child)
	require.NoError(t, err)
	require.True(t, runs(t, child))

	require.NoError(t, parent.Process.Kill())
	_ = parent.Wait()
	assert.Eventually(t, func() bool { return !runs(t, child) }, 30*time.Second, time.Millisecond)
}

// runs tells a process that runs from one that has ended and that nobody waited for.
func runs(t *testing.T, pid int) bool {
	t.Helper()
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	return err == nil && !bytes.Contains(status, []byte("\nState:\tZ"))
}

func TestLogKeepsItsEnd(t *testing.T) {
	t.Parallel()
	var whole strings.Builder
	p, err := process.Start(exec.Command("seq", "100000"), &whole)
	require.NoError(t, err)
	<-p.Done()
	var last []string
	for lines := bufio.NewScanner(strings.NewReader(p.Log().String())); lines.Scan(); {
		last = append(last, lines.Text())
	}
	require.Len(t, last, 12)
	assert.Equal(t, "100000", last[11])
	assert.True(t, strings.HasPrefix(whole.String(), "1\n2\n"), "the writer behind it gets all")
}
