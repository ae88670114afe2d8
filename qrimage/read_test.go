package qrimage

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"golang.org/x/image/draw"
	"golang.org/x/image/math/f64"
)

// shot is what a camera sees of a code: a grey picture that can be spoilt step by step.
type shot struct{ *image.Gray }

func shotOf(t testing.TB, text string, o Options) shot {
	t.Helper()
	data, err := PNG(text, o)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return shot{greyImage(img)}
}

func greyImage(img image.Image) *image.Gray {
	g := image.NewGray(img.Bounds())
	draw.Draw(g, g.Rect, img, img.Bounds().Min, draw.Src)
	return g
}

// placed lays the shot on a larger, darker table top, turned by degrees and scaled.
func (s shot) placed(width, height int, degrees, scale float64) shot {
	table := image.NewGray(image.Rect(0, 0, width, height))
	draw.Draw(table, table.Rect, image.NewUniform(color.Gray{Y: 150}), image.Point{}, draw.Src)
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	sin, cos = sin*scale, cos*scale
	cx, cy := float64(s.Rect.Dx())/2, float64(s.Rect.Dy())/2
	toTable := f64.Aff3{
		cos, -sin, float64(width)/2 - cos*cx + sin*cy,
		sin, cos, float64(height)/2 - sin*cx - cos*cy,
	}
	draw.BiLinear.Transform(table, toTable, s, s.Rect, draw.Over, nil)
	return shot{table}
}

// blurred averages each pixel with those around it, as a lens out of focus does.
func (s shot) blurred(radius int) shot {
	out := image.NewGray(s.Rect)
	for y := range s.Rect.Dy() {
		for x := range s.Rect.Dx() {
			sum, n := 0, 0
			for dy := -radius; dy <= radius; dy++ {
				for dx := -radius; dx <= radius; dx++ {
					if p := (image.Point{X: x + dx, Y: y + dy}); p.In(s.Rect) {
						sum, n = sum+int(s.GrayAt(p.X, p.Y).Y), n+1
					}
				}
			}
			out.SetGray(x, y, color.Gray{Y: uint8(sum / n)})
		}
	}
	return shot{out}
}

// changed gives every pixel a new brightness.
func (s shot) changed(f func(x, y, grey int) float64) shot {
	out := image.NewGray(s.Rect)
	for i, p := range s.Pix {
		out.Pix[i] = uint8(min(255, max(0, f(i%s.Stride, i/s.Stride, int(p)))))
	}
	return shot{out}
}

func (s shot) noisy(strength float64) shot {
	random := rand.New(rand.NewPCG(7, 7))
	return s.changed(func(_, _, grey int) float64 { return float64(grey) + random.NormFloat64()*strength })
}

// shaded darkens the picture towards the right, as a hand above it does.
func (s shot) shaded() shot {
	return s.changed(func(x, _, grey int) float64 { return float64(grey) * (1 - 0.7*float64(x)/float64(s.Rect.Dx())) })
}

func (s shot) faint() shot {
	return s.changed(func(_, _, grey int) float64 { return 110 + float64(grey)/6 })
}

func (s shot) negative() shot {
	return s.changed(func(_, _, grey int) float64 { return 255 - float64(grey) })
}

func (s shot) cut(margin int) shot {
	return shot{greyImage(s.SubImage(s.Rect.Inset(margin)))}.moved()
}

// moved brings the top left corner back to the origin.
func (s shot) moved() shot {
	out := image.NewGray(image.Rect(0, 0, s.Rect.Dx(), s.Rect.Dy()))
	draw.Draw(out, out.Rect, s.Gray, s.Rect.Min, draw.Src)
	return shot{out}
}

// slanted looks at the picture from below: what is farther up is smaller.
func (s shot) slanted(strength float64) shot {
	middle := float64(s.Rect.Dx()) / 2
	return s.changed(func(x, y, _ int) float64 {
		w := 1 + strength*(1-float64(y)/middle)
		at := func(i int) int { return int(math.Round(middle + (float64(i)-middle)*w)) }
		return float64(s.GrayAt(at(x), at(y)).Y)
	})
}

func asJPEG(t testing.TB, img image.Image, quality int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReadPhotos(t *testing.T) {
	plain := shotOf(t, usual, Options{Size: 600})
	for name, s := range map[string]shot{
		"straight":                  plain,
		"cut without a margin":      plain.cut(36),
		"on a table":                plain.placed(1200, 900, 0, 1),
		"small":                     plain.placed(640, 480, 0, 0.5),
		"very small":                plain.placed(320, 240, 0, 0.37),
		"in a large photo":          plain.placed(4000, 3000, 4, 2.5),
		"small in a large photo":    plain.placed(4000, 3000, 2, 0.8),
		"turned by 3 degrees":       plain.placed(1000, 1000, 3, 1),
		"turned by 12 degrees":      plain.placed(1000, 1000, -12, 1),
		"turned by 45 degrees":      plain.placed(1000, 1000, 45, 1),
		"from below":                plain.placed(1000, 1000, 3, 1).slanted(0.15),
		"upside down":               plain.placed(1000, 1000, 180, 1),
		"on its side":               plain.placed(1000, 1000, 90, 1),
		"out of focus":              plain.placed(900, 900, 2, 1).blurred(3),
		"noisy":                     plain.placed(900, 900, 2, 1).noisy(45),
		"out of focus and noisy":    plain.placed(900, 900, 5, 1).blurred(2).noisy(25),
		"in the shade":              plain.placed(900, 900, 2, 1).shaded(),
		"faint":                     plain.placed(900, 900, 2, 1).faint(),
		"light on dark":             plain.negative(),
		"light on dark on a screen": plain.negative().placed(1000, 1000, 3, 1),
		"mirrored": plain.changed(func(x, y, _ int) float64 {
			return float64(plain.GrayAt(plain.Rect.Dx()-1-x, y).Y)
		}),
	} {
		t.Run(name, func(t *testing.T) {
			for _, quality := range []int{90, 50} {
				got, err := Read(bytes.NewReader(asJPEG(t, s, quality)))
				if err != nil || got != usual {
					t.Errorf("quality %d: %q, %v", quality, got, err)
				}
			}
		})
	}
}

func TestReadAtAnyAngle(t *testing.T) {
	plain := shotOf(t, usual, Options{Size: 600})
	for degrees := 7.0; degrees < 360; degrees += 23 {
		s := plain.placed(1100, 900, degrees, 0.8).noisy(15)
		if got, err := Read(bytes.NewReader(asJPEG(t, s, 70))); err != nil || got != usual {
			t.Errorf("turned by %v degrees: %q, %v", degrees, got, err)
		}
	}
}

func TestReadFormats(t *testing.T) {
	s := shotOf(t, usual, Options{})
	clear := image.NewNRGBA(s.Rect) // Dark modules on nothing at all, as designers export them.
	for i, p := range s.Pix {
		clear.Pix[4*i+3] = 255 - p
	}
	colour := image.NewRGBA(image.Rect(0, 0, 700, 500)) // A screenshot with the code in brand colours.
	draw.Draw(colour, colour.Rect, image.NewUniform(color.RGBA{R: 250, G: 240, B: 200, A: 255}), image.Point{}, draw.Src)
	for y := range 400 {
		for x := range 400 {
			if s.GrayAt(x, y).Y == 0 {
				colour.SetRGBA(x+120, y+60, color.RGBA{R: 150, G: 0, B: 40, A: 255})
			}
		}
	}
	var animated bytes.Buffer
	if err := gif.Encode(&animated, s, nil); err != nil {
		t.Fatal(err)
	}
	own, err := PNG(usual, Options{Label: "Касса 2"})
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"own with caption": own,
		"grey PNG":         asPNG(t, s),
		"transparent PNG":  asPNG(t, clear),
		"colour PNG":       asPNG(t, colour),
		"colour JPEG":      asJPEG(t, colour, 60),
		"GIF":              animated.Bytes(),
	} {
		if got, err := Read(bytes.NewReader(data)); err != nil || got != usual {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// Everything PNG draws must come back, at the smallest size it agrees to and in every kind of letters.
func TestReadWhatWasDrawn(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 9))
	for _, level := range allLevels {
		for kind := range alphabets {
			for _, n := range []int{1, 40, 180, 700, Limit(level)} {
				text := textOf(kind, n, random)
				m, err := Modules(text, level)
				if err != nil {
					t.Fatal(err)
				}
				data, err := PNG(text, Options{Level: level, Size: max(MinSize, MinModule*(m.Size()+8))})
				if err != nil {
					t.Fatal(err)
				}
				if got, err := Read(bytes.NewReader(data)); err != nil || got != text {
					t.Errorf("%d bytes of %s at level %s: %v", n, kind, level, err)
				}
			}
		}
	}
}

func TestReadRefusals(t *testing.T) {
	fine := asPNG(t, shotOf(t, usual, Options{}))
	noise := image.NewGray(image.Rect(0, 0, 900, 700))
	random := rand.New(rand.NewPCG(4, 4))
	for i := range noise.Pix {
		noise.Pix[i] = uint8(random.Uint32())
	}
	for name, c := range map[string]struct {
		data []byte
		want error
	}{
		"nothing":              {nil, ErrNotPicture},
		"text":                 {[]byte(usual), ErrNotPicture},
		"only a signature":     {fine[:8], ErrNotPicture},
		"cut header":           {fine[:20], ErrNotPicture},
		"cut data":             {fine[:len(fine)/2], ErrNotPicture},
		"broken checksum":      {flippedAt(fine, len(fine)/2), ErrNotPicture},
		"huge by its header":   {emptyPNG(50_000, 50_000), ErrTooLarge},
		"just over 40 million": {emptyPNG(40_000_001, 1), ErrTooLarge},
		"sides that overflow":  {emptyPNG(1<<31-1, 1<<31-1), ErrNotPicture},
		"no width":             {emptyPNG(0, 10), ErrNotPicture},
		"size without data":    {emptyPNG(1000, 1000), ErrNotPicture},
		"more than 10 MiB":     {append(bytes.Clone(fine), make([]byte, MaxPictureBytes)...), ErrTooLarge},
		"one white pixel":      {asPNG(t, image.NewGray(image.Rect(0, 0, 1, 1))), ErrNoCode},
		"a thin line":          {asPNG(t, image.NewGray(image.Rect(0, 0, 5000, 1))), ErrNoCode},
		"all black":            {asPNG(t, image.NewGray(image.Rect(0, 0, 800, 600))), ErrNoCode},
		"noise":                {asPNG(t, noise), ErrNoCode},
		"half a code":          {asPNG(t, shotOf(t, usual, Options{}).SubImage(image.Rect(0, 0, 400, 200))), ErrNoCode},
		"thousands of finders": {asPNG(t, tiles(1998)), ErrNoCode},
	} {
		t.Run(name, func(t *testing.T) {
			if text, err := Read(bytes.NewReader(c.data)); !errors.Is(err, c.want) {
				t.Errorf("%q, error %v, want %v", text, err, c.want)
			}
		})
	}
}

func flippedAt(data []byte, i int) []byte {
	out := bytes.Clone(data)
	out[i] ^= 0x55
	return out
}

// emptyPNG claims a size and brings no pixels.
func emptyPNG(width, height uint32) []byte {
	head := append([]byte("IHDR"), header(0)...)
	binary.BigEndian.PutUint32(head[4:], width)
	binary.BigEndian.PutUint32(head[8:], height)
	out := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), head...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(head))
}

// tiles covers a picture with finder patterns, three of which would take the library years to choose.
func tiles(side int) image.Image {
	img := image.NewGray(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			ring := max(abs(x/2%9-4), abs(y/2%9-4))
			if ring == 2 || ring == 4 {
				img.Pix[y*img.Stride+x] = 255
			}
		}
	}
	return img
}

func abs(n int) int { return max(n, -n) }

func TestReadPassesOnErrorsOfTheReader(t *testing.T) {
	broken := errors.New("connection lost")
	r := io.MultiReader(strings.NewReader("\x89PNG"), failing{broken})
	if _, err := Read(r); !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// FuzzRead looks for input that makes Read panic or give text that is not in a code. Pictures whose header asks for many
// pixels are left out, because they only make it slow.
func FuzzRead(f *testing.F) {
	s := shotOf(f, "00020163041234", Options{Size: MinSize})
	f.Add(asPNG(f, s))
	f.Add(asJPEG(f, s, 40))
	f.Add(asPNG(f, s)[:100])
	f.Add([]byte("GIF89a\x01\x00\x01\x00\x80\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if head, _, err := image.DecodeConfig(bytes.NewReader(data)); err == nil && head.Width*head.Height > 40_000 {
			return
		}
		text, err := Read(bytes.NewReader(data))
		if (err == nil) == (text == "") {
			t.Errorf("text %q with error %v", text, err)
		}
	})
}
