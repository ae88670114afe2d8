package flow

import (
	"context"
	"errors"
	"slices"
	"time"

	"tolom/access"
	"tolom/fault"
	"tolom/id"
	"tolom/seal"
	"tolom/store"
)

const (
	// InvitationLife is how long an invitation waits.
	InvitationLife = 72 * time.Hour
	// invitationPrefix begins the token of an invitation.
	invitationPrefix = "inv_"
	mostMembers      = 500
)

// Member is somebody of an owner's people.
type Member struct {
	store.Membership
	Login, Name  string
	Roles        access.Roles
	SecondFactor bool
	Sessions     []store.StaffSession
	Used         map[id.ID]time.Time
}

// People is who there is of an owner's people, a merchant's or the centre's, and who is invited.
type People struct {
	Members     []Member
	Invitations []store.Invitation // that wait
}

// handlesPeople refuses who may not handle the people of an owner.
func handlesPeople(who access.Person, owner id.ID) error {
	if owner == store.Centre && who.May(access.HandleStaff) || owner != store.Centre && who.MayAt(owner, access.HandlePeople) {
		return nil
	}
	return fault.New(fault.Forbidden).Because("none of your roles lets you handle these people")
}

// People lists an owner's people with their sessions. Who handles them or may see what happened to them is shown them.
func (r *Registry) People(ctx context.Context, who access.Person, owner id.ID) (out People, err error) {
	if err := handlesPeople(who, owner); err != nil {
		if err := seesPeople(who, owner); err != nil {
			return out, err
		}
	}
	list, err := r.desk.MembershipsOf(ctx, owner, "", mostMembers)
	if err != nil {
		return out, missing(err)
	}
	for _, m := range list {
		if !m.EndedAt.IsZero() {
			continue
		}
		member, err := r.member(ctx, m)
		if err != nil {
			return out, err
		}
		out.Members = append(out.Members, member)
	}
	invitations, err := r.desk.Invitations().List(ctx, owner, "", mostMembers)
	if err != nil {
		return out, missing(err)
	}
	now := r.world.Clock.Now()
	out.Invitations = slices.DeleteFunc(invitations, func(i store.Invitation) bool {
		return !i.UsedAt.IsZero() || !i.WithdrawnAt.IsZero() || !now.Before(i.ExpiresAt)
	})
	return out, nil
}

func (r *Registry) member(ctx context.Context, m store.Membership) (out Member, err error) {
	out.Membership, out.Roles = m, access.ParseRoles(m.Roles, rolesOf(m.Owner))
	p, err := r.desk.Persons().Get(ctx, m.Person)
	if err != nil {
		return out, missing(err)
	}
	keys, err := r.passkeys(ctx, p.ID)
	if err != nil {
		return out, err
	}
	out.Login, out.Name, out.SecondFactor = p.Login, p.Name, p.TOTP != "" || len(keys) > 0
	out.Sessions, out.Used, err = r.sessions(ctx, p.ID)
	return out, err
}

func rolesOf(owner id.ID) []access.Role {
	if owner == store.Centre {
		return access.CentreRoles
	}
	return access.MerchantRoles
}

// giving reads the roles that somebody gives, and refuses those that are not his to give.
func giving(who access.Person, owner id.ID, roles []string) (out access.Roles, err error) {
	for _, word := range roles {
		role := access.Role(word)
		if !role.Of(rolesOf(owner)) {
			return nil, fault.New(fault.InvalidRequest).On("role").Because("there is no such role here")
		}
		if !mayGive(who, owner, role) {
			return nil, fault.New(fault.Forbidden).Because("nobody gives a role, or takes one away, that is not his to give")
		}
		if !slices.Contains(out, role) {
			out = append(out, role)
		}
	}
	if len(out) == 0 || owner != store.Centre && len(out) > 1 {
		return nil, fault.New(fault.InvalidRequest).On("role").Because("choose a role; in a merchant a person has one")
	}
	return out, nil
}

func mayGive(who access.Person, owner id.ID, role access.Role) bool {
	if who.Unproven {
		return false
	}
	if owner == store.Centre {
		return who.Centre.MayGive(role)
	}
	return who.Merchants[owner].MayGive(role) || who.Centre.MayGive(role)
}

// Invite makes a link by which somebody joins an owner's people, once, within three days. The token is shown once: only
// its digest is kept. An operator may invite the owners of a merchant. Doors ask [Proposals.Invite], which knows what needs two
// people. Refused: forbidden, invalid_request.
func (r *Registry) Invite(ctx context.Context, who access.Person, owner id.ID, roles []string, name string) (i store.Invitation, token string, err error) {
	if _, err := giving(who, owner, roles); err != nil {
		return i, "", err
	}
	if owner != store.Centre {
		if _, err := r.Merchant(ctx, owner); err != nil {
			return i, "", err
		}
	}
	if err := short("name", name, 100); err != nil {
		return i, "", err
	}
	if token, err = r.newInvitation(); err != nil {
		return i, "", err
	}
	i, err = r.invite(ctx, who, owner, roles, name, seal.HashKey(token))
	return i, token, err
}

// newInvitation makes the token of a link.
func (r *Registry) newInvitation() (string, error) {
	random, err := r.random32()
	if err != nil {
		return "", fault.Wrap(fault.InternalError, err)
	}
	return seal.NewKey(invitationPrefix, random), nil
}

// invite keeps an invitation by the digest of its token, if who makes it may do so at this moment.
func (r *Registry) invite(ctx context.Context, who access.Person, owner id.ID, roles []string, name, hash string) (store.Invitation, error) {
	now := r.world.Clock.Now()
	i := store.Invitation{ID: r.newID(id.Invitation, r.bucket()), Owner: owner, Name: name, Hash: hash, InvitedBy: who.ID, CreatedAt: now, ExpiresAt: now.Add(InvitationLife)}
	err := r.alone(ctx, func(ctx context.Context, in *Registry) error {
		now, err := in.again(ctx, who)
		if err != nil {
			return err
		}
		given, err := giving(now, owner, roles)
		if err != nil {
			return err
		}
		i.Roles = given.String()
		if err := put(ctx, in, in.desk.Invitations(), i.ID, i); err != nil {
			return err
		}
		return in.note(ctx, store.PersonEvent{Owner: owner, By: who.ID, Kind: EventInvited, Detail: i.Roles + forWhom(name)})
	}, owner)
	return i, err
}

// forWhom adds a name to a detail.
func forWhom(name string) string {
	if name == "" {
		return ""
	}
	return ": " + name
}

// Withdraw takes an invitation back.
func (r *Registry) Withdraw(ctx context.Context, who access.Person, owner, invitation id.ID) error {
	return r.alone(ctx, func(ctx context.Context, in *Registry) error {
		now, err := in.again(ctx, who)
		if err != nil {
			return err
		}
		if err := handlesPeople(now, owner); err != nil {
			return err
		}
		i, err := in.desk.Invitations().Get(ctx, invitation)
		if err == nil && i.Owner != owner {
			err = store.ErrNotFound
		}
		if err != nil {
			return missing(err)
		}
		if !i.UsedAt.IsZero() || !i.WithdrawnAt.IsZero() {
			return nil
		}
		i.WithdrawnAt = r.world.Clock.Now()
		if err := put(ctx, in, in.desk.Invitations(), i.ID, i); err != nil {
			return err
		}
		return in.note(ctx, store.PersonEvent{Owner: owner, By: who.ID, Kind: EventWithdrawn, Detail: i.Roles + forWhom(i.Name)})
	}, owner)
}

// Invitation finds the invitation of a link; not_found for one that is wrong, used, withdrawn or old.
func (r *Registry) Invitation(ctx context.Context, token string) (store.Invitation, error) {
	i, err := r.desk.InvitationByHash(ctx, seal.HashKey(token))
	if err == nil && (!i.UsedAt.IsZero() || !i.WithdrawnAt.IsZero() || !r.world.Clock.Now().Before(i.ExpiresAt)) {
		err = store.ErrNotFound
	}
	return i, missing(err)
}

// Newcomer is what somebody new chooses.
type Newcomer struct{ Login, Name, Password string }

// Join accepts an invitation as somebody new, and signs in. Refused: not_found as Invitation does, and invalid_request with
// the field, after which the invitation still waits.
func (r *Registry) Join(ctx context.Context, token string, n Newcomer, c Caller) (out SignedIn, err error) {
	i, err := r.Invitation(ctx, token)
	if err != nil {
		return SignedIn{}, err
	}
	p, err := r.newPerson(n.Login, n.Name, n.Password)
	if err != nil {
		return SignedIn{}, err
	}
	m := r.newMembership(p.ID, i.Owner, access.ParseRoles(i.Roles, rolesOf(i.Owner)))
	err = r.aloneAndForget(ctx, func(ctx context.Context, in *Registry) error {
		if err := in.accept(ctx, token, m, &p, i, c); err != nil {
			return err
		}
		out, err = in.openStaff(ctx, p.ID, access.ByPassword, c)
		return err
	}, i.Owner)
	return out, err
}

// JoinAs accepts an invitation as a person who is signed in. A role that the person has there is replaced; at the centre
// the roles are added. Refused: not_found; invalid_request when nobody would be left to handle the people.
func (r *Registry) JoinAs(ctx context.Context, token string, who access.Person, c Caller) error {
	i, err := r.Invitation(ctx, token)
	if err != nil {
		return err
	}
	return r.aloneAndForget(ctx, func(ctx context.Context, in *Registry) error { return in.joinAs(ctx, token, i, who, c) }, i.Owner, who.ID)
}

func (r *Registry) joinAs(ctx context.Context, token string, i store.Invitation, who access.Person, c Caller) error {
	mine, err := r.desk.Memberships().List(ctx, who.ID, "", mostMembers)
	if err != nil {
		return missing(err)
	}
	m := r.newMembership(who.ID, i.Owner, access.ParseRoles(i.Roles, rolesOf(i.Owner)))
	if at := slices.IndexFunc(mine, func(x store.Membership) bool { return x.Owner == i.Owner }); at >= 0 {
		m.ID, m.CreatedAt = mine[at].ID, mine[at].CreatedAt
		if i.Owner == store.Centre && mine[at].EndedAt.IsZero() {
			m.Roles = access.ParseRoles(mine[at].Roles+" "+i.Roles, access.CentreRoles).String()
		}
		if mine[at].EndedAt.IsZero() {
			if err := r.somebodyLeft(ctx, mine[at], access.ParseRoles(m.Roles, rolesOf(i.Owner))); err != nil {
				return err
			}
		}
	}
	return r.accept(ctx, token, m, nil, i, c)
}

func (r *Registry) accept(ctx context.Context, token string, m store.Membership, newcomer *store.Person, i store.Invitation, c Caller) error {
	_, err := r.desk.Accept(ctx, seal.HashKey(token), r.world.Clock.Now(), m, newcomer)
	switch {
	case errors.Is(err, store.ErrTaken) && newcomer != nil:
		return loginTaken(err)
	case errors.Is(err, store.ErrNotFound):
		return fault.New(fault.NotFound)
	case err != nil:
		return fault.Wrap(fault.OutOfService, err)
	}
	return r.note(ctx, store.PersonEvent{Owner: i.Owner, Person: m.Person, By: i.InvitedBy, Kind: EventJoined, Detail: m.Roles, Address: addressOf(c)})
}

// ChangeRoles gives a member other roles. Refused: forbidden for roles, before or after, that are not the caller's to give;
// not_found; invalid_request when nobody would be left to handle the people.
func (r *Registry) ChangeRoles(ctx context.Context, who access.Person, owner, membership id.ID, roles []string) error {
	return r.aloneAndForget(ctx, func(ctx context.Context, in *Registry) error {
		return in.changeRoles(ctx, who, owner, membership, roles)
	}, owner)
}

func (r *Registry) changeRoles(ctx context.Context, who access.Person, owner, membership id.ID, roles []string) error {
	who, err := r.again(ctx, who)
	if err != nil {
		return err
	}
	given, err := giving(who, owner, roles)
	if err != nil {
		return err
	}
	m, err := r.membership(ctx, who, owner, membership)
	if err != nil {
		return err
	}
	if err := r.somebodyLeft(ctx, m, given); err != nil {
		return err
	}
	before := m.Roles
	m.Roles = given.String()
	if err := put(ctx, r, r.desk.Memberships(), m.ID, m); err != nil {
		return err
	}
	return r.note(ctx, store.PersonEvent{Owner: owner, Person: m.Person, By: who.ID, Kind: EventRoleChanged, Detail: before + " → " + m.Roles})
}

// EndMembership ends what a member may do for an owner, and the sessions of the person when nothing else is left.
func (r *Registry) EndMembership(ctx context.Context, who access.Person, owner, membership id.ID) error {
	m, err := r.membership(ctx, who, owner, membership) // Whose it is never changes.
	if err != nil {
		return err
	}
	return r.aloneAndForget(ctx, func(ctx context.Context, in *Registry) error { return in.endMembership(ctx, who, owner, membership) }, owner, m.Person)
}

func (r *Registry) endMembership(ctx context.Context, who access.Person, owner, membership id.ID) error {
	who, err := r.again(ctx, who)
	if err != nil {
		return err
	}
	m, err := r.membership(ctx, who, owner, membership)
	if err != nil {
		return err
	}
	if err := r.somebodyLeft(ctx, m, nil); err != nil {
		return err
	}
	m.EndedAt = r.world.Clock.Now()
	if err := put(ctx, r, r.desk.Memberships(), m.ID, m); err != nil {
		return err
	}
	owners, err := r.ownersOf(ctx, m.Person)
	if err != nil {
		return err
	}
	if len(owners) == 1 && owners[0] == "" {
		if _, err := r.desk.EndSessions(ctx, m.Person, "", r.world.Clock.Now()); err != nil {
			return written(err)
		}
	}
	return r.note(ctx, store.PersonEvent{Owner: owner, Person: m.Person, By: who.ID, Kind: EventLeft, Detail: m.Roles})
}

// EndMemberSession ends a session of a member.
func (r *Registry) EndMemberSession(ctx context.Context, who access.Person, owner, membership, session id.ID) error {
	m, err := r.membership(ctx, who, owner, membership)
	if err != nil {
		return err
	}
	s, err := r.desk.StaffSessions().Get(ctx, session)
	if err == nil && s.Person != m.Person {
		err = store.ErrNotFound
	}
	if err != nil {
		return missing(err)
	}
	return r.endStaff(ctx, session, store.PersonEvent{Person: m.Person, By: who.ID, Kind: EventSessionEnded})
}

// membership gives a member of an owner's people to somebody who may give, and so take away, all roles that the member has.
func (r *Registry) membership(ctx context.Context, who access.Person, owner, membership id.ID) (store.Membership, error) {
	if err := handlesPeople(who, owner); err != nil {
		return store.Membership{}, err
	}
	m, err := r.desk.Memberships().Get(ctx, membership)
	if err == nil && (m.Owner != owner || !m.EndedAt.IsZero()) {
		err = store.ErrNotFound
	}
	if err != nil {
		return m, missing(err)
	}
	for _, role := range access.ParseRoles(m.Roles, rolesOf(owner)) {
		if !mayGive(who, owner, role) {
			return m, fault.New(fault.Forbidden).Because("nobody gives a role, or takes one away, that is not his to give")
		}
	}
	return m, nil
}

// somebodyLeft refuses to take the last right to handle an owner's people away.
func (r *Registry) somebodyLeft(ctx context.Context, m store.Membership, after access.Roles) error {
	handles := access.HandlePeople
	if m.Owner == store.Centre {
		handles = access.HandleStaff
	}
	if after.Have(handles) || !access.ParseRoles(m.Roles, rolesOf(m.Owner)).Have(handles) {
		return nil
	}
	all, err := r.desk.MembershipsOf(ctx, m.Owner, "", mostMembers)
	if err != nil {
		return missing(err)
	}
	for _, other := range all {
		if other.ID != m.ID && other.EndedAt.IsZero() && access.ParseRoles(other.Roles, rolesOf(m.Owner)).Have(handles) {
			return nil
		}
	}
	return fault.New(fault.InvalidRequest).On("role").Because("nobody would be left to handle the people: give somebody else the role first")
}
