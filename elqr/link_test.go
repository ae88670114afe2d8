package elqr_test

import (
	"strings"
	"testing"

	"tolom/elqr"
)

// TestLinkIsShort: a longer link is a denser picture, so only what a fragment
// cannot hold is escaped.
func TestLinkIsShort(t *testing.T) {
	for payload, want := range map[string]string{
		"AZaz09-._~!$&'()*,;=:@/?": "AZaz09-._~!$&'()*,;=:@/?",
		"a b":                      "a%20b",
		"a+b":                      "a%2Bb",
		"a#b%20":                   "a%23b%2520",
		"ү":                        "%D2%AF",
		"\x00\"<>[]\\^`{|}":        "%00%22%3C%3E%5B%5D%5C%5E%60%7B%7C%7D",
		"":                         "",
	} {
		if got := elqr.Link("https://x.kg/", payload); got != "https://x.kg/#"+want {
			t.Errorf("%q: got %s, want %s", payload, got, want)
		}
	}
}

// TestPastedLinks: every scheme, host and path is accepted, and every way of
// writing the same payload gives the same code.
func TestPastedLinks(t *testing.T) {
	text := sealed("000201010212" + tlv("32", tlv("00", "qr.example.kg"), "01011", tlv("10", "a+b#c 50")) + "5204581253034175904SHOP")
	encoded := strings.NewReplacer(" ", "%20", "+", "%2B").Replace(text)
	for _, input := range []string{
		text,
		"https://pay.payqr.kg/#" + text,
		"https://payqr.kg#" + encoded,
		"elqr-demo://payqr.kg#" + encoded,
		"HTTPS://ANY.EXAMPLE:8443/a/b?c=d#" + encoded,
		"#" + encoded,
		encoded,
		"https://x.kg/#" + strings.NewReplacer(" ", "+", "+", "%2b", "#", "%23").Replace(text),
	} {
		code, err := elqr.Read(input)
		if err != nil || code.Text != text {
			t.Errorf("%s: %q, %v", input, code.Text, err)
		}
	}
}

func TestLinkBaseIsChecked(t *testing.T) {
	for _, base := range []string{"", "#", "pay.payqr.kg", "://x", "https://", "https://x.kg/#a", "https://x.kg/#a#", "https://x y", "https://x.kg/ү", "000201://x"} {
		if link, err := usual.Link(base); err == nil {
			t.Errorf("base %q gave %s", base, link)
		}
	}
}

func TestBankBase(t *testing.T) {
	if base, err := elqr.BankBase("elqr-demo-1"); err != nil || base != "elqr-demo-1://payqr.kg" {
		t.Errorf("%s, %v", base, err)
	}
	for _, scheme := range []string{"", "elqr-", "demo", "elqr-Demo", "elqr-d_b", "elqr-ү", "elqr-" + strings.Repeat("x", 46)} {
		if base, err := elqr.BankBase(scheme); err == nil {
			t.Errorf("scheme %q gave %s", scheme, base)
		}
	}
}

func TestTransliterate(t *testing.T) {
	for name, want := range map[string]string{
		"Кафе «Ала-Тоо»":      "Kafe Ala-Too",
		"АСАНОВА АЙША":        "ASANOVA AISHA",
		"Ысык-Көл":            "Ysyk-Kol",
		"ЫҢГАЙЛУУ ДҮКӨН":      "YNGGAILUU DUKON",
		"Шоро":                "Shoro",
		"ШОРО":                "SHORO",
		"Чүй БАШ":             "Chui BASH",
		"  Аптека   № 5 🍕 ":   "Apteka No 5",
		"İstanbul Döner":      "Istanbul Doner",
		"Plain & Simple + Co": "Plain & Simple + Co",
		"Магазин строительных материалов":   "Magazin stroitelnykh mate",
		"Аптекалар тармагы Биздин дарыкана": "Aptekalar tarmagy Bizdin",
		"🍕":         "",
		"A\x00B\nC": "AB C",
		"И\u0306од": "Iod",
	} {
		if got := elqr.Transliterate(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
		p := usual
		if p.Name = want; want != "" {
			mustEncode(t, p)
		}
	}
}
