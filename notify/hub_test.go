package notify

import (
	"errors"
	"testing"

	"tolom/store"
)

// hinted takes a hint when there is one.
func hinted(s *Subscription) bool {
	select {
	case <-s.C:
		return true
	default:
		return false
	}
}

// hear numbers what happened and lets the hub follow to the end of the feed.
func (c *town) hear(h *Hub) {
	c.Helper()
	c.number()
	for {
		n, err := h.Step(c.ctx)
		c.ok(err)
		if n == 0 {
			return
		}
	}
}

func TestHintsGoToThoseConcerned(t *testing.T) {
	c := newTown(t)
	r, other := c.ask(100), c.ask(200)
	c.hear(c.hub)
	mine, twin, theirs := c.hub.Subscribe(r.ID), c.hub.Subscribe(r.ID), c.hub.Subscribe(other.ID)
	shop, foreign := c.hub.SubscribeMerchant(c.merchant.ID), c.hub.SubscribeMerchant(c.newMerchant("Shop B").ID)
	c.hear(c.hub)
	for _, s := range []*Subscription{mine, twin, theirs, shop, foreign} {
		hinted(s) // the first look since anybody listens hints everybody: they may have missed something
	}
	c.hear(c.hub)
	for name, s := range map[string]*Subscription{"mine": mine, "shop": shop} {
		if hinted(s) {
			t.Errorf("%s was hinted before anything happened", name)
		}
	}
	p := c.pay(r, 100)
	c.hear(c.hub)
	for name, want := range map[*Subscription]bool{mine: true, twin: true, shop: true, theirs: false, foreign: false} {
		if hinted(name) != want {
			t.Errorf("a payment: subscription of %s, hint wanted: %v", name.topic, want)
		}
	}
	if hinted(mine) {
		t.Error("one look gave two hints")
	}
	c.refund(p, 50)
	c.hear(c.hub)
	if !hinted(mine) || !hinted(shop) {
		t.Error("a refund gave no hint")
	}
}

// TestSlowListenerDelaysNobody lets one never take its hints.
func TestSlowListenerDelaysNobody(t *testing.T) {
	c := newTown(t)
	fixed := c.askStatic()
	c.hear(c.hub)
	slow, quick := c.hub.Subscribe(fixed.ID), c.hub.Subscribe(fixed.ID)
	for range 5 {
		c.pay(fixed, 100)
		c.hear(c.hub)
		if !hinted(quick) {
			t.Fatal("the quick one was not hinted")
		}
	}
	if !hinted(slow) || hinted(slow) {
		t.Error("hints that nobody took should be one")
	}
}

func TestClosedSubscriptionsLeaveNothing(t *testing.T) {
	c := newTown(t)
	r := c.ask(100)
	s, kept := c.hub.Subscribe(r.ID), c.hub.Subscribe(r.ID)
	if c.hub.Figures.Open.Load() != 2 {
		t.Error("two subscriptions are open")
	}
	s.Close()
	s.Close()
	c.hear(c.hub)
	hinted(kept)
	c.pay(r, 100)
	c.hear(c.hub)
	if hinted(s) || !hinted(kept) {
		t.Error("the closed one was hinted, or the other one not")
	}
	kept.Close()
	if c.hub.Figures.Open.Load() != 0 || len(c.hub.listeners) != 0 {
		t.Errorf("%d are open, %d topics are kept", c.hub.Figures.Open.Load(), len(c.hub.listeners))
	}
}

// TestFirstStepHintsWhoeverCameBefore because facts numbered before it are not looked at.
func TestFirstStepHintsWhoeverCameBefore(t *testing.T) {
	c := newTown(t)
	r := c.ask(100)
	s := c.hub.Subscribe(r.ID)
	c.pay(r, 100)
	c.number()
	n, err := c.hub.Step(c.ctx)
	if err != nil || n != 0 || !hinted(s) {
		t.Errorf("the first step saw %d facts, %v", n, err)
	}
}

func TestFailedStepsMissNothing(t *testing.T) {
	c := newTown(t)
	r := c.ask(100)
	c.hear(c.hub)
	s := c.hub.Subscribe(r.ID)
	c.pay(r, 100)
	c.number()
	c.memory.Fault = func(store.Point) error { return errors.New("no power") }
	if _, err := c.hub.Step(c.ctx); err == nil {
		t.Error("a step without a database succeeded")
	}
	c.memory.Fault = nil
	c.hear(c.hub)
	if !hinted(s) {
		t.Error("the hint was lost with the step that failed")
	}
}

func TestSecondSequencerIsHarmless(t *testing.T) {
	c := newTown(t)
	c.pay(c.ask(100), 100)
	c.memory.Fault = func(p store.Point) error {
		if p == store.WritePoint {
			return store.ErrRetry
		}
		return nil
	}
	n, err := c.sequencer.Step(c.ctx)
	if n != 0 || err != nil || c.sequencer.Figures.Conflicts.Load() != 1 {
		t.Errorf("a sequencer that came second did %d, %v", n, err)
	}
	c.memory.Fault = nil
	if n, err = c.sequencer.Step(c.ctx); n != 2 || err != nil || c.sequencer.Figures.Facts.Load() != 2 {
		t.Errorf("afterwards it did %d, %v", n, err)
	}
}
