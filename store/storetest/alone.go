package storetest

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"tolom/id"
	"tolom/store"
)

func ticketsEnded(k *kit) {
	person, other := k.newID(id.Person, 3), k.newID(id.Person, 4)
	ticket := func(of id.ID, life time.Duration) store.Ticket {
		name := k.newID(id.Ticket, 3)
		t := store.Ticket{ID: name, Person: of, Purpose: "second factor", Hash: "ended:" + name.Token(), CreatedAt: epoch, ExpiresAt: epoch.Add(life)}
		k.must(k.AddTicket(k.ctx, t))
		return t
	}
	first, second, late, foreign := ticket(person, time.Hour), ticket(person, time.Hour), ticket(person, time.Minute), ticket(other, time.Hour)
	at := epoch.Add(time.Minute)
	ask(k.TakeTicket(k.ctx, second.Hash, at)).get(k)
	equal(k, ask(k.EndTickets(k.ctx, person, at)).get(k), 1)
	for _, t := range []store.Ticket{first, second, late} {
		ask(k.TicketByHash(k.ctx, t.Hash, at)).missing(k)
	}
	equal(k, ask(k.TicketByHash(k.ctx, foreign.Hash, at)).get(k), foreign)
	equal(k, ask(k.EndTickets(k.ctx, person, at)).get(k), 0)
}

// household is all of a person that is changed alone.
type household struct {
	person     store.Person
	membership store.Membership
	passkey    store.Passkey
	session    store.StaffSession
	ticket     store.Ticket
}

func (k *kit) household(owner id.ID) household {
	p := k.person()
	h := household{p, k.membership(p.ID, owner),
		store.Passkey{ID: k.newID(id.Passkey, 3), Person: p.ID, Credential: "alone-" + p.Login, Record: "{}", Name: "phone", CreatedAt: epoch},
		store.StaffSession{ID: k.newID(id.Session, 3), Person: p.ID, Hash: "alone-" + p.Login, CreatedAt: epoch, ExpiresAt: epoch.Add(day)},
		store.Ticket{ID: k.newID(id.Ticket, 3), Person: p.ID, Purpose: "any", Hash: "alone-" + p.Login, CreatedAt: epoch, ExpiresAt: epoch.Add(day)}}
	k.must(k.Persons().Put(k.ctx, h.person))
	k.must(k.Memberships().Put(k.ctx, h.membership))
	k.must(k.Passkeys().Put(k.ctx, h.passkey))
	k.must(k.StaffSessions().Put(k.ctx, h.session))
	k.must(k.AddTicket(k.ctx, h.ticket))
	k.must(k.SetRecovery(k.ctx, p.ID, []string{"one", "two"}))
	k.must(k.SpendStep(k.ctx, p.ID, 7))
	return h
}

// stands holds what is kept to a household and to what may be used once.
func (k *kit) stands(d store.Desk, h household, events, recovery int) {
	k.t.Helper()
	equal(k, ask(d.Persons().Get(k.ctx, h.person.ID)).get(k), h.person)
	equal(k, ask(d.Memberships().Get(k.ctx, h.membership.ID)).get(k), h.membership)
	equal(k, ask(d.Passkeys().Get(k.ctx, h.passkey.ID)).get(k), h.passkey)
	equal(k, ask(d.StaffSessions().Get(k.ctx, h.session.ID)).get(k), h.session)
	equal(k, ask(d.RecoveryLeft(k.ctx, h.person.ID)).get(k), recovery)
	equal(k, len(ask(d.PersonEvents(k.ctx, store.PersonEventFilter{Person: h.person.ID, Limit: 9})).get(k)), events)
	_, err := d.TicketByHash(k.ctx, h.ticket.Hash, epoch)
	if h.ticket.UsedAt.IsZero() != (err == nil) {
		k.t.Fatalf("the ticket is %v", err)
	}
}

// aloneUndone: all that a change of a person writes is there within it at once and after it, or nothing.
func aloneUndone(k *kit) {
	fail := errors.New("a change of mind")
	owner := k.newID(id.Merchant, 4)
	for _, end := range []error{fail, nil} {
		before := k.household(owner)
		after := before
		newcomer, step := k.person(), int64(8)
		at := epoch.Add(time.Hour)
		after.person.PasswordHash, after.person.TOTP, after.person.ChangedAt = "other", "", at
		after.membership.Roles, after.passkey.RemovedAt, after.session.EndedAt, after.ticket.UsedAt = "auditor", at, at, at
		err := k.Alone(k.ctx, []id.ID{owner, before.person.ID}, func(ctx context.Context, d store.Desk) error {
			k.must(d.Persons().Put(ctx, newcomer))
			k.must(d.SetPassword(ctx, before.person.ID, "other", at))
			k.must(d.SetTOTP(ctx, before.person.ID, "", at))
			k.must(d.Memberships().Put(ctx, after.membership))
			k.must(d.Passkeys().Put(ctx, after.passkey))
			ask(d.EndSessions(ctx, before.person.ID, "", at)).get(k)
			ask(d.EndTickets(ctx, before.person.ID, at)).get(k)
			k.must(d.SetRecovery(ctx, before.person.ID, []string{"new"}))
			k.must(d.TakeRecovery(ctx, before.person.ID, "new", at))
			k.must(d.SpendStep(ctx, before.person.ID, step))
			k.must(d.AddPersonEvents(ctx, []store.PersonEvent{{ID: k.newID(id.PersonEvent, 3), Person: before.person.ID, Kind: "left", At: at}}))
			k.must(d.Alone(ctx, []id.ID{before.person.ID}, func(ctx context.Context, d store.Desk) error {
				return d.Keys().Put(ctx, store.Key{ID: k.newID(id.Key, 4), Owner: owner, Hash: "alone-" + string(before.person.ID), CreatedAt: at})
			}))
			k.stands(d, after, 1, 0)
			return end
		})
		k.is(err, end)
		key, taken := k.KeyByHash(k.ctx, "alone-"+string(before.person.ID))
		_, joined := k.PersonByLogin(k.ctx, newcomer.Login)
		if end == nil {
			k.stands(k, after, 1, 0)
			k.must(errors.Join(taken, joined))
			k.is(k.SpendStep(k.ctx, before.person.ID, step), store.ErrTaken)
			continue
		}
		k.stands(k, before, 0, 2)
		k.must(k.SpendStep(k.ctx, before.person.ID, step))
		if taken == nil || joined == nil {
			k.t.Fatalf("what failed has left %+v, and a person: %v", key, joined)
		}
	}
}

// aloneRace has eight nodes count in one record, each by reading it and writing it.
func aloneRace(k *kit) {
	m := k.membership(k.newID(id.Person, 3), k.newID(id.Merchant, 9))
	m.Roles = "0"
	k.must(k.Memberships().Put(k.ctx, m))
	var failed sync.Map
	won := k.race(func(n int) error {
		for range 5 {
			err := k.Alone(k.ctx, []id.ID{m.Owner}, func(ctx context.Context, d store.Desk) error {
				now, err := d.Memberships().Get(ctx, m.ID)
				if err != nil {
					return err
				}
				count, err := strconv.Atoi(now.Roles)
				now.Roles = strconv.Itoa(count + 1)
				return errors.Join(err, d.Memberships().Put(ctx, now))
			})
			if err != nil {
				failed.Store(n, err)
				return err
			}
		}
		return nil
	})
	if now := ask(k.Memberships().Get(k.ctx, m.ID)).get(k); won != 8 || now.Roles != "40" {
		failed.Range(func(_, err any) bool { k.t.Fatal(err); return true })
		k.t.Fatalf("%d of 8 counted to five each, and together to %s", won, now.Roles)
	}
}

func aloneForTwo(k *kit) {
	first, second := k.newID(id.Merchant, 9), k.newID(id.Person, 3)
	won := k.race(func(n int) error {
		for range 5 {
			both := []id.ID{first, second, first}
			if n%2 == 1 {
				both = []id.ID{second, first}
			}
			if err := k.Alone(k.ctx, both, func(ctx context.Context, d store.Desk) error { _, err := d.Revision(ctx); return err }); err != nil {
				return err
			}
		}
		return nil
	})
	equal(k, won, 8)
}
