package payment

import (
	"tolom/fault"
	"tolom/flaw"
)

// Scan notes the first time a payer's app looked at a dynamic request. It is
// refused when the request cannot be paid, so that a check can answer from it.
type Scan struct{}

func (Scan) decide(d *draft) *fault.Error {
	if refusal := d.open(); refusal != nil {
		return refusal
	}
	if d.request.Kind == Dynamic && d.request.ScannedAt.IsZero() {
		d.request.ScannedAt = d.now
		d.touchRequest(RequestWasScanned)
	}
	return nil
}

// Expire ends whatever is overdue and does nothing else.
type Expire struct{}

func (Expire) decide(d *draft) *fault.Error {
	if flaw.Has(flaw.ExpireEarly) {
		d.cancelLive(ReasonExpired, -1)
	}
	return nil
}

// CancelRequest is the merchant taking its request back. Payments that wait for
// their execute are canceled in the same commit, so a cashier who then takes
// cash is safe. Refused after a success (already_paid) and after expiry; a
// repeated cancel changes nothing.
type CancelRequest struct{}

func (CancelRequest) decide(d *draft) *fault.Error {
	switch d.request.Status {
	case RequestCanceled:
		return nil
	case RequestPaid, RequestExpired:
		return d.open()
	}
	if !flaw.Has(flaw.CancelKeepsPayments) {
		d.cancelLive(ReasonMerchant, -1)
	}
	d.endRequest(RequestCanceled, RequestWasCanceled)
	return nil
}

// Pause stops a static request from taking new payments; those created may
// still be executed. Resume lets it take them again.
type Pause struct{}

func (Pause) decide(d *draft) *fault.Error {
	return d.turn(RequestActive, RequestPaused, RequestWasPaused)
}

// Resume ends a pause.
type Resume struct{}

func (Resume) decide(d *draft) *fault.Error {
	return d.turn(RequestPaused, RequestActive, RequestWasResumed)
}

func (d *draft) turn(from, to RequestStatus, fact FactType) *fault.Error {
	if d.request.Kind != Static {
		return fault.New(fault.RequestNotFixed).Because("only static requests can be paused and resumed")
	}
	switch d.request.Status {
	case to:
		return nil
	case from:
		d.request.Status = to
		d.touchRequest(fact)
		return nil
	}
	return d.open()
}
