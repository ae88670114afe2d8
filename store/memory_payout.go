package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"tolom/id"
	"tolom/settlement"
)

func copyPayout(p settlement.Payout) settlement.Payout {
	p.CreatedAt, p.PaidAt, p.EndedAt = whole(p.CreatedAt), whole(p.PaidAt), whole(p.EndedAt)
	return p
}

func idOfPayout(p settlement.Payout) id.ID { return p.ID }

func versionOfPayout(p settlement.Payout) int64 { return p.Version }

func lockOfPayout(p id.ID) lock { return lock{table: payoutLock, name: string(p)} }

// once refuses a second payout of one day to one merchant.
func (b *business) once(added []settlement.Payout) error {
	for _, p := range added {
		if old, there := b.paid[payoutOf{p.Day, p.Merchant}]; there {
			return fmt.Errorf("%w: %s has %s of %s already", ErrTaken, p.Merchant, old, p.Day)
		}
	}
	return nil
}

func (b *business) putPayouts(c Changes) {
	for _, p := range c.NewPayouts {
		b.payouts[p.ID], b.paid[payoutOf{p.Day, p.Merchant}] = p, p.ID
	}
	for _, p := range c.Payouts {
		p.Version++
		b.payouts[p.ID] = p
	}
}

// needed gives the payouts that needs name.
func (b *business) needed(needs []Need) map[id.ID]settlement.Payout {
	var out map[id.ID]settlement.Payout
	for _, n := range needs {
		if p, there := b.payouts[n.Payout]; there {
			if out == nil {
				out = map[id.ID]settlement.Payout{}
			}
			out[p.ID] = p
		}
	}
	return out
}

// lockPayouts locks the payouts that needs name, in order of their ids.
func (x *memoryTx) lockPayouts(ctx context.Context, needs []Need) error {
	var names []id.ID
	for _, n := range needs {
		if n.Payout != "" {
			names = append(names, n.Payout)
		}
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if err := x.lock(ctx, lockOfPayout(name)); err != nil {
			return err
		}
	}
	return nil
}

// Payout gives a payout.
func (m *Memory) Payout(ctx context.Context, payout id.ID) (settlement.Payout, error) {
	return read(ctx, m, func(t *tables) (settlement.Payout, error) { return row(t.business.payouts, payout) })
}

// Payouts lists payouts of a day or of a merchant.
func (m *Memory) Payouts(ctx context.Context, f PayoutFilter) ([]settlement.Payout, error) {
	return read(ctx, m, func(t *tables) (out []settlement.Payout, err error) {
		for _, p := range t.business.payouts {
			if f.fits(p) {
				out = append(out, p)
			}
		}
		slices.SortFunc(out, func(a, b settlement.Payout) int {
			if f.Ascending {
				a, b = b, a
			}
			return cmp.Compare(b.ID, a.ID)
		})
		return out[:min(max(f.Limit, 0), len(out))], nil
	})
}

func (f PayoutFilter) fits(p settlement.Payout) bool {
	return (f.Day == "" || f.Day == p.Day) && matches(f.Merchant, p.Merchant) && matches(f.Participant, p.Participant) &&
		(f.Status == "" || f.Status == p.Status) && p.ID > f.After && (f.Before == "" || p.ID < f.Before)
}

// PayoutsOf gives the payouts of one day to these merchants.
func (m *Memory) PayoutsOf(ctx context.Context, date string, merchants []id.ID) ([]settlement.Payout, error) {
	return read(ctx, m, func(t *tables) (out []settlement.Payout, err error) {
		for _, merchant := range merchants {
			if name, there := t.business.paid[payoutOf{date, merchant}]; there {
				out = append(out, t.business.payouts[name])
			}
		}
		return out, nil
	})
}

// PaidOut sums a day's payouts by participant.
func (m *Memory) PaidOut(ctx context.Context, date string) ([]settlement.PaidOut, error) {
	return read(ctx, m, func(t *tables) ([]settlement.PaidOut, error) {
		sums := map[id.ID]settlement.PaidOut{}
		for _, p := range t.business.payouts {
			if p.Day == date {
				sum := sums[p.Participant]
				sums[p.Participant] = settlement.PaidOut{Participant: p.Participant, Amount: sum.Amount + p.Amount, Count: sum.Count + 1}
			}
		}
		var out []settlement.PaidOut
		for _, sum := range sums {
			out = append(out, sum)
		}
		slices.SortFunc(out, func(a, b settlement.PaidOut) int { return cmp.Compare(a.Participant, b.Participant) })
		return out, nil
	})
}

// movedPayouts gives a merchant's payouts that were made, or came back, in a time.
func (t *tables) movedPayouts(merchant id.ID, from, to time.Time) (out []settlement.Payout) {
	for _, p := range t.business.payouts {
		back := p.Status == settlement.PayoutReturned && within(p.EndedAt, from, to)
		if p.Merchant == merchant && (back || within(p.CreatedAt, from, to)) {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b settlement.Payout) int { return cmp.Compare(a.ID, b.ID) })
	return out
}
