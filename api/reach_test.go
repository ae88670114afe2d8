package api_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"tolom/id"
	"tolom/store"
	"tolom/wire"
)

// property is an object of each kind that belongs to the kit's merchant and PSP, by how its kind is called in paths.
func (k *kit) property() map[string]string {
	k.t.Helper()
	r, p := k.paid(10_000)
	refund := decode[wire.Refund](k.t, k.want(http.StatusCreated, post("/v1/payments/"+*p.ID+"/refunds", `{"amount":100}`).as(k.merchantKey).keyed(fresh())).body)
	hook := decode[wire.WebhookEndpoint](k.t, k.want(http.StatusCreated, post("/v1/webhook-endpoints", `{"url":"http://127.0.0.1:1/hook"}`).as(k.merchantKey).keyed(fresh())).body)
	k.tell()
	events := decode[wire.List[wire.Event]](k.t, k.want(http.StatusOK, get("/v1/events").as(k.merchantKey)).body)
	report := k.ordered("/v1", k.merchantKey, anOrder)
	return map[string]string{
		"reports": report.ID, "payment-requests": r.ID, "payments": *p.ID, "refunds": string(refund.ID), "webhook-endpoints": string(hook.ID), "events": string(events.Data[0].ID),
		"merchants": string(k.merchant.ID), "stores": string(k.place.ID), "tills": string(k.till.ID), "psps": string(k.psp.ID),
	}
}

// said is an answer without what differs from call to call: its own id and the one that was asked for.
func (k *kit) said(method, path, body string, headers map[string]string, asked string) (int, string) {
	a := ask{method: method, path: path, body: body, headers: map[string]string{"X-Request-Id": "same"}}
	if body != "" || method == http.MethodPut {
		a = a.with("Content-Type", "application/json")
	}
	for name, value := range headers {
		a = a.with(name, value)
	}
	w := httptest.NewRecorder()
	k.handler.ServeHTTP(w, a.keyed(fresh()).request())
	return w.Code, strings.ReplaceAll(w.Body.String(), asked, "ID")
}

// absent is an id of the same kind that nobody has.
func absent(of string) string {
	last := "0"
	if strings.HasSuffix(of, last) {
		last = "1"
	}
	return of[:len(of)-1] + last
}

// TestThreatForeignObjects asks every route with an {id}, as the description lists them, as everybody to whom the
// object does not belong: without a key, as another merchant and its till, as either PSP, with a revoked key, and with
// an operator's login at other doors. Each is refused, and the answer is that to an object that is not there, byte for
// byte.
func TestThreatForeignObjects(t *testing.T) {
	k := newKit(t).hire()
	mine, doc := k.property(), k.openAPI()
	bearer := func(key string) map[string]string { return map[string]string{"Authorization": "Bearer " + key} }
	staff := map[string]string{"Authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte(login+":"+password))}
	roles := map[string]map[string]string{
		"nobody": {}, "another merchant": bearer(k.otherKey), "a till of another merchant": bearer(k.foreignTill()),
		"the PSP": bearer(k.pspKey), "another PSP": bearer(k.otherPSP), "a revoked key": bearer(k.revoked()), "an operator": staff,
		"the merchant": bearer(k.merchantKey),
	}
	// Who may see what: only of these is nothing wanted here.
	own := map[string][]string{"/v1/": {"the merchant"}, "/psp/v1/": {"the PSP"}, "/operator/v1/": {"an operator"}}
	named, asked := regexp.MustCompile(`^(/operator/v1/|/psp/v1/|/v1/)([a-z-]+)/\{[a-z]+\}`), 0
	for path, item := range doc.Paths {
		at := named.FindStringSubmatch(path)
		if at == nil {
			continue
		}
		foreign := mine[at[2]]
		if foreign == "" {
			foreign = mine["merchants"] // An id of another kind: as foreign as can be.
		}
		for method, op := range item {
			body := string(op.RequestBody.Content["application/json"].Example)
			for role, headers := range roles {
				if role == own[at[1]][0] || at[1] != "/operator/v1/" && role == "an operator" && len(headers) == 0 {
					continue
				}
				there := absent(foreign)
				fill := func(name string) string { return regexp.MustCompile(`\{[a-z]+\}`).ReplaceAllString(path, name) }
				status, got := k.said(strings.ToUpper(method), fill(foreign), body, headers, foreign)
				wanted, none := k.said(strings.ToUpper(method), fill(there), body, headers, there)
				asked++
				if status != wanted || got != none {
					t.Errorf("%s %s as %s: %d %s\nand of nothing: %d %s", method, path, role, status, got, wanted, none)
				}
				if status != http.StatusUnauthorized && status != http.StatusForbidden && status != http.StatusNotFound {
					t.Errorf("%s %s as %s: %d %s", method, path, role, status, got)
				}
			}
		}
	}
	if asked < 100 {
		t.Errorf("only %d calls were made", asked)
	}
	t.Logf("%d calls", asked)
}

// TestThreatListsOfOthers asks every list as another merchant, its till and another PSP: nothing in it is foreign.
func TestThreatListsOfOthers(t *testing.T) {
	k := newKit(t)
	mine := k.property()
	for path, item := range k.openAPI().Paths {
		if _, lists := item["get"]; !lists || strings.Contains(path, "{") {
			continue
		}
		for _, key := range []string{k.otherKey, k.foreignTill(), k.otherPSP} {
			_, got := k.said(http.MethodGet, path, "", map[string]string{"Authorization": "Bearer " + key}, "-")
			for kind, name := range mine {
				if strings.Contains(got, name) || !json.Valid([]byte(got)) && strings.HasPrefix(got, "{") {
					t.Errorf("GET %s shows one of the %s of another: %s", path, kind, got)
				}
			}
		}
	}
}

// foreignTill is a key of a till of the other merchant.
func (k *kit) foreignTill() string {
	k.t.Helper()
	other := k.owner(k.otherKey)
	ctx := context.Background()
	place, err := k.registry.AddStore(ctx, store.Place{Merchant: other, Name: "Other store"})
	if err != nil {
		k.t.Fatal(err)
	}
	till, err := k.registry.AddTill(ctx, store.Till{Merchant: other, Store: place.ID, Name: "Other till"})
	if err != nil {
		k.t.Fatal(err)
	}
	_, key, err := k.registry.IssueKey(ctx, other, till.ID, "other till")
	if err != nil {
		k.t.Fatal(err)
	}
	return key
}

// owner finds whose a key is.
func (k *kit) owner(key string) id.ID {
	k.t.Helper()
	all, err := k.memory.Merchants().List(context.Background(), "", "", 10)
	if err != nil || key == "" {
		k.t.Fatal(err)
	}
	for _, m := range all {
		if m.ID != k.merchant.ID {
			return m.ID
		}
	}
	k.t.Fatal("there is no other merchant")
	return ""
}

// revoked is a key of the merchant itself that does not work any more.
func (k *kit) revoked() string {
	k.t.Helper()
	ctx := context.Background()
	record, key, err := k.registry.IssueKey(ctx, k.merchant.ID, "", "gone")
	if err == nil {
		_, err = k.registry.RevokeKey(ctx, record.ID)
	}
	if err != nil {
		k.t.Fatal(err)
	}
	return key
}
