package storetest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"tolom/id"
	"tolom/store"
)

var claims = chapter{name: "Claims", sentences: []sentence{
	{"A free name goes to the first who asks", freeName},
	{"A taken name is given back as it was stored", takenName},
	{"Of several names those that are free are taken and the others reported", mixedNames},
	{"The same key in another scope is another name", scopesApart},
	{"A tombstone is a claim without an object", tombstone},
	{"A name can be a tombstone with nothing else in the batch", claimWithoutRows},
	{"A name that nobody took is not found", nameNotFound},
	{"Names are compared letter by letter, case and all", exactNames},
	{"A name taken by an open transaction is waited for and seen once it commits", waitForCommit},
	{"A name taken by an open transaction is free once that rolls back", waitForRollback},
	{"A name that a rolled back transaction took is free", rolledBackName},
	{"A batch id can be used once", batchOnce},
}}

func (k *kit) taking(claims ...store.Claim) (taken []store.Claim) {
	k.t.Helper()
	k.must(k.transact(claims, func(_ store.Tx, _ store.Batch, t []store.Claim) error {
		taken = t
		return nil
	}))
	slices.SortFunc(taken, func(a, b store.Claim) int { return cmp.Or(cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Key, b.Key)) })
	return taken
}

func freeName(k *kit) {
	c := k.claim("idempotency")
	equal(k, k.taking(c), nil)
	equal(k, ask(k.Claim(k.ctx, nameOf(c))).get(k), c)
}

func takenName(k *kit) {
	first := k.claim("order")
	first.CreatedAt = epoch.Add(123 * time.Millisecond)
	k.taking(first)
	second := k.claim("order")
	second.Key, second.Bucket = first.Key, first.Bucket
	equal(k, k.taking(second), []store.Claim{first})
	equal(k, ask(k.Claim(k.ctx, nameOf(first))).get(k), first)
}

func mixedNames(k *kit) {
	old, alsoOld, fresh := k.claim("a"), k.claim("c"), k.claim("b")
	k.taking(alsoOld, old)
	equal(k, k.taking(fresh, alsoOld, old), []store.Claim{old, alsoOld})
	equal(k, k.taking(fresh), []store.Claim{fresh})
}

func scopesApart(k *kit) {
	one := k.claim("psp_payment:1")
	other := one
	other.Scope = "psp_payment:12"
	other.Bucket = id.BucketOf(other.Scope, other.Key)
	k.taking(one)
	equal(k, k.taking(other), nil)
	equal(k, ask(k.Claim(k.ctx, nameOf(other))).get(k), other)
}

func tombstone(k *kit) {
	c := k.claim("psp_payment")
	c.Object, c.Outcome = "", store.Tombstone
	k.taking(c)
	equal(k, k.taking(c), []store.Claim{c})
}

func claimWithoutRows(k *kit) {
	c := k.claim("psp_payment")
	c.Outcome = store.Tombstone
	k.must(k.transact([]store.Claim{c}, func(tx store.Tx, batch store.Batch, _ []store.Claim) error {
		view, err := tx.Load(k.ctx, nil, nil)
		if err != nil {
			return err
		}
		return tx.Save(k.ctx, store.Changes{Batch: batch, Now: view.Now})
	}))
	equal(k, k.taking(c), []store.Claim{c})
}

func nameNotFound(k *kit) {
	ask(k.Claim(k.ctx, nameOf(k.claim("nobody")))).missing(k)
}

func exactNames(k *kit) {
	for _, pair := range [][2]string{{"Key", "key"}, {"төлөм", "ТӨЛӨМ"}, {"%", "_"}, {"é", "e\u0301"}, {"a ", "a"}, {"👛", "👜"}} {
		one, other := k.claim("exact"), k.claim("exact")
		one.Key, other.Key = pair[0], pair[1]
		k.taking(one)
		equal(k, k.taking(other), nil)
		equal(k, k.taking(one, other), sorted([]store.Claim{one, other}))
	}
}

func sorted(claims []store.Claim) []store.Claim {
	return slices.SortedFunc(slices.Values(claims), func(a, b store.Claim) int { return cmp.Compare(a.Key, b.Key) })
}

// second takes the name in the background and delivers what was taken before.
func (k *kit) second(c store.Claim) <-chan answer[[]store.Claim] {
	out := make(chan answer[[]store.Claim], 1)
	go func() {
		var seen []store.Claim
		err := k.transact([]store.Claim{c}, func(_ store.Tx, _ store.Batch, taken []store.Claim) error {
			seen = taken
			return nil
		})
		out <- ask(seen, err)
	}()
	return out
}

// pending checks that an answer has not come while it must be waited for.
func pending[T any](k *kit, answers <-chan answer[T]) {
	k.t.Helper()
	select {
	case a := <-answers:
		k.t.Fatalf("the answer %+v came before the open transaction ended", a)
	case <-time.After(50 * time.Millisecond):
	}
}

func waitForCommit(k *kit) {
	first := k.claim("race")
	tx := k.begin()
	k.claimIn(tx, first)
	later := first
	later.Fingerprint = "another body"
	answers := k.second(later)
	pending(k, answers)
	k.must(tx.Commit(k.ctx))
	equal(k, (<-answers).get(k), []store.Claim{first})
}

func waitForRollback(k *kit) {
	first := k.claim("race")
	tx := k.begin()
	k.claimIn(tx, first)
	later := first
	later.Fingerprint = "another body"
	answers := k.second(later)
	pending(k, answers)
	tx.Rollback()
	equal(k, (<-answers).get(k), nil)
	equal(k, ask(k.Claim(k.ctx, nameOf(later))).get(k), later)
}

func rolledBackName(k *kit) {
	c := k.claim("order")
	tx := k.begin()
	k.claimIn(tx, c)
	tx.Rollback()
	ask(k.Claim(k.ctx, nameOf(c))).missing(k)
	equal(k, k.taking(c), nil)
}

func batchOnce(k *kit) {
	batch, c := k.newBatch(), k.claim("order")
	k.must(k.attempt(batch, nil, func(store.Tx, store.Batch, []store.Claim) error { return nil }))
	refused(k, k.attempt(batch, []store.Claim{c}, func(tx store.Tx, _ store.Batch, _ []store.Claim) error {
		_, err := tx.Load(context.Background(), nil, nil)
		return err
	}))
	ask(k.Claim(k.ctx, nameOf(c))).missing(k)
}
