package storybook

import (
	"time"

	"github.com/a-h/templ"

	"tolom/fault"
	"tolom/web/locale"
	"tolom/web/view"
)

func reconScreens() []Screen {
	return []Screen{
		{"cases", cases(true)}, {"cases-none", cases(false)}, {"case-open", caseOf("open")}, {"case-fixed", caseOf("fixed")}, {"case-refused", caseOf("refused")},
		{"deposits", deposits(true)}, {"deposits-refused", deposits(false)}, {"deposit", deposit}, {"deposit-parts", depositParts},
	}
}

// reconAt is when things happen in these screens.
var reconAt = time.Date(2026, 11, 24, 5, 40, 0, 0, time.UTC)

func cases(some bool) func(locale.Text) templ.Component {
	return func(t locale.Text) templ.Component {
		p := view.Cases{Frame: centreFrame(t, t.Say("nav_cases")), Tabs: []view.Tab{
			{Path: "#", Name: t.Say("cases_open"), Here: some}, {Path: "#e", Name: t.Say("cases_expected")}, {Path: "#all", Name: t.Say("cases_all"), Here: !some}}}
		if some {
			p.Rows = []view.ProposalRow{
				{Link: "#1", What: t.Say("case_reason_missing_at_us"), About: "Demo wallet · demo-000017 · 11:40", Tone: view.Danger, Status: t.Say("case_status_open")},
				{Link: "#2", What: t.Say("case_reason_outcome_not_asked"), About: "Demo wallet · demo-000018 · 11:41", Tone: view.Calm, Status: t.Say("case_class_expected")},
				{Link: "#3", What: t.Say("case_reason_amount_differs"), About: "Demo bank · re_01kar9k2b0c4r5s6t7v8w9xyzc · 09:12", Tone: view.Warn, Status: t.Say("case_status_proposed")},
			}
			p.Next = "#more"
		}
		return view.CasesPage(p)
	}
}

func caseOf(state string) func(locale.Text) templ.Component {
	return func(t locale.Text) templ.Component {
		p := view.CaseDetail{Frame: centreFrame(t, t.Say("nav_cases")), Back: "#", What: t.Say("case_reason_missing_at_us"), Whom: "Demo wallet · demo-000017", Tone: view.Danger,
			Status: t.Say("case_status_open"), Hint: t.Say("case_action_give_back"), Comment: "#c", Explain: "#e", Close: "#x", Fix: "#f", Amount: "1500.00",
			Sides: []view.CaseLine{{Side: t.Say("case_ours"), Amount: "—", Status: t.Say("case_line_none"), At: reconAt},
				{Side: t.Say("case_theirs"), Amount: t.Money(150000), Status: t.Say("case_line_success"), At: reconAt}},
			Details: []view.Field{{Label: t.Say("case_shift"), Value: t.Money(150000)}, {Label: t.Say("case_number"), Value: "case_01kar9gfc0c4r5s6t7v8w9xyzb"}},
			Events: []view.ProposalEvent{{At: reconAt, What: t.Say("case_did_opened"), Note: t.Say("case_reason_missing_at_us")},
				{At: reconAt.Add(time.Hour), What: t.Say("case_did_comment") + " · Demo wallet", Note: "Our batch of that night ran twice; we give the second one back today."}}}
		switch state {
		case "fixed":
			p.Tone, p.Status, p.Close, p.Explain, p.FixOut, p.Amount = view.Warn, t.Say("case_status_fixed"), "", "", true, "-1500.00"
			p.Details = append(p.Details[:1:1], view.Field{Label: t.Say("case_suspense"), Value: t.Money(150000)})
		case "refused":
			p.Error, p.Typed, p.Waiter, p.Fix = refused(t), "a comment", "#w", ""
		}
		return view.CasePage(p)
	}
}

// refused is what a page says of a form that cannot be taken.
func refused(t locale.Text) string { return fault.New(fault.InvalidRequest).Message(string(t.Lang)) }

func merchantFrame(t locale.Text, title string) view.Frame {
	f := frame(t, title, "/dashboard/x/deposits", "live.js", "staff.js")
	f.Staff = &view.Staff{Where: wordsIn(t).merchant, Name: "Accountant A", Here: "/dashboard/x/deposits", Several: true}
	for _, name := range []string{"overview", "payments", "statement", "payouts", "deposits", "tariff", "reports"} {
		f.Staff.Stops = append(f.Staff.Stops, view.Stop{Path: "/dashboard/x/" + name, Name: t.Say("nav_" + name)})
	}
	return f
}

func deposits(good bool) func(locale.Text) templ.Component {
	return func(t locale.Text) templ.Component {
		p := view.Deposits{Frame: merchantFrame(t, t.Say("nav_deposits")), Upload: "#", Most: "8"}
		if !good {
			p.Error = refused(t) + ": row 7 of the file, credit: \"1,234\" is no amount in som with one or two digits after the comma"
			return view.DepositsPage(p)
		}
		p.Rows = []view.ProposalRow{
			{Link: "#1", What: t.Date("2026-11-01") + " — " + t.Date("2026-11-24"), About: "1280010000000001 · csv · 11:40", Tone: view.Warn, Status: t.Say("deposits_matched", "Matched", 23, "All", 25)},
			{Link: "#2", What: t.Date("2026-10-31"), About: "1280010000000001 · camt.053 · 11:02", Tone: view.Good, Status: t.Say("deposits_matched", "Matched", 1, "All", 1)},
		}
		return view.DepositsPage(p)
	}
}

func deposit(t locale.Text) templ.Component {
	return view.DepositPage(view.Deposit{Frame: merchantFrame(t, t.Say("nav_deposits")), Back: "#", Title: t.Date("2026-11-23") + " — " + t.Date("2026-11-24"),
		Details: []view.Field{{Label: t.Say("deposit_account"), Value: "1280010000000001"}, {Label: t.Say("deposit_credits"), Value: "3"}, {Label: t.Say("deposit_found"), Value: "1"}},
		Missing: []view.DepositRow{{Link: "#m", Amount: t.Money(99000), What: t.Say("deposit_payout", "Day", t.Date("2026-11-24")), About: t.Say("deposit_count", "Count", 12), Tone: view.Warn, Word: t.Say("deposit_not_seen")}},
		Credits: []view.DepositRow{
			{Link: "#p", Amount: t.Money(148500), What: t.Date("2026-11-24") + " · " + t.Say("deposit_payout", "Day", t.Date("2026-11-23")) + " · " + t.Say("deposit_count", "Count", 41), About: "Возмещение po_01kar9gfc0c4r5s6t7v8w9xyzb", Tone: view.Good, Word: t.Say("deposit_way_reference")},
			{Amount: t.Money(700), What: t.Date("2026-11-24"), About: "Прочее", Tone: view.Warn, Word: t.Say("deposit_way_no_payout")},
			{Amount: t.Money(50000), What: t.Date("2026-11-24"), About: "QR", Tone: view.Warn, Word: t.Say("deposit_way_ambiguous")},
		}})
}

func depositParts(t locale.Text) templ.Component {
	return view.DepositPartsPage(view.DepositParts{Frame: merchantFrame(t, t.Say("nav_deposits")), Back: "#", Title: t.Say("deposit_payout", "Day", t.Date("2026-11-23")),
		Details: []view.Field{{Label: t.Say("deposit_amount"), Value: t.Money(148500)}, {Label: t.Say("deposit_fees"), Value: t.Money(1500)}},
		Rows: []view.DepositRow{
			{Link: "#1", Amount: t.Money(99500), What: t.Say("deposit_did_payment_succeeded"), About: t.Moment(reconAt) + " · 1042"},
			{Amount: t.Money(-1000), What: t.Say("deposit_did_refund_requested"), About: t.Moment(reconAt)},
		}, Next: "#n"})
}
