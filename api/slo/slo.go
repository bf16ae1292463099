// Package slo holds what the service promises its users: objectives, which request keeps
// them, and how fast they may be broken before somebody is told. It is the one place: the
// service counts by it, and Prometheus' rules, the alarms in CloudWatch, the OpenSLO
// document and docs/slo.md are made from it. It is linked into the service, and imports
// nothing beyond the standard library.
//
// Read [Objectives] first.
package slo

import (
	"math"
	"net/http"
	"strings"
	"time"
)

// Objective is a share of good requests that is promised over a window.
type Objective struct {
	Name        string  // "read_latency": a label of metrics, and part of the names of alarms
	Description string  // a sentence for people
	Target      float64 // the share of good requests, above 0 and below 1
	Window      Window
	Within      time.Duration // the longest time to answer of a good request; 0: any

	about func(Request) bool // which of the promised requests it is about
}

// Request is what is known of one that was answered.
type Request struct {
	Method string
	Route  string // template, such as "/v1/reviews/{id}"; "unmatched" without one
	Status int
	Took   time.Duration
}

// window is the time over which all objectives are promised, as long as Google's SRE
// workbook advises: https://sre.google/workbook/implementing-slos/
const window = Window(30 * 24 * time.Hour)

// Objectives are all that is promised. The requests that count are those for reviews and
// restaurants, the earlier service's routes among them: not health checks, documents, and
// paths that do not exist. A client's own mistakes (4xx) are answers like any other.
func Objectives() []Objective {
	return []Objective{
		{
			Name: "availability", Description: "Requests are answered without an error of the service (5xx).",
			Target: 0.999, Window: window, about: func(Request) bool { return true },
		},
		{
			Name: "read_latency", Description: "Reads are answered within 100 ms. Those that fail count for availability alone.",
			Target: 0.99, Window: window, Within: 100 * time.Millisecond, about: reads,
		},
		{
			Name: "write_latency", Description: "Writes are answered within 500 ms. Those that fail count for availability alone.",
			Target: 0.99, Window: window, Within: 500 * time.Millisecond, about: writes,
		},
	}
}

// Judge says whether the request counts for the objective, and if so, whether it is good.
func (o Objective) Judge(r Request) (counts, good bool) {
	switch {
	case !promised(r) || !o.about(r):
		return false, false
	case o.Within == 0:
		return true, served(r)
	default:
		timed := served(r) && !unfinished(r)
		return timed, timed && r.Took <= o.Within
	}
}

// Budget is the share of requests that may be bad.
func (o Objective) Budget() float64 { return exact(1 - o.Target) }

// MaxErrorRatio is the share of bad requests at which the budget burns at the rate.
func (o Objective) MaxErrorRatio(rate BurnRate) float64 { return exact(rate.Factor * o.Budget()) }

// exact takes away what binary fractions add: 1 - 0.999 is 0.0010000000000000009.
func exact(ratio float64) float64 {
	const digits = 1e9
	return math.Round(ratio*digits) / digits
}

func promised(r Request) bool { return r.Route == "/data" || strings.HasPrefix(r.Route, "/v1/") }

func served(r Request) bool { return r.Status < http.StatusInternalServerError }

// unfinished requests are those whose client went away, or was too slow: how long they took
// is the client's doing.
func unfinished(r Request) bool { return r.Status == http.StatusRequestTimeout }

func writes(r Request) bool { return !reads(r) }

func reads(r Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return true
	default:
		return false
	}
}
