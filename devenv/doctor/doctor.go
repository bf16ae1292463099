// Package doctor says what a machine has of what this project can use, what each part is
// needed for, and how to get what is missing. It changes nothing.
package doctor

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"text/tabwriter"
	"time"
)

// A Status is how a part was found.
type Status string

// What may be wrong with a part.
const (
	OK      Status = "ok"
	Missing Status = "missing"
	Old     Status = "too old"
	Problem Status = "problem" // it is there, and does not work
)

// A Finding is what was found about one part.
type Finding struct {
	Name   string
	Status Status
	Detail string // a version, or what is wrong
	Needs  string // what the part is needed for
	Mend   string // how to get it right, where it is not
}

// Required reports whether `go run ./devenv` does not work without the part.
func (f Finding) Required() bool { return strings.HasPrefix(f.Needs, "everything") }

// checkWithin bounds a check: a daemon that hangs is a problem found.
const checkWithin = 5 * time.Second

// A check looks at one part.
type check struct {
	name, needs string
	mend        map[string]string // by GOOS; "" is any other
	look        func(ctx context.Context) (Status, string)
}

// Examine looks at everything, in a few seconds at most. The state is the folder for the
// environment's data, which need not exist.
func Examine(ctx context.Context, state string) []Finding {
	checks := append(programs(), places(state)...)
	findings := make([]Finding, len(checks))
	var looking sync.WaitGroup
	for i, c := range checks {
		looking.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, checkWithin)
			defer cancel()
			status, detail := c.look(ctx)
			findings[i] = Finding{Name: c.name, Status: status, Detail: detail, Needs: c.needs}
			if status == OK {
				return
			}
			mend, known := c.mend[runtime.GOOS]
			if !known {
				mend = c.mend[""]
			}
			findings[i].Mend = mend
		})
	}
	looking.Wait()
	return findings
}

// Report writes the findings as a table, and below it what is to be mended.
func Report(w io.Writer, findings []Finding) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, f := range findings {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", f.Name, f.Status, short(f.Detail), f.Needs)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	title := "\nTo have more:\n\n"
	for _, f := range findings {
		if f.Mend == "" {
			continue
		}
		_, _ = fmt.Fprintf(w, "%s  %s: %s\n", title, f.Name, f.Mend)
		if f.Status == Problem {
			_, _ = fmt.Fprintf(w, "    (%s)\n", f.Detail)
		}
		title = ""
	}
	return nil
}

// detailLength keeps the table within 100 columns.
const detailLength = 26

func short(detail string) string {
	runes := []rune(detail)
	if len(runes) <= detailLength {
		return detail
	}
	return string(runes[:detailLength-1]) + "…"
}
