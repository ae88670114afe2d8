package flow

import (
	"context"
	"errors"
	"time"

	"tolom/access"
	"tolom/fault"
	"tolom/id"
	"tolom/store"
)

// issuer is what authenticator apps show beside the login.
const issuer = "Tölöm"

// Account is what a person sees of the own access.
type Account struct {
	Person   store.Person
	TOTP     bool
	Passkeys []store.Passkey
	Recovery int // codes that were not used
	Sessions []store.StaffSession
	Used     map[id.ID]time.Time // when sessions were last used
	Events   []store.PersonEvent
}

// Account gives a person's own access.
func (r *Registry) Account(ctx context.Context, who access.Person) (a Account, err error) {
	if a.Person, err = r.desk.Persons().Get(ctx, who.ID); err != nil {
		return a, missing(err)
	}
	a.TOTP = a.Person.TOTP != ""
	a.Person.TOTP, a.Person.PasswordHash = "", ""
	if a.Passkeys, err = r.passkeys(ctx, who.ID); err != nil {
		return a, err
	}
	if a.Recovery, err = r.desk.RecoveryLeft(ctx, who.ID); err != nil {
		return a, missing(err)
	}
	if a.Sessions, a.Used, err = r.sessions(ctx, who.ID); err != nil {
		return a, err
	}
	a.Events, err = r.OwnEvents(ctx, who, 20)
	return a, err
}

// mostSessions is how many open sessions of a person are shown.
const mostSessions = 50

// sessions lists where a person is signed in, without those that have rested too long.
func (r *Registry) sessions(ctx context.Context, person id.ID) (open []store.StaffSession, used map[id.ID]time.Time, err error) {
	now := r.world.Clock.Now()
	all, err := r.desk.OpenSessions(ctx, person, now, mostSessions)
	if err != nil {
		return nil, nil, missing(err)
	}
	ids := make([]id.ID, len(all))
	for i, s := range all {
		ids[i] = s.ID
	}
	if used, err = r.desk.Uses(ctx, ids); err != nil {
		return nil, nil, missing(err)
	}
	for _, s := range all {
		if used[s.ID].Before(s.CreatedAt) {
			used[s.ID] = s.CreatedAt
		}
		if now.Sub(used[s.ID]) <= access.SessionIdle {
			open = append(open, s)
		}
	}
	return open, used, nil
}

// EndOwnSession ends one of a person's own sessions; not_found for another's.
func (r *Registry) EndOwnSession(ctx context.Context, who access.Person, session id.ID) error {
	s, err := r.desk.StaffSessions().Get(ctx, session)
	if err == nil && s.Person != who.ID {
		err = store.ErrNotFound
	}
	if err != nil {
		return missing(err)
	}
	return r.endStaff(ctx, session, store.PersonEvent{Person: who.ID, By: who.ID, Kind: EventSessionEnded})
}

// Proof is what a person shows again before access is changed: the password, and a code where there is a second factor.
type Proof struct{ Password, Code string }

// confirm holds a person to a proof. Refused: unauthorized with the field that was wrong; rate_limited.
func (r *Registry) confirm(ctx context.Context, who access.Person, proof Proof, c Caller) (store.Person, error) {
	if _, err := r.gate.Password(ctx, c.door(), who.Login, proof.Password, c.Address); err != nil {
		return store.Person{}, r.noteFailure(ctx, who.ID, who.Login, "password", c, on(err, "password"))
	}
	p, err := r.desk.Persons().Get(ctx, who.ID)
	if err != nil {
		return p, missing(err)
	}
	if p.TOTP == "" {
		return p, nil
	}
	if _, err := r.gate.SecondFactor(ctx, c.door(), p, proof.Code, c.Address); err != nil {
		return p, r.noteFailure(ctx, who.ID, who.Login, "second factor", c, on(err, "code"))
	}
	return p, nil
}

// on names the field that a refusal is about.
func on(err error, param string) error {
	if f := fault.From(err); f.Code == fault.Unauthorized {
		return f.On(param)
	}
	return err
}

// ChangePassword gives a person another password and ends all other sessions of the person. Refused: unauthorized, and
// invalid_request for a password that is too easy.
func (r *Registry) ChangePassword(ctx context.Context, who access.Person, proof Proof, password string, c Caller) error {
	if err := strong(password, who.Login); err != nil {
		return fault.From(err).On("new")
	}
	p, err := r.confirm(ctx, who, proof, c)
	if err != nil {
		return err
	}
	hash, err := r.hash(password)
	if err != nil {
		return err
	}
	return r.proved(ctx, who, p, func(ctx context.Context, in *Registry) error {
		if err := in.desk.SetPassword(ctx, p.ID, hash, r.world.Clock.Now()); err != nil {
			return written(err)
		}
		return in.changedFactor(ctx, who, store.PersonEvent{Kind: EventPassword, Address: addressOf(c)})
	})
}

// proved changes a person's access alone, when what was proved of it still holds and the session was not ended meanwhile.
func (r *Registry) proved(ctx context.Context, who access.Person, p store.Person, do func(context.Context, *Registry) error) error {
	return r.aloneAndForget(ctx, func(ctx context.Context, in *Registry) error {
		if _, err := in.unchanged(ctx, p); err != nil {
			return err
		}
		if err := in.stillIn(ctx, who); err != nil {
			return err
		}
		return do(ctx, in)
	}, p.ID)
}

// changedFactor ends the person's other sessions, and whatever somebody is half way through, so that whoever else had got
// in is out, and writes it down.
func (r *Registry) changedFactor(ctx context.Context, who access.Person, e store.PersonEvent) error {
	now := r.world.Clock.Now()
	if _, err := r.desk.EndSessions(ctx, who.ID, who.Session, now); err != nil {
		return written(err)
	}
	if _, err := r.desk.EndTickets(ctx, who.ID, now); err != nil {
		return written(err)
	}
	e.Person, e.By = who.ID, who.ID
	return r.noteOf(ctx, e)
}

// NewTOTP is a second factor that is being set up.
type NewTOTP struct {
	Ticket, Seed string
	Address      string // otpauth://…, as the app reads it from a picture
}

// BeginTOTP draws a seed for a person's authenticator app. Nothing has changed until FinishTOTP.
func (r *Registry) BeginTOTP(ctx context.Context, who access.Person) (n NewTOTP, err error) {
	if n.Seed, n.Address, err = access.NewTOTP(issuer, who.Login, r.world.Entropy); err != nil {
		return n, err
	}
	n.Ticket, err = r.newTicket(ctx, who.ID, forTOTP, n.Seed)
	return n, err
}

// Enrolled is what came of setting up a second factor: recovery codes when there were none, and a session with another
// token, since the old one was begun with less.
type Enrolled struct {
	Recovery []string
	SignedIn
}

// FinishTOTP takes the seed into use when the app shows the right code for it. proof is of the access as it was before.
// Refused: unauthorized, with the field (password, code, first).
func (r *Registry) FinishTOTP(ctx context.Context, who access.Person, ticket, code string, proof Proof, c Caller) (out Enrolled, err error) {
	t, err := r.ticket(ctx, ticket, forTOTP)
	if err == nil && t.Person != who.ID {
		err = fault.New(fault.NotFound)
	}
	if err != nil {
		return out, err
	}
	step, ok := access.TOTPStep(t.Data, code, r.world.Clock.Now())
	if !ok {
		return out, fault.New(fault.Unauthorized).On("first").Because("the app shows another code: check that its clock is right, and type the code that it shows now")
	}
	p, err := r.confirm(ctx, who, proof, c)
	if err != nil {
		return out, err
	}
	err = r.proved(ctx, who, p, func(ctx context.Context, in *Registry) error {
		if _, err := in.takeTicket(ctx, ticket, forTOTP); err != nil {
			return err
		}
		if err := in.desk.SetTOTP(ctx, who.ID, t.Data, r.world.Clock.Now()); err != nil {
			return written(err)
		}
		// The step is spent so that the code does not sign in as well; one of the old seed may be further on.
		if err := in.desk.SpendStep(ctx, who.ID, step); err != nil && !errors.Is(err, store.ErrTaken) {
			return written(err)
		}
		out, err = in.enrolled(ctx, who, access.ByTOTP, store.PersonEvent{Kind: EventTOTP, Address: addressOf(c)}, c)
		return err
	})
	return out, err
}

// enrolled gives the person codes with a first app (whoever begins with a passkey makes them on the page), and a session that says by what it was begun.
func (r *Registry) enrolled(ctx context.Context, who access.Person, by string, e store.PersonEvent, c Caller) (out Enrolled, err error) {
	left, err := r.desk.RecoveryLeft(ctx, who.ID)
	if err != nil {
		return out, missing(err)
	}
	if left == 0 && by == access.ByTOTP {
		if out.Recovery, err = r.newRecovery(ctx, who.ID); err != nil {
			return out, err
		}
	}
	none := who
	none.Session = ""
	if err := r.changedFactor(ctx, none, e); err != nil {
		return out, err
	}
	out.SignedIn, err = r.openStaff(ctx, who.ID, by, c)
	return out, err
}

// RemoveTOTP gives up the authenticator app. Refused where staff must have a second factor and this is the only one.
func (r *Registry) RemoveTOTP(ctx context.Context, who access.Person, proof Proof, c Caller) error {
	if err := r.notWithoutPasskey(ctx, who.ID); err != nil {
		return err
	}
	p, err := r.confirm(ctx, who, proof, c)
	if err != nil {
		return err
	}
	return r.proved(ctx, who, p, func(ctx context.Context, in *Registry) error {
		if err := in.notWithoutPasskey(ctx, who.ID); err != nil {
			return err
		}
		if err := in.desk.SetTOTP(ctx, who.ID, "", r.world.Clock.Now()); err != nil {
			return written(err)
		}
		return in.changedFactor(ctx, who, store.PersonEvent{Kind: EventTOTP, Detail: "removed", Address: addressOf(c)})
	})
}

// notWithoutPasskey refuses who would be without a second factor where staff must have one.
func (r *Registry) notWithoutPasskey(ctx context.Context, person id.ID) error {
	keys, err := r.passkeys(ctx, person)
	if err == nil && len(keys) == 0 && r.gate.DemandsSecondFactor() {
		err = lastFactor()
	}
	return err
}

func lastFactor() error {
	return fault.New(fault.InvalidRequest).Because("this is your only second factor: set up another one first")
}

// MakeRecovery replaces a person's recovery codes. They are shown once: only their digests are kept.
func (r *Registry) MakeRecovery(ctx context.Context, who access.Person, proof Proof, c Caller) (codes []string, err error) {
	p, err := r.confirm(ctx, who, proof, c)
	if err != nil {
		return nil, err
	}
	err = r.proved(ctx, who, p, func(ctx context.Context, in *Registry) error {
		if codes, err = in.newRecovery(ctx, who.ID); err != nil {
			return err
		}
		return in.noteOf(ctx, store.PersonEvent{Person: who.ID, By: who.ID, Kind: EventRecovery, Address: addressOf(c)})
	})
	return codes, err
}

func (r *Registry) newRecovery(ctx context.Context, person id.ID) ([]string, error) {
	codes, err := access.NewRecovery(r.world.Entropy)
	if err != nil {
		return nil, err
	}
	var hashes []string
	for _, shown := range codes {
		code, _ := access.ReadRecovery(shown)
		hashes = append(hashes, access.HashRecovery(person, code))
	}
	if err := r.desk.SetRecovery(ctx, person, hashes); err != nil {
		return nil, written(err)
	}
	return codes, nil
}

// passkeys are those of a person that work.
func (r *Registry) passkeys(ctx context.Context, person id.ID) (out []store.Passkey, err error) {
	all, err := r.desk.Passkeys().List(ctx, person, "", 100)
	if err != nil {
		return nil, missing(err)
	}
	for _, k := range all {
		if k.RemovedAt.IsZero() {
			out = append(out, k)
		}
	}
	return out, nil
}
