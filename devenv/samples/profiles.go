package samples

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pretendfriend/falafel-api/api/review"
	"github.com/pretendfriend/falafel-api/api/store"
)

// Profile is a table's worth of reviews. The same profile in the same size has the same
// reviews every time: ids, times and all.
type Profile struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Sizes       []int  `json:"sizes"` // numbers of reviews to choose from; the first is the default

	sized bool // any size will do
	make  func(size int) ([]restaurantOf, error)
}

// restaurantOf makes the reviews of one restaurant: of a hundred thousand, only those that
// are being written need to be in memory.
type restaurantOf func() ([]review.Review, error)

// maxSize is more than a laptop is asked for in good faith.
const maxSize = 1_000_000

// Profiles are all of them; the first is the default.
func Profiles() []Profile { return slices.Clone(profiles()) }

var profiles = sync.OnceValue(func() []Profile {
	return []Profile{
		{
			Name: "demo", Description: "Restaurants to look at, in many countries and scripts.",
			Sizes: []int{countOf(makeDemo)}, make: func(int) ([]restaurantOf, error) { return makeDemo() },
		},
		{
			Name: "edge", Description: "What breaks programs: every script, right to left, emoji, the longest names and comments, the smallest and largest numbers, texts that look like code.",
			Sizes: []int{countOf(makeEdge)}, make: func(int) ([]restaurantOf, error) { return makeEdge() },
		},
		{
			Name: "load", Description: "Many reviews, most of them of a few restaurants, as it is in life (Zipf's law).",
			Sizes: []int{1_000, 10_000, 100_000}, sized: true, make: makeLoad,
		},
	}
})

// countOf is how many reviews are made; 0 where making them fails, which a test would tell.
func countOf(made func() ([]restaurantOf, error)) (count int) {
	restaurants, err := made()
	for _, of := range restaurants {
		reviews, failed := of()
		err = errors.Join(err, failed)
		count += len(reviews)
	}
	if err != nil {
		return 0
	}
	return count
}

// Options choose what is loaded.
type Options struct {
	Profile string // its name; "" is the default
	Size    int    // of the profile; 0 is its default

	// Progress, if it is not nil, is told how many reviews of all are there. It is called
	// from one goroutine at a time.
	Progress func(done, total int)
}

// resolve is the profile and the size that are meant. Its error is one sentence.
func (o Options) resolve() (Profile, int, error) {
	all := profiles()
	i := 0
	if o.Profile != "" {
		i = slices.IndexFunc(all, func(p Profile) bool { return p.Name == o.Profile })
	}
	if i < 0 {
		var names []string
		for _, p := range all {
			names = append(names, p.Name)
		}
		return Profile{}, 0, fmt.Errorf("there is no profile %q: they are %s", o.Profile, strings.Join(names, ", "))
	}
	profile := all[i]
	switch {
	case o.Size == 0:
		return profile, profile.Sizes[0], nil
	case !profile.sized && o.Size != profile.Sizes[0]:
		return Profile{}, 0, fmt.Errorf("profile %s has %d reviews, and no other size: leave the size out", profile.Name, profile.Sizes[0])
	case o.Size < 1 || o.Size > maxSize:
		return Profile{}, 0, fmt.Errorf("profile %s has 1 to %d reviews, and not %d", profile.Name, maxSize, o.Size)
	}
	return profile, o.Size, nil
}

// IsDemo reports whether they choose the reviews that a new table gets.
func (o Options) IsDemo() bool { return o.Profile == "" || o.Profile == profiles()[0].Name }

// Check says in one sentence what is wrong with the options; nil when nothing is.
func (o Options) Check() error {
	_, _, err := o.resolve()
	return err
}

// All are the reviews of a profile, restaurant by restaurant.
func All(options Options) (iter.Seq2[[]review.Review, error], error) {
	profile, size, err := options.resolve()
	if err != nil {
		return nil, err
	}
	restaurants, err := profile.make(size)
	if err != nil {
		return nil, err
	}
	return func(yield func([]review.Review, error) bool) {
		for _, of := range restaurants {
			if reviews, err := of(); !yield(reviews, err) || err != nil {
				return
			}
		}
	}, nil
}

// loaders is how many restaurants are written at the same time.
const loaders = 8

// Seed stores the reviews of a profile, except those that are there already: it may be done
// again after it was interrupted. It returns how many there are.
func Seed(ctx context.Context, into *store.Store, options Options) (int, error) {
	all, err := All(options)
	if err != nil {
		return 0, err
	}
	_, total, err := options.resolve()
	if err != nil {
		return 0, err
	}
	seeding := progress{tell: options.Progress, total: total}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(loaders)
	for reviews, err := range all {
		if err != nil {
			group.Go(func() error { return err })
			break
		}
		group.Go(func() error {
			for part := range slices.Chunk(reviews, store.MaxImport) {
				if err := load(ctx, into, part); err != nil {
					return fmt.Errorf("sample reviews: %w", err)
				}
				seeding.add(len(part))
			}
			return nil
		})
		if ctx.Err() != nil {
			break
		}
	}
	return total, group.Wait()
}

// progress is told of by several.
type progress struct {
	tell  func(done, total int)
	total int

	mu   sync.Mutex
	done int
}

func (p *progress) add(reviews int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done += reviews
	if p.tell != nil {
		p.tell(p.done, p.total)
	}
}

// load stores the reviews of a restaurant that are not there, all of them at once.
func load(ctx context.Context, into *store.Store, reviews []review.Review) error {
	err := into.Import(ctx, reviews)
	if !errors.Is(err, review.ErrExists) {
		return err
	}
	var missing []review.Review
	for _, r := range reviews {
		if _, err := into.Review(ctx, r.Restaurant, r.ID); errors.Is(err, review.ErrNotFound) {
			missing = append(missing, r)
		} else if err != nil {
			return err
		}
	}
	return into.Import(ctx, missing)
}

// begin is when the reviews of the profiles begin, but for the demo's, which have their own
// times. It is no time of today: the same reviews are to be made tomorrow.
var begin = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
