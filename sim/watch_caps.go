package sim

import (
	"context"
	"maps"
	"slices"

	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/store"
)

// caps holds each commit to the caps that stand in that moment, in the order of the commits, so
// that no clock is asked: what a commit reserves must fit. What was in use before a cap was set, and
// what a correction or a settlement adds, may be above it; then nothing more fits.
type caps struct {
	most map[id.ID]money.Amount // by owner: a PSP or a participant
	of   map[id.ID]id.ID        // the participants of the PSPs that are banks
	used map[id.ID]money.Amount // by PSP and by participant
	each map[id.ID]money.Amount // what a payment weighs in both
}

func newCaps() caps {
	return caps{most: map[id.ID]money.Amount{}, of: map[id.ID]id.ID{}, used: map[id.ID]money.Amount{}, each: map[id.ID]money.Amount{}}
}

// set notes limits as they begin to hold.
func (x *caps) set(l payment.Limits) {
	if x.most[l.Owner] = l.NetDebit; l.NetDebit == 0 {
		delete(x.most, l.Owner)
	}
}

// committed looks at what a commit reserves and gives back.
func (x *caps) committed(w *World, c *store.Changes) {
	var reserved []*payment.Payment
	for _, list := range [][]payment.Payment{c.NewPayments, c.Payments} {
		for i := range list {
			if p := &list[i]; x.payment(p) > 0 && len(x.most) > 0 {
				reserved = append(reserved, p)
			}
		}
	}
	raised := map[id.ID]money.Amount(nil) // in the same commit
	for i := range c.Facts {
		by, psp := c.Facts[i].Raises(), c.Facts[i].PSP
		if by == 0 {
			continue
		}
		if x.step(psp, by); by > 0 && len(reserved) > 0 {
			if raised == nil {
				raised = map[id.ID]money.Amount{}
			}
			for _, owner := range [...]id.ID{psp, x.of[psp]} {
				raised[owner] += by
			}
		}
	}
	for _, p := range reserved {
		x.fits(w, p, raised)
	}
}

// fits holds those for whom a payment was reserved to their caps.
func (x *caps) fits(w *World, p *payment.Payment, raised map[id.ID]money.Amount) {
	for _, owner := range [...]id.ID{p.PSP, x.of[p.PSP]} {
		most, capped := x.most[owner]
		if used := x.used[owner] - raised[owner]; capped && used > most {
			w.violated("positions never pass a cap", string(owner), "with %s %d are in use, the cap is %d", p.ID, used, most)
		}
	}
}

// payment gives by how much a payment weighs more than before.
func (x *caps) payment(p *payment.Payment) money.Amount {
	weighs := -p.Refunded - p.SurchargeReturned
	if p.Status == payment.Created || p.Status == payment.Succeeded {
		weighs += p.Amount + p.Surcharge
	}
	step := weighs - x.each[p.ID]
	if step != 0 {
		x.each[p.ID] = weighs
		x.step(p.PSP, step)
	}
	return step
}

func (x *caps) step(psp id.ID, amount money.Amount) {
	x.used[psp] += amount
	if p := x.of[psp]; p != "" {
		x.used[p] += amount
	}
}

// judge compares the counters of those that have a cap with what their commits came to.
func (x *caps) judge(ctx context.Context, w *World) {
	for _, owner := range slices.Sorted(maps.Keys(x.most)) {
		counter, err := w.store.Balance(ctx, ledger.Of(owner, ledger.Position))
		if err != nil || -counter != x.used[owner] {
			w.violated("positions never pass a cap", string(owner), "%d are in use, the counter says %d (%v)", x.used[owner], -counter, err)
		}
	}
}
