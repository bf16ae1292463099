package review

import (
	"fmt"
	"math/big"

	"github.com/cockroachdb/apd/v3"
)

// Decimal is an exact decimal number. Ratings and costs are decimals and not
// floats, so that 0.1 stays 0.1, sums are exact, and what was stored comes back
// as it was sent. The zero value is 0.
type Decimal struct {
	d apd.Decimal
}

// maxDigits is the number of significant digits that DynamoDB keeps.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html#HowItWorks.DataTypes.Number
const maxDigits = 38

// maxNotation is longer than any number in DynamoDB's range need be. Whatever is longer
// is refused before it is computed with: the time for that grows faster than the text,
// and reaches seconds with 100,000 zeros.
const maxNotation = 256

// exact computes with twice the digits of any operand, so that a sum or a product
// of two decimals is never rounded.
var exact = apd.BaseContext.WithPrecision(2 * maxDigits)

// ParseDecimal reads a number in JSON's notation (RFC 8259, section 6) of at most
// 38 significant digits and an exponent between -130 and 125, DynamoDB's range.
func ParseDecimal(text string) (Decimal, error) {
	if len(text) > maxNotation {
		return Decimal{}, fmt.Errorf("%q has more than %d characters", clip(text), maxNotation)
	}
	// apd also takes NaN, Infinity, and signs that JSON has not.
	for _, c := range []byte(text) {
		if (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E' {
			return Decimal{}, fmt.Errorf("%q is not a number", clip(text))
		}
	}
	var d Decimal
	if _, _, err := d.d.SetString(text); err != nil || d.d.Form != apd.Finite {
		return Decimal{}, fmt.Errorf("%q is not a number", clip(text))
	}
	reduce(&d.d)
	digits := d.d.NumDigits()
	if magnitude := digits + int64(d.d.Exponent); digits > maxDigits || magnitude > 126 || magnitude < -129 {
		return Decimal{}, fmt.Errorf("%q has more than %d significant digits or is out of range", clip(text), maxDigits)
	}
	return d, nil
}

// reduce drops trailing zeros and the sign of zero: equal numbers look equal.
func reduce(d *apd.Decimal) {
	d.Reduce(d)
	if d.IsZero() {
		d.Negative = false
		d.Exponent = 0
	}
}

// MustDecimal is [ParseDecimal] for constants in code: it panics on bad text.
func MustDecimal(text string) Decimal {
	d, err := ParseDecimal(text)
	if err != nil {
		panic(err)
	}
	return d
}

// String is the number in plain notation without trailing zeros: "4.5", "1200".
func (d Decimal) String() string { return d.d.Text('f') }

// MarshalJSON writes a JSON number.
func (d Decimal) MarshalJSON() ([]byte, error) { return d.d.Append(nil, 'f'), nil }

// UnmarshalJSON reads a JSON number, see [ParseDecimal].
func (d *Decimal) UnmarshalJSON(text []byte) error {
	parsed, err := ParseDecimal(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// Cmp is negative, zero or positive as d is less than, equal to or greater than e.
func (d Decimal) Cmp(e Decimal) int { return d.d.Cmp(&e.d) }

// Sign is -1, 0 or 1.
func (d Decimal) Sign() int { return d.d.Sign() }

// Decimals is the number of digits behind the point.
func (d Decimal) Decimals() int { return max(0, -int(d.d.Exponent)) }

// Add is d + e, exactly.
func (d Decimal) Add(e Decimal) Decimal { return compute(exact.Add, d, e) }

// Sub is d - e, exactly.
func (d Decimal) Sub(e Decimal) Decimal { return compute(exact.Sub, d, e) }

func compute(op func(z, x, y *apd.Decimal) (apd.Condition, error), x, y Decimal) Decimal {
	var z Decimal
	if _, err := op(&z.d, &x.d, &y.d); err != nil {
		panic(fmt.Sprintf("decimal: %v (%s, %s)", err, x, y)) // both operands are finite: cannot happen
	}
	reduce(&z.d)
	return z
}

// Per is d / n rounded half to even to so many decimals. It panics when n is 0.
func (d Decimal) Per(n int64, decimals int) Decimal {
	var quotient, rounded Decimal
	context := *exact
	context.Rounding = apd.RoundHalfEven
	if _, err := context.Quo(&quotient.d, &d.d, apd.New(n, 0)); err != nil {
		panic(fmt.Sprintf("decimal: %v (%s / %d)", err, d, n))
	}
	if _, err := context.Quantize(&rounded.d, &quotient.d, int32(-decimals)); err != nil { //nolint:gosec // a handful of decimals
		panic(fmt.Sprintf("decimal: %v (%s to %d decimals)", err, quotient, decimals))
	}
	reduce(&rounded.d)
	return rounded
}

// Shift is d × 10^places as a whole number; what is behind the point is cut off.
func (d Decimal) Shift(places int32) *big.Int {
	var whole apd.Decimal
	context := *exact
	context.Rounding = apd.RoundDown
	shifted := d.d
	shifted.Exponent += places
	if _, err := context.Quantize(&whole, &shifted, 0); err != nil {
		panic(fmt.Sprintf("decimal: %v (%s)", err, d))
	}
	return whole.Coeff.MathBigInt()
}

// clip keeps an error message short whatever was sent.
func clip(text string) string {
	const longest = 40
	if len(text) <= longest {
		return text
	}
	return text[:longest] + "…"
}
