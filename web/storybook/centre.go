package storybook

import (
	"strings"

	"github.com/a-h/templ"

	"tolom/money"
	"tolom/web/locale"
	"tolom/web/view"
)

func centreScreens() []Screen {
	return []Screen{
		{"console", console}, {"tariffs", tariffs(false)}, {"tariffs-refused", tariffs(true)}, {"tariff", tariff("")}, {"tariff-refused", tariff("refused")}, {"tariff-none", tariff("none")},
		{"tariff-merchant", tariff("merchant")}, {"participants", parties(true)}, {"participants-none", parties(false)}, {"participant", party("bank")}, {"merchant", party("merchant")},
		{"merchant-refused", party("refused")}, {"files", files(true)}, {"files-none", files(false)}, {"file", file("delivered")}, {"file-stuck", file("stuck")},
		{"calendar", calendar(false)}, {"calendar-refused", calendar(true)}, {"payout-answer", payoutAnswer}, {"unpayable", unpayable},
	}
}

// centrePlaces are all that an operator can go to.
func centrePlaces(t locale.Text) (out []view.Stop) {
	for _, x := range []struct{ path, name string }{
		{"", "nav_overview"}, {"/proposals", "nav_proposals"}, {"/days", "nav_days"}, {"/files", "nav_files"}, {"/cases", "nav_cases"}, {"/participants", "nav_participants"},
		{"/tariffs", "nav_tariffs"}, {"/reports", "nav_reports"}, {"/people", "nav_people"},
	} {
		out = append(out, view.Stop{Path: "/console" + x.path, Name: t.Say(x.name)})
	}
	return out
}

// at is a frame of the centre in which a place is shown.
func at(t locale.Text, place, title string) view.Frame {
	f := centreFrame(t, title)
	f.Staff.Here = "/console" + place
	return f
}

func console(t locale.Text) templ.Component {
	p := view.Console{Frame: at(t, "", t.Say("console"))}
	for _, x := range [][2]string{{"figure_participants", "24"}, {"figure_merchants", "18 412"}, {"figure_suspended", "3"}, {"figure_psps", "31"}, {"figure_tills", "52 960"}} {
		p.Figures = append(p.Figures, view.Figure{Name: t.Say(x[0]), Value: x[1]})
	}
	p.Unpayable, p.UnpayableAt = t.Say("unpayable_line", "N", 312, "Amount", t.Money(1_843_250_00)), "#unpayable"
	p.Health = []view.HealthRow{{Name: t.Say("health_database"), Word: t.Say("health_good"), Tone: view.Good}, {Name: t.Say("health_database"), Word: t.Say("health_bad"), Tone: view.Danger}}
	return view.ConsolePage(p)
}

func tariffs(wrong bool) func(locale.Text) templ.Component {
	return func(t locale.Text) templ.Component {
		p := view.Tariffs{Frame: at(t, "/tariffs", t.Say("nav_tariffs")), Find: "#find"}
		short := t.Percent(50) + " + " + t.Money(100) + " · " + t.Say("tariff_least", "Sum", t.Money(200)) + " · " + t.Say("tariff_bearer_merchant")
		p.Rows = []view.ProposalRow{
			{Link: "#1", What: t.Say("tariff_of_centre"), About: short, Tone: view.Good, Status: t.Say("tariff_status_holds")},
			{Link: "#2", What: t.Say("tariff_of_category", "MCC", "5411"), About: short, Tone: view.Warn, Status: t.Say("tariff_from", "When", t.Moment(now.AddDate(0, 0, 7)))},
			{Link: "#3", What: wordsIn(t).merchant, Tone: view.Calm, Status: t.Say("tariff_status_none")},
		}
		if wrong {
			p.Typed, p.Wrong = "54x1", view.Wrong{Text: t.Say("error_tariff_of"), Field: "of"}
		}
		return view.TariffsPage(p)
	}
}

// tariff is a merchant's tariff as an operator sees it, after a form was refused, of a category without one, and as the merchant sees it.
func tariff(how string) func(locale.Text) templ.Component {
	return func(t locale.Text) templ.Component {
		terms := []view.Field{{Label: t.Say("diff_rate"), Value: t.Percent(50)}, {Label: t.Say("diff_fixed"), Value: t.Money(100)}, {Label: t.Say("tariff_bearer"), Value: t.Say("tariff_bearer_payer")},
			{Label: t.Say("diff_refunds_fee"), Value: t.Say("yes")}}
		p := view.TariffDetail{Frame: at(t, "/tariffs", t.Say("nav_tariffs")), Back: "#", BackName: t.Say("nav_tariffs"), Title: wordsIn(t).merchant, About: "mer_0db4bqzs6qm5yvqm3w6dm5r8c1", Here: "/x",
			Now: terms, Amount: "150,00", Example: []view.Field{{Label: t.Say("tariff_payer_pays"), Value: t.Money(15_175)}, {Label: t.Say("tariff_fee"), Value: t.Money(175)},
				{Label: t.Say("tariff_merchant_gets"), Value: t.Money(15_000)}},
			Versions: []view.VersionRow{
				{From: t.Say("tariff_from", "When", t.Moment(now.AddDate(0, 1, 0))), Tone: view.Warn, Status: t.Say("tariff_status_comes"), Terms: terms, Withdraw: "#withdraw"},
				{From: t.Say("tariff_from", "When", t.Moment(now)), Tone: view.Good, Status: t.Say("tariff_status_holds"), Terms: terms},
				{From: t.Say("tariff_always"), Status: t.Say("tariff_status_ended"), Terms: terms}}}
		switch how {
		case "merchant":
			p.Frame, p.Back, p.Title, p.About = merchantFrame(t, t.Say("nav_tariff")), "", t.Say("nav_tariff"), t.Say("tariff_hint")
			p.Versions[0].Withdraw = ""
			return view.TariffPage(p)
		case "none":
			p.Title, p.About, p.Versions, p.Example, p.Amount = t.Say("tariff_of_category", "MCC", "5411"), "", nil, nil, ""
			p.Now = []view.Field{{Label: t.Say("diff_ends"), Value: t.Say("yes")}}
		}
		p.Form = tariffForm(t)
		if how == "refused" {
			p.Form.Wrong = view.Wrong{Text: t.Say("error_tariff"), Field: "rate"}
		}
		return view.TariffPage(p)
	}
}

func tariffForm(t locale.Text) *view.TariffForm {
	field := func(name, value, unit string) view.Input {
		return view.Input{Name: name, Label: t.Say("diff_" + name), Value: value, Unit: unit, Optional: true}
	}
	return &view.TariffForm{Action: "#new", FourEyes: true, CanEnd: true, EndsHint: t.Say("tariff_ends_merchant"), RefundsFee: true, SharesOpen: true,
		Rates:   []view.Input{field("rate", "0,50", "%"), field("interchange_rate", "0,20", "%")},
		Sums:    []view.Input{field("fixed", "1,00", t.Unit()), field("min", "", t.Unit()), field("max", "1 000 000,00", t.Unit()), field("refund_charge", "", t.Unit())},
		Shares:  []view.Input{{Name: "share_a", Label: "Demo Bank", Value: "0,30", Unit: "%", Optional: true}, {Name: "share_b", Label: "Demo Settlement Bank of the Southern Regions", Unit: "%", Optional: true}},
		Bearers: []view.Option{{Value: "merchant", Name: t.Say("tariff_bearer_merchant")}, {Value: "payer", Name: t.Say("tariff_bearer_payer"), Chosen: true}},
		From:    view.Input{Name: "valid_from", Type: "datetime-local", Label: t.Say("diff_valid_from"), Hint: t.Say("tariff_from_hint"), Optional: true},
		Reason:  view.Input{Name: "reason", Label: t.Say("proposal_reason"), Optional: true}}
}

func parties(some bool) func(locale.Text) templ.Component {
	return func(t locale.Text) templ.Component {
		p := view.Parties{Frame: at(t, "/participants", t.Say("nav_participants")), Find: "#find"}
		if some {
			p.Rows = []view.ProposalRow{{Link: "#1", What: "Demo Bank", About: "DEMOKG22", Tone: view.Good, Status: t.Say("limits_some")},
				{Link: "#2", What: "Demo Settlement Bank of the Southern Regions", About: "SOUTKG22", Tone: view.Warn, Status: t.Say("limits_near")},
				{Link: "#3", What: "Demo Wallet", About: "WALLKG22", Tone: view.Calm, Status: t.Say("limits_none")}}
			p.Next = "#next"
		}
		return view.PartiesPage(p)
	}
}

func party(how string) func(locale.Text) templ.Component {
	return func(t locale.Text) templ.Component {
		used := func(sum money.Amount, part int) string {
			return t.Say("limits_used", "Sum", t.Money(sum), "Part", part)
		}
		p := view.PartyDetail{Frame: at(t, "/participants", "Demo Bank"), Back: "#", BackName: t.Say("nav_participants"), Title: "Demo Bank", Bank: true,
			Details: []view.Field{{Label: t.Say("party_bic"), Value: "DEMOKG22"}, {Label: t.Say("party_since"), Value: t.Moment(now)}, {Label: t.Say("party_number"), Value: "par_0db4bqzs6qm5yvqm3w6dm5r8c1"}},
			Limits: []view.LimitRow{{Name: t.Say("diff_daily"), Value: t.Money(50_000_000_000), Used: used(47_800_000_000, 95), Part: 95, Near: true},
				{Name: t.Say("diff_net_debit"), Value: t.Money(90_071_992_547_409_91), Used: used(1_000_000, 0)}},
			Services:  []view.ProposalRow{{Link: "#s", What: "Demo Wallet", About: "WALLKG22", Tone: view.Good, Status: t.Say("party_active")}},
			Merchants: []view.ProposalRow{{Link: "#m", What: wordsIn(t).merchant, About: t.Say("party_mcc") + " 5814", Tone: view.Danger, Status: t.Say("party_suspended")}}, Next: "#next",
			Form: &view.LimitForm{Action: "#limits", FourEyes: true, Reason: view.Input{Name: "reason", Label: t.Say("proposal_reason"), Optional: true}}}
		sum := func(name string) {
			p.Form.Sums = append(p.Form.Sums, view.Input{Name: name, Label: t.Say("diff_" + name), Unit: t.Unit(), Optional: true, Value: "1 000,00"})
		}
		sum("daily")
		if how == "bank" {
			sum("net_debit")
			return view.PartyPage(p)
		}
		sum("min_amount")
		sum("max_amount")
		p.Title, p.Bank, p.Next, p.Tone, p.Status, p.Tariff = wordsIn(t).merchant, false, "", view.Good, t.Say("party_active"), "#tariff"
		p.Limits[1] = view.LimitRow{Name: t.Say("diff_max_amount"), Value: t.Say("limits_without")}
		p.Switch, p.SwitchTo, p.SwitchName, p.SwitchHint = "#switch", "suspended", t.Say("party_suspend"), t.Say("party_suspend_hint")
		if how == "refused" {
			p.Form.Wrong = view.Wrong{Text: t.Say("error_limits_cross"), Field: "min_amount"}
		}
		return view.PartyPage(p)
	}
}

func fileChoices(t locale.Text) (kinds, states []view.Option) {
	all := view.Option{Name: t.Say("files_all")}
	return []view.Option{all, {Value: "transfers", Name: t.Say("file_kind_transfers")}}, []view.Option{all, {Value: "stuck", Name: t.Say("file_status_stuck")}}
}

func files(some bool) func(locale.Text) templ.Component {
	return func(t locale.Text) templ.Component {
		p := view.Files{Frame: at(t, "/files", t.Say("nav_files")), Here: "#", Last: "2026-12-01", Upload: "#upload", Most: "4", Off: !some}
		p.Kinds, p.States = fileChoices(t)
		if !some {
			return view.FilesPage(p)
		}
		row := func(kind, whose, name, status string, tone view.Tone) view.FileRow {
			return view.FileRow{Link: "#" + name, Name: name, Kind: t.Say("file_kind_" + kind), Day: t.Date("2026-11-24"), Whose: whose, Size: "· " + t.Say("bytes_kib", "N", 12), Tone: tone, Status: t.Say("file_status_" + status)}
		}
		p.Rows = []view.FileRow{row("answer", t.Say("file_by_hand"), "uploaded.xml", "planned", view.Calm), row("transfers", t.Say("day_central_bank"), "20261124_transfers_N20261124-01.xml", "delivered", view.Good),
			row("records", "Demo Settlement Bank of the Southern Regions", "20261124_records_par_0db4bqzs6qm5yvqm3w6dm5r8c1.json", "stuck", view.Danger)}
		p.Next = "#older"
		return view.FilesPage(p)
	}
}

func file(status string) func(locale.Text) templ.Component {
	return func(t locale.Text) templ.Component {
		title := t.Say("file_kind_transfers") + " · " + t.Say("day_central_bank")
		p := view.FileDetail{Frame: at(t, "/files", title), Back: "#", Title: title, Name: "20261124_transfers_N20261124-01.xml", Tone: view.Good, Status: t.Say("file_status_" + status),
			Details: []view.Field{{Label: t.Say("day_message"), Value: "N20261124-01"}, {Label: t.Say("file_size"), Value: t.Say("bytes", "N", "11842")}, {Label: t.Say("file_attempts"), Value: "3"},
				{Label: t.Say("file_created"), Value: t.Moment(now)}, {Label: t.Say("party_number"), Value: "file_0db4bqzs6qm5yvqm3w6dm5r8c1"}},
			Digest: strings.Repeat("9f86d081884c7d65", 4), Content: "#content", Again: "#again", AgainHint: t.Say("file_again_hint"), Day: "#day", DayName: t.Date("2026-11-24")}
		if status == "stuck" {
			p.Tone, p.Reason = view.Danger, "sftp: files.bank.example:22: the server shows another key than the one that was agreed"
		}
		return view.FilePage(p)
	}
}

func calendar(wrong bool) func(locale.Text) templ.Component {
	return func(t locale.Text) templ.Component {
		p := view.Calendar{Frame: at(t, "/days", t.Say("calendar")), Back: "#", Earlier: "#earlier", Later: "#later", Action: "#change",
			Date: view.Input{Name: "date", Type: "date", Label: t.Say("diff_day")}, Name: view.Input{Name: "name", Label: t.Say("diff_name")},
			Ways: []view.Option{{Value: "no", Name: t.Say("calendar_closed"), Chosen: true}, {Value: "yes", Name: t.Say("calendar_banking")}}}
		for n := range 7 {
			day := string(rune('1' + n))
			p.Weekdays = append(p.Weekdays, view.Weekday{Short: t.Say("weekday_short_" + day), Name: t.Say("weekday_" + day)})
		}
		for n := range 3 {
			p.Months = append(p.Months, sampleMonth(t, n))
		}
		p.Rows = []view.HolidayRow{{Date: t.Date("2026-12-31"), Name: wordsIn(t).reason, Tone: view.Warn, Word: t.Say("calendar_closed"), Drop: "#drop"},
			{Date: t.Date("2026-12-26"), Name: wordsIn(t).about, Tone: view.Good, Word: t.Say("calendar_banking")}}
		if wrong {
			p.Rows, p.Wrong = nil, view.Wrong{Text: t.Say("error_holiday_date"), Field: "date"}
		}
		return view.CalendarPage(p)
	}
}

// sampleMonth is a month with a weekend that banks work on, and a day that they do not.
func sampleMonth(t locale.Text, n int) view.Month {
	first := now.AddDate(0, n, 1-now.Day())
	m := view.Month{Name: t.Month(first)}
	var week [7]view.CalendarDay
	for day := first; day.Month() == first.Month(); day = day.AddDate(0, 0, 1) {
		column := (int(day.Weekday()) + 6) % 7
		if column == 0 && day.Day() > 1 {
			m.Weeks, week = append(m.Weeks, week), [7]view.CalendarDay{}
		}
		week[column] = view.CalendarDay{Number: day.Day(), Banking: column < 5, Word: t.Say("calendar_closed"), Today: day.Equal(now)}
		if n == 1 && (day.Day() == 26 || day.Day() == 31) {
			week[column].Changed, week[column].Banking, week[column].Name = true, column >= 5, wordsIn(t).about
		}
	}
	m.Weeks = append(m.Weeks, week)
	return m
}

func payoutAnswer(t locale.Text) templ.Component {
	title := t.Say("deposit_payout", "Day", t.Date("2026-11-24"))
	return view.PayoutPage(view.PayoutDetail{Frame: at(t, "/days", title), Back: "#", BackName: t.Date("2026-11-24"), Title: title, Amount: 99_999_999_999_99, Tone: view.Calm,
		Status: t.Say("payout_status_made"), Details: []view.Field{{Label: t.Say("payout_merchant"), Value: wordsIn(t).merchant}}, Parts: []view.Field{{Label: "= " + t.Say("deposit_amount"), Value: t.Money(99_999_999_999_99)}},
		Answer: "#answer", Error: t.Say("proposal_same")})
}
