package access

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"tolom/fault"
	"tolom/id"
	"tolom/seal"
	"tolom/store"
)

// The factors by which a session was begun.
const (
	ByPassword = "password" // alone: a person without a second factor
	ByTOTP     = "totp"
	ByPasskey  = "passkey"
	ByRecovery = "recovery"
)

const (
	// SessionIdle is how long a session may rest before it is over.
	SessionIdle = time.Hour
	// mostMemberships is how many memberships of a person are looked at.
	mostMemberships = 100
)

// Person is somebody of the staff of the centre or of merchants who is signed in. Pages and operations ask May or MayAt
// before they do anything.
type Person struct {
	ID      id.ID
	Login   string
	Name    string
	Session id.ID
	Factor  string // how the session was begun
	Centre  Roles  // at the centre
	// Merchants are the roles in each merchant.
	Merchants map[id.ID]Roles
	// Unproven says that the platform wants a second factor of its staff and this person has not used one: until
	// then nothing but setting one up is allowed, and May and MayAt say no to everything.
	Unproven bool
}

// Operator is a person as the caller of the operator API, where everybody is staff of the centre.
type Operator = Person

// May says whether the person has a right at the centre.
func (p Person) May(want Right) bool { return !p.Unproven && p.Centre.Have(want) }

// MayAt says whether the person has a right in a merchant.
func (p Person) MayAt(merchant id.ID, want Right) bool {
	return !p.Unproven && p.Merchants[merchant].Have(want)
}

// Allow refuses a person who lacks a right at the centre: forbidden.
func (p Person) Allow(want Right) error {
	if !p.May(want) {
		return fault.New(fault.Forbidden).Because("it needs the right " + string(want) + ", which none of your roles has")
	}
	return nil
}

// At is the person as the caller of the merchants' use cases, with what the role allows; it reaches nothing in a merchant in
// which the person has no role.
func (p Person) At(merchant id.ID) Merchant {
	m := Merchant{ID: merchant}
	if !p.Unproven {
		m.May = scopesOf(p.Merchants[merchant])
	}
	return m
}

// Grants are the scopes that the person may give to a key of a merchant, when he may handle its keys at all: those with which
// money comes in or is looked at, and refunds when he gives money back himself.
func (p Person) Grants(merchant id.ID) (s Scopes) {
	if !p.MayAt(merchant, HandleKeys) {
		return 0
	}
	s = bit(Read) | bit(Request) | bit(Report)
	if p.MayAt(merchant, GiveBack) {
		s |= bit(Refund)
	}
	return s
}

// RolesOf are the roles for an owner, a merchant or store.Centre.
func (p Person) RolesOf(owner id.ID) Roles {
	if owner == store.Centre {
		return p.Centre
	}
	return p.Merchants[owner]
}

// staffSession is a session with the person that it is of.
type staffSession struct {
	session store.StaffSession
	person  Person
	used    time.Time
}

// DemandSecondFactor says that staff must sign in with a second factor.
func (g *Gate) DemandSecondFactor() { g.demanding = true }

// DemandsSecondFactor says whether staff must.
func (g *Gate) DemandsSecondFactor() bool { return g.demanding }

// Staff recognises who is signed in by the token of a session; unauthorized when the session has ended, has rested for an hour
// or is over. What changed about the person on another node is seen within seconds.
func (g *Gate) Staff(ctx context.Context, token string, _ netip.Addr) (Person, error) {
	if _, err := seal.ParseKey(token, seal.StaffToken, seal.ProgramToken); err != nil {
		return Person{}, refused(seal.ErrKey)
	}
	now, hash := g.clock.Now(), seal.HashKey(token)
	s, ok := g.staff.get(hash, now)
	if !ok {
		var err error
		if s, err = g.readStaff(ctx, hash); err != nil {
			return Person{}, refused(err)
		}
		g.staff.put(hash, s, now)
	}
	last := g.uses.last(s.session.ID, s.used)
	if !s.session.EndedAt.IsZero() || !now.Before(s.session.ExpiresAt) || now.Sub(last) > SessionIdle {
		return Person{}, refused(store.ErrNotFound)
	}
	g.uses.note(s.session.ID, now)
	return s.person, nil
}

// readStaff reads a session, its person and what the person may do.
func (g *Gate) readStaff(ctx context.Context, hash string) (s staffSession, err error) {
	if s.session, err = g.desk.StaffSessionByHash(ctx, hash); err != nil {
		return s, err
	}
	uses, err := g.desk.Uses(ctx, []id.ID{s.session.ID})
	if err != nil {
		return s, err
	}
	s.used = s.session.CreatedAt
	if at := uses[s.session.ID]; at.After(s.used) {
		s.used = at
	}
	p, err := g.desk.Persons().Get(ctx, s.session.Person)
	if err != nil {
		return s, err
	}
	s.person, err = g.personOf(ctx, p)
	s.person.Session, s.person.Factor = s.session.ID, s.session.Factor
	s.person.Unproven = g.demanding && s.session.Factor == ByPassword
	return s, err
}

// personOf reads what a person may do.
func (g *Gate) personOf(ctx context.Context, p store.Person) (Person, error) {
	list, err := g.desk.Memberships().List(ctx, p.ID, "", mostMemberships)
	if err != nil {
		return Person{}, err
	}
	out := Person{ID: p.ID, Login: p.Login, Name: p.Name}
	out.Centre, out.Merchants = RolesOfAll(list)
	return out, nil
}

// RolesOfAll gives the roles of those memberships that hold, at the centre and in each merchant.
func RolesOfAll(list []store.Membership) (centre Roles, merchants map[id.ID]Roles) {
	merchants = map[id.ID]Roles{}
	for _, m := range list {
		switch {
		case !m.EndedAt.IsZero():
		case m.Owner == store.Centre:
			centre = ParseRoles(m.Roles, CentreRoles)
		default:
			merchants[m.Owner] = ParseRoles(m.Roles, MerchantRoles)
		}
	}
	return centre, merchants
}

// Operator checks a login and password of the centre's staff; unauthorized otherwise. An unknown login costs as much
// time as a wrong password. Where staff must have a second factor, nobody comes in by a password alone.
func (g *Gate) Operator(ctx context.Context, login, password string, from netip.Addr) (Person, error) {
	if g.demanding {
		return Person{}, fault.New(fault.Unauthorized).Because("a password alone lets nobody in here: POST /operator/v1/session gives a token for login, password and code, to be sent as Authorization: Bearer …")
	}
	p, err := g.Password(ctx, "basic", login, password, from)
	if err != nil {
		return Person{}, err
	}
	if p.TOTP != "" {
		return Person{}, fault.New(fault.Unauthorized).Because("this account has a second factor: POST /operator/v1/session gives a token for login, password and code")
	}
	who, err := g.personOf(ctx, p)
	if err != nil {
		return who, fault.Wrap(fault.OutOfService, err)
	}
	who.Factor = ByPassword
	return who, nil
}

// Password checks a login and a password, slowed for each account and each network at a door; unauthorized, or rate_limited.
func (g *Gate) Password(ctx context.Context, door, login, password string, from netip.Addr) (store.Person, error) {
	tries := []try{{"login " + seal.HashKey(login), passwordsOfOne}, networkTry(door, from)}
	if err := g.attempt(ctx, tries); err != nil {
		return store.Person{}, err
	}
	p, err := g.personByLogin(ctx, login)
	hash := p.PasswordHash
	if errors.Is(err, store.ErrNotFound) {
		hash = nobody
	} else if err != nil {
		return store.Person{}, fault.Wrap(fault.OutOfService, err)
	}
	if same := g.compare(ctx, password, hash); !same || err != nil {
		return store.Person{ID: p.ID}, fault.New(fault.Unauthorized).Because("the login or the password is wrong")
	}
	return p, g.relent(ctx, tries)
}

// personByLogin finds a person. Staff of the centre that was registered before there were people becomes a person with
// the role operator; the ids are made of the old one, so that several nodes make the same.
func (g *Gate) personByLogin(ctx context.Context, login string) (store.Person, error) {
	p, err := g.desk.PersonByLogin(ctx, login)
	if !errors.Is(err, store.ErrNotFound) {
		return p, err
	}
	o, err := g.desk.OperatorByLogin(ctx, login)
	if err != nil {
		return p, err
	}
	p = store.Person{ID: id.ID(id.Person) + id.ID(o.ID.Token()), Login: login, Name: login, PasswordHash: o.PasswordHash, CreatedAt: o.CreatedAt, ChangedAt: o.CreatedAt}
	m := store.Membership{ID: id.ID(id.Membership) + id.ID(o.ID.Token()), Person: p.ID, Owner: store.Centre, Roles: string(RoleOperator), CreatedAt: o.CreatedAt}
	err = g.desk.Alone(ctx, []id.ID{store.Centre, p.ID}, func(ctx context.Context, d store.Desk) error {
		now, err := d.PersonByLogin(ctx, login)
		if !errors.Is(err, store.ErrNotFound) { // Another node was first, and what it made may have been changed since.
			p = now
			return err
		}
		if err := d.Memberships().Put(ctx, m); err != nil {
			return err
		}
		return d.Persons().Put(ctx, p)
	})
	return p, err
}
