package review

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// MaxNameLength is the longest name of a restaurant, in Unicode code points.
const MaxNameLength = 200

// Name is the name of a restaurant, which is also what identifies it: 1 to 200
// code points, in Unicode normalisation form C, without space around it and
// without control characters. Make one with [ParseName].
type Name string

// ParseName trims and normalises a name, so that names which look the same are
// the same restaurant: "Café" is one, however its é was typed. It fails with an
// [*InvalidError] on what cannot be a name.
//
// Dots and slashes alone are no name: in a URL "." and ".." are not a segment but a
// direction (RFC 3986, section 5.2.4), so such a restaurant could never be asked for.
// Neither could "/": http.ServeMux takes a segment that is "%2F" for the end of a path.
func ParseName(text string) (Name, error) {
	name, err := parseName(text)
	if err != nil {
		return "", err
	}
	return name, nil
}

func parseName(text string) (Name, *InvalidError) {
	const field = "restaurant"
	if !utf8.ValidString(text) {
		return "", invalid(field, "must be valid UTF-8", nil)
	}
	// A long input is refused before the work of normalising it.
	if len(text) > 64*MaxNameLength {
		return "", invalid(field, "must have at most 200 characters", nil)
	}
	name := strings.TrimFunc(norm.NFC.String(text), unicode.IsSpace)
	switch {
	case utf8.RuneCountInString(name) > MaxNameLength:
		return "", invalid(field, "must have at most 200 characters", nil)
	case strings.ContainsFunc(name, unicode.IsControl):
		return "", invalid(field, "must not contain control characters", text)
	case !strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsSpace(r) && r != '.' && r != '/' }):
		return "", invalid(field, "must have at least 1 character that is not a space, a dot or a slash", text)
	}
	return Name(name), nil
}

// Folded is the name for sorting: without regard to upper and lower case.
func (n Name) Folded() string { return cases.Fold().String(string(n)) }
