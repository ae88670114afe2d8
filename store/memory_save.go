package store

import (
	"context"
	"fmt"
	"slices"

	"tolom/id"
	"tolom/ledger"
	"tolom/money"
)

// Save checks the changes against committed rows and stages them.
func (x *memoryTx) Save(ctx context.Context, c Changes) error {
	return x.step(ctx, SavePoint, func() error {
		slots := make([]slot, len(c.Deltas))
		for i, d := range c.Deltas {
			slots[i] = slot{d.Account, d.Slice}
		}
		if err := x.lockSlots(ctx, slots); err != nil {
			return err
		}
		return x.look(func(t *tables) error {
			if err := t.admit(c); err != nil {
				return err
			}
			if err := t.weigh(c.Deltas); err != nil {
				return err
			}
			x.changes = copyChanges(c)
			return nil
		})
	})
}

// admit refuses rows that are not new, or not as they were loaded.
func (t *tables) admit(c Changes) error {
	checks := []error{
		fresh("request", t.requests, c.NewRequests, idOfRequest),
		fresh("payment", t.payments, c.NewPayments, idOfPayment),
		fresh("refund", t.refunds, c.NewRefunds, idOfRefund),
		fresh("fact", t.facts, c.Facts, idOfFact),
		asLoaded("request", t.requests, c.Requests, idOfRequest, versionOfRequest),
		asLoaded("payment", t.payments, c.Payments, idOfPayment, versionOfPayment),
		asLoaded("refund", t.refunds, c.Refunds, idOfRefund, versionOfRefund),
		fresh("payout", t.business.payouts, c.NewPayouts, idOfPayout),
		asLoaded("payout", t.business.payouts, c.Payouts, idOfPayout, versionOfPayout),
		t.business.once(c.NewPayouts),
	}
	for _, err := range checks {
		if err != nil {
			return err
		}
	}
	return nil
}

// fresh refuses rows whose id is in the table, or comes twice.
func fresh[T any](kind string, rows map[id.ID]T, added []T, name func(T) id.ID) error {
	for i, row := range added {
		this := name(row)
		_, found := rows[this]
		if found || slices.ContainsFunc(added[:i], func(before T) bool { return name(before) == this }) {
			return fmt.Errorf("%w: there is a %s %s already", ErrTaken, kind, this)
		}
	}
	return nil
}

// asLoaded compares versions: the half of a compare-and-swap that can fail.
func asLoaded[T any](kind string, rows map[id.ID]T, changed []T, name func(T) id.ID, version func(T) int64) error {
	for _, row := range changed {
		old, found := rows[name(row)]
		if !found || version(old) != version(row) {
			return fmt.Errorf("%w: %s %s, version %d", ErrStale, kind, name(row), version(row))
		}
	}
	return nil
}

// weigh refuses changes that pass a floor, and sums that do not fit 64 bits.
func (t *tables) weigh(deltas []Delta) error {
	sums := make(map[slot]money.Amount, len(deltas))
	var guilty []ledger.Account
	for _, d := range deltas {
		at := slot{d.Account, d.Slice}
		sum, begun := sums[at]
		if !begun {
			sum = t.stripe(at)
		}
		sum, err := money.Add(sum, d.Amount)
		if err != nil {
			return fmt.Errorf("store: account %s: %w", d.Account.Code, err)
		}
		if sums[at] = sum; d.Guarded && sum < d.Floor {
			guilty = append(guilty, d.Account)
		}
	}
	if len(guilty) > 0 {
		return &GuardError{guilty}
	}
	return nil
}

// apply writes a transaction. All that can fail was checked before.
func (t *tables) apply(batch Batch, claims map[Name]Claim, c Changes) {
	if batch.ID != "" {
		t.batches[batch.ID] = true
	}
	for name, claim := range claims {
		t.claims[name] = claim
	}
	t.applyNames(c)
	t.applyObjects(c)
	t.applyMoney(c)
	t.applyFacts(batch, c)
}

// applyNames frees what refused commands had taken and keeps the outcomes.
func (t *tables) applyNames(c Changes) {
	for _, name := range c.Dropped {
		delete(t.claims, name)
	}
	for _, claim := range c.Outcomes {
		t.claims[Name{claim.Scope, claim.Key}] = claim
	}
}

func (t *tables) applyObjects(c Changes) {
	for _, r := range c.NewRequests {
		t.putRequest(r)
	}
	for _, r := range c.Requests {
		r.Version++
		t.putRequest(r)
	}
	for _, p := range c.NewPayments {
		t.putPayment(p)
	}
	for _, p := range c.Payments {
		p.Version++
		t.putPayment(p)
	}
	for _, r := range c.NewRefunds {
		t.putRefund(r)
	}
	for _, r := range c.Refunds {
		r.Version++
		t.putRefund(r)
	}
	t.business.putPayouts(c)
}

func (t *tables) applyMoney(c Changes) {
	for _, step := range c.Totals {
		sum := t.totals[step.Request]
		t.totals[step.Request] = total{sum.amount + step.Amount, sum.count + step.Count}
	}
	for _, d := range c.Deltas {
		at := slot{d.Account, d.Slice}
		t.setStripe(at, t.stripe(at)+d.Amount)
	}
	t.raise(c.Facts)
	for _, e := range c.Entries {
		t.entriesOf[e.Debit] = append(t.entriesOf[e.Debit], len(t.entries))
		t.entriesOf[e.Credit] = append(t.entriesOf[e.Credit], len(t.entries))
		t.entries = append(t.entries, e)
	}
}
