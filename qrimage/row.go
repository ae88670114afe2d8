package qrimage

import "math/bits"

// row is a line of up to 192 modules, one bit each, the first module in the lowest bit of a. The largest code has 177,
// which leaves room for the four light modules that the mask rules look for on either side. It is a struct and not an
// array because the compiler keeps small structs in registers, which makes the mask rules eight times as fast.
type row struct{ a, b, c uint64 }

func (r row) has(i int) bool { return r.word(i>>6)>>(i&63)&1 != 0 }

func (r row) word(i int) uint64 {
	switch i {
	case 0:
		return r.a
	case 1:
		return r.b
	}
	return r.c
}

func (r *row) set(i int) { r.merge(i>>6, 1<<(i&63)) }

// merge sets the given bits in one of the three words.
func (r *row) merge(i int, word uint64) {
	switch i {
	case 0:
		r.a |= word
	case 1:
		r.b |= word
	default:
		r.c |= word
	}
}

// down moves every module n places towards the start; 0 < n < 64.
func (r row) down(n uint) row {
	return row{r.a>>n | r.b<<(64-n), r.b>>n | r.c<<(64-n), r.c >> n}
}

// up moves every module n places away from the start; 0 < n < 64.
func (r row) up(n uint) row {
	return row{r.a << n, r.b<<n | r.a>>(64-n), r.c<<n | r.b>>(64-n)}
}

func (r row) and(s row) row { return row{r.a & s.a, r.b & s.b, r.c & s.c} }

func (r row) xor(s row) row { return row{r.a ^ s.a, r.b ^ s.b, r.c ^ s.c} }

func (r row) not() row { return row{^r.a, ^r.b, ^r.c} }

func (r row) count() int {
	return bits.OnesCount64(r.a) + bits.OnesCount64(r.b) + bits.OnesCount64(r.c)
}

// first returns a row whose first n modules are set; 0 <= n <= 192.
func first(n int) row {
	word := func(n int) uint64 {
		if n >= 64 {
			return ^uint64(0)
		}
		return 1<<max(n, 0) - 1
	}
	return row{word(n), word(n - 64), word(n - 128)}
}

// flipped exchanges rows and columns of a square of modules.
func flipped(rows []row) []row {
	cols := make([]row, len(rows))
	for y, r := range rows {
		for i := range 3 {
			for word := r.word(i); word != 0; word &= word - 1 {
				cols[i<<6+bits.TrailingZeros64(word)].set(y)
			}
		}
	}
	return cols
}
