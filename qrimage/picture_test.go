package qrimage

import (
	"bytes"
	"encoding/xml"
	"flag"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with a file in testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; if that is meant, run the test with -update and look at it:\n%s", path, got)
	}
}

func TestPNGIsTwoColoursOnWholePixels(t *testing.T) {
	m, err := Modules(usual, LevelM)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []Options{{}, {Size: 2 * (m.Size() + 8)}, {Size: 333, Quiet: 1}, {Size: 401}, {Size: 2000, Quiet: 10}} {
		data, err := PNG(usual, o)
		if err != nil {
			t.Fatal(err)
		}
		if depth, kind := data[24], data[25]; depth != 1 || kind != 0 {
			t.Errorf("%+v: %d bits a pixel of colour type %d, want 1 bit of grey", o, depth, kind)
		}
		img, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		o, err = o.checked()
		if err != nil {
			t.Fatal(err)
		}
		checkPixels(t, img, m, o)
	}
}

// checkPixels compares every pixel with the module it should show: modules of one size, the rest of the picture light, and
// the margin the same on all sides but for an odd pixel.
func checkPixels(t *testing.T, img image.Image, m Matrix, o Options) {
	t.Helper()
	if img.Bounds() != image.Rect(0, 0, o.Size, o.Size) {
		t.Fatalf("%+v: picture of %v", o, img.Bounds())
	}
	scale := o.Size / (m.Size() + 2*o.Quiet)
	margin := (o.Size - scale*m.Size()) / 2
	for y := range o.Size {
		for x := range o.Size {
			dark := x >= margin && y >= margin && m.Dark((x-margin)/scale, (y-margin)/scale)
			if want := (color.Gray{Y: uint8(255 * (1 - b2i(dark)))}); color.GrayModel.Convert(img.At(x, y)) != want {
				t.Fatalf("%+v: pixel (%d, %d) is %v, want %v", o, x, y, img.At(x, y), want)
			}
		}
	}
}

func TestPNGIsTheSameEveryTime(t *testing.T) {
	first, err := PNG(usual, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if _, err := PNG("something else between", Options{Label: "Касса"}); err != nil {
			t.Fatal(err)
		}
		if again, err := PNG(usual, Options{}); err != nil || !bytes.Equal(first, again) {
			t.Fatalf("other bytes the second time (%v)", err)
		}
	}
	if len(first) > 3000 {
		t.Errorf("%d bytes, want 3,000 at most", len(first))
	}
}

func TestCaptionStandsBelowTheCode(t *testing.T) {
	for name, label := range map[string]string{
		"short":   "Касса 2",
		"kyrgyz":  "Ңө Үү: «Ала-Тоо» дүкөнү, 1\u00a0250,00\u00a0сом",
		"long":    strings.Repeat("Узун аталыш ", 16),
		"no gaps": strings.Repeat("ү", 200),
		"strange": "\x00\x07\xff 中文 😀 <b>&",
	} {
		t.Run(name, func(t *testing.T) {
			plain, err := PNG(usual, Options{})
			if err != nil {
				t.Fatal(err)
			}
			data, err := PNG(usual, Options{Label: label})
			if err != nil {
				t.Fatal(err)
			}
			above, below := splitAt(t, data, DefaultSize)
			want, _ := splitAt(t, plain, DefaultSize)
			if !bytes.Equal(above.Pix, want.Pix) {
				t.Error("the caption changed the code")
			}
			if inked(below) == 0 || inked(below) > len(below.Pix)/2 || touchesTheSides(below) {
				t.Error("the caption is missing, or runs over the edge")
			}
			if text, err := Read(bytes.NewReader(data)); err != nil || text != usual {
				t.Errorf("with its caption the code reads %q (%v)", text, err)
			}
		})
	}
}

func splitAt(t *testing.T, data []byte, y int) (above, below *image.Gray) {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	b := img.Bounds()
	g := shot{greyImage(img)}
	above = shot{g.SubImage(image.Rect(0, 0, b.Max.X, y)).(*image.Gray)}.moved().Gray
	return above, shot{g.SubImage(image.Rect(0, y, b.Max.X, b.Max.Y)).(*image.Gray)}.moved().Gray
}

func inked(g *image.Gray) int {
	n := 0
	for _, p := range g.Pix {
		n += b2i(p < 128)
	}
	return n
}

func touchesTheSides(g *image.Gray) bool {
	for y := range g.Rect.Dy() {
		if g.GrayAt(0, y).Y < 255 || g.GrayAt(g.Rect.Max.X-1, y).Y < 255 {
			return true
		}
	}
	return false
}

func TestSVGGolden(t *testing.T) {
	got, err := SVG("00020163041234", Options{Label: "Касса 2 <Өнүгүү> & \"Ко\"\x07"})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "label.svg", got)
}

func TestSVGHoldsTheCode(t *testing.T) {
	for _, o := range []Options{{}, {Level: LevelH}, {Quiet: 1, Level: LevelL}, {Size: MinSize}} {
		got, err := SVG(usual, o)
		if err != nil {
			t.Fatal(err)
		}
		var doc struct {
			ViewBox string `xml:"viewBox,attr"`
			Title   string `xml:"title"`
			Paths   []struct {
				D string `xml:"d,attr"`
			} `xml:"path"`
		}
		if err := xml.Unmarshal(got, &doc); err != nil || len(doc.Paths) != 1 || doc.Title != "QR" {
			t.Fatalf("%v: %+v", err, doc)
		}
		side, err := strconv.Atoi(strings.Fields(doc.ViewBox)[2])
		if err != nil {
			t.Fatal(err)
		}
		filled := fillPath(t, doc.Paths[0].D, side)
		if text, _, err := zxingText(drawnBy(side, filled)); err != nil || text != usual {
			t.Errorf("%+v: the path reads %q (%v)", o, text, err)
		}
	}
}

func TestSVGIsSmall(t *testing.T) {
	got, err := SVG(usual, Options{})
	if err != nil || len(got) > 8000 {
		t.Errorf("%d bytes (%v), want 8,000 at most", len(got), err)
	}
}

var pathStep = regexp.MustCompile(`([mhvz])(-?\d*)(?: (-?\d+))?`)

// fillPath walks a path of our kind and fills it by the even-odd rule: a module is dark when an odd number of upright edges
// is to its left.
func fillPath(t *testing.T, d string, side int) func(x, y int) bool {
	t.Helper()
	edges := make(map[corner]int) // by the module to the right of an upright edge
	var pen, start corner
	down := func(to int) {
		for y := min(pen.y, to); y < max(pen.y, to); y++ {
			edges[corner{pen.x, y}]++
		}
		pen.y = to
	}
	for _, s := range pathStep.FindAllStringSubmatch(d, -1) {
		a, _ := strconv.Atoi(s[2])
		b, _ := strconv.Atoi(s[3])
		switch s[1] {
		case "m":
			pen = corner{pen.x + a, pen.y + b}
			start = pen
		case "h":
			pen.x += a
		case "v":
			down(pen.y + a)
		case "z":
			down(start.y)
			pen = start
		}
	}
	return func(x, y int) bool {
		n := 0
		for i := range min(x+1, side) {
			n += edges[corner{i, y}]
		}
		return n%2 == 1
	}
}

func TestTerminalReadsOnBothGrounds(t *testing.T) {
	for _, o := range []Options{{}, {Inverse: true}, {Level: LevelL, Quiet: 2}, {Level: LevelH, Quiet: 1, Inverse: true}} {
		got, err := Terminal(usual, o)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
		filled := func(x, y int) bool {
			if x < 0 || y < 0 || y/2 >= len(lines) || x >= len([]rune(lines[y/2])) {
				return !o.Inverse // Around the code, either kind is as light as its quiet zone.
			}
			c := []rune(lines[y/2])[x]
			return c == '█' || c == '▀' && y%2 == 0 || c == '▄' && y%2 == 1
		}
		side := len([]rune(lines[0]))
		dark := func(x, y int) bool { return y < side && filled(x, y) == o.Inverse }
		if text, _, err := zxingText(drawnBy(side, dark)); err != nil || text != usual {
			t.Errorf("%+v: the terminal reads %q (%v)", o, text, err)
		}
	}
}

func TestTerminalGolden(t *testing.T) {
	got, err := Terminal("00020163041234", Options{})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "terminal.txt", []byte(got))
}
