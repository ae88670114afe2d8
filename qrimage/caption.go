package qrimage

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/math/fixed"
)

// captionLines is how many lines a caption may take before it is cut off.
const captionLines = 3

// captioned draws the code with its label in a band below it, in sixteen shades so that the letters are smooth. The picture
// grows downwards: its width and the code stay as they are without a label.
func captioned(m Matrix, g grid, label string) ([]byte, error) {
	label, err := printable(label)
	if err != nil {
		return nil, err
	}
	face, err := faceOf(max(10, float64(g.size)/20))
	if err != nil {
		return nil, err
	}
	defer face.Close()
	width := float64(g.size - 2*max(g.scale, g.size/25))
	lines := wrapped(label, width, captionLines, func(s string) float64 { return float64(font.MeasureString(face, s).Ceil()) })
	height := face.Metrics().Height.Ceil()
	img := image.NewPaletted(image.Rect(0, 0, g.size, g.size+height*len(lines)+height/2), shades())
	draw.Draw(img, img.Bounds(), image.White, image.Point{}, draw.Src)
	paintModules(img, m, g)
	for i, line := range lines {
		write(img, face, line, g.size+height*i)
	}
	return encoded(img)
}

// shades is a palette of sixteen greys from black to white.
func shades() color.Palette {
	p := make(color.Palette, 16)
	for i := range p {
		p[i] = color.Gray{Y: uint8(i * 17)}
	}
	return p
}

// paintModules fills the dark modules with the first colour of the palette, which is black: one line of pixels for each row
// of modules, and then the same again.
func paintModules(img *image.Paletted, m Matrix, g grid) {
	for y := range m.Size() {
		at := (g.margin+y*g.scale)*img.Stride + g.margin
		line := img.Pix[at : at+m.Size()*g.scale]
		for x := range m.Size() {
			if m.Dark(x, y) {
				clear(line[x*g.scale : (x+1)*g.scale])
			}
		}
		for range g.scale - 1 {
			at += img.Stride
			copy(img.Pix[at:at+len(line)], line)
		}
	}
}

// write puts a line of text in the middle of the picture, its top at the given height.
func write(img draw.Image, face font.Face, line string, top int) {
	left := (fixed.I(img.Bounds().Dx()) - font.MeasureString(face, line)) / 2
	d := font.Drawer{Dst: img, Src: image.Black, Face: face,
		Dot: fixed.Point26_6{X: left, Y: fixed.I(top) + face.Metrics().Ascent}}
	d.DrawString(line)
}

// encoders keeps the working memory of image/png, a megabyte, from one picture to the next.
type encoders struct{ sync.Pool }

func (e *encoders) Get() *png.EncoderBuffer {
	b, _ := e.Pool.Get().(*png.EncoderBuffer)
	return b
}

func (e *encoders) Put(b *png.EncoderBuffer) { e.Pool.Put(b) }

var encoder = png.Encoder{CompressionLevel: png.BestSpeed, BufferPool: &encoders{}}

func encoded(img image.Image) ([]byte, error) {
	var out bytes.Buffer
	if err := encoder.Encode(&out, img); err != nil {
		return nil, fmt.Errorf("qrimage: png: %w", err)
	}
	return out.Bytes(), nil
}
