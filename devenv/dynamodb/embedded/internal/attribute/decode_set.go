package attribute

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
)

// quadratic is up to how many members a set is checked for duplicates without a map.
const quadratic = 16

func (d *decoder) stringSet() (v Value, invalid, err error) {
	set := StringSet{}
	err = d.elements(func() error {
		if d.peek() == 'n' {
			d.literal()
			invalid = exception.InvalidParameter("An string set may not have a null string as a member")
			return nil
		}
		text, err := d.scalarText()
		set = append(set, text)
		return err
	})
	switch {
	case err != nil || invalid != nil || d.trusted:
	case len(set) == 0:
		invalid = exception.InvalidParameter("An string set  may not be empty")
	case hasDuplicates(set):
		invalid = exception.InvalidParameter("Input collection [%s] contains duplicates.", strings.Join(set, ", "))
	}
	return set, invalid, err
}

func (d *decoder) numberSet() (v Value, invalid, err error) {
	set := NumberSet{}
	err = d.elements(func() error {
		if d.peek() == 'n' {
			d.literal()
			_, invalid = ParseNumber("")
			return nil
		}
		text, err := d.scalarText()
		n := Number(text)
		if err == nil && !d.trusted {
			parsed, fault := ParseNumber(text)
			if invalid == nil {
				invalid = fault
			}
			n = parsed
		}
		set = append(set, n)
		return err
	})
	switch {
	case err != nil || invalid != nil || d.trusted:
	case len(set) == 0:
		invalid = exception.InvalidParameter("An number set  may not be empty")
	case hasDuplicates(set):
		invalid = exception.Validation("Input collection contains duplicates")
	}
	return set, invalid, err
}

func (d *decoder) binarySet() (v Value, invalid, err error) {
	set := BinarySet{}
	err = d.elements(func() error {
		if d.peek() == 'n' {
			d.literal()
			invalid = exception.InvalidParameter("Binary sets may not contain null values")
			return nil
		}
		data, err := d.binary()
		set = append(set, data)
		return err
	})
	switch {
	case err != nil || invalid != nil || d.trusted:
	case len(set) == 0:
		invalid = exception.InvalidParameter("Binary sets should not be empty")
	case hasDuplicates(texts(set)):
		encoded := make([]string, len(set))
		for i, member := range set {
			encoded[i] = base64.StdEncoding.EncodeToString(member)
		}
		// The missing space is DynamoDB's.
		invalid = exception.InvalidParameter("Input collection [%s]of type BS contains duplicates.", strings.Join(encoded, ", "))
	}
	return set, invalid, err
}

func hasDuplicates[T comparable](members []T) bool {
	if len(members) <= quadratic {
		for i, member := range members {
			if slices.Contains(members[:i], member) {
				return true
			}
		}
		return false
	}
	seen := make(map[T]struct{}, len(members))
	for _, member := range members {
		seen[member] = struct{}{}
	}
	return len(seen) < len(members)
}
