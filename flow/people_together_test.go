package flow_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"tolom/access"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
)

// node gives one of two registries over the family's store, each with a gate of its own.
func (f *family) node(i int) *flow.Registry {
	if i%2 == 0 {
		return f.r
	}
	return f.other
}

// count says how many of several went well, and holds the others to refusals.
func (f *family) count(errs []error, codes ...fault.Code) (n int) {
	f.t.Helper()
	for _, err := range errs {
		refusal := fault.From(err)
		switch {
		case err == nil:
			n++
		case !hasCode(refusal, codes):
			f.t.Errorf("somebody was told %v", err)
		}
	}
	return n
}

func hasCode(f *fault.Error, codes []fault.Code) bool {
	for _, c := range codes {
		if f.Code == c {
			return true
		}
	}
	return false
}

// TestThreatPeopleAtOnce has many do at once what one may do once, or what must leave somebody, on two nodes.
func TestThreatPeopleAtOnce(t *testing.T) {
	everyPlace(t, func(t *testing.T, p place) {
		for _, some := range []map[string]func(*family){crowdsOfMembers(), crowdsOfSecrets()} {
			for name, rush := range some {
				t.Run(name, func(t *testing.T) { rush(newFamily(t, p, true)) })
			}
		}
	})
}

// crowdsOfMembers change who belongs to a merchant.
func crowdsOfMembers() map[string]func(*family) {
	return map[string]func(*family){
		"four owners end each other": func(f *family) {
			owners := []access.Person{f.first}
			for i := range 3 {
				owners = append(owners, f.hire(fmt.Sprint("owner", i), access.RoleOwner))
			}
			var theirs []id.ID
			for _, o := range owners {
				theirs = append(theirs, f.membership(o.ID).ID)
			}
			ended := f.count(together(8, func(i int) error {
				return f.node(i).EndMembership(f.ctx, owners[i%4], f.merchant, theirs[(i+1+i/4)%4])
			}), fault.Forbidden, fault.NotFound, fault.InvalidRequest)
			if left := f.owners(); left < 1 || left != 4-ended {
				f.t.Errorf("%d were told that they ended somebody, %d owners are left", ended, left)
			}
		},
		"all owners become cashiers": func(f *family) {
			owners := []access.Person{f.first, f.hire("a", access.RoleOwner), f.hire("b", access.RoleOwner)}
			f.count(together(3, func(i int) error {
				return f.node(i).ChangeRoles(f.ctx, owners[i], f.merchant, f.membership(owners[i].ID).ID, []string{"cashier"})
			}), fault.Forbidden, fault.InvalidRequest)
			if left := f.owners(); left != 1 {
				f.t.Errorf("%d owners are left", left)
			}
		},
		"roles are changed and the access is ended": func(f *family) {
			m := f.membership(f.hire("cashier", access.RoleCashier).ID)
			errs := together(6, func(i int) error {
				if i == 3 {
					return f.node(i).EndMembership(f.ctx, f.first, f.merchant, m.ID)
				}
				return f.node(i).ChangeRoles(f.ctx, f.first, f.merchant, m.ID, []string{[]string{"cashier", "manager"}[i%2]})
			})
			f.count(errs, fault.NotFound)
			if now := f.membership(m.Person); errs[3] != nil || now.EndedAt.IsZero() {
				f.t.Errorf("the access was ended: %v; it is %+v", errs[3], now)
			}
		},
		"an invitation is accepted by many": func(f *family) {
			_, token := f.invite(access.RoleCashier)
			in := f.count(together(6, func(i int) error {
				_, err := f.node(i).Join(f.ctx, token, flow.Newcomer{Login: fmt.Sprint("new", i, f.merchant.Token()), Password: familyPassword}, f.at)
				return err
			}), fault.NotFound)
			list, err := f.store.MembershipsOf(f.ctx, f.merchant, "", 100)
			f.must(err)
			if in != 1 || len(list) != 2 {
				f.t.Errorf("%d came in, there are %d people", in, len(list))
			}
		},
	}
}

// crowdsOfSecrets use or change what somebody comes in with.
func crowdsOfSecrets() map[string]func(*family) {
	return map[string]func(*family){
		"a code of the app is typed twice": func(f *family) {
			code := f.app(f.first.ID, oneSeed)
			f.once(func(i int, ticket string) error {
				_, err := f.node(i).SecondFactor(f.ctx, ticket, code, f.at)
				return err
			})
		},
		"a recovery code is typed twice": func(f *family) {
			f.app(f.first.ID, oneSeed)
			f.must(f.store.SetRecovery(f.ctx, f.first.ID, []string{access.HashRecovery(f.first.ID, "23456789abcdefgh")}))
			f.once(func(i int, ticket string) error {
				_, err := f.node(i).SecondFactor(f.ctx, ticket, "2345-6789-abcd-efgh", f.at)
				return err
			})
		},
		"a passkey signs in and is removed": func(f *family) {
			key := f.passkey(f.first.ID)
			f.must(f.store.Passkeys().Put(f.ctx, newAuthenticator(f.t, f.first.ID).passkey(f.world)))
			challenges := make([][]byte, 6)
			tickets := make([]string, 6)
			for i := range challenges {
				c, err := f.r.BeginPasskeySignIn(f.ctx, doors(f.t), f.at)
				f.must(err)
				tickets[i], challenges[i] = c.Ticket, f.hands[f.first.ID].sign(c)
			}
			errs := together(6, func(i int) error {
				if i == 2 {
					return f.node(i).RemovePasskey(f.ctx, f.first, key.ID, proof, f.at)
				}
				_, err := f.node(i).FinishPasskeySignIn(f.ctx, doors(f.t), tickets[i], challenges[i], f.at)
				return err
			})
			f.count(errs, fault.Unauthorized)
			if now := f.passkey(f.first.ID); errs[2] != nil || now.RemovedAt.IsZero() || f.open(f.first.ID) != 1 {
				f.t.Errorf("it was removed: %v; it is %+v, and %d sessions are open", errs[2], now, f.open(f.first.ID))
			}
		},
		"a key is rolled and revoked": func(f *family) {
			k, _, err := f.r.IssueKey(f.ctx, f.merchant, "", "web shop")
			f.must(err)
			errs := together(6, func(i int) error {
				if i == 2 {
					_, err := f.node(i).RevokeKey(f.ctx, k.ID)
					return err
				}
				_, _, err := f.node(i).RollKey(f.ctx, f.merchant, k.ID, time.Hour)
				return err
			})
			rolled := f.count(errs, fault.InvalidRequest) - 1
			all := f.keys()
			old, err := f.store.Keys().Get(f.ctx, k.ID)
			f.must(err)
			if errs[2] != nil || rolled > 1 || len(all) != 1+rolled || old.RevokedAt.IsZero() {
				f.t.Errorf("it was rolled %d times and revoked: %v; there are %+v", rolled, errs[2], all)
			}
		},
	}
}

// once has four who know a password come with one code at once, each with a ticket of his own.
func (f *family) once(enter func(i int, ticket string) error) {
	f.t.Helper()
	var tickets []string
	for range 4 {
		half, err := f.r.SignIn(f.ctx, f.first.Login, familyPassword, f.at)
		f.must(err)
		tickets = append(tickets, half.Ticket)
	}
	errs := together(4, func(i int) error { return enter(i, tickets[i]) })
	if in := f.count(errs, fault.Unauthorized, fault.RateLimited); in != 1 || f.open(f.first.ID) != 2 {
		f.t.Errorf("%d came in by one code, %d sessions are open", in, f.open(f.first.ID))
	}
}

// TestThreatHalfWayWithAnOldPassword: whoever has come half way with a password does not come in after it, or a factor,
// was changed, whatever he was half way through.
func TestThreatHalfWayWithAnOldPassword(t *testing.T) {
	everyPlace(t, func(t *testing.T, p place) {
		f := newFamily(t, p, true)
		keys := doors(t)
		half, err := f.r.SignIn(f.ctx, f.first.Login, familyPassword, f.at)
		f.must(err)
		seed, err := f.r.BeginTOTP(f.ctx, f.first)
		f.must(err)
		made, err := f.r.BeginPasskey(f.ctx, keys, f.first, proof, f.at)
		f.must(err)
		f.must(f.other.ChangePassword(f.ctx, f.first, proof, "another "+familyPassword, f.at))
		code, err := totp.GenerateCode(seed.Seed, f.world.Clock.Now())
		f.must(err)
		_, err = f.r.SecondFactor(f.ctx, half.Ticket, code, f.at)
		refusedWith(t, err, fault.Unauthorized)
		_, err = f.r.FinishTOTP(f.ctx, f.first, seed.Ticket, code, flow.Proof{Password: "another " + familyPassword}, f.at)
		refusedWith(t, err, fault.Unauthorized)
		_, err = f.r.FinishPasskey(f.ctx, keys, f.first, made.Ticket, "phone", []byte("{}"), f.at)
		refusedWith(t, err, fault.Unauthorized)
		if n := f.open(f.first.ID); n != 1 {
			t.Errorf("%d sessions are open", n)
		}
	})
}
