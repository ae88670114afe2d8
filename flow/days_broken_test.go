package flow_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"tolom/access"
	"tolom/engine"
	"tolom/flow"
	"tolom/id"
	"tolom/ledger"
	"tolom/settlement"
	"tolom/store"
)

// errBroken is what a call that fails is answered with.
var errBroken = errors.New("broken on purpose")

// broken is a store of which one call fails: before it has done anything, or after it has
// done all. The latter, when it writes, is told as an unknown outcome, as the databases do.
type broken struct {
	store.Store
	calls int
	at    int
	after bool
}

func (b *broken) fails(writes bool, do func() error) error {
	b.calls++
	hit := b.calls == b.at
	if hit && !b.after {
		return errBroken
	}
	err := do()
	if hit && err == nil && writes {
		return store.ErrUnknown
	}
	if hit && err == nil {
		return errBroken
	}
	return err
}

// asked is a call that reads.
func asked[T any](b *broken, do func() (T, error)) (out T, err error) {
	err = b.fails(false, func() (err error) { out, err = do(); return err })
	return out, err
}

func (b *broken) Folding(ctx context.Context) (store.Folding, error) {
	return asked(b, func() (store.Folding, error) { return b.Store.Folding(ctx) })
}
func (b *broken) Fold(ctx context.Context, f store.Folding, to, late int64, totals []settlement.Total) error {
	return b.fails(true, func() error { return b.Store.Fold(ctx, f, to, late, totals) })
}
func (b *broken) EndEarly(ctx context.Context, f store.Folding) error {
	return b.fails(true, func() error { return b.Store.EndEarly(ctx, f) })
}
func (b *broken) Cut(ctx context.Context, f store.Folding, d settlement.Day, patience time.Duration) (out settlement.Day, err error) {
	err = b.fails(true, func() (err error) { out, err = b.Store.Cut(ctx, f, d, patience); return err })
	return out, err
}
func (b *broken) Day(ctx context.Context, date string) (settlement.Day, error) {
	return asked(b, func() (settlement.Day, error) { return b.Store.Day(ctx, date) })
}
func (b *broken) DayNumbered(ctx context.Context, n int64) (settlement.Day, error) {
	return asked(b, func() (settlement.Day, error) { return b.Store.DayNumbered(ctx, n) })
}
func (b *broken) Unfinished(ctx context.Context) (settlement.Day, error) {
	return asked(b, func() (settlement.Day, error) { return b.Store.Unfinished(ctx) })
}
func (b *broken) PutDay(ctx context.Context, d settlement.Day, rows store.DayRows) error {
	return b.fails(true, func() error { return b.Store.PutDay(ctx, d, rows) })
}
func (b *broken) Recount(ctx context.Context) ([]id.ID, error) {
	return asked(b, func() ([]id.ID, error) { return b.Store.Recount(ctx) })
}
func (b *broken) Totals(ctx context.Context, n int64, k id.Kind, after id.ID, limit int) ([]settlement.Total, error) {
	return asked(b, func() ([]settlement.Total, error) { return b.Store.Totals(ctx, n, k, after, limit) })
}
func (b *broken) Total(ctx context.Context, n int64, owner id.ID) (settlement.Total, error) {
	return asked(b, func() (settlement.Total, error) { return b.Store.Total(ctx, n, owner) })
}
func (b *broken) SumOfTotals(ctx context.Context, n int64, k id.Kind) (settlement.Total, error) {
	return asked(b, func() (settlement.Total, error) { return b.Store.SumOfTotals(ctx, n, k) })
}
func (b *broken) Positions(ctx context.Context, date string) ([]settlement.Position, error) {
	return asked(b, func() ([]settlement.Position, error) { return b.Store.Positions(ctx, date) })
}
func (b *broken) Payouts(ctx context.Context, f store.PayoutFilter) ([]settlement.Payout, error) {
	return asked(b, func() ([]settlement.Payout, error) { return b.Store.Payouts(ctx, f) })
}
func (b *broken) PayoutsOf(ctx context.Context, date string, names []id.ID) ([]settlement.Payout, error) {
	return asked(b, func() ([]settlement.Payout, error) { return b.Store.PayoutsOf(ctx, date, names) })
}
func (b *broken) PaidOut(ctx context.Context, date string) ([]settlement.PaidOut, error) {
	return asked(b, func() ([]settlement.PaidOut, error) { return b.Store.PaidOut(ctx, date) })
}
func (b *broken) Holidays(ctx context.Context) ([]settlement.Holiday, error) {
	return asked(b, func() ([]settlement.Holiday, error) { return b.Store.Holidays(ctx) })
}
func (b *broken) Tail(ctx context.Context, after int64, limit int) ([]store.FeedItem, error) {
	return asked(b, func() ([]store.FeedItem, error) { return b.Store.Tail(ctx, after, limit) })
}
func (b *broken) Sequence(ctx context.Context, limit int) (n int, err error) {
	err = b.fails(true, func() (err error) { n, err = b.Store.Sequence(ctx, limit); return err })
	return n, err
}
func (b *broken) Participants() store.Shelf[store.Participant] {
	return brokenShelf[store.Participant]{b.Store.Participants(), b}
}
func (b *broken) PSPs() store.Shelf[store.PSP] { return brokenShelf[store.PSP]{b.Store.PSPs(), b} }
func (b *broken) Merchants() store.Shelf[store.Merchant] {
	return brokenShelf[store.Merchant]{b.Store.Merchants(), b}
}

// brokenShelf is reference data that a close reads.
type brokenShelf[T any] struct {
	store.Shelf[T]
	b *broken
}

func (s brokenShelf[T]) Get(ctx context.Context, name id.ID) (T, error) {
	return asked(s.b, func() (T, error) { return s.Shelf.Get(ctx, name) })
}
func (s brokenShelf[T]) List(ctx context.Context, owner, after id.ID, limit int) ([]T, error) {
	return asked(s.b, func() ([]T, error) { return s.Shelf.List(ctx, owner, after, limit) })
}

func (b *broken) Begin(ctx context.Context) (store.Tx, error) {
	tx, err := asked(b, func() (store.Tx, error) { return b.Store.Begin(ctx) })
	if err != nil {
		if tx != nil {
			tx.Rollback()
		}
		return nil, err
	}
	return &brokenTx{tx, b}, nil
}
func (b *broken) Settle(ctx context.Context, batch store.Batch) (bool, error) {
	return asked(b, func() (bool, error) { return b.Store.Settle(ctx, batch) })
}

// brokenTx is a transaction of the engine, step by step.
type brokenTx struct {
	store.Tx
	b *broken
}

func (x *brokenTx) Claim(ctx context.Context, batch store.Batch, claims []store.Claim) ([]store.Claim, error) {
	return asked(x.b, func() ([]store.Claim, error) { return x.Tx.Claim(ctx, batch, claims) })
}
func (x *brokenTx) Load(ctx context.Context, needs []store.Need, lock []ledger.Account) (store.View, error) {
	return asked(x.b, func() (store.View, error) { return x.Tx.Load(ctx, needs, lock) })
}
func (x *brokenTx) Save(ctx context.Context, c store.Changes) error {
	return x.b.fails(false, func() error { return x.Tx.Save(ctx, c) })
}
func (x *brokenTx) Commit(ctx context.Context) error {
	return x.b.fails(true, func() error { return x.Tx.Commit(ctx) })
}

// process is a node that has just started, over a store that may be broken.
func (w *town) process(s store.Store) *flow.BusinessDays {
	w.t.Helper()
	e := engine.New(s, w.world, engine.Config{Lanes: w.lanes, Inline: true})
	r := flow.NewRegistry(s, access.New(s, w.world.Clock), w.world)
	days, err := flow.NewDays(s, e, r, w.world, flow.DaysConfig{Page: 2, Facts: 2})
	w.must(err)
	return days
}

// until has a new process do a thing again after each death of the one before.
func (w *town) until(s store.Store, what string, do func(*flow.BusinessDays) (done bool, err error)) {
	w.t.Helper()
	deaths := 0
	for range 10 {
		days := w.process(s)
		for range 2000 {
			done, err := do(days)
			if done && err == nil {
				return
			}
			if err != nil {
				deaths++
				break
			}
		}
		if deaths > 3 {
			break
		}
	}
	w.t.Fatalf("%s does not come about after %d deaths", what, deaths)
}

// through has a day end, close and settle on a store of which some call fails.
func (w *town) through(b *broken) string {
	w.t.Helper()
	_, err := w.store.Sequence(w.ctx, 1000)
	w.must(err)
	date := w.next()
	if w.clock != nil {
		cut, err := settlement.Timetable{}.CutOf(date)
		w.must(err)
		w.clock.Advance(cut.Sub(w.clock.Now()))
	}
	w.until(b, "the close of "+date, func(days *flow.BusinessDays) (bool, error) {
		if w.clock == nil {
			d, err := days.End(w.ctx, date)
			return d.Status == settlement.Closed, err
		}
		if _, err := days.Step(w.ctx); err != nil {
			return false, err
		}
		d, err := w.store.Day(w.ctx, date)
		if errors.Is(err, store.ErrNotFound) {
			return false, nil
		}
		return d.Status == settlement.Closed, err
	})
	w.until(b, "the settlement of "+date, func(days *flow.BusinessDays) (bool, error) {
		if _, err := days.MarkSubmitted(w.ctx, date, "file", "digest"); err != nil {
			return false, err
		}
		d, err := days.Answer(w.ctx, date, flow.DayAnswer{Message: "file", Accepted: true})
		return d.Status == settlement.Settled, err
	})
	return date
}

// breakingWays are how each call of a close is broken, and every how many of them on the databases: there each call
// costs a commit. The long form of this test breaks all.
var breakingWays = []struct {
	name  string
	after bool
}{{"failed", false}, {"failed but done", true}}

func TestACloseKilledAtEveryStepIsFinishedOnce(t *testing.T) {
	for _, open := range everywhere {
		p := open(t)
		t.Run(p.name, func(t *testing.T) {
			step := 1
			if p.name != "memory" && !every() {
				step = 31
			}
			w := newTown(t, p, false)
			for _, way := range breakingWays {
				days, calls := 0, 0
				for at := 1; ; at += step {
					w.aDaysWork(days)
					b := &broken{Store: p.store, at: at, after: way.after}
					w.through(b)
					w.settledToTheTyiyn()
					if days++; b.calls < at {
						break
					}
					calls = max(calls, b.calls)
				}
				if calls < 40 {
					t.Errorf("a close makes only %d calls", calls)
				}
				t.Logf("%s: %d closes, up to %d calls each", way.name, days, calls)
			}
			w.sound()
		})
	}
}

// aDaysWork is a few payments and refunds, some over the end of the day.
func (w *town) aDaysWork(n int) {
	w.t.Helper()
	p := w.pays("blue", "shop", int64(10_000+n))
	w.pays("green", "bazaar", int64(5_000+7*n))
	w.pays("red", "stall", 300)
	w.wants(p, int64(100+n%50))
	if n%2 == 1 { // the refund of the day before
		w.gives("blue", n%3 == 0)
	}
}

// settledToTheTyiyn fails the test when a bank is owed something after the settlement.
func (w *town) settledToTheTyiyn() {
	w.t.Helper()
	for _, name := range []string{"shop", "bazaar"} {
		if owed := w.bank(name); owed != 0 {
			w.t.Fatalf("%s is owed %s after the settlement", name, owed.Plain())
		}
	}
	for name, want := range map[string]bool{"shop": true, "bazaar": true, "stall": false} {
		if owed := w.payable(name); want && owed > 0 {
			w.t.Fatalf("%s is owed %s after its payout", name, owed.Plain())
		}
	}
}
