package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

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
}

// profiles are the profiles by name.
var profiles = map[string]func() sim.Profile{"calm": sim.Calm, "rough": sim.Rough}

// Run prints what happened, every violation in a line, and last the digest of
// everything; it fails if there is a violation.
func (c *simCmd) Run(ctx context.Context, std *stdio) error {
	passed := world.Stopwatch()
	last := time.Duration(0)
	result, err := sim.Run(ctx, sim.Config{
		Seed: c.Seed, Payments: c.Payments, Profile: profiles[c.Profile](), WorldSize: c.World, SQLite: c.DB == "sqlite",
		Progress: func(r sim.Result) {
			if now := passed(); now-last > 10*time.Second {
				last = now
				fmt.Fprintf(std.Err, "%d payments in %d worlds, %d/s\n", r.Payments, r.Worlds, int(float64(r.Payments)/now.Seconds()))
			}
		},
	})
	if err != nil {
		return err
	}
	c.print(std.Out, result, passed())
	if n := len(result.Violations); n > 0 {
		return fmt.Errorf("%d violations", n)
	}
	return nil
}

func (c *simCmd) print(out io.Writer, r sim.Result, took time.Duration) {
	for _, what := range slices.Sorted(maps.Keys(r.Counts)) {
		fmt.Fprintf(out, "%9d %s\n", r.Counts[what], what)
	}
	fmt.Fprintf(out, "%d payments in %d worlds, %v of virtual time, %d steps, in %v (%d payments/s)\n",
		r.Payments, r.Worlds, r.Virtual.Round(time.Second), r.Steps, took.Round(time.Millisecond), int(float64(r.Payments)/took.Seconds()))
	for _, v := range r.Violations {
		fmt.Fprintln(out, v)
	}
	fmt.Fprintf(out, "%d violations\ntrace %s\n", len(r.Violations), r.Trace)
}
