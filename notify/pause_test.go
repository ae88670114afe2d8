package notify

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tolom/fault"
	"tolom/seal"
	"tolom/store"
	"tolom/wire"
)

// endure makes passes over an endpoint until it is offered nothing more or so much
// time has passed; each pass comes when the next try is due. It gives the endpoint then.
func (c *town) endure(e store.Endpoint, most time.Duration) store.Endpoint {
	c.Helper()
	for end := c.clock.Now().Add(most); c.clock.Now().Before(end); {
		c.pass(e)
		row, err := c.store.Endpoints().Get(c.ctx, e.ID)
		c.ok(err)
		if resting(row) {
			return row
		}
		c.clock.Advance(10 * time.Minute)
	}
	row, err := c.store.Endpoints().Get(c.ctx, e.ID)
	c.ok(err)
	return row
}

// TestDeadEndpointIsPaused after three days, its owner is told, and nothing is lost.
func TestDeadEndpointIsPaused(t *testing.T) {
	c, dead, well := newTown(t), newLetterbox(t), newLetterbox(t)
	dead.answer = always(http.StatusBadGateway)
	e, other := c.listen(dead.URL, "payment.succeeded"), c.listen(well.URL, "webhook_endpoint.paused")
	deaf := c.listen(well.URL, "refund.succeeded")
	c.pay(c.ask(100), 100)
	began := c.clock.Now()
	row := c.endure(e, 5*24*time.Hour)
	if after := row.PausedAt.Sub(began); after < 60*time.Hour || after > keepTrying+lateBy || row.PausedFor != "the answer was HTTP 502" || row.Disabled {
		t.Fatalf("after %v: %+v", after, row)
	}
	told := well.events()
	if len(told) != 1 || told[0].Type != "webhook_endpoint.paused" || c.log(other)[0].Status != store.DeliveryDelivered || len(c.log(deaf)) != 0 {
		t.Fatalf("the other endpoints got %s", types(told))
	}
	object, _ := told[0].Data.Object.(map[string]any)
	if object["id"] != string(e.ID) || object["paused_at"] == nil || object["paused_for"] != "the answer was HTTP 502" {
		t.Errorf("told of %v", object)
	}

	// What happens while it is paused comes once it is resumed.
	tries := len(dead.got())
	c.pay(c.ask(200), 200)
	c.pass(e)
	if len(dead.got()) != tries || c.courier.Figures.Paused.Load() != 1 {
		t.Errorf("a paused endpoint was tried")
	}
	if _, err := c.endpoints.Redeliver(c.ctx, c.merchant.ID, string(c.log(e)[0].ID)); !fault.Has(err, fault.InvalidRequest) {
		t.Errorf("redelivered to a paused endpoint: %v", err)
	}
	if _, _, err := c.endpoints.Recover(c.ctx, c.merchant.ID, string(e.ID), began); !fault.Has(err, fault.InvalidRequest) {
		t.Errorf("recovered a paused endpoint: %v", err)
	}
	dead.answer = nil
	for range 2 { // again is harmless
		if row, err := c.endpoints.Resume(c.ctx, c.merchant.ID, string(e.ID)); err != nil || resting(row) || row.PausedFor != "" {
			t.Fatalf("%+v, %v", row, err)
		}
	}
	c.pass(e)
	if got := dead.events()[tries:]; types(got) != "payment.succeeded" || c.log(e)[1].Status != store.DeliveryDelivered {
		t.Errorf("resumed it got %s", types(got))
	}
	if n, more, err := c.endpoints.Recover(c.ctx, c.merchant.ID, string(e.ID), began); n != 1 || more || err != nil {
		t.Errorf("recovered %d, %v, %v", n, more, err)
	}
	c.pass(e)
	if c.log(e)[0].Status != store.DeliveryDelivered {
		t.Errorf("%+v", c.log(e)[0])
	}
}

// TestEndpointThatTakesSomethingIsNotPaused: one event that it never takes is no sign of death.
func TestEndpointThatTakesSomethingIsNotPaused(t *testing.T) {
	c, box := newTown(t), newLetterbox(t)
	poison := ""
	box.answer = func(w http.ResponseWriter, e wire.Event) {
		if poison == "" || e.ID == poison {
			poison = e.ID
			w.WriteHeader(http.StatusInternalServerError)
		}
	}
	e := c.listen(box.URL, "payment.succeeded")
	c.pay(c.ask(100), 100)
	c.pass(e)
	c.pay(c.ask(100), 100)
	if row := c.endure(e, 4*24*time.Hour); resting(row) || c.log(e)[0].Status != store.DeliveryFailed || c.log(e)[1].Status != store.DeliveryDelivered {
		t.Errorf("%+v", row)
	}
}

// TestLateRedeliveryPausesNothing: it fails once, by hand, and says nothing of three days.
func TestLateRedeliveryPausesNothing(t *testing.T) {
	c, box := newTown(t), newLetterbox(t)
	e := c.listen(box.URL, "payment.succeeded")
	c.pay(c.ask(100), 100)
	c.pass(e)
	box.answer = always(http.StatusInternalServerError)
	c.clock.Advance(30 * 24 * time.Hour)
	_, err := c.endpoints.Redeliver(c.ctx, c.merchant.ID, string(c.log(e)[0].ID))
	c.ok(err)
	if row := c.endure(e, time.Hour); resting(row) || c.log(e)[0].Status != store.DeliveryFailed {
		t.Errorf("%+v, %+v", row, c.log(e)[0])
	}
}

// TestGoneEndpointIsToldOf to the owner's others.
func TestGoneEndpointIsToldOf(t *testing.T) {
	c, gone, well := newTown(t), newLetterbox(t), newLetterbox(t)
	gone.answer = always(http.StatusGone)
	e := c.listen(gone.URL, "payment.succeeded")
	c.listen(well.URL, "webhook_endpoint.disabled")
	c.pay(c.ask(100), 100)
	if p := c.pass(e); !p.Ended {
		t.Errorf("the pass did %+v", p)
	}
	if got := types(well.events()); got != "webhook_endpoint.disabled" || len(gone.got()) != 1 {
		t.Errorf("told %q after %d tries", got, len(gone.got()))
	}
	if _, err := c.endpoints.Resume(c.ctx, c.merchant.ID, string(e.ID)); !fault.Has(err, fault.InvalidRequest) {
		t.Errorf("a disabled endpoint was resumed: %v", err)
	}
}

// TestRecoverSendsWhatWasNotTakenSince a time, and nothing else.
func TestRecoverSendsWhatWasNotTakenSince(t *testing.T) {
	c, box := newTown(t), newLetterbox(t)
	e := c.listen(box.URL, "payment.succeeded")
	down := func(status int, events int) {
		box.answer = always(status)
		for range events {
			c.pay(c.ask(100), 100)
			c.pass(e)
			c.clock.Advance(time.Second)
		}
	}
	down(500, 2)
	since := c.clock.Now()
	down(500, 3)
	down(204, 1)
	box.answer = always(204)
	for _, d := range c.log(e) {
		if d.Status == store.DeliveryPending {
			d.Status, d.NextAt = store.DeliveryFailed, time.Time{}
			c.ok(c.store.PutDelivery(c.ctx, d))
		}
	}
	lost := 0
	for _, d := range c.log(e) {
		if d.Status == store.DeliveryFailed && !d.CreatedAt.Before(since) {
			lost++
		}
	}
	if n, more, err := c.endpoints.Recover(c.ctx, c.merchant.ID, string(e.ID), since); n != lost || lost == 0 || more || err != nil {
		t.Fatalf("%d, %v, %v; %d were lost", n, more, err, lost)
	}
	before := len(box.got())
	c.pass(e)
	if got := len(box.got()) - before; got != lost {
		t.Errorf("%d were sent", got)
	}
	if n, _, err := c.endpoints.Recover(c.ctx, c.merchant.ID, string(e.ID), since); n != 0 || err != nil {
		t.Errorf("again: %d, %v", n, err)
	}
	if _, _, err := c.endpoints.Recover(c.ctx, c.newMerchant("Shop B").ID, string(e.ID), since); !fault.Has(err, fault.NotFound) {
		t.Errorf("another merchant recovered: %v", err)
	}
}

// TestEachWebhookCarriesBothKindsOfSignature, of the new and the old secret and key.
func TestEachWebhookCarriesBothKindsOfSignature(t *testing.T) {
	c, box := newTown(t), newLetterbox(t)
	e := c.listen(box.URL, "payment.succeeded")
	before := EndpointOf(e, true)
	row, _, err := c.endpoints.Rotate(c.ctx, c.merchant.ID, c.key(), string(e.ID))
	c.ok(err)
	after := EndpointOf(row, true)
	if len(before.PublicKeys) != 1 || len(after.PublicKeys) != 2 || after.PublicKeys[1] != before.PublicKeys[0] || after.Secret == before.Secret {
		t.Fatalf("%+v, then %+v", before, after)
	}
	c.pay(c.ask(100), 100)
	c.pass(e)
	l := box.got()[0]
	w := seal.Webhook{
		ID: l.header.Get(seal.HeaderWebhookID), Timestamp: l.header.Get(seal.HeaderWebhookTimestamp),
		Signature: l.header.Get(seal.HeaderWebhookSignature), Body: l.body,
	}
	for _, key := range append([]string{before.Secret, after.Secret}, after.PublicKeys...) {
		if err := seal.VerifyWebhook([]string{key}, w, c.clock.Now(), 5*time.Minute); err != nil {
			t.Errorf("%.6s…: %v", key, err)
		}
	}
	if n := strings.Count(w.Signature, "v1a,"); n != 2 || len(strings.Fields(w.Signature)) != 4 {
		t.Errorf("signatures %q", w.Signature)
	}
}

// TestEventsAreAcknowledgedUpToAPosition, a bounded number at a time.
func TestEventsAreAcknowledgedUpToAPosition(t *testing.T) {
	c := newTown(t)
	for range 4 {
		c.pay(c.ask(100), 100)
	}
	feed := c.feed()
	c.ok(c.teller.Ack(c.ctx, c.merchant.ID, feed[1].ID))
	for _, step := range []struct {
		acked int
		more  bool
	}{{3, true}, {2, false}, {0, false}} {
		n, more, err := c.teller.AckThrough(c.ctx, c.merchant.ID, 6, 3)
		if n != step.acked || more != step.more || err != nil {
			t.Errorf("%d, %v, %v; want %+v", n, more, err, step)
		}
	}
	left, _, err := c.teller.Events(c.ctx, c.merchant.ID, 0, true, 100)
	if err != nil || len(left) != 2 || left[0].Sequence != 7 {
		t.Errorf("%+v, %v", left, err)
	}
}
