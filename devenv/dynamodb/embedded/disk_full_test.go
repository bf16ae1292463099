//go:build linux || darwin

package embedded_test

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fullVariable makes this test binary the process whose disk is full.
const fullVariable = "EMBEDDED_FULL_DIR"

// A file that cannot grow is as good as a full disk. The limit is one of the process, so
// the test is done by another one.
func TestAFullDiskRefusesWritesAndNothingElse(t *testing.T) {
	t.Parallel()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestOnAFullDisk$", "-test.v")
	child.Env = append(os.Environ(), fullVariable+"="+t.TempDir())
	output, err := child.CombinedOutput()
	require.NoError(t, err, "%s", output)
	require.Contains(t, string(output), "--- PASS: TestOnAFullDisk")
}

func TestOnAFullDisk(t *testing.T) {
	dir := os.Getenv(fullVariable)
	if dir == "" {
		t.Skip("it is started by the test of a full disk")
	}
	const largest = 900 << 10 // below a page of a Scan
	limit(t, largest)
	engine := open(t, dir)
	must(t, engine, "CreateTable", createThings)
	filling := strings.Repeat("x", largest/20)
	there := 0
	for ; there < 20; there++ {
		body := fmt.Sprintf(`{"TableName":"things","Item":{"id":{"S":"%d"},"filling":{"S":%q}}}`, there, filling)
		if perform(t, engine, "PutItem", body).Code != http.StatusOK {
			break
		}
	}
	require.Greater(t, there, 5)
	require.Less(t, there, 20, "the disk never was full")

	count := func() string { return must(t, engine, "Scan", `{"TableName":"things","Select":"COUNT","Limit":100}`) }
	assert.Contains(t, count(), fmt.Sprintf(`"Count":%d,`, there), "what was acknowledged is there, and no more")
	require.NoError(t, engine.Check())
	limit(t, 2*largest)
	must(t, engine, "PutItem", `{"TableName":"things","Item":{"id":{"S":"there is room again"}}}`)
	require.NoError(t, engine.Check())
	require.NoError(t, engine.Close())

	engine = open(t, dir)
	assert.Contains(t, count(), fmt.Sprintf(`"Count":%d,`, there+1))
	require.NoError(t, engine.Check())
	require.NoError(t, engine.Close())
}

// limit bounds how large a file this process can write, in bytes.
func limit(t *testing.T, bytes uint64) {
	t.Helper()
	var now syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &now))
	now.Cur = bytes
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &now))
}
