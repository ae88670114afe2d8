package storetest

import (
	"context"
	"time"

	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/store"
)

var outcomes = chapter{name: "Commit, rollback and readers", sentences: []sentence{
	{"Nothing is seen before the commit, everything after it", seenAfterCommit},
	{"Nothing is left of a rollback", goneAfterRollback},
	{"A rollback after the commit changes nothing", rollbackAfterCommit},
	{"A commit is not cancelled by its context", commitIgnoresContext},
	{"A transaction that has ended cannot be used", usedAfterEnd},
	{"Begin gives up when its context does", beginGivesUp},
	{"What was given may be changed without changing the store", copiesIn},
	{"What was got may be changed without changing the store", copiesOut},
	{"The database answers a ping", ping},
}}

var closing = chapter{name: "Close", apart: true, sentences: []sentence{
	{"A closed store refuses", closed},
}}

// everything is a transaction with a row of each kind, saved but not committed.
type everything struct {
	k       *kit
	tx      store.Tx
	shop    shop
	name    store.Claim
	request payment.Request
	payment payment.Payment
	refund  payment.Refund
	account ledger.Account
	fact    payment.Fact
}

func (k *kit) everything() everything {
	k.t.Helper()
	e := everything{k: k, shop: k.newShop(), name: k.claim("order"), account: k.free()}
	e.request = k.request(e.shop, payment.Static, 0)
	e.payment = k.payment(e.shop, e.request, 600)
	e.refund = k.refund(e.payment, 100)
	e.fact = k.fact(e.shop, e.request.ID)
	batch := k.newBatch()
	e.fact.Batch = batch.ID
	e.tx = k.begin()
	ask(e.tx.Claim(k.ctx, batch, []store.Claim{e.name})).get(k)
	now := ask(e.tx.Load(k.ctx, nil, nil)).get(k).Now
	k.must(e.tx.Save(k.ctx, store.Changes{
		Batch: batch, Now: now, NewRequests: []payment.Request{e.request}, NewPayments: []payment.Payment{e.payment},
		NewRefunds: []payment.Refund{e.refund}, Totals: []store.Total{{Request: e.request.ID, Amount: 600, Count: 1}},
		Facts:   []payment.Fact{e.fact},
		Entries: []store.Entry{{Fact: e.fact.ID, At: now, Entry: ledger.Entry{Debit: k.free(), Credit: e.account, Amount: 600}}},
		Deltas:  []store.Delta{{Account: e.account, Slice: 1, Amount: 600}},
	}))
	return e
}

// there checks that all rows can be read, or none.
func (e everything) there(there bool) {
	k := e.k
	k.t.Helper()
	claim, request := ask(k.Claim(k.ctx, nameOf(e.name))), ask(k.Request(k.ctx, e.request.ID))
	pay, refund := ask(k.Payment(k.ctx, e.payment.ID)), ask(k.Refund(k.ctx, e.refund.ID))
	listed := ask(k.Payments(k.ctx, store.PaymentFilter{PSP: e.shop.psp, Limit: 5})).get(k)
	if !there {
		claim.missing(k)
		request.missing(k)
		pay.missing(k)
		refund.missing(k)
		equal(k, len(listed), 0)
		equal(k, k.balance(e.account), 0)
		return
	}
	equal(k, claim.get(k), e.name)
	equal(k, request.get(k).PaidAmount, money.Amount(600))
	equal(k, pay.get(k), e.payment)
	equal(k, refund.get(k), e.refund)
	equal(k, len(listed), 1)
	equal(k, k.balance(e.account), 600)
}

// numbered checks whether the sequencer finds the fact.
func (e everything) numbered(found bool) {
	k := e.k
	k.t.Helper()
	k.sequence(1000)
	item := ask(k.FeedItem(k.ctx, e.shop.merchant, e.fact.ID))
	if !found {
		item.missing(k)
		return
	}
	equal(k, item.get(k).Fact, e.fact)
}

func seenAfterCommit(k *kit) {
	e := k.everything()
	e.there(false)
	k.must(e.tx.Commit(k.ctx))
	e.there(true)
	e.numbered(true)
}

func goneAfterRollback(k *kit) {
	e := k.everything()
	e.tx.Rollback()
	e.there(false)
	e.numbered(false)
	e.tx.Rollback()
}

func rollbackAfterCommit(k *kit) {
	e := k.everything()
	k.must(e.tx.Commit(k.ctx))
	e.tx.Rollback()
	e.there(true)
}

func commitIgnoresContext(k *kit) {
	e := k.everything()
	ctx, cancel := context.WithCancel(k.ctx)
	cancel()
	k.must(e.tx.Commit(ctx))
	e.there(true)
}

func usedAfterEnd(k *kit) {
	for _, end := range []func(store.Tx){store.Tx.Rollback, func(tx store.Tx) { k.must(tx.Commit(k.ctx)) }} {
		tx := k.begin()
		k.claimIn(tx)
		end(tx)
		name := k.claim("order")
		_, err := tx.Claim(k.ctx, k.newBatch(), []store.Claim{name})
		refused(k, err)
		refused(k, tx.Commit(k.ctx))
		ask(k.Claim(k.ctx, nameOf(name))).missing(k)
	}
}

func beginGivesUp(k *kit) {
	ctx, cancel := context.WithCancel(k.ctx)
	cancel()
	tx, err := k.Begin(ctx)
	if err == nil {
		tx.Rollback()
	}
	refused(k, err)
}

func copiesIn(k *kit) {
	s := k.newShop()
	r := k.request(s, payment.Dynamic, 5)
	r.Extra, r.Metadata = []payment.Extra{{Key: "table", Value: "4"}}, map[string]string{"a": "1"}
	k.save(store.Changes{NewRequests: []payment.Request{r}})
	r.Extra[0].Value, r.Metadata["a"] = "5", "2"
	got := ask(k.Request(k.ctx, r.ID)).get(k)
	equal(k, got.Extra[0].Value+got.Metadata["a"], "41")
	e := store.Endpoint{ID: k.newID(id.Endpoint, 1), Merchant: s.merchant, Secrets: []string{"one"}, Types: []string{"payment.succeeded"}}
	k.must(k.Endpoints().Put(k.ctx, e))
	e.Secrets[0], e.Types[0] = "two", "refund.succeeded"
	kept := ask(k.Endpoints().Get(k.ctx, e.ID)).get(k)
	equal(k, kept.Secrets[0]+" "+kept.Types[0], "one payment.succeeded")
}

func copiesOut(k *kit) {
	s := k.newShop()
	r := k.request(s, payment.Dynamic, 5)
	r.Extra, r.Metadata = []payment.Extra{{Key: "table", Value: "4"}}, map[string]string{"a": "1"}
	k.save(store.Changes{NewRequests: []payment.Request{r}})
	for _, got := range []payment.Request{
		ask(k.Request(k.ctx, r.ID)).get(k),
		ask(k.Requests(k.ctx, store.RequestFilter{Merchant: s.merchant, Limit: 1})).get(k)[0],
		k.state(store.Need{Request: r.ID}).Request,
	} {
		got.Extra[0].Value, got.Metadata["a"] = "5", "2"
	}
	equal(k, ask(k.Request(k.ctx, r.ID)).get(k), r)
	p := k.payment(s, r, 5)
	k.save(store.Changes{NewPayments: []payment.Payment{p}})
	k.state(store.Need{Request: r.ID, Live: true}).Payments[0].Amount = 9
	equal(k, ask(k.Payment(k.ctx, p.ID)).get(k), p)
}

func ping(k *kit) {
	ctx, cancel := context.WithTimeout(k.ctx, 10*time.Second)
	defer cancel()
	k.must(k.Ping(ctx))
}

func closed(k *kit) {
	k.must(k.Close())
	refused(k, k.Ping(k.ctx))
	_, err := k.Request(k.ctx, "pr_0")
	refused(k, err)
	k.isNot(err, store.ErrNotFound)
}
