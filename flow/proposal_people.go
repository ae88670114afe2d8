package flow

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"tolom/access"
	"tolom/fault"
	"tolom/id"
	"tolom/proposal"
	"tolom/seal"
	"tolom/store"
)

// The actions on who may do what touches money: the operators and approvers of the centre, and people whom the centre
// gives to a merchant.
const (
	ActInvite    = "person.invite"
	ActGiveRoles = "person.roles"
)

// InviteBody is the body of person.invite. The link was made when it was proposed and shown to the proposer alone; it works
// from the approval on, for three days.
type InviteBody struct {
	Owner id.ID  `json:"owner"`
	Roles string `json:"roles"`
	Name  string `json:"name"`
	Hash  string `json:"hash"`
}

// RolesBody is the body of person.roles, whose target is a membership of the centre.
type RolesBody struct {
	Roles string `json:"roles"`
}

func (s *Proposals) registerPeople() {
	Register(s, Kind[InviteBody]{Name: ActInvite, Plan: planInvite, Write: writeInvite})
	Register(s, Kind[RolesBody]{Name: ActGiveRoles, Plan: planRoles, Write: writeRoles})
}

// powerful says whether roles need two people to be given: those that propose and approve at the centre, and all that the
// centre gives in a merchant. What a merchant's owner gives to his own people is his.
func powerful(who access.Person, owner id.ID, given, had access.Roles) bool {
	return slices.ContainsFunc(given, func(role access.Role) bool {
		switch {
		case slices.Contains(had, role):
			return false
		case owner == store.Centre:
			return role == access.RoleOperator || role == access.RoleApprover
		}
		return !who.Merchants[owner].MayGive(role)
	})
}

// Invite makes a link by which somebody joins an owner's people, as [Registry.Invite] does; waits is the proposal that a
// second person must approve before it works, "" for none. Refused as there.
func (s *Proposals) Invite(ctx context.Context, who access.Person, owner id.ID, roles []string, name string) (token string, waits id.ID, err error) {
	given, err := giving(who, owner, roles)
	if err != nil {
		return "", "", err
	}
	if !powerful(who, owner, given, nil) {
		_, token, err = s.registry.Invite(ctx, who, owner, roles, name)
		return token, "", err
	}
	if token, err = s.registry.newInvitation(); err != nil {
		return "", "", err
	}
	p, err := s.Ask(ctx, Ask{By: byOf(who), Action: ActInvite, Target: owner, Body: InviteBody{owner, given.String(), name, seal.HashKey(token)}})
	if err != nil {
		return "", "", err
	}
	return token, waiting(p), nil
}

// ChangeRoles gives a member other roles, as [Registry.ChangeRoles] does; waits is the proposal that a second person must
// approve, "" when it is done. Refused as there.
func (s *Proposals) ChangeRoles(ctx context.Context, who access.Person, owner, membership id.ID, roles []string) (waits id.ID, err error) {
	given, err := giving(who, owner, roles)
	if err != nil {
		return "", err
	}
	m, err := s.registry.membership(ctx, who, owner, membership)
	if err != nil {
		return "", err
	}
	if owner != store.Centre || !powerful(who, owner, given, access.ParseRoles(m.Roles, access.CentreRoles)) {
		return "", s.registry.ChangeRoles(ctx, who, owner, membership, roles)
	}
	p, err := s.Ask(ctx, Ask{By: byOf(who), Action: ActGiveRoles, Target: membership, Body: RolesBody{given.String()}})
	return waiting(p), err
}

// waiting is the proposal while it waits for a second person.
func waiting(p proposal.Proposal) id.ID {
	if p.Status != proposal.Proposed {
		return ""
	}
	return p.ID
}

func byOf(who access.Person) proposal.Person {
	return proposal.Person{ID: who.ID, Name: cmp.Or(who.Name, who.Login)}
}

func planInvite(ctx context.Context, r *Registry, _ id.ID, b *InviteBody) ([]proposal.Line, error) {
	roles := access.ParseRoles(b.Roles, rolesOf(b.Owner))
	if len(roles) == 0 || roles.String() != b.Roles || b.Hash == "" {
		return nil, fault.New(fault.InvalidRequest).On("role").Because("there is no such role here")
	}
	if b.Owner != store.Centre {
		if _, err := r.desk.Merchants().Get(ctx, b.Owner); err != nil {
			return nil, missing(err)
		}
	}
	return filled([]proposal.Line{newLine("roles", b.Roles), newLine("name", b.Name)}), short("name", b.Name, 100)
}

// writeInvite invites in the name of who has proposed it, if he still may.
func writeInvite(ctx context.Context, r *Registry, p proposal.Proposal, b InviteBody) (string, error) {
	i, err := r.invite(ctx, access.Person{ID: p.ProposedBy.ID}, b.Owner, strings.Fields(b.Roles), b.Name, b.Hash)
	return string(i.ID), err
}

func planRoles(ctx context.Context, r *Registry, target id.ID, b *RolesBody) ([]proposal.Line, error) {
	m, err := r.desk.Memberships().Get(ctx, target)
	if err == nil && (m.Owner != store.Centre || !m.EndedAt.IsZero()) {
		err = store.ErrNotFound
	}
	if err != nil {
		return nil, missing(err)
	}
	person, err := r.desk.Persons().Get(ctx, m.Person)
	if err != nil {
		return nil, missing(err)
	}
	return []proposal.Line{newLine("login", person.Login), {Name: "roles", Before: m.Roles, After: b.Roles}}, nil
}

// writeRoles gives roles in the name of who has proposed it, if he still may.
func writeRoles(ctx context.Context, r *Registry, p proposal.Proposal, b RolesBody) (string, error) {
	return "", r.ChangeRoles(ctx, access.Person{ID: p.ProposedBy.ID}, store.Centre, p.Target, strings.Fields(b.Roles))
}

// lastPSPKey says whether a PSP has no other key that works: without one it is cut off, with all that its payers want to pay,
// which is more than a power taken away.
func lastPSPKey(ctx context.Context, r *Registry, target id.ID) (bool, error) {
	k, err := r.desk.PSPKeys().Get(ctx, target)
	if err != nil || !k.RevokedAt.IsZero() {
		return false, missing(err)
	}
	now := r.world.Clock.Now()
	for after := id.ID(""); ; {
		list, err := r.desk.PSPKeys().List(ctx, k.PSP, after, 100)
		if err != nil {
			return false, fault.Wrap(fault.OutOfService, err)
		}
		for _, other := range list {
			works := other.RevokedAt.IsZero() && !now.Before(other.NotBefore) && (other.NotAfter.IsZero() || now.Before(other.NotAfter))
			if after = other.ID; other.ID != k.ID && works {
				return false, nil
			}
		}
		if len(list) < 100 {
			return true, nil
		}
	}
}
