package web_test

import (
	"context"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"tolom/access"
	"tolom/store"
	"tolom/web"
)

var shownSecret = regexp.MustCompile(`sk_[a-z0-9]{20,}`)

// knows says whether a secret lets somebody in.
func (s *shop) knows(gate *access.Gate, secret string) bool {
	s.t.Helper()
	_, err := gate.MerchantFrom(context.Background(), secret, netip.MustParseAddr("192.0.2.9"))
	return err == nil
}

// openWithGate is a shop and the gate of its pages.
func openWithGate(t *testing.T) (*shop, *access.Gate) {
	var gate *access.Gate
	s := open(t, func(c *web.Config) { gate = c.Gate })
	return s, gate
}

// TestAnOwnerKeepsTheKeys makes a key on the page, replaces it and ends it; each secret works, and is shown this once.
func TestAnOwnerKeepsTheKeys(t *testing.T) {
	s, gate := openWithGate(t)
	s.hire(access.RoleOwner)
	b, at := s.as("owner"), s.home()+"/keys"
	made := b.post(at, "name", "Web shop", "scope", "read request", "where", "", "ends", "90", "networks", "192.0.2.0/24, 198.51.100.7", "password", secret)
	made.says(t, "The key is made", "Copy the secret now", "192.0.2.0/24, 198.51.100.7/32", "See payments, Ask for payments", "The whole shop")
	first := shownSecret.FindString(made.text)
	if made.StatusCode != http.StatusOK || made.Header.Get("Cache-Control") != "no-store" || !s.knows(gate, first) {
		t.Fatalf("status %d: the secret %q opens nothing", made.StatusCode, first)
	}
	list := b.get(at)
	list.says(t, "Web shop …"+first[len(first)-4:], "until", "not used yet")
	link := regexp.MustCompile(`href="(/dashboard/\w+/keys/\w+)"><b>Web shop`).FindStringSubmatch(list.text)
	if link == nil {
		t.Fatal("the list leads to no key")
	}
	rolled := b.post(link[1]+"/roll", "overlap", "24", "password", secret)
	rolled.says(t, "The key is replaced", "The old key works until")
	second := shownSecret.FindString(rolled.text)
	if first == second || !s.knows(gate, first) || !s.knows(gate, second) {
		t.Errorf("after it was replaced the old key works: %v, the new one: %v", s.knows(gate, first), s.knows(gate, second))
	}
	b.get(link[1]).says(t, "replaced", "Made by", "owner")
	b.post(link[1]+"/roll", "overlap", "24", "password", secret).says(t, "This cannot be done with the key any more")
	if to := b.post(link[1] + "/end").at(t); to != at || s.knows(gate, first) || !s.knows(gate, second) {
		t.Error("the old key alone was to be ended")
	}
	b.get(at).says(t, "Ended keys")
	b.get(s.home()+"/events").says(t, "Key made: Web shop …", "Key replaced: Web shop …", "Key ended: Web shop …", "by owner")
	for _, page := range []string{at, link[1], s.home() + "/events", s.home()} {
		if text := b.get(page).text; shownSecret.MatchString(text) {
			t.Errorf("%s shows a secret again", page)
		}
	}
}

// TestFormsOfKeysThatAreRefused: nothing is made, no secret is shown, and what was typed stands there again.
func TestFormsOfKeysThatAreRefused(t *testing.T) {
	s, _ := openWithGate(t)
	s.hire(access.RoleDeveloper)
	b, at := s.as("developer"), s.home()+"/keys"
	foreign := must(s.platform.Registry().AddStore(context.Background(), store.Place{Merchant: s.other().ID, Name: "Elsewhere"}))(t)
	if strings.Contains(b.get(at).text, `value="refund"`) {
		t.Error("a developer is offered what he may not do himself")
	}
	for says, change := range map[string][2]string{
		"This name cannot be used":               {"name", ""},
		"Choose what the key may do":             {"scope", ""},
		"You cannot give a key more":             {"scope", "refund"},
		"Write networks as":                      {"networks", "my office"},
		"Choose how long the key works":          {"ends", "100000"},
		"Your password is wrong":                 {"password", "three other words here"},
		"There is nothing at this address":       {"where", string(foreign.ID)},
		"There is nothing at this address here":  {"where", "til_nothing"},
		"Choose what the key may do by the form": {"scope", "owner"},
	} {
		fields := map[string]string{"name": "Web shop", "scope": "read", "where": "", "ends": "0", "networks": "", "password": secret}
		fields[change[0]] = change[1]
		var form []string
		for name, value := range fields {
			form = append(form, name, value)
		}
		page := b.post(at, form...)
		if page.StatusCode < 400 || shownSecret.MatchString(page.text) {
			t.Errorf("%s: status %d", says, page.StatusCode)
		}
		if page.StatusCode != http.StatusNotFound {
			page.says(t, strings.TrimSuffix(says, " by the form"))
		}
	}
	if all := must(s.memory.Keys().List(context.Background(), s.merchant.ID, "", 10))(t); len(all) != 1 {
		t.Errorf("there are %d keys, the till's alone is wanted", len(all))
	}
}

// TestThreatCashierAtTheKeys: who may not handle keys sees none of them, and makes, replaces and ends none; nor does somebody who may,
// in another merchant.
func TestThreatCashierAtTheKeys(t *testing.T) {
	s, gate := openWithGate(t)
	foreign := s.other()
	k, theirs, err := s.platform.Registry().IssueKey(context.Background(), foreign.ID, "", "theirs")
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range access.MerchantRoles {
		s.hire(role)
		b := s.as(string(role))
		for _, home := range []string{s.home(), "/dashboard/" + foreign.ID.Token()} {
			for _, id := range []string{s.merchant.Key.Token(), k.ID.Token()} {
				allowed := role.Has(access.HandleKeys) && home == s.home() && id == s.merchant.Key.Token()
				for path, form := range map[string][]string{"/keys/" + id: nil, "/keys/" + id + "/roll": {"overlap", "0", "password", secret}, "/keys/" + id + "/end": {"password", secret}} {
					if allowed && form != nil {
						continue // They may.
					}
					page := b.get(home + path)
					if form != nil {
						page = b.post(home+path, form...)
					}
					if (page.StatusCode == http.StatusOK) != allowed || shownSecret.MatchString(page.text) || !allowed && strings.Contains(page.text, k.Hint) {
						t.Errorf("%s at %s: status %d", role, home+path, page.StatusCode)
					}
				}
			}
			if page := b.post(home+"/keys", "name", "mine", "scope", "read", "where", "", "ends", "0", "password", secret); !(role.Has(access.HandleKeys) && home == s.home()) && (page.StatusCode < 400 || shownSecret.MatchString(page.text)) {
				t.Errorf("%s made a key at %s: status %d", role, home, page.StatusCode)
			}
		}
	}
	if !s.knows(gate, s.key) || !s.knows(gate, theirs) {
		t.Error("somebody ended a key")
	}
}

// TestAPausedEndpointIsSaidOnTheFirstPage: whoever runs the merchant's programs reads that its events are sent no more, a cashier
// does not.
func TestAPausedEndpointIsSaidOnTheFirstPage(t *testing.T) {
	s, _ := openWithGate(t)
	for _, role := range []access.Role{access.RoleOwner, access.RoleDeveloper, access.RoleCashier} {
		s.hire(role)
	}
	ctx, endpoint := context.Background(), store.Endpoint{ID: "whe_1", Merchant: s.merchant.ID, URL: "https://shop.example/hook", Secrets: []string{"whsec_1"}}
	for _, paused := range []bool{false, true} {
		if paused {
			endpoint.PausedAt = s.clock.Now()
		}
		if err := s.memory.Endpoints().Put(ctx, endpoint); err != nil {
			t.Fatal(err)
		}
		for _, role := range []access.Role{access.RoleOwner, access.RoleDeveloper, access.RoleCashier} {
			page := s.as(string(role)).get(s.home())
			if said := strings.Contains(page.text, "no events are sent to https://shop.example/hook"); said != (paused && role != access.RoleCashier) {
				t.Errorf("paused: %v; the %s reads of it: %v", paused, role, said)
			}
		}
	}
}
