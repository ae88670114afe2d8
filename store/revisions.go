package store

import (
	"context"
	"sync"
	"time"
)

// Revisions knows the revision of a desk as it was lately, for memories of
// reference data: one question every second or so in place of one for every record
// that grew old. Safe for concurrent use.
type Revisions struct {
	desk Desk

	mu     sync.Mutex
	last   int64
	at     time.Time // when last was asked for; zero: never
	asking bool
}

// NewRevisions makes one over a desk.
func NewRevisions(d Desk) *Revisions { return &Revisions{desk: d} }

// Known gives a revision that the desk had less than within before now. It is not
// ok when that is not known, as when the database does not answer; whoever asks
// then looks at the record itself. Nobody waits for the question of another.
func (r *Revisions) Known(ctx context.Context, now time.Time, within time.Duration) (revision int64, ok bool) {
	revision, ok, ask := r.recall(now, within)
	if !ask {
		return revision, ok
	}
	defer r.asked()
	revision, err := r.desk.Revision(ctx)
	if err != nil {
		return 0, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last, r.at = revision, now
	return revision, true
}

// asked lets the next one ask, also when the question ended in a panic: nobody would
// ever ask again.
func (r *Revisions) asked() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asking = false
}

// Forget drops what is known, as the end of the process would.
func (r *Revisions) Forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last, r.at, r.asking = 0, time.Time{}, false
}

// recall gives what is known, and whether the caller is to ask: from half the time
// on one does, while the others go on with what is known.
func (r *Revisions) recall(now time.Time, within time.Duration) (revision int64, ok, ask bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	age := now.Sub(r.at)
	known := !r.at.IsZero() && age >= 0 && age < within
	if known && age < within/2 || r.asking {
		return r.last, known, false
	}
	r.asking = true
	return 0, false, true
}
