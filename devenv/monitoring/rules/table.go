package rules

import (
	"fmt"
	"strings"
	"time"

	"github.com/pretendfriend/falafel-api/api/slo"
)

// Table is what docs/slo.md has of the objectives, in Markdown.
func Table() string {
	var text strings.Builder
	write := func(format string, values ...any) { fmt.Fprintf(&text, format+"\n", values...) }
	write("| objective | promised | of requests | over | error budget: of a million requests | … or, were all to fail at once |")
	write("|---|---|---:|---:|---:|---:|")
	for _, objective := range slo.Objectives() {
		const million = 1e6
		outage := time.Duration(objective.Budget() * float64(objective.Window))
		write("| `%s` | %s | %s | %d days | %.0f | %.0f minutes |", objective.Name, objective.Description, percent(objective.Target),
			int(objective.Window.Duration().Hours())/24, million*objective.Budget(), outage.Minutes())
	}
	write("")
	write("| told as | burn rate | the budget is gone in | looked at over | spent by then | bad requests: availability | … latency |")
	write("|---|---:|---:|---:|---:|---:|---:|")
	objectives := slo.Objectives()
	for _, rate := range slo.BurnRates() {
		spent := rate.Factor * float64(rate.Long) / float64(objectives[0].Window)
		write("| %s | %g | %s | %s and %s | %s | %s | %s |", rate.Severity, rate.Factor, slo.Window(rate.Lasts(objectives[0].Window)),
			rate.Long, rate.Short, percent(spent), percent(objectives[0].MaxErrorRatio(rate)), percent(objectives[1].MaxErrorRatio(rate)))
	}
	return text.String()
}
