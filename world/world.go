// Package world is everything a program takes from outside itself and cannot compute: the time, randomness, and
// connections to foreign hosts. It is handed to whoever needs it, so that the same code runs in production, in
// tests that set the clock, and in simulations that repeat a whole run from one seed. No other room reads the
// system clock or the system's randomness.
package world

import "time"

// World is what one process takes from outside.
type World struct {
	Clock   Clock
	Entropy Entropy
}

// System is the real world: the machine's clock and the kernel's randomness.
func System() World {
	return World{Clock: systemClock{}, Entropy: systemEntropy{}}
}

// Simulated is a world that repeats itself: the clock stands at start until the returned Manual moves it, and the
// randomness follows from the seed alone.
func Simulated(start time.Time, seed uint64) (World, *Manual) {
	clock := NewManual(start)
	return World{Clock: clock, Entropy: Seeded(seed)}, clock
}
