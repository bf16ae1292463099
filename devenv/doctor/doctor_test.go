package doctor_test

import (
	"bytes"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/doctor"
	"github.com/pretendfriend/falafel-api/devenv/internal/project"
)

// options is what Java prints first where the variable is set.
const options = "Picked up JAVA_TOOL_OPTIONS: -Dhttp.proxyHost=10.0.0.1\n"

// good is a machine that has everything: what its programs print, or with a ! what they
// do.
var good = map[string]string{
	"go":         "go version go1.26.8 linux/amd64",
	"git":        "git version 2.39.5",
	"docker":     `$(if [ "$1" = compose ]; then echo 5.6.0; else echo 20.10.24+dfsg1; fi)`,
	"java":       options + `openjdk version \"21\" 2023-09-19`,
	"mvn":        options + `$(printf '\033[1mApache Maven 3.8.7\033[m')`,
	"tilt":       "v0.37.6, built 2026-09-01",
	"prometheus": "prometheus, version 2.42.0+ds (branch: debian/sid, revision: 2.42.0+ds-5)",
	"python3":    "Python 3.11.7",
	"terraform":  "There are some problems with the CLI configuration:\nTerraform v1.11.4",
}

// examine looks at a machine whose PATH has these programs and a shell.
func examine(t *testing.T, programs map[string]string) map[string]doctor.Finding {
	t.Helper()
	bin := t.TempDir()
	sh, err := exec.LookPath("sh")
	require.NoError(t, err)
	for name, prints := range programs {
		script, isScript := strings.CutPrefix(prints, "!")
		if !isScript {
			script = "echo \"" + prints + "\""
		}
		script = "#!" + sh + "\n" + script + "\n"
		require.NoError(t, os.WriteFile(filepath.Join(bin, name), []byte(script), 0o700))
	}
	t.Setenv("PATH", bin)
	found := map[string]doctor.Finding{}
	for _, f := range doctor.Examine(t.Context(), filepath.Join(t.TempDir(), "not", "there")) {
		found[f.Name] = f
	}
	return found
}

func TestAMachineThatHasEverythingIsFine(t *testing.T) {
	found := examine(t, good)
	for name, detail := range map[string]string{
		"Go": "1.26.8", "git": "2.39.5", "Docker": "20.10.24", "Compose": "5.6.0", "Java": "21", "Maven": "3.8.7", "Tilt": "0.37.6", "Prometheus": "2.42.0", "Terraform": "1.11.4", "Python": "3.11.7",
	} {
		assert.Equal(t, doctor.OK, found[name].Status, name)
		assert.Equal(t, detail, found[name].Detail)
		assert.NotEmpty(t, found[name].Needs, name)
		assert.Empty(t, found[name].Mend, name)
	}
	assert.Contains(t, found["disk"].Detail, "GB free")
}

func TestWhatIsWrongIsToldWithItsMend(t *testing.T) {
	for name, c := range map[string]struct {
		program, prints, part string
		status                doctor.Status
		detail, mend          string
	}{
		"missing":          {"go", "", "Go", doctor.Missing, "not on PATH", "go"},
		"too old":          {"go", "go version go1.25.3 linux/amd64", "Go", doctor.Old, "1.25.3, needs 1.26", "go"},
		"an old Java":      {"java", `java version \"1.8.0_392\"`, "Java", doctor.Old, "1.8.0, needs 17", "j"},
		"no daemon":        {"docker", "!echo Cannot connect to the Docker daemon >&2; exit 1", "Docker", doctor.Problem, "Cannot connect to the Docker daemon", "ocker"},
		"a silent failure": {"tilt", "!exit 3", "Tilt", doctor.Problem, "exit status 3", "ilt"},
		"no version":       {"terraform", "hello", "Terraform", doctor.Problem, "no version in hello", "erraform"},
		"one that hangs":   {"mvn", "!while :; do :; done", "Maven", doctor.Problem, "does not end", "maven"},
	} {
		t.Run(name, func(t *testing.T) {
			programs := maps.Clone(good)
			programs[c.program] = c.prints
			if c.prints == "" {
				delete(programs, c.program)
			}
			found := examine(t, programs)[c.part]
			assert.Equal(t, c.status, found.Status, found)
			assert.Contains(t, found.Detail, c.detail)
			assert.Contains(t, found.Mend, c.mend)
		})
	}
}

func TestATakenPortIsTold(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:9090")
	if err == nil {
		defer listener.Close()
	} // or somebody has it: which is as good
	port := examine(t, good)["port 9090"]
	assert.Equal(t, doctor.Problem, port.Status)
	assert.Contains(t, port.Mend, "FALAFEL_PROMETHEUS_PORT")
	assert.False(t, port.Required())
}

func TestTheReportFitsATerminal(t *testing.T) {
	findings := []doctor.Finding{
		{Name: "Go", Status: doctor.OK, Detail: "1.26.8", Needs: "everything"},
		{Name: "Terraform", Status: doctor.Problem, Detail: strings.Repeat("no good ", 20), Needs: "deployment to AWS", Mend: "install it"},
	}
	var out bytes.Buffer
	require.NoError(t, doctor.Report(&out, findings))
	table, mends, _ := strings.Cut(out.String(), "\n\n")
	for line := range strings.Lines(table) {
		assert.Less(t, utf8.RuneCountInString(line), 100)
	}
	assert.Contains(t, mends, "  Terraform: install it\n    (no good no good")
	assert.NotContains(t, mends, "Go:")
}

func TestTheVersionsAreThoseOfTheProject(t *testing.T) {
	root, err := project.Root()
	require.NoError(t, err)
	content, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	programs := maps.Clone(good)
	programs["go"] = "go version go1.2.3"
	found := examine(t, programs)["Go"]
	_, needs, _ := strings.Cut(found.Detail, "needs ")
	assert.Contains(t, string(content), "\ngo "+needs+".")
}
