package dynamodb_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb"
)

func TestJavaThatCannotBeUsed(t *testing.T) { // not parallel: PATH and the working directory
	const needs = "DynamoDB Local needs Java 17 or newer on PATH"
	const mend = ": install a JRE (Debian: apt-get install openjdk-17-jre-headless)"
	for _, test := range []struct {
		name string
		java string // a shell script; none when empty
		want string // after the bin folder was put in for BIN
	}{
		{"missing", "", needs + mend},
		{"too old", `echo 'openjdk version "11.0.25" 2024-10-15' >&2`, needs + ", and %s/java is version 11" + mend},
		{"far too old", `echo 'java version "1.8.0_292"' >&2`, needs + ", and %s/java is version 8" + mend},
		{"speechless", `true`, needs + ", and %s/java is version 0" + mend},
		{"a stub", `exit 1`, needs + ", and %s/java does not work (exit status 1)" + mend},
		{
			"without files and Maven", `echo 'openjdk version "21" 2023-09-19' >&2`,
			"DynamoDB Local 3.3.1 is not in %s/.falafel/dynamodb-local/3.3.1 and needs Maven to be fetched: install it (Debian: apt-get install maven)",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := projectIn(t)
			if test.java != "" {
				require.NoError(t, os.WriteFile(filepath.Join(dir, "java"), []byte("#!/bin/sh\n"+test.java+"\n"), 0o755))
				test.want = fmt.Sprintf(test.want, dir)
			}
			t.Setenv("PATH", dir)
			err := dynamodb.Available(dynamodb.Java)
			require.ErrorIs(t, err, dynamodb.ErrUnavailable)
			require.EqualError(t, err, test.want)
			_, startErr := dynamodb.Start(t.Context(), dynamodb.Java, dynamodb.Options{})
			assert.EqualError(t, startErr, test.want)
		})
	}
}

func TestFilesThatWereTamperedWith(t *testing.T) { // not parallel: the working directory
	needsJava(t)
	files := filepath.Join(projectIn(t), ".falafel", "dynamodb-local", "3.3.1")
	require.NoError(t, os.MkdirAll(files, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(files, "DynamoDBLocal-3.3.1.jar"), []byte("evil"), 0o644))
	_, err := dynamodb.Start(t.Context(), dynamodb.Java, dynamodb.Options{Log: t.Output()})
	require.ErrorContains(t, err, "the DynamoDB Local in "+files+" is not the published one: DynamoDBLocal-3.3.1.jar has the SHA-256 ")
	require.ErrorContains(t, err, "delete the folder, and it is fetched again")
	require.NotErrorIs(t, err, dynamodb.ErrUnavailable)
}

// TestFilesAreFetchedOnce starts two databases at once in a project without files. It
// counts with a mvn of its own, which calls the real one.
func TestFilesAreFetchedOnce(t *testing.T) { // not parallel: PATH and the working directory
	needsJava(t)
	maven, err := exec.LookPath("mvn")
	if err != nil {
		t.Skip(err)
	}
	project := projectIn(t)
	bin := t.TempDir()
	calls := filepath.Join(bin, "calls")
	require.NoError(t, os.WriteFile(filepath.Join(bin, "mvn"),
		fmt.Appendf(nil, "#!/bin/sh\necho >>'%s'\nexec '%s' \"$@\"\n", calls, maven), 0o755))
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	killed := filepath.Join(project, ".falafel", "dynamodb-local", "partial-of-a-killed-process")
	require.NoError(t, os.MkdirAll(killed, 0o755))

	errs := make(chan error)
	for range 2 {
		go func() {
			server, err := dynamodb.Start(t.Context(), dynamodb.Java, dynamodb.Options{})
			if err == nil {
				err = server.Close()
			}
			errs <- err
		}()
	}
	if err := errors.Join(<-errs, <-errs); errors.Is(err, dynamodb.ErrUnavailable) {
		t.Skip(err)
	} else {
		require.NoError(t, err)
	}
	counted, err := os.ReadFile(calls)
	require.NoError(t, err)
	assert.Equal(t, "\n", string(counted), "one line a call")
	entries, err := os.ReadDir(filepath.Dir(killed))
	require.NoError(t, err)
	require.Len(t, entries, 2)
	assert.Equal(t, ".lock", entries[0].Name())
	assert.Equal(t, "3.3.1", entries[1].Name())
}

// TestPins holds together what names a version: the code, the pom and the hashes.
func TestPins(t *testing.T) {
	t.Parallel()
	assert.Contains(t, dynamodb.POM, "<artifactId>DynamoDBLocal</artifactId>\n      <version>"+dynamodb.LocalVersion+"</version>")
	names := map[string]bool{}
	for line := range strings.Lines(dynamodb.Sums) {
		require.Regexp(t, `^[0-9a-f]{64}  [^ /]+\.(jar|so|dylib)\n$`, line)
		names[strings.TrimSpace(line[64:])] = true
	}
	for _, name := range []string{
		"DynamoDBLocal-" + dynamodb.LocalVersion + ".jar",
		"libsqlite4java-linux-amd64-1.0.392.so",
		"libsqlite4java-osx-1.0.392.dylib",
		"libsqlite4java-osx-aarch64-1.0.392.dylib",
	} {
		assert.Contains(t, names, name)
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	const (
		hello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" // printf hello | sha256sum
		sums  = hello + "  a.jar\n" + hello + "  b.so\n"
	)
	for _, test := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"as published", map[string]string{"a.jar": "hello", "b.so": "hello"}, ""},
		{
			"one is different",
			map[string]string{"a.jar": "hello", "b.so": "hallo"},
			"b.so has the SHA-256 d3751d33f9cd5049c4af2b462735457e4d3baf130bcbb87f389e349fbaeb20b9 instead of " + hello,
		},
		{"one is missing", map[string]string{"b.so": "hello"}, "a.jar is missing"},
		{"one too many", map[string]string{"a.jar": "hello", "b.so": "hello", "c.jar": ""}, "c.jar is not part of it"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for name, content := range test.files {
				require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644))
			}
			err := dynamodb.Verify(dir, sums)
			if test.want == "" {
				require.NoError(t, err)
			} else {
				require.EqualError(t, err, test.want)
			}
		})
	}
}

func TestTakenPort(t *testing.T) { // not parallel: the choice of ports
	needsJava(t)
	// On all interfaces, as DynamoDB Local would.
	taken, err := net.Listen("tcp", ":0")
	require.NoError(t, err)
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	dynamodb.LoseRaceFor(t, port)

	server, err := dynamodb.Start(t.Context(), dynamodb.Java, dynamodb.Options{Log: t.Output()})
	require.NoError(t, err)
	defer server.Close()
	assert.NotEqual(t, fmt.Sprintf("http://127.0.0.1:%d", port), server.Endpoint)
	assert.NoError(t, ask(server))
}

// TestPortOfAnotherDynamoDB is the race that is hard to see: whoever took the port answers
// as ours would.
func TestPortOfAnotherDynamoDB(t *testing.T) { // not parallel: the choice of ports
	needsJava(t)
	other, err := dynamodb.Start(t.Context(), dynamodb.Java, dynamodb.Options{Log: t.Output()})
	require.NoError(t, err)
	defer other.Close()
	var port int
	_, err = fmt.Sscanf(other.Endpoint, "http://127.0.0.1:%d", &port)
	require.NoError(t, err)
	dynamodb.LoseRaceFor(t, port)

	server, err := dynamodb.Start(t.Context(), dynamodb.Java, dynamodb.Options{Log: t.Output()})
	require.NoError(t, err)
	defer server.Close()
	assert.NotEqual(t, other.Endpoint, server.Endpoint)
}

func TestJavaThatEndsByItself(t *testing.T) {
	t.Parallel()
	needsJava(t)
	server, err := dynamodb.Start(t.Context(), dynamodb.Java, dynamodb.Options{Log: t.Output()})
	require.NoError(t, err)
	require.NoError(t, dynamodb.KillJava(server))
	<-server.Done()
	require.ErrorContains(t, server.Err(), "DynamoDB Local ended by itself (signal: killed); the last of its log:\n")
	require.ErrorContains(t, server.Err(), "InMemory:\ttrue")
	require.NoError(t, server.Close())
}

// needsJava skips a test of what only Java does; the tests of all kinds fail when it is
// demanded and missing.
func needsJava(t *testing.T) {
	t.Helper()
	if err := dynamodb.Available(dynamodb.Java); err != nil {
		t.Skip(err)
	}
}

// projectIn makes an empty project and has the test work in it.
func projectIn(t *testing.T) (dir string) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.org/empty\n"), 0o644))
	t.Chdir(dir)
	return dir
}
