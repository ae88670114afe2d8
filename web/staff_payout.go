package web

import (
	"net/http"
	"net/url"
	"strings"

	"tolom/access"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/money"
	"tolom/settlement"
	"tolom/web/view"
)

// payoutPages are what a merchant was paid out, and how each payout comes about.
func (p *pages) payoutPages() []staffPage {
	return []staffPage{
		{"GET", "/payouts", access.SeeStatements, "nav_payouts", p.payouts},
		{"GET", "/payouts/{payout}", access.SeeStatements, "", p.payoutOfMerchant},
	}
}

// payouts lists the merchant's payouts, newest first.
func (p *pages) payouts(v *visit, s staff) error {
	before, err := flow.Cursor(v.r.URL.Query().Get("before"), "before")
	if err != nil {
		return err
	}
	list, err := p.Days.MerchantPayouts(v.r.Context(), s.Merchant.ID, before, pageRows+1)
	if err != nil {
		return err
	}
	title := v.text.Say("nav_payouts")
	page := view.Payouts{Frame: s.frame(v, title), Title: title, None: v.text.Say("payouts_none")}
	if page.Note, err = p.waitsForAccount(v, s); err != nil {
		return err
	}
	if len(list) > pageRows {
		list = list[:pageRows]
		page.Next = s.at("/payouts") + "?before=" + url.QueryEscape(string(list[pageRows-1].ID))
	}
	for _, x := range list {
		page.Rows = append(page.Rows, payoutRow(v, s, x, x.BankAccount))
	}
	return v.show(http.StatusOK, view.PayoutsPage(page))
}

// payoutRow shows a payout in a list; whom says whose it is, or where it went.
func payoutRow(v *visit, s staff, x settlement.Payout, whom string) view.DepositRow {
	about := v.text.Say("deposit_count", "Count", x.Count)
	if whom != "" {
		about = whom + " · " + about
	}
	return view.DepositRow{Link: s.at("/payouts/" + x.ID.Token()), Amount: v.text.Money(x.Amount), What: v.text.Say("deposit_payout", "Day", v.text.Date(x.Day)),
		About: about, Tone: payoutTone(x.Status), Word: v.text.Say("payout_status_" + string(x.Status))}
}

func payoutTone(s settlement.PayoutStatus) view.Tone {
	switch s {
	case settlement.PayoutPaid:
		return view.Good
	case settlement.PayoutReturned:
		return view.Danger
	}
	return view.Calm
}

// payoutOf reads the payout of an address.
func (p *pages) payoutOf(v *visit) (x settlement.Payout, err error) {
	name, err := named(v, "payout", id.Payout)
	if err == nil {
		x, err = p.Days.Payout(v.r.Context(), name)
	}
	return x, err
}

// payoutOfMerchant explains a payout to the merchant whose it is; to others there is none.
func (p *pages) payoutOfMerchant(v *visit, s staff) error {
	x, err := p.payoutOf(v)
	if err == nil && x.Merchant != s.Merchant.ID {
		err = fault.New(fault.NotFound)
	}
	if err != nil {
		return err
	}
	page := payoutDetail(v, s, x)
	page.Back, page.BackName, page.Payments = s.at("/payouts"), v.text.Say("nav_payouts"), s.at("/deposits/payouts/"+x.ID.Token())
	return v.show(http.StatusOK, view.PayoutPage(page))
}

func (p *pages) payoutOfDay(v *visit, s staff) error { return p.showPayout(v, s, nil) }

// showPayout explains a payout to the centre, with what was wrong with the form of the bank's answer.
func (p *pages) showPayout(v *visit, s staff, refused error) error {
	x, err := p.payoutOf(v)
	if err != nil {
		return err
	}
	unsent := p.Days.Answerable(v.r.Context(), x)
	at, status := s.at("/payouts/"+x.ID.Token()), http.StatusOK
	page := payoutDetail(v, s, x)
	page.Frame = s.frameAt(v, at, page.Title)
	page.Back, page.BackName = s.at("/days/"+x.Day), v.text.Date(x.Day)
	page.Details = append([]view.Field{{Label: v.text.Say("payout_merchant"), Value: x.MerchantName}}, page.Details...)
	switch {
	case fault.Has(unsent, fault.PayoutUnsent):
		page.Details = append(page.Details, view.Field{Label: v.text.Say("payout_answer"), Value: v.text.Say("payout_answer_later")})
	case unsent == nil && s.may(access.HandleRegistry):
		page.Answer = at + "/answer"
	}
	if refused != nil {
		f := fault.From(refused)
		page.Error, status, page.Typed = f.Message(string(v.text.Lang)), statuses[f.Kind()], v.r.PostForm.Get("reason")
	}
	return v.show(status, view.PayoutPage(page))
}

// answerPayout enters what a merchant's bank said of a payout.
func (p *pages) answerPayout(v *visit, s staff) error {
	payout, err := named(v, "payout", id.Payout)
	if err == nil {
		err = v.form()
	}
	if err != nil {
		return err
	}
	form := v.r.PostForm
	a := flow.Ask{Action: flow.AnswerPayoutAction, Target: payout, Body: flow.AnswerPayoutBody{Outcome: form.Get("outcome"), Reason: form.Get("reason")}, Reason: form.Get("reason")}
	return p.propose(v, s, a, s.at("/payouts/"+payout.Token()), func(err error) error { return p.showPayout(v, s, err) })
}

func payoutDetail(v *visit, s staff, x settlement.Payout) view.PayoutDetail {
	title := v.text.Say("deposit_payout", "Day", v.text.Date(x.Day))
	page := view.PayoutDetail{Frame: s.frame(v, title), Title: title, Amount: x.Amount, Tone: payoutTone(x.Status),
		Status: v.text.Say("payout_status_" + string(x.Status)), Parts: payoutParts(v, x)}
	lines := details{text: v.text}
	lines.add(v.text.Say("deposit_account"), x.BankAccount)
	lines.moment(v.text.Say("payout_paid_at"), x.PaidAt)
	lines.add(v.text.Say("proposal_reason"), x.Reason)
	lines.add(v.text.Say("deposit_number"), string(x.ID))
	page.Details = lines.fields
	return page
}

// payoutParts lists the parts of a payout, each as it counts, and what they come to. The four that every merchant knows are
// always there, the others when there is something of them.
func payoutParts(v *visit, x settlement.Payout) (out []view.Field) {
	add := func(label string, change money.Amount) {
		value := v.text.Money(change)
		if change > 0 {
			value = "+" + value
		}
		out = append(out, view.Field{Label: label, Value: value})
	}
	rare := func(label string, change money.Amount) {
		if change != 0 {
			add(label, change)
		}
	}
	add(v.text.Say("deposit_opening"), x.Opening)
	add(v.text.Say("deposit_gross"), x.Payments)
	add(v.text.Say("deposit_fees"), -x.Fees)
	add(v.text.Say("deposit_refunds"), -x.Refunds)
	rare(v.text.Say("payout_rejected"), x.Rejected)
	rare(v.text.Say("payout_fees_returned"), x.FeesReturned)
	rare(v.text.Say("payout_returned"), x.Returned)
	rare(v.text.Say("payout_adjusted"), x.Adjusted)
	rare(v.text.Say("payout_held"), -x.Held)
	return append(out, view.Field{Label: strings.Join([]string{"=", v.text.Say("deposit_amount")}, " "), Value: v.text.Money(x.Explained())})
}
