package web

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"tolom/access"
	"tolom/fault"
	"tolom/id"
	"tolom/money"
	"tolom/payment"
	"tolom/store"
	"tolom/web/view"
)

func (p *pages) consoleHomePages() []staffPage {
	return []staffPage{{"GET", "", access.SeePlatform, "nav_overview", p.console}}
}

func (p *pages) dashboardHomePages() []staffPage {
	return []staffPage{
		{"GET", "", access.SeePayments, "nav_overview", p.dashboard},
		{"GET", "/payments", access.SeePayments, "nav_payments", p.dashboardPayments},
		{"GET", "/payments/{token}", access.SeePayments, "", p.dashboardPayment},
		{"POST", "/payments/{token}/refunds", access.GiveBack, "", p.dashboardRefund},
		{"GET", "/statement", access.SeeStatements, "nav_statement", p.dashboardStatement},
	}
}

// console is the first page of the centre: how many there are, and whether the platform is well.
func (p *pages) console(v *visit, s staff) error {
	numbers, err := p.Platform.Registry().Numbers(v.r.Context())
	if err != nil {
		return err
	}
	page := view.Console{Frame: s.frame(v, v.text.Say("console"))}
	for _, n := range []struct {
		name string
		n    int
	}{{"figure_participants", numbers.Participants}, {"figure_merchants", numbers.Merchants}, {"figure_suspended", numbers.Suspended}, {"figure_psps", numbers.PSPs}, {"figure_tills", numbers.Tills}} {
		page.Figures = append(page.Figures, view.Figure{Name: v.text.Say(n.name), Value: strconv.Itoa(n.n)})
	}
	page.Health = p.health(v)
	if page.Unpayable, err = p.unpayableLine(v); err != nil {
		return err
	}
	page.UnpayableAt = s.at(unpayablePath)
	return v.show(http.StatusOK, view.ConsolePage(page))
}

// health says of each part whether it is well.
func (p *pages) health(v *visit) (out []view.HealthRow) {
	for _, h := range p.Health {
		row := view.HealthRow{Name: v.text.Say("health_" + h.Name), Word: v.text.Say("health_good"), Tone: view.Good}
		if err := h.Ask(v.r.Context()); err != nil {
			row.Word, row.Tone = v.text.Say("health_bad"), view.Danger
			p.Log.Warn("a part of the platform is not well", "part", h.Name, "error", err)
		}
		out = append(out, row)
	}
	return out
}

// dashboard is the first page of a merchant: what was paid today, and the balance for whose role sees it.
func (p *pages) dashboard(v *visit, s staff) error {
	day, err := p.day("")
	if err != nil {
		return err
	}
	page := view.Dashboard{Frame: s.frame(v, s.Merchant.Name), Merchant: s.Merchant.Name, Day: day, Now: v.now(), Payments: true}
	rows, _, err := p.Platform.Payments(v.r.Context(), s.As, store.PaymentFilter{From: day, To: day.AddDate(0, 0, 1), Limit: pageRows})
	if err != nil {
		return err
	}
	page.Rows = p.dashboardRows(v, s, rows)
	if page.Deaf, err = p.deaf(v, s); err != nil {
		return err
	}
	if !s.may(access.SeeStatements) {
		return v.show(http.StatusOK, view.DashboardPage(page))
	}
	if page.Figures, err = p.moneyFigures(v, s, day); err != nil {
		return err
	}
	return v.show(http.StatusOK, view.DashboardPage(page))
}

// deaf tells whoever runs the merchant's programs of webhook endpoints that were paused: a shop with no other one would
// hear of it nowhere else.
func (p *pages) deaf(v *visit, s staff) ([]string, error) {
	if !s.may(access.HandleKeys) {
		return nil, nil
	}
	endpoints, err := p.Platform.Registry().Desk().Endpoints().List(v.r.Context(), s.Merchant.ID, "", pageRows)
	if err != nil {
		return nil, fault.Wrap(fault.OutOfService, err)
	}
	var out []string
	for _, e := range endpoints {
		if !e.PausedAt.IsZero() && !e.Disabled {
			out = append(out, v.text.Say("endpoint_paused", "URL", e.URL, "When", v.text.When(e.PausedAt, v.now())))
		}
	}
	return out, nil
}

// moneyFigures are today's sums and the balance.
func (p *pages) moneyFigures(v *visit, s staff, day time.Time) ([]view.Figure, error) {
	st, err := p.Platform.Statement(v.r.Context(), s.As, day, day.AddDate(0, 0, 1))
	if err != nil {
		return nil, err
	}
	balance, _, err := p.Platform.Balance(v.r.Context(), s.As)
	if err != nil {
		return nil, err
	}
	t := v.text
	return []view.Figure{
		{Name: t.Say("figure_balance"), Value: t.Money(balance)},
		{Name: t.Say("figure_paid"), Value: t.Money(money.Amount(st.Totals.Payments)), Note: t.Say("figure_count", "N", st.Totals.PaymentsCount)},
		{Name: t.Say("figure_refunded"), Value: t.Money(money.Amount(st.Totals.Refunds)), Note: t.Say("figure_count", "N", st.Totals.RefundsCount)},
		{Name: t.Say("figure_fees"), Value: t.Money(money.Amount(st.Totals.Fees))},
	}, nil
}

// dashboardRows are payments as the dashboard lists them.
func (p *pages) dashboardRows(v *visit, s staff, rows []payment.Payment) []view.PaymentRow {
	out := paymentRows(v.text, rows)
	for i := range out {
		out[i].Link = s.at("/payments/" + rows[i].ID.Token())
		out[i].Refundable = out[i].Refundable && s.may(access.GiveBack)
	}
	return out
}

func (p *pages) dashboardPayments(v *visit, s staff) error {
	f := store.PaymentFilter{Limit: pageRows}
	if after := v.r.URL.Query().Get("after"); after != "" {
		before, err := id.Parse(id.Payment, after)
		if err != nil {
			return fault.New(fault.InvalidRequest).On("after")
		}
		f.Before = before
	}
	rows, more, err := p.Platform.Payments(v.r.Context(), s.As, f)
	if err != nil {
		return err
	}
	page := view.Payments{Frame: s.frame(v, v.text.Say("nav_payments")), Rows: p.dashboardRows(v, s, rows), Now: v.now()}
	if more {
		page.Next = s.at("/payments") + "?after=" + url.QueryEscape(string(rows[len(rows)-1].ID))
	}
	return v.show(http.StatusOK, view.DashboardPaymentsPage(page))
}

// dashboardStatement is the merchant's account for a day.
func (p *pages) dashboardStatement(v *visit, s staff) error {
	day, err := p.day(v.r.URL.Query().Get("day"))
	if err != nil {
		return err
	}
	st, err := p.Platform.Statement(v.r.Context(), s.As, day, day.AddDate(0, 0, 1))
	if err != nil {
		return err
	}
	page := statementOf(v.text, st)
	for i, l := range st.Lines {
		page.Lines[i].Link = s.at("/payments/" + id.ID(l.PaymentID).Token())
	}
	page.Day, page.Last, page.Action = day, v.now(), s.at("/statement")
	page.Frame = s.frameAt(v, s.at("/statement")+"?day="+day.Format(time.DateOnly), v.text.Say("statement_title"))
	return v.show(http.StatusOK, view.DashboardStatementPage(page))
}
