package web

import (
	"net/http"
	"strings"

	"tolom/access"
	"tolom/fault"
	"tolom/money"
	"tolom/payment"
	"tolom/web/view"
	"tolom/wire"
)

// dashboardPayment shows one payment of the merchant, with the form to refund it for whose role may.
func (p *pages) dashboardPayment(v *visit, s staff) error {
	return p.staffPayment(v, s, http.StatusOK, view.RefundForm{})
}

// staffPayment draws the page; form holds what was typed when a refund was refused.
func (p *pages) staffPayment(v *visit, s staff, status int, form view.RefundForm) error {
	got, err := p.ownPayment(v, cashier{Merchant: s.As})
	if err != nil {
		return err
	}
	pay, path := got.Payment, s.at("/payments/"+got.Payment.ID.Token())
	page := view.PaymentDetail{
		Frame: s.frameAt(v, path, v.text.Say("payment"), "pos.js"), Row: paymentRow(v.text, pay), Back: s.at("/payments"),
		Details: paymentDetails(v.text, got), Refunds: refundLines(v.text, got.Refunds), Now: v.now(),
	}
	if pay.Status == payment.Succeeded {
		page.Receipt = "/r/" + pay.ID.Token()
	}
	if s.may(access.GiveBack) {
		if page.Form, err = p.refundForm(pay, form); err != nil {
			return err
		}
		if page.Form != nil {
			page.Form.Action = path + "/refunds"
		}
	}
	return v.show(status, view.PaymentPage(page))
}

// dashboardRefund asks for money back from a payment. A form sent twice refunds once.
func (p *pages) dashboardRefund(v *visit, s staff) error {
	if err := v.form(); err != nil {
		return err
	}
	form := view.RefundForm{Amount: v.r.PostForm.Get("amount"), Reason: strings.TrimSpace(v.r.PostForm.Get("reason"))}
	got, err := p.ownPayment(v, cashier{Merchant: s.As})
	if err != nil {
		return err
	}
	amount, err := money.Parse(form.Amount)
	if err != nil || amount == 0 {
		form.Error = v.text.Say("error_amount")
		return p.staffPayment(v, s, http.StatusBadRequest, form)
	}
	key, err := once(v, amount.Plain(), form.Reason)
	if err != nil {
		return err
	}
	_, _, err = p.Platform.CreateRefund(v.r.Context(), s.As, key, string(got.Payment.ID), wire.NewRefund{Amount: int64(amount), Reason: form.Reason})
	if err == nil {
		return v.then(s.at("/payments/" + got.Payment.ID.Token()))
	}
	f := fault.From(err)
	if !answerable(f) {
		return err
	}
	form.Error = refusalIn(v, f)
	return p.staffPayment(v, s, statuses[f.Kind()], form)
}
