package review

import (
	"maps"
	"slices"
	"strings"

	"github.com/bojanz/currency"
)

// Restaurant is what the reviews of one restaurant add up to.
type Restaurant struct {
	Name    Name
	Reviews int64            // how many there are
	Ratings Decimal          // the sum of their ratings
	Costs   map[string]Costs // by ISO 4217 code: money in two currencies has no sum
	Version int64            // one more with every change
}

// Costs is what the reviews that paid in one currency add up to.
type Costs struct {
	Reviews int64
	Sum     Decimal
}

// AverageCost is what a visit cost on average in one currency.
type AverageCost struct {
	Currency string  // ISO 4217 code
	Amount   Decimal // rounded half to even, to the currency's minor unit
	Reviews  int64   // how many reviews it is the average of
}

// AverageRating is the mean rating, rounded half to even to two decimals; 0 when
// there is no review.
func (r Restaurant) AverageRating() Decimal {
	if r.Reviews == 0 {
		return Decimal{}
	}
	return r.Ratings.Per(r.Reviews, 2)
}

// AverageCosts holds one average for each currency, the most used one first.
func (r Restaurant) AverageCosts() []AverageCost {
	averages := make([]AverageCost, 0, len(r.Costs))
	for code, costs := range r.Costs {
		digits, ok := currency.GetDigits(code)
		if !ok {
			digits = 2
		}
		averages = append(averages, AverageCost{code, costs.Sum.Per(costs.Reviews, int(digits)), costs.Reviews})
	}
	slices.SortFunc(averages, func(a, b AverageCost) int {
		if a.Reviews != b.Reviews {
			return int(b.Reviews - a.Reviews)
		}
		return strings.Compare(a.Currency, b.Currency)
	})
	return averages
}

// With is the restaurant after one review more.
func (r Restaurant) With(added Revision) Restaurant { return r.change(added, 1) }

// Without is the restaurant after one review less.
func (r Restaurant) Without(removed Revision) Restaurant { return r.change(removed, -1) }

func (r Restaurant) change(revision Revision, by int64) Restaurant {
	combine := Decimal.Add
	if by < 0 {
		combine = Decimal.Sub
	}
	r.Reviews += by
	r.Ratings = combine(r.Ratings, revision.Rating)
	costs := r.Costs[revision.Currency]
	costs.Reviews += by
	costs.Sum = combine(costs.Sum, revision.Cost)
	r.Costs = maps.Clone(r.Costs)
	if r.Costs == nil {
		r.Costs = map[string]Costs{}
	}
	r.Costs[revision.Currency] = costs
	if costs.Reviews == 0 {
		delete(r.Costs, revision.Currency)
	}
	return r
}
