package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime/pprof"
	"text/tabwriter"
	"time"

	"tolom/bench"
	"tolom/web"
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
	Only      string        `help:"Run one measurement by its name." placeholder:"NAME"`
	Profile   string        `help:"Write a CPU profile of the measurements to this file." placeholder:"FILE"`
}

// Run measures the floors, then payments, and prints what it found.
func (c *benchCmd) Run(ctx context.Context, std *stdio) error {
	if err := c.check(); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	a, err := newApp(ctx, c.at(listener.Addr()), newLog(c.settings, std.Err))
	if err != nil {
		return err
	}
	single, err := bench.Floor(ctx, a.store, a.world, c.Clients, 1, c.For/2)
	if err != nil {
		return err
	}
	bulk, err := bench.Floor(ctx, a.store, a.world, lanes(c.settings), 1000, c.For/2)
	if err != nil {
		return err
	}
	handler, err := a.handler(web.Config{})
	if err != nil {
		return err
	}
	serving, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- a.run(serving, listener, handler) }()
	results, err := c.profiled(func() ([]bench.Result, error) { return c.measure(ctx, a) })
	stop()
	if err := errors.Join(err, <-ended); err != nil {
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

// measure runs the loads one after another, each on shops of its own.
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
		http      bool
	}{{"engine_" + kind, c.Merchants, false}, {"engine_" + kind + "_hot", 1, false}, {"http_" + kind, c.Merchants, true}, {"http_" + kind + "_hot", 1, true}} {
		if c.Only != "" && run.name != c.Only {
			continue
		}
		field, err := bench.Seed(ctx, a.platform, run.merchants)
		if err != nil {
			return nil, err
		}
		name := world.NewID(a.world, "", 0).Token()
		var payer bench.Payer = bench.Direct{Platform: a.platform, Field: field, Run: name}
		if run.http {
			payer = bench.NewOverHTTP(a.settings.BaseURL, field, name, c.Clients)
		}
		out = append(out, load.Run(ctx, run.name, payer))
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
