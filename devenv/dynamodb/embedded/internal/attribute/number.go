package attribute

import (
	"bytes"
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/cockroachdb/apd/v3"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
)

// What DynamoDB holds: 38 significant digits, magnitudes from 1E-130 to below 1E+126.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html#HowItWorks.DataTypes.Number
const (
	maxDigits = 38
	minPower  = -130
	maxPower  = 125
)

// fastDigits is how long integers may be for their sum to fit an int64.
const fastDigits = 18

// ParseNumber reads what Java's BigDecimal reads, as DynamoDB does: a sign, digits with or
// without a point, an exponent; no spaces. A text that is no number, or one that DynamoDB
// cannot hold exactly, is a ValidationException.
func ParseNumber(text string) (Number, error) {
	if isNormalInteger(text) {
		return Number(text), nil
	}
	if text == "" {
		return "", exception.Validation("The parameter cannot be converted to a numeric value")
	}
	negative, rest := false, text
	if rest[0] == '-' || rest[0] == '+' {
		negative, rest = rest[0] == '-', rest[1:]
	}
	exponent := 0
	if e := strings.IndexAny(rest, "eE"); e >= 0 {
		// More than an int32 is more than BigDecimal's scale.
		parsed, err := strconv.ParseInt(rest[e+1:], 10, 32)
		if err != nil {
			return "", notNumeric(text)
		}
		exponent, rest = int(parsed), rest[:e]
	}
	whole, fraction, _ := strings.Cut(rest, ".")
	if whole == "" && fraction == "" || !areDigits(whole) || !areDigits(fraction) {
		return "", notNumeric(text)
	}
	return normal(negative, whole, fraction, exponent)
}

func notNumeric(text string) error {
	return exception.Validation("The parameter cannot be converted to a numeric value: %s", text)
}

// normal makes the Number whole.fraction × 10^exponent.
func normal(negative bool, whole, fraction string, exponent int) (Number, error) {
	var buffer [64]byte
	all := append(append(buffer[:0], whole...), fraction...)
	digits := bytes.TrimLeft(all, "0")
	if len(digits) == 0 {
		return "0", nil
	}
	power := len(whole) - 1 - (len(all) - len(digits)) + exponent // of the first digit
	digits = bytes.TrimRight(digits, "0")
	switch {
	case power > maxPower:
		return "", exception.Validation("Number overflow. Attempting to store a number with magnitude larger than supported range")
	case power < minPower:
		return "", exception.Validation("Number underflow. Attempting to store a number with magnitude smaller than supported range")
	case len(digits) > maxDigits:
		return "", exception.Validation("Attempting to store more than 38 significant digits in a Number")
	}
	var out [1 + len("0.") - minPower + maxDigits]byte
	text := out[:0]
	if negative {
		text = append(text, '-')
	}
	switch places := power + 1; {
	case places <= 0:
		text = appendZeros(append(text, "0."...), -places)
		text = append(text, digits...)
	case places >= len(digits):
		text = appendZeros(append(text, digits...), places-len(digits))
	default:
		text = append(append(text, digits[:places]...), '.')
		text = append(text, digits[places:]...)
	}
	return Number(text), nil
}

func appendZeros(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, '0')
	}
	return dst
}

func areDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}

// isNormalInteger tells most numbers that come apart from those that need work.
func isNormalInteger(text string) bool {
	digits := strings.TrimPrefix(text, "-")
	return text == "0" ||
		digits != "" && digits[0] != '0' && len(digits) <= maxDigits && areDigits(digits)
}

// Compare returns -1, 0 or 1. It looks at the text alone: of two positive numbers in
// normal form the one with more digits before the point is larger, and with equally many
// the texts sort as the numbers do.
func (n Number) Compare(m Number) int {
	if n == m {
		return 0
	}
	nText, nNegative := strings.CutPrefix(string(n), "-")
	mText, mNegative := strings.CutPrefix(string(m), "-")
	switch {
	case nNegative && mNegative:
		return compareMagnitudes(mText, nText)
	case nNegative:
		return -1
	case mNegative:
		return 1
	default:
		return compareMagnitudes(nText, mText)
	}
}

func compareMagnitudes(a, b string) int {
	if order := cmp.Compare(wholeDigits(a), wholeDigits(b)); order != 0 {
		return order
	}
	return strings.Compare(a, b)
}

func wholeDigits(text string) int {
	if point := strings.IndexByte(text, '.'); point >= 0 {
		return point
	}
	return len(text)
}

// Add returns n + m, which must be a number that DynamoDB can hold exactly: nothing is
// rounded. The errors are ParseNumber's.
func (n Number) Add(m Number) (Number, error) {
	if a, b, ok := integers(n, m); ok {
		return Number(strconv.FormatInt(a+b, 10)), nil
	}
	return calculate(n, m, (*apd.Context).Add)
}

// Subtract returns n - m as Add returns n + m.
func (n Number) Subtract(m Number) (Number, error) {
	if a, b, ok := integers(n, m); ok {
		return Number(strconv.FormatInt(a-b, 10)), nil
	}
	return calculate(n, m, (*apd.Context).Sub)
}

func integers(n, m Number) (a, b int64, ok bool) {
	if len(n) > fastDigits || len(m) > fastDigits {
		return 0, 0, false
	}
	a, err := strconv.ParseInt(string(n), 10, 64)
	if err != nil {
		return 0, 0, false
	}
	b, err = strconv.ParseInt(string(m), 10, 64)
	return a, b, err == nil
}

func calculate(n, m Number, operation func(c *apd.Context, d, x, y *apd.Decimal) (apd.Condition, error)) (Number, error) {
	x, _, err := apd.NewFromString(string(n))
	if err != nil {
		return "", fmt.Errorf("number %q: %w", n, err)
	}
	y, _, err := apd.NewFromString(string(m))
	if err != nil {
		return "", fmt.Errorf("number %q: %w", m, err)
	}
	var result apd.Decimal
	if _, err := operation(&apd.BaseContext, &result, x, y); err != nil { // exact: BaseContext has no precision
		return "", fmt.Errorf("calculate with %s and %s: %w", n, m, err)
	}
	return ParseNumber(result.Text('f'))
}
