package expression

import (
	"slices"
	"strings"
	"unicode/utf16"
)

// javaOrder sorts texts in the order in which Java's HashMap yields them: DynamoDB lists
// unused placeholders so.
func javaOrder(texts []string) []string {
	buckets := 16
	for 4*len(texts) > 3*buckets { // the load factor is 0.75
		buckets *= 2
	}
	bucket := func(text string) int {
		var hash int32
		for _, unit := range utf16.Encode([]rune(text)) {
			hash = 31*hash + int32(unit)
		}
		spread := uint32(hash) // Java's >>> works on the bits
		return int(spread^spread>>16) & (buckets - 1)
	}
	slices.Sort(texts)
	slices.SortStableFunc(texts, func(a, b string) int { return bucket(a) - bucket(b) })
	return texts
}

func joined(texts []string) string { return strings.Join(texts, ", ") }
