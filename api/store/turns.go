package store

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"

	"github.com/pretendfriend/falafel-api/api/review"
)

// turns let the writers of one restaurant in this process go one after the other.
// Each would have to win the same summary anyway, and those who lose a transaction
// wait, read and pay once more; in line, the conflicts that remain are those with
// other instances of the service. Restaurants whose names share a hash wait for each
// other now and then, which does no harm.
type turns [1024]chan struct{}

func newTurns() *turns {
	var t turns
	for i := range t {
		t[i] = make(chan struct{}, 1)
	}
	return &t
}

// take waits for a turn, in order of arrival. It fails like [wait] when the context
// ends before.
func (t *turns) take(ctx context.Context, restaurant review.Name) (release func(), err error) {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(restaurant))
	turn := t[hash.Sum32()%uint32(len(t))]
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, gaveUp(ctx)
	}
}

// gaveUp is why a writer stopped waiting: nothing of it was written.
func gaveUp(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return context.Canceled
	}
	return fmt.Errorf("%w: %w", review.ErrBusy, ctx.Err())
}
