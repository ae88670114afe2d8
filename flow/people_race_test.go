package flow_test

import (
	"maps"
	"testing"
	"time"

	"tolom/access"
	"tolom/fault"
	"tolom/flow"
	"tolom/store"
)

// acts is a change, what is changed on another node at its last moment, and what must come of both.
type acts struct {
	meanwhile func() error // on another node
	act       func() error
	want      fault.Code // of the act; "" when it goes on
	after     func() (bool, any)
}

// scenes are of one change of access, or sign-in, in the middle of another.
func scenes() map[string]func(f *family) acts {
	all := map[string]func(f *family) acts{}
	for _, some := range []func() map[string]func(f *family) acts{memberScenes, invitationScenes, passkeyScenes, secretScenes, keyScenes} {
		maps.Copy(all, some())
	}
	return all
}

// memberScenes are of who is a merchant's.
func memberScenes() map[string]func(f *family) acts {
	return map[string]func(f *family) acts{
		"roles are changed while the access is ended": func(f *family) acts {
			m := f.membership(f.hire("cashier", access.RoleCashier).ID)
			return acts{func() error { return f.other.EndMembership(f.ctx, f.first, f.merchant, m.ID) },
				func() error { return f.r.ChangeRoles(f.ctx, f.first, f.merchant, m.ID, []string{"manager"}) }, fault.NotFound,
				func() (bool, any) { now := f.membership(m.Person); return !now.EndedAt.IsZero(), now }}
		},
		"the access is ended while roles are changed": func(f *family) acts {
			m := f.membership(f.hire("cashier", access.RoleCashier).ID)
			return acts{func() error { return f.other.ChangeRoles(f.ctx, f.first, f.merchant, m.ID, []string{"manager"}) },
				func() error { return f.r.EndMembership(f.ctx, f.first, f.merchant, m.ID) }, "",
				func() (bool, any) {
					now := f.membership(m.Person)
					return !now.EndedAt.IsZero() && now.Roles == "manager" && f.open(m.Person) == 0, now
				}}
		},
		"two owners end each other's access": func(f *family) acts {
			second := f.hire("second", access.RoleOwner)
			mine, hers := f.membership(f.first.ID), f.membership(second.ID)
			return acts{func() error { return f.other.EndMembership(f.ctx, second, f.merchant, mine.ID) },
				func() error { return f.r.EndMembership(f.ctx, f.first, f.merchant, hers.ID) }, fault.Forbidden,
				func() (bool, any) { return f.owners() == 1, f.owners() }}
		},
		"two owners become cashiers": func(f *family) acts {
			second := f.hire("second", access.RoleOwner)
			mine, hers := f.membership(f.first.ID), f.membership(second.ID)
			return acts{func() error { return f.other.ChangeRoles(f.ctx, second, f.merchant, hers.ID, []string{"cashier"}) },
				func() error { return f.r.ChangeRoles(f.ctx, f.first, f.merchant, mine.ID, []string{"cashier"}) }, fault.InvalidRequest,
				func() (bool, any) { return f.owners() == 1, f.owners() }}
		},
		"who ends somebody's access has lost his own": func(f *family) acts {
			second, third := f.hire("second", access.RoleOwner), f.hire("third", access.RoleCashier)
			return acts{func() error { return f.other.EndMembership(f.ctx, second, f.merchant, f.membership(f.first.ID).ID) },
				func() error { return f.r.EndMembership(f.ctx, f.first, f.merchant, f.membership(third.ID).ID) }, fault.Forbidden,
				func() (bool, any) { now := f.membership(third.ID); return now.EndedAt.IsZero(), now }}
		},
	}
}

// invitationScenes are of invitations.
func invitationScenes() map[string]func(f *family) acts {
	return map[string]func(f *family) acts{
		"the last other owner leaves while an owner accepts to be a cashier": func(f *family) acts {
			second := f.hire("second", access.RoleOwner)
			_, token := f.invite(access.RoleCashier)
			return acts{func() error { return f.other.EndMembership(f.ctx, f.first, f.merchant, f.membership(second.ID).ID) },
				func() error { return f.r.JoinAs(f.ctx, token, f.first, f.at) }, fault.InvalidRequest,
				func() (bool, any) { return f.owners() == 1, f.owners() }}
		},
		"who invites has lost his access": func(f *family) acts {
			second := f.hire("second", access.RoleOwner)
			return acts{func() error { return f.other.EndMembership(f.ctx, second, f.merchant, f.membership(f.first.ID).ID) },
				func() error {
					_, _, err := f.r.Invite(f.ctx, f.first, f.merchant, []string{"owner"}, "")
					return err
				}, fault.Forbidden,
				func() (bool, any) {
					list, err := f.store.Invitations().List(f.ctx, f.merchant, "", 10)
					f.must(err)
					return len(list) == 0, list
				}}
		},
		"an invitation is withdrawn while it is accepted": func(f *family) acts {
			i, token := f.invite(access.RoleOwner)
			return acts{func() error { return f.other.Withdraw(f.ctx, f.first, f.merchant, i.ID) },
				func() error {
					_, err := f.r.Join(f.ctx, token, flow.Newcomer{Login: "new" + f.merchant.Token(), Password: familyPassword}, f.at)
					return err
				}, fault.NotFound,
				func() (bool, any) { return f.owners() == 1, f.owners() }}
		},
		"an invitation is accepted while it is withdrawn": func(f *family) acts {
			i, token := f.invite(access.RoleOwner)
			return acts{func() error {
				_, err := f.other.Join(f.ctx, token, flow.Newcomer{Login: "new" + f.merchant.Token(), Password: familyPassword}, f.at)
				return err
			}, func() error { return f.r.Withdraw(f.ctx, f.first, f.merchant, i.ID) }, "",
				func() (bool, any) {
					now, err := f.store.Invitations().Get(f.ctx, i.ID)
					f.must(err)
					return !now.UsedAt.IsZero() && now.WithdrawnAt.IsZero() && now.Person != "" && f.owners() == 2, now
				}}
		},
	}
}

// passkeyScenes are of passkeys.
func passkeyScenes() map[string]func(f *family) acts {
	return map[string]func(f *family) acts{
		"a passkey is removed while it signs in": func(f *family) acts {
			key := f.passkey(f.first.ID)
			f.must(f.store.Passkeys().Put(f.ctx, newAuthenticator(f.t, f.first.ID).passkey(f.world))) // Another one, so that it may.
			return acts{func() error { return f.other.RemovePasskey(f.ctx, f.first, key.ID, proof, f.at) },
				func() error { _, err := f.byPasskey(f.r, f.first.ID); return err }, fault.Unauthorized,
				func() (bool, any) {
					now := f.passkey(f.first.ID)
					return !now.RemovedAt.IsZero() && f.open(f.first.ID) == 1, now
				}}
		},
		"a passkey signs in while it is removed": func(f *family) acts {
			key := f.passkey(f.first.ID)
			f.must(f.store.Passkeys().Put(f.ctx, newAuthenticator(f.t, f.first.ID).passkey(f.world))) // Another one, so that it may.
			return acts{func() error { _, err := f.byPasskey(f.other, f.first.ID); return err },
				func() error { return f.r.RemovePasskey(f.ctx, f.first, key.ID, proof, f.at) }, "",
				func() (bool, any) {
					now := f.passkey(f.first.ID)
					return !now.RemovedAt.IsZero() && now.Record != key.Record && f.open(f.first.ID) == 1, now
				}}
		},
		"a copy of a passkey signs in at the same moment": func(f *family) acts {
			k := doors(f.t)
			copied := *f.hands[f.first.ID]
			mine, err := f.r.BeginPasskeySignIn(f.ctx, k, f.at)
			f.must(err)
			theirs, err := f.r.BeginPasskeySignIn(f.ctx, k, f.at)
			f.must(err)
			return acts{func() error {
				_, err := f.other.FinishPasskeySignIn(f.ctx, k, theirs.Ticket, copied.sign(theirs), f.at)
				return err
			}, func() error {
				_, err := f.r.FinishPasskeySignIn(f.ctx, k, mine.Ticket, f.hands[f.first.ID].sign(mine), f.at)
				return err
			}, fault.Unauthorized, func() (bool, any) { return f.open(f.first.ID) == 2, f.open(f.first.ID) }}
		},
		"the access is set back on the server while a passkey is made": func(f *family) acts {
			k := doors(f.t)
			return acts{func() error { return f.other.ResetPerson(f.ctx, f.first.Login, "another "+familyPassword) },
				func() error { _, err := f.r.BeginPasskey(f.ctx, k, f.first, proof, f.at); return err }, fault.Unauthorized,
				func() (bool, any) { return f.open(f.first.ID) == 0, f.open(f.first.ID) }}
		},
		"the app is given up while the only passkey is": func(f *family) acts {
			key := f.passkey(f.first.ID)
			code := f.app(f.first.ID, oneSeed)
			recovery := "2345-6789-abcd-efgh"
			f.must(f.store.SetRecovery(f.ctx, f.first.ID, []string{access.HashRecovery(f.first.ID, "23456789abcdefgh")}))
			return acts{func() error {
				return f.other.RemoveTOTP(f.ctx, f.first, flow.Proof{Password: familyPassword, Code: recovery}, f.at)
			}, func() error {
				return f.r.RemovePasskey(f.ctx, f.first, key.ID, flow.Proof{Password: familyPassword, Code: code}, f.at)
			}, fault.Unauthorized, func() (bool, any) { now := f.passkey(f.first.ID); return now.RemovedAt.IsZero(), now }}
		},
	}
}

// secretScenes are of passwords, apps and codes.
func secretScenes() map[string]func(f *family) acts {
	return map[string]func(f *family) acts{
		"a password is changed while somebody signs in with it": func(f *family) acts {
			cashier := f.hire("cashier", access.RoleCashier)
			f.must(f.store.Passkeys().Put(f.ctx, ended(f.passkey(cashier.ID), f.world.Clock.Now())))
			return acts{func() error { return f.other.ChangePassword(f.ctx, cashier, proof, "another "+familyPassword, f.at) },
				func() error { _, err := f.r.SignIn(f.ctx, cashier.Login, familyPassword, f.at); return err }, fault.Unauthorized,
				func() (bool, any) { return f.open(cashier.ID) == 1, f.open(cashier.ID) }}
		},
		"a password is changed while somebody changes it": func(f *family) acts {
			var before string
			return acts{func() error {
				err := f.other.ChangePassword(f.ctx, f.first, proof, "another "+familyPassword, f.at)
				p, _ := f.store.Persons().Get(f.ctx, f.first.ID)
				before = p.PasswordHash
				return err
			}, func() error { return f.r.ChangePassword(f.ctx, f.first, proof, "a third "+familyPassword, f.at) }, fault.Unauthorized,
				func() (bool, any) {
					p, err := f.store.Persons().Get(f.ctx, f.first.ID)
					f.must(err)
					return p.PasswordHash == before, "the later one stands"
				}}
		},
		"an app is given up while its code signs in": func(f *family) acts {
			code := f.app(f.first.ID, oneSeed)
			half, err := f.r.SignIn(f.ctx, f.first.Login, familyPassword, f.at)
			f.must(err)
			return acts{func() error { return f.store.SetTOTP(f.ctx, f.first.ID, otherSeed, f.world.Clock.Now()) },
				func() error { _, err := f.r.SecondFactor(f.ctx, half.Ticket, code, f.at); return err }, fault.Unauthorized,
				func() (bool, any) { return f.open(f.first.ID) == 1, f.open(f.first.ID) }}
		},
		"the session is ended while recovery codes are made": func(f *family) acts {
			return acts{func() error { return f.other.EndOwnSession(f.ctx, f.first, f.first.Session) },
				func() error { _, err := f.r.MakeRecovery(f.ctx, f.first, proof, f.at); return err }, fault.Unauthorized,
				func() (bool, any) {
					left, err := f.store.RecoveryLeft(f.ctx, f.first.ID)
					f.must(err)
					return left == 0, left
				}}
		},
	}
}

// keyScenes are of keys.
func keyScenes() map[string]func(f *family) acts {
	return map[string]func(f *family) acts{
		"a key is revoked while it is rolled": func(f *family) acts {
			k, _, err := f.r.IssueKey(f.ctx, f.merchant, "", "web shop")
			f.must(err)
			return acts{func() error { _, err := f.other.RevokeKey(f.ctx, k.ID); return err },
				func() error { _, _, err := f.r.RollKey(f.ctx, f.merchant, k.ID, time.Hour); return err }, fault.InvalidRequest,
				func() (bool, any) { list := f.keys(); return len(list) == 1 && !list[0].RevokedAt.IsZero(), list }}
		},
		"a developer loses the access while a key is made": func(f *family) acts {
			who := f.hire("developer", access.RoleDeveloper)
			return acts{func() error { return f.other.EndMembership(f.ctx, f.first, f.merchant, f.membership(who.ID).ID) },
				func() error {
					_, _, err := f.r.MakeOwnKey(f.ctx, f.person(who), store.Key{Name: "key", Scopes: "read"})
					return err
				}, fault.Forbidden,
				func() (bool, any) { list := f.keys(); return len(list) == 0, list }}
		},
		"a key is revoked while it makes another": func(f *family) acts {
			k, secret := f.given(store.Key{Name: "whole", Scopes: "read request refund report"})
			by := f.holder(secret)
			return acts{func() error { _, err := f.other.RevokeKey(f.ctx, k.ID); return err },
				func() error {
					_, _, err := f.r.MakeOwnKey(f.ctx, by, store.Key{Name: "key", Scopes: "read"})
					return err
				}, fault.Unauthorized,
				func() (bool, any) { list := f.keys(); return len(list) == 1, list }}
		},
		"a key is rolled while it is rolled": func(f *family) acts {
			k, _, err := f.r.IssueKey(f.ctx, f.merchant, "", "web shop")
			f.must(err)
			return acts{func() error { _, _, err := f.other.RollKey(f.ctx, f.merchant, k.ID, time.Hour); return err },
				func() error { _, _, err := f.r.RollKey(f.ctx, f.merchant, k.ID, time.Hour); return err }, fault.InvalidRequest,
				func() (bool, any) { list := f.keys(); return len(list) == 2, list }}
		},
	}
}

// TestThreatChangedMeanwhile has a change of somebody's access made on another node at the last moment of a change, or of a
// sign-in, here. What was done first stays done, and what comes after it is judged by it.
func TestThreatChangedMeanwhile(t *testing.T) {
	everyPlace(t, func(t *testing.T, p place) {
		for name, scene := range scenes() {
			t.Run(name, func(t *testing.T) {
				f := newFamily(t, p, true)
				a := scene(f)
				var met error
				f.meddle.do = func() { met = a.meanwhile() }
				err := a.act()
				if f.meddle.do != nil || met != nil {
					t.Fatalf("nothing came between: %v", met)
				}
				if f := fault.From(err); (f == nil) != (a.want == "") || f != nil && f.Code != a.want {
					t.Errorf("it was answered %v, want %q", err, a.want)
				}
				if good, found := a.after(); !good {
					t.Errorf("after it there is %+v", found)
				}
			})
		}
	})
}
