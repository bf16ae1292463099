// Package slo holds what the service promises its users: objectives, and which request
// keeps them. It is the one place: the service counts by it, and Prometheus' alerts, the
// dashboards and the alarms in CloudWatch are made from it.
//
// Read [Objectives] first.
package slo

import (
	"net/http"
	"strings"
	"time"
)

// Objective is a share of good requests that is promised over a window.
type Objective struct {
	Name        string  // "availability": a label of metrics, and part of the names of alarms
	Description string  // a sentence for people
	Target      float64 // the share of good requests, above 0 and below 1
	Window      time.Duration
	Within      time.Duration // the longest time to answer of a good request; 0: any

	counts func(Request) bool
	good   func(Request) bool
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
const window = 30 * 24 * time.Hour

// Objectives are all that is promised. The requests that count are those for reviews and
// restaurants, the earlier service's routes among them: not health checks, documents, and
// paths that do not exist.
func Objectives() []Objective {
	const (
		readWithin  = 100 * time.Millisecond
		writeWithin = 500 * time.Millisecond
	)
	return []Objective{
		{
			Name: "availability", Description: "Requests are answered without an error of the service (5xx).",
			Target: 0.999, Window: window, counts: promised, good: served,
		},
		{
			Name: "read_latency", Description: "Reads that succeed are answered within 100 ms.",
			Target: 0.99, Window: window, Within: readWithin,
			counts: func(r Request) bool { return promised(r) && served(r) && !writes(r) },
			good:   func(r Request) bool { return r.Took <= readWithin },
		},
		{
			Name: "write_latency", Description: "Writes that succeed are answered within 500 ms.",
			Target: 0.99, Window: window, Within: writeWithin,
			counts: func(r Request) bool { return promised(r) && served(r) && writes(r) },
			good:   func(r Request) bool { return r.Took <= writeWithin },
		},
	}
}

// Judge says whether the request counts for the objective, and if so, whether it is good.
func (o Objective) Judge(r Request) (counts, good bool) {
	if !o.counts(r) {
		return false, false
	}
	return true, o.good(r)
}

func promised(r Request) bool { return r.Route == "/data" || strings.HasPrefix(r.Route, "/v1/") }

func served(r Request) bool { return r.Status < http.StatusInternalServerError }

func writes(r Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return false
	default:
		return true
	}
}
