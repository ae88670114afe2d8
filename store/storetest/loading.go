package storetest

import (
	"time"

	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/store"
)

var loading = chapter{name: "Load", sentences: []sentence{
	{"A request is loaded as it was saved", loadRequest},
	{"A request that does not exist is absent", loadMissing},
	{"Without a need nothing is loaded", loadNothing},
	{"A need shows no more than it names", loadOnlyNamed},
	{"A named payment is loaded whatever its status", loadNamedPayment},
	{"A payment that does not exist, or of another request, stays out", loadForeignPayment},
	{"Live shows the created payments and no others", loadLive},
	{"Rivals shows them of a dynamic request alone", loadRivals},
	{"A payer's created payments are found by key and PSP", loadPayer},
	{"A refund brings its payment", loadRefund},
	{"Several needs of one request add up without repeats", loadUnion},
	{"Several requests are loaded together", loadSeveral},
	{"Balances are shown when locked, nothing for those never used", loadBalances},
	{"The clock shows whole milliseconds of UTC and does not go back", loadClock},
	{"A locked request makes the next wait and see the change", loadWaits},
}}

func (k *kit) state(need store.Need) payment.State {
	k.t.Helper()
	state, found := k.load(need).States[need.Request]
	if !found {
		k.t.Fatalf("request %s is absent", need.Request)
	}
	return state
}

func (k *kit) holds(state payment.State, payments, refunds []id.ID) {
	k.t.Helper()
	equal(k, idsOf(state.Payments, paymentID), payments)
	equal(k, idsOf(state.Refunds, refundID), refunds)
}

func loadRequest(k *kit) {
	_, r := k.newRequest(payment.Dynamic)
	equal(k, k.state(store.Need{Request: r.ID}).Request, r)
}

func loadMissing(k *kit) {
	s, r := k.newRequest(payment.Dynamic)
	nobody := k.request(s, payment.Dynamic, 1).ID
	view := k.load(store.Need{Request: nobody, Live: true}, store.Need{Request: r.ID})
	if _, found := view.States[nobody]; found || len(view.States) != 1 {
		k.t.Fatalf("loaded %+v, want request %s alone", view.States, r.ID)
	}
}

func loadNothing(k *kit) {
	if view := k.load(); len(view.States)+len(view.Balances) != 0 {
		k.t.Fatalf("loaded %+v", view)
	}
}

func loadOnlyNamed(k *kit) {
	s, r := k.newRequest(payment.Static)
	one, other := k.newPayment(s, r), k.newPayment(s, r)
	k.newRefund(other, 1)
	k.holds(k.state(store.Need{Request: r.ID}), nil, nil)
	k.holds(k.state(store.Need{Request: r.ID, Payment: one.ID}), []id.ID{one.ID}, nil)
}

func loadNamedPayment(k *kit) {
	s, r := k.newRequest(payment.Static)
	p := k.succeeded(s, r, 500)
	k.newPayment(s, r)
	state := k.state(store.Need{Request: r.ID, Payment: p.ID})
	equal(k, state.Payments, []payment.Payment{p})
}

func loadForeignPayment(k *kit) {
	s, r := k.newRequest(payment.Static)
	other, foreign := k.newRequest(payment.Static)
	p := k.newPayment(other, foreign)
	k.holds(k.state(store.Need{Request: r.ID, Payment: p.ID}), nil, nil)
	k.holds(k.state(store.Need{Request: r.ID, Payment: k.payment(s, r, 1).ID}), nil, nil)
	k.holds(k.state(store.Need{Request: r.ID, Refund: k.newRefund(p, 1).ID}), nil, nil)
}

func loadLive(k *kit) {
	s, r := k.newRequest(payment.Static)
	first, ended, second := k.newPayment(s, r), k.newPayment(s, r), k.newPayment(s, r)
	k.succeeded(s, r, 5)
	ended.Status, ended.Reason, ended.EndedAt = payment.Canceled, payment.ReasonPSP, k.clock.Now()
	k.save(store.Changes{Payments: []payment.Payment{ended}})
	state := k.state(store.Need{Request: r.ID, Live: true})
	equal(k, state.Payments, []payment.Payment{first, second})
}

func loadRivals(k *kit) {
	s, static := k.newRequest(payment.Static)
	_, dynamic := k.newRequest(payment.Dynamic)
	mine := k.newPayment(s, static)
	k.newPayment(s, static)
	first, second := k.newPayment(s, dynamic), k.newPayment(s, dynamic)
	equal(k, k.state(store.Need{Request: static.ID, Payment: mine.ID, Rivals: true}).Payments, []payment.Payment{mine})
	equal(k, k.state(store.Need{Request: dynamic.ID, Payment: first.ID, Rivals: true}).Payments, []payment.Payment{first, second})
}

func loadPayer(k *kit) {
	s, r := k.newRequest(payment.Static)
	mine, ended, foreign := k.payment(s, r, 1), k.payment(s, r, 2), k.payment(s, r, 3)
	ended.Status, ended.EndedAt, ended.Payer.Key = payment.Failed, k.clock.Now(), mine.Payer.Key
	foreign.PSP, foreign.Payer.Key = k.newID(id.PSP, 1), mine.Payer.Key
	k.save(store.Changes{NewPayments: []payment.Payment{mine, ended, foreign, k.payment(s, r, 4)}})
	k.holds(k.state(store.Need{Request: r.ID, PayerKey: mine.Payer.Key, PSP: s.psp}), []id.ID{mine.ID}, nil)
	k.holds(k.state(store.Need{Request: r.ID, PayerKey: mine.Payer.Key, PSP: foreign.PSP}), []id.ID{foreign.ID}, nil)
	k.holds(k.state(store.Need{Request: r.ID, PayerKey: "another payer", PSP: s.psp}), nil, nil)
	k.holds(k.state(store.Need{Request: r.ID, PSP: s.psp}), nil, nil)
}

func loadRefund(k *kit) {
	s, r := k.newRequest(payment.Static)
	p := k.succeeded(s, r, 900)
	k.succeeded(s, r, 800)
	f := k.newRefund(p, 100)
	k.newRefund(p, 200)
	state := k.state(store.Need{Request: r.ID, Refund: f.ID})
	equal(k, state.Payments, []payment.Payment{p})
	equal(k, state.Refunds, []payment.Refund{f})
}

func loadUnion(k *kit) {
	s, r := k.newRequest(payment.Static)
	live, done := k.newPayment(s, r), k.succeeded(s, r, 700)
	one, other := k.newRefund(done, 1), k.newRefund(done, 2)
	view := k.load(
		store.Need{Request: r.ID, Payment: live.ID},
		store.Need{Request: r.ID, Live: true},
		store.Need{Request: r.ID, PayerKey: live.Payer.Key, PSP: s.psp},
		store.Need{Request: r.ID, Refund: other.ID},
		store.Need{Request: r.ID, Refund: one.ID, Payment: done.ID},
	)
	k.holds(view.States[r.ID], []id.ID{live.ID, done.ID}, []id.ID{one.ID, other.ID})
}

func loadSeveral(k *kit) {
	var needs []store.Need
	want := map[id.ID]id.ID{}
	for range 40 {
		s, r := k.newRequest(payment.Dynamic)
		p := k.newPayment(s, r)
		want[r.ID] = p.ID
		needs = append([]store.Need{{Request: r.ID, Payment: p.ID}}, needs...)
	}
	view := k.load(needs...)
	for request, p := range want {
		k.holds(view.States[request], []id.ID{p}, nil)
	}
}

func loadBalances(k *kit) {
	striped, guarded, unused := k.free(), k.floored(), k.floored()
	k.save(store.Changes{Deltas: []store.Delta{
		{Account: striped, Slice: 3, Amount: -70}, {Account: striped, Slice: 15, Amount: 20},
		{Account: guarded, Amount: 50, Guarded: true},
	}})
	tx := k.begin()
	k.claimIn(tx)
	view := ask(tx.Load(k.ctx, nil, []ledger.Account{unused, striped, guarded})).get(k)
	equal(k, view.Balances, map[ledger.Account]money.Amount{striped: -50, guarded: 50, unused: 0})
}

func loadClock(k *kit) {
	var last time.Time
	for range 3 {
		now := k.load().Now
		if now.Location() != time.UTC || now.Nanosecond()%1_000_000 != 0 || now.Before(last) || now.IsZero() {
			k.t.Fatalf("the clock shows %v after %v", now, last)
		}
		last = now
		k.clock.Advance(time.Millisecond)
	}
}

func loadWaits(k *kit) {
	_, r := k.newRequest(payment.Static)
	tx, batch := k.begin(), k.newBatch()
	ask(tx.Claim(k.ctx, batch, nil)).get(k)
	view := ask(tx.Load(k.ctx, []store.Need{{Request: r.ID}}, nil)).get(k)
	changed := view.States[r.ID].Request
	changed.Status = payment.RequestPaused
	k.must(tx.Save(k.ctx, store.Changes{Batch: batch, Now: view.Now, Requests: []payment.Request{changed}}))
	answers := make(chan answer[payment.RequestStatus], 1)
	go func() {
		var seen payment.RequestStatus
		err := k.transact(nil, func(tx store.Tx, _ store.Batch, _ []store.Claim) error {
			view, err := tx.Load(k.ctx, []store.Need{{Request: r.ID}}, nil)
			seen = view.States[r.ID].Request.Status
			return err
		})
		answers <- ask(seen, err)
	}()
	pending(k, answers)
	k.must(tx.Commit(k.ctx))
	equal(k, (<-answers).get(k), payment.RequestPaused)
}
