package storetest

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"tolom/id"
	"tolom/store"
	"tolom/world"
)

// tester is the part of a test, or of a trial of rapid, that the suite uses.
type tester interface {
	Helper()
	Cleanup(func())
	Fatal(...any)
	Fatalf(string, ...any)
}

// kit is a store under test with what the sentences need around it.
type kit struct {
	store.Store
	t     tester
	ctx   context.Context
	clock *world.Manual
	born  *atomic.Uint64 // counts the ids

	atOnce bool // rows are saved and committed at one go
}

func newKit(t *testing.T, open Open) *kit {
	clock := world.NewManual(epoch)
	k := &kit{Store: open(t, clock), clock: clock, born: new(atomic.Uint64)}
	return k.in(t)
}

// patience is how long a sentence may take before its calls are given up, so
// that a store which hangs says where.
const patience = time.Minute

// in gives the same store to another test.
func (k *kit) in(t tester) *kit {
	other := *k
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	other.t, other.ctx = t, ctx
	return &other
}

// newID makes ids that sort in the order they were made, whatever their bucket.
func (k *kit) newID(kind id.Kind, bucket uint16) id.ID { return k.idAt(kind, bucket, epoch) }

// idAt makes the id of a thing that is made at a moment. Stores may find rows of
// a time by their ids, so a row must not be hours older or younger than its id.
func (k *kit) idAt(kind id.Kind, bucket uint16, at time.Time) id.ID {
	n := k.born.Add(1)
	var r id.Random
	binary.BigEndian.PutUint64(r[1:], n*0x9e3779b97f4a7c15)
	return id.New(kind, at.Add(time.Duration(n)*time.Millisecond), bucket, r)
}

func (k *kit) newBatch() store.Batch {
	bucket := uint16(k.born.Load() * 7)
	return store.Batch{ID: k.newID(id.Batch, bucket), Bucket: bucket}
}

// shop is a merchant with a place, a till, and a PSP whose payers come there.
type shop struct{ merchant, place, till, psp id.ID }

func (k *kit) newShop() shop {
	bucket := uint16(k.born.Load() * 7919)
	return shop{k.newID(id.Merchant, bucket), k.newID(id.Store, bucket), k.newID(id.Till, bucket), k.newID(id.PSP, bucket+1)}
}

// claim makes a claim of a fresh name in the scope.
func (k *kit) claim(scope string) store.Claim {
	key := fmt.Sprint("name-", k.born.Add(1))
	return store.Claim{
		Bucket: id.BucketOf(scope, key), Scope: scope, Key: key, Fingerprint: "digest of " + key,
		Object: k.newID(id.Payment, 7), CreatedAt: k.clock.Now(),
	}
}

func nameOf(c store.Claim) store.Name { return store.Name{Scope: c.Scope, Key: c.Key} }

// work is what a transaction does after its batch and its claims are taken.
type work func(tx store.Tx, batch store.Batch, taken []store.Claim) error

// transact runs work in a transaction and commits it. As the engine does, it
// runs again when the store says so, and finds out what became of a lost commit.
func (k *kit) transact(claims []store.Claim, do work) error {
	for {
		batch := k.newBatch()
		err := k.attempt(batch, claims, do)
		if errors.Is(err, store.ErrUnknown) {
			committed, settleErr := k.Settle(k.ctx, batch)
			if settleErr != nil {
				return settleErr
			}
			if committed {
				return nil
			}
			err = store.ErrRetry
		}
		if !errors.Is(err, store.ErrRetry) || k.ctx.Err() != nil {
			return err
		}
		time.Sleep(rand.N(5 * time.Millisecond))
	}
}

func (k *kit) attempt(batch store.Batch, claims []store.Claim, do work) error {
	tx, err := k.Begin(k.ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	taken, err := tx.Claim(k.ctx, batch, claims)
	if err != nil {
		return err
	}
	switch err := do(tx, batch, taken); {
	case errors.Is(err, errFinished):
		return nil
	case err != nil:
		return err
	}
	return tx.Commit(k.ctx)
}

// trySave saves rows in a transaction of their own.
func (k *kit) trySave(c store.Changes) error {
	return k.transact(nil, func(tx store.Tx, batch store.Batch, _ []store.Claim) error {
		view, err := tx.Load(k.ctx, needs(c), nil)
		if err != nil {
			return err
		}
		c.Batch = batch
		if c.Now.IsZero() {
			c.Now = view.Now
		}
		for i := range c.Facts {
			c.Facts[i].Batch, c.Facts[i].Ordinal = batch.ID, i
		}
		if k.atOnce {
			return cmp.Or(store.Finish(k.ctx, tx, c), errFinished) // its error, if it has one
		}
		return tx.Save(k.ctx, c)
	})
}

// errFinished says that there is nothing left to commit.
var errFinished = errors.New("it is committed")

// save saves rows that must be taken.
func (k *kit) save(c store.Changes) {
	k.t.Helper()
	k.must(k.trySave(c))
}

// needs locks the requests that changes are about.
func needs(c store.Changes) (out []store.Need) {
	for _, r := range c.Requests {
		out = append(out, store.Need{Request: r.ID})
	}
	for _, p := range append(c.NewPayments[:len(c.NewPayments):len(c.NewPayments)], c.Payments...) {
		out = append(out, store.Need{Request: p.Request})
	}
	for _, r := range append(c.NewRefunds[:len(c.NewRefunds):len(c.NewRefunds)], c.Refunds...) {
		out = append(out, store.Need{Request: r.Request})
	}
	return out
}

// begin opens a transaction that the test ends itself, or that ends with it.
func (k *kit) begin() store.Tx {
	k.t.Helper()
	tx := ask(k.Begin(k.ctx)).get(k)
	k.t.Cleanup(tx.Rollback)
	return tx
}

// load loads what needs ask for in a transaction that changes nothing, and once
// more at one go with its claims, which must show the same.
func (k *kit) load(needs ...store.Need) store.View {
	k.t.Helper()
	tx := k.begin()
	k.claimIn(tx)
	view := ask(tx.Load(k.ctx, needs, nil)).get(k)
	tx.Rollback()

	again := k.begin()
	defer again.Rollback()
	_, same, err := store.Start(k.ctx, again, k.newBatch(), nil, needs, nil)
	k.must(err)
	same.Now = view.Now
	equal(k, same, view)
	return view
}

// claimIn takes names in an open transaction and gives those taken before.
func (k *kit) claimIn(tx store.Tx, claims ...store.Claim) []store.Claim {
	k.t.Helper()
	return ask(tx.Claim(k.ctx, k.newBatch(), claims)).get(k)
}

func (k *kit) must(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatalf("unexpected error: %v", err)
	}
}

// is checks an error by its identity.
func (k *kit) is(got, want error) {
	k.t.Helper()
	if !errors.Is(got, want) {
		k.t.Fatalf("the error is %v, want %v", got, want)
	}
}

// isNot checks that an error is another.
func (k *kit) isNot(got, other error) {
	k.t.Helper()
	if errors.Is(got, other) {
		k.t.Fatalf("the error is %v", got)
	}
}

// sequence numbers the facts of up to limit batches, again when another did so at the same time.
func (k *kit) sequence(limit int) int {
	k.t.Helper()
	return ask(k.trySequence(limit)).get(k)
}

func (k *kit) trySequence(limit int) (facts int, err error) {
	for {
		if facts, err = k.Sequence(k.ctx, limit); !errors.Is(err, store.ErrRetry) || k.ctx.Err() != nil {
			return facts, err
		}
		time.Sleep(rand.N(5 * time.Millisecond))
	}
}
