package partiql

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A Position is where something stands in a statement, counted from one, and how many
// characters long it is.
type Position struct{ Line, Column, Length int }

// String is how messages write a position.
func (p Position) String() string { return fmt.Sprintf("%d:%d:%d", p.Line, p.Column, p.Length) }

// A kind is what a token is.
type kind int

const (
	kindEnd kind = iota
	kindIdentifier
	kindQuoted  // "identifier"
	kindKeyword // in lower case; several words are one keyword, see phrases
	kindString  // 'text'
	kindNumber
	kindIon // `…`
	kindOperator
	kindPunctuation // ( ) [ ] { } , : ; . ? *
)

// A token is a word of a statement.
type token struct {
	kind kind
	text string // what it means: without quotes, keywords and operators in lower case
	at   Position
}

func (t token) is(text string) bool {
	return t.text == text && (t.kind == kindKeyword || t.kind == kindOperator || t.kind == kindPunctuation)
}

// keywords are the words that PartiQL keeps for itself: as names they must be quoted.
var keywords = func() map[string]bool {
	words := map[string]bool{}
	for word := range strings.FieldsSeq(`absolute action add all allocate alter and any are as asc
		assertion at authorization avg begin between bit bit_length by cascade cascaded case cast
		catalog char character character_length char_length check close coalesce collate collation
		column commit connect connection constraint constraints continue convert corresponding count
		create cross current current_date current_time current_timestamp current_user cursor date
		deallocate dec decimal declare default deferrable deferred delete desc describe descriptor
		diagnostics disconnect distinct domain double drop else end end-exec escape except exception
		exec execute exists external extract date_add date_diff false fetch first float for foreign
		found from full get global go goto grant group having identity immediate in indicator
		initially inner input insensitive insert int integer intersect interval into is isolation
		join key language last left level like local lower match max min module names national
		natural nchar next no not null nullif numeric octet_length of on only open option or order
		outer output overlaps pad partial position precision prepare preserve primary prior
		privileges procedure public read real references relative restrict revoke right rollback rows
		schema scroll section select session session_user set size smallint some space sql sqlcode
		sqlerror sqlstate substring sum system_user table temporary then time timestamp to
		transaction translate translation trim true union unique unknown update upper usage user
		using value values varchar varying view when whenever where with work write zone missing
		pivot unpivot limit tuple remove index conflict do nothing returning modified new old let
		bool boolean string symbol clob blob struct list sexp bag`) {
		words[word] = true
	}
	return words
}()

// wordOperators are the keywords that stand between or before operands.
var wordOperators = map[string]bool{
	"and": true, "or": true, "in": true, "is": true, "not": true, "between": true, "like": true,
	"union": true, "intersect": true, "except": true,
}

// symbols are the operators that are no words, longer ones first.
var symbols = []string{"<>", "!=", "<=", ">=", "||", "<<", ">>", "<", ">", "=", "+", "-", "/", "%", "@"}

// A lexer cuts a statement into tokens.
type lexer struct {
	rest         string
	line, column int
}

// scan returns the tokens of a statement, with one of kindEnd at the end.
func scan(text string) ([]token, error) {
	l := &lexer{rest: text, line: 1, column: 1}
	var tokens []token
	for {
		if err := l.skip(); err != nil {
			return nil, err
		}
		at := Position{Line: l.line, Column: l.column}
		if l.rest == "" {
			return append(tokens, token{kind: kindEnd, at: at}), nil
		}
		t, length, ok := l.next()
		if !ok {
			return nil, malformed("")
		}
		at.Length = utf8.RuneCountInString(l.rest[:length])
		t.at = at
		l.advance(length)
		tokens = append(tokens, t)
	}
}

// advance passes over some bytes.
func (l *lexer) advance(length int) {
	for _, r := range l.rest[:length] {
		l.column++
		if r == '\n' {
			l.line, l.column = l.line+1, 1
		}
	}
	l.rest = l.rest[length:]
}

// skip passes over white space and comments.
func (l *lexer) skip() error {
	for {
		switch {
		case l.rest != "" && strings.IndexByte(" \t\r\n\f\v", l.rest[0]) >= 0:
			l.advance(1)
		case strings.HasPrefix(l.rest, "--"):
			end := strings.IndexByte(l.rest, '\n')
			if end < 0 {
				end = len(l.rest)
			}
			l.advance(end)
		case strings.HasPrefix(l.rest, "/*"):
			end := strings.Index(l.rest[2:], "*/")
			if end < 0 {
				return malformed("")
			}
			l.advance(end + len("/**/"))
		default:
			return nil
		}
	}
}

// next returns the token that the rest begins with and its length in bytes.
func (l *lexer) next() (token, int, bool) {
	switch c := l.rest[0]; {
	case c == '\'':
		return l.quoted(c, kindString)
	case c == '"':
		return l.quoted(c, kindQuoted)
	case c == '`':
		return l.quoted(c, kindIon)
	case isDigit(c), c == '.' && len(l.rest) > 1 && isDigit(l.rest[1]):
		return l.number()
	case isLetter(c):
		return l.word()
	case strings.IndexByte("()[]{},:;.?*", c) >= 0:
		return token{kind: kindPunctuation, text: l.rest[:1]}, 1, true
	}
	for _, symbol := range symbols {
		if strings.HasPrefix(l.rest, symbol) {
			t := token{kind: kindOperator, text: symbol}
			switch symbol {
			case "!=":
				t.text = "<>"
			case "<<", ">>":
				t.kind = kindPunctuation
			}
			return t, len(symbol), true
		}
	}
	return token{}, 0, false
}

// quoted reads a text in quotes, in which a doubled quote stands for one.
func (l *lexer) quoted(quote byte, k kind) (token, int, bool) {
	var text strings.Builder
	for i := 1; i < len(l.rest); i++ {
		if l.rest[i] != quote {
			text.WriteByte(l.rest[i])
			continue
		}
		if i+1 == len(l.rest) || l.rest[i+1] != quote {
			return token{kind: k, text: text.String()}, i + 1, true
		}
		text.WriteByte(quote)
		i++
	}
	return token{}, 0, false
}

func (l *lexer) number() (token, int, bool) {
	i := digits(l.rest, 0)
	if i < len(l.rest) && l.rest[i] == '.' {
		i = digits(l.rest, i+1)
	}
	if i < len(l.rest) && (l.rest[i] == 'e' || l.rest[i] == 'E') {
		i++
		if i < len(l.rest) && (l.rest[i] == '+' || l.rest[i] == '-') {
			i++
		}
		end := digits(l.rest, i)
		if end == i {
			return token{}, 0, false
		}
		i = end
	}
	if i < len(l.rest) && isLetter(l.rest[i]) {
		return token{}, 0, false
	}
	return token{kind: kindNumber, text: l.rest[:i]}, i, true
}

func (l *lexer) word() (token, int, bool) {
	i := 1
	for i < len(l.rest) && (isLetter(l.rest[i]) || isDigit(l.rest[i])) {
		i++
	}
	word := l.rest[:i]
	lower := strings.ToLower(word)
	switch {
	case wordOperators[lower]:
		return token{kind: kindOperator, text: lower}, i, true
	case keywords[lower]:
		return token{kind: kindKeyword, text: lower}, i, true
	default:
		return token{kind: kindIdentifier, text: word}, i, true
	}
}

func digits(text string, from int) int {
	for from < len(text) && isDigit(text[from]) {
		from++
	}
	return from
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
func isLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '$'
}
