package storetest

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/store"
)

var models = chapter{name: "Model", sentences: []sentence{
	{"Claims and balances are what a plain model says after any transactions", modelHolds},
}}

// model is claims and balances in the plainest form.
type model struct {
	claims   map[store.Name]store.Claim
	balances map[ledger.Account]money.Amount
}

func (m model) clone() model { return model{maps.Clone(m.claims), maps.Clone(m.balances)} }

// trial is a transaction that rapid made up.
type trial struct {
	claims   []store.Claim
	drops    []bool // which of the claims are given back, if they were taken here
	keeps    []bool // which get an outcome, if they were taken here
	deltas   []store.Delta
	rollback bool
	settled  bool // its batch is settled before it begins
}

func modelHolds(k *kit) {
	t, ok := k.t.(*testing.T)
	if !ok {
		k.t.Fatal("the model runs in a test of its own")
	}
	rapid.Check(t, func(rt *rapid.T) {
		k, m := k.in(rt), model{map[store.Name]store.Claim{}, map[ledger.Account]money.Amount{}}
		accounts := []ledger.Account{k.free(), k.free(), k.floored(), k.floored()}
		scope := fmt.Sprint("model:", k.born.Add(1))
		for range rapid.IntRange(1, 8).Draw(rt, "transactions") {
			m = k.play(m, drawTrial(rt, k, scope, accounts))
			k.agrees(m, scope, accounts)
		}
	})
}

const modelKeys = 5

func drawTrial(rt *rapid.T, k *kit, scope string, accounts []ledger.Account) trial {
	x := trial{rollback: rapid.IntRange(0, 4).Draw(rt, "rollback") == 0, settled: rapid.IntRange(0, 9).Draw(rt, "settled") == 0}
	for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(0, modelKeys-1), 0, modelKeys, rapid.ID).Draw(rt, "names") {
		c := k.claim(scope)
		c.Key = fmt.Sprint("key ", n)
		c.Bucket = id.BucketOf(c.Scope, c.Key)
		x.claims = append(x.claims, c)
		x.drops = append(x.drops, rapid.Bool().Draw(rt, "drop"))
		x.keeps = append(x.keeps, rapid.Bool().Draw(rt, "keep"))
	}
	for n, a := range accounts {
		if !rapid.Bool().Draw(rt, "moves") {
			continue
		}
		d := store.Delta{Account: a, Amount: money.Amount(rapid.IntRange(-50, 50).Draw(rt, "amount"))}
		if n < 2 {
			d.Slice = rapid.IntRange(0, store.Slices-1).Draw(rt, "slice")
		} else if d.Guarded = rapid.Bool().Draw(rt, "guarded"); d.Guarded {
			d.Floor = money.Amount(rapid.IntRange(-60, 10).Draw(rt, "floor"))
		}
		x.deltas = append(x.deltas, d)
	}
	return x
}

// apply says what a trial comes to: the names that were taken before, the
// accounts below their floor, and the model after it.
func (m model) apply(x trial) (taken []store.Claim, guilty []ledger.Account, after model) {
	after = m.clone()
	for n, c := range x.claims {
		name := nameOf(c)
		if old, found := m.claims[name]; found {
			taken = append(taken, old)
			continue
		}
		switch {
		case x.drops[n]:
		case x.keeps[n]:
			after.claims[name] = refusedAs(c)
		default:
			after.claims[name] = c
		}
	}
	for _, d := range x.deltas {
		after.balances[d.Account] += d.Amount
		if d.Guarded && after.balances[d.Account] < d.Floor {
			guilty = append(guilty, d.Account)
		}
	}
	if x.rollback || x.settled || len(guilty) > 0 {
		after = m
	}
	return taken, guilty, after
}

func refusedAs(c store.Claim) store.Claim {
	c.Object, c.Outcome = "", "refund_exceeds_payment"
	return c
}

var errStop = errors.New("storetest: roll back")

// play runs a trial on the store, checks what it said, and gives the model after it.
func (k *kit) play(m model, x trial) model {
	k.t.Helper()
	taken, guilty, after := m.apply(x)
	err := store.ErrRetry
	for errors.Is(err, store.ErrRetry) && k.ctx.Err() == nil {
		batch := k.newBatch()
		if x.settled {
			k.settles(batch, false)
		}
		err = k.attempt(batch, x.claims, func(tx store.Tx, batch store.Batch, got []store.Claim) error {
			slices.SortFunc(got, func(a, b store.Claim) int { return compareIDs(id.ID(a.Key), id.ID(b.Key)) })
			equal(k, got, sorted(taken))
			return k.saveTrial(tx, batch, x, got)
		})
		time.Sleep(rand.N(time.Millisecond))
	}
	switch {
	case x.settled:
		refused(k, err)
	case len(guilty) > 0:
		k.guilty(err, guilty...)
	case x.rollback:
		k.is(err, errStop)
	default:
		k.must(err)
	}
	return after
}

func (k *kit) saveTrial(tx store.Tx, batch store.Batch, x trial, taken []store.Claim) error {
	view, err := tx.Load(k.ctx, nil, nil)
	if err != nil {
		return err
	}
	c := store.Changes{Batch: batch, Now: view.Now, Deltas: x.deltas}
	for n, claim := range x.claims {
		old := slices.ContainsFunc(taken, func(t store.Claim) bool { return t.Key == claim.Key })
		switch {
		case old:
		case x.drops[n]:
			c.Dropped = append(c.Dropped, nameOf(claim))
		case x.keeps[n]:
			c.Outcomes = append(c.Outcomes, refusedAs(claim))
		}
	}
	if err := tx.Save(k.ctx, c); err != nil {
		return err
	}
	if x.rollback {
		return errStop
	}
	return nil
}

// agrees compares the store with the model.
func (k *kit) agrees(m model, scope string, accounts []ledger.Account) {
	k.t.Helper()
	for n := range modelKeys {
		name := store.Name{Scope: scope, Key: fmt.Sprint("key ", n)}
		got := ask(k.Claim(k.ctx, name))
		if want, found := m.claims[name]; found {
			equal(k, got.get(k), want)
		} else {
			got.missing(k)
		}
	}
	for _, a := range accounts {
		equal(k, k.balance(a), m.balances[a])
	}
}
