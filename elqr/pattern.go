package elqr

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// pattern is a named test of a value, so that a refusal can say in words what
// was expected.
type pattern struct {
	name string
	fits func(string) bool
}

var (
	anyText        = pattern{"any text", utf8.ValidString}
	printable      = pattern{"printable text", isPrintable}
	asciiText      = pattern{"Latin letters, digits and signs", everyByte(' ', '~')}
	asciiWord      = pattern{"Latin letters, digits and signs without spaces", everyByte('!', '~')}
	digits         = pattern{"digits", everyByte('0', '9')}
	capitals       = pattern{"capital Latin letters", everyByte('A', 'Z')}
	hexadecimal    = pattern{"hexadecimal digits", isHex}
	format01       = pattern{"01", oneOf("01")}
	elevenOrTwelve = pattern{"11 or 12", oneOf("11", "12")}
	oneTwoThree    = pattern{"01, 02 or 03", oneOf("01", "02", "03")}
	som417         = pattern{"417", oneOf("417")}
	positive       = pattern{"a decimal number above zero", isPositive}
	nestedText     = pattern{"nested elements", wellNested}
)

// isPrintable refuses control characters, invisible ones and marks that turn the
// direction of text: what a payer is shown must be what is there.
func isPrintable(s string) bool {
	for _, r := range s {
		if r < ' ' || r > '~' && (r == utf8.RuneError || !unicode.IsPrint(r)) {
			return false
		}
	}
	return true
}

func everyByte(low, high byte) func(string) bool {
	return func(s string) bool {
		for i := range len(s) {
			if s[i] < low || s[i] > high {
				return false
			}
		}
		return true
	}
}

func oneOf(values ...string) func(string) bool {
	return func(s string) bool {
		for _, v := range values {
			if s == v {
				return true
			}
		}
		return false
	}
}

func isHex(s string) bool {
	for i := range len(s) {
		if _, ok := hexDigit(s[i]); !ok {
			return false
		}
	}
	return true
}

// isDecimal accepts "98", "98.7" and "98.73"; no sign, comma, exponent or
// space, and digits on both sides of the point, so that every reader sees the
// same number.
func isDecimal(s string) bool {
	whole, fraction, point := strings.Cut(s, ".")
	return whole != "" && digits.fits(whole) && digits.fits(fraction) && point == (fraction != "")
}

func isPositive(s string) bool {
	return isDecimal(s) && strings.ContainsAny(s, "123456789")
}
