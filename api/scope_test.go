package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tolom/access"
	"tolom/api"
	"tolom/api/gate"
	"tolom/store"
	"tolom/wire"
)

// issue gives the merchant a key that is narrower than the usual one.
func (k *kit) issue(narrow store.Key) (store.Key, string) {
	k.t.Helper()
	narrow.Owner = k.merchant.ID
	made, secret, err := k.registry.Issue(context.Background(), narrow)
	if err != nil {
		k.t.Fatal(err)
	}
	return made, secret
}

// scopedRoute is an operation of the merchant API as its document describes it.
type scopedRoute struct{ method, path, scope string }

func (k *kit) scopedRoutes() (out []scopedRoute) {
	k.t.Helper()
	w := httptest.NewRecorder()
	k.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/openapi.json", nil))
	doc := decode[struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}](k.t, w.Body.Bytes())
	for path, item := range doc.Paths {
		for method, text := range item {
			if op := decode[struct {
				Scope string `json:"x-scope"`
			}](k.t, text); strings.HasPrefix(path, "/v1/") {
				out = append(out, scopedRoute{strings.ToUpper(method), path, op.Scope})
			}
		}
	}
	if len(out) < 20 {
		k.t.Fatalf("the document names only %d operations of merchants", len(out))
	}
	return out
}

// call asks for an object that nobody has, so that whatever the caller may do changes nothing.
func (r scopedRoute) call(key string) ask {
	return ask{method: r.method, path: strings.ReplaceAll(r.path, "{id}", "pr_absent")}.as(key).keyed(fresh())
}

// TestThreatScopeEscalation tries every operation of the merchant API with keys of every set of scopes, of the whole
// merchant and of one till: what the key lacks is refused by name, before anything else about the request is judged.
func TestThreatScopeEscalation(t *testing.T) {
	k := newKit(t)
	routes := k.scopedRoutes()
	for set := access.Scopes(1); set <= access.AllScopes; set++ {
		for _, bound := range []store.Key{{}, {Till: k.till.ID}, {Store: k.place.ID}} {
			bound.Scopes = set.String()
			_, secret := k.issue(bound)
			for _, r := range routes {
				lacks := !slices.Contains(set.List(), r.scope)
				if r.scope == string(access.Owner) {
					lacks = set != access.AllScopes || bound.Till+bound.Store != ""
				}
				got := k.do(r.call(secret))
				switch p := problemOf(got); {
				case lacks && (got.status != http.StatusForbidden || p.Code != "forbidden"):
					t.Errorf("%s %s needs %s and is open to %q: %d", r.method, r.path, r.scope, set, got.status)
				case lacks && !strings.Contains(p.Detail, "the key lacks the scope") && !strings.Contains(p.Detail, "only one store or till"):
					t.Errorf("%s %s does not say what is missing: %s", r.method, r.path, p.Detail)
				case !lacks && got.status == http.StatusForbidden && bound.Till+bound.Store == "":
					t.Errorf("%s %s is closed to %q, which has %s: %s", r.method, r.path, set, r.scope, p.Detail)
				}
			}
		}
	}
}

func problemOf(r reply) (p wire.Problem) {
	_ = json.Unmarshal(r.body, &p) // Successes are no problems.
	return p
}

func TestARouteWithoutAScopeIsNotMounted(t *testing.T) {
	mux, doc := http.NewServeMux(), huma.DefaultConfig("t", "1").OpenAPI
	g := &gate.Gate{}
	for scope, mounted := range map[access.Scope]bool{"": false, "everything": false, access.Read: true, access.Owner: true} {
		d := &gate.Door{API: g.NewAPI(mux, doc), Tag: "t", Security: "s", Scoped: true}
		path := "/x" + string(scope)
		gate.Add(d, gate.Route{Method: http.MethodGet, Path: path, ID: path, Scope: scope}, func(context.Context, *struct{}) (*struct{}, error) { return nil, nil })
		if _, there := doc.Paths[path]; there != mounted || (d.Err() == nil) != mounted {
			t.Errorf("the scope %q: mounted %v, error %v", scope, there, d.Err())
		}
	}
}

// TestThreatKeyOfAnotherTill has the keys of a till and of a store ask for what was made elsewhere in the same shop.
func TestThreatKeyOfAnotherTill(t *testing.T) {
	k := newKit(t)
	ctx := context.Background()
	elsewhere, err := k.registry.AddStore(ctx, store.Place{Merchant: k.merchant.ID, Name: "Other store"})
	if err != nil {
		t.Fatal(err)
	}
	far, err := k.registry.AddTill(ctx, store.Till{Merchant: k.merchant.ID, Store: elsewhere.ID, Name: "Till 2"})
	if err != nil {
		t.Fatal(err)
	}
	_, atFar := k.issue(store.Key{Till: far.ID})
	_, inStore := k.issue(store.Key{Store: k.place.ID})
	mine := k.sell(`{"amount":500,"till_id":"` + string(k.till.ID) + `"}`)
	paid := k.execute(*k.open(mine, "till-1", 500).ID)
	refund := decode[wire.Refund](t, k.want(http.StatusCreated, post("/v1/payments/"+*paid.ID+"/refunds", `{"amount":100}`).as(k.merchantKey).keyed(fresh())).body)
	for _, path := range []string{"/v1/payment-requests/" + mine.ID, "/v1/payment-requests/" + mine.ID + "/qr.png", "/v1/payment-requests/" + mine.ID + "/stream",
		"/v1/payments/" + *paid.ID, "/v1/refunds/" + refund.ID} {
		foreign, absent := k.refused(404, "not_found", "", get(path).as(atFar)), k.refused(404, "not_found", "", get(path).as(k.otherKey))
		if foreign.Detail != absent.Detail || foreign.Title != absent.Title {
			t.Errorf("%s tells another till's from what is not there", path)
		}
		if !strings.HasSuffix(path, "/stream") {
			k.want(200, get(path).as(inStore))
			k.want(200, get(path).as(k.tillKey))
		}
	}
	k.refused(404, "not_found", "", post("/v1/payment-requests/"+mine.ID+"/cancel", "").as(atFar).keyed(fresh()))
	k.refused(404, "not_found", "", post("/v1/payments/"+*paid.ID+"/refunds", `{"amount":1}`).as(atFar).keyed(fresh()))
	for _, list := range []string{"/v1/payment-requests", "/v1/payments", "/v1/refunds"} {
		for key, want := range map[string]int{atFar: 0, k.tillKey: 1, inStore: 1, k.merchantKey: 1} {
			for query, n := range map[string]int{"": want, "?till_id=" + string(k.till.ID): want} {
				if list == "/v1/refunds" {
					query = ""
				}
				if rows := decode[wire.List[json.RawMessage]](t, k.want(200, get(list+query).as(key)).body); len(rows.Data) != n {
					t.Errorf("%s%s shows %d rows, want %d", list, query, len(rows.Data), n)
				}
			}
		}
	}
	for key, want := range map[string]int{atFar: 0, k.tillKey: 2, inStore: 2, k.merchantKey: 2} {
		s := decode[wire.Statement](t, k.want(200, get("/v1/statements?from=2026-11-24").as(key)).body)
		if len(s.Lines) != want || s.Opening != 0 {
			t.Errorf("a statement has %d lines and begins at %d, want %d lines", len(s.Lines), s.Opening, want)
		}
	}
	k.refused(403, "forbidden", "till_id", post("/v1/payment-requests", `{"amount":1,"till_id":"`+string(k.till.ID)+`"}`).as(atFar).keyed(fresh()))
	k.refused(403, "forbidden", "store_id", post("/v1/payment-requests", `{"amount":1,"till_id":"`+string(far.ID)+`"}`).as(inStore).keyed(fresh()))
	again := post("/v1/payment-requests", `{"amount":7}`).keyed("the-same-name")
	k.want(201, again.as(k.tillKey))
	k.refused(422, "idempotency_key_reused", "Idempotency-Key", again.as(atFar))
}

// TestThreatKeyFromAnotherNetwork uses a stolen key from elsewhere, and lies about where that is.
func TestThreatKeyFromAnotherNetwork(t *testing.T) {
	k := newKit(t, func(d *api.Deps) { d.Proxies = access.Proxies{netip.MustParsePrefix("10.0.0.0/8")} })
	_, secret := k.issue(store.Key{Networks: "203.0.113.0/24 2001:db8:1::/48"})
	for _, c := range []struct {
		peer, forwarded string
		status          int
	}{
		{"203.0.113.9:1", "", 200},
		{"[::ffff:203.0.113.9]:1", "", 200},
		{"[2001:db8:1::5]:1", "", 200},
		{"198.51.100.1:1", "", 403},
		{"[2001:db8:2::5]:1", "", 403},
		{"198.51.100.1:1", "203.0.113.9", 403}, // no proxy of ours says so
		{"10.0.0.1:1", "203.0.113.9", 200},
		{"10.0.0.1:1", "203.0.113.9, 198.51.100.1", 403}, // the first was written by the caller
		{"10.0.0.1:1", "198.51.100.1, 203.0.113.9, 10.0.0.2", 200},
		{"10.0.0.1:1", "203.0.113.9, nonsense", 403},
		{"10.0.0.1:1", "", 403},
		{"not an address", "", 403},
	} {
		r := get("/v1/balance").as(secret).request()
		r.RemoteAddr = c.peer
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		w := httptest.NewRecorder()
		if k.handler.ServeHTTP(w, r); w.Code != c.status {
			t.Errorf("from %s by %q: %d %s, want %d", c.peer, c.forwarded, w.Code, w.Body, c.status)
		}
	}
}

// TestThreatExpiredMerchantKey uses keys after their time, and after the overlap of a roll.
func TestThreatExpiredMerchantKey(t *testing.T) {
	k := newKit(t)
	_, short := k.issue(store.Key{ExpiresAt: start.Add(time.Hour)})
	old, rolled := k.issue(store.Key{Name: "rolled", Scopes: "read report", Networks: "192.0.2.0/24"})
	roll := post("/v1/keys/"+string(old.ID)+"/roll", `{"overlap_seconds":60}`).as(k.merchantKey)
	next := decode[struct{ ID, Secret string }](t, k.want(201, roll.keyed(fresh())).body)
	k.refused(400, "invalid_request", "", roll.keyed(fresh()))
	for _, secret := range []string{short, rolled, next.Secret} {
		k.want(200, get("/v1/balance").as(secret))
	}
	k.refused(403, "forbidden", "", post("/v1/payment-requests", `{"amount":1}`).as(next.Secret).keyed(fresh()))
	k.clock.Advance(time.Minute)
	k.refused(401, "unauthorized", "", get("/v1/balance").as(rolled))
	k.clock.Advance(time.Hour)
	k.refused(401, "unauthorized", "", get("/v1/balance").as(short))
	k.want(200, get("/v1/balance").as(next.Secret))
	k.refused(404, "not_found", "", post("/v1/keys/"+next.ID+"/revoke", "").as(k.otherKey).keyed(fresh()))
	k.want(200, post("/v1/keys/"+next.ID+"/revoke", "").as(k.merchantKey).keyed(fresh()))
	k.refused(401, "unauthorized", "", get("/v1/balance").as(next.Secret))
}

func TestAnOperatorNarrowsAKey(t *testing.T) {
	k := newKit(t).hire()
	as := func(a ask) ask { return a.asOperator() }
	made := decode[map[string]any](t, k.want(201, as(post("/operator/v1/keys", `{"owner_id":"`+string(k.merchant.ID)+`","store_id":"`+string(k.place.ID)+
		`","scopes":["report","read"],"networks":["192.0.2.77","2001:DB8::/32"],"expires_at":"2026-12-01T00:00:00Z"}`))).body)
	if jsonOf(made["scopes"]) != `["read","report"]` || jsonOf(made["networks"]) != `["192.0.2.77/32","2001:db8::/32"]` || made["expires_at"] != "2026-12-01T00:00:00.000Z" {
		t.Errorf("the key is %v", made)
	}
	for param, body := range map[string]string{
		"scopes": `"scopes":["read","admin"]`, "networks": `"networks":["10.0.0.0/40"]`, "expires_at": `"expires_at":"2020-01-01T00:00:00Z"`,
		"store_id": `"store_id":"` + string(k.place.ID) + `","till_id":"` + string(k.till.ID) + `"`,
	} {
		k.refused(400, "invalid_request", param, as(post("/operator/v1/keys", `{"owner_id":"`+string(k.merchant.ID)+`",`+body+`}`)))
	}
	psp := decode[struct{ ID string }](t, k.want(201, post("/operator/v1/keys", `{"owner_id":"`+string(k.psp.ID)+`"}`).asOperator()).body)
	rolled := decode[struct{ Secret string }](t, k.want(201, post("/operator/v1/keys/"+psp.ID+"/roll", `{"overlap_seconds":0}`).asOperator()).body)
	k.want(200, get("/psp/v1/refunds").as(rolled.Secret))
	k.refused(400, "invalid_request", "owner_id", as(post("/operator/v1/keys", `{"owner_id":"`+string(k.psp.ID)+`","scopes":["read"]}`)))
}
