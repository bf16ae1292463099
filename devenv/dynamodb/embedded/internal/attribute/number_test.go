package attribute_test

import (
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/apd/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
)

const (
	overflow   = "Number overflow. Attempting to store a number with magnitude larger than supported range"
	underflow  = "Number underflow. Attempting to store a number with magnitude smaller than supported range"
	tooPrecise = "Attempting to store more than 38 significant digits in a Number"
)

func zeros(n int) string { return strings.Repeat("0", n) }

func number(t require.TestingT, text string) attribute.Number {
	n, err := attribute.ParseNumber(text)
	require.NoError(t, err, text)
	return n
}

// assertValidation wants a ValidationException, or no error when there is no message.
func assertValidation(t require.TestingT, message string, err error) {
	if message == "" {
		require.NoError(t, err)
		return
	}
	require.Error(t, err)
	assert.Equal(t, exception.ValidationName, exception.Of(err).Name)
	assert.Equal(t, message, exception.Of(err).Message)
}

func TestNumbersAreReadAsBigDecimalReadsThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"0": "0", "-0": "0", "+0": "0", "0.0": "0", "000": "0", "0e200": "0", "0e-500": "0",
		"1": "1", "+5": "5", "-5": "-5", ".5": "0.5", "-.5": "-0.5", "5.": "5", "1.0": "1", "0100": "100", "00.10": "0.1",
		"1e3": "1000", "1E+5": "100000", "12e-1": "1.2", "1.50e1": "15", "123.4500": "123.45", "-1e-3": "-0.001", "1e00000000003": "1000",
		"1e125": "1" + zeros(125), "0.1e126": "1" + zeros(125), "1" + zeros(125): "1" + zeros(125),
		"1e-130": "0." + zeros(129) + "1", "0." + zeros(129) + "1": "0." + zeros(129) + "1",
		"12345678901234567890123456789012345678":    "12345678901234567890123456789012345678",
		"99999999999999999999999999999999999999e88": strings.Repeat("9", 38) + zeros(88),
	} {
		got, err := attribute.ParseNumber(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, string(got), text)
	}
}

func TestWhatIsNoNumberOrCannotBeHeldIsRefused(t *testing.T) {
	t.Parallel()
	assertValidationOf := func(message, text string) {
		_, err := attribute.ParseNumber(text)
		assertValidation(t, message, err)
	}
	assertValidationOf("The parameter cannot be converted to a numeric value", "")
	for _, text := range []string{
		".", "-", "+", " 1", "1 ", "1 2", "abc", "1e", "1e+", "e5", ".e1", "1e5.0", "0x10", "NaN", "Infinity", "-Infinity", "1_0", "--1", "+-1",
		"1f", "1d", "1.2.3", "1e99999999999", "0e99999999999", "1e-99999999999", "1e1_0",
	} {
		assertValidationOf("The parameter cannot be converted to a numeric value: "+text, text)
	}
	for _, text := range []string{"1e126", "-1e126", "1" + zeros(126), "1e2147483647", "10e125"} {
		assertValidationOf(overflow, text)
	}
	for _, text := range []string{"1e-131", "-1e-131", "0." + zeros(130) + "1", "1e-2147483648"} {
		assertValidationOf(underflow, text)
	}
	for _, text := range []string{strings.Repeat("1", 39), "1." + zeros(37) + "1", "-" + strings.Repeat("9", 39) + "e-100"} {
		assertValidationOf(tooPrecise, text)
	}
}

func TestArithmeticIsExactOrRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ a, b, sum, difference string }{
		{"1", "2", "3", "-1"},
		{"1.5", "-1.5", "0", "3"},
		{"0.1", "0.2", "0.3", "-0.1"},
		{"999999999999999999", "999999999999999999", "1999999999999999998", "0"},
		{"-99999999999999999", "1", "-99999999999999998", "-100000000000000000"},
		{"1e37", "1", "10000000000000000000000000000000000001", "9999999999999999999999999999999999999"},
		{"1e38", "1", tooPrecise, strings.Repeat("9", 38)},
		{strings.Repeat("9", 38), "1", "1" + zeros(38), strings.Repeat("9", 37) + "8"},
		{strings.Repeat("1", 38), "0.5", tooPrecise, tooPrecise},
		{"1e125", "-1e-130", tooPrecise, tooPrecise},
		{"9e125", "9e125", overflow, "0"},
		{"-9e125", "9e125", "0", overflow},
		{"1e-130", "1.1e-129", "0." + zeros(128) + "12", "-0." + zeros(128) + "1"},
		{"1.11e-128", "-1.1e-128", "0." + zeros(129) + "1", "0." + zeros(127) + "221"},
	} {
		a, b := number(t, test.a), number(t, test.b)
		for want, operation := range map[string]func(attribute.Number) (attribute.Number, error){"+" + test.sum: a.Add, "-" + test.difference: a.Subtract} {
			got, err := operation(b)
			if want = want[1:]; strings.Contains(want, "number") || want == tooPrecise {
				assertValidation(t, want, err)
				continue
			}
			require.NoError(t, err, test)
			assert.Equal(t, want, string(got), test)
		}
	}
}

// wellFormed are texts that BigDecimal would read.
func wellFormed() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		text := rapid.StringMatching(`[+-]?(0{0,3}[0-9]{1,38}|[0-9]{1,20}\.[0-9]{0,20}|0?\.0{0,6}[0-9]{1,20})`).Draw(t, "mantissa")
		if rapid.Bool().Draw(t, "has an exponent") {
			text += "e" + strconv.Itoa(rapid.IntRange(-140, 130).Draw(t, "exponent"))
		}
		return text
	})
}

func numbers() *rapid.Generator[attribute.Number] {
	return rapid.Custom(func(t *rapid.T) attribute.Number {
		n, err := attribute.ParseNumber(wellFormed().Draw(t, "number"))
		if err != nil {
			t.Skip("out of range")
		}
		return n
	})
}

func decimal(t require.TestingT, text string) *apd.Decimal {
	d, _, err := apd.NewFromString(text)
	require.NoError(t, err)
	return d
}

func TestNumbersAreWhatTheyWereReadFrom(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) { checkNumber(t, wellFormed().Draw(t, "text")) })
}

// checkNumber compares ParseNumber with another implementation of decimals.
func checkNumber(t require.TestingT, text string) {
	n, err := attribute.ParseNumber(text)
	d := decimal(t, text)
	if d.IsZero() {
		require.NoError(t, err)
		require.Equal(t, attribute.Number("0"), n)
		return
	}
	reduced, _ := new(apd.Decimal).Reduce(d)
	digits := reduced.NumDigits()
	power := int64(reduced.Exponent) + digits - 1
	if digits > 38 || power > 125 || power < -130 {
		require.Error(t, err)
		return
	}
	require.NoError(t, err)
	require.Equal(t, reduced.Text('f'), string(n))
	again, err := attribute.ParseNumber(string(n))
	require.NoError(t, err)
	require.Equal(t, n, again)
}

func TestNumbersCompareAndAddLikeDecimals(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := numbers().Draw(t, "a"), numbers().Draw(t, "b")
		x, ok := new(big.Rat).SetString(string(a))
		require.True(t, ok)
		y, ok := new(big.Rat).SetString(string(b))
		require.True(t, ok)
		require.Equal(t, x.Cmp(y), a.Compare(b))
		for _, test := range []struct {
			want      *big.Rat
			operation func(attribute.Number) (attribute.Number, error)
		}{{new(big.Rat).Add(x, y), a.Add}, {new(big.Rat).Sub(x, y), a.Subtract}} {
			got, err := test.operation(b)
			if err != nil {
				require.Equal(t, exception.ValidationName, exception.Of(err).Name)
				continue
			}
			require.Equal(t, test.want.FloatString(140), paddedTo140(string(got)))
		}
	})
}

// paddedTo140 writes a number with as many places as FloatString(140) does.
func paddedTo140(text string) string {
	whole, fraction, _ := strings.Cut(text, ".")
	return whole + "." + fraction + zeros(140-len(fraction))
}

func TestNumbersSort(t *testing.T) {
	t.Parallel()
	sorted := []attribute.Number{"-100", "-99.5", "-99", "-10", "-9", "-1.5", "-1", "-0.5", "-0.05", "0", "0.05", "0.5", "0.55", "1", "1.5", "9", "10", "99", "99.5", "100"}
	shuffled := slices.Clone(sorted)
	slices.Reverse(shuffled)
	slices.SortFunc(shuffled, attribute.Number.Compare)
	assert.Equal(t, sorted, shuffled)
}

func FuzzParseNumber(f *testing.F) {
	for _, text := range []string{"", "0", "-1.5e3", ".5", "5.", "1e126", "1e-131", "+00.00100E-2", "1e99999999999", " 1", "١"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, err := attribute.ParseNumber(text)
		if err != nil && strings.HasPrefix(exception.Of(err).Message, "The parameter cannot be converted to a numeric value") {
			return
		}
		if _, exponent, ok := strings.Cut(strings.ToLower(text), "e"); ok && len(exponent) > 5 {
			return // more than the other implementation takes
		}
		checkNumber(t, text)
	})
}

func BenchmarkParseNumber(b *testing.B) {
	for _, text := range []string{"1732531200", "12345.678", "1.5e3"} {
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = attribute.ParseNumber(text)
			}
		})
	}
}

func BenchmarkCompareNumbers(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		attribute.Number("12345.678").Compare("12345.679")
	}
}

func BenchmarkAdd(b *testing.B) {
	for _, text := range []attribute.Number{"1732531200", "12345.678"} {
		b.Run(string(text), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = text.Add("1")
			}
		})
	}
}
