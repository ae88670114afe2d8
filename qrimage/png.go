package qrimage

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"sync"
)

// PNG draws the text as a black and white picture of o.Size × o.Size pixels; a label adds a caption band below and
// shades of grey. Every module is a whole number of pixels; what is left over widens the quiet zone evenly.
// It returns the errors of Modules, and ErrSize when a module would be smaller than MinModule pixels.
func PNG(text string, o Options) ([]byte, error) {
	m, o, err := drawing(text, o)
	if err != nil {
		return nil, err
	}
	g, err := gridOf(m, o)
	if err != nil {
		return nil, err
	}
	if o.Label != "" {
		return captioned(m, g, o.Label)
	}
	return blackAndWhite(m, g)
}

// MinModule is the smallest module of a PNG in pixels. Readers need two samples a module, as any sampling does; a picture
// that only some of them can read is worse than an error.
const MinModule = 2

// grid places the modules on the pixels of a square picture.
type grid struct {
	size   int // pixels on a side
	scale  int // pixels of a module
	margin int // pixels left of and above the first module
}

func gridOf(m Matrix, o Options) (grid, error) {
	modules := m.Size() + 2*o.Quiet
	scale := o.Size / modules
	if scale < MinModule {
		return grid{}, fmt.Errorf("%w: %d pixels are too few for a code of %d modules with its quiet zone, give %d or more",
			ErrSize, o.Size, modules, MinModule*modules)
	}
	return grid{o.Size, scale, (o.Size - scale*m.Size()) / 2}, nil
}

// The filters of PNG lines that are used here.
const (
	filterNone = 0
	filterUp   = 2
)

// blackAndWhite writes one bit a pixel. Most lines repeat the one above, which the filter "up" turns into zeros, so there
// is little to compress; image/png would take twenty times as long to find that out.
func blackAndWhite(m Matrix, g grid) ([]byte, error) {
	var out bytes.Buffer
	out.Grow(4096)
	out.WriteString("\x89PNG\r\n\x1a\n")
	chunk(&out, "IHDR", header(g.size))
	packed, err := deflated(scanlines(m, g))
	if err != nil {
		return nil, fmt.Errorf("qrimage: png: %w", err)
	}
	chunk(&out, "IDAT", packed)
	chunk(&out, "IEND", nil)
	return out.Bytes(), nil
}

// header describes a square picture of one bit a pixel, grey, not interlaced.
func header(size int) []byte {
	h := binary.BigEndian.AppendUint32(nil, uint32(size))
	h = binary.BigEndian.AppendUint32(h, uint32(size))
	return append(h, 1, 0, 0, 0, 0)
}

func chunk(out *bytes.Buffer, kind string, data []byte) {
	start := out.Len() + 4
	out.Write(binary.BigEndian.AppendUint32(nil, uint32(len(data))))
	out.WriteString(kind)
	out.Write(data)
	out.Write(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(out.Bytes()[start:])))
}

// scanlines is the whole picture, each line led by its filter. A line is written where it differs from the one above: at
// the top, at the first line of each row of modules, and where the bottom margin begins.
func scanlines(m Matrix, g grid) []byte {
	line := 1 + (g.size+7)/8
	all := make([]byte, g.size*line)
	for y := range g.size {
		all[y*line] = filterUp
	}
	for y := 0; y <= m.Size(); y++ {
		at := (g.margin + y*g.scale) * line
		paint(all[at:at+line], m, y, g)
	}
	paint(all[:line], m, -1, g)
	return all
}

// paint fills one line, whose bits are 1 for light, with a row of modules; a row outside the code is light.
func paint(line []byte, m Matrix, y int, g grid) {
	line[0] = filterNone
	pixels := line[1:]
	for i := range pixels {
		pixels[i] = 0xff
	}
	for x := range m.Size() {
		if !m.Dark(x, y) {
			continue
		}
		for p := g.margin + x*g.scale; p < g.margin+(x+1)*g.scale; p++ {
			pixels[p>>3] &^= 0x80 >> (p & 7)
		}
	}
}

// deflaters are kept because making one costs more than using it.
var deflaters = sync.Pool{New: func() any {
	w, err := zlib.NewWriterLevel(io.Discard, zlib.BestSpeed)
	if err != nil {
		panic(err) // The level is a constant of the same package.
	}
	return w
}}

func deflated(data []byte) ([]byte, error) {
	w := deflaters.Get().(*zlib.Writer)
	defer deflaters.Put(w)
	var out bytes.Buffer
	w.Reset(&out)
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
