package review_test

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/pretendfriend/falafel-api/api/review"
)

func TestDecimalsComeBackInPlainNotation(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"0": "0", "-0": "0", "0.0": "0", "0e9": "0", "4.5": "4.5", "4.50": "4.5", "5.0": "5", "1e3": "1000", "1E+2": "100", "-12.340e-1": "-1.234",
		"12345678901234567890123456789012345678":   "12345678901234567890123456789012345678",
		"0.00000000000000000000000000000000000001": "0.00000000000000000000000000000000000001",
	} {
		d, err := review.ParseDecimal(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, d.String(), text)
	}
}

func TestWhatIsNoDecimalOrTooLongIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", " ", "NaN", "sNaN", "Infinity", "-inf", "0x10", "1_000", "1,5", "--1", "1e", "e1", ".", "true", "null", `"1"`,
		"1234567890123456789012345678901234567890", "1e126", "1e-131", "1e999999999", "1e99999999999999999999", strings.Repeat("9", 100_000),
	} {
		_, err := review.ParseDecimal(text)
		require.Error(t, err, text)
		assert.Less(t, len(err.Error()), 200, "the message must stay short")
	}
}

// decimals draws texts of decimals with at most 30 digits, so that sums of two fit.
func decimals() *rapid.Generator[string] {
	return rapid.StringMatching(`-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,14})?`)
}

func rational(t *rapid.T, text string) *big.Rat {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("%q is no number", text)
	}
	return r
}

func TestDecimalArithmeticIsExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		x, y := decimals().Draw(t, "x"), decimals().Draw(t, "y")
		dx, dy := review.MustDecimal(x), review.MustDecimal(y)
		rx, ry := rational(t, x), rational(t, y)
		assert.Zero(t, rational(t, dx.Add(dy).String()).Cmp(new(big.Rat).Add(rx, ry)))
		assert.Zero(t, rational(t, dx.Sub(dy).String()).Cmp(new(big.Rat).Sub(rx, ry)))
		assert.Equal(t, rx.Cmp(ry), dx.Cmp(dy))
		assert.Equal(t, rx.Sign(), dx.Sign())
	})
}

func TestDecimalsSurviveJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := review.MustDecimal(decimals().Draw(t, "d"))
		text, err := json.Marshal(d)
		require.NoError(t, err)
		var back review.Decimal
		require.NoError(t, json.Unmarshal(text, &back))
		assert.Zero(t, d.Cmp(back))
		assert.Equal(t, d.String(), back.String())
	})
}

func TestMeansRoundHalfToEven(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sum      string
		n        int64
		decimals int
		want     string
	}{
		{"13", 3, 2, "4.33"}, {"14", 3, 2, "4.67"}, {"0.25", 2, 2, "0.12"}, {"0.75", 2, 2, "0.38"}, {"10", 4, 0, "2"}, {"14", 4, 0, "4"}, {"9", 2, 2, "4.5"}, {"0", 7, 2, "0"},
	} {
		assert.Equal(t, c.want, review.MustDecimal(c.sum).Per(c.n, c.decimals).String(), "%s / %d", c.sum, c.n)
	}
}

func FuzzParseDecimal(f *testing.F) {
	for _, seed := range []string{"0", "-1.5e10", "1e125", "NaN", "00001", "1.", ".5", "9e-130"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := review.ParseDecimal(text)
		if err != nil {
			return
		}
		again, err := review.ParseDecimal(d.String())
		if err != nil || again.Cmp(d) != 0 || again.String() != d.String() {
			t.Errorf("%q is read as %s, which is read as %s, %v", text, d, again, err)
		}
	})
}
