package qrimage

import (
	"fmt"
	"math/bits"
	"sync/atomic"
	"unicode/utf8"

	"rsc.io/qr/coding"
)

// Matrix is the square of dark and light modules that makes up a QR code, without its quiet zone.
type Matrix struct{ rows []row }

// Size is the number of modules on a side: 21 to 177.
func (m Matrix) Size() int { return len(m.rows) }

// Dark reports whether the module in column x of row y is dark. Everything outside the code is light.
func (m Matrix) Dark(x, y int) bool {
	return 0 <= y && y < len(m.rows) && 0 <= x && x < len(m.rows) && m.rows[y].has(x)
}

// Modules encodes the text, in the smallest code that holds it at exactly the given level (empty means LevelM) and
// with the mask that scans best. It returns ErrEmpty, ErrText, ErrLevel or ErrTooLong.
//
// Of the two encoders at hand, rsc.io/qr is ten times faster but always takes mask 0, and piglig/go-qr chooses the mask
// but takes some 300 µs for a usual payload. This uses the low level of the first, which knows all masks, and scores them
// here on whole rows of bits: as good a code as the second gives, in a tenth of its time (bench_test.go).
func Modules(text string, level Level) (Matrix, error) {
	l, err := level.coding()
	if err != nil {
		return Matrix{}, err
	}
	if text == "" {
		return Matrix{}, ErrEmpty
	}
	if !utf8.ValidString(text) {
		return Matrix{}, fmt.Errorf("%w: payloads are UTF-8, convert it first", ErrText)
	}
	version, parts, ok := smallest(text, l)
	if !ok {
		return Matrix{}, fmt.Errorf("%w: %d bytes do not fit level %v, which holds %d bytes of any text; "+
			"shorten it or use a lower level", ErrTooLong, len(text), l, Limit(level))
	}
	f, err := frameOf(version, l)
	if err != nil {
		return Matrix{}, err
	}
	return f.draw(parts)
}

// Limit is the number of bytes that fit whatever they are; text of digits or capitals may be longer. A letter outside
// ASCII, as the Kyrgyz ones are, takes two bytes. It is 0 for an unknown level.
func Limit(level Level) int {
	l, err := level.coding()
	if err != nil {
		return 0
	}
	return coding.Version(coding.MaxVersion).DataBytes(l) - (headerBits[octets][2]+7)/8
}

// coding is the level as the encoder names it.
func (l Level) coding() (coding.Level, error) {
	switch l {
	case LevelL:
		return coding.L, nil
	case LevelM, "":
		return coding.M, nil
	case LevelQ:
		return coding.Q, nil
	case LevelH:
		return coding.H, nil
	}
	return 0, fmt.Errorf("%w %q: use L, M, Q or H", ErrLevel, string(l))
}

// smallest finds the smallest version that holds the text, and how to pack it for that version.
func smallest(text string, l coding.Level) (coding.Version, []coding.Encoding, bool) {
	version := coding.Version(coding.MinVersion)
	for class, last := range lastVersion {
		if len(text)*20/6 > 8*last.DataBytes(l) {
			version = last + 1
			continue // Not even all digits would fit.
		}
		parts := stretches(text, class)
		for ; version <= last; version++ {
			if bitsOf(parts, version) <= 8*version.DataBytes(l) {
				return version, parts, true
			}
		}
	}
	return 0, nil, false
}

func bitsOf(parts []coding.Encoding, v coding.Version) int {
	sum := 0
	for _, p := range parts {
		sum += p.Bits(v)
	}
	return sum
}

// frame is what all codes of one version and level share: the plan of where bits go, and for each mask what to flip,
// format bits included, to turn a code with mask 0 into one with that mask.
type frame struct {
	plan       *coding.Plan
	rows, cols [8][]row
}

// frames keeps each frame once it has been made: making one costs more than drawing with it. All 160 together take
// about 12 MB; a service that draws payment payloads uses a handful.
var frames [4][coding.MaxVersion + 1]atomic.Pointer[frame]

func frameOf(v coding.Version, l coding.Level) (*frame, error) {
	place := &frames[l][v]
	if f := place.Load(); f != nil {
		return f, nil
	}
	f, err := newFrame(v, l)
	if err != nil {
		return nil, fmt.Errorf("qrimage: version %v level %v: %w", v, l, err)
	}
	place.Store(f)
	return f, nil
}

func newFrame(v coding.Version, l coding.Level) (*frame, error) {
	base, err := coding.NewPlan(v, l, 0)
	if err != nil {
		return nil, err
	}
	f := &frame{plan: base}
	for mask := range f.rows {
		p, err := coding.NewPlan(v, l, coding.Mask(mask))
		if err != nil {
			return nil, err
		}
		f.rows[mask] = difference(base, p)
		f.cols[mask] = flipped(f.rows[mask])
	}
	return f, nil
}

// difference marks the modules that two plans draw differently for the same data.
func difference(a, b *coding.Plan) []row {
	rows := make([]row, len(a.Pixel))
	for y := range rows {
		for x := range rows {
			if (a.Pixel[y][x]^b.Pixel[y][x])&coding.Black != 0 {
				rows[y].set(x)
			}
		}
	}
	return rows
}

// draw makes the code with mask 0, tries all masks on it and keeps the one with the lowest penalty.
func (f *frame) draw(parts []coding.Encoding) (Matrix, error) {
	code, err := f.plan.Encode(parts...)
	if err != nil {
		return Matrix{}, fmt.Errorf("qrimage: %w", err)
	}
	base := rowsOf(code)
	baseCols := flipped(base)
	rows, cols, best := make([]row, len(base)), make([]row, len(base)), make([]row, len(base))
	lowest := -1
	for mask := range f.rows {
		flip(rows, base, f.rows[mask])
		flip(cols, baseCols, f.cols[mask])
		if p := penalty(rows, cols); lowest < 0 || p < lowest {
			lowest = p
			copy(best, rows)
		}
	}
	return Matrix{rows: best}, nil
}

func flip(to, from, by []row) {
	for i := range to {
		to[i] = from[i].xor(by[i])
	}
}

// rowsOf turns the encoder's bytes, first module in the highest bit, into rows.
func rowsOf(c *coding.Code) []row {
	rows := make([]row, c.Size)
	for y := range rows {
		line := c.Bitmap[y*c.Stride:]
		for i := range (c.Size + 7) / 8 {
			rows[y].merge(i>>3, uint64(bits.Reverse8(line[i]))<<(i&7*8))
		}
	}
	return rows
}
