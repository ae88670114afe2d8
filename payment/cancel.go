package payment

import (
	"tolom/fault"
	"tolom/flaw"
	"tolom/id"
)

// Cancel is the PSP taking a payment back before its execute. A payment that is
// canceled already stays so and is no refusal. Refused: not_found;
// payment_already_succeeded; payment_failed; outcome_unknown while another
// provider decides.
type Cancel struct {
	Payment id.ID
	PSP     id.ID // the caller; a payment of another PSP is not found
}

func (c Cancel) decide(d *draft) *fault.Error {
	i := d.payment(c.Payment)
	if i < 0 || d.payments[i].PSP != c.PSP {
		return fault.New(fault.NotFound)
	}
	switch d.payments[i].Status {
	case Canceled:
		return nil
	case Succeeded:
		if flaw.Has(flaw.CancelSucceeded) {
			break
		}
		return fault.New(fault.PaymentSucceeded).Because("a success is never reversed; the merchant can refund it")
	case Failed:
		return fault.New(fault.PaymentFailed)
	case InProcess:
		return fault.New(fault.OutcomeUnknown).Because("another provider decides; ask for the state until it is final")
	}
	d.cancelPayment(i, ReasonPSP)
	return nil
}
