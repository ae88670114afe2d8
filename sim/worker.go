package sim

import (
	"context"
	"hash"
	"sync"
	"time"
)

// run is a run under way. Its worlds are taken in order, finish in any, and are
// added up in order again.
type run struct {
	config Config
	worlds int

	mu     sync.Mutex // guards what follows
	next   int        // world to begin
	added  int        // worlds in the result
	done   map[int]outcome
	sum    hash.Hash
	result Result
	err    error
}

// outcome is what came of a world.
type outcome struct {
	payments   int
	steps      int64
	virtual    time.Duration
	counts     map[string]int64
	violations []Violation
	trace      Trace
}

// work lives one world after another.
func (r *run) work(ctx context.Context) {
	c, err := newCast(r.config.Nodes)
	if err != nil {
		r.fail(err)
		return
	}
	defer c.leave()
	for {
		index, more := r.take(ctx)
		if !more {
			return
		}
		o, err := r.one(index, c)
		if err != nil {
			r.fail(err)
			return
		}
		r.add(index, o)
	}
}

func (r *run) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = err
}

func (r *run) take(ctx context.Context) (index int, more bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.next >= r.worlds || r.err != nil || len(r.result.Violations) > 0 || ctx.Err() != nil {
		return 0, false
	}
	r.next++
	return r.next - 1, true
}

func (r *run) one(index int, c *cast) (outcome, error) {
	w, err := newWorld(seedOf(r.config.Seed, index), r.config.Profile, r.config.sizeOf(index), r.config.SQLite, c)
	if err != nil {
		return outcome{}, err
	}
	w.live()
	for i := range w.violations {
		w.violations[i].Seed, w.violations[i].World = r.config.Seed, index
	}
	return outcome{w.started, w.steps, w.now, w.counts, w.violations, w.record.trace()}, nil
}

// add takes a world in, and those after it that were waiting for it.
func (r *run) add(index int, o outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done[index] = o
	for o, ready := r.done[r.added]; ready && len(r.result.Violations) == 0; o, ready = r.done[r.added] {
		delete(r.done, r.added)
		r.added++
		r.result.Worlds++
		r.result.Payments += o.payments
		r.result.Steps += o.steps
		r.result.Virtual += o.virtual
		for what, n := range o.counts {
			r.result.Counts[what] += n
		}
		r.result.Violations = o.violations
		r.sum.Write(o.trace[:])
		r.sum.Sum(r.result.Trace[:0])
		r.result.Last = Ended{o.payments, o.trace}
		if r.config.Progress != nil {
			r.config.Progress(r.result)
		}
	}
}
