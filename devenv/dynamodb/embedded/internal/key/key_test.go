package key_test

import (
	"bytes"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/key"
)

// texts are bytes from a small alphabet, in which the escaped and escaping ones meet.
func texts() *rapid.Generator[[]byte] {
	return rapid.SliceOfN(rapid.SampledFrom([]byte{0x00, 0x01, 'a', 'b', 0xfe, 0xff}), 0, 6)
}

func numbers() *rapid.Generator[attribute.Number] {
	return rapid.Custom(func(t *rapid.T) attribute.Number {
		digits := rapid.StringMatching(`[0-9]{1,38}`).Draw(t, "digits")
		exponent := rapid.IntRange(-130, 125-len(digits)+1).Draw(t, "exponent")
		sign := rapid.SampledFrom([]string{"", "-"}).Draw(t, "sign")
		n, err := attribute.ParseNumber(sign + digits + "E" + strconv.Itoa(exponent))
		if err != nil {
			t.Skip("out of range")
		}
		return n
	})
}

// values are two of one type, as in the same key attribute.
func values(t *rapid.T) (a, b attribute.Value) {
	switch rapid.SampledFrom([]attribute.Type{"S", "B", "N"}).Draw(t, "type") {
	case attribute.TypeString:
		return attribute.String(texts().Draw(t, "a")), attribute.String(texts().Draw(t, "b"))
	case attribute.TypeBinary:
		return attribute.Binary(texts().Draw(t, "a")), attribute.Binary(texts().Draw(t, "b"))
	default:
		return numbers().Draw(t, "a"), numbers().Draw(t, "b")
	}
}

func TestEncodingsSortAsTheirValues(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := values(t)
		want, ok := attribute.Compare(a, b)
		require.True(t, ok)
		require.Equal(t, want, bytes.Compare(key.Append(nil, a), key.Append(nil, b)), "%v %v", a, b)
	})
}

func TestAJoinedKeySortsByItsFirstPartFirst(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a1, b1 := values(t)
		a2, b2 := values(t)
		want, _ := attribute.Compare(a1, b1)
		if want == 0 {
			want, _ = attribute.Compare(a2, b2)
		}
		a, b := key.Append(key.Append(nil, a1), a2), key.Append(key.Append(nil, b1), b2)
		require.Equal(t, want, bytes.Compare(a, b))
	})
}

func TestAnEncodingDecodesAndLeavesTheRest(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, _ := values(t)
		rest := texts().Draw(t, "rest")
		got, left, err := key.Decode(append(key.Append(nil, a), rest...))
		require.NoError(t, err)
		require.True(t, attribute.Equal(a, got), "%v became %v", a, got)
		require.Equal(t, string(rest), string(left))
	})
}

func TestAPrefixIsThatOfTheValuesThatBeginWithIt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		value, prefix := texts().Draw(t, "value"), texts().Draw(t, "prefix")
		for _, of := range []func([]byte) attribute.Value{
			func(b []byte) attribute.Value { return attribute.String(b) },
			func(b []byte) attribute.Value { return attribute.Binary(b) },
		} {
			got := bytes.HasPrefix(key.Append(nil, of(value)), key.AppendPrefix(nil, of(prefix)))
			require.Equal(t, bytes.HasPrefix(value, prefix), got)
		}
	})
}

func TestNumbersAtTheEndsOfTheRange(t *testing.T) {
	t.Parallel()
	var last []byte
	for _, text := range []string{
		"-9.9999999999999999999999999999999999999E+125", "-1E+125", "-10", "-9.5", "-9", "-1", "-0.1", "-1E-130",
		"0", "1E-130", "1.1E-130", "0.1", "1", "1.5", "9", "9.5", "10", "1E+125", "9.9999999999999999999999999999999999999E+125",
	} {
		n, err := attribute.ParseNumber(text)
		require.NoError(t, err)
		encoded := key.Append(nil, n)
		assert.Negative(t, bytes.Compare(last, encoded), text)
		last = encoded
	}
}

// The hash is stored with every item, so it may never change.
func TestTheHashStaysWhatItIs(t *testing.T) {
	t.Parallel()
	for value, want := range map[attribute.Value]uint64{
		attribute.String("falafel"): hashOfFalafel,
		attribute.Number("42"):      hashOf42,
	} {
		assert.Equal(t, want, key.Hash(value))
	}
}

const (
	hashOfFalafel = 0xaa3b61f05e030eeb
	hashOf42      = 0x7ae06b687f6c273f
)

func TestWhatIsNoEncodingIsAnError(t *testing.T) {
	t.Parallel()
	for name, src := range map[string][]byte{
		"nothing": nil, "another type": {'X', 0, 1}, "an endless string": {'S', 'a'}, "an endless number": {'N', 3, 140, 2},
		"no sign": {'N'}, "no exponent": {'N', 3}, "no digits": {'N', 3, 140, 0}, "a wrong digit": {'N', 3, 140, 77, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := key.Decode(src)
			require.Error(t, err)
		})
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("Sa\x00\x01"))
	f.Add([]byte{'N', 3, 140, 2, 0})
	f.Fuzz(func(t *testing.T, src []byte) {
		v, rest, err := key.Decode(src)
		if err != nil {
			return
		}
		if v.Type() != attribute.TypeNumber { // trailing zeros are a form that is not written
			require.Equal(t, src[:len(src)-len(rest)], key.Append(nil, v))
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	for name, v := range map[string]attribute.Value{
		"string": attribute.String("RESTAURANT#falafel-king"), "number": attribute.Number("12345.678"),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			room := make([]byte, 0, 64)
			for b.Loop() {
				room = key.Append(room[:0], v)
			}
		})
	}
}
