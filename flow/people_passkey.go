package flow

import (
	"context"
	"encoding/json"
	"slices"

	"tolom/access"
	"tolom/fault"
	"tolom/id"
	"tolom/store"
)

// mostPasskeys is how many passkeys a person may have.
const mostPasskeys = 20

// Challenge is what a browser needs for a passkey, with the ticket that it brings back.
type Challenge struct {
	Ticket  string          `json:"ticket"`
	Options json.RawMessage `json:"options"`
}

// BeginPasskey lets a person make a passkey. Refused: unauthorized for a wrong proof.
func (r *Registry) BeginPasskey(ctx context.Context, k *access.Passkeys, who access.Person, proof Proof, c Caller) (out Challenge, err error) {
	p, err := r.confirm(ctx, who, proof, c)
	if err != nil {
		return out, err
	}
	have, err := r.passkeys(ctx, who.ID)
	if err != nil {
		return out, err
	}
	if len(have) >= mostPasskeys {
		return out, tooManyPasskeys()
	}
	options, state, err := k.BeginCreate(p, have)
	if err != nil {
		return out, err
	}
	out.Options = options
	err = r.proved(ctx, who, p, func(ctx context.Context, in *Registry) error {
		out.Ticket, err = in.newTicket(ctx, who.ID, forPasskey, state)
		return err
	})
	return out, err
}

// FinishPasskey takes a passkey into use. Refused: unauthorized.
func (r *Registry) FinishPasskey(ctx context.Context, k *access.Passkeys, who access.Person, ticket, name string, response []byte, c Caller) (out Enrolled, err error) {
	if err := named("name", name, 60); err != nil {
		return out, err
	}
	p, err := r.desk.Persons().Get(ctx, who.ID) // Before the ticket: a change after this is seen, one before it has ended the ticket.
	if err != nil {
		return out, missing(err)
	}
	t, err := r.takeTicket(ctx, ticket, forPasskey)
	if err == nil && t.Person != who.ID {
		err = fault.New(fault.NotFound)
	}
	if err != nil {
		return out, err
	}
	key, err := k.FinishCreate(p, t.Data, response)
	if err != nil {
		return out, err
	}
	key.ID, key.Person, key.Name, key.CreatedAt = r.newID(id.Passkey, who.ID.Bucket()), who.ID, name, r.world.Clock.Now()
	err = r.proved(ctx, who, p, func(ctx context.Context, in *Registry) error {
		have, err := in.passkeys(ctx, who.ID)
		if err == nil && len(have) >= mostPasskeys {
			err = tooManyPasskeys()
		}
		if err != nil {
			return err
		}
		if err := put(ctx, in, in.desk.Passkeys(), key.ID, key); err != nil {
			return err
		}
		out, err = in.enrolled(ctx, who, access.ByPasskey, store.PersonEvent{Kind: EventPasskey, Detail: name, Address: addressOf(c)}, c)
		return err
	})
	return out, err
}

func tooManyPasskeys() error {
	return fault.New(fault.InvalidRequest).Because("remove a passkey first: a person has twenty at most")
}

// RemovePasskey gives up a passkey. Refused: not_found for another's; invalid_request where staff must have a second factor and
// this is the only one; unauthorized for a wrong proof.
func (r *Registry) RemovePasskey(ctx context.Context, who access.Person, passkey id.ID, proof Proof, c Caller) error {
	if _, err := r.removable(ctx, who.ID, passkey); err != nil {
		return err
	}
	p, err := r.confirm(ctx, who, proof, c)
	if err != nil {
		return err
	}
	return r.proved(ctx, who, p, func(ctx context.Context, in *Registry) error {
		key, err := in.removable(ctx, who.ID, passkey)
		if err != nil {
			return err
		}
		key.RemovedAt = r.world.Clock.Now()
		if err := put(ctx, in, in.desk.Passkeys(), key.ID, key); err != nil {
			return err
		}
		return in.changedFactor(ctx, who, store.PersonEvent{Kind: EventPasskeyGone, Detail: key.Name, Address: addressOf(c)})
	})
}

// removable gives a passkey of a person that works and is not the only second factor where staff must have one.
func (r *Registry) removable(ctx context.Context, person, passkey id.ID) (store.Passkey, error) {
	have, err := r.passkeys(ctx, person)
	if err != nil {
		return store.Passkey{}, err
	}
	at := slices.IndexFunc(have, func(k store.Passkey) bool { return k.ID == passkey })
	if at < 0 {
		return store.Passkey{}, fault.New(fault.NotFound)
	}
	p, err := r.desk.Persons().Get(ctx, person)
	if err != nil {
		return store.Passkey{}, missing(err)
	}
	if len(have) == 1 && p.TOTP == "" && r.gate.DemandsSecondFactor() {
		return store.Passkey{}, lastFactor()
	}
	return have[at], nil
}

// BeginPasskeySignIn gives a challenge to whoever asks, slowed for each network.
func (r *Registry) BeginPasskeySignIn(ctx context.Context, k *access.Passkeys, c Caller) (out Challenge, err error) {
	if err := r.gate.Challenge(ctx, c.Address); err != nil {
		return out, err
	}
	options, state, err := k.BeginGet()
	if err != nil {
		return out, err
	}
	out.Options = options
	out.Ticket, err = r.newTicket(ctx, "", forPasskeyLogin, state)
	return out, err
}

// FinishPasskeySignIn signs in whose passkey signed the challenge. Refused: unauthorized.
func (r *Registry) FinishPasskeySignIn(ctx context.Context, k *access.Passkeys, ticket string, response []byte, c Caller) (SignedIn, error) {
	t, err := r.takeTicket(ctx, ticket, forPasskeyLogin)
	if err != nil {
		return SignedIn{}, err
	}
	person, err := k.Holder(response)
	if err != nil {
		return SignedIn{}, r.noteFailure(ctx, "", "", "passkey", c, err)
	}
	var who store.Person
	var out SignedIn
	err = r.alone(ctx, func(ctx context.Context, in *Registry) (err error) {
		out, who, err = in.byPasskey(ctx, k, t.Data, response, c)
		return err
	}, person)
	if err != nil {
		return SignedIn{}, r.noteFailure(ctx, who.ID, who.Login, "passkey", c, err)
	}
	return out, nil
}

// byPasskey checks a signed challenge against the passkeys as they are, keeps how often the passkey was used, and signs in.
func (r *Registry) byPasskey(ctx context.Context, k *access.Passkeys, state string, response []byte, c Caller) (out SignedIn, who store.Person, err error) {
	var have []store.Passkey
	who, used, err := k.FinishGet(state, response, func(person id.ID) (store.Person, []store.Passkey, error) {
		p, err := r.desk.Persons().Get(ctx, person)
		if err != nil {
			return p, nil, missing(err)
		}
		have, err = r.passkeys(ctx, person)
		return p, have, err
	})
	if err != nil {
		return out, who, err
	}
	at := slices.IndexFunc(have, func(k store.Passkey) bool { return k.Credential == used.Credential })
	if at < 0 {
		return out, who, fault.New(fault.Unauthorized)
	}
	key := have[at]
	key.Record = used.Record
	if err := put(ctx, r, r.desk.Passkeys(), key.ID, key); err != nil {
		return out, who, err
	}
	out, err = r.openStaff(ctx, who.ID, access.ByPasskey, c)
	return out, who, err
}
