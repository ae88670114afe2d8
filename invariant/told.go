package invariant

import (
	"time"

	"tolom/id"
	"tolom/money"
	"tolom/payment"
)

// happening is something that can happen to a thing once.
type happening struct {
	object id.ID
	what   payment.FactType
}

// telling is what a row or a fact says of it. Both must say the same.
type telling struct {
	fromRow                  bool
	merchant, psp            id.ID
	request, payment         id.ID
	amount, fee, interchange money.Amount
	surcharge                money.Amount
	reason                   payment.Reason
	at                       time.Time
}

// again are the facts that can happen to a request any number of times; its row tells only the last.
var again = map[payment.FactType]bool{payment.RequestWasPaused: true, payment.RequestWasResumed: true}

// The fact that tells of each end.
var (
	requestEnds = map[payment.RequestStatus]payment.FactType{
		payment.RequestPaid: payment.RequestWasPaid, payment.RequestExpired: payment.RequestWasExpired, payment.RequestCanceled: payment.RequestWasCanceled,
	}
	paymentEnds = map[payment.Status]payment.FactType{
		payment.Succeeded: payment.PaymentSucceeded, payment.Failed: payment.PaymentFailed, payment.Canceled: payment.PaymentCanceled,
	}
	refundEnds = map[payment.RefundStatus]payment.FactType{
		payment.RefundSucceeded: payment.RefundDidSucceed, payment.RefundRejected: payment.RefundWasRejected,
	}
)

// meet brings the two accounts of a happening together, whichever comes first.
func (a *audit) meet(h happening, says telling) {
	other, waits := a.open[h]
	switch {
	case !waits:
		a.open[h] = says
		return
	case other.fromRow == says.fromRow:
		a.broken(Told, string(h.object), "%s was told twice", h.what)
		return
	}
	delete(a.open, h)
	other.fromRow = says.fromRow
	if other != says {
		a.broken(Told, string(h.object), "the row and the fact tell of %s differently: %+v and %+v", h.what, says, other)
	}
}

func (a *audit) expectRequest(r *payment.Request) {
	says := telling{fromRow: true, merchant: r.Merchant, request: r.ID}
	if !r.ScannedAt.IsZero() {
		says.at = r.ScannedAt
		a.meet(happening{r.ID, payment.RequestWasScanned}, says)
	}
	if what, ended := requestEnds[r.Status]; ended {
		// The totals of a static request are rows beside it, which its facts do not repeat.
		if says.at = r.EndedAt; r.Kind == payment.Dynamic {
			says.amount = r.PaidAmount
		}
		a.meet(happening{r.ID, what}, says)
	}
}

func (a *audit) expectPayment(p *payment.Payment) {
	what, ended := paymentEnds[p.Status]
	if !ended {
		return
	}
	a.meet(happening{p.ID, what}, telling{
		fromRow: true, merchant: p.Merchant, psp: p.PSP, request: p.Request, payment: p.ID,
		amount: p.Amount, fee: p.Fee, surcharge: p.Surcharge, interchange: p.Interchange, reason: p.Reason, at: p.EndedAt,
	})
}

func (a *audit) expectRefund(r *payment.Refund) {
	says := telling{fromRow: true, merchant: r.Merchant, psp: r.PSP, request: r.Request, payment: r.Payment, amount: r.Amount, at: r.CreatedAt,
		fee: r.Charge, surcharge: r.SurchargeReturned}
	a.meet(happening{r.ID, payment.RefundWasRequested}, says)
	if what, ended := refundEnds[r.Status]; ended {
		if says.at, says.interchange = r.EndedAt, r.InterchangeReturned; r.Status == payment.RefundSucceeded {
			says.fee = r.FeeReturned
		}
		a.meet(happening{r.ID, what}, says)
	}
}

func (a *audit) tell(f *payment.Fact) {
	a.report.Facts++
	a.report.look(Told, 1)
	if again[f.Type] || a.settled(f) || a.corrected(f) {
		return
	}
	object := f.Request
	switch {
	case f.Payout != "":
		object = f.Payout
	case f.Refund != "":
		object = f.Refund
	case f.Payment != "":
		object = f.Payment
	}
	a.meet(happening{object, f.Type}, telling{
		merchant: f.Merchant, psp: f.PSP, request: f.Request, payment: f.Payment,
		amount: f.Amount, fee: f.Fee, surcharge: f.Surcharge, interchange: f.Interchange, reason: f.Reason, at: f.At,
	})
}

// leftOpen reports what only one side has told, and refunds that do not add up.
func (a *audit) leftOpen() {
	for h, says := range a.open {
		if says.fromRow {
			a.broken(Told, string(h.object), "no fact tells of %s", h.what)
		} else {
			a.broken(Told, string(h.object), "a fact tells of %s, the row does not", h.what)
		}
	}
	for pay, left := range a.backs {
		a.broken(Refunded, string(pay), "it says %+v more than its refunds do", left)
	}
}
