package storybook

import (
	"time"

	"github.com/a-h/templ"

	"tolom/money"
	"tolom/web/locale"
	"tolom/web/view"
)

func dayScreens() []Screen {
	return []Screen{
		{"days", days(true)}, {"days-none", days(false)}, {"day-open", dayOf("open")}, {"day-submitted", dayOf("submitted")}, {"day-returned", dayOf("returned")},
		{"payouts", payouts(true)}, {"payouts-none", payouts(false)}, {"payout", payout},
	}
}

func days(some bool) func(locale.Text) templ.Component {
	return func(t locale.Text) templ.Component {
		p := view.Days{Frame: at(t, "/days", t.Say("nav_days")), Calendar: "#calendar"}
		if !some {
			return view.DaysPage(p)
		}
		p.Going, p.Ends, p.End, p.Next = t.Date("2026-11-25"), t.Moment(reconAt.Add(27*time.Hour)), "#end", "#more"
		sum := t.Say("day_sum", "Sum", t.Money(0))
		row := func(date, status string, tone view.Tone, about string) view.ProposalRow {
			return view.ProposalRow{Link: "#" + date, What: t.Date(date), Tone: tone, Status: t.Say("day_status_" + status), About: about}
		}
		closed := t.Moment(reconAt) + " · " + t.Say("deposit_count", "Count", 184_201) + " · " + t.Money(20_915_440_50) + " · " + sum
		p.Rows = []view.ProposalRow{row("2026-11-24", "open", view.Calm, t.Moment(reconAt)), row("2026-11-23", "submitted", view.Warn, closed),
			row("2026-11-20", "settled", view.Good, closed), row("2026-11-19", "returned", view.Danger, closed)}
		return view.DaysPage(p)
	}
}

func dayOf(status string) func(locale.Text) templ.Component {
	return func(t locale.Text) templ.Component {
		p := view.DayDetail{Frame: at(t, "/days", t.Date("2026-11-24")), Back: "#", Date: t.Date("2026-11-24"), Tone: view.Calm, Status: t.Say("day_status_" + status),
			Details: []view.Field{{Label: t.Say("day_cut"), Value: t.Moment(reconAt)}}}
		if status == "open" {
			return view.DayPage(p)
		}
		p.Details = append(p.Details, view.Field{Label: t.Say("day_submitted_at"), Value: t.Moment(reconAt)}, view.Field{Label: t.Say("day_message"), Value: "TOLOM-20261124-1"},
			view.Field{Label: t.Say("deposit_gross"), Value: t.Money(20_915_440_50) + " · 184201"})
		position := func(name, bic string, net money.Amount) view.PositionRow {
			return view.PositionRow{Name: name, About: bic, Net: t.Money(net), Parts: []view.Field{
				{Label: t.Say("position_paid"), Value: t.Money(-20_915_440_50)}, {Label: t.Say("position_payouts"), Value: t.Money(net + 20_915_440_50)}, {Label: t.Say("position_net"), Value: t.Money(net)}}}
		}
		p.Positions = []view.PositionRow{position(t.Say("day_centre"), "", 104_577_20), position("Demo Bank", "DEMOKG22", -1_404_577_20), position("Demo Settlement Bank of the Southern Regions", "SOUTKG22", 1_300_000_00)}
		p.Sum, p.SumTone = t.Say("day_sum", "Sum", t.Money(0)), view.Good
		p.Files = []view.DepositRow{{Amount: t.Say("file_kind_transfers"), What: "TOLOM-20261124-1.xml", About: t.Say("day_central_bank"), Tone: view.Good, Word: t.Say("file_status_delivered")},
			{Amount: t.Say("file_kind_records"), What: "records-20261124-DEMOKG22.json", About: "Demo Bank", Tone: view.Danger, Word: t.Say("file_status_stuck")}}
		p.Payouts, p.Next = payoutRows(t, wordsIn(t).merchant), "#next"
		switch status {
		case "submitted":
			p.Tone, p.Answer, p.Message = view.Warn, "#answer", "TOLOM-20261124-1"
		case "returned":
			p.Tone, p.Submit, p.Message = view.Danger, "#submit", "TOLOM-20261124-1"
			p.Details = append(p.Details, view.Field{Label: t.Say("proposal_reason"), Value: "AM04 insufficient funds: DEMOKG22"})
		}
		return view.DayPage(p)
	}
}

func payoutRows(t locale.Text, whom string) (out []view.DepositRow) {
	for _, x := range []struct {
		amount money.Amount
		status string
		tone   view.Tone
	}{{18_430_05, "made", view.Calm}, {1_204_118_40, "paid", view.Good}, {990_00, "returned", view.Danger}} {
		out = append(out, view.DepositRow{Link: "#" + x.status, Amount: t.Money(x.amount), What: t.Say("deposit_payout", "Day", t.Date("2026-11-24")),
			About: whom + " · " + t.Say("deposit_count", "Count", 41), Tone: x.tone, Word: t.Say("payout_status_" + x.status)})
	}
	return out
}

func payouts(some bool) func(locale.Text) templ.Component {
	return func(t locale.Text) templ.Component {
		p := view.Payouts{Frame: merchantFrame(t, t.Say("nav_payouts")), Title: t.Say("nav_payouts"), None: t.Say("payouts_none"), Note: t.Say("payouts_wait", "Amount", t.Money(1_843_250_00))}
		if some {
			p.Note = ""
			p.Rows, p.Next = payoutRows(t, "1280010000000001"), "#more"
		}
		return view.PayoutsPage(p)
	}
}

func unpayable(t locale.Text) templ.Component {
	title := t.Say("unpayable")
	p := view.Payouts{Frame: at(t, "", title), Title: title, Hint: t.Say("unpayable_hint"), Note: t.Say("unpayable_line", "N", 312, "Amount", t.Money(1_843_250_00)), Later: "#more"}
	p.Rows = []view.DepositRow{
		{Link: "#1", What: wordsIn(t).merchant, About: t.Say("unpayable_no_bank"), Amount: t.Money(99_999_999_999_99), Tone: view.Warn, Word: t.Say("unpayable_waits")},
		{Link: "#2", What: wordsIn(t).merchant, About: t.Say("unpayable_no_account"), Amount: t.Money(1), Tone: view.Warn, Word: t.Say("unpayable_waits")},
	}
	return view.PayoutsPage(p)
}

func payout(t locale.Text) templ.Component {
	title := t.Say("deposit_payout", "Day", t.Date("2026-11-24"))
	sum := func(label string, change money.Amount) view.Field {
		value := t.Money(change)
		if change > 0 {
			value = "+" + value
		}
		return view.Field{Label: t.Say(label), Value: value}
	}
	return view.PayoutPage(view.PayoutDetail{Frame: merchantFrame(t, title), Back: "#", BackName: t.Say("nav_payouts"), Title: title, Amount: 18_430_05, Tone: view.Good, Status: t.Say("payout_status_paid"),
		Parts: []view.Field{sum("deposit_opening", 1_200_00), sum("deposit_gross", 20_000_00), sum("deposit_fees", -100_00), sum("deposit_refunds", -2_500_00), sum("payout_rejected", 500_00),
			sum("payout_fees_returned", 12_50), sum("payout_held", -682_45), {Label: "= " + t.Say("deposit_amount"), Value: t.Money(18_430_05)}},
		Details: []view.Field{{Label: t.Say("deposit_account"), Value: "1280010000000001"}, {Label: t.Say("payout_paid_at"), Value: t.Moment(reconAt)},
			{Label: t.Say("deposit_number"), Value: "po_01kar9k2b0c4r5s6t7v8w9xyzc"}}, Payments: "#payments"})
}
