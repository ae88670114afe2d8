package qrimage

import (
	"iter"
	"math"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"golang.org/x/text/encoding"
)

// The bounds of the search.
const (
	// workingSide is the longest side in pixels that is searched. More detail than this is noise of the camera.
	workingSide = 2000
	// smallSide is below what a code can have so few pixels a module that enlarging it helps.
	smallSide = 700
	// maxFinders is how many look-alikes of a finder pattern are weighed against each other, three at a time. A photo has
	// dozens. Without a bound, a picture tiled with them would keep the search busy for years.
	maxFinders = 300
)

// searched tries views of the picture, the likeliest first, until a code is found.
func searched(g grey) (string, bool) {
	if g.width == 0 || g.height == 0 {
		return "", false
	}
	for view := range views(g) {
		for _, t := range techniques {
			if text, ok := t.try(view); ok {
				return text, true
			}
		}
	}
	return "", false
}

// views makes the picture easier to read in one way after another: smaller, which takes out noise and blur; larger and with
// a margin, for codes cut out tightly; with dark and light exchanged.
func views(g grey) iter.Seq[grey] {
	return func(yield func(grey) bool) {
		longest := max(g.width, g.height)
		fit := (longest + workingSide - 1) / workingSide
		g := g.shrunk(fit)
		if !yield(g) {
			return
		}
		for n := 2; n <= 4 && min(g.width, g.height)/n > 40; n++ {
			if !yield(g.shrunk(n)) {
				return
			}
		}
		if longest < smallSide {
			if large := g.framed(max(8, longest/10)); !yield(large) || !yield(large.grown(3)) {
				return
			}
		}
		if !yield(g.inverted()) {
			return
		}
		for _, degrees := range []float64{30, 60} {
			sin, cos := math.Sincos(degrees * math.Pi / 180)
			if !yield(g.turned(sin, cos)) {
				return
			}
		}
	}
}

// technique is one way of the library to look for a code.
type technique struct {
	threshold func(gozxing.LuminanceSource) gozxing.Binarizer
	hint      gozxing.DecodeHintType
}

// techniques go from the quickest to the most patient. The first takes the picture for a drawn code without distortion, as
// our own are; the second bears shadows, the third a low contrast.
var techniques = []technique{
	{gozxing.NewHybridBinarizer, gozxing.DecodeHintType_PURE_BARCODE},
	{gozxing.NewHybridBinarizer, gozxing.DecodeHintType_TRY_HARDER},
	{gozxing.NewGlobalHistgramBinarizer, gozxing.DecodeHintType_TRY_HARDER},
}

// tooManyFinders leaves the search from inside the library, which offers no other way to stop it.
type tooManyFinders struct{}

// try looks once. The library comes from a language where broken input ends in an exception; whatever of that is left as
// a panic means that this view holds no code.
func (t technique) try(g grey) (text string, ok bool) {
	defer func() {
		if recover() != nil {
			text, ok = "", false
		}
	}()
	source, err := gozxing.NewPlanarYUVLuminanceSource(g.pixels, g.width, g.height, 0, 0, g.width, g.height, false)
	if err != nil {
		return "", false
	}
	bitmap, err := gozxing.NewBinaryBitmap(t.threshold(source))
	if err != nil {
		return "", false
	}
	found, err := qrcode.NewQRCodeReader().Decode(bitmap, t.hints())
	if err != nil || found.GetText() == "" {
		return "", false
	}
	return found.GetText(), true
}

// hints asks for the bytes as they stand: payloads are UTF-8, and a guess by the library, which leans to other sets, would
// spoil them. A code that names its character set is still converted.
func (t technique) hints() map[gozxing.DecodeHintType]any {
	finders := 0
	return map[gozxing.DecodeHintType]any{
		t.hint:                               true,
		gozxing.DecodeHintType_CHARACTER_SET: encoding.Nop,
		gozxing.DecodeHintType_NEED_RESULT_POINT_CALLBACK: gozxing.ResultPointCallback(func(gozxing.ResultPoint) {
			if finders++; finders > maxFinders {
				panic(tooManyFinders{})
			}
		}),
	}
}
