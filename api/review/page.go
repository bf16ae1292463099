package review

// How many items a page has at most: of v1's lists, and of the earlier service's.
const (
	MaxPage        = 100
	MaxEarlierPage = 1000
)

// PageRequest asks for a part of a list.
type PageRequest struct {
	Limit int    // at most so many items, from 1
	After string // where the page begins: the Next of the page before; "" is the start
}

// Page is a part of a list. Its bounds are positions in the order of the list, so
// that items which come or go between two pages do not shift the others.
type Page[T any] struct {
	Items []T
	Next  string // where the next page begins; "" when this is the last
}
