package storetest

import (
	"errors"
	"time"

	"tolom/books"
	"tolom/fault"
	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/store"
)

var errAbsent = errors.New("storetest: the request is absent")

// decision is a command for the rules of a payment, and the floor that the
// merchant's balance must respect with it.
type decision struct {
	need    store.Need
	command payment.Command
	at      time.Time // zero for the database's clock
	guarded bool
	floor   money.Amount
	slice   int
}

// tryDecide loads what a command needs, lets the rules decide, and saves what
// they come to, as the engine does. The refusal is the command's, the error the store's.
func (k *kit) tryDecide(d decision) (refusal *fault.Error, err error) {
	err = k.transact(nil, func(tx store.Tx, batch store.Batch, _ []store.Claim) error {
		view, err := tx.Load(k.ctx, []store.Need{d.need}, nil)
		if err != nil {
			return err
		}
		state, found := view.States[d.need.Request]
		if !found {
			return errAbsent
		}
		now := view.Now
		if !d.at.IsZero() {
			now = d.at
		}
		out := payment.Decide(state, d.command, now)
		refusal = out.Refusal
		c, err := k.changes(state, out, d)
		if err != nil {
			return err
		}
		c.Batch, c.Now = batch, now
		for i := range c.Facts {
			c.Facts[i].Batch = batch.ID
		}
		return tx.Save(k.ctx, c)
	})
	return refusal, err
}

// decideAt applies a command at a moment; it must not be refused.
func (k *kit) decideAt(at time.Time, need store.Need, command payment.Command) {
	k.t.Helper()
	refusal, err := k.tryDecide(decision{need: need, command: command, at: at})
	k.must(err)
	if refusal != nil {
		k.t.Fatalf("refused: %v", refusal)
	}
}

// changes turns a decision into rows.
func (k *kit) changes(state payment.State, out payment.Decision, d decision) (c store.Changes, err error) {
	if out.Request != nil {
		c.Requests = []payment.Request{*out.Request}
	}
	c.NewPayments, c.Payments = split(out.Payments, idsOf(state.Payments, paymentID), paymentID)
	c.NewRefunds, c.Refunds = split(out.Refunds, idsOf(state.Refunds, refundID), refundID)
	if out.Paid != 0 {
		c.Totals = []store.Total{{Request: state.Request.ID, Slice: d.slice, Amount: out.Paid, Count: 1}}
	}
	var entries []ledger.Entry
	for n, f := range out.Facts {
		f.ID, f.Ordinal = k.newID(id.Event, f.Merchant.Bucket()), n
		c.Facts = append(c.Facts, f)
		for leg, e := range books.Transfer(f) {
			entries = append(entries, e)
			c.Entries = append(c.Entries, store.Entry{Fact: f.ID, Leg: leg, At: f.At, Entry: e})
		}
	}
	deltas, err := ledger.Deltas(entries)
	for _, x := range deltas {
		delta := store.Delta{Account: x.Account, Amount: x.Amount, Slice: d.slice}
		if x.Account.Purpose().Guarded() {
			delta.Slice, delta.Guarded, delta.Floor = 0, d.guarded, d.floor
		}
		c.Deltas = append(c.Deltas, delta)
	}
	return c, err
}

// split parts rows into those that are new and those that were loaded.
func split[T any](rows []T, loaded []id.ID, name func(T) id.ID) (fresh, changed []T) {
	known := map[id.ID]bool{}
	for _, i := range loaded {
		known[i] = true
	}
	for _, row := range rows {
		if known[name(row)] {
			changed = append(changed, row)
		} else {
			fresh = append(fresh, row)
		}
	}
	return fresh, changed
}
