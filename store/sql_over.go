package store

import (
	"context"
	"time"

	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/store/internal/db"
)

// noted gives limits as they are set now, with what is used of them. Its caller has the fence.
func noted(ctx context.Context, tx db.Tx, l limits, now time.Time) (limits, error) {
	var position, day money.Amount
	if l.NetDebit > 0 {
		counted, err := balanceOf(ctx, tx, ledger.Of(l.Owner, ledger.Position))
		if err != nil {
			return l, err
		}
		position = -counted
	}
	if l.Daily > 0 {
		today := ledger.OfDay(l.Owner, payment.DayOf(now))
		most, err := number(ctx, tx, "SELECT CAST(coalesce(max(-t.amount), 0) AS bigint) FROM balance AS t"+
			" WHERE t.account >= $1 AND t.account < $2 AND t.bucket = $3", today.Code, ledger.EndOfDays(l.Owner), int64(today.Bucket))
		if err != nil {
			return l, err
		}
		day = money.Amount(most)
	}
	return l.Noted(now, position, day), nil
}

// raises says whether some fact makes a position larger that no cap bounds. Such are few.
func (c *Changes) raises() bool {
	for i := range c.Facts {
		if c.Facts[i].Raises() > 0 {
			return true
		}
	}
	return false
}

// noteRaised notes with the caps what made positions larger and is bounded by no cap. The counters
// were changed before, so nobody else changes them, or these rows, until the commit.
func noteRaised(ctx context.Context, tx db.Tx, c *Changes) error {
	for i := range c.Facts {
		f := &c.Facts[i]
		if f.Raises() <= 0 {
			continue
		}
		var caps payment.Caps
		if err := tx.Ask(ctx, askCaps(&caps, []id.ID{f.PSP})...); err != nil {
			return err
		}
		for _, l := range caps.Of("", f.PSP) {
			if err := raiseCap(ctx, tx, l, f.Raises()); err != nil {
				return err
			}
		}
	}
	return nil
}

func raiseCap(ctx context.Context, tx db.Tx, l limits, by money.Amount) error {
	if l.NetDebit == 0 || !l.Over() {
		return nil
	}
	counted, err := balanceOf(ctx, tx, ledger.Of(l.Owner, ledger.Position))
	if err != nil {
		return err
	}
	return putLimits(ctx, tx, l.Raised(by, -counted))
}
