package web

import (
	"net/http"
	"time"

	"tolom/flow"
	"tolom/payment"
	"tolom/web/locale"
	"tolom/web/view"
)

// receipt is the page of a payment, for whoever was given its address.
func (p *pages) receipt(v *visit) error {
	got, err := p.Platform.Receipt(v.r.Context(), v.r.PathValue("token"))
	if err != nil {
		return err
	}
	r := receiptOf(v.text, got)
	r.Frame = v.frame(v.text.Say("receipt"), "live.js").ForPayers()
	if r.Outcome == view.Processing {
		r.Refresh = refresh
	}
	if err := p.signed(v.r.Context(), &r, got); err != nil {
		return err
	}
	return v.show(http.StatusOK, view.ReceiptPage(r))
}

func receiptOf(t locale.Text, got flow.PublicReceipt) view.Receipt {
	pay := got.Payment
	r := view.Receipt{
		Amount: pay.Amount, At: ended(pay), Merchant: got.Merchant.Name, Store: got.Store.Name, Address: got.Store.Address,
		Description: kept(t, got.Request.Description), Operation: string(pay.ID), PSP: got.PSP.Name, Payer: kept(t, pay.Payer.NameMasked),
		PSPReceipt: pay.ReceiptID, Fee: pay.Surcharge, Refunds: refundLines(t, got.Refunds),
	}
	r.Outcome, r.Why = outcomeOf(t, pay)
	return r
}

// kept says in words that a text was deleted after its time.
func kept(t locale.Text, text string) string {
	if text == payment.Erased {
		return t.Say("erased")
	}
	return text
}

// outcomeOf gives one of the three words of the national QR regulation, and why.
func outcomeOf(t locale.Text, pay payment.Payment) (view.Outcome, string) {
	switch {
	case pay.Status == payment.Succeeded:
		return view.Success, ""
	case !pay.Status.Final():
		return view.Processing, t.Say("why_processing")
	case pay.Status == payment.Failed:
		return view.Failure, t.Say("why_failed")
	case pay.Reason == payment.ReasonExpired:
		return view.Failure, t.Say("why_expired")
	}
	return view.Failure, t.Say("why_canceled")
}

// ended is the moment that people know a payment by.
func ended(pay payment.Payment) time.Time {
	if pay.EndedAt.IsZero() {
		return pay.CreatedAt
	}
	return pay.EndedAt
}

func refundLines(t locale.Text, refunds []payment.Refund) (out []view.RefundLine) {
	for _, r := range refunds {
		line := view.RefundLine{Amount: r.Amount, Fee: r.SurchargeReturned, At: r.CreatedAt, Reason: r.Reason}
		switch r.Status {
		case payment.RefundSucceeded:
			line.Status, line.Tone = t.Say("refund_success"), view.Good
		case payment.RefundRejected:
			line.Status, line.Tone = t.Say("refund_rejected"), view.Danger
		default:
			line.Status, line.Tone = t.Say("refund_requested"), view.Warn
		}
		out = append(out, line)
	}
	return out
}
