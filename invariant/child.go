package invariant

import (
	"tolom/id"
	"tolom/money"
	"tolom/payment"
)

// family is a request with what is known so far of its payments.
type family struct {
	*audit
	r     *payment.Request
	sum   money.Amount
	count int64
	live  map[payerOf]id.ID
}

// payerOf is a payer as one PSP names it.
type payerOf struct {
	psp id.ID
	key string
}

// child looks at one payment beside its request.
func (f *family) child(p *payment.Payment) {
	if p.Merchant != f.r.Merchant {
		f.broken(Owners, string(p.ID), "it belongs to %s, its request to %s", p.Merchant, f.r.Merchant)
	}
	if p.Status == payment.Succeeded {
		f.sum, f.count = f.sum+p.Amount, f.count+1
	}
	f.asksFor(p)
	f.endsInTime(p)
	f.lives(p)
}

// asksFor compares the amount with what the request asks for.
func (f *family) asksFor(p *payment.Payment) {
	f.report.look(Amounts, 1)
	switch {
	case !f.r.AmountEditable && p.Amount != f.r.Amount:
		f.broken(Amounts, string(p.ID), "it is of %d tyiyn, its request asks for %d", p.Amount, f.r.Amount)
	case f.r.Kind == payment.Dynamic && p.Amount < f.r.Amount:
		f.broken(Amounts, string(p.ID), "it is of %d tyiyn, its request asks for at least %d", p.Amount, f.r.Amount)
	}
}

// endsInTime compares the times, all of which are the database's. They are read
// under the request's lock, but the clock may be put back between two of them.
func (f *family) endsInTime(p *payment.Payment) {
	f.report.look(Times, 1)
	say := func(format string, args ...any) { f.broken(Times, string(p.ID), format, args...) }
	r := f.r
	switch end := r.ExpiresAt; {
	case !end.IsZero() && !p.CreatedAt.Before(end):
		say("it was created at %v, its request ended at %v", p.CreatedAt, end)
	case !end.IsZero() && p.ExpiresAt.After(end):
		say("it lives until %v, its request until %v", p.ExpiresAt, end)
	case p.ExpiresAt.After(p.CreatedAt.Add(payment.ExecuteWithin)):
		say("it was created at %v and lives until %v", p.CreatedAt, p.ExpiresAt)
	case p.Status == payment.Succeeded && !p.EndedAt.Before(p.ExpiresAt):
		say("it succeeded at %v, its time was over at %v", p.EndedAt, p.ExpiresAt)
	case p.Reason == payment.ReasonExpired && p.EndedAt.Before(p.ExpiresAt) && r.Status != payment.RequestExpired:
		say("it expired at %v, its time was over at %v", p.EndedAt, p.ExpiresAt)
	}
	if r.Kind != payment.Dynamic || p.EndedAt.Equal(r.EndedAt) {
		return
	}
	if p.Status == payment.Succeeded || p.Reason == payment.ReasonLostRace || p.Reason == payment.ReasonMerchant {
		say("it is %s (%s) at %v, and its request ended in another commit, at %v", p.Status, p.Reason, p.EndedAt, r.EndedAt)
	}
}

// lives looks at payments that wait.
func (f *family) lives(p *payment.Payment) {
	f.report.look(Lives, 1)
	if p.Status != payment.Created {
		return
	}
	if f.r.Kind == payment.Dynamic && f.r.Status.Final() {
		f.broken(Lives, string(p.ID), "it waits, and its request is %s", f.r.Status)
	}
	if p.Payer.Key == "" {
		return
	}
	if f.live == nil {
		f.live = map[payerOf]id.ID{}
	}
	payer := payerOf{p.PSP, p.Payer.Key}
	if other, twice := f.live[payer]; twice {
		f.broken(Lives, string(p.ID), "its payer has another one of the same request that waits, %s", other)
	}
	f.live[payer] = p.ID
}

// end compares the request with all of its payments.
func (f *family) end() {
	r := f.r
	f.report.look(Counts, 1)
	if f.sum != r.PaidAmount || f.count != r.PaymentsCount {
		f.broken(Counts, string(r.ID), "%d payments of %d tyiyn succeeded, it counts %d of %d", f.count, f.sum, r.PaymentsCount, r.PaidAmount)
	}
	if r.Kind == payment.Dynamic && (f.count > 1 || (f.count == 1) != (r.Status == payment.RequestPaid)) {
		f.broken(Counts, string(r.ID), "it is dynamic and %s, and %d payments succeeded", r.Status, f.count)
	}
	if r.Kind == payment.Dynamic && len(f.live) > payment.MaxLive {
		f.broken(Lives, string(r.ID), "%d of its payments wait, %d may", len(f.live), payment.MaxLive)
	}
	if r.Status == payment.RequestExpired && r.EndedAt.Before(r.ExpiresAt) {
		f.broken(Times, string(r.ID), "it expired at %v, its time was over at %v", r.EndedAt, r.ExpiresAt)
	}
}
