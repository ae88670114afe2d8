package notify

import (
	"testing"
	"time"

	"tolom/fault"
	"tolom/payment"
	"tolom/wire"
)

func TestFeedIsReadInPages(t *testing.T) {
	c := newTown(t)
	for range 3 {
		c.pay(c.ask(100), 100)
	}
	all := c.feed()
	var got []wire.Event
	after := int64(0)
	for more := true; more; {
		var rows []wire.Event
		var err error
		rows, more, err = c.teller.Events(c.ctx, c.merchant.ID, after, false, 4)
		c.ok(err)
		got, after = append(got, rows...), rows[len(rows)-1].Sequence
	}
	sameEvents(t, got, all)
	for i, e := range all {
		if e.Sequence != int64(i+1) {
			t.Errorf("event %d has sequence %d", i, e.Sequence)
		}
	}
}

func TestAcknowledgedEventsLeaveTheList(t *testing.T) {
	c := newTown(t)
	c.pay(c.ask(100), 100)
	all := c.feed()
	for range 2 {
		c.ok(c.teller.Ack(c.ctx, c.merchant.ID, all[0].ID))
	}
	rest, more, err := c.teller.Events(c.ctx, c.merchant.ID, 0, true, 10)
	c.ok(err)
	if more || len(rest) != 1 || rest[0].ID != all[1].ID || rest[0].Acked {
		t.Errorf("unacknowledged are %s", types(rest))
	}
	e, err := c.teller.Event(c.ctx, c.merchant.ID, all[0].ID)
	c.ok(err)
	all[0].Acked = true
	sameEvents(t, []wire.Event{e}, all[:1])
}

func TestForeignAndUnknownEventsAreNotFound(t *testing.T) {
	c := newTown(t)
	c.pay(c.ask(100), 100)
	event, other := c.feed()[0].ID, c.newMerchant("Shop B").ID
	for _, text := range []string{event, "evt_00000000000000000000000000", "evt_", "", "pay_00000000000000000000000000"} {
		if _, err := c.teller.Event(c.ctx, other, text); !fault.Has(err, fault.EventNotFound) {
			t.Errorf("%q: %v", text, err)
		}
		if err := c.teller.Ack(c.ctx, other, text); !fault.Has(err, fault.EventNotFound) {
			t.Errorf("ack of %q: %v", text, err)
		}
	}
	if e, err := c.teller.Event(c.ctx, c.merchant.ID, event); err != nil || e.Acked {
		t.Errorf("the owner's event is %+v, %v", e, err)
	}
}

// TestStreamOfARequestCanBeTakenUpAnywhere compares every place to go on from
// with the feed, in a shop that sells other things meanwhile.
func TestStreamOfARequestCanBeTakenUpAnywhere(t *testing.T) {
	c := newTown(t)
	fixed := c.askStatic()
	for range 6 {
		c.pay(fixed, 100)
		c.pay(c.ask(100), 100)
	}
	all := c.feed()
	for after := int64(0); after <= int64(len(all)); after++ {
		want := ofRequest(all[after:], fixed)
		for limit := 1; limit <= 7; limit++ {
			sameEvents(t, c.stream(fixed, after, limit), want)
		}
	}
	// Looking again where nothing was found begins where looking ended.
	_, through, err := c.teller.RequestEvents(c.ctx, fixed, int64(len(all)-2), 10)
	if err != nil || through != int64(len(all)) {
		t.Errorf("looked through %d of %d, %v", through, len(all), err)
	}
}

// stream reads the events of a request page by page.
func (c *town) stream(r payment.Request, after int64, limit int) (out []wire.Event) {
	c.Helper()
	for {
		events, through, err := c.teller.RequestEvents(c.ctx, r, after, limit)
		c.ok(err)
		out, after = append(out, events...), through
		if len(events) == 0 {
			return out
		}
	}
}

// ofRequest picks the events of a request and its payments.
func ofRequest(all []wire.Event, r payment.Request) (out []wire.Event) {
	for _, e := range all {
		switch o := e.Data.Object.(type) {
		case wire.PaymentRequest:
			if o.ID == string(r.ID) {
				out = append(out, e)
			}
		case wire.Payment:
			if o.RequestID == string(r.ID) {
				out = append(out, e)
			}
		}
	}
	return out
}

// TestPassingOverHistoryNeverGoesTooFar begins to look from every place of a
// long history, so that the halving ends at every side of the request's first event.
func TestPassingOverHistoryNeverGoesTooFar(t *testing.T) {
	c := newTown(t)
	fixed := c.askStatic()
	sell := func() {
		for range 2 * scan {
			c.pay(fixed, 1)
		}
	}
	sell()
	c.clock.Advance(disorder)
	r := c.ask(100)
	c.scan(r)
	first := int64(2*scan + 1)
	sell()
	c.number()
	for after := range first {
		start, err := c.teller.skip(c.ctx, r, after)
		if err != nil || start < after || start >= first {
			t.Fatalf("from %d looking begins after %d, the request's first event is %d (%v)", after, start, first, err)
		}
	}
}

// TestStreamOfANewRequestPassesOverOldHistory counts what is read of a long feed.
func TestStreamOfANewRequestPassesOverOldHistory(t *testing.T) {
	c := newTown(t)
	fixed := c.askStatic()
	for range 3_000 {
		c.pay(fixed, 1)
	}
	c.number()
	c.clock.Advance(time.Hour)
	r := c.ask(100)
	c.scan(r)
	c.pay(r, 100)
	c.number()
	start, err := c.teller.skip(c.ctx, r, 0)
	if err != nil || start < 3_000-2*scan || start > 3_000 {
		t.Errorf("looking begins at %d of 3003, %v", start, err)
	}
	if got := types(c.stream(r, 0, 10)); got != "request.scanned payment.succeeded request.paid" {
		t.Error(got)
	}
}
