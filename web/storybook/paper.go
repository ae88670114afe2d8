package storybook

import (
	"strings"
	"time"

	"github.com/a-h/templ"

	"tolom/money"
	"tolom/web/locale"
	"tolom/web/view"
)

func paperScreens() []Screen {
	return []Screen{
		{"receipt-success", receipt(view.Success)}, {"receipt-processing", receipt(view.Processing)}, {"receipt-failure", receipt(view.Failure)},
		{"pos-statement", statement}, {"pos-statement-empty", statementEmpty},
	}
}

func receipt(outcome view.Outcome) func(locale.Text) templ.Component {
	return func(t locale.Text) templ.Component { return view.ReceiptPage(slip(t, outcome)) }
}

func slip(t locale.Text, outcome view.Outcome) view.Receipt {
	w := wordsIn(t)
	r := view.Receipt{
		Frame: frame(t, t.Say("receipt"), "/r/x", "live.js").ForPayers(), Outcome: outcome, Amount: 1_240_000, At: now,
		Merchant: w.merchant, Store: w.store, Description: w.about, Operation: "pay_0db4bqzs6qm5yvqm3w6dm5r8c1",
		PSP: "Demo Bank", Payer: "Payer A***", PSPReceipt: "000417",
	}
	switch outcome {
	case view.Success:
		r.Refunds, r.Signed, r.QR = refunds(t), strings.Repeat("TR1.WyJxM0ZkT", 25), picture
		r.Proof = "/log/proof/pay_x"
	case view.Processing:
		r.Why = t.Say("why_processing")
	case view.Failure:
		r.Why = t.Say("why_expired")
	}
	return r
}

func statementEmpty(t locale.Text) templ.Component {
	return view.StatementPage(view.Statement{Frame: tillFrame(t, view.AtStatement, t.Say("statement_title")),
		Merchant: wordsIn(t).merchant, Day: now, Last: now, CSV: "/x", Opening: 1_500_000, Closing: 1_500_000})
}

func statement(t locale.Text) templ.Component {
	s := view.Statement{
		Frame: tillFrame(t, view.AtStatement, t.Say("statement_title")), Merchant: wordsIn(t).merchant, Day: now, Last: now, CSV: "/x",
		Opening: 1_500_000,
		Sums: []view.Sum{
			{Name: t.Say("sum_payments", "N", 3), Amount: 1_399_050}, {Name: t.Say("sum_fees"), Amount: -6_995},
			{Name: t.Say("sum_refunds", "N", 1), Amount: -240_000}, {Name: t.Say("sum_fees_returned"), Amount: 1_200},
		},
		Closing: 2_653_255,
	}
	line := func(minutes int, name string, amount, fee, balance int64) {
		s.Lines = append(s.Lines, view.StatementLine{At: now.Add(time.Duration(minutes) * time.Minute), Name: t.Say(name), Link: "/pos/payments/x",
			Amount: money.Amount(amount), Fee: money.Amount(fee), Balance: money.Amount(balance)})
	}
	line(-180, "line_payment", 125_050, -625, 1_624_425)
	line(-95, "line_payment", 34_000, -170, 1_658_255)
	line(-60, "line_payment", 1_240_000, -6_200, 2_892_055)
	line(-9, "line_refund", -240_000, 0, 2_652_055)
	line(-2, "line_fee_returned", 1_200, 0, 2_653_255)
	return view.StatementPage(s)
}

func check(verdict string, refunded money.Amount) func(locale.Text) templ.Component {
	return func(t locale.Text) templ.Component {
		c := view.Check{Frame: tillFrame(t, view.AtPayments, t.Say("receipt_check")), Action: "/pos/receipts", Verdict: verdict, Refunded: refunded}
		if verdict == "real" {
			r := slip(t, view.Success)
			if refunded == 0 {
				r.Refunds = nil
			}
			c.Receipt, c.Link = &r, "/pos/payments/x"
			c.Log, c.LogTone = t.Say("check_sealed", "Line", "4128", "Moment", t.Moment(now)), view.Good
			if refunded > 0 {
				c.Log, c.LogTone = t.Say("check_not_in_log"), view.Danger
			}
		}
		return view.CheckPage(c)
	}
}
