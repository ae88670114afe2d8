package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"tolom/bench"
	"tolom/flow"
	"tolom/store"
	"tolom/wire"
	"tolom/world"
)

// benchReportCmd measures how long a long report takes and how much memory.
type benchReportCmd struct {
	settings
	Payments int64  `default:"1000000" help:"How many payments to store for the one shop, with --fill."`
	Fill     bool   `help:"Store the payments and end: what is measured must not have stored them."`
	Format   string `default:"xlsx" enum:"csv,json,xlsx" help:"The format of the report."`
	To       string `type:"path" help:"Where to write the file of the report, to look at it."`
}

// Run stores payments, or makes a statement of all that are there.
func (c *benchReportCmd) Run(ctx context.Context, std *stdio) error {
	a, err := newApp(ctx, c.settings, newLog(c.settings, std.Err))
	if err != nil {
		return err
	}
	if c.Fill {
		return errors.Join(c.fill(ctx, a, std), a.closeStores())
	}
	return errors.Join(c.measure(ctx, a, std), a.closeStores())
}

func (c *benchReportCmd) fill(ctx context.Context, a *app, std *stdio) error {
	work, stop := context.WithCancel(ctx)
	defer stop()
	go a.engine.Run(work)
	field, err := bench.Seed(ctx, a.platform, 1)
	if err != nil {
		return err
	}
	past := bench.Past{Store: a.store, World: a.world, Field: field, Run: world.NewID(a.world, "", 0).Token(), Amount: c.Payments}
	if _, err := past.Load(ctx); err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.Out, "%d payments of one shop are stored\n", c.Payments)
	return err
}

// measure orders the statement of the shop and makes it as a node does.
func (c *benchReportCmd) measure(ctx context.Context, a *app, std *stdio) error {
	shops, err := a.store.Merchants().List(ctx, "", "", 1)
	if err != nil || len(shops) == 0 {
		return errors.Join(err, errors.New("there is no shop: run with --fill first"))
	}
	now := a.world.Clock.Now()
	who := flow.Reader{Kind: "merchant", Owner: shops[0].ID}
	ordered, _, err := a.reports.Order(ctx, who, "", wire.NewReport{Type: "statement", Format: c.Format, Language: "ky",
		From: now.AddDate(0, 0, -60).Format(time.DateOnly), To: now.Format(time.DateOnly)})
	if err != nil {
		return err
	}
	before, err := peakMemory(os.Getpid())
	if err != nil {
		return err
	}
	passed := world.Stopwatch()
	if _, err := a.reports.MakeNext(ctx, "bench"); err != nil {
		return err
	}
	took := passed()
	made, err := a.reports.Report(ctx, who, string(ordered.ID))
	if err != nil {
		return err
	}
	if made.Status != store.ReportReady {
		return fmt.Errorf("the report is %s: %s", made.Status, made.Reason)
	}
	after, err := peakMemory(os.Getpid())
	if err != nil {
		return err
	}
	if err := c.keep(ctx, a, who, made); err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.Out, "statement as %s: %d facts read, %d bytes in %d parts, %v; peak memory %s before it, %s after it; sha256 %s\n",
		c.Format, made.Total, made.Size, made.Chunks, took.Round(10*time.Millisecond), before, after, made.Digest)
	return err
}

// keep writes the file of the report to where it is wanted.
func (c *benchReportCmd) keep(ctx context.Context, a *app, who flow.Reader, made store.Report) error {
	if c.To == "" {
		return nil
	}
	_, content, err := a.reports.Open(ctx, who, string(made.ID))
	if err != nil {
		return err
	}
	out, err := os.Create(c.To)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, content)
	return errors.Join(err, out.Close())
}
