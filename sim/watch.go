package sim

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/notify"
	"tolom/payment"
	"tolom/store"
)

// watch holds single commits to what a database at rest no longer shows.
type watch struct {
	live    map[payer]id.ID // what payers have open
	payable map[id.ID]money.Amount
	steady  time.Duration // since when the database's clock has not jumped
}

// payer is who may have one open payment of a request.
type payer struct {
	request, psp id.ID
	key          string
}

func newWatch() watch {
	return watch{live: map[payer]id.ID{}, payable: map[id.ID]money.Amount{}, steady: -2 * slow}
}

// committed looks at a commit as it becomes durable.
func (x *watch) committed(w *World, c store.Changes) {
	x.clock(w, c)
	for _, list := range [][]payment.Payment{c.Payments, c.NewPayments} {
		for i := range list {
			x.payment(w, &list[i])
		}
	}
	x.floors(w, c)
}

// slow is longer than a commit takes from its look at the clock to its end.
const slow = 30 * time.Second

// clock holds that a commit went by the database's clock.
func (x *watch) clock(w *World, c store.Changes) {
	now := w.dbClock.Now()
	if w.now-x.steady > slow && (c.Now.After(now) || c.Now.Before(now.Add(-slow))) {
		w.violated("decisions go by the database's clock", string(c.Batch.ID), "decided at %v, committed at %v", c.Now, now)
	}
}

// payment holds that a payer has one open payment of a request.
func (x *watch) payment(w *World, p *payment.Payment) {
	if p.Payer.Key == "" {
		return
	}
	who := payer{p.Request, p.PSP, p.Payer.Key}
	other, open := x.live[who]
	switch {
	case p.Status != payment.Created && other == p.ID:
		delete(x.live, who)
	case p.Status == payment.Created && open && other != p.ID:
		w.violated("a payer has one open payment of a request", string(p.ID), "%s is open, too", other)
	case p.Status == payment.Created:
		x.live[who] = p.ID
	}
}

// floors holds that no refund takes a merchant's balance below what it may owe.
func (x *watch) floors(w *World, c store.Changes) {
	for _, e := range c.Entries {
		if e.Credit.Purpose() == ledger.Payable {
			x.payable[owner(e.Credit)] += e.Amount
		}
		if e.Debit.Purpose() == ledger.Payable {
			x.payable[owner(e.Debit)] -= e.Amount
		}
	}
	for _, f := range c.Facts {
		if f.Type == payment.PayoutWasMade && x.payable[f.Merchant] < 0 {
			w.violated("a payout leaves what refunds need", string(f.Payout), "after it %s is at %d", f.Merchant, x.payable[f.Merchant])
		}
		if least := w.overdraft(f.Merchant); f.Type == payment.RefundWasRequested && x.payable[f.Merchant] < -least {
			w.violated("refunds keep the merchant's floor", string(f.Refund), "%s is at %d, it may owe %d", f.Merchant, x.payable[f.Merchant], least)
		}
	}
}

func owner(a ledger.Account) id.ID {
	name, _, _ := strings.Cut(a.Code, ":")
	return id.ID(name)
}

// overdraft is how far refunds may take a merchant's balance below zero.
func (w *World) overdraft(merchant id.ID) money.Amount {
	for _, s := range w.shops {
		if s.merchant == merchant {
			return overdraft(s.index)
		}
	}
	return 0
}

func overdraft(index int) money.Amount { return money.Amount(index%2) * 1000_00 }

// keysKept holds that every idempotency key which made a request is remembered: no
// world lasts thirty days. A refund may be found by its refund_ref instead, and
// then its key is not taken.
func (w *World) keysKept(ctx context.Context) {
	for _, name := range slices.Sorted(maps.Keys(w.witness.first)) {
		who, key, _ := strings.Cut(name, " ")
		if who[:4] != "mer_" || w.witness.first[name].replayed {
			continue
		}
		if _, err := w.store.Claim(ctx, store.Name{Scope: "idem:" + who, Key: key}); err != nil {
			w.violated("a key is remembered for thirty days", key, "%v", err)
		}
	}
}

// toldAgain lists every feed once more and holds each event to what it was told as.
func (w *World) toldAgain(ctx context.Context) {
	teller := notify.NewTeller(w.store, w.store, site, w.clock)
	for _, s := range w.shops {
		for after := int64(0); ; {
			events, more, err := teller.Events(ctx, s.merchant, after, false, 500)
			if err != nil {
				w.violated("the books can be read", string(s.merchant), "%v", err)
			}
			for _, e := range events {
				text, err := json.Marshal(e)
				if after = e.Sequence; err == nil {
					w.witness.toldEvent(s.merchant, text)
				}
			}
			if !more || err != nil {
				break
			}
		}
	}
}
