package storetest

import (
	"slices"

	"tolom/ledger"
	"tolom/payment"
	"tolom/store"
)

// whole is the parts of the contract about saving, told again for a store that is
// asked to save and commit at one go, and what is particular to two steps at once.
// That to claim and to load at once shows the same is a part of every load.
var whole = chapter{name: "Two steps at once", sentences: append(atOnce(saving, guards), []sentence{
	{"Names that were taken before are told, and the rest is loaded all the same", startTaken},
	{"Balances that are to be locked are locked", startLocked},
	{"What was finished is settled as committed, and cannot be used again", finishSettled},
	{"What was refused is settled as never committed", finishRefused},
}...)}

func atOnce(chapters ...chapter) (out []sentence) {
	for _, c := range chapters {
		for _, s := range c.sentences {
			out = append(out, sentence{s.text, func(k *kit) {
				one := k.in(k.t)
				one.atOnce = true
				s.test(one)
			}})
		}
	}
	return out
}

func startTaken(k *kit) {
	_, r := k.newRequest(payment.Static)
	known, fresh := k.claim("at-once"), k.claim("at-once")
	k.must(k.transact([]store.Claim{known}, func(store.Tx, store.Batch, []store.Claim) error { return nil }))
	tx := k.begin()
	taken, view, err := store.Start(k.ctx, tx, k.newBatch(), []store.Claim{fresh, known}, []store.Need{{Request: r.ID}}, nil)
	k.must(err)
	if len(taken) != 1 || nameOf(taken[0]) != nameOf(known) {
		k.t.Fatalf("taken are %v", taken)
	}
	equal(k, view.States[r.ID].Request, r)
}

func startLocked(k *kit) {
	account := k.free()
	k.must(k.move(store.Delta{Account: account, Amount: 7}))
	tx := k.begin()
	_, view, err := store.Start(k.ctx, tx, k.newBatch(), nil, nil, []ledger.Account{account})
	k.must(err)
	equal(k, view.Balances[account], 7)
}

// finish begins a batch and finishes it with a change.
func (k *kit) finish(c store.Changes) (store.Tx, error) {
	k.t.Helper()
	tx := k.begin()
	_, view, err := store.Start(k.ctx, tx, c.Batch, nil, needs(c), nil)
	k.must(err)
	c.Now = view.Now
	return tx, store.Finish(k.ctx, tx, c)
}

func finishSettled(k *kit) {
	account, batch := k.free(), k.newBatch()
	change := store.Changes{Batch: batch, Deltas: []store.Delta{{Account: account, Amount: 5}}}
	tx, err := k.finish(change)
	k.must(err)
	if again := store.Finish(k.ctx, tx, change); again == nil {
		k.t.Fatalf("what was finished was finished again")
	}
	tx.Rollback()
	equal(k, ask(k.Settle(k.ctx, batch)).get(k), true)
	equal(k, k.balance(account), 5)
}

func finishRefused(k *kit) {
	r, p, f := k.changedRows()
	k.save(store.Changes{Requests: []payment.Request{r}, Payments: []payment.Payment{p}, Refunds: []payment.Refund{f}})
	account := k.free()
	free := []store.Delta{{Account: account, Amount: 5}}
	floored := store.Delta{Account: k.floored(), Amount: -1, Guarded: true}
	for _, c := range []store.Changes{
		{Requests: []payment.Request{r}, Deltas: free}, {Payments: []payment.Payment{p}, Deltas: free}, {Refunds: []payment.Refund{f}, Deltas: free},
		{Deltas: append(slices.Clone(free), floored)},
	} {
		c.Batch = k.newBatch()
		tx, err := k.finish(c)
		if err == nil {
			k.t.Fatalf("%+v was committed", c)
		}
		tx.Rollback()
		equal(k, ask(k.Settle(k.ctx, c.Batch)).get(k), false)
	}
	equal(k, k.balance(account), 0)
}
