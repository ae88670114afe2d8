// Package invariant says what must always hold of the platform's data, and
// checks it over everything that a database keeps: money is conserved, nothing
// happened twice, everything that happened is in the books and was told. Tests,
// the simulation, the bench and `tolom audit` use the same checks.
//
// An audit reads one snapshot, so it may run beside a live platform. It goes
// through the rows in the order of their birth, everything at once, and holds in
// memory only what is still open: live payments, refunds on their way, accounts.
//
// Two further checks need more than the database. A Witness knows what the actors
// asked for and were told; CompareBooks has the books of the PSPs. docs/invariants.md
// lists every rule with its fold and with the test that breaks it on purpose.
package invariant

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"tolom/id"
	"tolom/store"
)

// Problem is a rule broken by one thing.
type Problem struct {
	Rule  Rule
	About string // an id or the code of an account
	What  string
}

// String says it in one line.
func (p Problem) String() string {
	return fmt.Sprintf("%s: %s (broken: %s)", p.About, p.What, p.Rule)
}

// shown is how many problems a report lists; the rest is counted.
const shown = 100

// Report is what an audit saw.
type Report struct {
	Problems []Problem      // the first of them
	Broken   int            // how many there are in all
	Breaks   map[Rule]int   // how many of them break each rule
	Looked   map[Rule]int64 // how many things were held against each rule

	Requests, Payments, Refunds, Facts, Entries int64
	Positions                                   int64           // facts with a place in the feed
	Waiting                                     int64           // facts of committed batches that have none yet
	Succeeded                                   map[id.ID]int64 // payments by PSP
}

func newReport() Report {
	return Report{Breaks: map[Rule]int{}, Looked: map[Rule]int64{}, Succeeded: map[id.ID]int64{}}
}

func (r *Report) clone() Report {
	out := *r
	out.Problems, out.Breaks, out.Looked, out.Succeeded = slices.Clone(r.Problems), maps.Clone(r.Breaks), maps.Clone(r.Looked), maps.Clone(r.Succeeded)
	return out
}

// look counts what is held against a rule.
func (r *Report) look(rule Rule, things int64) { r.Looked[rule] += things }

func (r *Report) broken(rule Rule, about, format string, args ...any) {
	r.Broken++
	r.Breaks[rule]++
	if len(r.Problems) < shown {
		r.Problems = append(r.Problems, Problem{rule, about, fmt.Sprintf(format, args...)})
	}
}

// Sound says that no rule is broken.
func (r Report) Sound() bool { return r.Broken == 0 }

// Err is nil for a sound report and otherwise names the first problems.
func (r Report) Err() error {
	if r.Sound() {
		return nil
	}
	text := fmt.Sprintf("invariant: %d things are not as they must be", r.Broken)
	for _, p := range r.Problems[:min(len(r.Problems), 5)] {
		text += "\n  " + p.String()
	}
	return fmt.Errorf("%s", text)
}

// Check audits everything that the store keeps. Its error says that the store
// could not be read; what is wrong with the data stands in the report.
func Check(ctx context.Context, s store.Auditor) (report Report, err error) {
	err = s.Audit(ctx, func(archive store.Archive) error {
		a := newAudit(ctx, archive)
		if err := a.run(); err != nil {
			return err
		}
		report = a.report
		return nil
	})
	if err != nil {
		return Report{}, fmt.Errorf("invariant: the audit could not read everything: %w", err)
	}
	return report, nil
}

func (a *audit) broken(rule Rule, about, format string, args ...any) {
	a.report.broken(rule, about, format, args...)
}
