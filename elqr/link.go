package elqr

import (
	"fmt"
	"strings"
)

// NationalBase is the address of links made by the main operator.
const NationalBase = "https://pay.payqr.kg/"

// Link joins the address of a page and a payload into a link: base, "#", the
// payload percent-encoded as UTF-8. Only what a fragment cannot hold is
// escaped, to keep the QR small; "+" is escaped too, because some readers take
// it for a space. A "#" at the end of base is not doubled.
func Link(base, payload string) string {
	base = strings.TrimSuffix(base, "#")
	dst := make([]byte, 0, len(base)+1+len(payload)+2*escapes(payload))
	dst = append(append(dst, base...), '#')
	return string(escapeFrom(append(dst, payload...), len(base)+1))
}

// BankBase returns the base of a link that opens one bank's app:
// "elqr-bank://payqr.kg". The scheme must start with "elqr-", have at most 50
// characters and only a–z, 0–9 and "-".
func BankBase(scheme string) (string, error) {
	name, found := strings.CutPrefix(scheme, "elqr-")
	if !found || name == "" || len(scheme) > 50 {
		return "", fmt.Errorf("elqr: app scheme %q must be elqr-NAME with at most 50 characters", scheme)
	}
	for i := range len(name) {
		if c := name[i]; c != '-' && !isDigit(c) && (c < 'a' || c > 'z') {
			return "", fmt.Errorf("elqr: app scheme %q may hold only a–z, 0–9 and -", scheme)
		}
	}
	return scheme + "://payqr.kg", nil
}

// checkBase refuses addresses whose link could not be read back: a "#" would
// split the link too early, a digit in front look like a bare payload.
func checkBase(base string) error {
	base = strings.TrimSuffix(base, "#")
	scheme, rest, absolute := strings.Cut(base, "://")
	if !absolute || scheme == "" || isDigit(scheme[0]) || rest == "" || strings.Contains(base, "#") || !asciiWord.fits(base) {
		return fmt.Errorf("elqr: link base %q must be an absolute address without spaces and #, such as %s", base, NationalBase)
	}
	return nil
}

// plainInFragment marks the bytes RFC 3986 allows in a fragment as they are,
// without "+".
var plainInFragment = func() (plain [256]bool) {
	for c := byte('0'); c <= 'z'; c++ {
		plain[c] = isDigit(c) || (c|0x20 >= 'a' && c|0x20 <= 'z')
	}
	for _, c := range []byte("-._~!$&'()*,;=:@/?") {
		plain[c] = true
	}
	return plain
}()

func escapes[text string | []byte](s text) (n int) {
	for i := range len(s) {
		if !plainInFragment[s[i]] {
			n++
		}
	}
	return n
}

// escapeFrom percent-encodes the end of dst in place. It works backwards, so
// that no byte is overwritten before it was read.
func escapeFrom(dst []byte, from int) []byte {
	const hex = "0123456789ABCDEF"
	read := len(dst) - 1
	for range escapes(dst[from:]) {
		dst = append(dst, 0, 0)
	}
	for write := len(dst) - 1; write > read; read-- {
		c := dst[read]
		if plainInFragment[c] {
			dst[write] = c
			write--
			continue
		}
		dst[write-2], dst[write-1], dst[write] = '%', hex[c>>4], hex[c&15]
		write -= 3
	}
	return dst
}

// unescape decodes percent triplets, and "+" as a space where asked. A "%"
// without two hexadecimal digits stays as it is: it may be text, and if it is
// not, the checksum will tell.
func unescape(s string, plusIsSpace bool) string {
	if !strings.Contains(s, "%") && !(plusIsSpace && strings.Contains(s, "+")) {
		return s
	}
	out := make([]byte, 0, 1024) // on the stack, enough for nearly all
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' {
			if value, ok := triplet(s[i:]); ok {
				c = value
				i += 2
			}
		} else if c == '+' && plusIsSpace {
			c = ' '
		}
		out = append(out, c)
	}
	return string(out)
}

// triplet decodes the two digits behind a "%".
func triplet(s string) (value byte, ok bool) {
	if len(s) < 3 {
		return 0, false
	}
	high, ok1 := hexDigit(s[1])
	low, ok2 := hexDigit(s[2])
	return high<<4 | low, ok1 && ok2
}
