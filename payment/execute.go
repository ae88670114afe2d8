package payment

import (
	"tolom/fault"
	"tolom/flaw"
	"tolom/id"
)

// Execute is the payer's confirmation: in one commit the payment succeeds, a
// dynamic request is paid, and the other payments that waited have lost the race.
// Executing a payment that has succeeded or failed, or is in process, changes
// nothing and is no refusal: the caller reads the status. Refused: not_found; payment_expired or
// payment_canceled after a cancel. It never revives a payment.
type Execute struct {
	Payment   id.ID
	PSP       id.ID // the caller; a payment of another PSP is not found
	Suspended bool  // the merchant takes no payments now: the payment fails
}

func (c Execute) decide(d *draft) *fault.Error {
	i := d.payment(c.Payment)
	if i < 0 || d.payments[i].PSP != c.PSP {
		return fault.New(fault.NotFound)
	}
	switch p := &d.payments[i]; {
	case flaw.Has(flaw.ExecuteCanceled) && p.Status == Canceled:
	case p.Status == Canceled:
		return canceled(p)
	case p.Status != Created:
		return nil
	case c.Suspended:
		d.endPayment(i, Failed, ReasonSuspended, PaymentFailed)
		return nil
	}
	d.succeed(i)
	return nil
}

func (d *draft) succeed(i int) {
	d.endPayment(i, Succeeded, ReasonNone, PaymentSucceeded)
	if d.request.Kind == Static {
		if d.paid += d.payments[i].Amount; flaw.Has(flaw.TotalTwice) {
			d.paid += d.payments[i].Amount
		}
		return
	}
	d.request.PaidAmount, d.request.PaymentsCount = d.payments[i].Amount, 1
	d.endRequest(RequestPaid, RequestWasPaid)
	if flaw.Has(flaw.LostRaceStays) || flaw.Has(flaw.SecondExecute) {
		return
	}
	d.cancelLive(ReasonLostRace, i)
}

// canceled says in a refusal why a payment cannot go on.
func canceled(p *Payment) *fault.Error {
	if p.Reason == ReasonExpired {
		return fault.New(fault.PaymentExpired).Because("execute must come before expires_at; the payer's money may be released")
	}
	return fault.New(fault.PaymentCanceled).Because("the payment was canceled (" + string(p.Reason) + "); the payer's money may be released")
}
