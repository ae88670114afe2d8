package api_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tolom/wire"
)

func TestEveryPostOfAMerchantNeedsAKey(t *testing.T) {
	k := newKit(t)
	posts := 0
	for path, methods := range k.openAPI().Paths {
		if _, ok := methods["post"]; !ok || !strings.HasPrefix(path, "/v1/") {
			continue
		}
		posts++
		a := post(strings.ReplaceAll(path, "{id}", "x_1"), `{}`).as(k.merchantKey)
		if _, file := methods["post"].RequestBody.Content["text/csv"]; file {
			a = a.with("Content-Type", "text/csv")
		}
		k.refused(http.StatusBadRequest, "idempotency_key_missing", "Idempotency-Key", withoutBody(k, a, path))
		for _, wrong := range []string{strings.Repeat("a", 256), "with space", "ключ", "tab\t"} {
			k.refused(http.StatusBadRequest, "idempotency_key_invalid", "Idempotency-Key", withoutBody(k, a, path).keyed(wrong))
		}
	}
	if posts < 10 {
		t.Errorf("only %d POSTs were found", posts)
	}
}

// withoutBody gives the call a body only where it takes one.
func withoutBody(k *kit, a ask, path string) ask {
	if len(k.openAPI().Paths[path]["post"].RequestBody.Content) == 0 {
		a.body = ""
	}
	return a
}

func TestAKeyIsAsLongAsItMayBe(t *testing.T) {
	k := newKit(t)
	k.want(http.StatusCreated, post("/v1/payment-requests", `{"amount":100}`).as(k.merchantKey).keyed(strings.Repeat("~", 255)))
}

func TestTheSameKeyGivesTheSameAnswer(t *testing.T) {
	k := newKit(t)
	first := post("/v1/payment-requests", `{"amount":100,"order_id":"7"}`).as(k.merchantKey).keyed("k1")
	a := k.want(http.StatusCreated, first)
	made := decode[wire.PaymentRequest](t, a.body)
	k.execute(*k.open(made, "p1", 100).ID)
	b := k.want(http.StatusCreated, first)
	if string(a.body) != string(b.body) || a.header.Get("Idempotent-Replayed") != "" || b.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("first  %s %q\nsecond %s %q", a.body, a.header.Get("Idempotent-Replayed"), b.body, b.header.Get("Idempotent-Replayed"))
	}
	k.refused(http.StatusUnprocessableEntity, "idempotency_key_reused", "Idempotency-Key", post("/v1/payment-requests", `{"amount":101,"order_id":"8"}`).as(k.merchantKey).keyed("k1"))
	k.refused(http.StatusUnprocessableEntity, "idempotency_key_reused", "Idempotency-Key", post("/v1/payment-requests/"+made.ID+"/cancel", ``).as(k.merchantKey).keyed("k1"))
	// Another merchant's key of the same name is another key.
	k.want(http.StatusCreated, post("/v1/payment-requests", `{"amount":100}`).as(k.otherKey).keyed("k1"))
	// A new key for the same order is refused by the order, and so is its repetition.
	for range 2 {
		k.refused(http.StatusConflict, "order_id_taken", "order_id", post("/v1/payment-requests", `{"amount":100,"order_id":"7"}`).as(k.merchantKey).keyed("k2"))
	}
}

func TestARefundIsMadeOncePerKey(t *testing.T) {
	k := newKit(t)
	_, p := k.paid(1000)
	k.paid(1000)
	refund := post("/v1/payments/"+*p.ID+"/refunds", `{"amount":400}`).as(k.merchantKey).keyed("k1")
	a, b := k.want(http.StatusCreated, refund), k.want(http.StatusCreated, refund)
	if string(a.body) != string(b.body) || b.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("first %s, second %s", a.body, b.body)
	}
	if got := decode[wire.Payment](t, k.want(http.StatusOK, get("/v1/payments/"+*p.ID).as(k.merchantKey)).body); got.RefundedAmount != 400 {
		t.Errorf("refunded %d", got.RefundedAmount)
	}
}

func TestWebhookEndpointsAreMadeOncePerKey(t *testing.T) {
	k := newKit(t)
	a := post("/v1/webhook-endpoints", `{"url":"https://shop.example/hooks"}`).as(k.merchantKey).keyed("k1")
	first := decode[wire.WebhookEndpoint](t, k.want(http.StatusCreated, a).body)
	again := k.want(http.StatusCreated, a)
	if second := decode[wire.WebhookEndpoint](t, again.body); second.ID != first.ID || second.Secret != first.Secret || again.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("first %+v, second %+v", first, second)
	}
	list := decode[wire.List[wire.WebhookEndpoint]](t, k.want(http.StatusOK, get("/v1/webhook-endpoints").as(k.merchantKey)).body)
	if len(list.Data) != 1 || list.Data[0].Secret != "" {
		t.Errorf("listed %+v", list.Data)
	}
}

// TestRacesWithOneKeyMakeOneThing lets sixteen calls with one key go at once.
func TestRacesWithOneKeyMakeOneThing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newKit(t)
		a := post("/v1/payment-requests", `{"amount":100}`).as(k.merchantKey).keyed("k1")
		answers := make([]reply, 16)
		var group sync.WaitGroup
		for i := range answers {
			group.Go(func() {
				w := newRecorder()
				k.handler.ServeHTTP(w, a.request())
				answers[i] = reply{w.Code, w.Header(), w.Body.Bytes()}
			})
		}
		group.Wait()
		made, replayed := map[string]bool{}, 0
		for _, r := range answers {
			made[string(r.body)] = true
			if r.header.Get("Idempotent-Replayed") == "true" {
				replayed++
			}
			if r.status != http.StatusCreated {
				t.Errorf("got %d %s", r.status, r.body)
			}
		}
		if len(made) != 1 || replayed != 15 {
			t.Errorf("%d different answers, %d of them replayed", len(made), replayed)
		}
	})
}

// This lets the receiver of a test webhook take its time, so that the first call is still running.
func TestACallWaitsForAnotherWithItsKeyAndThenGivesUp(t *testing.T) {
	k := newKit(t)
	arrived, release := make(chan struct{}), make(chan struct{})
	address := serveSlowly(t, arrived, release)
	e := decode[wire.WebhookEndpoint](t, k.want(http.StatusCreated, post("/v1/webhook-endpoints", `{"url":"`+address+`"}`).as(k.merchantKey).keyed(fresh())).body)
	test := post("/v1/webhook-endpoints/"+e.ID+"/test", ``).as(k.merchantKey).keyed("k1")

	first := make(chan int, 1)
	go func() {
		w := newRecorder()
		k.handler.ServeHTTP(w, test.request())
		first <- w.Code
	}()
	<-arrived
	second := make(chan wire.Problem, 1)
	go func() { second <- k.refused(http.StatusConflict, "idempotency_key_in_use", "Idempotency-Key", test) }()
	k.tick <- time.Time{} // The two seconds are over.
	if p := <-second; !p.Retryable {
		t.Error("the refusal does not say that repeating helps")
	}
	// A call with another key does not wait.
	k.want(http.StatusOK, post("/v1/decode", `{"payload":"x"}`).as(k.merchantKey).keyed("k2"))
	close(release)
	if got := <-first; got != http.StatusOK {
		t.Errorf("the first call ended with %d", got)
	}
	k.want(http.StatusOK, test)
}
