package storetest

import (
	"sync"
	"sync/atomic"
	"time"

	"tolom/id"
	"tolom/store"
)

var people = chapter{name: "People", sentences: []sentence{
	{"People come back as they were put and are listed by id", shelfPersons},
	{"A person is found by its login, and a login is one person's", personByLogin},
	{"Memberships are listed by their person", shelfMemberships},
	{"Memberships are listed by their merchant, and a person has one of each", membershipsOf},
	{"Sessions of people are listed by their person and found by the digest of their token", shelfStaffSessions},
	{"The password and the seed of a person change alone", personChanges},
	{"The sessions of a person that are open are listed, the newest first, and ended at once", openSessions},
	{"Invitations are listed by their owner and found by the digest of their token", shelfInvitations},
	{"An invitation is accepted once, before it expires, unless it was withdrawn", acceptOnce},
	{"A login that is another's leaves an invitation as it was", acceptTaken},
	{"Of many that accept an invitation at once one is let in", acceptRace},
	{"Passkeys are listed by their person and found by their credential", shelfPasskeys},
	{"A ticket is taken once, before it expires", ticketOnce},
	{"The tickets of a person are ended at once, and nobody else's", ticketsEnded},
	{"A recovery code is taken once, and new ones replace the old", recoveryOnce},
	{"No step is taken twice, nor one before it", stepOnce},
	{"An allowance is used up and fills itself again", allowance},
	{"Of many that try at once only the allowance gets through", allowanceRace},
	{"What is of no use any more is forgotten", proofsForgotten},
	{"Events are listed by owner and by person, newest first", personEvents},
	{"What is done alone is written together, and undone when it fails", aloneUndone},
	{"Whoever is alone sees what the one before has written, so that of many changes none is lost", aloneRace},
	{"Whoever is alone for others waits for nobody, and two who want the same two never wait for each other", aloneForTwo},
}}

func (k *kit) person() store.Person {
	name := k.newID(id.Person, 3)
	return store.Person{ID: name, Login: "кассир-" + name.Token(), Name: "Кассир", PasswordHash: "hash", TOTP: "SEED", CreatedAt: epoch, ChangedAt: epoch}
}

func shelfPersons(k *kit) {
	shelf[store.Person]{on: k.Persons(), kind: id.Person,
		make:   func(name, _ id.ID, _ int) store.Person { p := k.person(); p.ID = name; return p },
		change: func(p store.Person) store.Person { p.TOTP, p.ChangedAt = "", epoch.Add(day); return p },
	}.try(k)
}

func personByLogin(k *kit) {
	first, second := k.person(), k.person()
	ask(k.PersonByLogin(k.ctx, first.Login)).missing(k)
	k.must(k.Persons().Put(k.ctx, first))
	equal(k, ask(k.PersonByLogin(k.ctx, first.Login)).get(k), first)
	second.Login = first.Login
	k.is(k.Persons().Put(k.ctx, second), store.ErrTaken)
	ask(k.PersonByLogin(k.ctx, "")).missing(k)
}

func (k *kit) membership(person, owner id.ID) store.Membership {
	return store.Membership{ID: k.newID(id.Membership, 3), Person: person, Owner: owner, Roles: "operator auditor", CreatedAt: epoch}
}

func shelfMemberships(k *kit) {
	shelf[store.Membership]{on: k.Memberships(), kind: id.Membership, owned: true,
		make: func(name, owner id.ID, _ int) store.Membership {
			m := k.membership(owner, k.newID(id.Merchant, 1))
			m.ID = name
			return m
		},
		change: func(m store.Membership) store.Membership { m.Roles, m.EndedAt = "owner", epoch.Add(day); return m },
	}.try(k)
}

func membershipsOf(k *kit) {
	owner := k.newID(id.Merchant, 9)
	var all []store.Membership
	for range 3 {
		m := k.membership(k.newID(id.Person, 3), owner)
		k.must(k.Memberships().Put(k.ctx, m))
		all = append(all, m)
	}
	k.must(k.Memberships().Put(k.ctx, k.membership(all[0].Person, k.newID(id.Merchant, 9))))
	k.is(k.Memberships().Put(k.ctx, k.membership(all[0].Person, owner)), store.ErrTaken)
	equal(k, ask(k.MembershipsOf(k.ctx, owner, "", 10)).get(k), all)
	equal(k, ask(k.MembershipsOf(k.ctx, owner, all[0].ID, 1)).get(k), all[1:2])
	equal(k, len(ask(k.MembershipsOf(k.ctx, k.newID(id.Merchant, 9), "", 10)).get(k)), 0)
}

func shelfStaffSessions(k *kit) {
	shelf[store.StaffSession]{on: k.StaffSessions(), kind: id.Session, owned: true,
		make: func(name, owner id.ID, _ int) store.StaffSession {
			return store.StaffSession{ID: name, Person: owner, Hash: "staff:" + name.Token(), Kind: store.BrowserSession, Factor: "totp", Address: "192.0.2.7",
				Agent: "Browser", CreatedAt: epoch, ExpiresAt: epoch.Add(day)}
		},
		change: func(s store.StaffSession) store.StaffSession {
			s.EndedAt = epoch.Add(time.Hour)
			ask(k.StaffSessionByHash(k.ctx, s.Hash)).get(k)
			return s
		},
	}.try(k)
	ask(k.StaffSessionByHash(k.ctx, "")).missing(k)
}

func personChanges(k *kit) {
	p := k.person()
	k.is(k.SetPassword(k.ctx, p.ID, "x", epoch), store.ErrNotFound)
	k.must(k.Persons().Put(k.ctx, p))
	before := ask(k.Revision(k.ctx)).get(k)
	k.must(k.SetPassword(k.ctx, p.ID, "new", epoch.Add(time.Hour)))
	k.must(k.SetTOTP(k.ctx, p.ID, "other", epoch.Add(day)))
	p.PasswordHash, p.TOTP, p.ChangedAt = "new", "other", epoch.Add(day)
	equal(k, ask(k.Persons().Get(k.ctx, p.ID)).get(k), p)
	if ask(k.Revision(k.ctx)).get(k) < before+2 {
		k.t.Fatal("what changed about a person is no change of reference data")
	}
}

func openSessions(k *kit) {
	p := k.newID(id.Person, 3)
	var all []store.StaffSession
	for n := range 5 {
		name := k.newID(id.Session, 3)
		s := store.StaffSession{ID: name, Person: p, Hash: "open:" + name.Token(), CreatedAt: epoch, ExpiresAt: epoch.Add(time.Hour)}
		if n == 1 {
			s.EndedAt = epoch
		}
		if n == 2 {
			s.ExpiresAt = epoch.Add(time.Minute)
		}
		all = append(all, s)
		k.must(k.StaffSessions().Put(k.ctx, s))
	}
	at := epoch.Add(time.Minute)
	equal(k, ask(k.OpenSessions(k.ctx, p, at, 10)).get(k), []store.StaffSession{all[4], all[3], all[0]})
	equal(k, ask(k.OpenSessions(k.ctx, p, at, 1)).get(k), []store.StaffSession{all[4]})
	equal(k, ask(k.EndSessions(k.ctx, p, all[3].ID, at)).get(k), 2)
	equal(k, ask(k.OpenSessions(k.ctx, p, at, 10)).get(k), []store.StaffSession{all[3]})
	all[0].EndedAt = at
	equal(k, ask(k.StaffSessions().Get(k.ctx, all[0].ID)).get(k), all[0])
	equal(k, ask(k.StaffSessions().Get(k.ctx, all[1].ID)).get(k), all[1])
	equal(k, ask(k.EndSessions(k.ctx, p, "", at)).get(k), 1)
}

func (k *kit) invitation(owner id.ID) store.Invitation {
	name := k.newID(id.Invitation, 3)
	return store.Invitation{ID: name, Owner: owner, Roles: "cashier", Name: "evening", Hash: "invitation:" + name.Token(), InvitedBy: k.newID(id.Person, 3),
		CreatedAt: epoch, ExpiresAt: epoch.Add(day)}
}

func shelfInvitations(k *kit) {
	shelf[store.Invitation]{on: k.Invitations(), kind: id.Invitation, owned: true,
		make:   func(name, owner id.ID, _ int) store.Invitation { i := k.invitation(owner); i.ID = name; return i },
		change: func(i store.Invitation) store.Invitation { i.WithdrawnAt = epoch.Add(time.Hour); return i },
	}.try(k)
	i := k.invitation(k.newID(id.Merchant, 1))
	ask(k.InvitationByHash(k.ctx, i.Hash)).missing(k)
	k.must(k.Invitations().Put(k.ctx, i))
	equal(k, ask(k.InvitationByHash(k.ctx, i.Hash)).get(k), i)
}

func acceptOnce(k *kit) {
	owner := k.newID(id.Merchant, 4)
	good, late, gone := k.invitation(owner), k.invitation(owner), k.invitation(owner)
	gone.WithdrawnAt = epoch
	for _, i := range []store.Invitation{good, late, gone} {
		k.must(k.Invitations().Put(k.ctx, i))
	}
	p := k.person()
	m := k.membership(p.ID, owner)
	ask(k.Accept(k.ctx, late.Hash, late.ExpiresAt, m, &p)).missing(k)
	ask(k.Accept(k.ctx, gone.Hash, epoch, m, &p)).missing(k)
	ask(k.Accept(k.ctx, "nothing", epoch, m, &p)).missing(k)
	ask(k.Persons().Get(k.ctx, p.ID)).missing(k)
	before := ask(k.Revision(k.ctx)).get(k)
	good.UsedAt, good.Person = epoch.Add(time.Minute), p.ID
	equal(k, ask(k.Accept(k.ctx, good.Hash, good.UsedAt, m, &p)).get(k), good)
	equal(k, ask(k.Persons().Get(k.ctx, p.ID)).get(k), p)
	equal(k, ask(k.Memberships().Get(k.ctx, m.ID)).get(k), m)
	if ask(k.Revision(k.ctx)).get(k) <= before {
		k.t.Fatal("what was accepted is no change of reference data")
	}
	ask(k.Accept(k.ctx, good.Hash, epoch, m, nil)).missing(k)
	other := k.membership(p.ID, owner)
	other.ID, other.Roles = m.ID, "manager"
	ask(k.Accept(k.ctx, late.Hash, epoch, other, nil)).get(k)
	equal(k, ask(k.Memberships().Get(k.ctx, m.ID)).get(k), other)
}

func acceptTaken(k *kit) {
	p, i := k.person(), k.invitation(k.newID(id.Merchant, 4))
	k.must(k.Persons().Put(k.ctx, p))
	k.must(k.Invitations().Put(k.ctx, i))
	other := k.person()
	other.Login = p.Login
	m := k.membership(other.ID, i.Owner)
	_, err := k.Accept(k.ctx, i.Hash, epoch, m, &other)
	k.is(err, store.ErrTaken)
	ask(k.Memberships().Get(k.ctx, m.ID)).missing(k)
	equal(k, ask(k.InvitationByHash(k.ctx, i.Hash)).get(k), i)
}

// race counts how many of eight that do something at once are let through.
func (k *kit) race(do func(n int) error) int64 {
	var won atomic.Int64
	var group sync.WaitGroup
	for n := range 8 {
		group.Go(func() {
			if do(n) == nil {
				won.Add(1)
			}
		})
	}
	group.Wait()
	return won.Load()
}

func acceptRace(k *kit) {
	i := k.invitation(k.newID(id.Merchant, 4))
	k.must(k.Invitations().Put(k.ctx, i))
	var crowd []store.Person
	for range 8 {
		crowd = append(crowd, k.person())
	}
	equal(k, k.race(func(n int) error {
		_, err := k.Accept(k.ctx, i.Hash, epoch, k.membership(crowd[n].ID, i.Owner), &crowd[n])
		return err
	}), int64(1))
	equal(k, len(ask(k.MembershipsOf(k.ctx, i.Owner, "", 10)).get(k)), 1)
}

func shelfPasskeys(k *kit) {
	var last store.Passkey
	shelf[store.Passkey]{on: k.Passkeys(), kind: id.Passkey, owned: true,
		make: func(name, owner id.ID, _ int) store.Passkey {
			return store.Passkey{ID: name, Person: owner, Credential: "cred-" + name.Token(), Record: `{"id":"AA=="}`, Name: "phone", CreatedAt: epoch}
		},
		change: func(p store.Passkey) store.Passkey {
			p.Record, p.RemovedAt = `{"id":"AA==","signCount":2}`, epoch.Add(day)
			last = p
			return p
		},
	}.try(k)
	equal(k, ask(k.PasskeyByCredential(k.ctx, last.Credential)).get(k), last)
	ask(k.PasskeyByCredential(k.ctx, "unknown")).missing(k)
	last.ID = k.newID(id.Passkey, 3)
	k.is(k.Passkeys().Put(k.ctx, last), store.ErrTaken)
}

func (k *kit) ticket() store.Ticket {
	name := k.newID(id.Ticket, 3)
	return store.Ticket{ID: name, Person: k.newID(id.Person, 3), Purpose: "second", Hash: "ticket:" + name.Token(), Data: `{"a":1}`, CreatedAt: epoch, ExpiresAt: epoch.Add(5 * time.Minute)}
}

func ticketOnce(k *kit) {
	before := ask(k.Revision(k.ctx)).get(k)
	t := k.ticket()
	ask(k.TakeTicket(k.ctx, t.Hash, epoch)).missing(k)
	k.must(k.AddTicket(k.ctx, t))
	ask(k.TicketByHash(k.ctx, t.Hash, t.ExpiresAt)).missing(k)
	ask(k.TakeTicket(k.ctx, t.Hash, t.ExpiresAt)).missing(k)
	equal(k, ask(k.TicketByHash(k.ctx, t.Hash, epoch)).get(k), t)
	equal(k, k.race(func(int) error { _, err := k.TakeTicket(k.ctx, t.Hash, epoch); return err }), int64(1))
	ask(k.TicketByHash(k.ctx, t.Hash, epoch)).missing(k)
	equal(k, ask(k.Revision(k.ctx)).get(k), before)
}

func recoveryOnce(k *kit) {
	p, q := k.newID(id.Person, 3), k.newID(id.Person, 3)
	k.must(k.SetRecovery(k.ctx, p, []string{"a", "b", "c"}))
	k.must(k.SetRecovery(k.ctx, q, []string{"a"}))
	k.is(k.TakeRecovery(k.ctx, p, "d", epoch), store.ErrNotFound)
	equal(k, k.race(func(int) error { return k.TakeRecovery(k.ctx, p, "a", epoch) }), int64(1))
	equal(k, ask(k.RecoveryLeft(k.ctx, p)).get(k), 2)
	equal(k, ask(k.RecoveryLeft(k.ctx, q)).get(k), 1)
	k.must(k.SetRecovery(k.ctx, p, []string{"a", "e"}))
	k.is(k.TakeRecovery(k.ctx, p, "b", epoch), store.ErrNotFound)
	k.must(k.TakeRecovery(k.ctx, p, "a", epoch))
	equal(k, ask(k.RecoveryLeft(k.ctx, p)).get(k), 1)
}

func stepOnce(k *kit) {
	p := k.newID(id.Person, 3)
	k.must(k.SpendStep(k.ctx, p, 100))
	k.is(k.SpendStep(k.ctx, p, 100), store.ErrTaken)
	k.is(k.SpendStep(k.ctx, p, 99), store.ErrTaken)
	k.must(k.SpendStep(k.ctx, k.newID(id.Person, 3), 99))
	equal(k, k.race(func(int) error { return k.SpendStep(k.ctx, p, 101) }), int64(1))
}

func allowance(k *kit) {
	a, name := store.Allowance{Most: 3, Every: time.Minute}, string(k.newID(id.Person, 3))
	try := func(at time.Time, want bool) {
		k.t.Helper()
		equal(k, ask(k.Attempt(k.ctx, name, a, at)).get(k), want)
	}
	for range 3 {
		try(epoch, true)
	}
	try(epoch, false)
	try(epoch.Add(59*time.Second), false)
	try(epoch.Add(time.Minute), true)
	try(epoch.Add(time.Minute), false)
	k.must(k.Relent(k.ctx, name, a))
	try(epoch.Add(time.Minute), true)
	try(epoch.Add(time.Hour), true)
	k.must(k.Relent(k.ctx, "nobody", a))
	equal(k, ask(k.Attempt(k.ctx, name+" of another", a, epoch)).get(k), true)
}

func allowanceRace(k *kit) {
	name := string(k.newID(id.Person, 3))
	equal(k, k.race(func(int) error {
		ok, err := k.Attempt(k.ctx, name, store.Allowance{Most: 3, Every: time.Minute}, epoch)
		if err == nil && !ok {
			err = store.ErrTaken
		}
		return err
	}), int64(3))
}

func proofsForgotten(k *kit) {
	old, young := k.ticket(), k.ticket()
	young.ExpiresAt = epoch.Add(day)
	k.must(k.AddTicket(k.ctx, old))
	k.must(k.AddTicket(k.ctx, young))
	name := string(k.newID(id.Person, 3))
	a := store.Allowance{Most: 1, Every: time.Minute}
	ask(k.Attempt(k.ctx, name, a, epoch)).get(k)
	k.must2(k.ForgetProofs(k.ctx, epoch.Add(time.Hour), 1000))
	ask(k.TicketByHash(k.ctx, old.Hash, epoch)).missing(k)
	equal(k, ask(k.TicketByHash(k.ctx, young.Hash, epoch)).get(k), young)
	equal(k, ask(k.Attempt(k.ctx, name, a, epoch)).get(k), true)
}

// must2 wants no error of a call that also counts.
func (k *kit) must2(_ int, err error) {
	k.t.Helper()
	k.must(err)
}

func personEvents(k *kit) {
	owner, p := k.newID(id.Merchant, 5), k.newID(id.Person, 3)
	var all []store.PersonEvent
	for n := range 4 {
		all = append(all, store.PersonEvent{ID: k.newID(id.PersonEvent, 5), Owner: owner, Person: p, By: p, Kind: "signed_in", Detail: "totp", Address: "192.0.2.7", At: epoch.Add(time.Duration(n) * time.Second)})
	}
	all[2].Owner = k.newID(id.Merchant, 5)
	all[3].Person = k.newID(id.Person, 3)
	k.must(k.AddPersonEvents(k.ctx, all))
	k.must(k.AddPersonEvents(k.ctx, nil))
	equal(k, ask(k.PersonEvents(k.ctx, store.PersonEventFilter{Owner: owner, Limit: 10})).get(k), []store.PersonEvent{all[3], all[1], all[0]})
	equal(k, ask(k.PersonEvents(k.ctx, store.PersonEventFilter{Owner: owner, Before: all[3].ID, Limit: 1})).get(k), []store.PersonEvent{all[1]})
	equal(k, ask(k.PersonEvents(k.ctx, store.PersonEventFilter{Person: p, Limit: 2})).get(k), []store.PersonEvent{all[2], all[1]})
	equal(k, len(ask(k.PersonEvents(k.ctx, store.PersonEventFilter{Limit: 2})).get(k)), 0)
}
