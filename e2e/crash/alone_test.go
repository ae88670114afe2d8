package crash

import (
	"context"
	"testing"
	"time"
)

// TestNoPaymentIsAcknowledgedThatOnlyOneServerHas takes the standby away. Commits
// wait for it then, and a primary that crashes and comes back shows what it had
// committed although the standby never got it. Whoever believes that, by settling
// an unknown commit or by reading, tells a success that is gone when the standby
// takes over.
func TestNoPaymentIsAcknowledgedThatOnlyOneServerHas(t *testing.T) {
	d := newPair(t)
	p := newPlace(t, d.dsn())
	l := p.startLoad()
	p.eventually("some have paid", func() bool { return l.Count() > 20 })
	must(t, d.standby.Kill())
	p.stands(l)
	standing := l.Count()
	must(t, d.primary.Kill())
	must(t, d.primary.Start())
	time.Sleep(2 * time.Second) // enough to connect, to settle and to answer
	t.Logf("%d payments went through while only one server was there", l.Count()-standing)
	must(t, d.primary.Kill())
	must(t, d.standby.Start())
	must(t, d.standby.Promote())
	promoted := time.Now()
	must(t, d.swap())
	if !p.goesOn(l, promoted) {
		t.Fatal("the platform does not find the new primary")
	}
	t.Logf("the first payment went through %v after the promotion", l.FirstAfter(promoted).Sub(promoted).Round(time.Millisecond))
	ctx, cancel := context.WithTimeout(p.ctx, 30*time.Second)
	defer cancel()
	p.ctx = ctx
	deals, err := l.stop()
	must(t, err)
	must(t, p.agrees(deals))
	p.whole()
}

// stands waits until no payment goes through any more.
func (p *place) stands(l *load) {
	p.eventually("payments wait for the standby", func() bool { return p.during(l, 500*time.Millisecond) == 0 })
}

// during counts the payments that end in a time.
func (p *place) during(l *load, span time.Duration) int {
	before := l.Count()
	time.Sleep(span)
	return l.Count() - before
}
