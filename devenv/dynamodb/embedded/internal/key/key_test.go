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

// Stores are full of these, so they may never change.
func TestTheEncodingsStayWhatTheyAre(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		value attribute.Value
		want  []byte
	}{
		{attribute.String("a\x00b"), []byte{1, 'a', 0, 0xff, 'b', 0, 1}},
		{attribute.String(""), []byte{1, 0, 1}},
		{attribute.Binary{0, 1, 0xff}, []byte{2, 0, 0xff, 1, 0xff, 0, 1}},
		{attribute.Number("0"), []byte{4}},
		{attribute.Number("123"), []byte{5, 132, 13, 31, 0}},
		{attribute.Number("-123"), []byte{3, 123, 242, 224, 255}},
		{attribute.Number("1200"), []byte{5, 133, 13, 0}},
		{attribute.Number("0.05"), []byte{5, 128, 51, 0}},
		{attribute.Number("12.5"), []byte{5, 131, 13, 51, 0}},
	} {
		assert.Equal(t, test.want, key.Append(nil, test.value), test.value)
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
	hashOfFalafel = 0xb68ccf4511bbb4d4
	hashOf42      = 0x3eec2423360f385a
)

func TestWhatIsNoEncodingIsAnError(t *testing.T) {
	t.Parallel()
	for name, src := range map[string][]byte{
		"nothing": nil, "another type": {9, 0, 1}, "no end": {1, 'a'}, "half an end": {1, 'a', 0}, "a zero that is neither": {1, 'a', 0, 2, 0, 1},
		"a number without a power": {5}, "a number without digits": {5, 132, 0}, "a number without an end": {5, 132, 13},
		"a pair above 99": {5, 132, 102, 0}, "a leading zero": {5, 132, 5, 0}, "a trailing zero": {5, 132, 13, 1, 0},
		"too many digits": append(append([]byte{5, 132}, bytes.Repeat([]byte{13}, 20)...), 0),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := key.Decode(src)
			require.Error(t, err)
		})
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("\x01a\x00\xff\x00\x01"))
	f.Add([]byte{5, 132, 13, 31, 0})
	f.Add([]byte{3, 123, 242, 224, 255})
	f.Fuzz(func(t *testing.T, src []byte) {
		v, rest, err := key.Decode(src)
		if err != nil {
			return
		}
		require.Equal(t, src[:len(src)-len(rest)], key.Append(nil, v))
		if n, ok := v.(attribute.Number); ok {
			parsed, err := attribute.ParseNumber(string(n))
			require.NoError(t, err)
			require.Equal(t, parsed, n)
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
