package telemetry

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Of lines of one kind, this many are written in each second, and then one of so many:
// an outage, or a client that asks without end, must not cost more in the log than the
// requests themselves. Few services answer more requests of one route and status.
const (
	sampleFirst = 200
	sampleThen  = 100

	// maxKinds bounds the memory: the kinds of one level and second. There are some thirty
	// routes with a few statuses each; only messages of net/http hold more than fixed words.
	maxKinds = 512
)

// Sampled writes to the handler, and leaves lines out when there is a flood of one kind:
// the same message on the same level, and for requests the same route and status. What is
// left out is counted in the metrics, and the next line of the kind says how many there
// were (sampled_out). A kind that comes rarely is never left out, whatever else is said.
//
// It is our own because what there is samples by chance or by message alone (zap's and
// zerolog's are of their loggers; slog-sampling cannot keep levels and kinds apart, nor
// say how many it left out).
func Sampled(handler slog.Handler, metrics *Metrics) slog.Handler {
	return sampler{handler, &samples{metrics: metrics, levels: map[slog.Level]map[kind]*sample{}}}
}

type sampler struct {
	slog.Handler
	samples *samples
}

func (h sampler) Handle(ctx context.Context, record slog.Record) error {
	written, leftOut := h.samples.admit(record.Time, kindOf(record), record.Level)
	if !written {
		return nil
	}
	if leftOut > 0 {
		record.AddAttrs(slog.Int(fieldSampledOut, leftOut))
	}
	return h.Handler.Handle(ctx, record)
}

func (h sampler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return sampler{h.Handler.WithAttrs(attrs), h.samples}
}

func (h sampler) WithGroup(name string) slog.Handler {
	return sampler{h.Handler.WithGroup(name), h.samples}
}

// kind is what lines have in common that are repetitions of each other.
type kind struct {
	message string
	route   string
	status  int64
}

func kindOf(record slog.Record) kind {
	of := kind{message: record.Message}
	record.Attrs(func(attr slog.Attr) bool {
		switch {
		case attr.Key == "route" && attr.Value.Kind() == slog.KindString:
			of.route = attr.Value.String()
		case attr.Key == "status" && attr.Value.Kind() == slog.KindInt64:
			of.status = attr.Value.Int64()
		}
		return true
	})
	return of
}

// sample is what is known of a kind: in this second, and since one was written.
type sample struct{ lines, leftOut int }

// samples are those of all kinds. Levels are apart, so that none is crowded out by what
// happens on another.
type samples struct {
	metrics *Metrics

	mu     sync.Mutex
	second int64
	levels map[slog.Level]map[kind]*sample
}

// admit says whether a line is written, and then how many before it were not.
func (s *samples) admit(at time.Time, of kind, level slog.Level) (written bool, leftOut int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	// A little older is a line that was overtaken; much older, a clock that was set back.
	if second := at.Unix(); second > s.second || second < s.second-1 {
		s.second = second
		s.turn()
	}
	known := s.of(level, of)
	known.lines++
	if known.lines > sampleFirst && (known.lines-sampleFirst)%sampleThen != 0 {
		known.leftOut++
		s.metrics.LogLineDropped()
		return false, 0
	}
	leftOut, known.leftOut = known.leftOut, 0
	return true, leftOut
}

func (s *samples) of(level slog.Level, of kind) *sample {
	kinds := s.levels[level]
	if kinds == nil {
		kinds = map[kind]*sample{}
		s.levels[level] = kinds
	}
	known := kinds[of]
	if known == nil && len(kinds) >= maxKinds {
		of = kind{} // what all that is too much has in common
		known = kinds[of]
	}
	if known == nil {
		known = &sample{}
		kinds[of] = known
	}
	return known
}

// turn begins a new second. Kinds of which the next line has something to say stay.
func (s *samples) turn() {
	for _, kinds := range s.levels {
		for of, known := range kinds {
			if known.leftOut == 0 {
				delete(kinds, of)
				continue
			}
			known.lines = 0
		}
	}
}
