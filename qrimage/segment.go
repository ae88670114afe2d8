package qrimage

import (
	"strings"

	"rsc.io/qr/coding"
)

// mode is one of the three ways in which a stretch of text can be packed.
type mode int

const (
	digits  mode = iota // three digits in 10 bits
	capital             // two of 45 characters in 11 bits
	octets              // a byte in 8 bits
	modes
)

// sixths is the price of one character in sixths of a bit, which makes all three modes whole numbers.
var sixths = [modes]int{20, 33, 48}

// headerBits is the price of opening a stretch: mode and count, by mode and by class of versions 1–9, 10–26, 27–40.
var headerBits = [modes][3]int{{14, 16, 18}, {13, 15, 17}, {12, 20, 20}}

// lastVersion is the largest version of each class.
var lastVersion = [3]coding.Version{9, 26, 40}

// stretches packs the text for a class of versions in the fewest bits. Payment payloads are mostly digits and
// capitals, so this often makes the code a size smaller and its modules larger, which cheap cameras notice.
//
// Text with letters outside ASCII stays one stretch: many readers guess the character set of each stretch by
// itself, and a short one is guessed wrongly more often than a long one.
func stretches(text string, class int) []coding.Encoding {
	if !isASCII(text) {
		return []coding.Encoding{coding.String(text)}
	}
	return split(text, cheapestModes(text, class))
}

// cheapestModes names the mode of every byte such that the whole is shortest. It walks the text once and
// keeps, for each mode, the price of the best packing that ends in it and where that packing came from.
func cheapestModes(text string, class int) []mode {
	var price [modes]int
	for m := range modes {
		price[m] = 6 * headerBits[m][class]
	}
	from := make([][modes]mode, len(text))
	for i := range len(text) {
		before, last := price, i == len(text)-1
		for m := range modes {
			price[m] = before[m] + sixths[m]
			from[i][m] = m
			if !allowed(text[i], m) {
				price[m] = unaffordable
			}
		}
		if !last {
			switchModes(&price, &from[i], class)
		}
	}
	return walkBack(from, price)
}

// unaffordable is more than any text within the QR limit can cost, and small enough to be added to.
const unaffordable = 1 << 28

// switchModes lets the next byte be packed in another mode when opening a new stretch is cheaper. A stretch
// ends on a whole bit, so its sixths are rounded up.
func switchModes(price *[modes]int, from *[modes]mode, class int) {
	ended := *price
	for to := range modes {
		for m := range modes {
			if p := (ended[m]+5)/6*6 + 6*headerBits[to][class]; p < price[to] {
				price[to], from[to] = p, m
			}
		}
	}
}

// walkBack follows the cheapest packing from its end to its start.
func walkBack(from [][modes]mode, price [modes]int) []mode {
	best := octets
	for m := range modes {
		if price[m] < price[best] {
			best = m
		}
	}
	path := make([]mode, len(from))
	for i := len(from) - 1; i >= 0; i-- {
		best = from[i][best]
		path[i] = best
	}
	return path
}

// split cuts the text where the mode changes.
func split(text string, path []mode) []coding.Encoding {
	var parts []coding.Encoding
	start := 0
	for i := 1; i <= len(text); i++ {
		if i == len(text) || path[i] != path[start] {
			parts = append(parts, packed(text[start:i], path[start]))
			start = i
		}
	}
	return parts
}

func packed(text string, m mode) coding.Encoding {
	switch m {
	case digits:
		return coding.Num(text)
	case capital:
		return coding.Alpha(text)
	}
	return coding.String(text)
}

// allowed reports whether the mode can carry the byte.
func allowed(b byte, m mode) bool {
	switch m {
	case digits:
		return '0' <= b && b <= '9'
	case capital:
		return '0' <= b && b <= '9' || 'A' <= b && b <= 'Z' || strings.IndexByte(" $%*+-./:", b) >= 0
	}
	return true
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}
