package store

import (
	"context"
	"maps"
	"math"
	"slices"
	"time"

	"tolom/id"
)

// AddTicket writes a new ticket.
func (m *Memory) AddTicket(ctx context.Context, t Ticket) error {
	return m.write(ctx, func(all *tables) error { return keep(m, &all.people.tickets, t) })
}

// TicketByHash finds a ticket that waits.
func (m *Memory) TicketByHash(ctx context.Context, hash string, now time.Time) (Ticket, error) {
	return read(ctx, m, func(t *tables) (Ticket, error) { return t.people.waiting(hash, now) })
}

func (p *people) waiting(hash string, now time.Time) (Ticket, error) {
	t, err := p.tickets.byName(hash)
	if err == nil && (!t.UsedAt.IsZero() || !whole(now).Before(t.ExpiresAt)) {
		return Ticket{}, ErrNotFound
	}
	return t, err
}

// TakeTicket uses up a ticket.
func (m *Memory) TakeTicket(ctx context.Context, hash string, now time.Time) (taken Ticket, err error) {
	err = m.write(ctx, func(t *tables) error {
		found, err := t.people.waiting(hash, now)
		if err != nil {
			return err
		}
		found.UsedAt = whole(now)
		taken = found
		return keep(m, &t.people.tickets, found)
	})
	return taken, err
}

// EndTickets uses up all tickets of a person that wait.
func (m *Memory) EndTickets(ctx context.Context, person id.ID, now time.Time) (n int, err error) {
	err = m.write(ctx, func(t *tables) error {
		for _, x := range t.people.tickets.list(person, "", math.MaxInt) {
			if !x.UsedAt.IsZero() || !whole(now).Before(x.ExpiresAt) {
				continue
			}
			x.UsedAt = whole(now)
			n++
			if err := keep(m, &t.people.tickets, x); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

// SetRecovery replaces the recovery codes of a person.
func (m *Memory) SetRecovery(ctx context.Context, person id.ID, hashes []string) error {
	return m.write(ctx, func(t *tables) error {
		before := maps.Clone(t.people.recovery)
		m.undoing(func() { t.people.recovery = before })
		for name := range t.people.recovery {
			if name.person == person {
				delete(t.people.recovery, name)
			}
		}
		for _, hash := range hashes {
			t.people.recovery[recoveryName{person, hash}] = time.Time{}
		}
		return nil
	})
}

// TakeRecovery uses up a recovery code.
func (m *Memory) TakeRecovery(ctx context.Context, person id.ID, hash string, now time.Time) error {
	return m.write(ctx, func(t *tables) error {
		name := recoveryName{person, hash}
		if used, known := t.people.recovery[name]; !known || !used.IsZero() {
			return ErrNotFound
		}
		t.people.recovery[name] = whole(now)
		m.undoing(func() { t.people.recovery[name] = time.Time{} })
		return nil
	})
}

// RecoveryLeft counts the codes that were not used.
func (m *Memory) RecoveryLeft(ctx context.Context, person id.ID) (int, error) {
	return read(ctx, m, func(t *tables) (n int, _ error) {
		for name, used := range t.people.recovery {
			if name.person == person && used.IsZero() {
				n++
			}
		}
		return n, nil
	})
}

// SpendStep takes a step of a person's TOTP.
func (m *Memory) SpendStep(ctx context.Context, person id.ID, step int64) error {
	return m.write(ctx, func(t *tables) error {
		last, known := t.people.steps[person]
		if known && step <= last {
			return ErrTaken
		}
		m.undoing(func() { t.people.steps[person] = last })
		t.people.steps[person] = step
		return nil
	})
}

// Attempt uses one of an allowance.
func (m *Memory) Attempt(ctx context.Context, name string, a Allowance, now time.Time) (ok bool, err error) {
	err = m.write(ctx, func(t *tables) error {
		full, begun := whole(now), whole(now)
		if at, known := t.people.attempts[name]; known && at.After(full) {
			full = at
		}
		full = full.Add(a.Every)
		if ok = !full.After(begun.Add(a.Every * time.Duration(a.Most))); ok {
			t.people.attempts[name] = full
		}
		return nil
	})
	return ok, err
}

// Relent gives one back.
func (m *Memory) Relent(ctx context.Context, name string, a Allowance) error {
	return m.write(ctx, func(t *tables) error {
		if at, known := t.people.attempts[name]; known {
			t.people.attempts[name] = at.Add(-a.Every)
		}
		return nil
	})
}

// forget deletes records of which over says so, the oldest first.
func (r *rack[T]) forget(limit int, over func(T) bool) (n int) {
	r.order = slices.DeleteFunc(r.order, func(i id.ID) bool {
		row := r.rows[i]
		if n == limit || !over(row) {
			return false
		}
		delete(r.unique, r.kind.name(row))
		delete(r.rows, i)
		n++
		return true
	})
	return n
}

// ForgetProofs deletes what is of no use any more.
func (m *Memory) ForgetProofs(ctx context.Context, before time.Time, limit int) (n int, err error) {
	err = m.write(ctx, func(t *tables) error {
		n = t.people.tickets.forget(limit, func(x Ticket) bool { return x.ExpiresAt.Before(before) }) +
			t.people.sessions.forget(limit, func(s StaffSession) bool { return s.ExpiresAt.Before(before) })
		for name, full := range t.people.attempts {
			if full.Before(before) && n < 3*limit {
				delete(t.people.attempts, name)
				n++
			}
		}
		return nil
	})
	return n, err
}
