package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"
)

// measureStart prints how long the servers take to their first answer, and the memory
// that they have then. Both are new each time, without data.
func measureStart(ctx context.Context, p plan, local localCommand) error {
	type measured struct{ started, resident float64 }
	var all [2][]measured
	for n := range p.starts {
		say("start %d of %d …", n+1, p.starts)
		for i, start := range []func() (*server, error){
			func() (*server, error) {
				return startEmbedded(ctx, p.embedded, filepath.Join(p.dir, fmt.Sprint("start-", n)))
			},
			func() (*server, error) { return startLocal(ctx, local, false) },
		} {
			s, err := start()
			if err != nil {
				return err
			}
			resident, err := s.resident()
			s.stop()
			if err != nil {
				return err
			}
			all[i] = append(all[i], measured{s.started.Seconds(), resident})
		}
	}
	started := func(m measured) float64 { return m.started }
	resident := func(m measured) float64 { return m.resident }
	fmt.Fprintf(p.report, "\nMedians of %d starts, looked at every %s.\n\n", p.starts, askAgain)
	header(p, "", "embedded", "DynamoDB Local", "ratio")
	fmt.Fprintf(p.report, "| from the process to its first answer, ms | %.1f | %.0f | **%.0f** |\n",
		median(all[0], started)*1e3, median(all[1], started)*1e3, median(all[1], started)/median(all[0], started))
	fmt.Fprintf(p.report, "| memory (RSS) after it, MB | %.0f | %.0f | **%.1f** |\n",
		median(all[0], resident)/1e6, median(all[1], resident)/1e6, median(all[1], resident)/median(all[0], resident))
	return nil
}

func printMemory(p plan, when string, ours, theirs *server) error {
	a, err := ours.resident()
	if err != nil {
		return err
	}
	b, err := theirs.resident()
	if err != nil {
		return err
	}
	fmt.Fprintf(p.report, "\nMemory (RSS) %s: embedded %.0f MB, DynamoDB Local %.0f MB.\n", when, a/1e6, b/1e6)
	return nil
}

// milliseconds of a duration, for a table.
func milliseconds(d time.Duration) float64 { return d.Seconds() * 1e3 }
