package main

import (
	"context"
	"fmt"
	"time"

	"tolom/invariant"
	"tolom/store"
	"tolom/world"
)

// auditCmd is what an auditor does with a live database.
type auditCmd struct {
	Rules      auditRulesCmd      `cmd:"" default:"withargs" help:"Check that everything adds up; what \"tolom audit\" alone does."`
	Verify     auditVerifyCmd     `cmd:"" help:"Compute the logs of facts and of what people did again, and name the first line of each that was changed."`
	Checkpoint auditCheckpointCmd `cmd:"" help:"Print the newest signed checkpoint of a log, to be kept elsewhere."`
	Follow     auditFollowCmd     `cmd:"" help:"Say whether a published log only grew since a checkpoint that was kept; without the database."`
	Copy       auditCopyCmd       `cmd:"" help:"Copy a published log, its hashes and newest checkpoint, into a folder; without the database."`
	Witness    auditWitnessCmd    `cmd:"" help:"Sign a checkpoint as a witness, if the log only grew since the one that the witness signed before."`
}

// auditRulesCmd checks what must always hold over a live database.
type auditRulesCmd struct {
	DB string `name:"db" env:"TOLOM_DB" default:"sqlite:tolom.db" help:"Database: sqlite:PATH or postgres://…"`
}

// Run prints every problem in a line, then of each rule at how many things it was
// held, and fails if there is a problem.
func (c *auditRulesCmd) Run(ctx context.Context, std *stdio) error {
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
	for _, rule := range invariant.Audited {
		fmt.Fprintln(std.Out, verdict(rule, report))
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

// verdict says in a line how a rule came off.
func verdict(rule invariant.Rule, r invariant.Report) string {
	said := "holds"
	if n := r.Breaks[rule]; n > 0 {
		said = fmt.Sprintf("broken %d×", n)
	}
	return fmt.Sprintf("%12d  %-10s %s", r.Looked[rule], said, rule)
}
