package payment

import (
	"time"

	"tolom/fault"
	"tolom/flaw"
	"tolom/id"
	"tolom/money"
)

// State is one request with the payments and refunds that a decision needs: all
// live ones where the command asks for them, and those it names.
type State struct {
	Request  Request
	Payments []Payment
	Refunds  []Refund
}

// Command is something that may happen to a request, its payments or refunds.
// The set is closed.
type Command interface {
	decide(*draft) *fault.Error
}

// Decision is what a command comes to. A refusal is a result: what had to end
// because of the clock is still in the other fields and must be saved.
type Decision struct {
	Request  *Request  // when it changed
	Payments []Payment // changed and new ones, in the order they changed
	Refunds  []Refund
	Facts    []Fact
	Paid     money.Amount // what a static request's running total rises by
	Refusal  *fault.Error
}

// Decide applies a command to a state at a moment of the database's clock.
// Whatever is overdue ends first, then the command is judged. It is pure: the
// same arguments give the same decision, and the state is left as it was.
func Decide(s State, c Command, now time.Time) Decision {
	d := &draft{now: now, request: s.Request, payments: clone(s.Payments), refunds: clone(s.Refunds)}
	d.endOverdue()
	refusal := c.decide(d)
	return d.decision(refusal)
}

// draft is a decision in the making: the state as it will be, and what changed.
type draft struct {
	now             time.Time
	request         Request
	requestChanged  bool
	payments        []Payment
	paymentsChanged []int
	refunds         []Refund
	refundsChanged  []int
	facts           []Fact
	paid            money.Amount
}

func clone[T any](in []T) []T { return append([]T(nil), in...) }

func (d *draft) decision(refusal *fault.Error) Decision {
	out := Decision{Facts: d.facts, Paid: d.paid, Refusal: refusal}
	if d.requestChanged {
		r := d.request
		out.Request = &r
	}
	for _, i := range d.paymentsChanged {
		out.Payments = append(out.Payments, d.payments[i])
	}
	for _, i := range d.refundsChanged {
		out.Refunds = append(out.Refunds, d.refunds[i])
	}
	return out
}

// endOverdue ends what the clock has ended, payments before their request.
func (d *draft) endOverdue() {
	for i := range d.payments {
		p := &d.payments[i]
		waits := p.Status == Created && !flaw.Has(flaw.ExecuteExpired) || p.Status == Succeeded && flaw.Has(flaw.ExpirySuccess)
		if waits && !d.now.Before(p.ExpiresAt) {
			d.cancelPayment(i, ReasonExpired)
		}
	}
	r := &d.request
	if !r.Status.Final() && !r.ExpiresAt.IsZero() && !d.now.Before(r.ExpiresAt) && !flaw.Has(flaw.RequestNeverExpires) {
		d.cancelLive(ReasonExpired, -1)
		d.endRequest(RequestExpired, RequestWasExpired)
	}
	if !flaw.Has(flaw.SecondExecute) {
		d.endOrphans()
	}
}

// endOrphans cancels payments that still wait although their request has ended.
// A static request may expire while only some of its payments were loaded, and
// a database's clock may then be put back: the others must not succeed.
func (d *draft) endOrphans() {
	switch d.request.Status {
	case RequestPaid:
		d.cancelLive(ReasonLostRace, -1)
	case RequestExpired:
		d.cancelLive(ReasonExpired, -1)
	case RequestCanceled:
		d.cancelLive(ReasonMerchant, -1)
	}
}

// endRequest makes the request final.
func (d *draft) endRequest(to RequestStatus, fact FactType) {
	d.request.Status, d.request.EndedAt = to, d.now
	d.touchRequest(fact)
}

func (d *draft) touchRequest(fact FactType) {
	d.requestChanged = true
	d.facts = append(d.facts, Fact{Type: fact, At: d.now, Merchant: d.request.Merchant, Request: d.request.ID, Amount: d.request.PaidAmount})
}

// cancelLive cancels every created payment but the one at keep.
func (d *draft) cancelLive(why Reason, keep int) {
	for i := range d.payments {
		if i != keep && d.payments[i].Status == Created {
			d.cancelPayment(i, why)
		}
	}
}

func (d *draft) cancelPayment(i int, why Reason) { d.endPayment(i, Canceled, why, PaymentCanceled) }

// endPayment makes a payment final and writes the fact.
func (d *draft) endPayment(i int, to Status, why Reason, fact FactType) {
	p := &d.payments[i]
	p.Status, p.Reason, p.EndedAt = to, why, d.now
	d.touchPayment(i)
	if flaw.Has(flaw.FactForgotten) && to == Canceled {
		return
	}
	d.facts = append(d.facts, Fact{
		Type: fact, At: d.now, Merchant: p.Merchant, PSP: p.PSP, Request: p.Request, Payment: p.ID,
		Amount: p.Amount, Fee: p.Fee, Surcharge: p.Surcharge, Interchange: p.Interchange, Reason: why,
	})
}

// touchPayment notes once that the payment at i changed.
func (d *draft) touchPayment(i int) { d.paymentsChanged = touch(d.paymentsChanged, i) }

func (d *draft) touchRefund(i int) { d.refundsChanged = touch(d.refundsChanged, i) }

func touch(list []int, i int) []int {
	for _, seen := range list {
		if seen == i {
			return list
		}
	}
	return append(list, i)
}

// payment finds a payment by its id; −1 when the state does not hold it.
func (d *draft) payment(want id.ID) int {
	for i := range d.payments {
		if d.payments[i].ID == want {
			return i
		}
	}
	return -1
}

func (d *draft) refund(want id.ID) int {
	for i := range d.refunds {
		if d.refunds[i].ID == want {
			return i
		}
	}
	return -1
}

// open refuses what cannot be paid any more or now, by the request's own state.
func (d *draft) open() *fault.Error { return d.request.Open() }

// Open says why the request cannot be paid any more or now; nil when it can.
func (r *Request) Open() *fault.Error {
	switch r.Status {
	case RequestCanceled:
		return fault.New(fault.RequestCanceled)
	case RequestPaid:
		return fault.New(fault.AlreadyPaid)
	case RequestExpired:
		return fault.New(fault.RequestExpired)
	case RequestPaused:
		return fault.New(fault.RequestPaused)
	}
	return nil
}
