package engine

import (
	"cmp"
	"slices"

	"tolom/flaw"
	"tolom/id"
	"tolom/ledger"
	"tolom/payment"
	"tolom/store"
)

// changes turns the draft into the rows of one commit, each list in key order.
func (d *draft) changes(batch store.Batch, slice int, newID func(id.Kind, uint16) id.ID) (store.Changes, error) {
	c := store.Changes{Batch: batch, Now: d.view.Now, Dropped: d.dropped, Outcomes: d.kept}
	d.addRows(&c)
	for _, request := range sortedTotals(d.totals) {
		t := d.totals[request]
		t.Slice = slice
		c.Totals = append(c.Totals, t)
	}
	entries := d.addLines(&c, newID)
	deltas, err := ledger.Deltas(entries, d.counters...)
	if err != nil {
		return c, err
	}
	for _, x := range d.weighed(deltas) {
		c.Deltas = append(c.Deltas, d.delta(x, slice))
		if flaw.Has(flaw.DeltaTwice) {
			c.Deltas = append(c.Deltas, d.delta(x, slice))
		}
	}
	return c, nil
}

// weighed adds the counters from which some command took what others gave back: nothing moves, but
// the store must weigh them, since the commands come one after another and the taker perhaps first.
func (d *draft) weighed(deltas []ledger.Delta) []ledger.Delta {
	byAccount := func(x, y ledger.Delta) int { return cmp.Compare(x.Account.Code, y.Account.Code) }
	moved := deltas // in that order
	for a := range d.guards {
		still := ledger.Delta{Account: a}
		if _, moves := slices.BinarySearchFunc(moved, still, byAccount); a.Purpose().Memo() && !moves {
			deltas = append(deltas, still)
		}
	}
	if len(deltas) > len(moved) {
		slices.SortFunc(deltas, byAccount)
	}
	return deltas
}

func (d *draft) addRows(c *store.Changes) {
	for _, i := range sorted(d.requests) {
		r := d.view.States[i].Request
		if d.requests[i] {
			c.NewRequests = append(c.NewRequests, r)
		} else {
			c.Requests = append(c.Requests, r)
		}
	}
	for _, s := range d.view.States {
		for _, p := range s.Payments {
			if fresh, changed := d.payments[p.ID]; changed && fresh {
				c.NewPayments = append(c.NewPayments, p)
			} else if changed {
				c.Payments = append(c.Payments, p)
			}
		}
		for _, r := range s.Refunds {
			if fresh, changed := d.refunds[r.ID]; changed && fresh {
				c.NewRefunds = append(c.NewRefunds, r)
			} else if changed {
				c.Refunds = append(c.Refunds, r)
			}
		}
	}
	for _, i := range sorted(d.payouts) {
		if p := d.view.Payouts[i]; d.payouts[i] {
			c.NewPayouts = append(c.NewPayouts, p)
		} else {
			c.Payouts = append(c.Payouts, p)
		}
	}
	byID(c.NewPayments, func(p payment.Payment) id.ID { return p.ID })
	byID(c.Payments, func(p payment.Payment) id.ID { return p.ID })
	byID(c.NewRefunds, func(r payment.Refund) id.ID { return r.ID })
	byID(c.Refunds, func(r payment.Refund) id.ID { return r.ID })
}

func byID[T any](rows []T, key func(T) id.ID) {
	slices.SortFunc(rows, func(a, b T) int { return cmp.Compare(key(a), key(b)) })
}

func sortedTotals(m map[id.ID]store.Total) []id.ID {
	out := make([]id.ID, 0, len(m))
	for i := range m {
		out = append(out, i)
	}
	slices.Sort(out)
	return out
}

// addLines gives the facts their ids and places and lays out their entries as rows.
func (d *draft) addLines(c *store.Changes, newID func(id.Kind, uint16) id.ID) (entries []ledger.Entry) {
	for n, l := range d.lines {
		f := l.Fact
		f.ID, f.Batch, f.Ordinal = newID(id.Event, f.Reader().Bucket()), c.Batch.ID, n
		c.Facts = append(c.Facts, f)
		for leg, e := range l.Transfer {
			if flaw.Has(flaw.EntryForgotten) && leg == len(l.Transfer)-1 {
				break
			}
			c.Entries = append(c.Entries, store.Entry{Fact: f.ID, Leg: leg, At: f.At, Entry: e})
			entries = append(entries, e)
		}
	}
	return entries
}

// delta places a balance change: guarded accounts have one row and perhaps a
// floor, the others are striped so that lanes do not wait for each other.
func (d *draft) delta(x ledger.Delta, slice int) store.Delta {
	out := store.Delta{Account: x.Account, Amount: x.Amount, Slice: slice}
	if x.Account.Purpose().Guarded() {
		out.Slice = 0
		out.Floor, out.Guarded = d.floor(x.Account)
		if flaw.Has(flaw.SliceIgnored) {
			out.Slice = slice
		}
	}
	return out
}
