package crash

import (
	"errors"
	"testing"
	"time"
	"tolom/internal/traffic"
)

// failovers is how many promotions `make test` makes; `make failover` makes more.
const failovers = 4

// TestAPromotedStandbyHasEveryAcknowledgedPayment kills the primary under load and
// has the standby take its place, again and again. The one that was killed becomes
// the standby by a fresh copy, while payments go on.
//
// Every other time the new primary waits for a standby from its first commit: then
// nothing is ever acknowledged that only one server has, and the platform stands
// still until the copy is there. The other times it serves alone until then.
func TestAPromotedStandbyHasEveryAcknowledgedPayment(t *testing.T) {
	d := newPair(t)
	p := newPlace(t, d.dsn())
	all := traffic.Number(t, "TOLOM_CRASH_CYCLES", failovers)
	var alone, strict []time.Duration
	for n := 1; n <= all; n++ {
		gap, err := p.failover(d, n%2 == 0)
		if err != nil {
			t.Fatalf("failover %d: %v", n, err)
		}
		if n%2 == 0 {
			strict = append(strict, gap)
		} else {
			alone = append(alone, gap)
		}
	}
	p.whole()
	t.Logf("%d failovers, %d payments, %d outcomes had to be asked for: 0 lost, 0 doubled, 0 half done, 0 unknown; "+
		"no payment for %s when the new primary serves alone, for %s when it waits for the copy",
		all, len(p.deals), p.unknown.Load(), spread(alone), spread(strict))
}

// failover is one promotion under load; it tells for how long no payment went through.
func (p *place) failover(d *pair, strict bool) (gap time.Duration, err error) {
	l := p.startLoad()
	p.wait(50*time.Millisecond, 300*time.Millisecond)
	killed := time.Now()
	if err := errors.Join(d.primary.Kill(), d.standby.Require(strict), d.standby.Promote()); err != nil {
		return 0, err
	}
	promoted := time.Now()
	if !strict {
		if !p.goesOn(l, promoted) {
			return 0, errors.New("the platform does not find the new primary")
		}
	}
	if err := d.swap(); err != nil {
		return 0, err
	}
	if !p.goesOn(l, promoted) {
		return 0, errors.New("the platform does not go on when the standby is back")
	}
	gap = l.FirstAfter(promoted).Sub(killed)
	deals, err := l.stop()
	if err != nil {
		return gap, err
	}
	return gap, errors.Join(p.agrees(deals), p.agrees(p.sample(200)))
}

// goesOn waits until a payment has gone through after a moment.
func (p *place) goesOn(l *load, moment time.Time) bool {
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if !l.FirstAfter(moment).IsZero() {
			return true
		}
	}
	return false
}
