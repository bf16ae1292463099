package main

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/units"

	"github.com/pretendfriend/falafel-api/api/slo"
	"github.com/pretendfriend/falafel-api/devenv/monitoring/rules"
)

// objectives are what users were promised, and whether it is kept.
func objectives() []panel {
	burn := func(window slo.Window) string {
		return fmt.Sprintf("%s / on (objective) (1 - %s)", rules.ErrorRatio(window), rules.Target)
	}
	fastest := slo.BurnRates()[0]
	var pages []string
	for _, objective := range slo.Objectives() {
		pages = append(pages, rules.AlertName(objective))
	}
	steps := []step{{1, warning}, {fastest.Factor, bad}}
	return []panel{
		{
			title: "Error budget left", kind: number, width: 8, unit: units.PercentUnit,
			description: "Of the bad requests that 30 days may have, the share that is left. Below 0 the promise is broken. Less than 30 days of data count as they are.",
			queries:     []query{{expr: rules.BudgetRemaining, legend: "{{objective}}", at: latest}},
			steps:       []step{{lowest, bad}, {0, warning}, {0.25, good}},
			runbooks:    pages,
		},
		{
			title: "Alerts that fire", kind: number, width: 4, unit: units.Short,
			description: "How many of Prometheus' alerts fire now; the list beside has them by name.",
			queries:     []query{{expr: `count(ALERTS{alertstate="firing"}) or vector(0)`, legend: "firing", at: latest}},
			steps:       []step{{1, bad}},
		},
		{
			title: "Alerts", kind: alerts, width: 12,
			description: "Alerts that fire or are about to, from Prometheus' rules. Each has the address of its runbook.",
		},
		{
			title: "Burn rate, " + fastest.Long.String(), kind: graph, width: 12, unit: units.Short,
			description: "How many times as fast as allowed the error budget is spent: at 1 it lasts 30 days, at 6 five days, at 14.4 two.",
			queries:     []query{{expr: burn(fastest.Long), legend: "{{objective}}"}},
			steps:       steps,
			runbooks:    pages,
		},
		{
			title: "Burn rate, " + fastest.Short.String(), kind: graph, width: 12, unit: units.Short,
			description: "The same over a short time: whether it goes on now. An alert needs both.",
			queries:     []query{{expr: burn(fastest.Short), legend: "{{objective}}"}},
			steps:       steps,
			runbooks:    pages,
		},
		{
			title: "Requests that count", kind: graph, width: 24, unit: units.RequestsPerSecond,
			description: "Requests that count for an objective, by whether they kept it. Health checks, documents and unknown paths count for none.",
			queries:     []query{{expr: "sum by (objective, result) (rate(falafel_slo_requests_total[$__rate_interval]))", legend: "{{objective}}: {{result}}"}},
		},
	}
}
