package web

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tolom/access"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/payment"
	"tolom/recon"
	"tolom/settlement"
	"tolom/store"
	"tolom/web/view"
)

// depositPages compare what came into a merchant's bank account with payouts.
func (p *pages) depositPages() []staffPage {
	return []staffPage{
		{"GET", "/deposits", access.SeeStatements, "nav_deposits", p.deposits},
		{"POST", "/deposits", access.SeeStatements, "", p.newDeposit},
		{"GET", "/deposits/{statement}", access.SeeStatements, "", p.deposit},
		{"GET", "/deposits/payouts/{payout}", access.SeeStatements, "", p.depositParts},
	}
}

func (p *pages) deposits(v *visit, s staff) error { return p.showDeposits(v, s, nil) }

// showDeposits lists statements, with what was wrong with a file.
func (p *pages) showDeposits(v *visit, s staff, refused error) error {
	before, err := flow.Cursor(v.r.URL.Query().Get("before"), "before")
	if err != nil {
		return err
	}
	list, more, err := p.Statements.List(v.r.Context(), s.As, before, pageRows)
	if err != nil {
		return err
	}
	here, status := s.at("/deposits"), http.StatusOK
	page := view.Deposits{Frame: s.frameAt(v, here, v.text.Say("nav_deposits")), Upload: here, Most: strconv.Itoa(recon.MaxFileBytes >> 20)}
	for _, x := range list {
		word, tone := v.text.Say("deposits_matched", "Matched", x.Matched, "All", x.Credits), view.Good
		if x.Matched < x.Credits {
			tone = view.Warn
		}
		page.Rows = append(page.Rows, view.ProposalRow{Link: here + "/" + x.ID.Token(), What: days(v, x.FirstDay, x.LastDay),
			About: strings.Join([]string{x.Account, x.Format, v.text.When(x.CreatedAt, v.now())}, " · "), Tone: tone, Status: word})
	}
	if more {
		page.Next = here + "?before=" + url.QueryEscape(string(list[len(list)-1].ID))
	}
	if refused != nil {
		f := fault.From(refused)
		page.Error, status = f.Message(string(v.text.Lang)), statuses[f.Kind()]
		if f.Detail != "" {
			page.Error += ": " + strings.TrimPrefix(f.Detail, "recon: ")
		}
	}
	return v.show(status, view.DepositsPage(page))
}

// days writes a range of days, or the one.
func days(v *visit, first, last string) string {
	switch first {
	case "":
		return "—"
	case last:
		return v.text.Date(first)
	}
	return v.text.Date(first) + " — " + v.text.Date(last)
}

// newDeposit takes a file.
func (p *pages) newDeposit(v *visit, s staff) error {
	raw, err := v.file("file", recon.MaxFileBytes)
	if err != nil {
		return p.showDeposits(v, s, err)
	}
	xml := bytes.HasPrefix(bytes.TrimLeft(bytes.TrimPrefix(raw, []byte("\ufeff")), " \t\r\n"), []byte("<"))
	result, _, err := p.Statements.Take(v.r.Context(), s.As, flow.StatementFile{Raw: raw, XML: xml})
	switch {
	case err == nil:
		return v.then(s.at("/deposits/" + result.Statement.ID.Token()))
	case fault.From(err).Kind() == fault.Invalid:
		return p.showDeposits(v, s, err)
	}
	return err
}

// file reads a file of a form, of at most so many bytes.
func (v *visit) file(name string, most int64) ([]byte, error) {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, most+64<<10)
	wrong := func(why string) error { return fault.New(fault.InvalidRequest).On(name).Because(why) }
	form, err := v.r.MultipartReader()
	if err != nil {
		return nil, wrong("the form holds no file")
	}
	for {
		part, err := form.NextPart()
		if err != nil {
			return nil, wrong("the form holds no file, or it is too large")
		}
		if part.FormName() != name {
			continue
		}
		raw, err := io.ReadAll(io.LimitReader(part, most+1))
		switch {
		case err != nil || int64(len(raw)) > most:
			return nil, wrong("the file is too large, or it ended before it was complete")
		case len(raw) == 0:
			return nil, wrong("the file is empty")
		}
		return raw, nil
	}
}

func (p *pages) deposit(v *visit, s staff) error {
	name, err := named(v, "statement", id.BankFile)
	if err != nil {
		return err
	}
	r, err := p.Statements.Statement(v.r.Context(), s.As, string(name))
	if err != nil {
		return err
	}
	st := r.Statement
	page := view.Deposit{Frame: s.frame(v, days(v, st.FirstDay, st.LastDay)), Back: s.at("/deposits"), Title: days(v, st.FirstDay, st.LastDay), Details: []view.Field{
		{Label: v.text.Say("deposit_account"), Value: st.Account}, {Label: v.text.Say("deposit_credits"), Value: strconv.FormatInt(st.Credits, 10)},
		{Label: v.text.Say("deposit_found"), Value: strconv.FormatInt(st.Matched, 10)}}}
	for _, c := range r.Credits[:min(len(r.Credits), mostDeposits)] {
		page.Credits = append(page.Credits, p.creditRow(v, s, c, r.Payouts))
	}
	page.More = len(r.Credits) > mostDeposits
	for _, x := range r.Missing {
		page.Missing = append(page.Missing, view.DepositRow{Link: s.at("/deposits/payouts/" + x.ID.Token()), Amount: v.text.Money(x.Amount),
			What: v.text.Say("deposit_payout", "Day", v.text.Date(x.Day)), About: v.text.Say("deposit_count", "Count", x.Count), Tone: view.Warn, Word: v.text.Say("deposit_not_seen")})
	}
	return v.show(http.StatusOK, view.DepositPage(page))
}

// mostDeposits is how many credits of a statement a page shows.
const mostDeposits = 500

func (p *pages) creditRow(v *visit, s staff, c store.BankCredit, payouts map[id.ID]settlement.Payout) view.DepositRow {
	row := view.DepositRow{Amount: v.text.Money(c.Credit.Amount), What: v.text.Date(c.Credit.Date), About: c.Credit.Reference, Tone: view.Warn, Word: v.text.Say("deposit_way_" + string(c.Way))}
	if x, known := payouts[c.Payout]; known {
		row.Link, row.What = s.at("/deposits/payouts/"+x.ID.Token()), v.text.Date(c.Credit.Date)+" · "+v.text.Say("deposit_payout", "Day", v.text.Date(x.Day))+" · "+v.text.Say("deposit_count", "Count", x.Count)
	}
	if c.Matched() {
		row.Tone = view.Good
	}
	return row
}

// depositParts lists the payments that a payout holds.
func (p *pages) depositParts(v *visit, s staff) error {
	name, err := named(v, "payout", id.Payout)
	if err != nil {
		return err
	}
	after, _ := strconv.ParseInt(v.r.URL.Query().Get("after"), 10, 64) // what is no number begins at the beginning
	x, moves, next, err := p.Statements.PayoutPayments(v.r.Context(), s.As, string(name), max(after, 0), pageRows)
	if err != nil {
		return err
	}
	title := v.text.Say("deposit_payout", "Day", v.text.Date(x.Day))
	page := view.DepositParts{Frame: s.frame(v, title), Back: s.at("/deposits"), Title: title, Details: []view.Field{
		{Label: v.text.Say("deposit_amount"), Value: v.text.Money(x.Amount)}, {Label: v.text.Say("deposit_opening"), Value: v.text.Money(x.Opening)},
		{Label: v.text.Say("deposit_gross"), Value: v.text.Money(x.Payments)}, {Label: v.text.Say("deposit_fees"), Value: v.text.Money(x.Fees)},
		{Label: v.text.Say("deposit_refunds"), Value: v.text.Money(x.Refunds)}, {Label: v.text.Say("deposit_number"), Value: string(x.ID)}}}
	for _, m := range moves {
		f := m.Fact
		row := view.DepositRow{Amount: v.text.Money(m.Change()), What: v.text.Say("deposit_did_" + strings.ReplaceAll(string(f.Type), ".", "_")), About: v.text.Moment(f.At.In(time.UTC))}
		if m.OrderID != "" {
			row.About += " · " + m.OrderID
		}
		if f.Payment != "" && f.Type == payment.PaymentSucceeded {
			row.Link = s.at("/payments/" + f.Payment.Token())
		}
		page.Rows = append(page.Rows, row)
	}
	if next > 0 {
		page.Next = s.at("/deposits/payouts/"+x.ID.Token()) + "?after=" + strconv.FormatInt(next, 10)
	}
	return v.show(http.StatusOK, view.DepositPartsPage(page))
}
