package api_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"tolom/store"
	"tolom/wire"
)

// counts is what a refusal must leave as it was.
func (k *kit) counts() string {
	k.t.Helper()
	requests, err := k.memory.Requests(k.t.Context(), store.RequestFilter{Merchant: k.merchant.ID, Limit: 1000})
	if err != nil {
		k.t.Fatal(err)
	}
	payments, err := k.memory.Payments(k.t.Context(), store.PaymentFilter{Merchant: k.merchant.ID, Limit: 1000})
	if err != nil {
		k.t.Fatal(err)
	}
	return fmt.Sprint(len(requests), len(payments), k.balance())
}

// unchanged runs refusals and wants nothing to have changed by them.
func (k *kit) unchanged(refusals func()) {
	k.t.Helper()
	before := k.counts()
	refusals()
	if after := k.counts(); after != before {
		k.t.Errorf("requests, payments and balance went from %s to %s by refusals", before, after)
	}
}

// TestBodiesThatAreNotWhatTheyShouldBe sends each body to the place where requests are made.
func TestBodiesThatAreNotWhatTheyShouldBe(t *testing.T) {
	k := newKit(t)
	deep := strings.Repeat(`{"metadata":`, 17) + "1" + strings.Repeat("}", 17)
	for _, c := range []struct {
		about, body string
		code, param string
	}{
		{"no amount", `{"kind":"dynamic"}`, "amount_required", "amount"},
		{"zero", `{"amount":0}`, "amount_required", "amount"},
		{"negative", `{"amount":-1}`, "amount_invalid", "amount"},
		{"no time to pay", `{"amount":100,"expires_in":0}`, "invalid_request", "expires_in"},
		{"minus zero", `{"amount":-0}`, "amount_invalid", "amount"},
		{"a fraction of a tyiyn", `{"amount":100.5}`, "amount_invalid", "amount"},
		{"a fraction that is none", `{"amount":100.0}`, "amount_invalid", "amount"},
		{"an exponent", `{"amount":1e3}`, "amount_invalid", "amount"},
		{"a text", `{"amount":"100"}`, "amount_invalid", "amount"},
		{"a list", `{"amount":[100]}`, "amount_invalid", "amount"},
		{"an object", `{"amount":{"tyiyn":100}}`, "amount_invalid", "amount"},
		{"above the limit of a payment", `{"amount":10000000000000}`, "amount_too_large", "amount"},
		{"2^53", `{"amount":9007199254740992}`, "amount_invalid", "amount"},
		{"2^63", `{"amount":9223372036854775808}`, "amount_invalid", "amount"},
		{"2^64 + 100, which wraps to 100", `{"amount":18446744073709551716}`, "amount_invalid", "amount"},
		{"wrong currency", `{"amount":100,"currency":"USD"}`, "currency_unsupported", "currency"},
		{"currency in small letters", `{"amount":100,"currency":"kgs"}`, "currency_unsupported", "currency"},
		{"currency as a number", `{"amount":100,"currency":417}`, "currency_unsupported", "currency"},
		{"unknown name", `{"amount":100,"amuont":1}`, "unknown_field", "amuont"},
		{"known name in other letters", `{"amount":100,"Amount":1}`, "unknown_field", "Amount"},
		{"unknown name further down", `{"amount":100,"extra":[{"key":"a","value":"b"},{"kay":"c"}]}`, "unknown_field", "extra[1].kay"},
		{"name twice", `{"amount":100,"amount":1}`, "duplicate_key", "amount"},
		{"name twice, once escaped", `{"amount":100,"am\u006funt":1}`, "duplicate_key", "amount"},
		{"name twice further down", `{"amount":100,"metadata":{"a":"1","a":"2"}}`, "duplicate_key", "metadata.a"},
		{"name twice in a list", `{"amount":100,"extra":[{"key":"a","key":"b"}]}`, "duplicate_key", "extra[0].key"},
		{"no JSON", `amount=100`, "invalid_json", ""},
		{"half of it", `{"amount":100`, "invalid_json", ""},
		{"more behind it", `{"amount":100}{"amount":100}`, "invalid_json", ""},
		{"a comma too many", `{"amount":100,}`, "invalid_json", ""},
		{"a leading zero", `{"amount":0100}`, "invalid_json", ""},
		{"a list instead of an object", `[{"amount":100}]`, "invalid_json", ""},
		{"null", `null`, "invalid_json", ""},
		{"nothing", ` `, "invalid_json", ""},
		{"a byte that is no UTF-8", "{\"amount\":100,\"description\":\"\xff\"}", "invalid_json", ""},
		{"half a character", `{"amount":100,"description":"\ud83d"}`, "invalid_json", ""},
		{"the other half first", `{"amount":100,"description":"\ude00\ud83d"}`, "invalid_json", ""},
		{"U+0000", `{"amount":100,"description":"a\u0000b"}`, "invalid_json", "description"},
		{"U+0000 in a name", `{"amount":100,"metadata":{"a\u0000":"b"}}`, "invalid_json", "metadata.a\x00"},
		{"too deep", deep, "invalid_json", ""},
		{"a text that is a number", `{"amount":100,"description":5}`, "invalid_request", "description"},
		{"true that is a text", `{"amount":100,"amount_editable":"yes"}`, "invalid_request", "amount_editable"},
		{"seconds with a fraction", `{"amount":100,"expires_in":1.5}`, "invalid_request", "expires_in"},
		{"seconds below zero", `{"amount":100,"expires_in":-5}`, "invalid_request", "expires_in"},
		{"null in a list", `{"amount":100,"extra":[null]}`, "invalid_request", "extra[0]"},
		{"unknown kind", `{"amount":100,"kind":"weekly"}`, "invalid_request", "kind"},
		{"description too long", `{"amount":100,"description":"` + strings.Repeat("ө", 141) + `"}`, "invalid_request", "description"},
		{"another merchant's till", `{"amount":100,"till_id":"till_06h0r4bkg1a4r2mqpwk4m5634g"}`, "not_found", "till_id"},
	} {
		t.Run(c.about, func(t *testing.T) {
			k.t = t
			k.unchanged(func() {
				k.refused(statusOf(c.code), c.code, c.param, post("/v1/payment-requests", c.body).as(k.merchantKey).keyed(fresh()))
			})
		})
	}
}

func statusOf(code string) int {
	switch code {
	case "not_found":
		return http.StatusNotFound
	case "forbidden":
		return http.StatusForbidden
	}
	return http.StatusBadRequest
}

func TestAbsentAndNullMeanTheSame(t *testing.T) {
	k := newKit(t)
	r := k.sell(`{"amount":100,"description":null,"metadata":null,"extra":null,"amount_editable":null,"expires_in":null}`)
	if r.Amount != 100 || r.Description != "" || r.AmountEditable {
		t.Errorf("got %+v", r)
	}
}

func TestTextsComeBackAsTheyWereSent(t *testing.T) {
	k := newKit(t)
	r := k.sell(`{"amount":100,"description":"Нан «Өзгөн» \ud83d\ude00 \\ud800","metadata":{"a b":"<&>"}}`)
	if want := "Нан «Өзгөн» 😀 \\ud800"; r.Description != want || r.Metadata["a b"] != "<&>" {
		t.Errorf("got %q and %q", r.Description, r.Metadata["a b"])
	}
}

// endless counts what is read from a body that never ends by itself.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	e.read += len(p)
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func (e *endless) Close() error { return nil }

func TestALargeBodyIsRefusedWithoutReadingItToTheEnd(t *testing.T) {
	k := newKit(t)
	big := `{"amount":100,"description":"` + strings.Repeat("a", 1<<20) + `"}`
	k.refused(http.StatusRequestEntityTooLarge, "body_too_large", "", post("/v1/payment-requests", big).as(k.merchantKey).keyed(fresh()))
	for _, announced := range []int64{-1, 1 << 20} {
		body := &endless{}
		r := post("/v1/payment-requests", "{}").as(k.merchantKey).keyed(fresh()).request()
		r.Body, r.ContentLength = body, announced
		w := newRecorder()
		k.handler.ServeHTTP(w, r)
		if w.Code != http.StatusRequestEntityTooLarge || body.read > 128<<10 {
			t.Errorf("announced as %d: got %d after %d bytes were read", announced, w.Code, body.read)
		}
	}
	room := 64<<10 - len(`{"amount":100}`)
	k.want(http.StatusCreated, post("/v1/payment-requests", `{"amount":100}`+strings.Repeat(" ", room)).as(k.merchantKey).keyed(fresh()))
	k.refused(http.StatusRequestEntityTooLarge, "body_too_large", "", post("/v1/payment-requests", `{"amount":100}`+strings.Repeat(" ", room+1)).as(k.merchantKey).keyed(fresh()))
}

func TestTheMediaTypeAndTheDigestOfABody(t *testing.T) {
	k := newKit(t)
	sell := func() ask { return post("/v1/payment-requests", `{"amount":100}`).as(k.merchantKey).keyed(fresh()) }
	for _, media := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/json, text/plain", "nonsense;;", "application/json; charset=utf-16"} {
		k.refused(http.StatusUnsupportedMediaType, "media_type_unsupported", "Content-Type", sell().with("Content-Type", media))
	}
	k.refused(http.StatusUnsupportedMediaType, "media_type_unsupported", "Content-Encoding", sell().with("Content-Encoding", "gzip"))
	for body, param := range map[string]string{`{"amount":100,"description":"a\u202eb"}`: "description", `{"amount":100,"extra":[{"key":"a:b","value":"c"}]}`: "extra"} {
		k.refused(http.StatusBadRequest, "invalid_request", param, post("/v1/payment-requests", body).as(k.merchantKey).keyed(fresh()))
	}
	k.want(http.StatusCreated, sell().with("Content-Type", "Application/JSON; charset=utf-8"))

	sum := sha256.Sum256([]byte(`{"amount":100}`))
	good := "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
	k.want(http.StatusCreated, sell().with("Content-Digest", good))
	k.want(http.StatusCreated, sell().with("Content-Digest", "unixsum=:AAA=:, "+good))
	for _, wrong := range []string{"sha-256=:AAAA:", "sha-256=" + base64.StdEncoding.EncodeToString(sum[:]), "md5=:AAAA:", good + ", sha-512=:AAAA:"} {
		k.refused(http.StatusBadRequest, "digest_mismatch", "Content-Digest", sell().with("Content-Digest", wrong))
	}
}

func TestCallsWithoutInputTakeNoBody(t *testing.T) {
	k := newKit(t)
	r := k.sell(`{"amount":100}`)
	path := "/v1/payment-requests/" + r.ID + "/cancel"
	k.refused(http.StatusBadRequest, "unknown_field", "reason", post(path, `{"reason":"changed"}`).as(k.merchantKey).keyed(fresh()))
	k.want(http.StatusOK, post(path, `{}`).as(k.merchantKey).keyed(fresh()))
	k.want(http.StatusOK, post(path, ``).as(k.merchantKey).keyed(fresh()))
}

// damaged is a payload with a wrong field and a right checksum, as anybody can make it.
func damaged(t *testing.T, payload, from, to string) string {
	t.Helper()
	body := strings.Replace(payload[:len(payload)-8], from, to, 1)
	if body == payload[:len(payload)-8] {
		t.Fatalf("%q is not in %q", from, payload)
	}
	sum := sha256.Sum256([]byte(body))
	return body + "6304" + hex.EncodeToString(sum[30:])
}

func TestCodesThatCannotBePaid(t *testing.T) {
	k := newKit(t)
	r := k.sell(`{"amount":2200}`)
	gone := damaged(t, r.Payload, r.ID[3:], strings.Repeat("0", 25)+"1")
	for about, c := range map[string]struct {
		payload string
		status  int
		code    string
	}{
		"a wrong checksum":           {r.Payload[:len(r.Payload)-4] + "0000", 400, "payload_invalid"},
		"a lower amount":             {damaged(t, r.Payload, "54042200", "54042100"), 400, "payload_altered"},
		"another name":               {damaged(t, r.Payload, "Demo shop", "Evil shop"), 400, "payload_altered"},
		"a request that is not ours": {gone, 404, "not_found"},
		"another provider":           {damaged(t, r.Payload, "tolom.test", "other.test"), 400, "foreign_provider"},
		"no payload":                 {"hello", 400, "payload_invalid"},
	} {
		t.Run(about, func(t *testing.T) {
			k.t = t
			k.unchanged(func() {
				p := k.do(post("/psp/v1/check", jsonOf(wire.Check{Payload: c.payload})).as(k.pspKey))
				got := decode[wire.Problem](t, p.body)
				if p.status != c.status || got.Code != c.code || got.NationalCode < 452 {
					t.Errorf("check: %d %s", p.status, p.body)
				}
				create := wire.NewPSPPayment{PSPPaymentID: fresh(), Payload: c.payload, Amount: 2200, Currency: "KGS"}
				if p := k.do(post("/psp/v1/payments", jsonOf(create)).as(k.pspKey)); p.status != c.status {
					t.Errorf("create: %d %s", p.status, p.body)
				}
			})
		})
	}
}

func TestAPayloadCutAnywhereIsRefused(t *testing.T) {
	k := newKit(t)
	r := k.sell(`{"amount":2200}`)
	k.unchanged(func() {
		for n := range len(r.Payload) {
			p := k.do(post("/psp/v1/check", jsonOf(wire.Check{Payload: r.Payload[:n]})).as(k.pspKey))
			if got := decode[wire.Problem](t, p.body); p.status != 400 || got.Code != "payload_invalid" && n > 0 {
				t.Fatalf("cut after %d characters: %d %s", n, p.status, p.body)
			}
		}
	})
}

func TestQueriesThatAreWrong(t *testing.T) {
	k := newKit(t)
	for path, c := range map[string]struct{ code, param string }{
		"/v1/payments?limit=0":                   {"invalid_request", "limit"},
		"/v1/payments?limit=101":                 {"invalid_request", "limit"},
		"/v1/payments?limit=ten":                 {"invalid_request", "limit"},
		"/v1/payments?status=paid":               {"invalid_request", "status"},
		"/v1/payments?staus=success":             {"unknown_field", "staus"},
		"/v1/payments?after=zzz":                 {"invalid_request", "after"},
		"/v1/payments?created_from=yesterday":    {"invalid_request", "created_from"},
		"/v1/payments?limit=1&limit=2":           {"invalid_request", "limit"},
		"/v1/payments?%":                         {"invalid_request", ""},
		"/v1/payment-requests?order_id=%00":      {"invalid_request", "order_id"},
		"/v1/payment-requests?order_id=a%FF":     {"invalid_request", "order_id"},
		"/v1/payments?status=success;limit=1":    {"invalid_request", ""},
		"/v1/events?after=-1":                    {"invalid_request", "after"},
		"/v1/statements?from=2026-13-01":         {"invalid_request", "from"},
		"/v1/statements?format=doc":              {"invalid_request", "format"},
		"/v1/payment-requests?kind=weekly":       {"invalid_request", "kind"},
		"/v1/payment-requests?created_to=0000-1": {"invalid_request", "created_to"},
	} {
		k.refused(http.StatusBadRequest, c.code, c.param, get(path).as(k.merchantKey))
	}
	k.refused(http.StatusBadRequest, "invalid_request", "psp_payment_id", get("/psp/v1/payments").as(k.pspKey))
	k.refused(http.StatusBadRequest, "invalid_request", "psp_payment_id", get("/psp/v1/payments?psp_payment_id=%00").as(k.pspKey))
}

// wrongKey is a key with another letter in the middle.
func wrongKey(key string) string {
	letter := "a"
	if key[20] == 'a' {
		letter = "b"
	}
	return key[:20] + letter + key[21:]
}

func TestKeysThatDoNotWork(t *testing.T) {
	k := newKit(t)
	r := k.sell(`{"amount":100}`)
	for about, header := range map[string]string{
		"none": "", "another scheme": "Basic " + k.merchantKey, "a wrong key": "Bearer " + wrongKey(k.merchantKey), "no key": "Bearer ",
		"a PSP's key": "Bearer " + k.pspKey, "two keys": "Bearer " + k.merchantKey + ", Bearer " + k.merchantKey,
	} {
		a := get("/v1/payment-requests/"+r.ID).with("Authorization", header)
		if header == "" {
			a.headers = nil
		}
		k.refused(http.StatusUnauthorized, "unauthorized", "", a)
		if got := k.do(a).header.Get("WWW-Authenticate"); got != `Bearer realm="tolom merchant"` {
			t.Errorf("%s: WWW-Authenticate is %q", about, got)
		}
	}
	for _, login := range []string{"\x00", "a\xff"} { // No database takes them for a text.
		basic := "Basic " + base64.StdEncoding.EncodeToString([]byte(login+":x"))
		k.refused(http.StatusUnauthorized, "unauthorized", "", get("/operator/v1/merchants").with("Authorization", basic))
	}
	k.refused(http.StatusUnauthorized, "unauthorized", "", post("/psp/v1/check", `{}`).as(k.merchantKey))
	k.refused(http.StatusUnauthorized, "unauthorized", "", get("/operator/v1/merchants").as(k.merchantKey))
}

func TestForeignAndAbsentObjectsAreTheSame(t *testing.T) {
	k := newKit(t)
	r, p := k.paid(100)
	absent := strconv.Itoa(1)
	for _, id := range []string{r.ID, "pr_" + strings.Repeat("0", 26), "pr_1", r.ID + "x", "..", absent} {
		for _, path := range []string{"", "/qr.png", "/qr.svg", "/qr.pdf", "/stream"} {
			k.refused(http.StatusNotFound, "not_found", "", get("/v1/payment-requests/"+strings.ReplaceAll(id, ".", "%2e")+path).as(k.otherKey))
		}
	}
	k.refused(http.StatusNotFound, "not_found", "", get("/v1/payments/"+*p.ID).as(k.otherKey))
	k.refused(http.StatusNotFound, "not_found", "", post("/v1/payments/"+*p.ID+"/refunds", `{}`).as(k.otherKey).keyed(fresh()))
	k.refused(http.StatusNotFound, "not_found", "", post("/v1/payment-requests/"+r.ID+"/cancel", ``).as(k.otherKey).keyed(fresh()))
	k.refused(http.StatusNotFound, "not_found", "", get("/psp/v1/payments/"+*p.ID).as(k.otherPSP))
	k.refused(http.StatusNotFound, "not_found", "", post("/psp/v1/payments/"+*p.ID+"/execute", ``).as(k.otherPSP))
	k.refused(http.StatusNotFound, "not_found", "", post("/psp/v1/payments/"+*p.ID+"/cancel", ``).as(k.otherPSP))
}

func TestUnknownAddressesAndMethods(t *testing.T) {
	k := newKit(t)
	for _, path := range []string{"/v1/nothing", "/v1/", "/psp/v1/payments/pay_1/refund", "/", "/v2/payments"} {
		k.refused(http.StatusNotFound, "not_found", "", get(path))
	}
	// Paths that the mux would clean up by sending the caller elsewhere.
	for _, path := range []string{"/v1/payment-requests/./stream", "/v1//payments", "/v1/payments/..", "/psp/v1/payments/.", "/v1/payments/../balance"} {
		k.refused(http.StatusNotFound, "not_found", "", get(path).as(k.merchantKey))
	}
	k.refused(http.StatusMethodNotAllowed, "method_not_allowed", "", ask{method: http.MethodDelete, path: "/v1/payments"})
	if got := k.do(ask{method: http.MethodPut, path: "/v1/payment-requests"}).header.Get("Allow"); got != "GET, HEAD, POST" {
		t.Errorf("Allow is %q", got)
	}
}
