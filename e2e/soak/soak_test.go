package soak

import (
	"context"
	"testing"
	"time"

	"tolom/internal/browsertest"
	"tolom/internal/traffic"
	"tolom/wire"
)

// shortForm is how long `make test` soaks; `make soak FOR=30m` goes on.
const shortForm = 14 * time.Second

// TestNodesAreReplacedUnderLoad restarts two of three nodes in turn while payments
// are made: first as a supervisor does, then by kill. The third is never touched
// and must stay as large as it was.
func TestNodesAreReplacedUnderLoad(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.settle()
	for range 3 {
		w.add(browsertest.Binary(t))
	}
	receiver := traffic.NewReceiver(t)
	for n := range shops {
		_, err := w.shop(n).CreateEndpoint(w.ctx, wire.NewWebhookEndpoint{URL: receiver.URL()})
		must(t, err)
	}
	l := w.startLoad()
	all := traffic.Span(t, "TOLOM_SOAK_FOR", shortForm)
	measuring, stop := context.WithCancel(w.ctx)
	measured := make(chan []*series, 1)
	go func() { measured <- measure(measuring, w.nodes[2].URL(), max(all/200, 100*time.Millisecond)) }()

	gentle := w.roll(all/2, (*browsertest.Process).Terminate)
	if broken := w.balancer.Broken.Load(); broken > 0 || w.unknown.Load() > 0 {
		t.Errorf("%d gentle restarts broke %d calls off and left %d outcomes to be asked for; none was to be", gentle, broken, w.unknown.Load())
	}
	if passed := w.balancer.Passed.Load(); passed > 0 {
		t.Errorf("%d calls met a node that took no connections: it closed before /readyz had said so for long enough", passed)
	}
	paid := l.Count()
	killed := w.roll(all/2, (*browsertest.Process).Kill)
	stop()
	deals := w.stop(l)
	w.holds(deals, receiver)
	t.Logf("%d payments while %d restarts were gentle: 0 calls broken off; %d more while %d were kills: %d broken off, %d outcomes asked for, 0 lost, 0 doubled",
		paid, gentle, len(deals)-paid, killed, w.balancer.Broken.Load(), w.unknown.Load())
	for _, s := range <-measured {
		s.flat(t, share(all))
	}
}

// share is how much a figure may grow: a process that lives for seconds still
// warms up, later a tenth is noise and more is a leak.
func share(all time.Duration) float64 {
	if all < 2*time.Minute {
		return 0.5
	}
	return 0.1
}

// roll ends and starts the first two nodes in turn until the time is over, and
// counts how often.
func (w *town) roll(span time.Duration, end func(*browsertest.Process) error) (n int) {
	for until := time.Now().Add(span); time.Now().Before(until) || n < 2; n++ {
		node := w.nodes[n%2]
		if err := end(node); err != nil {
			w.t.Error(err)
		}
		must(w.t, node.Start())
		// The balancer has to see it before the next one goes.
		time.Sleep(300 * time.Millisecond)
	}
	return n
}
