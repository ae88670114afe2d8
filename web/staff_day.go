package web

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tolom/access"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/money"
	"tolom/settlement"
	"tolom/store"
	"tolom/web/view"
)

// dayPages are the business days of the centre: what they come to, and the two steps that people may take by hand.
func (p *pages) dayPages() []staffPage {
	return append([]staffPage{
		{"GET", "/days", access.SeePlatform, "nav_days", p.days},
		{"GET", "/days/{date}", access.SeePlatform, "", p.dayDetail},
		{"GET", "/payouts/{payout}", access.SeePlatform, "", p.payoutOfDay},
		{"POST", "/days/{date}/close", access.HandleRegistry, "", p.closeDay},
		{"POST", "/days/{date}/answer", access.HandleRegistry, "", p.answerDay},
		{"POST", "/days/{date}/submit", access.HandleRegistry, "", p.submitDay},
		{"POST", "/payouts/{payout}/answer", access.HandleRegistry, "", p.answerPayout},
	}, p.calendarPages()...)
}

// dayRows is how many days a page shows: each is read with its positions.
const dayRows = 15

func (p *pages) days(v *visit, s staff) error { return p.showDays(v, s, nil) }

// showDays lists the days that were cut, below the one that is going on, with what was wrong with a form.
func (p *pages) showDays(v *visit, s staff, refused error) error {
	before := v.r.URL.Query().Get("before")
	if before != "" && !isDate(before) {
		return fault.New(fault.InvalidRequest).On("before")
	}
	list, err := p.Days.List(v.r.Context(), before, dayRows+1)
	if err != nil {
		return err
	}
	here, status := s.at("/days"), http.StatusOK
	page := view.Days{Frame: s.frameAt(v, here, v.text.Say("nav_days")), Calendar: s.at(calendarPath)}
	if len(list) > dayRows {
		list = list[:dayRows]
		page.Next = here + "?before=" + url.QueryEscape(list[dayRows-1].Date)
	}
	for _, d := range list {
		row, err := p.dayRow(v, s, d)
		if err != nil {
			return err
		}
		page.Rows = append(page.Rows, row)
	}
	if before == "" {
		err = p.goingDay(v, s, &page)
	}
	if refused != nil {
		f := fault.From(refused)
		page.Error, status, page.Typed = f.Message(string(v.text.Lang)), statuses[f.Kind()], v.r.PostForm.Get("reason")
	}
	if err != nil {
		return err
	}
	return v.show(status, view.DaysPage(page))
}

// goingDay shows the day that is going on, with the form that ends it.
func (p *pages) goingDay(v *visit, s staff, page *view.Days) error {
	date, ends, err := p.Days.Going(v.r.Context())
	if err != nil || date == "" {
		return err
	}
	page.Going, page.Ends = v.text.Date(date), v.text.Moment(ends)
	if s.may(access.HandleRegistry) {
		page.End = s.at("/days/" + date + "/close")
	}
	return nil
}

func (p *pages) dayRow(v *visit, s staff, d settlement.Day) (view.ProposalRow, error) {
	row := view.ProposalRow{Link: s.at("/days/" + d.Date), What: v.text.Date(d.Date), Tone: dayTone(d), Status: v.text.Say("day_status_" + string(d.Status))}
	about := []string{v.text.Moment(d.CutAt)}
	if d.Status != settlement.Open {
		positions, err := p.Days.Positions(v.r.Context(), d.Date)
		if err != nil {
			return row, err
		}
		sums := sumsOf(positions)
		balance, _ := balanceOf(v, sums.Net)
		about = append(about, v.text.Say("deposit_count", "Count", sums.PaidCount), v.text.Money(sums.Paid), balance)
	}
	row.About = strings.Join(about, " · ")
	return row, nil
}

// sumsOf adds up the positions of a day: what was paid and given back, and the net, which is zero when all is right.
func sumsOf(positions []settlement.Position) (sum settlement.Position) {
	for _, x := range positions {
		sum.Paid, sum.PaidCount = sum.Paid+x.Paid, sum.PaidCount+x.PaidCount
		sum.Refunded, sum.RefundedCount = sum.Refunded+x.Refunded, sum.RefundedCount+x.RefundedCount
		sum.Payouts, sum.PayoutsCount = sum.Payouts+x.Payouts, sum.PayoutsCount+x.PayoutsCount
		sum.Net += x.Net
	}
	return sum
}

// balanceOf says what the nets of a day come to.
func balanceOf(v *visit, net money.Amount) (string, view.Tone) {
	if net == 0 {
		return v.text.Say("day_sum", "Sum", v.text.Money(net)), view.Good
	}
	return v.text.Say("day_sum", "Sum", v.text.Money(net)), view.Danger
}

func dayTone(d settlement.Day) view.Tone {
	switch d.Status {
	case settlement.Settled:
		return view.Good
	case settlement.Returned:
		return view.Danger
	case settlement.Submitted:
		return view.Warn
	}
	return view.Calm
}

func isDate(text string) bool {
	_, err := time.Parse(time.DateOnly, text)
	return err == nil
}

// dated reads the date of an address.
func dated(v *visit) (string, error) {
	date := v.r.PathValue("date")
	if !isDate(date) {
		return "", fault.New(fault.NotFound)
	}
	return date, nil
}

func (p *pages) dayDetail(v *visit, s staff) error { return p.showDay(v, s, nil) }

// showDay shows a day that was cut, with what was wrong with a form.
func (p *pages) showDay(v *visit, s staff, refused error) error {
	date, err := dated(v)
	if err != nil {
		return err
	}
	d, err := p.Days.Get(v.r.Context(), date)
	if err != nil {
		return err
	}
	at, status := s.at("/days/"+date), http.StatusOK
	page := view.DayDetail{Frame: s.frameAt(v, at, v.text.Date(date)), Back: s.at("/days"), Date: v.text.Date(date), Tone: dayTone(d), Status: v.text.Say("day_status_" + string(d.Status))}
	if d.Status != settlement.Open {
		if err := p.dayMoney(v, s, d, at, &page); err != nil {
			return err
		}
	}
	page.Details = append(dayDetails(v, d), page.Details...)
	if page.Files, err = p.dayFiles(v, s, d); err != nil {
		return err
	}
	if d.Status == settlement.Submitted && d.AcceptedAt.IsZero() && s.may(access.HandleRegistry) {
		page.Answer, page.Message = at+"/answer", d.Message
	}
	if d.Status == settlement.Returned && s.may(access.HandleRegistry) && p.Files != nil {
		page.Submit, page.Message = at+"/submit", d.Message
	}
	if refused != nil {
		f := fault.From(refused)
		page.Error, status, page.Typed = f.Message(string(v.text.Lang)), statuses[f.Kind()], v.r.PostForm.Get("reason")
	}
	return v.show(status, view.DayPage(page))
}

func dayDetails(v *visit, d settlement.Day) []view.Field {
	lines := details{text: v.text}
	lines.moment(v.text.Say("day_cut"), d.CutAt)
	lines.moment(v.text.Say("day_closed_at"), d.ClosedAt)
	lines.moment(v.text.Say("day_submitted_at"), d.SubmittedAt)
	lines.moment(v.text.Say("day_accepted_at"), d.AcceptedAt)
	lines.moment(v.text.Say("day_settled_at"), d.EndedAt)
	lines.add(v.text.Say("day_message"), d.Message)
	lines.add(v.text.Say("proposal_reason"), d.Reason)
	if d.Late > 0 {
		lines.add(v.text.Say("day_late"), strconv.FormatInt(d.Late, 10))
	}
	return lines.fields
}

// dayMoney fills in what a closed day comes to: its sums, its positions and a page of its payouts.
func (p *pages) dayMoney(v *visit, s staff, d settlement.Day, at string, page *view.DayDetail) error {
	positions, err := p.Days.Positions(v.r.Context(), d.Date)
	if err != nil {
		return err
	}
	sums := sumsOf(positions)
	counted := func(label string, sum money.Amount, count int64) {
		page.Details = append(page.Details, view.Field{Label: label, Value: v.text.Money(sum) + " · " + strconv.FormatInt(count, 10)})
	}
	counted(v.text.Say("deposit_gross"), sums.Paid, sums.PaidCount)
	counted(v.text.Say("deposit_refunds"), sums.Refunded, sums.RefundedCount)
	counted(v.text.Say("nav_payouts"), sums.Payouts, sums.PayoutsCount)
	for _, x := range positions {
		page.Positions = append(page.Positions, positionRow(v, x))
	}
	page.Sum, page.SumTone = balanceOf(v, sums.Net)
	after, err := flow.Cursor(v.r.URL.Query().Get("after"), "after")
	if err != nil {
		return err
	}
	payouts, err := p.Days.Payouts(v.r.Context(), d.Date, after, pageRows+1)
	if err != nil {
		return err
	}
	if len(payouts) > pageRows {
		payouts = payouts[:pageRows]
		page.Next = at + "?after=" + url.QueryEscape(string(payouts[pageRows-1].ID)) + "#payouts"
	}
	for _, x := range payouts {
		page.Payouts = append(page.Payouts, payoutRow(v, s, x, x.MerchantName))
	}
	return nil
}

// positionRow shows a participant's net and the parts of it that are not zero, each as it counts.
func positionRow(v *visit, x settlement.Position) view.PositionRow {
	row := view.PositionRow{Name: cmp.Or(x.Name, string(x.Participant)), About: x.BIC, Net: v.text.Money(x.Net)}
	if x.Participant == settlement.Centre {
		row.Name = v.text.Say("day_centre")
	}
	part := func(label string, change money.Amount) {
		if change != 0 {
			row.Parts = append(row.Parts, view.Field{Label: label, Value: v.text.Money(change)})
		}
	}
	part(v.text.Say("position_paid"), -x.Paid)
	part(v.text.Say("position_refunded"), x.Refunded)
	part(v.text.Say("position_interchange"), x.Interchange)
	part(v.text.Say("position_payouts"), x.Payouts)
	part(v.text.Say("position_returned"), -x.Returned)
	part(v.text.Say("payout_adjusted"), x.Adjusted)
	part(v.text.Say("deposit_fees"), x.Fees)
	part(v.text.Say("position_held"), x.Held)
	row.Parts = append(row.Parts, view.Field{Label: v.text.Say("position_net"), Value: row.Net})
	return row
}

// dayFiles lists what was written down of a day, and the answers to it.
func (p *pages) dayFiles(v *visit, s staff, d settlement.Day) (out []view.DepositRow, err error) {
	if p.Files == nil {
		return nil, nil
	}
	list, err := p.Files.List(v.r.Context(), store.FileFilter{Day: d.Date, Limit: mostFiles})
	for _, f := range list {
		out = append(out, view.DepositRow{Link: s.at("/files/" + f.ID.Token()), Amount: v.text.Say("file_kind_" + f.Kind), What: f.Name, About: p.fileOwner(v, f),
			Tone: fileTone(f.Status), Word: v.text.Say("file_status_" + string(f.Status))})
	}
	return out, err
}

// mostFiles is how many files of a day a page shows: the newest.
const mostFiles = 100

// askOfDay asks for what a form of a day says, or proposes it where a second person decides.
func (p *pages) askOfDay(v *visit, s staff, action string, body func(url.Values) any, done func(date string) string, again func(*visit, staff, error) error) error {
	if err := v.form(); err != nil {
		return err
	}
	date, err := dated(v)
	if err != nil {
		return err
	}
	form := v.r.PostForm
	a := flow.Ask{Action: action, Target: id.ID(date), Body: body(form), Reason: form.Get("reason")}
	return p.propose(v, s, a, done(date), func(err error) error { return again(v, s, err) })
}

func (p *pages) closeDay(v *visit, s staff) error {
	return p.askOfDay(v, s, flow.CloseDayAction, func(url.Values) any { return flow.CloseDayBody{} },
		func(string) string { return s.at("/days") }, p.showDays)
}

func (p *pages) submitDay(v *visit, s staff) error {
	return p.askOfDay(v, s, flow.SubmitDayAction, func(url.Values) any { return flow.SubmitDayBody{} },
		func(date string) string { return s.at("/days/" + date) }, p.showDay)
}

func (p *pages) answerDay(v *visit, s staff) error {
	return p.askOfDay(v, s, flow.AnswerDayAction, func(form url.Values) any {
		return flow.AnswerDayBody{Message: form.Get("message"), Outcome: form.Get("outcome"), Reason: form.Get("reason")}
	}, func(date string) string { return s.at("/days/" + date) }, p.showDay)
}
