package world

import (
	"fmt"
	"sync"
	"time"
)

// Clock tells the time, always in UTC and in whole milliseconds: what the wire and both databases keep, so that a
// time compares equal before and after it was stored.
type Clock interface {
	Now() time.Time
}

type systemClock struct{}

func (systemClock) Now() time.Time { return whole(time.Now()) }

// whole brings a time into the form that a Clock promises. It also drops the monotonic reading, which a stored
// time cannot have.
func whole(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// Manual is a clock that stands still until it is told to move. It is safe for concurrent use.
type Manual struct {
	mu  sync.Mutex
	now time.Time
}

// NewManual returns a clock that stands at start.
func NewManual(start time.Time) *Manual { return &Manual{now: whole(start)} }

// Now tells the time that was set last.
func (m *Manual) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// Set moves the clock to a time, which may lie in the past: real clocks are put back too.
func (m *Manual) Set(t time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = whole(t)
}

// Advance moves the clock forward and returns the new time. Less than a millisecond would be lost in silence, and
// a test that waits for it would never end, so the step must be whole.
func (m *Manual) Advance(step time.Duration) time.Time {
	if step < 0 || step%time.Millisecond != 0 {
		panic(fmt.Sprintf("world: Advance(%v): give whole milliseconds, forward; Set puts a clock back", step))
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = m.now.Add(step)
	return m.now
}
