package world

import "time"

// Stopwatch begins to measure and returns how to ask for the time that has passed. It runs by the machine whatever a
// simulation's clock says, so it serves figures and logs, and never a decision.
func Stopwatch() (passed func() time.Duration) {
	started := time.Now()
	return func() time.Duration { return time.Since(started) }
}

// Deadline is the moment so much from now by the machine's clock, for sockets: they know no other.
func Deadline(in time.Duration) time.Time { return time.Now().Add(in) }
