package notify

import (
	"log/slog"
	"testing"
	"time"
)

// dispatchPass has a node give every endpoint one pass.
func dispatchPass(c *town, node *dispatch) int {
	node.round(c.ctx)
	node.start(c.ctx)
	delivered := 0
	for len(node.running) > 0 {
		f := <-node.finished
		delivered += f.pass.Delivered
		node.finish(c.ctx, f)
	}
	node.ready = nil
	return delivered
}

func TestOneOfTwoNodesDelivers(t *testing.T) {
	c, box := newTown(t), newLetterbox(t)
	c.listen(box.URL)
	a := newDispatch(c.courier, slog.New(slog.DiscardHandler))
	b := newDispatch(c.courier, slog.New(slog.DiscardHandler))
	sell := func() { c.pay(c.ask(100), 100); c.number() }

	sell()
	if n := dispatchPass(c, a); n != 2 {
		t.Errorf("the first node delivered %d events", n)
	}
	sell()
	if n := dispatchPass(c, b); n != 0 {
		t.Errorf("the second node delivered %d events of an endpoint that the first holds", n)
	}
	c.clock.Advance(holdFor/2 + time.Second)
	if n := dispatchPass(c, a); n != 2 {
		t.Errorf("the first node delivered %d events and was to extend its hold", n)
	}
	sell()
	c.clock.Advance(holdFor / 2)
	if n := dispatchPass(c, b); n != 0 {
		t.Errorf("the second node delivered %d events after the hold was extended", n)
	}
	// The first node dies, without a word.
	c.clock.Advance(holdFor)
	if n := dispatchPass(c, b); n != 2 {
		t.Errorf("the second node delivered %d events of a dead node's endpoint", n)
	}
	// The second ends in order.
	sell()
	b.release(c.ctx)
	if n := dispatchPass(c, a); n != 2 {
		t.Errorf("the first node delivered %d events of an endpoint that was given back", n)
	}
	if len(box.got()) != 8 {
		t.Errorf("%d webhooks came for 8 events", len(box.got()))
	}
}
