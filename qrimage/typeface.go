package qrimage

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
)

// The typeface is Noto Sans, cut down to Latin and Cyrillic with the Kyrgyz letters, under the SIL Open Font License in
// font/LICENSE. Both weights hold the same characters.
var (
	//go:embed font/NotoSans-Regular.ttf
	regularFont []byte
	//go:embed font/NotoSans-Bold.ttf
	boldFont []byte
)

var typeface = sync.OnceValues(func() (*sfnt.Font, error) { return opentype.Parse(regularFont) })

// faceOf gives the regular weight at a size in pixels.
func faceOf(pixels float64) (font.Face, error) {
	f, err := typeface()
	if err != nil {
		return nil, fmt.Errorf("qrimage: embedded font: %w", err)
	}
	return opentype.NewFace(f, &opentype.FaceOptions{Size: pixels, DPI: 72})
}

// nbsp keeps an amount and its currency on one line.
const nbsp = '\u00a0'

// printable replaces what the typeface cannot show: white space and control characters by a space, every other missing
// character by a question mark.
func printable(text string) (string, error) {
	f, err := typeface()
	if err != nil {
		return "", fmt.Errorf("qrimage: embedded font: %w", err)
	}
	var buf sfnt.Buffer
	shown := strings.Map(func(r rune) rune {
		if r != nbsp && unicode.IsSpace(r) || unicode.IsControl(r) {
			return ' '
		}
		if g, err := f.GlyphIndex(&buf, r); err != nil || g == 0 {
			return '?'
		}
		return r
	}, text)
	return strings.Join(strings.FieldsFunc(shown, func(r rune) bool { return r == ' ' }), " "), nil
}

// wrapped breaks the text at spaces into at most so many lines that measure no more than width; a word that is wider than
// a line is broken anywhere. What does not fit is cut off and marked with an ellipsis.
func wrapped(text string, width float64, lines int, measure func(string) float64) []string {
	var out []string
	rest := []rune(text)
	for len(rest) > 0 {
		n := fitting(rest, width, measure)
		if n < len(rest) && len(out) == lines-1 {
			return append(out, cut(rest[:n], width, measure))
		}
		out = append(out, strings.TrimSpace(string(rest[:n])))
		rest = []rune(strings.TrimSpace(string(rest[n:])))
	}
	return out
}

// fitting counts the characters of the next line, at least one.
func fitting(text []rune, width float64, measure func(string) float64) int {
	space := 0
	for n := 1; n <= len(text); n++ {
		if text[n-1] == ' ' {
			space = n
		}
		if measure(strings.TrimRight(string(text[:n]), " ")) > width {
			if space > 0 {
				return space
			}
			return max(1, n-1)
		}
	}
	return len(text)
}

// cut shortens a line until it fits together with an ellipsis.
func cut(text []rune, width float64, measure func(string) float64) string {
	for n := len(text); n > 0; n-- {
		if s := strings.TrimRight(string(text[:n]), " ,.;") + "…"; measure(s) <= width {
			return s
		}
	}
	return "…"
}

// Typefaces gives the regular and the bold weight as TrueType files, for whoever prints other pages. They are not to be changed.
func Typefaces() (regular, bold []byte) { return regularFont, boldFont }

// Printable replaces what the typeface cannot show: white space by a space, every other missing character by a question
// mark. Nothing could be printed without the typeface, which is embedded, so its error is not passed on.
func Printable(text string) string {
	shown, _ := printable(text)
	return shown
}
