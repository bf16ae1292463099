package expression

// A tokenKind is what a token is to the parsers.
type tokenKind uint8

const (
	tokenEnd         tokenKind = iota
	tokenIdentifier            // name
	tokenName                  // #name
	tokenValue                 // :value
	tokenNumber                // 0 or digits without a leading zero
	tokenOperator              // = <> < <= > >=
	tokenPunctuation           // ( ) [ ] , . + -
	tokenAnd
	tokenOr
	tokenNot
	tokenBetween
	tokenIn
	tokenSet
	tokenRemove
	tokenAdd
	tokenDelete
	tokenUnknown // a character that begins none of the others
)

// A token is a part of a source text.
type token struct {
	kind       tokenKind
	start, end int
}

// keyword returns the kind of a word that is part of the grammar, in any case. These words
// cannot be names in any expression: not even SET in a projection.
func keyword(word string) tokenKind {
	var upper [7]byte
	if len(word) < 2 || len(word) > len(upper) {
		return tokenIdentifier
	}
	for i := range len(word) {
		upper[i] = upperCase(word[i])
	}
	switch string(upper[:len(word)]) {
	case "AND":
		return tokenAnd
	case "OR":
		return tokenOr
	case "NOT":
		return tokenNot
	case "BETWEEN":
		return tokenBetween
	case "IN":
		return tokenIn
	case "SET":
		return tokenSet
	case "REMOVE":
		return tokenRemove
	case "ADD":
		return tokenAdd
	case "DELETE":
		return tokenDelete
	}
	return tokenIdentifier
}

func upperCase(c byte) byte {
	if 'a' <= c && c <= 'z' {
		return c - ('a' - 'A')
	}
	return c
}
