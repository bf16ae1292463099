package attribute

import (
	"errors"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// errMalformed is about stored bytes that AppendItem did not write. Requests do not meet
// it: their JSON has been through jsontext before.
var errMalformed = errors.New("malformed item")

// A scanner walks through JSON which is known to be valid, and has neither to check it
// nor to copy it: texts are parts of one string. Bytes that are no JSON end in
// errMalformed, or are read as something else, but never panic.
type scanner struct {
	text string
	at   int
}

// peek returns the next byte that is no white space, which it leaves; 0 at the end.
func (s *scanner) peek() byte {
	for ; s.at < len(s.text); s.at++ {
		switch c := s.text[s.at]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

// next takes a byte that must be want.
func (s *scanner) next(want byte) error {
	if s.peek() != want {
		return errMalformed
	}
	s.at++
	return nil
}

// member takes the name of an object's next member and the colon, or the object's end.
func (s *scanner) member(first bool) (name string, ok bool, err error) {
	if ok, err = s.element(first, '}'); !ok {
		return "", false, err
	}
	if name, err = s.quoted(); err != nil {
		return "", false, err
	}
	return name, true, s.next(':')
}

// element takes what is before the next element, or the end.
func (s *scanner) element(first bool, end byte) (ok bool, err error) {
	switch c := s.peek(); {
	case c == end:
		s.at++
		return false, nil
	case first:
		return true, nil
	default:
		return true, s.next(',')
	}
}

// quoted takes a string.
func (s *scanner) quoted() (string, error) {
	if err := s.next('"'); err != nil {
		return "", err
	}
	rest := s.text[s.at:]
	end := strings.IndexByte(rest, '"')
	if end < 0 {
		return "", errMalformed
	}
	if strings.IndexByte(rest[:end], '\\') < 0 {
		s.at += end + 1
		return rest[:end], nil
	}
	for end = 0; end < len(rest) && rest[end] != '"'; end++ {
		if rest[end] == '\\' {
			end++
		}
	}
	if end >= len(rest) {
		return "", errMalformed
	}
	text, err := jsontext.AppendUnquote(nil, s.text[s.at-1:s.at+end+1])
	s.at += end + 1
	return string(text), err
}

// literal takes true, false, null or a number.
func (s *scanner) literal() string {
	s.peek()
	rest := s.text[s.at:]
	end := strings.IndexAny(rest, ",]} \t\r\n")
	if end < 0 {
		end = len(rest)
	}
	s.at += end
	return rest[:end]
}

// skip takes any value.
func (s *scanner) skip() error {
	for depth := 0; ; {
		switch s.peek() {
		case 0:
			return errMalformed
		case '{', '[':
			depth++
			s.at++
		case '}', ']':
			depth--
			s.at++
		case ',', ':':
			s.at++
			continue
		case '"':
			if _, err := s.quoted(); err != nil {
				return err
			}
		default:
			s.literal()
		}
		if depth <= 0 {
			return nil
		}
	}
}
