package invariant

import (
	"tolom/id"
	"tolom/money"
	"tolom/payment"
	"tolom/tariff"
)

// request looks at a request with all of its payments.
func (a *audit) request(r *payment.Request) {
	a.report.Requests++
	a.report.look(Rows, 1)
	a.childrenBefore(r.ID)
	f := family{audit: a, r: r}
	for p := a.children.peek(); p != nil && p.Request == r.ID; p = a.children.peek() {
		f.child(p)
		a.children.next()
	}
	f.end()
	if r.Status.Final() == r.EndedAt.IsZero() {
		a.broken(Rows, string(r.ID), "it is %s and ended at %v", r.Status, r.EndedAt)
	}
	a.expectRequest(r)
	if r.OrderID != "" {
		a.holds("order:"+string(r.Merchant), r.OrderID, r.ID)
	}
}

// childrenBefore passes payments whose requests come before this one: there are none of these.
func (a *audit) childrenBefore(request id.ID) {
	for p := a.children.peek(); p != nil && p.Request < request; p = a.children.peek() {
		a.broken(Rows, string(p.ID), "there is no request %s", p.Request)
		a.children.next()
	}
}

func (a *audit) payment(p *payment.Payment) {
	a.report.Payments++
	a.report.look(Rows, 1)
	a.report.look(Waits, 1)
	a.report.look(Refunded, 1)
	switch {
	case p.Amount <= 0 || min(p.Fee, p.Surcharge, p.Interchange) < 0 || p.Fee > p.Amount || p.Surcharge > p.Amount || p.Fee > 0 && p.Surcharge > 0 ||
		p.Interchange > p.Fee+p.Surcharge:
		a.broken(Rows, string(p.ID), "amount %d, fee %d, surcharge %d, interchange %d", p.Amount, p.Fee, p.Surcharge, p.Interchange)
	case p.Status.Final() == p.EndedAt.IsZero():
		a.broken(Rows, string(p.ID), "it is %s and ended at %v", p.Status, p.EndedAt)
	case p.Refunding < 0 || p.Refunded < 0 || p.Refunding+p.Refunded > p.Amount:
		a.broken(Rows, string(p.ID), "of %d tyiyn %d were refunded and %d are on their way", p.Amount, p.Refunded, p.Refunding)
	case p.Status != payment.Succeeded && p.Refunding+p.Refunded != 0:
		a.broken(Rows, string(p.ID), "it is %s and refunded", p.Status)
	}
	if p.Status == payment.Succeeded {
		a.report.Succeeded[p.PSP]++
	}
	if p.Status == payment.Created {
		a.waits[p.ID] = waiting(p)
	}
	a.expectPayment(p)
	a.prices.check(a, p)
	a.feeBack(p)
	a.positions.paid(p)
	a.limits.count(p)
	a.giveBack(p.ID, back{p.Refunding, p.Refunded, p.FeeReturned, p.InterchangeReturned, p.SurchargeReturning, p.SurchargeReturned})
	a.holds("psp_payment:"+string(p.PSP), p.PSPPaymentID, p.ID)
}

// feeBack compares the fee that went back with what the tariff gives back.
func (a *audit) feeBack(p *payment.Payment) {
	var fee, interchange money.Amount
	if p.FeeRefundable && p.Amount > 0 {
		fee, interchange = tariff.Returned(p.Fee, p.Interchange, p.Refunded, p.Amount)
		if p.Surcharge > 0 {
			interchange, _ = money.MulDiv(p.Interchange, int64(p.SurchargeReturned), int64(p.Surcharge))
		}
		a.surchargeBack(p)
	} else if p.SurchargeReturning|p.SurchargeReturned != 0 {
		a.broken(Refunded, string(p.ID), "%d tyiyn of the surcharge went back and %d are to, of a payment whose fee is kept", p.SurchargeReturned, p.SurchargeReturning)
	}
	if fee != p.FeeReturned || interchange != p.InterchangeReturned {
		a.broken(Refunded, string(p.ID), "%d tyiyn of the fee and %d of the interchange went back instead of %d and %d", p.FeeReturned, p.InterchangeReturned, fee, interchange)
	}
}

// surchargeBack bounds what of a surcharge goes back: never more than all of it, and all
// of it with the last tyiyn of the amount. Between, rejected refunds leave the others the
// parts that they had been promised.
func (a *audit) surchargeBack(p *payment.Payment) {
	due := money.Amount(0)
	if p.Refunded+p.Refunding == p.Amount {
		due = p.Surcharge
	}
	if back := p.SurchargeReturning + p.SurchargeReturned; min(p.SurchargeReturning, p.SurchargeReturned) < 0 || back < due || back > p.Surcharge {
		a.broken(Refunded, string(p.ID), "%d tyiyn of the surcharge went back and %d are to, at least %d and at most %d are due",
			p.SurchargeReturned, p.SurchargeReturning, due, p.Surcharge)
	}
}

// back is what is given back of a payment: asked for, given, and the fee or the surcharge with it.
type back struct{ asked, given, fee, interchange, surchargeAsked, surchargeGiven money.Amount }

func (b back) minus(o back) back {
	return back{b.asked - o.asked, b.given - o.given, b.fee - o.fee, b.interchange - o.interchange, b.surchargeAsked - o.surchargeAsked, b.surchargeGiven - o.surchargeGiven}
}

func (a *audit) refund(r *payment.Refund) {
	a.report.Refunds++
	a.report.look(Rows, 1)
	a.given = append(a.given, *r)
	a.positions.charged(r)
	if r.Amount <= 0 || min(r.Charge, r.SurchargeReturned) < 0 || r.Charge > r.Amount || (r.Status == payment.RefundRequested) != r.EndedAt.IsZero() {
		a.broken(Rows, string(r.ID), "%d tyiyn, %s, ended at %v", r.Amount, r.Status, r.EndedAt)
	}
	a.expectRefund(r)
	if r.Ref != "" {
		a.holds("refund:"+string(r.Payment), r.Ref, r.ID)
	}
	switch r.Status {
	case payment.RefundRequested:
		a.giveBack(r.Payment, back{asked: -r.Amount, surchargeAsked: -r.SurchargeReturned})
	case payment.RefundSucceeded:
		a.giveBack(r.Payment, back{given: -r.Amount, fee: -r.FeeReturned, interchange: -r.InterchangeReturned, surchargeGiven: -r.SurchargeReturned})
	}
}

// giveBack adds what a payment says of its refunds and subtracts what they say.
func (a *audit) giveBack(pay id.ID, b back) {
	left := a.backs[pay].minus(back{}.minus(b))
	if left == (back{}) {
		delete(a.backs, pay)
		return
	}
	a.backs[pay] = left
}

// waiting is what is kept of a payment while it waits.
func waiting(p *payment.Payment) payment.Payment {
	return payment.Payment{ID: p.ID, Request: p.Request, PSP: p.PSP, Payer: payment.Payer{Key: p.Payer.Key}, Amount: p.Amount, ExpiresAt: p.ExpiresAt}
}

// checkWaiting compares the payments that are created with those that are kept as waiting.
func (a *audit) checkWaiting() error {
	kept := stream[payment.Payment]{page: func(after payment.Payment) ([]payment.Payment, error) {
		return a.archive.WaitingPage(a.ctx, after.Request, after.ID, pageSize)
	}}
	err := kept.all(func(p *payment.Payment) {
		if want, created := a.waits[p.ID]; !created || want != *p {
			a.broken(Waits, string(p.ID), "it is kept as waiting as %+v, and is %+v", *p, want)
		}
		delete(a.waits, p.ID)
	})
	for name := range a.waits {
		a.broken(Waits, string(name), "it is created and not kept as waiting")
	}
	return err
}
