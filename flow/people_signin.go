package flow

import (
	"context"
	"errors"
	"net/netip"
	"time"
	"unicode/utf8"

	"tolom/access"
	"tolom/fault"
	"tolom/id"
	"tolom/seal"
	"tolom/store"
)

const (
	// StaffSessionLife is a working day with room around it, after which everybody signs in again.
	StaffSessionLife = 12 * time.Hour
	// ProgramSessionLife is how long the token of a program works.
	ProgramSessionLife = time.Hour
	// ticketLife is how long somebody may take between two steps.
	ticketLife = 10 * time.Minute
	// slowedNoteEvery is how often it is written down that somebody is held up.
	slowedNoteEvery = 10 * time.Minute
)

// Caller is where somebody is who signs in.
type Caller struct {
	Address netip.Addr
	Agent   string // what the browser says that it is
	Kind    string // store.BrowserSession when empty
}

// door is where attempts are counted.
func (c Caller) door() string {
	if c.Kind == "" {
		return store.BrowserSession
	}
	return c.Kind
}

// SignedIn is what came of a sign-in: a session with the token that the browser keeps, or a ticket that the second
// factor is to come with.
type SignedIn struct {
	Token   string
	Session store.StaffSession
	Ticket  string
	// TOTP and Passkeys say what the person has as a second factor, when a ticket waits for one.
	TOTP, Passkeys bool
}

// The purposes of tickets.
const (
	forSecondFactor = "second factor"
	forTOTP         = "new totp"
	forPasskeyLogin = "passkey sign-in"
	forPasskey      = "new passkey"
)

// SignIn begins with login and password. Refused: unauthorized, in the same time whether or not there is such a login;
// rate_limited after several.
func (r *Registry) SignIn(ctx context.Context, login, password string, c Caller) (SignedIn, error) {
	login = ReadLogin(login)
	p, err := r.gate.Password(ctx, c.door(), login, password, c.Address)
	if err != nil {
		return SignedIn{}, r.noteFailure(ctx, p.ID, login, "password", c, err)
	}
	var out SignedIn
	err = r.alone(ctx, func(ctx context.Context, in *Registry) error {
		p, err := in.samePassword(ctx, p)
		if err != nil {
			return err
		}
		out, err = in.halfWay(ctx, p, c)
		return err
	}, p.ID)
	return out, err
}

// halfWay opens a session for somebody whose password was right, or gives the ticket for the second factor.
func (r *Registry) halfWay(ctx context.Context, p store.Person, c Caller) (SignedIn, error) {
	keys, err := r.passkeys(ctx, p.ID)
	if err != nil {
		return SignedIn{}, err
	}
	if p.TOTP == "" && len(keys) == 0 {
		return r.openStaff(ctx, p.ID, access.ByPassword, c)
	}
	ticket, err := r.newTicket(ctx, p.ID, forSecondFactor, "")
	return SignedIn{Ticket: ticket, TOTP: p.TOTP != "", Passkeys: len(keys) > 0}, err
}

// SecondFactor goes on with a code of the authenticator app or a recovery code. Refused: unauthorized, also for a ticket
// that is used or older than ten minutes; rate_limited.
func (r *Registry) SecondFactor(ctx context.Context, ticket, code string, c Caller) (out SignedIn, err error) {
	t, err := r.ticket(ctx, ticket, forSecondFactor)
	if err != nil {
		return SignedIn{}, err
	}
	p, err := r.desk.Persons().Get(ctx, t.Person)
	if err != nil {
		return SignedIn{}, missing(err)
	}
	by, err := r.gate.SecondFactor(ctx, c.door(), p, code, c.Address)
	if err != nil {
		return SignedIn{}, r.noteFailure(ctx, p.ID, p.Login, "second factor", c, err)
	}
	err = r.alone(ctx, func(ctx context.Context, in *Registry) error {
		if _, err := in.unchanged(ctx, p); err != nil {
			return err
		}
		if _, err := in.takeTicket(ctx, ticket, forSecondFactor); err != nil {
			return err
		}
		if by == access.ByRecovery {
			if err := in.noteOf(ctx, store.PersonEvent{Person: p.ID, By: p.ID, Kind: EventRecoveryUsed, Address: addressOf(c)}); err != nil {
				return err
			}
		}
		out, err = in.openStaff(ctx, p.ID, by, c)
		return err
	}, p.ID)
	return out, err
}

// CheckPassword says whose login and password these are, and nothing more. Refused: unauthorized, rate_limited.
func (r *Registry) CheckPassword(ctx context.Context, login, password string, c Caller) (id.ID, error) {
	login = ReadLogin(login)
	p, err := r.gate.Password(ctx, c.door(), login, password, c.Address)
	if err != nil {
		return "", r.noteFailure(ctx, p.ID, login, "password", c, err)
	}
	return p.ID, nil
}

// SignInProgram gives a program a session in a person's name, for login, password and, where the person has a second factor,
// a code. Refused: unauthorized; forbidden where staff must have a second factor and the person has none.
func (r *Registry) SignInProgram(ctx context.Context, login, password, code string, c Caller) (SignedIn, error) {
	c.Kind = store.ProgramSession
	in, err := r.SignIn(ctx, login, password, c)
	switch {
	case err != nil:
		return in, err
	case in.Ticket == "" && r.gate.DemandsSecondFactor():
		return SignedIn{}, errors.Join(fault.New(fault.Forbidden).Because("set up a second factor first, at /account"), r.abandon(ctx, in))
	case in.Ticket == "":
		return in, nil
	case code == "":
		return SignedIn{}, fault.New(fault.Unauthorized).On("code").Because("this account has a second factor: send the code of the authenticator app, or a recovery code")
	}
	return r.SecondFactor(ctx, in.Ticket, code, c)
}

// abandon ends a session that nobody was given.
func (r *Registry) abandon(ctx context.Context, in SignedIn) error {
	in.Session.EndedAt = r.world.Clock.Now()
	return r.desk.StaffSessions().Put(ctx, in.Session)
}

// WaitsFor says what a ticket waits for; unauthorized when it is used or old.
func (r *Registry) WaitsFor(ctx context.Context, ticket string) (SignedIn, error) {
	t, err := r.ticket(ctx, ticket, forSecondFactor)
	if err != nil {
		return SignedIn{}, err
	}
	p, err := r.desk.Persons().Get(ctx, t.Person)
	if err != nil {
		return SignedIn{}, missing(err)
	}
	keys, err := r.passkeys(ctx, p.ID)
	return SignedIn{Ticket: ticket, TOTP: p.TOTP != "", Passkeys: len(keys) > 0}, err
}

// noteFailure writes down a wrong secret. Of those who are held up it is written once in a while, so that guessing
// cannot fill the table.
func (r *Registry) noteFailure(ctx context.Context, person id.ID, login, what string, c Caller, err error) error {
	e := store.PersonEvent{Person: person, Kind: EventFailed, Detail: what, Address: addressOf(c)}
	switch {
	case errors.Is(err, access.ErrReplayed):
		e.Kind = EventReplayed
	case fault.Has(err, fault.RateLimited):
		e.Kind = EventSlowed
		first, failed := r.desk.Attempt(ctx, "slowed "+seal.HashKey(login), store.Allowance{Most: 1, Every: slowedNoteEvery}, r.world.Clock.Now())
		if failed != nil || !first {
			return err
		}
		if p, found := r.desk.PersonByLogin(ctx, login); found == nil {
			e.Person = p.ID
		}
	case !fault.Has(err, fault.Unauthorized):
		return err
	}
	if noted := r.noteOf(ctx, e); noted != nil {
		return noted
	}
	return err
}

// openStaff opens a session. Its token is new, whatever the browser held before.
func (r *Registry) openStaff(ctx context.Context, person id.ID, factor string, c Caller) (SignedIn, error) {
	random, err := r.random32()
	if err != nil {
		return SignedIn{}, fault.Wrap(fault.InternalError, err)
	}
	prefix, life := seal.StaffToken, StaffSessionLife
	if c.Kind == store.ProgramSession {
		prefix, life = seal.ProgramToken, ProgramSessionLife
	} else {
		c.Kind = store.BrowserSession
	}
	token, now := seal.NewKey(prefix, random), r.world.Clock.Now()
	s := store.StaffSession{ID: r.newID(id.Session, person.Bucket()), Person: person, Hash: seal.HashKey(token), Kind: c.Kind, Factor: factor,
		Address: addressOf(c), Agent: clipped(c.Agent, 200), CreatedAt: now, ExpiresAt: now.Add(life)}
	if err := r.desk.StaffSessions().Put(ctx, s); err != nil {
		return SignedIn{}, written(err)
	}
	err = r.noteOf(ctx, store.PersonEvent{Person: person, By: person, Kind: EventSignedIn, Detail: factor, Address: s.Address})
	return SignedIn{Token: token, Session: s}, err
}

// SignOut ends a person's own session.
func (r *Registry) SignOut(ctx context.Context, who access.Person) error {
	return r.endStaff(ctx, who.Session, store.PersonEvent{Person: who.ID, By: who.ID, Kind: EventSignedOut})
}

// endStaff ends a session: at once on this node, within seconds on the others.
func (r *Registry) endStaff(ctx context.Context, session id.ID, e store.PersonEvent) error {
	return r.aloneAndForget(ctx, func(ctx context.Context, in *Registry) error {
		s, err := in.desk.StaffSessions().Get(ctx, session)
		if err != nil {
			return missing(err)
		}
		if !s.EndedAt.IsZero() {
			return nil
		}
		s.EndedAt = r.world.Clock.Now()
		if err := in.desk.StaffSessions().Put(ctx, s); err != nil {
			return written(err)
		}
		return in.noteOf(ctx, e)
	}, e.Person)
}

func (r *Registry) newTicket(ctx context.Context, person id.ID, purpose, data string) (string, error) {
	random, err := r.random32()
	if err != nil {
		return "", fault.Wrap(fault.InternalError, err)
	}
	token, now := seal.NewKey(ticketPrefix, random), r.world.Clock.Now()
	t := store.Ticket{ID: r.newID(id.Ticket, person.Bucket()), Person: person, Purpose: purpose, Hash: seal.HashKey(token), Data: data, CreatedAt: now, ExpiresAt: now.Add(ticketLife)}
	return token, written(r.desk.AddTicket(ctx, t))
}

// ticketPrefix begins the token of a ticket, which opens nothing by itself.
const ticketPrefix = "tkt_"

// ticket looks at a ticket without using it up.
func (r *Registry) ticket(ctx context.Context, token, purpose string) (store.Ticket, error) {
	t, err := r.desk.TicketByHash(ctx, seal.HashKey(token), r.world.Clock.Now())
	return t, ofPurpose(t, purpose, err)
}

// takeTicket uses a ticket up.
func (r *Registry) takeTicket(ctx context.Context, token, purpose string) (store.Ticket, error) {
	if _, err := r.ticket(ctx, token, purpose); err != nil {
		return store.Ticket{}, err
	}
	t, err := r.desk.TakeTicket(ctx, seal.HashKey(token), r.world.Clock.Now())
	return t, ofPurpose(t, purpose, err)
}

func ofPurpose(t store.Ticket, purpose string, err error) error {
	switch {
	case errors.Is(err, store.ErrNotFound), err == nil && t.Purpose != purpose:
		return fault.New(fault.Unauthorized).Because("this took too long or was done already: begin again")
	case err != nil:
		return fault.Wrap(fault.OutOfService, err)
	}
	return nil
}

func addressOf(c Caller) string {
	if !c.Address.IsValid() {
		return ""
	}
	return c.Address.String()
}

// clipped cuts a text from outside to so many bytes of sound text.
func clipped(text string, most int) string {
	if len(text) > most {
		text = text[:most]
	}
	out := make([]rune, 0, len(text))
	for _, c := range text {
		if c >= ' ' && c != utf8.RuneError && c != 0x7f {
			out = append(out, c)
		}
	}
	return string(out)
}
