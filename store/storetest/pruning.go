package storetest

import (
	"fmt"
	"time"

	"tolom/store"
)

var pruning = chapter{name: "Pruning claims", sentences: []sentence{
	{"Claims of the scopes that are older go, the others stay", pruneOld},
	{"At most as many go as were asked for", pruneLimit},
	{"A prefix means its own letters", pruneLetters},
}}

// aged takes a name of the scope at a time relative to the epoch.
func (k *kit) aged(scope string, age time.Duration) store.Claim {
	k.t.Helper()
	c := k.claim(scope)
	c.CreatedAt = epoch.Add(-age)
	k.taking(c)
	return c
}

func (k *kit) gone(c store.Claim) {
	k.t.Helper()
	ask(k.Claim(k.ctx, nameOf(c))).missing(k)
}

func (k *kit) stays(c store.Claim) {
	k.t.Helper()
	equal(k, ask(k.Claim(k.ctx, nameOf(c))).get(k), c)
}

func pruneOld(k *kit) {
	old, alsoOld := k.aged("idem:1", time.Millisecond), k.aged("idem:22", day)
	young, exactly := k.aged("idem:1", -time.Hour), k.aged("idem:1", 0)
	other, within := k.aged("order:1", day), k.aged("an idem:1", day)
	equal(k, ask(k.PruneClaims(k.ctx, "idem:", epoch, 100)).get(k), 2)
	k.gone(old)
	k.gone(alsoOld)
	for _, c := range []store.Claim{young, exactly, other, within} {
		k.stays(c)
	}
	equal(k, ask(k.PruneClaims(k.ctx, "idem:", epoch, 100)).get(k), 0)
	equal(k, k.taking(old), nil)
}

func pruneLimit(k *kit) {
	for n := range 5 {
		k.aged(fmt.Sprint("limit:", n), time.Hour)
	}
	for _, want := range []int{2, 2, 1, 0} {
		equal(k, ask(k.PruneClaims(k.ctx, "limit:", epoch, 2)).get(k), want)
	}
}

func pruneLetters(k *kit) {
	kept := []store.Claim{k.aged("axb:1", day), k.aged("A_b:1", day), k.aged("a%:1", day), k.aged("өзгө:1", day)}
	gone := []store.Claim{k.aged("a_b:1", day), k.aged("a_b", day)}
	equal(k, ask(k.PruneClaims(k.ctx, "a_b", epoch, 100)).get(k), 2)
	for _, c := range gone {
		k.gone(c)
	}
	for _, c := range kept {
		k.stays(c)
	}
	equal(k, ask(k.PruneClaims(k.ctx, "a%", epoch, 100)).get(k), 1)
	equal(k, ask(k.PruneClaims(k.ctx, "ө", epoch, 100)).get(k), 1)
	k.stays(kept[0])
}
