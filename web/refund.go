package web

import (
	"net/http"
	"strings"

	"tolom/fault"
	"tolom/money"
	"tolom/web/view"
	"tolom/wire"
)

// newRefund asks for money back from a payment. A form sent twice refunds once.
func (p *pages) newRefund(v *visit, c cashier) error {
	if err := v.form(); err != nil {
		return err
	}
	form := view.RefundForm{Amount: v.r.PostForm.Get("amount"), Reason: strings.TrimSpace(v.r.PostForm.Get("reason"))}
	amount, err := money.Parse(form.Amount)
	if err != nil || amount == 0 {
		form.Error = v.text.Say("error_amount")
		return p.showPayment(v, c, http.StatusBadRequest, form)
	}
	got, err := p.ownPayment(v, c)
	if err != nil {
		return err
	}
	key, err := once(v, amount.Plain(), form.Reason)
	if err != nil {
		return err
	}
	_, _, err = p.Platform.CreateRefund(v.r.Context(), c.Merchant, key, string(got.Payment.ID), wire.NewRefund{Amount: int64(amount), Reason: form.Reason})
	if err == nil {
		return v.then(paymentPath(got.Payment.ID))
	}
	f := fault.From(err)
	if !answerable(f) {
		return err
	}
	form.Error = refusalIn(v, f)
	return p.showPayment(v, c, statuses[f.Kind()], form)
}
