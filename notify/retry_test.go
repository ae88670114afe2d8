package notify

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"tolom/store"
)

// TestRetriesEndAtTheirFirstFailure but what is new gets its turn in every pass.
func TestRetriesEndAtTheirFirstFailure(t *testing.T) {
	c, box := newTown(t), newLetterbox(t)
	e := c.listen(box.URL, "request.paid")
	box.answer = always(http.StatusBadGateway)
	for range 5 {
		c.pay(c.ask(100), 100)
		c.pass(e)
	}
	if n := len(pending(c.log(e))); n != 5 {
		t.Fatalf("%d deliveries are to be tried again", n)
	}
	c.clock.Advance(time.Minute)
	c.pay(c.ask(200), 200)
	before := len(box.got())
	if p := c.pass(e); p.Failed != 2 {
		t.Errorf("a pass over a dead receiver did %+v, one new event and one again are enough", p)
	}
	if got := box.events()[before:]; got[0].Sequence != 12 {
		t.Errorf("the pass began with event %d, not with the new one", got[0].Sequence)
	}
	box.answer = nil
	c.clock.Advance(time.Hour)
	if p := c.pass(e); p.Delivered != 6 || len(pending(c.log(e))) != 0 {
		t.Errorf("when the receiver was back a pass did %+v", p)
	}
}

// TestAnswerIsWrittenDownThoughWeAreAskedToEnd at that very moment, both of a
// first attempt and of a further one.
func TestAnswerIsWrittenDownThoughWeAreAskedToEnd(t *testing.T) {
	c := newTown(t)
	e := c.listen("https://shop.example/", "request.paid")
	c.pay(c.ask(100), 100)
	c.number()
	for _, step := range []struct {
		answer int
		want   store.DeliveryStatus
	}{{http.StatusBadGateway, store.DeliveryPending}, {http.StatusOK, store.DeliveryDelivered}} {
		ctx, cancel := context.WithCancel(c.ctx)
		c.open(line(func(*http.Request) (*http.Response, error) { cancel(); return reply(step.answer), nil }))
		if _, err := c.courier.Step(ctx, e.ID); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("the pass ended with %v", err)
		}
		d := c.log(e)[0]
		if d.Status != step.want || d.HTTPStatus != step.answer {
			t.Errorf("%+v, want %s", d, step.want)
		}
		c.clock.Set(d.NextAt)
		cancel()
	}
}
