package qrimage

import (
	"image"
	"image/draw"
	"math"
)

// grey is a picture as brightness alone, a byte a pixel, 255 for white.
type grey struct {
	width, height int
	pixels        []byte
}

func newGrey(width, height int) grey { return grey{width, height, make([]byte, width*height)} }

// greyBand is how many lines are turned into colours at a time, so that a large picture is not held twice in colour.
const greyBand = 64

// greyOf takes the brightness of a picture, transparent parts laid on white as a page would show them.
func greyOf(img image.Image) grey {
	b := img.Bounds()
	g := newGrey(b.Dx(), b.Dy())
	if photo, ok := img.(*image.YCbCr); ok {
		g.copyBrightness(photo)
		return g
	}
	band := image.NewRGBA(image.Rect(0, 0, g.width, min(greyBand, g.height)))
	for top := 0; top < g.height; top += greyBand {
		draw.Draw(band, band.Rect, image.White, image.Point{}, draw.Src)
		draw.Draw(band, band.Rect, img, image.Pt(b.Min.X, b.Min.Y+top), draw.Over)
		g.fill(top, band)
	}
	return g
}

// copyBrightness takes what a JPEG keeps apart from its colours anyway.
func (g grey) copyBrightness(photo *image.YCbCr) {
	for y := range g.height {
		from := photo.YOffset(photo.Rect.Min.X, photo.Rect.Min.Y+y)
		copy(g.pixels[y*g.width:(y+1)*g.width], photo.Y[from:])
	}
}

// fill weighs the colours of a band as the eye does.
func (g grey) fill(top int, band *image.RGBA) {
	lines := min(band.Rect.Dy(), g.height-top)
	out := g.pixels[top*g.width : (top+lines)*g.width]
	for i := range out {
		p := band.Pix[4*i : 4*i+3 : 4*i+3]
		out[i] = byte((299*int(p[0]) + 587*int(p[1]) + 114*int(p[2]) + 500) / 1000)
	}
}

// shrunk averages squares of n × n pixels into one, which also takes out noise. What is left over at the right and at the
// bottom is dropped.
func (g grey) shrunk(n int) grey {
	if n == 1 {
		return g
	}
	s := newGrey(g.width/n, g.height/n)
	for y := range s.height {
		for x := range s.width {
			sum := 0
			for line := y * n; line < (y+1)*n; line++ {
				for _, p := range g.pixels[line*g.width+x*n : line*g.width+(x+1)*n] {
					sum += int(p)
				}
			}
			s.pixels[y*s.width+x] = byte(sum / (n * n))
		}
	}
	return s
}

// grown repeats every pixel n × n times, for codes whose modules are too small to be told apart by the detector.
func (g grey) grown(n int) grey {
	s := newGrey(g.width*n, g.height*n)
	for y := range s.height {
		line := g.pixels[y/n*g.width : (y/n+1)*g.width]
		for x := range s.width {
			s.pixels[y*s.width+x] = line[x/n]
		}
	}
	return s
}

// inverted exchanges dark and light, for codes drawn light on dark.
func (g grey) inverted() grey {
	s := newGrey(g.width, g.height)
	for i, p := range g.pixels {
		s.pixels[i] = 255 - p
	}
	return s
}

// framed adds a light margin, for codes cut out without one.
func (g grey) framed(n int) grey {
	s := newGrey(g.width+2*n, g.height+2*n)
	for i := range s.pixels {
		s.pixels[i] = 255
	}
	for y := range g.height {
		copy(s.pixels[(y+n)*s.width+n:], g.pixels[y*g.width:(y+1)*g.width])
	}
	return s
}

// turned rotates the picture about its middle by an angle given as sine and cosine, on a light ground and large enough to
// lose no corner.
func (g grey) turned(sin, cos float64) grey {
	s := newGrey(int(math.Abs(cos)*float64(g.width)+math.Abs(sin)*float64(g.height))+1,
		int(math.Abs(sin)*float64(g.width)+math.Abs(cos)*float64(g.height))+1)
	for y := range s.height {
		for x := range s.width {
			dx, dy := float64(x)-float64(s.width)/2, float64(y)-float64(s.height)/2
			s.pixels[y*s.width+x] = g.between(cos*dx+sin*dy+float64(g.width)/2, cos*dy-sin*dx+float64(g.height)/2)
		}
	}
	return s
}

// between mixes the four pixels around a point; outside the picture it is light.
func (g grey) between(x, y float64) byte {
	left, top := int(math.Floor(x)), int(math.Floor(y))
	if left < 0 || top < 0 || left+1 >= g.width || top+1 >= g.height {
		return 255
	}
	right, down := int(256*(x-float64(left))), int(256*(y-float64(top)))
	p := g.pixels[top*g.width+left:]
	upper := int(p[0])*(256-right) + int(p[1])*right
	lower := int(p[g.width])*(256-right) + int(p[g.width+1])*right
	return byte((upper*(256-down) + lower*down) >> 16)
}
