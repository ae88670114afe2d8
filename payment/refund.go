package payment

import (
	"fmt"

	"tolom/fault"
	"tolom/flaw"
	"tolom/id"
	"tolom/money"
	"tolom/tariff"
)

// RequestRefund asks for money back from a payment. Refund comes filled but for
// status and times; an amount of 0 means all that is left. Refused, in this order:
// not_found; amount_invalid; payment_not_refundable; refund_exceeds_payment.
// Whether the merchant's balance suffices is the guarded account's to say.
type RequestRefund struct {
	Refund Refund
	Tariff tariff.Tariff // that the payment was priced by: it says what a refund costs
}

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
	r.Charge, r.SurchargeReturned = c.Tariff.Charge(r.Amount), p.surchargeBack()
	p.SurchargeReturning += r.SurchargeReturned
	d.touchPayment(i)
	r.Status, r.CreatedAt, r.Request, r.PSP, r.PSPPaymentID = RefundRequested, d.now, p.Request, p.PSP, p.PSPPaymentID
	d.refunds = append(d.refunds, r)
	d.refundFact(len(d.refunds)-1, RefundWasRequested)
	return nil
}

// surchargeBack is how much of the surcharge goes back with the refund that was just
// added to those that are asked for. A PSP must know it before it gives money to the
// payer, so it is fixed when the refund is asked for: what all refunds together make
// of the surcharge, less what the others have been promised. After a rejected refund
// the others may have more than their part; they never have more than the whole.
func (p *Payment) surchargeBack() money.Amount {
	if !p.FeeRefundable || flaw.Has(flaw.SurchargeKept) {
		return 0
	}
	due, _ := tariff.Returned(p.Surcharge, 0, p.Refunded+p.Refunding, p.Amount)
	if flaw.Has(flaw.SurchargeTwice) {
		return due - p.SurchargeReturning
	}
	return max(0, due-p.SurchargeReturned-p.SurchargeReturning)
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
	p.SurchargeReturning -= r.SurchargeReturned
	d.touchPayment(of)
	if !credited {
		d.refundFact(i, RefundWasRejected)
		return
	}
	p.Refunded += r.Amount
	p.SurchargeReturned += r.SurchargeReturned
	if p.FeeRefundable {
		fee, inter := tariff.Returned(p.Fee, p.Interchange, p.Refunded, p.Amount)
		if flaw.Has(flaw.FeeRoundedUp) {
			fee = min(fee+1, p.Fee)
		}
		if p.Surcharge > 0 {
			inter, _ = money.MulDiv(p.Interchange, int64(p.SurchargeReturned), int64(p.Surcharge))
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
	fee := r.FeeReturned
	if t != RefundDidSucceed {
		fee = r.Charge
	}
	d.touchRefund(i)
	d.facts = append(d.facts, Fact{
		Type: t, At: d.now, Merchant: r.Merchant, PSP: r.PSP, Request: r.Request, Payment: r.Payment, Refund: r.ID,
		Amount: r.Amount, Fee: fee, Surcharge: r.SurchargeReturned, Interchange: r.InterchangeReturned,
	})
}
