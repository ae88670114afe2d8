package main

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"tolom/bench"
	"tolom/invariant"
)

// print writes the table, or one JSON object a line.
func (b *benching) print() error {
	if b.JSON {
		out := json.NewEncoder(b.std.Out)
		for _, r := range b.results {
			if err := out.Encode(r); err != nil {
				return err
			}
		}
		return nil
	}
	w := tabwriter.NewWriter(b.std.Out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\tpayments/s\tp50 ms\tp99 ms\tfloor single/s\tfloor bulk/s\tof single\tof bulk\terrors\t")
	for _, r := range b.results {
		fmt.Fprintf(w, "%s\t%.0f\t%.1f\t%.1f\t%.0f\t%.0f\t%.2f\t%.2f\t%d\t\n", r.Name, r.Payments, r.P50, r.P99, r.FloorSingle, r.FloorBulk, r.RatioSingle, r.RatioBulk, r.Errors)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, r := range b.results {
		fmt.Fprintln(b.std.Out, spent(r))
	}
	return nil
}

// spent says what a payment took of the processors, which is the same on a busy machine.
func spent(r bench.Result) string {
	database := "the database's own time is not known"
	if r.ServerUS > 0 {
		database = fmt.Sprintf("%.0f µs of the database's", r.ServerUS)
	}
	return fmt.Sprintf("%s: a payment took %.0f µs of this program's processor time, clients included, and %s; %.0f commits/s with %.1f commands each",
		r.Name, r.ProgramUS, database, r.Commits, r.Commands)
}

// say writes sentences for people, beside JSON to the error output.
func (b *benching) say(sentences ...string) error {
	to := b.std.Out
	if b.JSON {
		to = b.std.Err
	}
	for _, sentence := range sentences {
		if _, err := fmt.Fprintln(to, sentence); err != nil {
			return err
		}
	}
	return nil
}

// counts says what an audit has seen.
func counts(r invariant.Report) string {
	return fmt.Sprintf("%d requests, %d payments, %d refunds, %d facts (%d told, %d waiting), %d entries",
		r.Requests, r.Payments, r.Refunds, r.Facts, r.Positions, r.Waiting, r.Entries)
}
