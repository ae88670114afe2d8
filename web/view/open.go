package view

import "tolom/money"

// Home is the front page, which is also the landing page of any link: a script
// hands the fragment to Open.
type Home struct {
	Frame
	Link  string // what was typed into the field
	Phone string // address of the simulated phone; "" when there is none
}

// Open is what became of a link that a person opened or pasted.
type Open struct {
	Frame
	Verdict         Verdict
	Merchant, Store string
	Amount          money.Amount // 0: the payer enters it in the app
	Description     string
	Extra           []Field
	Apps            []App
	Page            string // of the request; "" when the link names none
	Link            string // as it came
	Why             string // the refusal, for Refused and Unreadable
}

// App is a bank app that can open the link.
type App struct{ Name, Link string }

// Verdict says how far a link can be trusted.
type Verdict string

// The verdicts. Genuine is issued by this platform, unchanged, and payable now;
// Closed is genuine but cannot be paid now; Altered was ours and was changed;
// Forged claims to be ours and never was; Foreign is another provider's;
// Unreadable is no payment code.
const (
	Genuine    Verdict = "genuine"
	Closed     Verdict = "closed"
	Altered    Verdict = "altered"
	Forged     Verdict = "forged"
	Foreign    Verdict = "foreign"
	Unreadable Verdict = "unreadable"
)

// ending gives the heading and the advice for a link that cannot be paid here.
func (o Open) ending() (heading, advice string) {
	switch o.Verdict {
	case Altered:
		return o.Say("open_altered"), o.Say("open_altered_hint")
	case Forged:
		return o.Say("open_forged"), o.Say("open_forged_hint")
	case Foreign:
		return o.Say("open_foreign"), o.Say("open_foreign_hint")
	case Unreadable:
		return o.Say("open_unreadable"), o.Say("open_unreadable_hint")
	}
	return o.Why, o.Say("open_closed_hint")
}

func (o Open) tone() Tone {
	if o.Verdict == Altered || o.Verdict == Forged {
		return Danger
	}
	return Warn
}
