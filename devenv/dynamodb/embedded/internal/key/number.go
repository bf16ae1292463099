package key

import (
	"bytes"
	"strings"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
)

// A positive number is its power of ten (d.ddd × 10^power) plus 130 in one byte, then its
// digits in pairs, each pair plus one, then 00. Digits of a number in normal form do not
// end in 0, so what has more digits is larger. A negative number is the same with
// every bit turned round.
//
//	123     05 84 0D 1F 00      (2+130, 12+1, 30+1)
//	-123    03 7B F2 E0 FF
//	0       04
const (
	powerBias = 130 // the smallest power is -130, the largest 125: just one byte
	maxPairs  = 19  // 38 digits
)

func appendNumber(dst []byte, n attribute.Number) []byte {
	text := string(n)
	if text == "0" {
		return append(dst, tagZero)
	}
	tag, flip := byte(tagPositive), byte(0)
	if strings.HasPrefix(text, "-") {
		tag, flip, text = tagNegative, 0xFF, text[1:]
	}
	whole, fraction, _ := strings.Cut(text, ".")
	power := len(whole) - 1
	if whole == "0" {
		whole = ""
		zeros := len(fraction) - len(strings.TrimLeft(fraction, "0"))
		power, fraction = -1-zeros, fraction[zeros:]
	}
	if fraction == "" {
		whole = strings.TrimRight(whole, "0")
	}
	//nolint:gosec // G115: a Number's power is within -130 and 125
	dst = append(dst, tag, byte(power+powerBias)^flip)
	digit := func(i int) byte {
		switch {
		case i < len(whole):
			return whole[i] - '0'
		case i < len(whole)+len(fraction):
			return fraction[i-len(whole)] - '0'
		default:
			return 0
		}
	}
	for i := 0; i < len(whole)+len(fraction); i += 2 {
		dst = append(dst, (digit(i)*10+digit(i+1)+1)^flip)
	}
	return append(dst, flip)
}

func decodeNumber(src []byte) (v attribute.Value, rest []byte, err error) {
	tag, src := src[0], src[1:]
	if tag == tagZero {
		return attribute.Number("0"), src, nil
	}
	var flip byte
	if tag == tagNegative {
		flip = 0xFF
	}
	end := -1
	if len(src) > 0 {
		end = bytes.IndexByte(src[1:], flip)
	}
	if end < 1 || end > maxPairs {
		return nil, nil, errMalformed
	}
	power, pairs, rest := int(src[0]^flip)-powerBias, src[1:1+end], src[1+end+1:]
	var buffer [2 * maxPairs]byte
	digits := buffer[:0]
	for _, pair := range pairs {
		value := pair ^ flip - 1
		if value > 99 {
			return nil, nil, errMalformed
		}
		digits = append(digits, '0'+value/10, '0'+value%10)
	}
	if digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
	}
	if digits[0] == '0' || digits[len(digits)-1] == '0' {
		return nil, nil, errMalformed
	}
	return plain(tag == tagNegative, digits, power), rest, nil
}

// plain writes digits × 10^power in a Number's normal form.
func plain(negative bool, digits []byte, power int) attribute.Number {
	var buffer [1 + 2 + powerBias + 2*maxPairs]byte
	text := buffer[:0]
	if negative {
		text = append(text, '-')
	}
	switch whole := power + 1; {
	case whole <= 0:
		text = append(text, "0."...)
		text = append(text, strings.Repeat("0", -whole)...)
		text = append(text, digits...)
	case whole >= len(digits):
		text = append(text, digits...)
		text = append(text, strings.Repeat("0", whole-len(digits))...)
	default:
		text = append(text, digits[:whole]...)
		text = append(text, '.')
		text = append(text, digits[whole:]...)
	}
	return attribute.Number(text)
}
