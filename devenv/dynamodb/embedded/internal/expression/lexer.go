package expression

import "unicode/utf8"

// next returns the token that begins at or behind a position of a text. At the end it
// returns a token of no length: its end is the text's.
func next(text string, at int) token {
	for at < len(text) && isSpace(text[at]) {
		at++
	}
	t := token{start: at, end: at}
	if at == len(text) {
		return t
	}
	c := text[at]
	switch {
	case isLetter(c):
		t.end = wordEnd(text, at+1)
		t.kind = keyword(text[t.start:t.end])
	case c == '#' || c == ':':
		t.kind = tokenName
		if c == ':' {
			t.kind = tokenValue
		}
		if t.end = wordEnd(text, at+1); t.end == at+1 {
			t.kind = tokenUnknown
		}
	case isDigit(c):
		t.kind, t.end = tokenNumber, at+1
		for c != '0' && t.end < len(text) && isDigit(text[t.end]) {
			t.end++
		}
	case c == '=' || c == '<' || c == '>':
		t.kind, t.end = tokenOperator, at+1
		if t.end < len(text) {
			if second := text[t.end]; c != '=' && second == '=' || c == '<' && second == '>' {
				t.end++
			}
		}
	case c == '(' || c == ')' || c == '[' || c == ']' || c == ',' || c == '.' || c == '+' || c == '-':
		t.kind, t.end = tokenPunctuation, at+1
	default:
		_, size := utf8.DecodeRuneInString(text[at:])
		t.kind, t.end = tokenUnknown, at+size
	}
	return t
}

func wordEnd(text string, at int) int {
	for at < len(text) && (isLetter(text[at]) || isDigit(text[at]) || text[at] == '_') {
		at++
	}
	return at
}

func isSpace(c byte) bool  { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
