package jobs

import (
	"errors"
	"testing"
	"time"

	"tolom/id"
	"tolom/store"
)

// TestProofsAreForgottenThirtyDaysAfterTheirEnd and not before: sessions, tickets and allowances for guessing. What still
// works stays.
func TestProofsAreForgottenThirtyDaysAfterTheirEnd(t *testing.T) {
	c := newTown(t)
	person, ends := id.New(id.Person, epoch, 3, id.Random{1}), epoch.Add(time.Hour)
	session := store.StaffSession{ID: id.New(id.Session, epoch, 3, id.Random{2}), Person: person, Hash: "session", ExpiresAt: ends}
	later := store.StaffSession{ID: id.New(id.Session, epoch, 3, id.Random{3}), Person: person, Hash: "later", ExpiresAt: ends.Add(2 * proofMemory)}
	ticket := store.Ticket{ID: id.New(id.Ticket, epoch, 3, id.Random{4}), Person: person, Hash: "ticket", Data: "seed", ExpiresAt: ends}
	c.ok(c.store.StaffSessions().Put(t.Context(), session))
	c.ok(c.store.StaffSessions().Put(t.Context(), later))
	c.ok(c.store.AddTicket(t.Context(), ticket))
	one := store.Allowance{Most: 1, Every: time.Hour} // It is full again when the session ends.
	if free, err := c.store.Attempt(t.Context(), "guess", one, epoch); err != nil || !free {
		t.Fatal(free, err)
	}
	pass := ForgetProofs(c.store, c.clock)
	c.clock.Advance(ends.Add(proofMemory).Sub(c.clock.Now()))
	if n := c.step(pass); n != 0 {
		t.Errorf("%d were forgotten too early", n)
	}
	c.clock.Advance(time.Millisecond)
	if n := c.step(pass); n != 3 {
		t.Errorf("%d were forgotten, want a session, a ticket and an allowance", n)
	}
	if n := c.step(pass); n != 0 {
		t.Errorf("%d were forgotten twice", n)
	}
	if _, err := c.store.StaffSessionByHash(t.Context(), session.Hash); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the ended session: %v", err)
	}
	if got, err := c.store.StaffSessionByHash(t.Context(), later.Hash); err != nil || got.ID != later.ID {
		t.Errorf("the session that works: %v", err)
	}
	if _, err := c.store.TicketByHash(t.Context(), ticket.Hash, epoch); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the ticket: %v", err)
	}
}
