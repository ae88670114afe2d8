package main

import (
	"context"
	"fmt"
	"time"

	"tolom/invariant"
	"tolom/store"
	"tolom/world"
)

// auditCmd checks what must always hold over a live database.
type auditCmd struct {
	DB string `name:"db" env:"TOLOM_DB" default:"sqlite:tolom.db" help:"Database: sqlite:PATH or postgres://…"`
}

// Run prints what was seen and every problem in a line, and fails if there is one.
func (c *auditCmd) Run(ctx context.Context, std *stdio) error {
	s, err := store.Open(ctx, c.DB, store.Options{MaxConns: 2})
	if err != nil {
		return err
	}
	defer s.Close()
	passed := world.Stopwatch()
	report, err := invariant.Check(ctx, s)
	if err != nil {
		return err
	}
	for _, p := range report.Problems {
		fmt.Fprintln(std.Out, p)
	}
	if _, err := fmt.Fprintf(std.Out, "%s (%v)\n", counts(report), passed().Round(time.Millisecond)); err != nil {
		return err
	}
	if !report.Sound() {
		return fmt.Errorf("%d things are not as they must be", report.Broken)
	}
	_, err = fmt.Fprintln(std.Out, "all rules hold")
	return err
}
