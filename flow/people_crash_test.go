package flow_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"tolom/access"
	"tolom/flow"
	"tolom/id"
	"tolom/store"
)

var errDied = errors.New("the node died before the event of the deed was written")

// dying is a store whose node dies when an event of people is to be written, after whatever was written before it.
type dying struct {
	store.Store
	died *int
}

func (d dying) AddPersonEvents(context.Context, []store.PersonEvent) error { *d.died++; return errDied }

func (d dying) Alone(ctx context.Context, whose []id.ID, do func(context.Context, store.Desk) error) error {
	return d.Store.Alone(ctx, whose, func(ctx context.Context, in store.Desk) error { return do(ctx, dyingDesk{in, d.died}) })
}

// dyingDesk is its desk within a change.
type dyingDesk struct {
	store.Desk
	died *int
}

func (d dyingDesk) AddPersonEvents(context.Context, []store.PersonEvent) error {
	*d.died++
	return errDied
}

func (d dyingDesk) Alone(ctx context.Context, whose []id.ID, do func(context.Context, store.Desk) error) error {
	return d.Desk.Alone(ctx, whose, func(ctx context.Context, in store.Desk) error { return do(ctx, dyingDesk{in, d.died}) })
}

// kept is all that deeds of people change, of a merchant and a person.
func (f *family) kept(people ...id.ID) string {
	f.t.Helper()
	members, err := f.store.MembershipsOf(f.ctx, f.merchant, "", 100)
	f.must(err)
	invited, err := f.store.Invitations().List(f.ctx, f.merchant, "", 100)
	f.must(err)
	text := fmt.Sprintln(members, invited)
	for _, name := range people {
		p, err := f.store.Persons().Get(f.ctx, name)
		f.must(err)
		sessions, err := f.store.OpenSessions(f.ctx, name, f.world.Clock.Now(), 100)
		f.must(err)
		keys, err := f.store.Passkeys().List(f.ctx, name, "", 100)
		f.must(err)
		text += fmt.Sprintln(p, sessions, keys)
	}
	return text
}

// deeds are what people do to access, by what is done.
func (f *family) deeds(r *flow.Registry, second access.Person, i store.Invitation, token string) map[string]func() error {
	m := f.membership(second.ID)
	return map[string]func() error{
		"invite":   func() error { _, _, err := r.Invite(f.ctx, f.first, f.merchant, []string{"cashier"}, ""); return err },
		"withdraw": func() error { return r.Withdraw(f.ctx, f.first, f.merchant, i.ID) },
		"join": func() error {
			_, err := r.Join(f.ctx, token, flow.Newcomer{Login: "new" + f.merchant.Token(), Password: familyPassword}, f.at)
			return err
		},
		"join as oneself":   func() error { return r.JoinAs(f.ctx, token, second, f.at) },
		"change roles":      func() error { return r.ChangeRoles(f.ctx, f.first, f.merchant, m.ID, []string{"manager"}) },
		"end the access":    func() error { return r.EndMembership(f.ctx, f.first, f.merchant, m.ID) },
		"end a session":     func() error { return r.EndMemberSession(f.ctx, f.first, f.merchant, m.ID, second.Session) },
		"sign out":          func() error { return r.SignOut(f.ctx, second) },
		"change a password": func() error { return r.ChangePassword(f.ctx, second, proof, "another good horse battery", f.at) },
		"remove a passkey":  func() error { return r.RemovePasskey(f.ctx, second, f.passkey(second.ID).ID, proof, f.at) },
		"sign in":           func() error { _, err := f.byPasskey(r, second.ID); return err },
		"reset on a server": func() error { return r.ResetPerson(f.ctx, f.login(second.ID), "another good horse battery") },
		"add at the console": func() error {
			_, err := r.AddMember(f.ctx, f.merchant, access.RoleCashier, "more"+f.merchant.Token(), "", familyPassword)
			return err
		},
	}
}

func (f *family) login(person id.ID) string {
	p, err := f.store.Persons().Get(f.ctx, person)
	f.must(err)
	return p.Login
}

// TestADeedAndItsEventAreOne: a node that dies between a deed of people and its line in the record leaves neither.
func TestADeedAndItsEventAreOne(t *testing.T) {
	everyPlace(t, func(t *testing.T, p place) {
		f := newFamily(t, p, false)
		died := 0
		broken := flow.NewRegistry(dying{p.store, &died}, access.New(p.store, p.world.Clock), p.world)
		second := f.hire("second", access.RoleCashier)
		plain, err := f.other.AddMember(f.ctx, f.merchant, access.RoleCashier, "plain"+f.merchant.Token(), "", familyPassword)
		f.must(err)
		i, token := f.invite(access.RoleReader)
		deeds := f.deeds(broken, second, i, token)
		deeds["sign in by a password"] = func() error { _, err := broken.SignIn(f.ctx, plain.Login, familyPassword, f.at); return err }
		for _, name := range slices.Sorted(maps.Keys(deeds)) {
			before, dead := f.kept(f.first.ID, second.ID, plain.ID), died
			if err := deeds[name](); err == nil {
				t.Errorf("%s: it was said to be done", name)
			}
			if died == dead {
				t.Errorf("%s: nothing was to be written down", name)
			}
			if after := f.kept(f.first.ID, second.ID, plain.ID); after != before {
				t.Errorf("%s was done, and nobody wrote it down:\n%s\n%s", name, before, after)
			}
		}
		f.must(f.deeds(f.other, second, i, token)["change roles"]())
	})
}
