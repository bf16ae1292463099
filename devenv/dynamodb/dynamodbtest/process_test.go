package dynamodbtest_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/gofrs/flock"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/dynamodbtest"
)

// userVariable makes TestUser do something.
const userVariable = "DYNAMODBTEST_USER"

// TestUser is the test of another package, for the tests that start this program again: it
// says where its databases are and uses them until its standard input ends.
func TestUser(t *testing.T) {
	if os.Getenv(userVariable) == "" {
		return
	}
	dynamodbtest.ForEach(t, func(_ *testing.T, db *dynamodbtest.Backend) {
		fmt.Println("endpoint", db.Endpoint)
		_, _ = io.Copy(io.Discard, os.Stdin)
	})
}

// A user is a process that runs TestUser.
type user struct {
	command *exec.Cmd
	stdin   io.Closer
	stdout  *bufio.Reader
	stderr  bytes.Buffer
}

// startUser starts a user in the project; environment is added to ours.
func startUser(t *testing.T, project string, environment ...string) *user {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	u := &user{command: exec.Command(program, "-test.run=^TestUser$", "-test.v")}
	u.command.Dir = project
	u.command.Env = append(append(os.Environ(), userVariable+"=1"), environment...)
	u.command.Stderr = &u.stderr
	u.stdin, err = u.command.StdinPipe()
	require.NoError(t, err)
	stdout, err := u.command.StdoutPipe()
	require.NoError(t, err)
	u.stdout = bufio.NewReader(stdout)
	require.NoError(t, u.command.Start())
	t.Cleanup(u.kill)
	return u
}

// endpoint waits for the user to have a database and returns where.
func (u *user) endpoint(t *testing.T) string {
	t.Helper()
	var said strings.Builder
	for {
		line, err := u.stdout.ReadString('\n')
		if endpoint, ok := strings.CutPrefix(line, "endpoint "); ok {
			return strings.TrimSpace(endpoint)
		}
		said.WriteString(line)
		require.NoErrorf(t, err, "the user has no database: %s%s", &said, &u.stderr)
	}
}

// end lets the user finish, and returns what it still said and how it ended.
func (u *user) end() (output string, err error) {
	_ = u.stdin.Close()
	rest, _ := io.ReadAll(u.stdout)
	err = u.command.Wait()
	return string(rest) + u.stderr.String(), err
}

func (u *user) kill() {
	_ = u.command.Process.Kill()
	_ = u.command.Wait()
}

// newProject makes a project of its own, which shares nothing with the tests of other
// packages but the downloads.
func newProject(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.org/users\n"), 0o644))
	require.NoError(t, os.Mkdir(filepath.Join(dir, ".falafel"), 0o755))
	ours, err := filepath.Abs(filepath.Join("..", "..", "..", ".falafel", "dynamodb-local"))
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(ours, 0o755))
	require.NoError(t, os.Symlink(ours, filepath.Join(dir, ".falafel", "dynamodb-local")))
	t.Cleanup(func() { endKeepers(t, dir) })
	return dir
}

// endKeepers returns when the project has no keeper any more, so that it can be deleted.
func endKeepers(t *testing.T, project string) {
	t.Helper()
	rooms, err := filepath.Glob(filepath.Join(project, ".falafel", "test", "*"))
	require.NoError(t, err)
	for _, room := range rooms {
		if k, err := readKeeper(room); err == nil {
			_ = syscall.Kill(k.PID, syscall.SIGTERM)
		}
		alive := flock.New(filepath.Join(room, "alive"))
		soon(t, "the keeper in "+room+" ends", func() bool {
			free, err := alive.TryLock()
			return free && err == nil
		})
		require.NoError(t, alive.Unlock())
	}
}

// A keeper is what its state file says.
type keeper struct {
	Endpoint string
	PID      int
}

func roomIn(project string, kind dynamodb.Kind) string {
	return filepath.Join(project, ".falafel", "test", fmt.Sprintf("%s-%d", kind, os.Getuid()))
}

func keeperIn(t *testing.T, project string, kind dynamodb.Kind) keeper {
	t.Helper()
	k, err := readKeeper(roomIn(project, kind))
	require.NoError(t, err)
	return k
}

func readKeeper(room string) (k keeper, err error) {
	text, err := os.ReadFile(filepath.Join(room, "state.json"))
	if err != nil {
		return k, err
	}
	err = json.Unmarshal(text, &k)
	return k, err
}

// soon fails the test unless the condition comes true.
func soon(t *testing.T, what string, condition func() bool) {
	t.Helper()
	require.Eventually(t, condition, 30*time.Second, 20*time.Millisecond, what)
}

// answers reports whether there is a database at the endpoint.
func answers(endpoint string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	server := dynamodb.Server{Kind: dynamodb.Java, Endpoint: endpoint}
	_, err := server.Client().ListTables(ctx, &sdk.ListTablesInput{}, func(o *sdk.Options) { o.RetryMaxAttempts = 1 })
	return err == nil
}

// runs reports whether there is a process, if only a zombie.
func runs(pid int) bool { return syscall.Kill(pid, 0) == nil }
