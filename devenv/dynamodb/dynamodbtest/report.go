package dynamodbtest

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb"
)

// reportVariable names the file to which a line of JSON for each backend is appended.
const reportVariable = "FALAFEL_TEST_REPORT"

// A Report is what the tests of one package did on one backend; it is a line of the file
// that FALAFEL_TEST_REPORT names. Run `go test` with -count=1 for it: tests whose results
// are cached are not run, and report nothing.
type Report struct {
	Package string        `json:"package"` // import path
	Backend dynamodb.Kind `json:"backend"`
	Tests   int           `json:"tests"`             // how many ran on it, skipped ones not counted
	Missing string        `json:"missing,omitempty"` // why none ran
}

// usage collects the reports of this process.
type usage struct {
	mainRan atomic.Bool

	mu      sync.Mutex
	reports []*Report // in the order of first use
}

var used usage

func (u *usage) ran(kind dynamodb.Kind) {
	u.note(kind, func(r *Report) { r.Tests++ })
}

// missed takes back a test that ran only to find out that there is nothing to run on.
func (u *usage) missed(kind dynamodb.Kind, reason error) {
	line := strings.Join(strings.Fields(reason.Error()), " ") // it may have a log in it
	u.note(kind, func(r *Report) { r.Tests, r.Missing = 0, line })
}

func (u *usage) note(kind dynamodb.Kind, change func(*Report)) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, r := range u.reports {
		if r.Backend == kind {
			change(r)
			return
		}
	}
	r := &Report{Package: packagePath(), Backend: kind}
	change(r)
	u.reports = append(u.reports, r)
}

// report prints a line for each backend and appends to the file, if one is named.
func (u *usage) report(out io.Writer) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	var lines strings.Builder
	encoder := json.NewEncoder(&lines)
	for _, r := range u.reports {
		if r.Missing != "" {
			fmt.Fprintf(out, "dynamodbtest: not on %s: %s\n", r.Backend, r.Missing)
		} else {
			fmt.Fprintf(out, "dynamodbtest: %d tests on %s\n", r.Tests, r.Backend)
		}
		if err := encoder.Encode(r); err != nil {
			return err
		}
	}
	path := os.Getenv(reportVariable)
	if path == "" || lines.Len() == 0 {
		return nil
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("%s: %w", reportVariable, err)
	}
	// In one write, since other packages append at the same time.
	_, err = io.WriteString(file, lines.String())
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	return err
}

// packagePath returns the import path of the package under test. A test program's build
// information has it with a suffix.
func packagePath() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	return strings.TrimSuffix(info.Path, ".test")
}
