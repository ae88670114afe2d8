package storetest

import (
	"time"

	"tolom/id"
	"tolom/payment"
	"tolom/store"
)

var overdue = chapter{name: "Overdue", apart: true, sentences: []sentence{
	{"A request is overdue from the moment it expires", overdueMoment},
	{"A request that has ended, or never does, is not overdue", overdueNever},
	{"A paused request expires like an active one", overduePaused},
	{"A request is overdue when one of its created payments is", overduePayment},
	{"A request is named once, whatever is overdue about it", overdueOnce},
	{"The oldest come first, at most as many as asked for", overdueOrder},
	{"What has been ended is no longer overdue", overdueEnded},
}}

// late saves a request that expires so long after the epoch.
func (k *kit) late(expires time.Duration, shape ...func(*payment.Request)) (shop, payment.Request) {
	k.t.Helper()
	s := k.newShop()
	r := k.request(s, payment.Dynamic, 5)
	r.ExpiresAt = epoch.Add(expires)
	for _, change := range shape {
		change(&r)
	}
	k.save(store.Changes{NewRequests: []payment.Request{r}})
	return s, r
}

func (k *kit) overdueAt(after time.Duration, want ...id.ID) {
	k.t.Helper()
	equal(k, ask(k.Overdue(k.ctx, epoch.Add(after), 100)).get(k), want)
}

func overdueMoment(k *kit) {
	_, r := k.late(time.Minute)
	k.overdueAt(0)
	k.overdueAt(time.Minute - time.Millisecond)
	k.overdueAt(time.Minute, r.ID)
	k.overdueAt(day, r.ID)
}

func overdueNever(k *kit) {
	for _, status := range []payment.RequestStatus{payment.RequestPaid, payment.RequestExpired, payment.RequestCanceled} {
		k.late(time.Minute, func(r *payment.Request) { r.Status, r.EndedAt = status, epoch })
	}
	k.late(0, func(r *payment.Request) { r.Kind, r.ExpiresAt = payment.Static, time.Time{} })
	k.overdueAt(900 * day)
}

func overduePaused(k *kit) {
	_, r := k.late(time.Minute, func(r *payment.Request) { r.Kind, r.Status = payment.Static, payment.RequestPaused })
	k.overdueAt(time.Minute - time.Millisecond)
	k.overdueAt(time.Minute, r.ID)
}

func overduePayment(k *kit) {
	s, r := k.late(day)
	p, q := k.payment(s, r, 5), k.payment(s, r, 5)
	p.ExpiresAt = epoch.Add(time.Minute)
	q.ExpiresAt, q.Status, q.EndedAt = epoch.Add(time.Second), payment.Canceled, epoch
	k.save(store.Changes{NewPayments: []payment.Payment{p, q}})
	k.overdueAt(time.Minute - time.Millisecond)
	k.overdueAt(time.Minute, r.ID)
	p.Status, p.EndedAt, p.Reason = payment.Canceled, epoch, payment.ReasonPSP
	k.save(store.Changes{Payments: []payment.Payment{p}})
	k.overdueAt(time.Hour)
	k.overdueAt(day, r.ID)
	static, forever := k.late(0, func(r *payment.Request) { r.Kind, r.ExpiresAt = payment.Static, time.Time{} })
	k.save(store.Changes{NewPayments: []payment.Payment{k.payment(static, forever, 5)}})
	k.overdueAt(payment.ExecuteWithin, forever.ID)
}

func overdueOnce(k *kit) {
	s, r := k.late(time.Minute)
	k.save(store.Changes{NewPayments: []payment.Payment{k.payment(s, r, 5), k.payment(s, r, 5), k.payment(s, r, 5)}})
	k.overdueAt(day, r.ID)
}

func overdueOrder(k *kit) {
	var ids []id.ID
	for n := range 5 {
		s, r := k.late(time.Duration(n+1) * time.Minute)
		ids = append(ids, r.ID)
		if n == 3 {
			p := k.payment(s, r, 5)
			p.ExpiresAt = r.ExpiresAt
			k.save(store.Changes{NewPayments: []payment.Payment{p}})
		}
	}
	k.overdueAt(3*time.Minute, ids[:3]...)
	equal(k, ask(k.Overdue(k.ctx, epoch.Add(day), 3)).get(k), ids[:3])
	k.overdueAt(day, ids...)
}

func overdueEnded(k *kit) {
	s, r := k.late(time.Hour)
	p := k.payment(s, r, 5)
	k.decideAt(epoch, store.Need{Request: r.ID}, payment.Create{Payment: p})
	k.overdueAt(time.Minute, r.ID)
	k.decideAt(epoch.Add(time.Minute), store.Need{Request: r.ID, Live: true}, payment.Expire{})
	equal(k, ask(k.Payment(k.ctx, p.ID)).get(k).Reason, payment.ReasonExpired)
	k.overdueAt(time.Minute)
	k.overdueAt(time.Hour, r.ID)
	k.decideAt(epoch.Add(time.Hour), store.Need{Request: r.ID, Live: true}, payment.Expire{})
	equal(k, ask(k.Request(k.ctx, r.ID)).get(k).Status, payment.RequestExpired)
	k.overdueAt(day)
}
