package web

import (
	"net/http"
	"net/url"
	"strings"

	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/money"
	"tolom/payment"
	"tolom/store"
	"tolom/web/locale"
	"tolom/web/view"
)

// pageRows is how many payments a page of the list shows.
const pageRows = 25

// payments lists the last payments of the till, or of the merchant when the key is the merchant's.
func (p *pages) payments(v *visit, c cashier) error {
	f := store.PaymentFilter{Till: c.Till, Limit: pageRows}
	if after := v.r.URL.Query().Get("after"); after != "" {
		before, err := id.Parse(id.Payment, after)
		if err != nil {
			return fault.New(fault.InvalidRequest).On("after")
		}
		f.Before = before
	}
	rows, more, err := p.Platform.Payments(v.r.Context(), c.Merchant, f)
	if err != nil {
		return err
	}
	page := view.Payments{Frame: c.frame(v, v.r.URL.RequestURI(), view.AtPayments, v.text.Say("nav_payments")), Rows: paymentRows(v.text, rows), Now: v.now()}
	if more {
		page.Next = string(view.AtPayments) + "?after=" + url.QueryEscape(string(rows[len(rows)-1].ID))
	}
	return v.show(http.StatusOK, view.PaymentsPage(page))
}

func paymentRows(t locale.Text, rows []payment.Payment) (out []view.PaymentRow) {
	for _, pay := range rows {
		out = append(out, paymentRow(t, pay))
	}
	return out
}

func paymentRow(t locale.Text, pay payment.Payment) view.PaymentRow {
	row := view.PaymentRow{
		Link: paymentPath(pay.ID), At: ended(pay), Amount: pay.Amount, Payer: pay.Payer.NameMasked,
		Refunded: pay.Refunded + pay.Refunding, Refundable: left(pay) > 0,
	}
	switch pay.Status {
	case payment.Succeeded:
		row.Status, row.Tone = t.Say("status_success"), view.Good
	case payment.Failed:
		row.Status, row.Tone = t.Say("status_failure"), view.Danger
	case payment.Canceled:
		row.Status, row.Tone = t.Say("status_canceled"), view.Calm
	default:
		row.Status, row.Tone = t.Say("status_processing"), view.Warn
	}
	return row
}

func paymentPath(pay id.ID) string { return "/pos/payments/" + pay.Token() }

// left is what can still be given back.
func left(pay payment.Payment) money.Amount {
	if pay.Status != payment.Succeeded {
		return 0
	}
	return pay.Amount - pay.Refunded - pay.Refunding
}

// payment shows one payment, with the form to refund it.
func (p *pages) payment(v *visit, c cashier) error {
	return p.showPayment(v, c, http.StatusOK, view.RefundForm{})
}

// showPayment draws the page; form holds what was typed when a refund was refused.
func (p *pages) showPayment(v *visit, c cashier, status int, form view.RefundForm) error {
	got, err := p.ownPayment(v, c)
	if err != nil {
		return err
	}
	pay := got.Payment
	page := view.PaymentDetail{
		Frame: c.frame(v, paymentPath(pay.ID), view.AtPayments, v.text.Say("payment")), Row: paymentRow(v.text, pay),
		Details: paymentDetails(v.text, got), Refunds: refundLines(v.text, got.Refunds), Now: v.now(),
	}
	if pay.Status == payment.Succeeded {
		page.Receipt = "/r/" + pay.ID.Token()
	}
	if page.Form, err = p.refundForm(pay, form); err != nil {
		return err
	}
	return v.show(status, view.PaymentPage(page))
}

// refundForm fills in the form; nil when nothing is left to give back.
func (p *pages) refundForm(pay payment.Payment, form view.RefundForm) (_ *view.RefundForm, err error) {
	form.Left = left(pay)
	if form.Left == 0 {
		return nil, nil
	}
	form.Action = paymentPath(pay.ID) + "/refunds"
	if form.Amount == "" {
		form.Amount = strings.ReplaceAll(form.Left.Plain(), ".", ",")
	}
	form.Key, err = p.newKey()
	return &form, err
}

// ownPayment reads a payment of the cashier's merchant; another's is not found.
func (p *pages) ownPayment(v *visit, c cashier) (flow.PublicReceipt, error) {
	got, err := p.Platform.Receipt(v.r.Context(), v.r.PathValue("token"))
	if pay := got.Payment; err == nil && !c.Reaches(pay.Merchant, pay.Store, pay.Till) {
		return flow.PublicReceipt{}, fault.New(fault.NotFound)
	}
	return got, err
}

func paymentDetails(t locale.Text, got flow.PublicReceipt) []view.Field {
	pay, lines := got.Payment, details{text: t}
	lines.add(t.Say("field_date"), t.Moment(ended(pay)))
	lines.add(t.Say("field_description"), got.Request.Description)
	lines.add(t.Say("field_order"), got.Request.OrderID)
	lines.add(t.Say("field_store"), got.Store.Name)
	lines.add(t.Say("field_till"), got.Till.Name)
	lines.add(t.Say("field_payer"), pay.Payer.NameMasked)
	lines.add(t.Say("field_psp"), got.PSP.Name)
	lines.add(t.Say("field_operation"), string(pay.ID))
	if pay.Status == payment.Succeeded {
		lines.add(t.Say("field_merchant_fee"), t.Money(pay.Fee))
		lines.add(t.Say("field_net"), t.Money(pay.Amount-pay.Fee))
	}
	if pay.Surcharge > 0 {
		lines.add(t.Say("field_fee"), t.Money(pay.Surcharge))
	}
	return lines.fields
}
