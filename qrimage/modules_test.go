package qrimage

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/piglig/go-qr"
	"pgregory.net/rapid"
	"rsc.io/qr/coding"
)

var allLevels = []Level{LevelL, LevelM, LevelQ, LevelH}

// alphabets are the kinds of text that are packed differently.
var alphabets = map[string][]rune{
	"digits":   []rune("0123456789"),
	"capitals": []rune("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"),
	"letters":  []rune("abcdefghijklmnopqrstuvwxyz"),
	"kyrgyz":   []rune("абвгдеёжзийклмнңоөпрстуүфхцчшщъыьэюяҢӨҮ "),
	"control":  []rune("\x00\x01\x07\t\n\r\x1b\x7f\u0080\u200b\ufeff"),
	"mixed":    []rune("00000000111111112222222233334567890ABCXYZabcxyz-&{}?#"),
}

// textOf makes text of exactly n bytes from one alphabet, filled up with "x" where a letter of two bytes is too long.
func textOf(kind string, n int, random *rand.Rand) string {
	var b strings.Builder
	for b.Len() < n {
		r := string(alphabets[kind][random.IntN(len(alphabets[kind]))])
		if b.Len()+len(r) > n {
			r = "x"
		}
		b.WriteString(r)
	}
	return b.String()
}

// lengths are those where something can go wrong: the short ones, both sides of each boundary between versions, a stride
// through the rest, and the limit.
func lengths(level Level) []int {
	l, _ := level.coding()
	seen := map[int]bool{}
	var out []int
	add := func(n int) {
		if 1 <= n && n <= Limit(level) && !seen[n] {
			seen[n] = true
			out = append(out, n)
		}
	}
	for n := 1; n <= 34; n++ {
		add(n)
	}
	for v := coding.Version(coding.MinVersion); v <= coding.MaxVersion; v++ {
		most := (8*v.DataBytes(l) - coding.String("").Bits(v)) / 8
		add(most)
		add(most + 1)
	}
	for n := 50; n < Limit(level); n += 311 {
		add(n)
	}
	return out
}

func TestTwoDecodersReadEveryLevelAndLength(t *testing.T) {
	kinds := []string{"letters", "kyrgyz", "mixed", "digits", "capitals"}
	for _, level := range allLevels {
		t.Run(string(level), func(t *testing.T) {
			random := rand.New(rand.NewPCG(2, uint64(level[0])))
			var pictures []picture
			for i, n := range lengths(level) {
				kind := kinds[i%len(kinds)]
				if n > 34 && i%2 == 0 {
					kind = "letters" // Boundaries between versions are where bytes end.
				}
				pictures = append(pictures, pictureOf(t, textOf(kind, n, random), level, fmt.Sprintf("%d bytes of %s", n, kind)))
			}
			for _, p := range pictures {
				zxing(t, p)
			}
			zbar(t, pictures)
		})
	}
}

// pictureOf makes the smallest picture that PNG agrees to, at least 400 pixels wide.
func pictureOf(t *testing.T, text string, level Level, name string) picture {
	t.Helper()
	data, err := PNG(text, Options{Level: level})
	if err != nil {
		t.Fatalf("%s at level %s: %v", name, level, err)
	}
	return picture{name + " at level " + string(level), text, level, data}
}

func TestLimitsAreThoseOfTheStandard(t *testing.T) {
	for level, want := range map[Level][3]int{ // bytes, capitals, digits of a version 40 code
		LevelL: {2953, 4296, 7089},
		LevelM: {2331, 3391, 5596},
		LevelQ: {1663, 2420, 3993},
		LevelH: {1273, 1852, 3057},
	} {
		if got := Limit(level); got != want[0] {
			t.Errorf("Limit(%s) = %d, want %d", level, got, want[0])
		}
		for i, letter := range []string{"a", "A", "7"} {
			if m, err := Modules(strings.Repeat(letter, want[i]), level); err != nil || m.Size() != 177 {
				t.Errorf("level %s: %d times %q: size %d, error %v", level, want[i], letter, m.Size(), err)
			}
			if _, err := Modules(strings.Repeat(letter, want[i]+1), level); !errors.Is(err, ErrTooLong) {
				t.Errorf("level %s: %d times %q: error %v, want ErrTooLong", level, want[i]+1, letter, err)
			}
		}
	}
}

// The other encoder can draw each mask. Ours must be the best of its eight, scored module by module.
func TestMaskIsTheBestOfAllEight(t *testing.T) {
	ecc := map[Level]go_qr.Ecc{LevelL: go_qr.Low, LevelM: go_qr.Medium, LevelQ: go_qr.Quartile, LevelH: go_qr.High}
	random := rand.New(rand.NewPCG(1, 1))
	for _, level := range allLevels {
		for _, n := range []int{1, 14, 60, 100, 170, 250, 400, 800, 1273} {
			text := textOf("letters", n, random)
			got, err := Modules(text, level)
			if err != nil {
				t.Fatal(err)
			}
			lowest, found := 1<<30, false
			for mask := range 8 {
				other := byOtherEncoder(t, text, ecc[level], mask)
				lowest = min(lowest, slowPenalty(other.Size(), other.Module))
				found = found || got.Size() == other.Size() && same(got, other.Module)
			}
			if !found {
				t.Errorf("%d bytes at level %s: none of the eight codes of go-qr", n, level)
			}
			if p := slowPenalty(got.Size(), got.Dark); p != lowest {
				t.Errorf("%d bytes at level %s: penalty %d, another mask has %d", n, level, p, lowest)
			}
		}
	}
}

func byOtherEncoder(t *testing.T, text string, level go_qr.Ecc, mask int) *go_qr.QrCode {
	t.Helper()
	segment, err := go_qr.MakeBytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	code, err := go_qr.EncodeSegments([]*go_qr.QrSegment{segment}, level, 1, 40, mask, false)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func same(m Matrix, dark func(x, y int) bool) bool {
	for y := range m.Size() {
		for x := range m.Size() {
			if m.Dark(x, y) != dark(x, y) {
				return false
			}
		}
	}
	return true
}

// slowPenalty scores the mask rules as the standard tells them, on lines written as text.
func slowPenalty(size int, dark func(x, y int) bool) int {
	score, darks := 0, 0
	for i := range size {
		var across, along strings.Builder
		for j := range size {
			across.WriteByte("01"[b2i(dark(j, i))])
			along.WriteByte("01"[b2i(dark(i, j))])
			darks += b2i(dark(j, i))
			d := b2i(dark(j, i)) + b2i(dark(j+1, i)) + b2i(dark(j, i+1)) + b2i(dark(j+1, i+1))
			if i+1 < size && j+1 < size && (d == 0 || d == 4) {
				score += 3
			}
		}
		score += slowLinePenalty(across.String()) + slowLinePenalty(along.String())
	}
	return score + 10*(max(20*darks-10*size*size, 10*size*size-20*darks)/(size*size))
}

var runs = regexp.MustCompile(`0{5,}|1{5,}`)

func slowLinePenalty(line string) int {
	score := 0
	for _, run := range runs.FindAllString(line, -1) {
		score += len(run) - 2
	}
	padded := "0000" + line + "0000"
	for i := range padded {
		for _, finder := range []string{"0000" + "1011101" + "0", "0" + "1011101" + "0000"} {
			if strings.HasPrefix(padded[i:], finder) {
				score += 40
			}
		}
	}
	return score
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestAnyTextComesBack(t *testing.T) {
	kinds := rapid.SampledFrom([]string{"digits", "capitals", "letters", "kyrgyz", "control", "mixed"})
	rapid.Check(t, func(t *rapid.T) {
		var text string
		for range rapid.IntRange(1, 6).Draw(t, "pieces") {
			text += rapid.StringOfN(rapid.SampledFrom(alphabets[kinds.Draw(t, "kind")]), 0, 40, -1).Draw(t, "piece")
		}
		if text == "" {
			text = rapid.StringN(1, 80, -1).Draw(t, "any")
		}
		level := rapid.SampledFrom(allLevels).Draw(t, "level")
		m, err := Modules(text, level)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		got, gotLevel, err := zxingText(drawnBy(m.Size(), m.Dark))
		if err != nil || got != text || gotLevel != string(level) {
			t.Fatalf("%q at %s came back as %q at %s (%v)", text, level, got, gotLevel, err)
		}
	})
}

func TestControlCharactersReachBothDecoders(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	var pictures []picture
	for n := 1; n <= 40; n++ {
		pictures = append(pictures, pictureOf(t, textOf("control", n, random), LevelM, "control characters"))
	}
	for _, p := range pictures {
		zxing(t, p)
	}
	zbar(t, pictures)
}

// Packing digits and capitals more tightly must pay: no code may be larger than with bytes alone, and payloads should gain.
func TestTightPackingNeverCosts(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	for kind := range alphabets {
		for n := 1; n <= 1200; n += 37 {
			text := textOf(kind, n, random)
			m, err := Modules(text, LevelM)
			if err != nil {
				t.Fatal(err)
			}
			if bytes := sizeInBytes(t, text); m.Size() > bytes {
				t.Errorf("%d bytes of %s: %d modules, bytes alone need %d", n, kind, m.Size(), bytes)
			}
		}
	}
	const ascii = "00020101021232570010qr.demo.kg01012022601jd3k9q5w7x2m4n6p8r0t2v4y1201113021252045411530341754051250059" +
		"14ALATOO MARKET6304a1b2"
	m, err := Modules(ascii, LevelM)
	if err != nil || m.Size() >= sizeInBytes(t, ascii) {
		t.Errorf("a payload without Cyrillic: %d modules (%v), bytes alone need %d", m.Size(), err, sizeInBytes(t, ascii))
	}
}

// sizeInBytes is how many modules a side the text takes at level M when it is packed as bytes.
func sizeInBytes(t *testing.T, text string) int {
	t.Helper()
	for v := coding.Version(coding.MinVersion); v <= coding.MaxVersion; v++ {
		if coding.String(text).Bits(v) <= 8*v.DataBytes(coding.M) {
			return 17 + 4*int(v)
		}
	}
	t.Fatalf("%d bytes fit no version", len(text))
	return 0
}

func TestRefusals(t *testing.T) {
	fine := Options{}
	for name, c := range map[string]struct {
		text string
		o    Options
		want error
		says string
	}{
		"no text":             {"", fine, ErrEmpty, "no text"},
		"broken letters":      {"\xd0", fine, ErrText, "UTF-8"},
		"unknown level":       {"a", Options{Level: "X"}, ErrLevel, `"X": use L, M, Q or H`},
		"small letter":        {"a", Options{Level: "m"}, ErrLevel, `"m"`},
		"too long":            {strings.Repeat("ң", 1200), fine, ErrTooLong, "2400 bytes do not fit level M, which holds 2331"},
		"far too long":        {strings.Repeat("7", 1_000_000), Options{Level: "L"}, ErrTooLong, "2953"},
		"picture too small":   {"a", Options{Size: 63}, ErrSize, "64 to 2000"},
		"picture too large":   {"a", Options{Size: 2001}, ErrSize, "64 to 2000"},
		"negative size":       {"a", Options{Size: -1}, ErrSize, "-1"},
		"modules too small":   {usual, Options{Size: 100}, ErrSize, "give 130 or more"},
		"negative quiet zone": {"a", Options{Quiet: -1}, ErrQuiet, "1 to 40"},
		"wide quiet zone":     {"a", Options{Quiet: 41}, ErrQuiet, "41"},
		"long label":          {"a", Options{Label: strings.Repeat("ү", 201)}, ErrLabel, "201 characters, at most 200"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := PNG(c.text, c.o); !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("PNG: error %v, want %v saying %q", err, c.want, c.says)
			}
		})
	}
}
