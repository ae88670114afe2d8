package flow

import (
	"context"
	"errors"

	"tolom/access"
	"tolom/fault"
	"tolom/id"
	"tolom/store"
)

// aloneTries is how often a change is begun anew that met a passing reason not to be written.
const aloneTries = 3

// alone runs do over a registry that is part of one commit, alone among all who change what belongs to these owners or
// people: whatever do reads of them through it is so until it is written. do may run again, and calls nothing that
// asks another desk: no allowances, and no memory of the gate. Whoever calls it has the gate forget after it.
func (r *Registry) alone(ctx context.Context, do func(context.Context, *Registry) error, whose ...id.ID) (err error) {
	for range aloneTries {
		err = r.desk.Alone(ctx, whose, func(ctx context.Context, d store.Desk) error { return do(ctx, r.over(d)) })
		if !errors.Is(err, store.ErrRetry) {
			break
		}
	}
	if err != nil {
		return moved(err)
	}
	return nil
}

// aloneAndForget is alone for what changes who may do what, which this node obeys at once.
func (r *Registry) aloneAndForget(ctx context.Context, do func(context.Context, *Registry) error, whose ...id.ID) error {
	err := r.alone(ctx, do, whose...)
	r.gate.Forget()
	return err
}

// again reads anew what somebody may do, for what is decided alone: the roles with which he came may be gone.
func (r *Registry) again(ctx context.Context, who access.Person) (access.Person, error) {
	list, err := r.desk.Memberships().List(ctx, who.ID, "", mostMembers)
	if err != nil {
		return who, missing(err)
	}
	who.Centre, who.Merchants = access.RolesOfAll(list)
	return who, nil
}

// unchanged reads a person anew and refuses when the password or the app with which something was proved is another
// now: unauthorized. The change came first, and was made to keep out whoever comes with the old ones.
func (r *Registry) unchanged(ctx context.Context, proved store.Person) (store.Person, error) {
	p, err := r.samePassword(ctx, proved)
	if err == nil && p.TOTP != proved.TOTP {
		err = changedMeanwhile()
	}
	return p, err
}

// samePassword is unchanged for whoever has proved the password alone. The gate, which has compared it, reads no seeds: in what it
// gives they may still be encrypted.
func (r *Registry) samePassword(ctx context.Context, proved store.Person) (store.Person, error) {
	p, err := r.desk.Persons().Get(ctx, proved.ID)
	if err != nil {
		return p, missing(err)
	}
	if p.PasswordHash != proved.PasswordHash {
		err = changedMeanwhile()
	}
	return p, err
}

func changedMeanwhile() error {
	return fault.New(fault.Unauthorized).Because("the password or the second factor was changed at this moment: begin again")
}

// stillIn refuses somebody whose session was ended at this moment: unauthorized.
func (r *Registry) stillIn(ctx context.Context, who access.Person) error {
	if who.Session == "" {
		return nil
	}
	s, err := r.desk.StaffSessions().Get(ctx, who.Session)
	if err != nil {
		return missing(err)
	}
	if !s.EndedAt.IsZero() {
		return fault.New(fault.Unauthorized).Because("this session was ended: sign in again")
	}
	return nil
}
