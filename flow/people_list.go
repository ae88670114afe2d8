package flow

import (
	"context"
	"errors"

	"tolom/access"
	"tolom/fault"
	"tolom/id"
	"tolom/store"
)

// WaitingTOTP gives a second factor that is being set up again, for a page that asks once more.
func (r *Registry) WaitingTOTP(ctx context.Context, who access.Person, ticket string) (NewTOTP, error) {
	t, err := r.ticket(ctx, ticket, forTOTP)
	if err == nil && t.Person != who.ID {
		err = fault.New(fault.NotFound)
	}
	if err != nil {
		return NewTOTP{}, err
	}
	address, err := access.TOTPAddress(issuer, who.Login, t.Data)
	return NewTOTP{Ticket: ticket, Seed: t.Data, Address: address}, err
}

// Logins gives the logins of everybody whom events name.
func (r *Registry) Logins(ctx context.Context, events []store.PersonEvent) (map[id.ID]string, error) {
	out := map[id.ID]string{}
	for _, e := range events {
		for _, person := range []id.ID{e.Person, e.By} {
			if _, known := out[person]; known || person == "" {
				continue
			}
			p, err := remembered(ctx, r, r.desk.Persons(), person)
			if err != nil && !fault.Has(err, fault.NotFound) {
				return nil, err
			}
			out[person] = p.Login
		}
	}
	return out, nil
}

// Numbers are how many there are of each.
type Numbers struct{ Participants, Merchants, Suspended, PSPs, Tills int }

// mostCounted bounds what is counted for a page.
const mostCounted = 10_000

// Numbers counts who there is, at most ten thousand of each.
func (r *Registry) Numbers(ctx context.Context) (n Numbers, err error) {
	if n.Participants, err = counted(ctx, r.desk.Participants(), nil); err != nil {
		return n, err
	}
	if n.Merchants, err = counted(ctx, r.desk.Merchants(), func(m store.Merchant) {
		if m.Suspended {
			n.Suspended++
		}
	}); err != nil {
		return n, err
	}
	if n.PSPs, err = counted(ctx, r.desk.PSPs(), nil); err != nil {
		return n, err
	}
	n.Tills, err = counted(ctx, r.desk.Tills(), nil)
	return n, err
}

func counted[T any](ctx context.Context, shelf store.Shelf[T], each func(T)) (int, error) {
	list, err := shelf.List(ctx, "", "", mostCounted)
	if err != nil {
		return 0, missing(err)
	}
	for _, x := range list {
		if each != nil {
			each(x)
		}
	}
	return len(list), nil
}

// ResetPerson gives a person another password and takes all else away that the person could sign in with, for the command
// line on the server alone. Refused: not_found, invalid_request.
func (r *Registry) ResetPerson(ctx context.Context, login, password string) error {
	login = ReadLogin(login)
	if err := strong(password, login); err != nil {
		return err
	}
	p, err := r.desk.PersonByLogin(ctx, login)
	if err != nil {
		return missing(err)
	}
	hash, err := r.hash(password)
	if err != nil {
		return err
	}
	return r.alone(ctx, func(ctx context.Context, in *Registry) error { return in.reset(ctx, p, hash) }, p.ID)
}

func (r *Registry) reset(ctx context.Context, p store.Person, hash string) error {
	keys, err := r.passkeys(ctx, p.ID)
	if err != nil {
		return err
	}
	now := r.world.Clock.Now()
	for _, k := range keys {
		k.RemovedAt = now
		if err := put(ctx, r, r.desk.Passkeys(), k.ID, k); err != nil {
			return err
		}
	}
	_, sessions := r.desk.EndSessions(ctx, p.ID, "", now)
	_, tickets := r.desk.EndTickets(ctx, p.ID, now)
	if err := errors.Join(r.desk.SetTOTP(ctx, p.ID, "", now), r.desk.SetRecovery(ctx, p.ID, nil), r.desk.SetPassword(ctx, p.ID, hash, now), sessions, tickets); err != nil {
		return fault.Wrap(fault.OutOfService, err)
	}
	return r.noteOf(ctx, store.PersonEvent{Person: p.ID, Kind: EventPassword, Detail: "reset on the server"})
}
