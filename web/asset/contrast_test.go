package asset

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var colour = regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6});`)

// palettes reads the colours of the light scheme and of the dark one, which
// begins with the light one.
func palettes(t *testing.T) (light, dark map[string]string) {
	t.Helper()
	sheet := string(Content("style.css"))
	first, rest, ok := strings.Cut(sheet, "@media (prefers-color-scheme: dark)")
	if !ok {
		t.Fatal("the style sheet has no dark scheme")
	}
	rest, _, _ = strings.Cut(rest, "*, ::before")
	light, dark = map[string]string{}, map[string]string{}
	for _, c := range colour.FindAllStringSubmatch(first, -1) {
		light[c[1]], dark[c[1]] = c[2], c[2]
	}
	for _, c := range colour.FindAllStringSubmatch(rest, -1) {
		dark[c[1]] = c[2]
	}
	return light, dark
}

// contrast is the ratio of WCAG 2.2, 1 to 21.
func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(hex string) float64 {
	part := func(at int) float64 {
		n, err := strconv.ParseUint(hex[at:at+2], 16, 8)
		if err != nil {
			return math.NaN()
		}
		if v := float64(n) / 255; v > 0.04045 {
			return math.Pow((v+0.055)/1.055, 2.4)
		} else {
			return v / 12.92
		}
	}
	return 0.2126*part(1) + 0.7152*part(3) + 0.0722*part(5)
}

func TestTextCanBeReadInBothSchemes(t *testing.T) {
	light, dark := palettes(t)
	const text, part = 4.5, 3.0 // WCAG AA: text, and the edges of fields
	pairs := []struct {
		front, back string
		least       float64
	}{
		{"ink", "ground", text}, {"ink", "card", text}, {"ink", "line", text}, {"soft", "ground", text}, {"soft", "card", text},
		{"brand", "card", text}, {"brand", "ground", text}, {"brand-deep", "ground", text}, {"on-brand", "brand", text}, {"on-brand", "brand-deep", text},
		{"on-pane", "pane", text}, {"soft-on-pane", "pane", text}, {"gold", "pane", text},
		{"good", "good-ground", text}, {"soft", "good-ground", text}, {"ink", "good-ground", text}, {"brand", "good-ground", text},
		{"warn", "warn-ground", text}, {"warn", "card", text}, {"danger", "danger-ground", text}, {"danger", "card", text}, {"on-danger", "danger", text},
		{"field", "card", part}, {"field", "ground", part}, {"good", "card", part},
	}
	for name, scheme := range map[string]map[string]string{"light": light, "dark": dark} {
		for _, p := range pairs {
			a, b := scheme[p.front], scheme[p.back]
			if a == "" || b == "" {
				t.Fatalf("%s has no colour %s or %s", name, p.front, p.back)
			}
			if got := contrast(a, b); !(got >= p.least) {
				t.Errorf("%s: %s %s on %s %s has a contrast of %.2f, want %.1f", name, p.front, a, p.back, b, got, p.least)
			}
		}
	}
}

func TestContrastIsThatOfTheStandard(t *testing.T) {
	if got := contrast("#000000", "#ffffff"); math.Abs(got-21) > 0.01 {
		t.Errorf("black on white is %.2f", got)
	}
	if got := contrast("#777777", "#ffffff"); math.Abs(got-4.48) > 0.01 {
		t.Errorf("grey on white is %.2f", got)
	}
}
