package store

import (
	"context"
	"maps"
	"slices"
	"time"

	"tolom/books"
	"tolom/flaw"
	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
)

// Limits gives the limits of an owner.
func (m *Memory) Limits(ctx context.Context, owner id.ID) (payment.Limits, error) {
	return read(ctx, m, func(t *tables) (payment.Limits, error) {
		l := t.limits[owner]
		l.Owner = owner
		return l, nil
	})
}

// SetLimits gives an owner its limits. No transaction is open meanwhile.
func (m *Memory) SetLimits(ctx context.Context, l payment.Limits) error {
	lift, err := m.fence(ctx)
	if err != nil {
		return err
	}
	defer lift()
	if err := m.alone(ctx); err != nil {
		return err
	}
	return m.write(ctx, func(t *tables) error { return m.setLimits(t, l) })
}

func (m *Memory) setLimits(t *tables, l payment.Limits) error {
	err := t.setLimits(l, whole(m.clock.Now()))
	if err == nil && m.WatchLimits != nil {
		m.WatchLimits(l)
	}
	return err
}

func (t *tables) setLimits(l payment.Limits, now time.Time) error {
	t.revision++
	old := t.limits[l.Owner]
	if l.NetDebit > 0 && old.NetDebit == 0 {
		used, err := t.position(l.Owner)
		if err != nil {
			return err
		}
		t.setStripe(slot{ledger.Of(l.Owner, ledger.Position), 0}, -used)
	}
	l.CountedFrom = old.CountedFrom
	if l.Daily > 0 && old.Daily == 0 {
		from, to := payment.DayBounds(now)
		l.CountedFrom = from
		t.setStripe(slot{ledger.OfDay(l.Owner, payment.DayOf(now)), 0}, -t.taken(l.Owner, from, to))
	}
	position, err := t.balance(ledger.Of(l.Owner, ledger.Position))
	if t.limits[l.Owner] = l.Noted(now, -position, t.mostOfDays(l.Owner, payment.DayOf(now))); l.None() {
		delete(t.limits, l.Owner)
	}
	return err
}

// mostOfDays is what is used on the fullest of an owner's days, from one on.
func (t *tables) mostOfDays(owner id.ID, day string) (used money.Amount) {
	for a := range t.balances {
		if a.Code >= ledger.OfDay(owner, day).Code && a.Code < ledger.EndOfDays(owner) {
			used = max(used, -t.stripe(slot{a, 0}))
		}
	}
	return used
}

// raise notes what made positions larger and is bounded by no cap.
func (t *tables) raise(facts []payment.Fact) {
	for i := range facts {
		by := facts[i].Raises()
		if by <= 0 {
			continue
		}
		for _, owner := range []id.ID{facts[i].PSP, t.desk.psps.rows[facts[i].PSP].Participant} {
			if l := t.limits[owner]; l.NetDebit > 0 && l.Over() {
				t.limits[owner] = l.Raised(by, -t.stripe(slot{ledger.Of(owner, ledger.Position), 0}))
			}
		}
	}
}

// payers gives the PSPs whose payments count for an owner: itself, or those of a participant.
func (t *tables) payers(owner id.ID) []id.ID {
	if owner.Kind() != id.Participant {
		return []id.ID{owner}
	}
	var out []id.ID
	for _, p := range t.desk.psps.list(owner, "", len(t.desk.psps.rows)) {
		out = append(out, p.ID)
	}
	return out
}

// position is what PSPs owe until settlement confirms: what is reserved, and
// what their clearing accounts say.
func (t *tables) position(owner id.ID) (used money.Amount, err error) {
	for _, psp := range t.payers(owner) {
		for _, p := range t.paymentsOf[psp] {
			if pay := t.payments[p]; !pay.Status.Final() {
				used += pay.Amount + pay.Surcharge
			}
		}
		for _, purpose := range []ledger.Purpose{ledger.Clearing, ledger.Unsettled} {
			if purpose == ledger.Unsettled && flaw.Has(flaw.UnsettledForgotten) {
				continue
			}
			cleared, err := t.balance(ledger.Of(psp, purpose))
			if err != nil {
				return 0, err
			}
			used -= cleared
		}
	}
	return used, nil
}

// Recount sets counters of net debit caps right and gives the owners of those that were not.
func (m *Memory) Recount(ctx context.Context) ([]id.ID, error) {
	owners, err := read(ctx, m, (*tables).miscounted)
	if err != nil || len(owners) == 0 {
		return nil, err
	}
	lift, err := m.fence(ctx)
	if err != nil {
		return nil, err
	}
	defer lift()
	if err := m.alone(ctx); err != nil {
		return nil, err
	}
	err = m.write(ctx, func(t *tables) (err error) {
		if owners, err = t.miscounted(); err != nil {
			return err
		}
		for _, owner := range owners {
			used, err := t.position(owner)
			if err != nil {
				return err
			}
			t.setStripe(slot{ledger.Of(owner, ledger.Position), 0}, -used)
		}
		return nil
	})
	return owners, err
}

// miscounted gives the owners of caps whose counters are not what their position is.
func (t *tables) miscounted() (out []id.ID, err error) {
	for _, owner := range slices.Sorted(maps.Keys(t.limits)) {
		if t.limits[owner].NetDebit == 0 {
			continue
		}
		used, err := t.position(owner)
		if err != nil {
			return nil, err
		}
		counted, err := t.balance(ledger.Of(owner, ledger.Position))
		if err != nil {
			return nil, err
		}
		if counted != -used {
			out = append(out, owner)
		}
	}
	return out, nil
}

// taken sums the payments created in [from, to) that count for a day.
func (t *tables) taken(owner id.ID, from, to time.Time) (used money.Amount) {
	for _, of := range t.payers(owner) {
		for _, p := range t.paymentsOf[of] {
			if pay := t.payments[p]; within(pay.CreatedAt, from, to) {
				used += books.Taken(pay)
			}
		}
	}
	return used
}

// caps gives the limits that the states and needs may meet.
func (t *tables) caps(needs []Need, states map[id.ID]payment.State) payment.Caps {
	caps := payment.Caps{Limits: map[id.ID]payment.Limits{}, Participants: map[id.ID]id.ID{}}
	note := func(owner id.ID) bool {
		l, bound := t.limits[owner]
		if bound {
			caps.Limits[owner] = l
		}
		return bound
	}
	for _, owner := range owners(needs, states) {
		note(owner)
		if p := t.desk.psps.rows[owner].Participant; note(p) {
			caps.Participants[owner] = p
		}
	}
	return caps
}

// owners gives, in order and once each, whose limits a decision may meet.
func owners(needs []Need, states map[id.ID]payment.State) []id.ID {
	seen := map[id.ID]bool{}
	for _, n := range needs {
		seen[n.PSP], seen[n.Merchant] = true, true
	}
	for _, s := range states {
		seen[s.Request.Merchant] = true
		for i := range s.Payments {
			seen[s.Payments[i].PSP] = true
		}
	}
	delete(seen, "")
	return slices.Sorted(maps.Keys(seen))
}
