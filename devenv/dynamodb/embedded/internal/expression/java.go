package expression

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf16"
)

// javaOrder sorts texts in the order in which Java's HashMap yields them: DynamoDB lists
// unused placeholders so.
func javaOrder(texts []string) []string {
	if len(texts) < 2 {
		return texts
	}
	buckets := 16
	for 4*len(texts) > 3*buckets { // the load factor is 0.75
		buckets *= 2
	}
	type placed struct {
		bucket int
		text   string
	}
	all := make([]placed, len(texts))
	for i, text := range texts {
		var hash int32
		for _, unit := range utf16.Encode([]rune(text)) {
			hash = 31*hash + int32(unit)
		}
		spread := uint32(hash) // Java's >>> works on the bits
		all[i] = placed{int(spread^spread>>16) & (buckets - 1), text}
	}
	slices.SortFunc(all, func(a, b placed) int {
		return cmp.Or(cmp.Compare(a.bucket, b.bucket), strings.Compare(a.text, b.text))
	})
	for i, p := range all {
		texts[i] = p.text
	}
	return texts
}

func joined(texts []string) string { return strings.Join(texts, ", ") }
