package flow_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tolom/access"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/store"
)

// person is somebody who makes keys.
func (f *family) person(who access.Person) *flow.KeyByPerson {
	return &flow.KeyByPerson{Who: who, Merchant: f.merchant, Proof: proof, Caller: f.at}
}

// holder is a program that calls with a key, from a network that every key of these tests may come from.
func (f *family) holder(secret string) flow.KeyByKey {
	f.t.Helper()
	m, err := f.gate.MerchantFrom(f.ctx, secret, f.at.Address)
	f.must(err)
	return flow.KeyByKey{Who: m}
}

// given makes a key as the first owner.
func (f *family) given(k store.Key) (store.Key, string) {
	f.t.Helper()
	made, secret, err := f.r.MakeOwnKey(f.ctx, f.person(f.first), k)
	f.must(err)
	return made, secret
}

// shopAndTill is a store of a merchant, with a till.
func (f *family) shopAndTill(merchant id.ID) (store.Place, store.Till) {
	f.t.Helper()
	s, err := f.r.AddStore(f.ctx, store.Place{Merchant: merchant, Name: "Bazaar"})
	f.must(err)
	t, err := f.r.AddTill(f.ctx, store.Till{Merchant: merchant, Store: s.ID, Name: "Till 1"})
	f.must(err)
	return s, t
}

// TestMerchantsMakeTheirKeys: an owner makes a key, a program makes a narrower one with it, each works for what it was made, two
// work while one is rolled, and all of it is written down for the owner.
func TestMerchantsMakeTheirKeys(t *testing.T) {
	everyPlace(t, func(t *testing.T, p place) {
		f := newFamily(t, p, true)
		shop, till := f.shopAndTill(f.merchant)
		ends := p.world.Clock.Now().Add(24 * time.Hour)
		whole, secret := f.given(store.Key{Name: "back office", Scopes: "read request refund report", Networks: "10.0.0.0/8", ExpiresAt: ends})
		narrow, of, err := f.r.MakeOwnKey(f.ctx, f.holder(secret), store.Key{Name: "till program", Scopes: "request read", Store: shop.ID})
		f.must(err)
		if m := f.holder(of).Who; narrow.MadeBy != whole.ID || whole.MadeBy != f.first.ID || m.Store != shop.ID || m.May.String() != "read request" || narrow.Networks != "10.0.0.0/8" || !narrow.ExpiresAt.Equal(ends.Truncate(time.Millisecond)) {
			t.Errorf("the key is %+v, and lets in %+v", narrow, m)
		}
		_, _, err = f.r.MakeOwnKey(f.ctx, f.holder(secret), store.Key{Name: "one till", Scopes: "read", Till: till.ID, Networks: "10.0.0.0/24", ExpiresAt: ends.Add(-time.Hour)})
		f.must(err)
		next, newer, err := f.r.RollOwnKey(f.ctx, f.person(f.first), narrow.ID, time.Hour)
		f.must(err)
		f.holder(of)
		f.holder(newer)
		_, _, err = f.r.RollOwnKey(f.ctx, f.person(f.first), narrow.ID, time.Hour)
		refusedWith(t, err, fault.InvalidRequest) // Two at once, and no third.
		_, err = f.r.EndOwnKey(f.ctx, f.holder(secret), next.ID)
		f.must(err)
		_, err = f.gate.MerchantFrom(f.ctx, newer, f.at.Address)
		refusedWith(t, err, fault.Unauthorized)
		list, err := f.r.OwnKeys(f.ctx, f.first, f.merchant)
		f.must(err)
		makers := map[string]int{}
		for _, k := range list {
			makers[k.Maker]++
		}
		if makers[f.first.Login] != 2 || makers["…"+whole.Hint] != 2 {
			t.Errorf("the makers are %v", makers)
		}
		events, err := f.r.PeopleEvents(f.ctx, f.first, f.merchant, "", 100)
		f.must(err)
		var told []string
		for _, e := range slices.Backward(events) {
			if strings.HasPrefix(e.Kind, "key_") {
				told = append(told, e.Kind+" "+strings.ReplaceAll(strings.ReplaceAll(e.Detail, narrow.Hint, "NNNN"), next.Hint, "XXXX")+" "+string(e.By[:min(3, len(e.By))]))
			}
		}
		slices.Sort(told)
		if len(told) != 5 || told[0] != "key_ended till program …XXXX, by …"+whole.Hint+" " || told[4] != "key_rolled till program …XXXX prs" {
			t.Errorf("the owner is told %q", told)
		}
	})
}

// TestThreatAKeyThatMakesAStrongerKey asks with a key for one that may do more, elsewhere, for longer or from elsewhere.
func TestThreatAKeyThatMakesAStrongerKey(t *testing.T) {
	f := newFamily(t, memory(t), true)
	other := newFamily(t, f.place, true)
	foreignStore, foreignTill := other.shopAndTill(other.merchant)
	shop, till := f.shopAndTill(f.merchant)
	ends := f.world.Clock.Now().Add(24 * time.Hour)
	_, bound := f.given(store.Key{Name: "bound", Scopes: "read request refund report", Networks: f.at.Address.String() + "/24", ExpiresAt: ends})
	by := f.holder(bound)
	wide, _ := f.given(store.Key{Name: "wide", Scopes: "read request refund report"})
	for name, c := range map[string]struct {
		k    store.Key
		want fault.Code
	}{
		"from everywhere":                    {store.Key{Networks: "0.0.0.0/0"}, fault.Forbidden},
		"from a wider network":               {store.Key{Networks: "10.0.0.0/8"}, fault.Forbidden},
		"from its network and another":       {store.Key{Networks: f.at.Address.String() + " 192.0.2.0/24"}, fault.Forbidden},
		"for longer":                         {store.Key{ExpiresAt: ends.Add(time.Second)}, fault.Forbidden},
		"for another's store":                {store.Key{Store: foreignStore.ID}, fault.NotFound},
		"for another's till":                 {store.Key{Till: foreignTill.ID}, fault.NotFound},
		"for a store that is not there":      {store.Key{Store: "sto_" + id.ID(shop.ID.Token())[:20]}, fault.NotFound},
		"with a scope that is not there":     {store.Key{Scopes: "read owner"}, fault.InvalidRequest},
		"which has ended before it is made":  {store.Key{ExpiresAt: f.world.Clock.Now().Add(-time.Hour)}, fault.InvalidRequest},
		"from a network that is none at all": {store.Key{Networks: "somewhere"}, fault.InvalidRequest},
	} {
		if c.k.Name = name; c.k.Scopes == "" {
			c.k.Scopes = "read"
		}
		_, secret, err := f.r.MakeOwnKey(f.ctx, by, c.k)
		if refusedWith(t, err, c.want); secret != "" {
			t.Errorf("%s: a secret was given all the same", name)
		}
	}
	_, secret, err := f.r.RollOwnKey(f.ctx, by, wide.ID, time.Hour)
	if refusedWith(t, err, fault.Forbidden); secret != "" {
		t.Error("a key rolled one that may do more, and has its secret now")
	}
	for _, k := range []store.Key{{Scopes: "read request report"}, {Scopes: "read request refund report", Store: shop.ID}, {Scopes: "read request refund report", Till: till.ID}} {
		k.Name = "narrow"
		_, narrow := f.given(k)
		_, _, err := f.r.MakeOwnKey(f.ctx, f.holder(narrow), store.Key{Name: "any", Scopes: "read"})
		refusedWith(t, err, fault.Forbidden)
		_, _, err = f.r.RollOwnKey(f.ctx, f.holder(narrow), wide.ID, 0)
		refusedWith(t, err, fault.Forbidden)
	}
	theirs, _, err := other.r.MakeOwnKey(other.ctx, other.person(other.first), store.Key{Name: "theirs", Scopes: "read"})
	f.must(err)
	_, _, err = f.r.RollOwnKey(f.ctx, by, theirs.ID, 0)
	refusedWith(t, err, fault.NotFound)
	_, err = f.r.EndOwnKey(f.ctx, by, theirs.ID)
	refusedWith(t, err, fault.NotFound)
	if n := len(f.keys()); n != 5 {
		t.Errorf("there are %d keys", n)
	}
}

// TestThreatKeysOfAnotherRole has everybody of a merchant's people make, roll and end keys, and a developer give what is not his.
func TestThreatKeysOfAnotherRole(t *testing.T) {
	f := newFamily(t, memory(t), true)
	for _, role := range access.MerchantRoles {
		who := f.person(f.hire(string(role), role))
		strong, _ := f.given(store.Key{Name: "refunds", Scopes: "read refund"})
		want := fault.Forbidden
		if role.Has(access.HandleKeys) {
			want = ""
		}
		made, _, err := f.r.MakeOwnKey(f.ctx, who, store.Key{Name: "key", Scopes: "read request report"})
		f.answered(role, err, want)
		if want == "" {
			_, _, err = f.r.RollOwnKey(f.ctx, who, made.ID, 0)
			f.answered(role, err, want)
		}
		_, _, refunds := f.r.MakeOwnKey(f.ctx, who, store.Key{Name: "key", Scopes: "refund"})
		_, _, rolled := f.r.RollOwnKey(f.ctx, who, strong.ID, 0)
		if role != access.RoleOwner {
			f.answered(role, refunds, fault.Forbidden)
			f.answered(role, rolled, fault.Forbidden)
		} else if f.must(refunds); rolled != nil {
			t.Errorf("an owner was told %v", rolled)
		}
		_, err = f.r.OwnKeys(f.ctx, who.Who, f.merchant)
		f.answered(role, err, want)
		_, err = f.r.EndOwnKey(f.ctx, who, strong.ID)
		f.answered(role, err, want)
		who.Proof.Password = "not the password of anybody"
		_, secret, err := f.r.MakeOwnKey(f.ctx, who, store.Key{Name: "key", Scopes: "read"})
		if want == "" {
			want = fault.Unauthorized
		}
		if f.answered(role, err, want); secret != "" {
			t.Errorf("%s got a secret by a wrong password", role)
		}
		who.Merchant = newFamily(t, f.place, true).merchant
		who.Proof = proof
		_, _, err = f.r.MakeOwnKey(f.ctx, who, store.Key{Name: "key", Scopes: "read"})
		f.answered(role, err, fault.Forbidden)
	}
}

// answered holds what somebody of a role was told to a code, "" for none.
func (f *family) answered(role access.Role, err error, want fault.Code) {
	f.t.Helper()
	if refusal := fault.From(err); (refusal == nil) != (want == "") || refusal != nil && refusal.Code != want {
		f.t.Errorf("%s was told %v, want %q", role, err, want)
	}
}

// TestThreatSecretOfAKeySeenTwice: the secret of a key is in one answer, and nowhere after it: in no list, no event, and in no row of
// the database. The same wish again makes another secret.
func TestThreatSecretOfAKeySeenTwice(t *testing.T) {
	for _, at := range []func(*testing.T) place{sqlite, postgres} {
		f := newFamily(t, at(t), true)
		wish := store.Key{Name: "web shop", Scopes: "read"}
		made, first := f.given(wish)
		_, second := f.given(wish)
		_, third, err := f.r.RollOwnKey(f.ctx, f.person(f.first), made.ID, time.Hour)
		f.must(err)
		if first == second || first == third || second == third {
			t.Error("two keys have one secret")
		}
		all := kept(t, f.store)
		for _, secret := range []string{first, second, third} {
			if len(secret) < 30 || strings.Contains(all, secret) || strings.Contains(all, secret[3:]) {
				t.Errorf("%s: a secret of %d characters can be read in the database", f.name, len(secret))
			}
		}
		if !strings.Contains(all, made.Hash) {
			t.Error("the copy shows no keys, so it shows nothing")
		}
	}
}

// TestThreatRevokedKeyOfAMerchantOnAnotherNode: another node that knows a key as good hears of its end within the minute that is
// promised; here it is five seconds.
func TestThreatRevokedKeyOfAMerchantOnAnotherNode(t *testing.T) {
	for _, at := range []func(*testing.T) place{memory, sqlite} {
		f := newFamily(t, at(t), true)
		made, secret := f.given(store.Key{Name: "web shop", Scopes: "read"})
		there := access.New(f.store, f.world.Clock)
		knows := func() error { _, err := there.MerchantFrom(f.ctx, secret, f.at.Address); return err }
		f.must(knows())
		_, err := f.r.EndOwnKey(f.ctx, f.person(f.first), made.ID)
		f.must(err)
		_, err = f.gate.MerchantFrom(f.ctx, secret, f.at.Address)
		refusedWith(t, err, fault.Unauthorized)
		f.clock.Advance(6 * time.Second)
		refusedWith(t, knows(), fault.Unauthorized)
	}
}
