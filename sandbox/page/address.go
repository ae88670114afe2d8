package page

import (
	"net/url"
	"strings"
)

func (f Frame) asset(name string) string { return f.Path + "/assets/" + name + "?v=" + version }

// home is the first screen of the same payer.
func (f Frame) home() string { return f.Path + "?payer=" + url.QueryEscape(f.Payer) }

// in is this screen in another language.
func (f Frame) in(language string) string {
	join := "?"
	if strings.Contains(f.Here, "?") {
		join = "&"
	}
	return f.Here + join + "lang=" + language
}

func (p Purchase) act(what string) string { return p.Path + "/purchase/" + p.ID + "/" + what }

func (p Purchase) title() string { return p.Say("state_" + string(p.State)) }

// bounds says which amounts the offer allows. The platform's own limit is so high that it would only puzzle.
func (p Purchase) bounds() string {
	const puzzling = 100_000_000_00
	switch {
	case p.High > 0 && p.High < puzzling:
		return p.Say("amount_hint", "Low", p.Money(p.Low), "High", p.Money(p.High))
	case p.Low > 1:
		return p.Say("amount_least", "Low", p.Money(p.Low))
	}
	return ""
}
