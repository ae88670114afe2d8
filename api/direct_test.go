package api_test

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"tolom/store"
	"tolom/wire"
)

// twins are the same platform twice, down to its ids: one is asked plainly, so that its door answers directly, and the
// other in an odd hand, so that the framework does.
type twins struct {
	t             *testing.T
	plain, framed *kit
}

// odd writes a body otherwise so that it says the same: the space is more than a plain body may have. A call without a
// body gets an empty object.
func odd(body string) string {
	if body == "" {
		return "{}"
	}
	return strings.Repeat(" ", 5000) + body
}

// same asks both and wants one answer, byte for byte.
func (w twins) same(status int, a ask) []byte {
	w.t.Helper()
	a = a.with("X-Request-Id", "same")
	b := post(a.path, odd(a.body))
	maps.Copy(b.headers, a.headers)
	if a.body == "" {
		b = b.with("Content-Type", "application/json")
	}
	plain, framed := w.plain.do(a), w.framed.do(b)
	if plain.status != status {
		w.t.Errorf("%s %s: %d %s, want %d", a.path, a.body, plain.status, plain.body, status)
	}
	if got, want := shown(plain), shown(framed); got != want {
		w.t.Errorf("%s %s is answered directly with\n%sand by the framework with\n%s", a.path, a.body, got, want)
	}
	return plain.body
}

// shown is all of an answer in one text.
func shown(r reply) string {
	var out strings.Builder
	fmt.Fprintln(&out, r.status)
	for _, name := range slices.Sorted(maps.Keys(r.header)) {
		fmt.Fprintln(&out, name, r.header[name])
	}
	out.Write(r.body)
	return out.String()
}

// TestDirectAnswersAreTheFrameworks holds the shortcuts of the hot calls to what the framework answers to the same
// call: success, repetition, and refusals with their headers, languages and the payment that they are about.
func TestDirectAnswersAreTheFrameworks(t *testing.T) {
	w := twins{t, newKit(t), newKit(t)}
	shop := func(body, key string) ask {
		return post("/v1/payment-requests", body).as(w.plain.merchantKey).keyed(key)
	}
	bank := func(path, body string) ask { return post(path, body).as(w.plain.pspKey) }

	const cake = `{"amount":150000,"description":"Кофе & <торт>","order_id":"1042","kind":"dynamic","currency":"KGS","expires_in":600}`
	asked := decode[wire.PaymentRequest](t, w.same(http.StatusCreated, shop(cake, "a")))
	w.same(http.StatusCreated, shop(`{"kind":"static","store_id":"`+string(w.plain.place.ID)+`","amount_editable":true,"success_url":"https://a.example/?b=1&c"}`, "b"))
	w.same(http.StatusBadRequest, shop(`{"amount":5,"kind":"other"}`, "c"))
	w.same(http.StatusConflict, shop(`{"amount":5,"order_id":"1042"}`, "d").with("Accept-Language", "ky, ru;q=0.5"))
	w.same(http.StatusBadRequest, shop(`{"amount":5}`, ""))
	w.same(http.StatusUnauthorized, shop(`{"amount":5}`, "e").as("sk_nobody"))

	payload := jsonOf(asked.Payload)
	w.same(http.StatusOK, bank("/psp/v1/check", `{"payload":`+payload+`,"payer":{"kind":"company"}}`))
	w.same(http.StatusOK, bank("/psp/v1/check", `{"link":`+jsonOf(asked.Link)+`}`))
	w.same(http.StatusBadRequest, bank("/psp/v1/check", `{"payload":"000201"}`))
	w.same(http.StatusBadRequest, bank("/psp/v1/check", `{}`).with("Accept-Language", "ru"))

	made := decode[wire.PSPPayment](t, w.same(http.StatusCreated, bank("/psp/v1/payments", created("p-1", payload, "150000", "payer-1"))))
	w.same(http.StatusOK, bank("/psp/v1/payments", created("p-1", payload, "150000", "payer-1")))
	w.same(http.StatusUnprocessableEntity, bank("/psp/v1/payments", created("p-1", payload, "150000", "payer-2")))
	w.same(http.StatusBadRequest, bank("/psp/v1/payments", created("p-2", payload, "1", "payer-1")))
	other := decode[wire.PSPPayment](t, w.same(http.StatusCreated, bank("/psp/v1/payments", created("p-3", payload, "150000", "payer-3"))))

	w.same(http.StatusOK, bank("/psp/v1/payments/"+*made.ID+"/execute", ""))
	w.same(http.StatusOK, bank("/psp/v1/payments/"+*made.ID+"/execute", ""))
	w.same(http.StatusConflict, bank("/psp/v1/payments/"+*other.ID+"/execute", ""))
	w.same(http.StatusNotFound, bank("/psp/v1/payments/pay_nobody/execute", ""))
	w.same(http.StatusConflict, bank("/psp/v1/check", `{"payload":`+payload+`}`))
	w.same(http.StatusBadRequest, bank("/psp/v1/check?lang=ky", `{"payload":`+payload+`}`))
	w.plain.memory.Fault, w.framed.memory.Fault = broken, broken
	w.same(http.StatusInternalServerError, bank("/psp/v1/payments/"+*made.ID+"/execute", ""))
}

// TestARepeatedRequestIsReplayedDirectly: the digest of a key is of the body as it came, so this one has no twin.
func TestARepeatedRequestIsReplayedDirectly(t *testing.T) {
	k := newKit(t)
	first := k.want(http.StatusCreated, post("/v1/payment-requests", `{"amount":5}`).as(k.merchantKey).keyed("a"))
	again := k.want(http.StatusCreated, post("/v1/payment-requests", `{"amount":5}`).as(k.merchantKey).keyed("a"))
	if string(first.body) != string(again.body) || first.header.Get("Idempotent-Replayed") != "" || again.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("answered with\n%s\nand again with\n%s", shown(first), shown(again))
	}
}

// TestShortcutsAreTheRoutes: what the mux would not send to an operation does not come to it by a shortcut.
func TestShortcutsAreTheRoutes(t *testing.T) {
	k := newKit(t)
	for path, status := range map[string]int{
		"/psp/v1/check": 401, "/psp/v1/check/": 404, "/psp/v1//check": 404, "/psp/v1/%63heck": 401, "/psp/v1/payments//execute": 404,
		"/psp/v1/payments/a/b/execute": 404, "/psp/v1/payments/a%2Fb/execute": 401, "/psp/v1/payments/./execute": 404, "/psp/v1/payments/A/execute": 401, "/psp/v1/payments/a_1/execute": 401,
	} {
		w := newRecorder()
		k.handler.ServeHTTP(w, post(path, "").request())
		if w.Code != status {
			t.Errorf("POST %s: %d, want %d", path, w.Code, status)
		}
	}
	k.refused(http.StatusMethodNotAllowed, "method_not_allowed", "", get("/psp/v1/check").as(k.pspKey))
}

func broken(store.Point) error { return errors.New("no disk") }

func created(name, payload, amount, payer string) string {
	return `{"psp_payment_id":"` + name + `","payload":` + payload + `,"amount":` + amount + `,"currency":"KGS","payer":{"key":"` + payer + `","name_masked":"P & <1>","kind":"person"},"receipt_id":"R-1"}`
}
