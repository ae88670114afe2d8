package sim

import (
	"context"
	"maps"
	"slices"
	"time"

	"tolom/id"
	"tolom/invariant"
	"tolom/ledger"
	"tolom/payment"
	"tolom/sandbox"
	"tolom/store"
)

// judge holds a world that has come to rest to everything.
func (w *World) judge() {
	ctx := context.Background()
	w.liveness(ctx)
	w.keysKept(ctx)
	w.toldAgain(ctx)
	w.fold()
	for _, b := range w.banks {
		w.judgeBank(ctx, b)
	}
	w.judgeDays(ctx)
	w.judgeCases(ctx)
	for _, name := range slices.Sorted(maps.Keys(w.witness.ends)) {
		status := w.witness.ends[name]
		w.count("payment " + status.String())
		if p, err := w.store.Payment(ctx, name); err != nil || p.Status != status {
			w.violated("an end is for ever", string(name), "it ended as %s and is %s (%v)", status, p.Status, err)
		}
	}
}

// fold audits everything that the database keeps, and holds positions to their caps.
func (w *World) fold() {
	ctx := context.Background()
	report, err := invariant.Check(ctx, w.store)
	if err != nil {
		w.violated("the books can be read", "the audit", "%v", err)
		return
	}
	for _, p := range report.Problems {
		w.violated(string(p.Rule), p.About, "%s", p.What)
	}
	w.witness.caps.judge(ctx, w)
}

// liveness says what has not ended, or not arrived, although nothing stands in the way.
func (w *World) liveness(ctx context.Context) {
	for _, b := range w.banks {
		for _, p := range b.bank.Purchases(func(p sandbox.Purchase) bool { return p.Telling || !p.Stage.Final() && p.Stage != sandbox.Offered }) {
			w.violated("every payment ends", p.ID, "at %s it is %s", b.name, p.Stage)
		}
	}
	late, err := w.store.Overdue(ctx, w.clock.Now().Add(-time.Minute), 10)
	if err != nil {
		w.violated("the books can be read", "overdue", "%v", err)
	}
	for _, r := range late {
		w.violated("every payment ends", string(r), "its time is over")
	}
	if n := w.witness.numbered(ctx); n != w.witness.facts {
		w.violated("every fact is told", "the feed", "%d of %d facts have a place", n, w.witness.facts)
	}
	for _, s := range w.shops {
		w.told(ctx, s)
	}
}

// told says which events a shop's receiver never took.
func (w *World) told(ctx context.Context, s *shop) {
	if s.receiver == nil {
		return
	}
	for after := int64(0); ; {
		items, err := w.store.Feed(ctx, s.merchant, after, 500)
		if err != nil || len(items) == 0 {
			return
		}
		for _, item := range items {
			after = item.Sequence
			if !s.receiver.took[string(item.Fact.ID)] {
				w.violated("every notification arrives", string(item.Fact.ID), "shop %d never took %s", s.index+1, item.Fact.Type)
			}
		}
	}
}

// judgeBank compares a bank's books with the platform's: debited there exactly if
// successful here, released there exactly if not.
func (w *World) judgeBank(ctx context.Context, b *bank) {
	if err := b.bank.Audit(); err != nil {
		w.violated("a bank's books are sound", b.name, "%v", err)
	}
	for _, p := range b.bank.Purchases(func(p sandbox.Purchase) bool { return p.Stage.Final() }) {
		w.judgePurchase(ctx, b, p)
	}
	for _, r := range b.bank.Refunds() {
		w.judgeRefund(ctx, b, r)
		w.count("refund")
	}
	took, days := w.debited(b), &w.witness.days
	cleared, err := w.store.Balance(ctx, ledger.Of(b.psp, ledger.Clearing))
	if err != nil || cleared != days.closed[b.psp].owed-took-days.fixed[b.psp] {
		w.violated("success here is a debit there", b.name, "the bank took %d more than it gave back, %d of it are closed, %d are corrected, its clearing account says %d (%v)",
			took, days.closed[b.psp].owed, days.fixed[b.psp], cleared, err)
	}
}

func (w *World) judgePurchase(ctx context.Context, b *bank, p sandbox.Purchase) {
	here := payment.Payment{}
	c, err := w.store.Claim(ctx, store.Name{Scope: "psp_payment:" + string(b.psp), Key: p.ID})
	if err == nil && c.Outcome == "" {
		here, err = w.store.Payment(ctx, c.Object)
		if err != nil {
			w.violated("a name stands for a payment", p.ID, "%v", err)
		}
	}
	debited, succeeded := p.Stage == sandbox.Succeeded, here.Status == payment.Succeeded
	if debited != succeeded || debited && (here.Amount != p.Amount || here.Surcharge != p.Fee) || p.Contradicted {
		w.violated("success here is a debit there", p.ID, "%s has it %s with %d + %d tyiyn, here it is %s with %d + %d (%s)", b.name, p.Stage, p.Amount, p.Fee, here.Status, here.Amount, here.Surcharge, here.ID)
	}
}

func (w *World) judgeRefund(ctx context.Context, b *bank, r sandbox.Refund) {
	here, err := w.store.Refund(ctx, id.ID(r.ID))
	if err != nil || r.Credited != (here.Status == payment.RefundSucceeded) || r.Credited && (r.Amount != here.Amount || r.Fee != here.SurchargeReturned) {
		w.violated("a refund here is a credit there", r.ID, "%s has it credited: %v, with %d + %d, here it is %s with %d + %d (%v)", b.name, r.Credited, r.Amount, r.Fee, here.Status, here.Amount, here.SurchargeReturned, err)
	}
}
