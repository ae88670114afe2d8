package sim

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"runtime"
	"sync"
	"time"
)

// Config says what to simulate.
type Config struct {
	Seed     uint64
	Payments int     // how many payers begin to pay, in all worlds together
	Profile  Profile // Rough when its name is empty
	// Nodes is how many processes the platform has; 0: three.
	Nodes int
	// SQLite keeps each world in an SQLite database of its own instead of in memory,
	// with one writer at a time.
	SQLite bool
	// WorldSize is how many payments a world has before the next one begins afresh,
	// so that memory stays flat; 0: 2,000.
	WorldSize int
	// Workers is how many worlds live at once; 0: one for each processor. It changes
	// the time, not the result.
	Workers int
	// Progress, when set, is told after each world, in their order.
	Progress func(Result)
}

// Result is what came of it.
type Result struct {
	Seed       uint64
	Worlds     int
	Payments   int              // begun by payers
	Steps      int64            // of the schedulers
	Virtual    time.Duration    // that passed in all worlds together
	Counts     map[string]int64 // what happened, faults above all
	Violations []Violation      // of the first world that has any; later ones are not run
	Trace      Trace            // over the traces of the worlds, in their order
	Last       Ended            // the last of the worlds
}

// Ended is what came of one world.
type Ended struct {
	Payments int
	Trace    Trace
}

// Run simulates. The same configuration gives the same result, whatever the machine
// does and however many worlds live at once. It stops after the first world, in their
// order, with a violation. The error says that a world could not be set up.
func Run(ctx context.Context, c Config) (Result, error) {
	c = c.filled()
	r := &run{config: c, worlds: (c.Payments + c.WorldSize - 1) / c.WorldSize, done: map[int]outcome{}, sum: sha256.New()}
	r.result = Result{Seed: c.Seed, Counts: map[string]int64{}}
	var group sync.WaitGroup
	for range min(c.Workers, r.worlds) {
		group.Go(func() { r.work(ctx) })
	}
	group.Wait()
	if r.err == nil && ctx.Err() != nil && r.result.Worlds < r.worlds {
		r.err = ctx.Err()
	}
	return r.result, r.err
}

func (c Config) filled() Config {
	if c.Profile.Name == "" {
		c.Profile = Rough()
	}
	if c.Nodes <= 0 {
		c.Nodes = 3
	}
	if c.WorldSize <= 0 {
		c.WorldSize = 2000
	}
	if c.Workers <= 0 {
		c.Workers = runtime.GOMAXPROCS(0)
	}
	c.Payments = max(c.Payments, 1)
	return c
}

// seedOf is the seed of one world of a run.
func seedOf(seed uint64, index int) uint64 {
	var text [16]byte
	binary.LittleEndian.PutUint64(text[:8], seed)
	binary.LittleEndian.PutUint64(text[8:], uint64(index))
	sum := sha256.Sum256(text[:])
	return binary.LittleEndian.Uint64(sum[:8])
}

// sizeOf is how many payments one world of a run has.
func (c Config) sizeOf(index int) int {
	return min(c.WorldSize, c.Payments-index*c.WorldSize)
}
