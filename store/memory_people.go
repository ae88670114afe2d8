package store

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"tolom/id"
)

// people is who signs in to a Memory, with what, and what happened to it.
type people struct {
	persons     rack[Person]
	memberships rack[Membership]
	sessions    rack[StaffSession]
	invitations rack[Invitation]
	passkeys    rack[Passkey]
	tickets     rack[Ticket]
	recovery    map[recoveryName]time.Time // when each was used; zero while it waits
	steps       map[id.ID]int64
	attempts    map[string]time.Time // when each is full again
	events      []PersonEvent        // by id
}

type recoveryName struct {
	person id.ID
	hash   string
}

func newPeople() people {
	nobody := func(Person) id.ID { return "" }
	return people{
		persons: newRack(kind[Person]{
			id: func(p Person) id.ID { return p.ID }, owner: nobody, copy: copyPerson, name: func(p Person) string { return p.Login }}),
		memberships: newRack(kind[Membership]{
			id: func(m Membership) id.ID { return m.ID }, owner: func(m Membership) id.ID { return m.Person }, copy: copyMembership,
			name: func(m Membership) string { return string(m.Person) + " " + string(m.Owner) }}),
		sessions: newRack(kind[StaffSession]{
			id: func(s StaffSession) id.ID { return s.ID }, owner: func(s StaffSession) id.ID { return s.Person }, copy: copyStaffSession,
			name: func(s StaffSession) string { return s.Hash }}),
		invitations: newRack(kind[Invitation]{
			id: func(i Invitation) id.ID { return i.ID }, owner: func(i Invitation) id.ID { return i.Owner }, copy: copyInvitation,
			name: func(i Invitation) string { return i.Hash }}),
		passkeys: newRack(kind[Passkey]{
			id: func(p Passkey) id.ID { return p.ID }, owner: func(p Passkey) id.ID { return p.Person }, copy: copyPasskey,
			name: func(p Passkey) string { return p.Credential }}),
		tickets: newRack(kind[Ticket]{
			id: func(t Ticket) id.ID { return t.ID }, owner: func(t Ticket) id.ID { return t.Person }, copy: copyTicket,
			name: func(t Ticket) string { return t.Hash }}),
		recovery: map[recoveryName]time.Time{},
		steps:    map[id.ID]int64{},
		attempts: map[string]time.Time{},
	}
}

// Persons keeps who signs in; they have no owner.
func (m *Memory) Persons() Shelf[Person] {
	return memoryShelf[Person]{m, func(t *tables) *rack[Person] { return &t.people.persons }}
}

// PersonByLogin finds a person.
func (m *Memory) PersonByLogin(ctx context.Context, login string) (Person, error) {
	return read(ctx, m, func(t *tables) (Person, error) { return t.people.persons.byName(login) })
}

// Memberships keeps what people may do, owned by the person.
func (m *Memory) Memberships() Shelf[Membership] {
	return memoryShelf[Membership]{m, func(t *tables) *rack[Membership] { return &t.people.memberships }}
}

// MembershipsOf lists those of a merchant or of the centre.
func (m *Memory) MembershipsOf(ctx context.Context, owner, after id.ID, limit int) ([]Membership, error) {
	return read(ctx, m, func(t *tables) ([]Membership, error) {
		r := &t.people.memberships
		return gather(newer(r.order, after), limit, func(i id.ID) Membership { return r.rows[i] },
			func(x Membership) bool { return matches(owner, x.Owner) }), nil
	})
}

// StaffSessions keeps where people are signed in, owned by the person.
func (m *Memory) StaffSessions() Shelf[StaffSession] {
	return memoryShelf[StaffSession]{m, func(t *tables) *rack[StaffSession] { return &t.people.sessions }}
}

// StaffSessionByHash finds a session by the digest of its token.
func (m *Memory) StaffSessionByHash(ctx context.Context, hash string) (StaffSession, error) {
	return read(ctx, m, func(t *tables) (StaffSession, error) { return t.people.sessions.byName(hash) })
}

// SetPassword changes the password of a person.
func (m *Memory) SetPassword(ctx context.Context, person id.ID, hash string, now time.Time) error {
	return m.setPerson(ctx, person, now, func(p *Person) { p.PasswordHash = hash })
}

// SetTOTP changes the seed of a person's TOTP.
func (m *Memory) SetTOTP(ctx context.Context, person id.ID, seed string, now time.Time) error {
	return m.setPerson(ctx, person, now, func(p *Person) { p.TOTP = seed })
}

func (m *Memory) setPerson(ctx context.Context, person id.ID, now time.Time, change func(*Person)) error {
	return m.write(ctx, func(t *tables) error {
		p, err := t.people.persons.get(person)
		if err != nil {
			return err
		}
		change(&p)
		p.ChangedAt = now
		t.revision++
		return keep(m, &t.people.persons, p)
	})
}

// OpenSessions lists where a person is signed in.
func (m *Memory) OpenSessions(ctx context.Context, person id.ID, now time.Time, limit int) ([]StaffSession, error) {
	return read(ctx, m, func(t *tables) (out []StaffSession, _ error) {
		for _, s := range slices.Backward(t.people.sessions.list(person, "", math.MaxInt)) {
			if s.EndedAt.IsZero() && whole(now).Before(s.ExpiresAt) && len(out) < limit {
				out = append(out, s)
			}
		}
		return out, nil
	})
}

// EndSessions ends the sessions of a person.
func (m *Memory) EndSessions(ctx context.Context, person, but id.ID, now time.Time) (n int, err error) {
	err = m.write(ctx, func(t *tables) error {
		for _, s := range t.people.sessions.list(person, "", math.MaxInt) {
			if s.ID == but || !s.EndedAt.IsZero() || !whole(now).Before(s.ExpiresAt) {
				continue
			}
			s.EndedAt = now
			n++
			if err := keep(m, &t.people.sessions, s); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

// Invitations keeps links by which people are taken on, owned by who takes them on.
func (m *Memory) Invitations() Shelf[Invitation] {
	return memoryShelf[Invitation]{m, func(t *tables) *rack[Invitation] { return &t.people.invitations }}
}

// InvitationByHash finds an invitation by the digest of its token.
func (m *Memory) InvitationByHash(ctx context.Context, hash string) (Invitation, error) {
	return read(ctx, m, func(t *tables) (Invitation, error) { return t.people.invitations.byName(hash) })
}

// Accept uses up an invitation and writes what comes of it. Names are looked at before anything is written.
func (m *Memory) Accept(ctx context.Context, hash string, now time.Time, member Membership, newcomer *Person) (accepted Invitation, err error) {
	err = m.write(ctx, func(t *tables) error {
		p := &t.people
		i, err := p.invitations.byName(hash)
		if err != nil {
			return err
		}
		if !i.UsedAt.IsZero() || !i.WithdrawnAt.IsZero() || !whole(now).Before(i.ExpiresAt) {
			return ErrNotFound
		}
		if newcomer != nil {
			if p.persons.unique[newcomer.Login] != "" {
				return ErrTaken
			}
		}
		if err := keep(m, &p.memberships, member); err != nil {
			return err
		}
		if newcomer != nil {
			if err := keep(m, &p.persons, *newcomer); err != nil {
				return err
			}
		}
		i.UsedAt, i.Person = whole(now), member.Person
		accepted = i
		t.revision++
		return keep(m, &p.invitations, i)
	})
	return accepted, err
}

// Passkeys keeps people's passkeys, owned by the person.
func (m *Memory) Passkeys() Shelf[Passkey] {
	return memoryShelf[Passkey]{m, func(t *tables) *rack[Passkey] { return &t.people.passkeys }}
}

// PasskeyByCredential finds a passkey by the id of its credential.
func (m *Memory) PasskeyByCredential(ctx context.Context, credential string) (Passkey, error) {
	return read(ctx, m, func(t *tables) (Passkey, error) { return t.people.passkeys.byName(credential) })
}

func copyPerson(p Person) Person {
	p.CreatedAt, p.ChangedAt = whole(p.CreatedAt), whole(p.ChangedAt)
	return p
}

func copyMembership(m Membership) Membership {
	m.CreatedAt, m.EndedAt = whole(m.CreatedAt), whole(m.EndedAt)
	return m
}

func copyStaffSession(s StaffSession) StaffSession {
	s.CreatedAt, s.ExpiresAt, s.EndedAt = whole(s.CreatedAt), whole(s.ExpiresAt), whole(s.EndedAt)
	return s
}

func copyInvitation(i Invitation) Invitation {
	i.CreatedAt, i.ExpiresAt, i.UsedAt, i.WithdrawnAt = whole(i.CreatedAt), whole(i.ExpiresAt), whole(i.UsedAt), whole(i.WithdrawnAt)
	return i
}

func copyPasskey(p Passkey) Passkey {
	p.CreatedAt, p.RemovedAt = whole(p.CreatedAt), whole(p.RemovedAt)
	return p
}

func copyTicket(t Ticket) Ticket {
	t.CreatedAt, t.ExpiresAt, t.UsedAt = whole(t.CreatedAt), whole(t.ExpiresAt), whole(t.UsedAt)
	return t
}

func copyPersonEvent(e PersonEvent) PersonEvent { e.At = whole(e.At); return e }

// AddPersonEvents adds lines.
func (m *Memory) AddPersonEvents(ctx context.Context, events []PersonEvent) error {
	if len(events) == 0 {
		return nil
	}
	return m.write(ctx, func(t *tables) error {
		for _, e := range events {
			at, found := slices.BinarySearchFunc(t.people.events, e.ID, func(x PersonEvent, name id.ID) int { return cmp.Compare(x.ID, name) })
			if found {
				return ErrTaken
			}
			t.people.events = slices.Insert(t.people.events, at, copyPersonEvent(e))
			m.undoing(func() {
				t.people.events = slices.DeleteFunc(t.people.events, func(x PersonEvent) bool { return x.ID == e.ID })
			})
		}
		return nil
	})
}

// PersonEvents lists lines, newest first.
func (m *Memory) PersonEvents(ctx context.Context, f PersonEventFilter) ([]PersonEvent, error) {
	return read(ctx, m, func(t *tables) (out []PersonEvent, _ error) {
		for _, e := range slices.Backward(t.people.events) {
			of := f.Owner != "" && e.Owner == f.Owner
			if f.Person != "" {
				of = e.Person == f.Person
			}
			if of && (f.Before == "" || e.ID < f.Before) && len(out) < f.Limit {
				out = append(out, e)
			}
		}
		return out, nil
	})
}
