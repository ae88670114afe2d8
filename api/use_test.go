package api_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"tolom/access"
	"tolom/api"
	"tolom/api/gate"
	"tolom/jobs"
	"tolom/store"
)

// TestAKeySaysWhenItWasLastUsed, to the minute, once the pass has been by; a key that was never used says so.
func TestAKeySaysWhenItWasLastUsed(t *testing.T) {
	k := newKit(t)
	var guard *access.Gate
	k.handler, _, _ = k.node(func(d *api.Deps) { guard = d.Access })
	used, secret := k.issue(store.Key{Name: "used"})
	idle, _ := k.issue(store.Key{Name: "idle"})
	k.want(http.StatusOK, get("/v1/balance").as(secret))
	if _, err := jobs.WriteUses(guard).Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	type row struct {
		ID   string
		Last *time.Time `json:"last_used_at"`
	}
	list := decode[struct {
		Items []row `json:"data"`
	}](t, k.want(http.StatusOK, get("/v1/keys?limit=100").as(k.merchantKey)).body)
	seen := map[string]*time.Time{}
	for _, r := range list.Items {
		seen[r.ID] = r.Last
	}
	if at, listed := seen[string(used.ID)]; !listed || at == nil || at.After(k.clock.Now()) || k.clock.Now().Sub(*at) > time.Minute {
		t.Errorf("the used key was last used at %v", at)
	}
	if at, listed := seen[string(idle.ID)]; !listed || at != nil {
		t.Errorf("the idle key was last used at %v", at)
	}
}

// TestThreatTillsBehindOneAddress: a shop's tills are behind one address, as a whole city may be; one till that calls without end
// slows itself, and a rate is never an address's.
func TestThreatTillsBehindOneAddress(t *testing.T) {
	k := newKit(t, func(d *api.Deps) { d.Rates.Merchant = gate.Rate{PerSecond: 1, Burst: 2} })
	const address = "198.51.100.7:4711"
	call := func(secret, from string) int {
		r := get("/v1/payments").as(secret).request()
		r.RemoteAddr = from
		w := httptest.NewRecorder()
		k.handler.ServeHTTP(w, r)
		return w.Code
	}
	for range 50 {
		call(k.tillKey, address)
	}
	if got := call(k.tillKey, "203.0.113.1:1"); got != http.StatusTooManyRequests {
		t.Errorf("the till that calls without end is let in from another address: %d", got)
	}
	for n := range 20 {
		_, secret := k.issue(store.Key{Till: k.till.ID})
		for range 2 {
			if got := call(secret, address); got != http.StatusOK {
				t.Fatalf("till %d behind the same address is told %d", n, got)
			}
		}
	}
}

// TestOneTillsKeyEndsAlone: the keys of the other tills, and the merchant's own, go on.
func TestOneTillsKeyEndsAlone(t *testing.T) {
	k := newKit(t).hire()
	first, one := k.issue(store.Key{Till: k.till.ID})
	_, two := k.issue(store.Key{Till: k.till.ID})
	k.want(http.StatusOK, get("/v1/payments").as(one))
	k.want(http.StatusOK, post("/operator/v1/keys/"+string(first.ID)+"/revoke", "").asOperator())
	k.refused(http.StatusUnauthorized, "unauthorized", "", get("/v1/payments").as(one))
	for _, other := range []string{two, k.tillKey, k.merchantKey} {
		k.want(http.StatusOK, get("/v1/payments").as(other))
	}
}
