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
		return out, fault.New(fault.InvalidRequest).Because("remove a passkey first: a person has twenty at most")
	}
	options, state, err := k.BeginCreate(p, have)
	if err != nil {
		return out, err
	}
	out.Options = options
	out.Ticket, err = r.newTicket(ctx, who.ID, forPasskey, state)
	return out, err
}

// FinishPasskey takes a passkey into use. Refused: unauthorized.
func (r *Registry) FinishPasskey(ctx context.Context, k *access.Passkeys, who access.Person, ticket, name string, response []byte, c Caller) (out Enrolled, err error) {
	if err := named("name", name, 60); err != nil {
		return out, err
	}
	t, err := r.takeTicket(ctx, ticket, forPasskey)
	if err == nil && t.Person != who.ID {
		err = fault.New(fault.NotFound)
	}
	if err != nil {
		return out, err
	}
	p, err := r.desk.Persons().Get(ctx, who.ID)
	if err != nil {
		return out, missing(err)
	}
	key, err := k.FinishCreate(p, t.Data, response)
	if err != nil {
		return out, err
	}
	key.ID, key.Person, key.Name, key.CreatedAt = r.newID(id.Passkey, who.ID.Bucket()), who.ID, name, r.world.Clock.Now()
	if err := put(ctx, r, r.desk.Passkeys(), key.ID, key); err != nil {
		return out, err
	}
	return r.enrolled(ctx, who, access.ByPasskey, store.PersonEvent{Kind: EventPasskey, Detail: name, Address: addressOf(c)}, c)
}

// RemovePasskey gives up a passkey. Refused: not_found for another's; invalid_request where staff must have a second factor and
// this is the only one; unauthorized for a wrong proof.
func (r *Registry) RemovePasskey(ctx context.Context, who access.Person, passkey id.ID, proof Proof, c Caller) error {
	have, err := r.passkeys(ctx, who.ID)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(have, func(k store.Passkey) bool { return k.ID == passkey })
	if at < 0 {
		return fault.New(fault.NotFound)
	}
	p, err := r.desk.Persons().Get(ctx, who.ID)
	if err != nil {
		return missing(err)
	}
	if len(have) == 1 && p.TOTP == "" && r.gate.DemandsSecondFactor() {
		return lastFactor()
	}
	if _, err := r.confirm(ctx, who, proof, c); err != nil {
		return err
	}
	key := have[at]
	key.RemovedAt = r.world.Clock.Now()
	if err := put(ctx, r, r.desk.Passkeys(), key.ID, key); err != nil {
		return err
	}
	return r.changedFactor(ctx, who, store.PersonEvent{Kind: EventPasskeyGone, Detail: key.Name, Address: addressOf(c)})
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
	var have []store.Passkey
	p, used, err := k.FinishGet(t.Data, response, func(person id.ID) (store.Person, []store.Passkey, error) {
		p, err := r.desk.Persons().Get(ctx, person)
		if err != nil {
			return p, nil, missing(err)
		}
		have, err = r.passkeys(ctx, person)
		return p, have, err
	})
	if err != nil {
		return SignedIn{}, r.noteFailure(ctx, p.ID, p.Login, "passkey", c, err)
	}
	at := slices.IndexFunc(have, func(k store.Passkey) bool { return k.Credential == used.Credential })
	if at < 0 {
		return SignedIn{}, fault.New(fault.Unauthorized)
	}
	key := have[at]
	key.Record = used.Record
	if err := put(ctx, r, r.desk.Passkeys(), key.ID, key); err != nil {
		return SignedIn{}, err
	}
	return r.openStaff(ctx, p.ID, access.ByPasskey, c)
}
