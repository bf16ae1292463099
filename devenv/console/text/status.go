package text

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/pretendfriend/falafel-api/devenv/console"
)

// Status writes what is running, and how it does.
func Status(ctx context.Context, c Client, out io.Writer) error {
	var state console.State
	if err := c.get(ctx, "/api/state", nil, &state); err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, s := range state.Services {
		since := ""
		if !s.Since.IsZero() {
			since = fmt.Sprintf("for %s", time.Since(s.Since.Time).Round(time.Second))
		}
		restarts := ""
		switch {
		case s.Restarts == 1:
			restarts = "1 restart"
		case s.Restarts > 1:
			restarts = fmt.Sprintf("%d restarts", s.Restarts)
		}
		write(w, "%s\t%s\t%s\t%s\t%s\n", s.Name, s.State, s.URL, since, restarts)
		if s.Detail != "" {
			write(w, "\t%s\n", plain(s.Detail))
		}
	}
	write(w, "\n")
	if b := state.Build; b != nil {
		write(w, "build\t%s\tat %s\t%s\n", b.State, at(b.At), buildTook(b))
		for _, e := range b.Errors {
			write(w, "\t%s:%d:%d: %s\n", e.File, e.Line, e.Column, plain(e.Text))
		}
	}
	write(w, "table\t%s\t%s\t%s\n", state.Table, state.DynamoDB.Kind, state.DynamoDB.Endpoint)
	var faults []struct {
		Text string `json:"text"`
	}
	_ = json.Unmarshal(state.Faults, &faults) // none, then
	if len(faults) == 0 {
		write(w, "faults\tnone\n")
	}
	for _, f := range faults {
		write(w, "fault\t%s\n", f.Text)
	}
	for _, name := range slices.Sorted(maps.Keys(state.Versions)) {
		write(w, "%s\t%s\n", name, state.Versions[name])
	}
	return w.Flush()
}

func buildTook(b *console.Build) string {
	if b.State == console.Building {
		return ""
	}
	return "took " + took(b.TookMS)
}
