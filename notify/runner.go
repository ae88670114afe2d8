package notify

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Runner drives the steps in production.
type Runner struct {
	Sequencer *Sequencer
	Hub       *Hub
	Courier   *Courier
	Log       *slog.Logger
}

// These bound how long something goes unseen when nobody nudges: another node
// wrote it, or another node numbered it. Together they keep live streams of any
// node within 100 ms of a commit.
const (
	sequenceEvery = 40 * time.Millisecond
	tailEvery     = 40 * time.Millisecond
	// breath is the least time between two steps that both found something. What
	// comes meanwhile is taken by the next step together, so that numbering costs a
	// commit for many batches, not one for each; a lone payment does not wait for it.
	breath = 15 * time.Millisecond
	// afterError is the pause after a failed step, when the database does not answer.
	afterError = time.Second
)

// Nudge says that something was committed on this node: it is told within a few
// milliseconds instead of at the next look. It never blocks.
func (r *Runner) Nudge() { r.Sequencer.Nudge() }

// Run drives sequencer, hub and courier until ctx ends, then waits until what is
// under way is written down.
func (r *Runner) Run(ctx context.Context) {
	var group sync.WaitGroup
	group.Go(func() { r.loop(ctx, "sequencer", r.Sequencer.wake, sequenceEvery, r.sequence) })
	group.Go(func() { r.loop(ctx, "hub", r.Hub.wake, tailEvery, r.Hub.Step) })
	group.Go(func() { newDispatch(r.Courier, r.Log).run(ctx) })
	group.Wait()
}

// sequence numbers what there is and passes the news on.
func (r *Runner) sequence(ctx context.Context) (int, error) {
	facts, err := r.Sequencer.Step(ctx)
	if facts > 0 {
		r.Hub.Nudge()
		r.Courier.Nudge()
	}
	return facts, err
}

// loop repeats a step: at once while it finds something to do, else when the
// bell rings or a time has passed.
func (r *Runner) loop(ctx context.Context, name string, wake bell, every time.Duration, step func(context.Context) (int, error)) {
	for ctx.Err() == nil {
		did, err := step(ctx)
		wait := every
		switch {
		case err != nil && ctx.Err() == nil:
			r.Log.Error("a step of telling failed, it is tried again", "step", name, "error", err)
			wait = afterError
		case did > 0:
			sleep(ctx, nil, breath)
			continue
		}
		sleep(ctx, wake, wait)
	}
}

// sleep waits for a time, the bell, or the end.
func sleep(ctx context.Context, wake bell, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-wake:
	case <-timer.C:
	}
}
