package difftest

import (
	"iter"
	"maps"
	"slices"
)

// ordered goes through a map in the order of its keys: what is drawn must depend on
// nothing but the draws.
func ordered[V any](m map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, name := range slices.Sorted(maps.Keys(m)) {
			if !yield(name, m[name]) {
				return
			}
		}
	}
}
