// Package invariant says what must always hold of the platform's data, and
// checks it over everything that a database keeps: money is conserved, nothing
// happened twice, everything that happened is in the books and was told. Tests,
// the bench and `tolom audit` use the same checks.
//
// An audit reads one snapshot, so it may run beside a live platform. It goes
// through the rows in the order of their birth, everything at once, and holds in
// memory only what is still open: live payments, refunds on their way, accounts.
package invariant

import (
	"context"
	"fmt"

	"tolom/id"
	"tolom/store"
)

// Rule is one thing that must always hold.
type Rule string

// The rules, in the words in which a broken one is reported.
const (
	Rows      Rule = "a row is possible in itself"
	Counts    Rule = "a request counts the payments that succeeded, a dynamic one at most one"
	Told      Rule = "what happened is told by exactly one fact, in the same words"
	Waits     Rule = "a payment is kept as waiting exactly while it is created"
	Refunded  Rule = "a payment's refunds add up to what it says of them"
	Books     Rule = "a fact moves exactly what its kind moves"
	Balances  Rule = "a balance is the fold of the entries"
	Conserved Rule = "all balances together are zero"
	Numbering Rule = "positions and sequences have no gaps, and every fact of a numbered batch has one place"
	Names     Rule = "a payment, an order and a refund hold their names"
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
	Problems []Problem // the first of them
	Broken   int       // how many there are in all

	Requests, Payments, Refunds, Facts, Entries int64
	Positions                                   int64           // facts with a place in the feed
	Waiting                                     int64           // facts of committed batches that have none yet
	Succeeded                                   map[id.ID]int64 // payments by PSP
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
	a.report.Broken++
	if len(a.report.Problems) < shown {
		a.report.Problems = append(a.report.Problems, Problem{rule, about, fmt.Sprintf(format, args...)})
	}
}
