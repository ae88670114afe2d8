package view

import "tolom/money"

// Check is the page on which a cashier sees whether a receipt is real.
type Check struct {
	Frame
	Action    string
	Error     string
	Verdict   string       // "" before anything was shown; real, unpaid, altered, unknown, unreadable
	Receipt   *Receipt     // what the platform knows of the payment; nil when it knows nothing
	Refunded  money.Amount // given back since, or on its way
	Elsewhere bool         // it was paid to another merchant
	Link      string       // the payment's page; "" for another merchant's
	Log       string       // whether the payment stands in the sealed log, in words; "" when there is no log
	LogTone   Tone
}

// verdict words the verdict, with its colour. Money that went elsewhere or back is no reason to hand out goods.
func (c Check) verdict() (string, Tone) {
	switch {
	case c.Verdict == "unpaid":
		return c.Say("check_unpaid"), Warn
	case c.Verdict == "altered":
		return c.Say("check_altered"), Danger
	case c.Verdict == "unknown":
		return c.Say("check_unknown"), Danger
	case c.Verdict != "real":
		return c.Say("check_unreadable"), Danger
	case c.Elsewhere:
		return c.Say("check_elsewhere"), Danger
	case c.Refunded > 0 && c.Refunded >= c.Receipt.Amount:
		return c.Say("check_refunded"), Danger
	case c.Refunded > 0:
		return c.Say("check_partly"), Warn
	}
	return c.Say("check_real"), Good
}
