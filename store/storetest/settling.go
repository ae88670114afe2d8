package storetest

import (
	"errors"
	"time"

	"tolom/payment"
	"tolom/store"
)

var settling = chapter{name: "Settle", sentences: []sentence{
	{"A batch that was committed was committed, however often one asks", settleCommitted},
	{"A batch that nobody committed never will be", settleTombstone},
	{"A batch that was rolled back never will be committed", settleRolledBack},
	{"The outcome of an open transaction is waited for: a commit", settleWaitsForCommit},
	{"The outcome of an open transaction is waited for: a rollback", settleWaitsForRollback},
	{"Settling one batch leaves the others alone", settleOthers},
}}

func (k *kit) settles(batch store.Batch, want bool) {
	k.t.Helper()
	for range 2 {
		equal(k, ask(k.Settle(k.ctx, batch)).get(k), want)
	}
}

func nothing(store.Tx, store.Batch, []store.Claim) error { return nil }

func settleCommitted(k *kit) {
	batch := k.newBatch()
	k.must(k.attempt(batch, nil, nothing))
	k.settles(batch, true)
}

func settleTombstone(k *kit) {
	batch, name := k.newBatch(), k.claim("order")
	k.settles(batch, false)
	_, r := k.newRequest(payment.Static)
	r.Status = payment.RequestPaused
	refused(k, k.attempt(batch, []store.Claim{name}, func(tx store.Tx, batch store.Batch, _ []store.Claim) error {
		view, err := tx.Load(k.ctx, []store.Need{{Request: r.ID}}, nil)
		if err != nil {
			return err
		}
		return tx.Save(k.ctx, store.Changes{Batch: batch, Now: view.Now, Requests: []payment.Request{r}})
	}))
	ask(k.Claim(k.ctx, nameOf(name))).missing(k)
	equal(k, ask(k.Request(k.ctx, r.ID)).get(k).Status, payment.RequestActive)
	k.settles(batch, false)
}

func settleRolledBack(k *kit) {
	batch := k.newBatch()
	stop := errors.New("stop")
	k.is(k.attempt(batch, nil, func(store.Tx, store.Batch, []store.Claim) error { return stop }), stop)
	k.settles(batch, false)
}

// settling settles the batch in the background while its transaction is open. It
// asks until the database answers.
func (k *kit) settling(batch store.Batch) <-chan answer[bool] {
	out := make(chan answer[bool], 1)
	go func() {
		for ; ; time.Sleep(time.Millisecond) {
			committed, err := k.Settle(k.ctx, batch)
			if err == nil || k.ctx.Err() != nil {
				out <- ask(committed, err)
				return
			}
		}
	}()
	return out
}

func settleWaitsForCommit(k *kit) {
	tx, batch := k.begin(), k.newBatch()
	ask(tx.Claim(k.ctx, batch, nil)).get(k)
	answers := k.settling(batch)
	pending(k, answers)
	k.must(tx.Commit(k.ctx))
	equal(k, (<-answers).get(k), true)
}

func settleWaitsForRollback(k *kit) {
	tx, batch := k.begin(), k.newBatch()
	ask(tx.Claim(k.ctx, batch, nil)).get(k)
	answers := k.settling(batch)
	pending(k, answers)
	tx.Rollback()
	equal(k, (<-answers).get(k), false)
	k.settles(batch, false)
}

func settleOthers(k *kit) {
	one, other := k.newBatch(), k.newBatch()
	k.settles(one, false)
	k.must(k.attempt(other, nil, nothing))
	k.settles(one, false)
	k.settles(other, true)
}
