// Package money counts: whole tyiyn in int64, checked arithmetic, exact
// splits, rounding that is stated. Nothing here knows what the money is for.
package money

import (
	"errors"
	"math/bits"
	"strconv"
)

// Amount is a sum of money in tyiyn, the hundredth part of a som. It may be
// negative inside the ledger; amounts on the wire are positive.
type Amount int64

// Max is the largest amount accepted from outside, 2^53 − 1 tyiyn: the last
// integer that every JSON reader keeps exactly.
const Max Amount = 1<<53 - 1

// KGS is the only currency of the platform, Code its number in ISO 4217.
const (
	KGS     = "KGS"
	KGSCode = "417"
)

// ErrOverflow says that a sum does not fit int64; the operation changed nothing.
var ErrOverflow = errors.New("money: the sum does not fit 64 bits")

// Add returns a + b, or ErrOverflow.
func Add(a, b Amount) (Amount, error) {
	s := a + b
	if (s > a) != (b > 0) && b != 0 {
		return 0, ErrOverflow
	}
	return s, nil
}

// Sub returns a − b, or ErrOverflow.
func Sub(a, b Amount) (Amount, error) {
	d := a - b
	if (d < a) != (b > 0) && b != 0 {
		return 0, ErrOverflow
	}
	return d, nil
}

// MulDiv returns floor(a × num ÷ den) for a, num ≥ 0 and den > 0, computed in
// 128 bits so that the product never overflows; ErrOverflow when the quotient does.
func MulDiv(a Amount, num, den int64) (Amount, error) {
	if a < 0 || num < 0 || den <= 0 {
		return 0, errors.New("money: MulDiv takes a, num ≥ 0 and den > 0")
	}
	hi, lo := bits.Mul64(uint64(a), uint64(num))
	if hi >= uint64(den) {
		return 0, ErrOverflow
	}
	q, _ := bits.Div64(hi, lo, uint64(den))
	if q > 1<<63-1 {
		return 0, ErrOverflow
	}
	return Amount(q), nil
}

// Split divides total into parts in proportion to weights. The parts sum to
// total exactly: each gets its floor, and the tyiyn left over go to the first
// parts, one each. Weights must be ≥ 0 and not all zero, total ≥ 0.
func Split(total Amount, weights []int64) ([]Amount, error) {
	var sum int64
	for _, w := range weights {
		if w < 0 || sum > 1<<62-w {
			return nil, errors.New("money: weights must be ≥ 0 and sum below 2^62")
		}
		sum += w
	}
	if sum == 0 || total < 0 {
		return nil, errors.New("money: Split takes total ≥ 0 and a weight above zero")
	}
	parts, left := make([]Amount, len(weights)), total
	for i, w := range weights {
		parts[i], _ = MulDiv(total, w, sum)
		left -= parts[i]
	}
	for i := 0; left > 0; i = (i + 1) % len(parts) {
		if weights[i] > 0 {
			parts[i]++
			left--
		}
	}
	return parts, nil
}

// Plain writes the amount in som with a point, "1234.50", as in CSV files.
func (a Amount) Plain() string {
	neg, u := "", uint64(a)
	if a < 0 {
		neg, u = "-", -u
	}
	tyiyn := u % 100
	pad := ""
	if tyiyn < 10 {
		pad = "0"
	}
	return neg + strconv.FormatUint(u/100, 10) + "." + pad + strconv.FormatUint(tyiyn, 10)
}

// String writes the amount for people, "1 234,50", groups of three parted by a
// no-break space, as is usual in Kyrgyz and Russian print.
func (a Amount) String() string {
	p := a.Plain()
	whole, frac := p[:len(p)-3], p[len(p)-2:]
	neg := ""
	if whole[0] == '-' {
		neg, whole = "−", whole[1:]
	}
	var out []byte
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			out = append(out, "\u00a0"...)
		}
		out = append(out, whole[i])
	}
	return neg + string(out) + "," + frac
}

// ErrFormat says that a text is not an amount in som.
var ErrFormat = errors.New("money: an amount is digits with at most two after a point or comma, such as 150 or 99.50")

// Parse reads an amount a person typed, "150", "1 234,5" or "99.50" som. It
// refuses signs, exponents, a third decimal and anything above Max.
func Parse(text string) (Amount, error) {
	var whole Amount
	decimals, digits := -1, 0
	for _, r := range text {
		switch {
		case r == ' ' || r == '\u00a0':
			continue
		case (r == '.' || r == ',') && decimals < 0 && digits > 0:
			decimals = 0
			continue
		case r < '0' || r > '9' || decimals >= 2:
			return 0, ErrFormat
		}
		if whole > Max/10 {
			return 0, ErrOverflow
		}
		whole = whole*10 + Amount(r-'0')
		digits++
		if decimals >= 0 {
			decimals++
		}
	}
	if digits == 0 || decimals == 0 {
		return 0, ErrFormat
	}
	for range 2 - max(decimals, 0) {
		if whole > Max/10 {
			return 0, ErrOverflow
		}
		whole *= 10
	}
	return whole, nil
}
