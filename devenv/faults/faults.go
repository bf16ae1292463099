// Package faults breaks DynamoDB on purpose: switches in the path between a service and
// its database, for people who want to see what their program does then, and for tests
// that assert it.
//
//	proxy := faults.NewProxy(endpoint)
//	server := httptest.NewServer(proxy) // its URL is the service's AWS_ENDPOINT_URL_DYNAMODB
//	err := proxy.Switch(faults.Fault{Kind: faults.Throttling, Share: 0.5})
//	…
//	proxy.Clear()
//
// A fault hits every call, or those of one access pattern; all of them, or a share. What
// the service gets is what DynamoDB would have answered, so that its SDK retries as it
// would on AWS. [Handler] is the same for people and programs: the console's switches.
//
// Read [Kind] first, and docs/faults.md for how to use it.
package faults

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pretendfriend/falafel-api/api/store"
)

// Kind is what goes wrong.
type Kind string

// The kinds of fault.
const (
	// Latency keeps a call for [Fault.Delay] before it reaches the database.
	Latency Kind = "latency"

	// Throttling refuses a call as DynamoDB does when a partition or a table is asked for
	// more than it gives: ProvisionedThroughputExceededException, and for a transaction
	// its cancellation for that reason. Nothing is carried out.
	Throttling Kind = "throttling"

	// Errors refuses a call with 500 InternalServerError. Nothing is carried out.
	Errors Kind = "errors"

	// Conflicts cancels a write as DynamoDB does when another transaction is at the same
	// item: TransactionConflict. Reads are not hit, and nothing is carried out.
	Conflicts Kind = "conflicts"

	// Stale answers an eventually consistent read as it was answered before, for up to
	// [Fault.Delay] after that. Strongly consistent reads are not hit: DynamoDB promises
	// that much.
	Stale Kind = "stale"

	// Gone breaks the connection before the database hears of the call.
	Gone Kind = "gone"

	// Lost breaks the connection after the database has carried the call out: the answer
	// does not arrive, and whoever asked cannot know.
	Lost Kind = "lost"
)

// Kinds are all of them, in the order in which people should read them.
func Kinds() []Kind { return []Kind{Latency, Throttling, Errors, Conflicts, Stale, Gone, Lost} }

// Fault is one switch that is on.
type Fault struct {
	Kind          Kind
	AccessPattern string        // its name; "" is every call
	Share         float64       // of the calls, above 0; 1 is all of them
	Delay         time.Duration // of Latency and Stale
}

// maxDelay is more than anybody waits for.
const maxDelay = time.Minute

// check says in one sentence what cannot be.
func (f Fault) check() error {
	switch {
	case !slices.Contains(Kinds(), f.Kind):
		return fmt.Errorf("there is no fault %q: they are %s", f.Kind, join(Kinds()))
	case !(f.Share > 0 && f.Share <= 1): // NaN is neither
		return fmt.Errorf("a fault hits a share of the calls above 0 and up to 1, and not %v", f.Share)
	case f.needsDelay() && (f.Delay <= 0 || f.Delay > maxDelay):
		return fmt.Errorf("%s needs a delay above 0 and up to %s, and not %s", f.Kind, maxDelay, f.Delay)
	case !f.needsDelay() && f.Delay != 0:
		return fmt.Errorf("%s has no delay: leave it out", f.Kind)
	case f.AccessPattern != "" && !slices.ContainsFunc(store.AccessPatterns(), f.isOf):
		return fmt.Errorf("there is no access pattern %q: docs/access-patterns.md has them", f.AccessPattern)
	}
	return nil
}

func (f Fault) needsDelay() bool { return f.Kind == Latency || f.Kind == Stale }

func (f Fault) isOf(pattern store.AccessPattern) bool { return pattern.Name == f.AccessPattern }

func (f Fault) same(other Fault) bool {
	return f.Kind == other.Kind && f.AccessPattern == other.AccessPattern
}

// String is the fault in words: "latency of 200ms for 50 % of create a review".
func (f Fault) String() string {
	of := f.AccessPattern
	if of == "" {
		of = "all calls"
	}
	text := string(f.Kind)
	if f.Delay != 0 {
		text += " of " + f.Delay.String()
	}
	if f.Share == 1 {
		return text + " for " + of
	}
	return fmt.Sprintf("%s for %.4g %% of %s", text, f.Share*100, of)
}

func join(kinds []Kind) string {
	names := make([]string, len(kinds))
	for i, kind := range kinds {
		names[i] = string(kind)
	}
	return strings.Join(names, ", ")
}
