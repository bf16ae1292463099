package telemetry

import "time"

// Answer is what a request ended with.
type Answer struct {
	Method string // any token; see knownMethod
	Route  string // template, such as "/v1/reviews/{id}"; [Unmatched] without one
	Status int
	Took   time.Duration // from the request's header to the end of the answer

	RequestBytes  int64 // of the body, as the client declared it; -1 when it did not
	ResponseBytes int64 // of the body
}

// Unmatched is the route of a request that no route was found for.
const Unmatched = "unmatched"

// Build is what runs.
type Build struct {
	Version string // of the API
	Release string // what the deployment is called, such as its image's digest; may be ""
}
