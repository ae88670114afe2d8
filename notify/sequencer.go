package notify

import (
	"context"
	"errors"
	"sync/atomic"

	"tolom/store"
)

// Sequencer numbers committed facts into the feed. One on every node is right:
// the position is a primary key, so of two that meet one does the work.
type Sequencer struct {
	Figures SequencerFigures
	post    store.Post
	wake    bell
}

// SequencerFigures count since the start of the process.
type SequencerFigures struct {
	Facts     atomic.Int64 // numbered by this node
	Conflicts atomic.Int64 // steps that another node was quicker with
}

// NewSequencer makes a sequencer over a store.
func NewSequencer(post store.Post) *Sequencer { return &Sequencer{post: post, wake: newBell()} }

// mostBatches is how many committed batches one step numbers.
const mostBatches = 500

// Step numbers what has been committed, up to a bound, and returns how many
// facts that were. When another sequencer was quicker it returns 0 and no error.
func (s *Sequencer) Step(ctx context.Context) (facts int, err error) {
	facts, err = s.post.Sequence(ctx, mostBatches)
	if errors.Is(err, store.ErrRetry) {
		s.Figures.Conflicts.Add(1)
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	s.Figures.Facts.Add(int64(facts))
	return facts, nil
}

// Nudge says that something may have been committed; it never blocks.
func (s *Sequencer) Nudge() { s.wake.ring() }

// bell wakes one waiter. Rings while nobody waits become one.
type bell chan struct{}

func newBell() bell { return make(bell, 1) }

func (b bell) ring() {
	select {
	case b <- struct{}{}:
	default:
	}
}
