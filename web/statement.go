package web

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"strings"
	"time"

	"tolom/fault"
	"tolom/id"
	"tolom/money"
	"tolom/web/locale"
	"tolom/web/view"
	"tolom/wire"
)

// statement is the merchant's account for a day in Bishkek, as a page or as CSV.
func (p *pages) statement(v *visit, c cashier) error {
	query := v.r.URL.Query()
	day, err := p.day(query.Get("day"))
	if err != nil {
		return err
	}
	s, err := p.Platform.Statement(v.r.Context(), c.Merchant, day, day.AddDate(0, 0, 1))
	if err != nil {
		return err
	}
	if query.Get("format") == "csv" {
		return v.sendCSV(s, day)
	}
	page := statementOf(v.text, s)
	page.Day, page.Last = day, v.now().In(locale.Bishkek)
	here := string(view.AtStatement) + "?day=" + day.Format(time.DateOnly)
	page.CSV = here + "&format=csv"
	page.Frame = c.frame(v, here, view.AtStatement, v.text.Say("statement_title"))
	return v.show(http.StatusOK, view.StatementPage(page))
}

// day reads the day that is asked for; none means today.
func (p *pages) day(text string) (time.Time, error) {
	if text == "" {
		text = p.World.Clock.Now().In(locale.Bishkek).Format(time.DateOnly)
	}
	day, err := time.ParseInLocation(time.DateOnly, text, locale.Bishkek)
	if err != nil {
		return day, fault.Wrap(fault.InvalidRequest, err).On("day")
	}
	return day, nil
}

func statementOf(t locale.Text, s wire.Statement) view.Statement {
	out := view.Statement{Merchant: s.Merchant, Opening: money.Amount(s.Opening), Closing: money.Amount(s.Closing)}
	sums := []view.Sum{
		{Name: t.Say("sum_payments", "N", s.Totals.PaymentsCount), Amount: money.Amount(s.Totals.Payments)},
		{Name: t.Say("sum_fees"), Amount: -money.Amount(s.Totals.Fees)},
		{Name: t.Say("sum_refunds", "N", s.Totals.RefundsCount), Amount: -money.Amount(s.Totals.Refunds)},
	}
	if s.Totals.RefundsRejected != 0 {
		sums = append(sums, view.Sum{Name: t.Say("sum_refunds_rejected"), Amount: money.Amount(s.Totals.RefundsRejected)})
	}
	if s.Totals.FeesReturned != 0 {
		sums = append(sums, view.Sum{Name: t.Say("sum_fees_returned"), Amount: money.Amount(s.Totals.FeesReturned)})
	}
	if s.Totals.RefundFees != 0 {
		sums = append(sums, view.Sum{Name: t.Say("sum_refund_fees"), Amount: -money.Amount(s.Totals.RefundFees)})
	}
	if s.Totals.Payouts != 0 {
		sums = append(sums, view.Sum{Name: t.Say("sum_payouts"), Amount: -money.Amount(s.Totals.Payouts)})
	}
	if s.Totals.PayoutsReturned != 0 {
		sums = append(sums, view.Sum{Name: t.Say("sum_payouts_returned"), Amount: money.Amount(s.Totals.PayoutsReturned)})
	}
	out.Sums = sums
	if s.Totals.PayerFees != 0 {
		out.PayerFees = money.Amount(s.Totals.PayerFees)
	}
	for _, l := range s.Lines {
		link := ""
		if l.PaymentID != "" {
			link = paymentPath(id.ID(l.PaymentID))
		}
		out.Lines = append(out.Lines, view.StatementLine{
			At: l.At.Time, Name: lineName(t, l.Type), Link: link,
			Amount: money.Amount(l.Amount), Fee: -money.Amount(l.Fee), Balance: money.Amount(l.Balance),
		})
	}
	return out
}

func lineName(t locale.Text, kind string) string {
	switch kind {
	case "refund":
		return t.Say("line_refund")
	case "refund_rejected":
		return t.Say("line_refund_rejected")
	case "fee_returned":
		return t.Say("line_fee_returned")
	case "refund_fee":
		return t.Say("line_refund_fee")
	case "payout":
		return t.Say("line_payout")
	case "payout_returned":
		return t.Say("line_payout_returned")
	}
	return t.Say("line_payment")
}

// sendCSV writes the statement for a spreadsheet: som with a point, times of
// Bishkek, the words of the reader. Programs use the API, whose columns are fixed.
func (v *visit) sendCSV(s wire.Statement, day time.Time) error {
	body, err := statementCSV(v.text, s)
	if err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="statement-`+day.Format(time.DateOnly)+`.csv"`)
	h.Set("Cache-Control", "no-store")
	_, err = v.w.Write(body)
	return err
}

func statementCSV(t locale.Text, s wire.Statement) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("\ufeff") // without it spreadsheets take the letters for another alphabet
	w := csv.NewWriter(&b)
	rows := [][]string{{t.Say("col_time"), t.Say("col_what"), t.Say("field_operation"), t.Say("col_amount"), t.Say("col_fee"), t.Say("col_balance")}}
	rows = append(rows, []string{local(s.From), t.Say("opening"), "", "", "", money.Amount(s.Opening).Plain()})
	for _, l := range s.Lines {
		operation := l.RefundID
		if operation == "" {
			operation = l.PaymentID
		}
		rows = append(rows, []string{local(l.At), lineName(t, l.Type), operation,
			money.Amount(l.Amount).Plain(), money.Amount(-l.Fee).Plain(), money.Amount(l.Balance).Plain()})
	}
	rows = append(rows, []string{local(s.To), t.Say("closing"), "", "", "", money.Amount(s.Closing).Plain()})
	for _, row := range rows {
		row[1] = harmless(row[1])
	}
	err := w.WriteAll(rows)
	return b.Bytes(), err
}

func local(at wire.Time) string { return at.In(locale.Bishkek).Format(time.DateTime) }

// harmless keeps a spreadsheet from taking a text for a formula.
func harmless(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
