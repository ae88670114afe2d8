package qrimage

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"image"
	"io"
	"math"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/image/vector"
)

var shop = Sticker{Merchant: "«Ала-Тоо» азык-түлүк дүкөнү", Store: "Бишкек, Чүй пр. 114", Till: "Касса 2"}

func sticker(t *testing.T, text string, s Sticker) []byte {
	t.Helper()
	data, err := PDF(text, s)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestStickerIsTheSameEveryTime(t *testing.T) {
	first := sticker(t, usual, shop)
	for range 10 {
		if !bytes.Equal(first, sticker(t, usual, shop)) {
			t.Fatal("equal input gave other bytes")
		}
	}
	if len(first) > 50_000 {
		t.Errorf("%d bytes, want 50,000 at most", len(first))
	}
}

func TestStickerCarriesTheCode(t *testing.T) {
	for _, text := range []string{"a", usual, strings.Repeat("ң", Limit(LevelL)/2)} {
		page := pageContent(t, sticker(t, text, shop))
		// The longest code has modules of 0.45 mm, so it takes 300 dots an inch, as any printer gives.
		if got, err := searchedText(filled(t, page, 300)); err != nil || got != text {
			t.Errorf("the printed code of %d bytes reads %d bytes (%v)", len(text), len(got), err)
		}
	}
}

func searchedText(img *image.Gray) (string, error) {
	text, ok := searched(greyOf(img))
	if !ok {
		return "", ErrNoCode
	}
	return text, nil
}

func TestStickerTakesTheStrongestLevelThatFits(t *testing.T) {
	for _, c := range []struct {
		bytes int
		want  Level
	}{{10, LevelQ}, {Limit(LevelQ), LevelQ}, {Limit(LevelQ) + 1, LevelM}, {Limit(LevelM) + 1, LevelL}} {
		text := strings.Repeat("a", c.bytes)
		want, err := Modules(text, c.want)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := stickerModules(text, ""); err != nil || !same(got, want.Dark) {
			t.Errorf("%d bytes are not drawn at level %s (%v)", c.bytes, c.want, err)
		}
	}
	if _, err := PDF(strings.Repeat("a", Limit(LevelL)+1), shop); !errors.Is(err, ErrTooLong) {
		t.Errorf("error %v, want ErrTooLong", err)
	}
	if _, err := PDF("a", Sticker{Level: "Z"}); !errors.Is(err, ErrLevel) {
		t.Errorf("error %v, want ErrLevel", err)
	}
}

func TestStickerSaysWhatToPay(t *testing.T) {
	priced := shop
	priced.Amount = "1\u00a0250,00 сом"
	endless := shop
	endless.Amount = "99 999 999 999 999,99 сом (" + strings.Repeat("бир ", 40) + ")"
	for name, c := range map[string]struct {
		s       Sticker
		has     []string
		without []string
	}{
		"no amount": {shop, append([]string{shop.Merchant, shop.Store, shop.Till, "Сумманы жазыңыз"}, callLines[0]), []string{"сом"}},
		"amount":    {priced, []string{priced.Amount}, []string{"Сумманы"}},
		// Names are cut to fit, but a cut amount would be another amount.
		"long amount": {endless, []string{endless.Amount}, nil},
		"no names":    {Sticker{}, []string{"Төлөө үчүн сканерлеңиз"}, nil},
		"long name":   {Sticker{Merchant: strings.Repeat("Узун аталыш ", 30)}, []string{"…"}, nil},
		"strange":     {Sticker{Merchant: "a\x00(b)\\ \xff中😀"}, []string{"a (b)\\ ???"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			page := pageContent(t, sticker(t, usual, c.s))
			for _, text := range c.has {
				if !bytes.Contains(page, inUTF16(text)) {
					t.Errorf("the page lacks %q", text)
				}
			}
			for _, text := range c.without {
				if bytes.Contains(page, inUTF16(text)) {
					t.Errorf("the page has %q", text)
				}
			}
		})
	}
}

// inUTF16 is a text as PDF writes it between brackets.
func inUTF16(text string) []byte {
	var out []byte
	for _, r := range text {
		for _, b := range []byte{byte(r >> 8), byte(r)} {
			if strings.IndexByte("()\\", b) >= 0 {
				out = append(out, '\\')
			}
			out = append(out, b)
		}
	}
	return out
}

var streams = regexp.MustCompile(`(?s)stream\n(.*?)\nendstream`)

// pageContent unpacks the first stream that paints the page.
func pageContent(t *testing.T, pdf []byte) []byte {
	t.Helper()
	for _, s := range streams.FindAllSubmatch(pdf, -1) {
		r, err := zlib.NewReader(bytes.NewReader(s[1]))
		if err != nil {
			continue
		}
		content, err := io.ReadAll(r)
		if err == nil && bytes.Contains(content, []byte(" re f")) {
			return content
		}
	}
	t.Fatal("the PDF has no page")
	return nil
}

var pathOperator = regexp.MustCompile(`(?m)^([\d.]+) ([\d.]+) ([ml])$`)

// filled paints the vector outlines of a page, and nothing else of it, at so many dots an inch.
func filled(t *testing.T, page []byte, dots float64) *image.Gray {
	t.Helper()
	scale := dots / 72
	height := pageHeight * pointsPerMM
	width, lines := int(math.Ceil(pageWidth*pointsPerMM*scale)), int(math.Ceil(height*scale))
	v := vector.NewRasterizer(width, lines)
	for _, op := range pathOperator.FindAllSubmatch(page, -1) {
		var x, y float64
		if _, err := fmt.Sscan(string(op[1])+" "+string(op[2]), &x, &y); err != nil {
			t.Fatal(err)
		}
		x, y = x*scale, (height-y)*scale
		if string(op[3]) == "m" {
			v.ClosePath()
			v.MoveTo(float32(x), float32(y))
			continue
		}
		v.LineTo(float32(x), float32(y))
	}
	v.ClosePath()
	img := image.NewGray(image.Rect(0, 0, width, lines))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	v.Draw(img, img.Rect, image.Black, image.Point{})
	return img
}
