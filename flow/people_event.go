package flow

import (
	"context"

	"tolom/access"
	"tolom/fault"
	"tolom/id"
	"tolom/store"
)

// The kinds of events of people's access.
const (
	EventSignedIn     = "signed_in"
	EventSignedOut    = "signed_out"
	EventFailed       = "failed"        // a wrong password or second factor
	EventSlowed       = "slowed"        // too many of them
	EventInvited      = "invited"       // detail: the roles
	EventWithdrawn    = "withdrawn"     // an invitation
	EventJoined       = "joined"        // detail: the roles
	EventRoleChanged  = "role_changed"  // detail: before → after
	EventLeft         = "left"          // the membership was ended
	EventSessionEnded = "session_ended" // by whom it says
	EventPassword     = "password_changed"
	EventTOTP         = "totp_changed"
	EventPasskey      = "passkey_added"
	EventPasskeyGone  = "passkey_removed"
	EventRecovery     = "recovery_made"
	EventRecoveryUsed = "recovery_used"
	EventReplayed     = "replayed" // a code of the second factor came twice
	EventRedelivered  = "file_redelivered"
	EventKeyMade      = "key_made"   // detail: its name and end
	EventKeyRolled    = "key_rolled" // detail: of the successor
	EventKeyEnded     = "key_ended"
)

// note writes an event.
func (r *Registry) note(ctx context.Context, e store.PersonEvent) error {
	return r.noteAll(ctx, []id.ID{e.Owner}, e)
}

// noteAll writes an event for each of several owners.
func (r *Registry) noteAll(ctx context.Context, owners []id.ID, e store.PersonEvent) error {
	e.At = r.world.Clock.Now()
	var all []store.PersonEvent
	for _, owner := range owners {
		e.ID, e.Owner = r.newID(id.PersonEvent, e.Person.Bucket()), owner
		all = append(all, e)
	}
	if err := r.desk.AddPersonEvents(ctx, all); err != nil {
		return fault.Wrap(fault.OutOfService, err)
	}
	return nil
}

// ownersOf are those whose person it is: the centre and the merchants; nobody, as one, when it is nobody's.
func (r *Registry) ownersOf(ctx context.Context, person id.ID) ([]id.ID, error) {
	if person == "" {
		return []id.ID{store.Centre}, nil
	}
	list, err := r.desk.Memberships().List(ctx, person, "", 100)
	if err != nil {
		return nil, fault.Wrap(fault.OutOfService, err)
	}
	var owners []id.ID
	for _, m := range list {
		if m.EndedAt.IsZero() {
			owners = append(owners, m.Owner)
		}
	}
	if len(owners) == 0 {
		owners = []id.ID{""}
	}
	return owners, nil
}

// noteOf writes an event about a person for all whose person it is.
func (r *Registry) noteOf(ctx context.Context, e store.PersonEvent) error {
	owners, err := r.ownersOf(ctx, e.Person)
	if err != nil {
		return err
	}
	return r.noteAll(ctx, owners, e)
}

// PeopleEvents lists what happened to the access of an owner's people, newest first: forbidden without the right to see it.
func (r *Registry) PeopleEvents(ctx context.Context, who access.Person, owner, before id.ID, limit int) ([]store.PersonEvent, error) {
	if err := seesPeople(who, owner); err != nil {
		return nil, err
	}
	return r.events(ctx, store.PersonEventFilter{Owner: owner, Before: before, Limit: limit})
}

// OwnEvents lists what happened to a person's own access.
func (r *Registry) OwnEvents(ctx context.Context, who access.Person, limit int) ([]store.PersonEvent, error) {
	return r.events(ctx, store.PersonEventFilter{Person: who.ID, Limit: limit})
}

func (r *Registry) events(ctx context.Context, f store.PersonEventFilter) ([]store.PersonEvent, error) {
	list, err := r.desk.PersonEvents(ctx, f)
	if err != nil {
		return nil, fault.Wrap(fault.OutOfService, err)
	}
	return list, nil
}

func seesPeople(who access.Person, owner id.ID) error {
	if owner == store.Centre && who.May(access.SeeStaff) || who.MayAt(owner, access.SeePeople) {
		return nil
	}
	return fault.New(fault.Forbidden).Because("none of your roles shows what happened to others' access")
}
