// Package view draws the pages. Every page is a struct with all it shows and a
// template of the same name, so a screen can be drawn from sample data without a
// database. Run `go tool templ generate` after changing a .templ file.
package view

import (
	"net/url"
	"strings"

	"tolom/money"
	"tolom/web/locale"
)

// Frame is what stands around the content of every page.
type Frame struct {
	locale.Text
	Title   string
	Path    string   // path and query that show this page again, for the language switch
	Scripts []string // plain names of files in asset
	Early   string   // a script that must run before the page is drawn; "" for none
	Light   bool     // a page of payers, which loads their styles alone
	Refresh int      // seconds after which a browser without scripts looks again; 0 never
	Till    *Till    // set on pages of the point of sale, once signed in
	Staff   *Staff   // set on pages of people, once signed in
}

// ForPayers makes it the frame of a page of payers, who may pay for every byte of it.
func (f Frame) ForPayers() Frame {
	f.Light = true
	return f
}

// Till is the header of the point of sale: who is signed in and where.
type Till struct {
	Merchant string
	Name     string // of the till; "" when the key is the merchant's
	Here     Place
}

// Place is a page that the point of sale can go to.
type Place string

// The places, as the navigation lists them.
const (
	AtSale      Place = "/pos"
	AtPayments  Place = "/pos/payments"
	AtStatement Place = "/pos/statement"
	AtSticker   Place = "/pos/sticker"
)

// stop is one entry of the navigation.
type stop struct {
	Place Place
	Name  string
}

func (f Frame) stops() []stop {
	return []stop{
		{AtSale, f.Say("nav_sale")}, {AtPayments, f.Say("nav_payments")},
		{AtStatement, f.Say("nav_statement")}, {AtSticker, f.Say("nav_sticker")},
	}
}

// tongue is one entry of the language switch.
type tongue struct {
	Lang        locale.Lang
	Short, Name string
}

// The names are not messages: everybody must recognise his own, whatever the page speaks now.
var tongues = []tongue{
	{locale.Kyrgyz, "КЫР", "Кыргызча"}, {locale.Russian, "РУС", "Русский"}, {locale.English, "ENG", "English"},
}

// in gives the address of this page in another language.
func (f Frame) in(lang locale.Lang) string {
	path, query, _ := strings.Cut(f.Path, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		values = url.Values{}
	}
	values.Set("lang", string(lang))
	// One slash only: "//host" would lead to another site.
	return "/" + strings.TrimLeft(path, "/") + "?" + values.Encode()
}

// parts cuts an amount into what is printed large and what small: "1 234" and ",50".
func parts(a money.Amount) (whole, cents string) {
	text := a.String()
	at := strings.LastIndexByte(text, ',')
	return text[:at], text[at:]
}

// Field is one line of details.
type Field struct{ Label, Value string }

// Tone colours a status.
type Tone string

// The tones, from calm to alarm.
const (
	Calm   Tone = "calm"
	Good   Tone = "good"
	Warn   Tone = "warn"
	Danger Tone = "danger"
)

// home is where the wordmark leads: within the point of sale to the next sale.
func (f Frame) home() string {
	if f.Till != nil {
		return string(AtSale)
	}
	if f.Staff != nil && len(f.Staff.Stops) > 0 {
		return f.Staff.Stops[0].Path
	}
	return "/"
}
