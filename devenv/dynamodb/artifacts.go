package dynamodb

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/gofrs/flock"

	"github.com/pretendfriend/falafel-api/devenv/internal/process"
	"github.com/pretendfriend/falafel-api/devenv/internal/project"
)

// localVersion is the DynamoDB Local that both kinds run; dynamodb-local/pom.xml has it too.
const localVersion = "3.3.1"

//go:embed dynamodb-local/pom.xml
var pom []byte

// sums pins every file of DynamoDB Local: a hash and a name a line, as sha256sum prints
// them. The files are the same on every platform; Java picks its native library among
// them. After a change of pom.xml:
//
//	mvn -f pom.xml dependency:copy-dependencies -Dinto=/tmp/fresh
//	(cd /tmp/fresh && sha256sum *) > SHA256SUMS
//
//go:embed dynamodb-local/SHA256SUMS
var sums string

// artifactsPath is where the files of this version are, once they were fetched.
func artifactsPath() (string, error) {
	return project.StatePath("dynamodb-local", localVersion)
}

// artifactsAvailable returns nil when the files are here or can be asked for.
func artifactsAvailable() error {
	dir, err := artifactsPath()
	if err != nil {
		return unavailable("%w", err)
	}
	if exists(dir) {
		return nil
	}
	if _, err := exec.LookPath("mvn"); err != nil {
		return unavailable("DynamoDB Local %s is not in %s and needs Maven to be fetched: install it (Debian: apt-get install maven)",
			localVersion, dir)
	}
	return nil
}

// artifacts returns the folder with exactly the pinned files, and fetches them when there
// is none. All of it is read at each start: 50 MB take 40 ms, and so nothing has to be
// believed.
func artifacts(ctx context.Context, log io.Writer) (string, error) {
	dir, err := artifactsPath()
	if err != nil {
		return "", err
	}
	if !exists(dir) {
		if err := fetchOnce(ctx, dir, log); err != nil {
			return "", err
		}
	}
	if err := verify(dir, sums); err != nil {
		return "", fmt.Errorf("the DynamoDB Local in %s is not the published one: %w: delete the folder, and it is fetched again", dir, err)
	}
	return dir, nil
}

// fetchOnce makes dir, or waits for another process that is making it.
func fetchOnce(ctx context.Context, dir string, log io.Writer) error {
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return fmt.Errorf("there is no place for DynamoDB Local: %w", err)
	}
	lock := flock.New(filepath.Join(parent, ".lock"))
	if _, err := lock.TryLockContext(ctx, 50*time.Millisecond); err != nil {
		return fmt.Errorf("another process is fetching DynamoDB Local and has not finished: %w", err)
	}
	defer func() { _ = lock.Unlock() }() // the kernel drops it at the latest
	if exists(dir) {
		return nil
	}
	// With the lock in hand, what is half done belongs to a process that was killed.
	const partial = "partial-"
	leftovers, _ := filepath.Glob(filepath.Join(parent, partial+"*"))
	for _, leftover := range leftovers {
		_ = os.RemoveAll(leftover)
	}
	temporary, err := os.MkdirTemp(parent, partial)
	if err != nil {
		return fmt.Errorf("there is no place for DynamoDB Local: %w", err)
	}
	defer os.RemoveAll(temporary)
	files := filepath.Join(temporary, "files")
	if err := fetch(ctx, temporary, files, log); err != nil {
		return err
	}
	if err := verify(files, sums); err != nil {
		return fmt.Errorf("what Maven delivered as DynamoDB Local %s is not what was published and is not used: %w: look into Maven's settings and its local repository", localVersion, err)
	}
	return os.Rename(files, dir)
}

// fetch has Maven copy the files into the folder files; work is for its own use.
func fetch(ctx context.Context, work, files string, log io.Writer) error {
	file := filepath.Join(work, "pom.xml")
	if err := os.WriteFile(file, pom, 0o644); err != nil {
		return err
	}
	output := &process.Tail{Next: log}
	maven := exec.CommandContext(ctx, "mvn", "--batch-mode", "--quiet", "--no-transfer-progress", "--strict-checksums",
		"--file", file, "dependency:copy-dependencies", "-Dinto="+files)
	maven.Stdout, maven.Stderr = output, output
	// mvn is a script: a kill would miss the Java that it starts.
	maven.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	maven.Cancel = func() error { return syscall.Kill(-maven.Process.Pid, syscall.SIGKILL) }
	if err := maven.Run(); err != nil {
		return unavailable("Maven could not fetch DynamoDB Local %s (%w): see to the network and Maven's settings; the last of its log:\n%s",
			localVersion, err, output)
	}
	return nil
}

// verify returns nil when dir holds the files in sums, each with its hash, and nothing
// else. Otherwise it names the first file in question.
func verify(dir string, sums string) error {
	pinned := map[string]string{}
	for line := range strings.Lines(sums) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		pinned[name] = sum
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		want, ok := pinned[entry.Name()]
		if !ok {
			return fmt.Errorf("%s is not part of it", entry.Name())
		}
		delete(pinned, entry.Name())
		got, err := sumOf(filepath.Join(dir, entry.Name()))
		if err != nil {
			return err
		}
		if got != want {
			return fmt.Errorf("%s has the SHA-256 %s instead of %s", entry.Name(), got, want)
		}
	}
	if missing := slices.Sorted(maps.Keys(pinned)); len(missing) > 0 {
		return fmt.Errorf("%s is missing", missing[0])
	}
	return nil
}

func sumOf(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
