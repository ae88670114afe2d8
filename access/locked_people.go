package access

import (
	"context"
	"time"

	"tolom/id"
	"tolom/store"
)

// Persons gives people with the seeds of their TOTP, readable.
func (d lockedDesk) Persons() store.Shelf[store.Person] {
	return lockedShelf[store.Person]{d.Desk.Persons(), d.person(d.vault.Seal), d.person(d.vault.Open)}
}

// PersonByLogin finds a person, with the seed readable.
func (d lockedDesk) PersonByLogin(ctx context.Context, login string) (store.Person, error) {
	p, err := d.Desk.PersonByLogin(ctx, login)
	if err != nil {
		return p, err
	}
	return d.person(d.vault.Open)(p)
}

// SetTOTP encrypts a seed and writes it.
func (d lockedDesk) SetTOTP(ctx context.Context, person id.ID, seed string, now time.Time) error {
	p, err := d.person(d.vault.Seal)(store.Person{ID: person, TOTP: seed})
	if err != nil {
		return err
	}
	return d.Desk.SetTOTP(ctx, person, p.TOTP, now)
}

// AddTicket encrypts what a ticket carries, which may be a seed, and writes it.
func (d lockedDesk) AddTicket(ctx context.Context, t store.Ticket) error {
	t, err := d.ticket(d.vault.Seal)(t)
	if err != nil {
		return err
	}
	return d.Desk.AddTicket(ctx, t)
}

// TicketByHash finds a ticket that waits, readable.
func (d lockedDesk) TicketByHash(ctx context.Context, hash string, now time.Time) (store.Ticket, error) {
	t, err := d.Desk.TicketByHash(ctx, hash, now)
	if err != nil {
		return t, err
	}
	return d.ticket(d.vault.Open)(t)
}

// TakeTicket uses up a ticket and gives it, readable.
func (d lockedDesk) TakeTicket(ctx context.Context, hash string, now time.Time) (store.Ticket, error) {
	t, err := d.Desk.TakeTicket(ctx, hash, now)
	if err != nil {
		return t, err
	}
	return d.ticket(d.vault.Open)(t)
}

func (d lockedDesk) person(do passage) func(store.Person) (store.Person, error) {
	return func(p store.Person) (_ store.Person, err error) {
		if p.TOTP != "" {
			p.TOTP, err = do(p.TOTP, string(p.ID)+" totp")
		}
		return p, err
	}
}

func (d lockedDesk) ticket(do passage) func(store.Ticket) (store.Ticket, error) {
	return func(t store.Ticket) (_ store.Ticket, err error) {
		if t.Data != "" {
			t.Data, err = do(t.Data, string(t.ID)+" data")
		}
		return t, err
	}
}
