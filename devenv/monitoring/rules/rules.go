// Package rules makes of the service's objectives (api/slo) what tools read that know no
// Go: Prometheus' rules, an OpenSLO document, and the table in docs/slo.md. Alerts that
// are about something else are written by hand, in ../prometheus/rules/alerts.yml.
//
// Read [Groups] first; it follows "Alerting on SLOs" of Google's SRE workbook.
package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pretendfriend/falafel-api/api/slo"
)

//go:generate go run ./generate

// Names of the recording rules. Each series has the label objective and no other, and
// sums up all instances that one Prometheus scrapes.
const (
	// Requests and BadRequests are how many a second count for the objective.
	Requests    = level + "rate5m"
	BadRequests = level + "bad_rate5m"
	// Target is the share of good requests that is promised.
	Target = level + "target"
	// BudgetRemaining is 1 when no request of the objective's window was bad, 0 when as
	// many were as may be, and below 0 beyond that.
	BudgetRemaining = level + "error_budget_remaining"

	// As the field names them, level:metric:operations:
	// https://prometheus.io/docs/practices/rules/
	level  = "objective:falafel_slo_requests:"
	metric = "falafel_slo_requests_total"
)

// ErrorRatio is the recording rule of the share of bad requests over a window: one of
// those in [slo.BurnRates], or that of the objectives. Without requests there is no series.
func ErrorRatio(window slo.Window) string { return level + "error_ratio_rate" + window.String() }

// RunbookURL is the page for whoever is told of an alert.
func RunbookURL(alert string) string {
	return "https://github.com/pretendfriend/falafel-api/blob/main/docs/runbooks/" + alert + ".md"
}

// AlertName is the name of the alerts on an objective, and of its runbook.
func AlertName(objective slo.Objective) string {
	var name strings.Builder
	for word := range strings.SplitSeq(objective.Name, "_") {
		name.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return name.String() + "BudgetBurn"
}

// A Group is one of Prometheus' groups of rules.
type Group struct {
	Name  string `yaml:"name"`
	Rules []Rule `yaml:"rules"`
}

// A Rule of Prometheus' records a series, or alerts.
type Rule struct {
	Record      string            `yaml:"record,omitempty"`
	Alert       string            `yaml:"alert,omitempty"`
	Expr        string            `yaml:"expr"`
	For         string            `yaml:"for,omitempty"`
	Labels      map[string]string `yaml:"labels,omitempty"`
	Annotations map[string]string `yaml:"annotations,omitempty"`
}

// Groups are the rules that follow from the objectives.
func Groups() []Group {
	return []Group{{Name: "slo-recordings", Rules: recordings()}, {Name: "slo-alerts", Rules: alerts()}}
}

func recordings() []Rule {
	found := []Rule{
		{Record: Requests, Expr: "sum by (objective) (rate(" + metric + "[5m]))"},
		{Record: BadRequests, Expr: "sum by (objective) (rate(" + metric + `{result="bad"}[5m]))`},
	}
	for _, window := range windows() {
		found = append(found, Rule{Record: ErrorRatio(window), Expr: errorRatio(window)})
	}
	for _, objective := range slo.Objectives() {
		found = append(found, Rule{
			Record: Target, Expr: "vector(" + number(objective.Target) + ")",
			Labels: map[string]string{"objective": objective.Name},
		})
	}
	return append(found, Rule{
		Record: BudgetRemaining,
		Expr:   "1 - " + ErrorRatio(budgetWindow()) + " / (1 - " + Target + ")",
	})
}

// windows are all that an error ratio is recorded for, the shortest first.
func windows() []slo.Window {
	all := []slo.Window{budgetWindow()}
	for _, rate := range slo.BurnRates() {
		all = append(all, rate.Short, rate.Long)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// budgetWindow is that of the objectives: a test of theirs holds that it is one.
func budgetWindow() slo.Window { return slo.Objectives()[0].Window }

// errorRatio divides without a result where nothing was asked: no traffic is no alert. A
// window of days is averaged from what was recorded, of bad and of all requests alike, so
// that a busy hour weighs more than a quiet one: every scrape of a month would be a million
// samples at each evaluation.
func errorRatio(window slo.Window) string {
	const hours = 6
	if window.Duration().Hours() > hours {
		return fmt.Sprintf("avg_over_time(%s[%s]) / (avg_over_time(%s[%s]) > 0)", BadRequests, window, Requests, window)
	}
	return fmt.Sprintf(`sum by (objective) (rate(%s{result="bad"}[%s])) / (sum by (objective) (rate(%s[%s])) > 0)`, metric, window, metric, window)
}

func alerts() []Rule {
	var found []Rule
	for _, objective := range slo.Objectives() {
		for _, rate := range slo.BurnRates() {
			found = append(found, alert(objective, rate))
		}
	}
	return found
}

// alert has no "for": that a cause goes on is what the two windows say.
func alert(objective slo.Objective, rate slo.BurnRate) Rule {
	name, most := AlertName(objective), number(objective.MaxErrorRatio(rate))
	selector := fmt.Sprintf("{objective=%q}", objective.Name)
	return Rule{
		Alert: name,
		Expr: strings.Join([]string{
			ErrorRatio(rate.Long) + selector + " > " + most,
			"and " + ErrorRatio(rate.Short) + selector + " > " + most,
			fmt.Sprintf(`and sum by (objective) (increase(%s{objective=%q, result="bad"}[%s])) >= %d`, metric, objective.Name, rate.Long, slo.MinBad),
		}, "\n"),
		Labels: map[string]string{"severity": string(rate.Severity), "window": rate.Long.String()},
		Annotations: map[string]string{
			"summary": fmt.Sprintf("At this rate, %s's error budget for %s is gone in %s.", objective.Name, objective.Window, slo.Window(rate.Lasts(objective.Window))),
			"description": fmt.Sprintf("In the last %[2]s, {{ $value | humanizePercentage }} of the requests broke what is promised, where %[3]s may: %[1]s",
				objective.Description, rate.Long, percent(objective.Budget())),
			"runbook_url": RunbookURL(name),
		},
	}
}

func number(ratio float64) string { return strconv.FormatFloat(ratio, 'f', -1, 64) }

func percent(ratio float64) string { return strconv.FormatFloat(100*ratio, 'g', 6, 64) + "%" }
