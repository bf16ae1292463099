package slo

import (
	"fmt"
	"time"
)

// Severity is how soon somebody has to act.
type Severity string

// The severities of an alert.
const (
	Page   Severity = "page"   // now, also at night: the budget would be gone in days
	Ticket Severity = "ticket" // within the working day
)

// BurnRate is a speed of spending an error budget at which somebody is told: when the
// share of bad requests over both windows is that many times the budget.
type BurnRate struct {
	Factor   float64 // 1 spends the budget in exactly the objective's window
	Long     Window  // long enough that a blip is no alert
	Short    Window  // so short that the alert ends soon after its cause
	Severity Severity
}

// BurnRates are those of Google's SRE workbook: 2 % of a 30 days' budget in an hour, 5 %
// in six, 10 % in a day, 10 % in three: https://sre.google/workbook/alerting-on-slos/
func BurnRates() []BurnRate {
	const day = 24 * time.Hour
	return []BurnRate{
		{Factor: 14.4, Long: Window(time.Hour), Short: Window(5 * time.Minute), Severity: Page},
		{Factor: 6, Long: Window(6 * time.Hour), Short: Window(30 * time.Minute), Severity: Page},
		{Factor: 3, Long: Window(day), Short: Window(2 * time.Hour), Severity: Ticket},
		{Factor: 1, Long: Window(3 * day), Short: Window(6 * time.Hour), Severity: Ticket},
	}
}

// Lasts is how long a whole budget for the window takes to be spent.
func (r BurnRate) Lasts(window Window) time.Duration {
	return time.Duration(float64(window) / r.Factor).Round(time.Hour)
}

// MinBad is how many bad requests the long window must hold before anybody is told. At
// night, one failure among twenty requests is a rate of 50, and nothing to wake for. A
// bound on bad requests, and not on all of them: a service that fails them all is told
// of even when there are few, only later, by a longer window.
const MinBad = 10

// Window is a time to look back over.
type Window time.Duration

// Duration is the window as the standard library has it.
func (w Window) Duration() time.Duration { return time.Duration(w) }

// String writes it as Prometheus and OpenSLO do: "5m", "6h", "30d".
func (w Window) String() string {
	const day = 24 * time.Hour
	switch d := w.Duration(); {
	case d%day == 0:
		return fmt.Sprintf("%dd", d/day)
	case d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	default:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
}
