package api_test

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"tolom/engine"
	"tolom/store"
)

// TestOverloadIsRefusedAtTheDoor lets the database stand still until the queue is
// full: new requests are refused first, then creates; reads are answered all the
// while, and when the database goes on everything that was let in is done.
func TestOverloadIsRefusedAtTheDoor(t *testing.T) {
	k := newKit(t)
	waiting := k.open(k.sell(`{"amount":100}`), "waiting", 100)
	other := k.sell(`{"amount":100}`)
	still := make(chan struct{})
	k.memory.Fault = func(p store.Point) error {
		if p == store.BeginPoint {
			<-still
		}
		return nil
	}
	var group sync.WaitGroup
	statuses := make(chan int, 100)
	send := func(a ask) {
		queued := k.engine.Queued()
		group.Go(func() {
			w := httptest.NewRecorder()
			k.handler.ServeHTTP(w, a.request())
			statuses <- w.Code
		})
		for tries := 0; k.engine.Queued() == queued && tries < 200; tries++ {
			time.Sleep(time.Millisecond)
		}
	}
	for k.engine.Queued() < queue/2 {
		send(post("/v1/payment-requests", `{"amount":5}`).as(k.merchantKey).keyed(fresh()))
	}
	refused := k.refused(http.StatusServiceUnavailable, "unavailable", "", post("/v1/payment-requests", `{"amount":5}`).as(k.merchantKey).keyed(fresh()))
	if !refused.Retryable {
		t.Error("the refusal does not say that trying again helps")
	}
	k.refused(http.StatusServiceUnavailable, "unavailable", "", post("/psp/v1/check", `{"payload":"x"}`).as(k.pspKey))
	if answer := k.do(post("/v1/payment-requests", `{"amount":5}`).as(k.merchantKey).keyed(fresh())); answer.header.Get("Retry-After") == "" {
		t.Error("the refusal does not say when to come again")
	}
	create := func(name string) ask {
		return post("/psp/v1/payments", `{"psp_payment_id":"`+name+`","payload":"`+other.Payload+`","amount":100,"payer":{"key":"`+name+`"}}`).as(k.pspKey)
	}
	for n := 0; k.engine.Room(engine.Open); n++ {
		send(create("p" + string(rune('a'+n))))
	}
	k.refused(http.StatusServiceUnavailable, "unavailable", "", create("late"))
	send(post("/psp/v1/payments/"+*waiting.ID+"/execute", "").as(k.pspKey))
	k.want(http.StatusOK, get("/v1/payments/"+*waiting.ID).as(k.merchantKey))
	close(still)
	group.Wait()
	close(statuses)
	for status := range statuses {
		if status != http.StatusOK && status != http.StatusCreated {
			t.Errorf("a call that was let in was answered %d", status)
		}
	}
	k.want(http.StatusCreated, create("late"))
}
