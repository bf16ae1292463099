package console

import (
	"math"
	"slices"
	"sync"
	"time"
)

// keptTicks are 15 minutes.
const keptTicks = 900

// Latencies are counted in buckets, of which each ends a tenth above the one before: a
// percentile is that exact, whatever runs through.
const (
	buckets     = 160
	firstBucket = 0.05 // ms; the last is above three minutes
	growth      = 1.1
)

// second is what happens in one.
type second struct {
	at                   time.Time
	requests, errors     int
	calls, counted       int
	readUnits, writeUnit float64
	latencies            [buckets]uint32
}

// sample is what the charts want to know of a request.
type sample struct {
	took                  time.Duration
	status                int
	calls                 int
	readUnits, writeUnits float64
	recorded              bool
}

// series are the last minutes of all requests.
type series struct {
	mu      sync.Mutex
	current second
	ticks   []Tick // oldest first
	fixed   bool   // they are of a snapshot
}

// add counts a request, and returns the second before when this one begins another.
func (s *series) add(now time.Time, of sample) (done *Tick) {
	s.mu.Lock()
	defer s.mu.Unlock()
	done = s.turn(now)
	c := &s.current
	c.at = now.Truncate(time.Second)
	c.requests++
	if of.status >= 500 {
		c.errors++
	}
	if !of.recorded {
		c.counted++
	}
	c.calls += of.calls
	c.readUnits += of.readUnits
	c.writeUnit += of.writeUnits
	c.latencies[bucketOf(milliseconds(of.took))]++
	return done
}

// tick returns the second before, once, when something happened in it.
func (s *series) tick(now time.Time) *Tick {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.turn(now)
}

func (s *series) turn(now time.Time) *Tick {
	if s.current.requests == 0 || !now.Truncate(time.Second).After(s.current.at) {
		return nil
	}
	c := &s.current
	t := Tick{
		At: Time{c.at}, Requests: c.requests, Errors: c.errors, Calls: c.calls, CountedOnly: c.counted,
		ReadUnits: c.readUnits, WriteUnits: c.writeUnit,
		P50: c.percentile(0.50), P95: c.percentile(0.95), P99: c.percentile(0.99),
	}
	s.current = second{}
	if len(s.ticks) == keptTicks {
		s.ticks = slices.Delete(s.ticks, 0, 1)
	}
	s.ticks = append(s.ticks, t)
	return &t
}

func (s *series) all() []Tick {
	s.mu.Lock()
	defer s.mu.Unlock()
	oldest := time.Now().Add(-keptTicks * time.Second)
	ticks := []Tick{}
	for _, t := range s.ticks {
		if s.fixed || t.At.After(oldest) {
			ticks = append(ticks, t)
		}
	}
	return ticks
}

func bucketOf(ms float64) int {
	if ms <= firstBucket {
		return 0
	}
	return min(int(math.Ceil(math.Log(ms/firstBucket)/math.Log(growth))), buckets-1)
}

// percentile is the upper end of the bucket that it falls into.
func (s *second) percentile(share float64) float64 {
	rank, seen := int(math.Ceil(share*float64(s.requests))), 0
	for i, n := range s.latencies {
		if seen += int(n); seen >= rank {
			return math.Round(firstBucket*math.Pow(growth, float64(i))*1000) / 1000
		}
	}
	return 0
}
