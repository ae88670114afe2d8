package payment

import (
	"fmt"

	"tolom/fault"
	"tolom/flaw"
	"tolom/id"
	"tolom/tariff"
)

// RequestRefund asks for money back from a payment. Refund comes filled but for
// status and times; an amount of 0 means all that is left. Refused, in this order:
// not_found; amount_invalid; payment_not_refundable; refund_exceeds_payment.
// Whether the merchant's balance suffices is the guarded account's to say.
type RequestRefund struct{ Refund Refund }

func (c RequestRefund) decide(d *draft) *fault.Error {
	i := d.payment(c.Refund.Payment)
	if i < 0 || d.payments[i].Merchant != c.Refund.Merchant {
		return fault.New(fault.NotFound)
	}
	p, r := &d.payments[i], c.Refund
	if r.Amount < 0 {
		return fault.New(fault.AmountInvalid).On("amount").Because("a refund is above 0 tyiyn, or absent for all that is left")
	}
	if p.Status != Succeeded {
		return fault.New(fault.NotRefundable).Because("only a payment in status success can be refunded; this one is " + p.Status.String())
	}
	left := p.Amount - p.Refunded - p.Refunding
	if flaw.Has(flaw.RefundPendingForgotten) {
		left += p.Refunding
	}
	if r.Amount == 0 {
		r.Amount = left
	}
	if r.Amount == 0 || r.Amount > left && !flaw.Has(flaw.RefundUnbounded) {
		return fault.New(fault.RefundTooLarge).On("amount").Because(fmt.Sprintf("%d tyiyn are left to refund", left))
	}
	p.Refunding += r.Amount
	d.touchPayment(i)
	r.Status, r.CreatedAt, r.Request, r.PSP, r.PSPPaymentID = RefundRequested, d.now, p.Request, p.PSP, p.PSPPaymentID
	d.refunds = append(d.refunds, r)
	d.refundFact(len(d.refunds)-1, RefundWasRequested)
	return nil
}

// AckRefund is the PSP saying that the payer has the money back, or that it
// cannot be given. The same word again changes nothing; another word after the
// first is refused with refund_already_final.
type AckRefund struct {
	Refund      id.ID
	PSP         id.ID // the caller; a refund of another PSP is not found
	Credited    bool
	Code        string // why not, in the PSP's words
	PSPRefundID string
}

func (c AckRefund) decide(d *draft) *fault.Error {
	i := d.refund(c.Refund)
	if i < 0 || d.refunds[i].PSP != c.PSP {
		return fault.New(fault.NotFound)
	}
	r, to := &d.refunds[i], RefundRejected
	if c.Credited {
		to = RefundSucceeded
	}
	switch {
	case r.Status == to && !flaw.Has(flaw.AckTwice):
		return nil
	case r.Status == RefundRequested || r.Status == to:
	case flaw.Has(flaw.AckReversed):
	default:
		return fault.New(fault.RefundFinal).Because("the refund is " + string(r.Status))
	}
	of := d.payment(r.Payment)
	if of < 0 {
		return fault.New(fault.NotFound)
	}
	r.Status, r.EndedAt, r.Code, r.PSPRefundID = to, d.now, c.Code, c.PSPRefundID
	d.settleRefund(i, of, c.Credited)
	return nil
}

// settleRefund moves the refund's amount on its payment out of "asked for", and
// returns the fee in proportion where the tariff says so.
func (d *draft) settleRefund(i, of int, credited bool) {
	r, p := &d.refunds[i], &d.payments[of]
	p.Refunding -= r.Amount
	d.touchPayment(of)
	if !credited {
		d.refundFact(i, RefundWasRejected)
		return
	}
	p.Refunded += r.Amount
	if p.FeeRefundable {
		fee, inter := tariff.Returned(p.Fee, p.Interchange, p.Refunded, p.Amount)
		if flaw.Has(flaw.FeeRoundedUp) {
			fee = min(fee+1, p.Fee)
		}
		if flaw.Has(flaw.InterchangeKept) {
			inter = 0
		}
		r.FeeReturned, r.InterchangeReturned = fee-p.FeeReturned, inter-p.InterchangeReturned
		p.FeeReturned, p.InterchangeReturned = fee, inter
	}
	d.refundFact(i, RefundDidSucceed)
}

func (d *draft) refundFact(i int, t FactType) {
	r := &d.refunds[i]
	d.touchRefund(i)
	d.facts = append(d.facts, Fact{
		Type: t, At: d.now, Merchant: r.Merchant, PSP: r.PSP, Request: r.Request, Payment: r.Payment, Refund: r.ID,
		Amount: r.Amount, Fee: r.FeeReturned, Interchange: r.InterchangeReturned,
	})
}
