package storage

import (
	"log/slog"
	"time"
)

// Options are what may differ from one database to another. The zero value is good.
type Options struct {
	// Durable makes each group of writes wait for the disk (fdatasync), so that an
	// acknowledged write survives a loss of power too.
	//
	// Without it a write is acknowledged when the kernel has it. It survives the death of
	// the process at any moment, kill -9 included: bbolt writes new pages where nothing
	// was, and then, later in the order of the program, the page that refers to them, and
	// all later reads of the file see the writes in that order. When the machine loses its
	// power, the disk may have got them in another order, and the file may be damaged.
	Durable bool

	// Now is the clock for expiry, stream records and tokens. Nil is the machine's.
	Now func() time.Time

	// SweepEvery is how often the database looks for what has expired. Zero is each
	// second; a negative duration is never, except by [DB.Sweep].
	SweepEvery time.Duration

	// Logger hears of sweeps that failed. Nil is slog's default.
	Logger *slog.Logger
}

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.SweepEvery == 0 {
		o.SweepEvery = time.Second
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return o
}
