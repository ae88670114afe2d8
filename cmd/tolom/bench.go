package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime/pprof"
	"sync"
	"text/tabwriter"
	"time"

	"tolom/bench"
	"tolom/world"
)

// benchCmd measures payments a second on this machine.
type benchCmd struct {
	settings
	Merchants int           `default:"10000" help:"How many merchants the payments are spread over; 1: all hit one."`
	Clients   int           `default:"64" help:"Payers at once."`
	For       time.Duration `name:"for" default:"10s" help:"How long each measurement takes."`
	Warm      time.Duration `default:"2s" help:"How long each runs before it counts."`
	JSON      bool          `name:"json" help:"Print one JSON object a line."`
	Profile   string        `help:"Write a CPU profile of the measurements to this file." placeholder:"FILE"`
}

// Run measures the floors, then payments, and prints what it found.
func (c *benchCmd) Run(ctx context.Context, std *stdio) error {
	if err := c.check(); err != nil {
		return err
	}
	c.BaseURL = "http://127.0.0.1:1"
	a, err := newApp(ctx, c.settings, newLog(c.settings, std.Err))
	if err != nil {
		return err
	}
	defer a.store.Close()
	single, err := bench.Floor(ctx, a.store, a.world, c.Clients, 1, c.For/3)
	if err != nil {
		return err
	}
	bulk, err := bench.Floor(ctx, a.store, a.world, lanes(c.settings), 1000, c.For/3)
	if err != nil {
		return err
	}
	work, stop := context.WithCancel(ctx)
	var group sync.WaitGroup
	group.Go(func() { a.engine.Run(work) })
	group.Go(func() { a.telling.Run(work) })
	results, err := c.profiled(func() ([]bench.Result, error) { return c.measure(ctx, a) })
	stop()
	group.Wait()
	if err != nil {
		return err
	}
	return c.print(std, results, single, bulk)
}

// profiled runs the measurements with a CPU profile when one is asked for.
func (c *benchCmd) profiled(measure func() ([]bench.Result, error)) ([]bench.Result, error) {
	if c.Profile == "" {
		return measure()
	}
	file, err := os.Create(c.Profile)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if err := pprof.StartCPUProfile(file); err != nil {
		return nil, err
	}
	defer pprof.StopCPUProfile()
	return measure()
}

func (c *benchCmd) measure(ctx context.Context, a *app) ([]bench.Result, error) {
	load := bench.Load{Clients: c.Clients, For: c.For, Warm: c.Warm}
	kind := "pg"
	if embedded(c.DB) {
		kind = "sqlite"
	}
	var out []bench.Result
	for _, run := range []struct {
		name      string
		merchants int
	}{{"engine_" + kind, c.Merchants}, {"engine_" + kind + "_hot", 1}} {
		field, err := bench.Seed(ctx, a.platform, run.merchants)
		if err != nil {
			return nil, err
		}
		id := string(world.NewID(a.world, "", 0))
		out = append(out, load.Run(ctx, run.name, bench.Direct{Platform: a.platform, Field: field, Run: id}))
	}
	return out, nil
}

func (c *benchCmd) print(std *stdio, results []bench.Result, single, bulk float64) error {
	for i := range results {
		results[i] = results[i].Beside(single, bulk)
	}
	if c.JSON {
		out := json.NewEncoder(std.Out)
		for _, r := range results {
			if err := out.Encode(r); err != nil {
				return err
			}
		}
		return nil
	}
	w := tabwriter.NewWriter(std.Out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\tpayments/s\tp50 ms\tp99 ms\tfloor single/s\tfloor bulk/s\tof single\tof bulk\terrors\t")
	for _, r := range results {
		fmt.Fprintf(w, "%s\t%.0f\t%.1f\t%.1f\t%.0f\t%.0f\t%.2f\t%.2f\t%d\t\n", r.Name, r.Payments, r.P50, r.P99, r.FloorSingle, r.FloorBulk, r.RatioSingle, r.RatioBulk, r.Errors)
	}
	return w.Flush()
}
