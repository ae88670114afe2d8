package flow_test

import (
	"testing"
	"time"

	"tolom/access"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/proposal"
	"tolom/seal"
	"tolom/store"
)

// staffed adds somebody of the centre, with the access that the gate would give.
func (e *eyes) staffed(login string, roles ...access.Role) access.Person {
	e.t.Helper()
	p, err := e.registry.AddOperator(e.ctx, login, "correct horse battery", roles...)
	e.must(err)
	return access.Person{ID: p.ID, Login: login, Name: login, Centre: roles}
}

func (e *eyes) approve(by access.Person, p proposal.Proposal) proposal.Proposal {
	e.t.Helper()
	p, err := e.nodes[len(e.nodes)-1].Approve(e.ctx, proposal.Person{ID: by.ID, Name: by.Name}, p.ID, p.Digest())
	e.must(err)
	return p
}

func (e *eyes) proposed(name id.ID) proposal.Proposal {
	e.t.Helper()
	p, err := e.store.Proposal(e.ctx, name)
	e.must(err)
	return p
}

func (e *eyes) joins(token, login string) error {
	_, err := e.registry.Join(e.ctx, token, flow.Newcomer{Login: login, Name: login, Password: "correct horse battery"}, flow.Caller{})
	return err
}

// TestThreatOnePersonMakesAnother: who could propose or approve, and who is given to a merchant by the centre, needs two people;
// a merchant's own people, auditors, and roles that are only taken away do not.
func TestThreatOnePersonMakesAnother(t *testing.T) {
	everyPlace(t, func(t *testing.T, place place) {
		e := newEyes(t, place, true)
		operator, approver, auditor := e.staffed("operator", access.RoleOperator), e.staffed("approver", access.RoleApprover), e.staffed("auditor", access.RoleAuditor)
		for n, c := range []struct {
			owner id.ID
			role  string
			waits bool
		}{{store.Centre, "operator", true}, {e.shop, "owner", true}, {store.Centre, "auditor", false}} {
			token, waits, err := e.Invite(e.ctx, operator, c.owner, []string{c.role}, "Somebody new")
			e.must(err)
			login := "new-" + string(rune('a'+n))
			if (waits != "") != c.waits {
				t.Errorf("%s of %s: waits %q", c.role, c.owner, waits)
			}
			if waits == "" {
				e.must(e.joins(token, login))
				continue
			}
			if err := e.joins(token, login); e.code(err) != fault.NotFound {
				t.Errorf("%s joined by one person's word: %v", c.role, err)
			}
			p := e.proposed(waits)
			if _, err := e.Approve(e.ctx, proposal.Person{ID: operator.ID}, p.ID, p.Digest()); e.code(err) == "" {
				t.Error("the proposer approves himself")
			}
			e.is(e.approve(approver, p), proposal.Done, "proposed approved done")
			e.must(e.joins(token, login))
		}
		e.roles(operator, approver, auditor)
	})
}

// roles are given, and taken away, on a membership that is there.
func (e *eyes) roles(operator, approver, auditor access.Person) {
	e.t.Helper()
	mine, err := e.registry.Desk().Memberships().List(e.ctx, auditor.ID, "", 1)
	e.must(err)
	now := func() string {
		m, err := e.store.Memberships().Get(e.ctx, mine[0].ID)
		e.must(err)
		return m.Roles
	}
	waits, err := e.ChangeRoles(e.ctx, operator, store.Centre, mine[0].ID, []string{"auditor", "operator"})
	e.must(err)
	if waits == "" || now() != "auditor" {
		e.t.Errorf("the auditor is %s by one person's word", now())
	}
	p := e.proposed(waits)
	e.is(e.approve(approver, p), proposal.Done, "proposed approved done")
	if now() != "operator auditor" && now() != "auditor operator" {
		e.t.Errorf("two people made the auditor %s", now())
	}
	waits, err = e.ChangeRoles(e.ctx, operator, store.Centre, mine[0].ID, []string{"auditor"})
	if e.must(err); waits != "" || now() != "auditor" {
		e.t.Errorf("to take a role away waits (%s), and leaves %s", waits, now())
	}
	if _, err := e.ChangeRoles(e.ctx, operator, store.Centre, mine[0].ID, []string{"approver"}); e.code(err) != fault.Forbidden {
		e.t.Errorf("an operator makes an approver: %v", err)
	}
	waits, err = e.ChangeRoles(e.ctx, operator, store.Centre, mine[0].ID, []string{"operator"})
	e.must(err)
	members, err := e.registry.Desk().Memberships().List(e.ctx, operator.ID, "", 1)
	e.must(err)
	ended := members[0]
	ended.EndedAt = ended.CreatedAt.Add(time.Hour)
	e.must(e.store.Memberships().Put(e.ctx, ended))
	if p = e.approve(approver, e.proposed(waits)); p.Status != proposal.Failed || now() != "auditor" {
		e.t.Errorf("the wish of somebody who left is %s (%s), and the auditor %s", p.Status, p.Outcome, now())
	}
}

// TestThreatLastKeyOfAPSP: one person may not cut a PSP off, and may take away any key beside which another works.
func TestThreatLastKeyOfAPSP(t *testing.T) {
	everyPlace(t, func(t *testing.T, place place) {
		e := newEyes(t, place, true)
		psp, now := e.psps["blue"].ID, e.world.Clock.Now()
		add := func(n byte, from, until time.Time) id.ID {
			public, err := seal.NewPrivateKey([32]byte{n}).Public().Text()
			e.must(err)
			k, err := e.registry.AddPSPKey(e.ctx, store.PSPKey{PSP: psp, Algorithm: string(seal.Ed25519), Public: public, NotBefore: from, NotAfter: until})
			e.must(err)
			return k.ID
		}
		first, second := add(1, time.Time{}, time.Time{}), add(2, time.Time{}, time.Time{})
		add(3, now.Add(48*time.Hour), time.Time{}) // works later
		if p := e.ask(flow.ActRevokePSPKey, first, flow.NoBody{}); p.Status != proposal.Done {
			t.Errorf("one of two keys waits: %s", p.Status)
		}
		p := e.ask(flow.ActRevokePSPKey, second, flow.NoBody{})
		k, err := e.store.PSPKeys().Get(e.ctx, second)
		if e.must(err); p.Status != proposal.Proposed || !k.RevokedAt.IsZero() {
			t.Errorf("the last key is %s by one person's word", p.Status)
		}
		_, err = e.Approve(e.ctx, bolot, p.ID, p.Digest())
		e.must(err)
		if k, err = e.store.PSPKeys().Get(e.ctx, second); err != nil || k.RevokedAt.IsZero() {
			t.Errorf("two people have not revoked it: %v", err)
		}
	})
}
