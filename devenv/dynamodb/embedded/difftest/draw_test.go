package difftest

import "pgregory.net/rapid"

// draw makes the random choices of one check. All of them shrink to the first option, to
// false and to less.
type draw struct{ t *rapid.T }

// chance is true in so many cases of a hundred.
func (d draw) chance(percent int, what string) bool {
	return rapid.IntRange(0, 99).Draw(d.t, what) >= 100-percent
}

func (d draw) count(least, most int, what string) int {
	return rapid.IntRange(least, most).Draw(d.t, what)
}

// pick takes one of the options.
func pick[T any](d draw, what string, options ...T) T {
	return options[rapid.IntRange(0, len(options)-1).Draw(d.t, what)]
}

// some takes a part of the options, in their order; there may be none.
func some[T any](d draw, what string, options ...T) []T {
	var taken []T
	for _, option := range options {
		if rapid.Bool().Draw(d.t, what) {
			taken = append(taken, option)
		}
	}
	return taken
}

// weighted takes one of the choices, as often as its weight says.
func weighted(d draw, what string, choices ...choice) func() {
	sum := 0
	for _, c := range choices {
		sum += c.weight
	}
	n := rapid.IntRange(0, sum-1).Draw(d.t, what)
	for _, c := range choices {
		if n < c.weight {
			return c.do
		}
		n -= c.weight
	}
	return nil // not reached
}

type choice struct {
	weight int
	do     func()
}
