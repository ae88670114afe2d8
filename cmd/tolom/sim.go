package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"tolom/bench"
	"tolom/sim"
	"tolom/world"
)

// simCmd runs the platform in simulated worlds in which everything goes wrong.
type simCmd struct {
	Seed     uint64 `default:"1" help:"Decides everything: the same seed tells the same story."`
	Payments int    `default:"20000" help:"How many payments payers begin."`
	Profile  string `default:"rough" enum:"calm,rough" help:"How much goes wrong: ${enum}."`
	DB       string `name:"db" default:"memory" enum:"memory,sqlite" help:"What keeps the data: ${enum}."`
	World    int    `default:"0" help:"Payments to a world, before the next one begins afresh; 0: 2,000."`
	Each     bool   `help:"Tell of each world how it ended, with the totals up to it, so that a run can be stopped at any time with a true number."`

	CPUProfile string `name:"cpu-profile" placeholder:"FILE" help:"Write to it where the processor's time goes, for go tool pprof."`
}

// profiles are the profiles by name.
var profiles = map[string]func() sim.Profile{"calm": sim.Calm, "rough": sim.Rough}

// simGCPercent is for worlds that begin and end all the time, each with some tens of
// megabytes: a larger heap is written to memory that the machine has to find first.
const simGCPercent = 800

// Run prints what happened, every violation in a line, and last the digest of
// everything; it fails if there is a violation, and when it is stopped, after it
// said how far it came.
func (c *simCmd) Run(ctx context.Context, std *stdio) error {
	if _, set := os.LookupEnv("GOGC"); !set {
		debug.SetGCPercent(simGCPercent)
	}
	runtime.MemProfileRate = 0 // Nobody asks a simulation for it, and it costs a hundredth.
	passed := world.Stopwatch()
	var result sim.Result
	err := profiled(c.CPUProfile, func() (err error) {
		result, err = sim.Run(ctx, sim.Config{
			Seed: c.Seed, Payments: c.Payments, Profile: profiles[c.Profile](), WorldSize: c.World, SQLite: c.DB == "sqlite",
			Progress: c.progress(std.Err, passed),
		})
		return err
	})
	if err != nil && result.Worlds == 0 {
		return err
	}
	c.print(std.Out, result, passed(), bench.ProgramTime())
	switch n := len(result.Violations); {
	case n > 0:
		return fmt.Errorf("%d violations", n)
	case err != nil:
		return fmt.Errorf("stopped before all payments were simulated: %w", err)
	}
	return nil
}

// progress tells of the run every ten seconds, or of each world.
func (c *simCmd) progress(out io.Writer, passed func() time.Duration) func(sim.Result) {
	last := time.Duration(0)
	return func(r sim.Result) {
		if c.Each {
			fmt.Fprintf(out, "world %d: %d payments, trace %s; in all %d payments, %d violations, trace %s\n",
				r.Worlds-1, r.Last.Payments, r.Last.Trace, r.Payments, len(r.Violations), r.Trace)
		}
		if now := passed(); now-last > 10*time.Second {
			last = now
			fmt.Fprintf(out, "%d payments in %d worlds, %d violations, %d/s\n", r.Payments, r.Worlds, len(r.Violations), int(float64(r.Payments)/now.Seconds()))
		}
	}
}

func (c *simCmd) print(out io.Writer, r sim.Result, took, worked time.Duration) {
	for _, what := range slices.Sorted(maps.Keys(r.Counts)) {
		fmt.Fprintf(out, "%9d %s\n", r.Counts[what], what)
	}
	fmt.Fprintf(out, "%d payments in %d worlds, %v of virtual time, %d steps, in %v (%d payments/s, %d µs of a processor each)\n",
		r.Payments, r.Worlds, r.Virtual.Round(time.Second), r.Steps, took.Round(time.Millisecond),
		int(float64(r.Payments)/took.Seconds()), worked.Microseconds()/int64(max(r.Payments, 1)))
	for _, v := range r.Violations {
		fmt.Fprintln(out, v)
	}
	fmt.Fprintf(out, "%d violations\ntrace %s\n", len(r.Violations), r.Trace)
}
