package engine_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"tolom/engine"
	"tolom/fault"
	"tolom/store"
	"tolom/world"
)

// outage is an engine whose lane is driven by hand, while its clock goes with the waits.
type outage struct {
	*bench
	e     *engine.Engine
	clock *world.Manual
}

func newOutage(t *testing.T) *outage {
	w, clock := world.Simulated(time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC), 1)
	s := store.NewMemory(w.Clock)
	b := &bench{t: t, store: s, world: w, shop: world.NewID(w, "mer", 5), psp: world.NewID(w, "psp", 6)}
	return &outage{bench: b, e: engine.New(s, w, engine.Config{}), clock: clock}
}

// begin queues a command.
func (o *outage) begin(name string) <-chan error {
	o.t.Helper()
	before, answered := o.e.Queued(), make(chan error, 1)
	go func() {
		_, err := o.e.Do(context.Background(), move{b: o.bench, name: name, amount: 1})
		answered <- err
	}()
	for o.e.Queued() == before && len(answered) == 0 {
		time.Sleep(time.Millisecond)
	}
	return answered
}

// pass drives the lane for a time.
func (o *outage) pass(span time.Duration) {
	for end := o.clock.Now().Add(span); o.clock.Now().Before(end); {
		wait := o.e.Step(context.Background(), 0)
		if wait == engine.Idle {
			wait = 10 * time.Millisecond
		}
		o.clock.Advance(max(wait, time.Millisecond))
	}
}

// A database that takes no writes: whoever waits is answered when two seconds are
// over, whoever comes later at once, and when it takes writes again, so does the engine,
// though nobody has called meanwhile.
func TestALaneThatCannotWriteRefusesAndComesBackAlone(t *testing.T) {
	for _, c := range []struct {
		name  string
		point store.Point
		err   error
		want  fault.Code // for the command whose batch is under way
		kept  int64      // what the first command has moved in the end
	}{
		{"the disk is full before the commit", store.SavePoint, store.ErrRetry, fault.OutOfService, 0},
		{"the commit failed and did not happen", store.BeforeCommit, store.ErrUnknown, fault.OutcomeUnknown, 0},
		{"the commit failed and did happen", store.AfterCommit, store.ErrUnknown, fault.OutcomeUnknown, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOutage(t)
			o.store.Fault = func(p store.Point) error {
				if p == c.point || p == store.SettlePoint {
					return fmt.Errorf("%w: no space", c.err)
				}
				return nil
			}
			first := o.begin("first")
			o.pass(100 * time.Millisecond)
			second := o.begin("second")
			o.pass(4 * time.Second)
			for what, got := range map[string]struct {
				err  error
				want fault.Code
			}{"under way": {<-first, c.want}, "waiting": {<-second, fault.OutOfService}, "later": {<-o.begin("third"), fault.OutOfService}} {
				if !fault.Has(got.err, got.want) {
					t.Errorf("the command %s got %v, want %s", what, got.err, got.want)
				}
			}
			if !o.e.Stuck() || o.e.Room(engine.Finish) {
				t.Error("the engine does not say that it is stuck")
			}
			o.store.Fault = nil
			o.pass(time.Second)
			if o.e.Stuck() {
				t.Fatal("the engine does not come back by itself")
			}
			fourth := o.begin("fourth")
			o.pass(10 * time.Millisecond)
			if err := <-fourth; err != nil || int64(o.balance()) != c.kept+1 {
				t.Errorf("afterwards a command got %v, and %d tyiyn were moved; want %d", err, o.balance(), c.kept+1)
			}
		})
	}
}

// TestAShortFailureIsWaitedOut: what passes within two seconds nobody is told of.
func TestAShortFailureIsWaitedOut(t *testing.T) {
	o := newOutage(t)
	o.store.Fault = func(p store.Point) error {
		if p == store.BeginPoint {
			return errors.Join(store.ErrRetry)
		}
		return nil
	}
	first := o.begin("first")
	o.pass(1500 * time.Millisecond)
	o.store.Fault = nil
	o.pass(time.Second)
	if err := <-first; err != nil || o.balance() != 1 {
		t.Errorf("the command got %v, %d tyiyn were moved", err, o.balance())
	}
}

// TestAStuckEngineClosesAtOnce: it has answered everybody already.
func TestAStuckEngineClosesAtOnce(t *testing.T) {
	b := newBench(t, engine.Config{})
	b.store.Fault = func(store.Point) error { return store.ErrRetry }
	e := engine.New(b.store, world.System(), engine.Config{})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { e.Run(ctx); close(ended) }()
	if _, err := e.Do(context.Background(), move{b: b, amount: 1}); !fault.Has(err, fault.OutOfService) {
		t.Errorf("the command got %v", err)
	}
	cancel()
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Error("the engine waits for a database that takes no writes")
	}
}
