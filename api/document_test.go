package api_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"html"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tolom/fault"
	"tolom/payment"
)

var update = flag.Bool("update", false, "write the golden files again")

// promised are the operations that callers of version 1 rely on.
var promised = strings.Fields(`
	POST/v1/payment-requests GET/v1/payment-requests GET/v1/payment-requests/{id} POST/v1/payment-requests/{id}/cancel
	POST/v1/payment-requests/{id}/pause POST/v1/payment-requests/{id}/resume
	GET/v1/payment-requests/{id}/qr.png GET/v1/payment-requests/{id}/qr.svg GET/v1/payment-requests/{id}/qr.pdf GET/v1/payment-requests/{id}/stream
	GET/v1/keys POST/v1/keys POST/v1/keys/{id}/roll POST/v1/keys/{id}/revoke POST/v1/tills/{id}/pairings
	POST/operator/v1/keys/{id}/roll POST/operator/v1/tills/{id}/pairings GET/operator/v1/till-sessions POST/operator/v1/till-sessions/{id}/end
	GET/v1/payments GET/v1/payments/{id} POST/v1/payments/{id}/refunds GET/v1/refunds GET/v1/refunds/{id}
	GET/v1/events POST/v1/events/{id}/ack POST/v1/events/ack POST/v1/webhook-endpoints GET/v1/webhook-endpoints GET/v1/webhook-endpoints/{id}
	DELETE/v1/webhook-endpoints/{id} POST/v1/webhook-endpoints/{id}/rotate POST/v1/webhook-endpoints/{id}/test
	POST/v1/webhook-endpoints/{id}/resume POST/v1/webhook-endpoints/{id}/recover GET/v1/webhook-endpoints/{id}/deliveries POST/v1/deliveries/{id}/redeliver GET/v1/balance GET/v1/statements POST/v1/decode
	POST/psp/v1/check POST/psp/v1/payments GET/psp/v1/payments GET/psp/v1/payments/{id} POST/psp/v1/payments/status
	POST/psp/v1/payments/{id}/execute POST/psp/v1/payments/{id}/cancel POST/psp/v1/cancel GET/psp/v1/refunds POST/psp/v1/refunds/{id}/ack
	POST/operator/v1/participants GET/operator/v1/participants POST/operator/v1/merchants GET/operator/v1/merchants
	POST/operator/v1/merchants/{id}/suspend POST/operator/v1/merchants/{id}/resume PUT/operator/v1/merchants/{id}/tariff
	POST/operator/v1/stores GET/operator/v1/stores POST/operator/v1/tills GET/operator/v1/tills POST/operator/v1/psps GET/operator/v1/psps
	POST/operator/v1/psps/{id}/suspend POST/operator/v1/psps/{id}/resume POST/operator/v1/keys GET/operator/v1/keys POST/operator/v1/keys/{id}/revoke
	PUT/operator/v1/merchants/{id}/limits GET/operator/v1/merchants/{id}/limits PUT/operator/v1/psps/{id}/limits GET/operator/v1/psps/{id}/limits
	PUT/operator/v1/participants/{id}/limits GET/operator/v1/participants/{id}/limits
	GET/operator/v1/days GET/operator/v1/days/{id} GET/operator/v1/days/{id}/positions GET/operator/v1/days/{id}/payouts POST/operator/v1/days/{id}/close
	POST/operator/v1/days/{id}/answer POST/operator/v1/days/{id}/submit POST/operator/v1/payouts/{id}/answer GET/operator/v1/holidays PUT/operator/v1/holidays/{id} DELETE/operator/v1/holidays/{id}
	GET/v1/payouts GET/v1/payouts/{id} GET/psp/v1/settlements
	POST/operator/v1/psp-keys GET/operator/v1/psp-keys POST/operator/v1/psp-keys/{id}/revoke
	POST/operator/v1/psp-certificates GET/operator/v1/psp-certificates POST/operator/v1/psp-certificates/{id}/remove
	POST/operator/v1/session POST/operator/v1/session/end
	POST/psp/v1/reconciliation/digests GET/psp/v1/reconciliation/digests POST/psp/v1/reconciliation/lines POST/psp/v1/reconciliation/files
	GET/psp/v1/reconciliation/runs GET/psp/v1/reconciliation/runs/{id} GET/psp/v1/cases GET/psp/v1/cases/{id} POST/psp/v1/cases/{id}/comments
	GET/operator/v1/reconciliations GET/operator/v1/cases GET/operator/v1/cases/{id} POST/operator/v1/cases/{id}/comments
	POST/operator/v1/cases/{id}/explain POST/operator/v1/cases/{id}/close POST/operator/v1/cases/{id}/fix
	POST/v1/bank-statements GET/v1/bank-statements GET/v1/bank-statements/{id} GET/v1/payouts/{id}/payments
	GET/operator/v1/files GET/operator/v1/files/{id} GET/operator/v1/files/{id}/content POST/operator/v1/files/{id}/redeliver POST/operator/v1/answers
	GET/operator/v1/destinations PUT/operator/v1/destinations/{id} GET/psp/v1/files GET/psp/v1/files/{id}/content
	POST/operator/v1/platform-keys GET/operator/v1/platform-keys POST/operator/v1/platform-keys/{id}/retire
	DELETE/operator/v1/report-schedules/{id} DELETE/psp/v1/report-schedules/{id} DELETE/v1/report-schedules/{id}
	GET/operator/v1/merchants/{id}/tariffs GET/operator/v1/merchants/{id}/tariffs/preview GET/operator/v1/proposals
	GET/operator/v1/proposals/{id} GET/operator/v1/report-schedules GET/operator/v1/reports GET/operator/v1/reports/{id}
	GET/operator/v1/reports/{id}/content GET/operator/v1/tariffs GET/operator/v1/unpayable GET/psp/v1/report-schedules GET/psp/v1/reports GET/psp/v1/reports/{id}
	GET/psp/v1/reports/{id}/content GET/v1/report-schedules GET/v1/reports GET/v1/reports/{id} GET/v1/reports/{id}/content GET/v1/tariff
	POST/operator/v1/proposals/{id}/approve POST/operator/v1/proposals/{id}/reject POST/operator/v1/proposals/{id}/withdraw
	POST/operator/v1/report-schedules POST/operator/v1/reports POST/operator/v1/tariffs POST/operator/v1/tariffs/{id}/withdraw
	POST/psp/v1/report-schedules POST/psp/v1/reports POST/v1/report-schedules POST/v1/reports PUT/operator/v1/merchants/{id}/bank-account
	PUT/operator/v1/merchants/{id}/refund-overdraft`)

func TestEveryOperationIsDescribed(t *testing.T) {
	k := newKit(t)
	doc := k.openAPI()
	if doc.OpenAPI != "3.1.0" {
		t.Errorf("the document is of version %s", doc.OpenAPI)
	}
	var found []string
	for path, methods := range doc.Paths {
		for method, op := range methods {
			found = append(found, strings.ToUpper(method)+path)
			if op.OperationID == "" || op.Summary == "" || len(op.Security) == 0 || !slices.Contains(op.Codes, string(fault.Unauthorized)) {
				t.Errorf("%s %s is not described: %+v", method, path, op)
			}
			if strings.Contains(path, "{id}") && !slices.Contains(op.Codes, string(fault.NotFound)) {
				t.Errorf("%s %s does not say that the object may be missing", method, path)
			}
			for _, code := range op.Codes {
				if _, known := fault.Lookup(fault.Code(code)); !known {
					t.Errorf("%s %s names the code %s, which is not in the catalogue", method, path, code)
				}
			}
		}
	}
	slices.Sort(found)
	slices.Sort(promised)
	if !slices.Equal(found, promised) {
		t.Errorf("the document has\n%s\nwant\n%s", strings.Join(found, "\n"), strings.Join(promised, "\n"))
	}
}

// TestExamplesOfBodiesAreAccepted sends each example to its operation: it may be refused for what it names, but never
// for what it looks like.
func TestExamplesOfBodiesAreAccepted(t *testing.T) {
	k := newKit(t).hire()
	examples := 0
	for path, methods := range k.openAPI().Paths {
		for method, op := range methods {
			content, has := op.RequestBody.Content["application/json"]
			if _, file := op.RequestBody.Content["text/csv"]; !has || file {
				continue // a file has its example as text
			}
			examples++
			if len(content.Example) == 0 {
				t.Errorf("%s %s has no example of its body", method, path)
				continue
			}
			key := map[bool]string{true: k.merchantKey, false: k.pspKey}[strings.HasPrefix(path, "/v1/")]
			a := post(strings.ReplaceAll(path, "{id}", "x_1"), string(content.Example)).as(key).keyed(fresh())
			if a.method = strings.ToUpper(method); strings.HasPrefix(path, "/operator/") {
				a = a.asOperator()
			}
			r := k.do(a)
			for _, code := range []string{"unknown_field", "invalid_json", "amount_invalid", "unauthorized"} {
				if bytes.Contains(r.body, []byte(`"code":"`+code+`"`)) {
					t.Errorf("%s %s refuses its own example: %s", method, path, r.body)
				}
			}
		}
	}
	if examples < 12 {
		t.Errorf("only %d examples were found", examples)
	}
}

func TestTheDocumentIsFrozen(t *testing.T) {
	k := newKit(t)
	var got bytes.Buffer
	if err := json.Indent(&got, k.want(http.StatusOK, get("/openapi.json")).body, "", "  "); err != nil {
		t.Fatal(err)
	}
	golden := "testdata/openapi.json"
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Error("the document differs from testdata/openapi.json; look at the change, then run go test ./api -update")
	}
	yaml := string(k.want(http.StatusOK, get("/openapi.yaml")).body)
	if !strings.HasPrefix(yaml, "openapi: ") && !strings.Contains(yaml, "\nopenapi: ") {
		t.Errorf("the YAML begins with %.60q", yaml)
	}
}

var links = regexp.MustCompile(`(?:href|src|action)="([^"]*)"`)

func TestThePageOfTheDocuments(t *testing.T) {
	k := newKit(t)
	r := k.want(http.StatusOK, get("/docs"))
	page := string(r.body)
	if r.header.Get("Content-Type") != "text/html; charset=utf-8" || !strings.HasPrefix(r.header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("headers %v", r.header)
	}
	if strings.Contains(page, "<script") || strings.Contains(page, "ZgotmplZ") {
		t.Error("the page holds a script or something that the template refused")
	}
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(`id="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if ids[m[1]] {
			t.Errorf("two things have the id %s", m[1])
		}
		ids[m[1]] = true
	}
	for _, m := range links.FindAllStringSubmatch(page, -1) {
		target, here := strings.CutPrefix(m[1], "#")
		switch {
		case here && !ids[target]:
			t.Errorf("the link to #%s leads nowhere", target)
		case !here && !strings.HasPrefix(m[1], "/"):
			t.Errorf("the page names a foreign host: %s", m[1])
		}
	}
	k.holdsEverything(page)
	again := k.do(get("/docs").with("If-None-Match", r.header.Get("ETag")))
	if style := k.want(http.StatusOK, get("/docs/style.css")); again.status != http.StatusNotModified || bytes.Contains(style.body, []byte("url(")) {
		t.Errorf("again: %d; the style loads something", again.status)
	}
}

// holdsEverything wants each operation with a command line, each code in three languages, and each type of event.
func (k *kit) holdsEverything(page string) {
	k.t.Helper()
	for path, methods := range k.openAPI().Paths {
		for method, op := range methods {
			if !strings.Contains(page, `id="`+op.OperationID+`"`) {
				k.t.Errorf("%s %s is not on the page", method, path)
			}
		}
	}
	if got, want := strings.Count(page, "<code>curl "), len(slices.Collect(maps.Keys(k.routes))); got < want {
		k.t.Errorf("%d command lines for %d operations", got, want)
	}
	for _, code := range fault.Codes() {
		e, _ := fault.Lookup(code)
		for _, text := range []string{`id="error-` + string(code) + `"`, `<dd lang="ky">` + e.Ky, `<dd lang="ru">` + e.Ru, `<dd lang="en">` + html.EscapeString(e.En)} {
			if !strings.Contains(page, text) {
				k.t.Errorf("the page lacks %s of %s", text, code)
			}
		}
	}
	for _, f := range payment.FactTypes {
		if !strings.Contains(page, "<code>"+string(f)+"</code>") {
			k.t.Errorf("the page does not explain %s", f)
		}
	}
}
