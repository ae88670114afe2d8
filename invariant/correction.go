package invariant

import (
	"tolom/id"
	"tolom/money"
	"tolom/payment"
	"tolom/store"
)

// corrections are what facts have moved into suspense, by the case that they name.
type corrections map[id.ID]*corrected

type corrected struct {
	psp       id.ID
	sum, last money.Amount
}

// corrected takes a correction of the books; it says whether the fact is one.
func (a *audit) corrected(f *payment.Fact) bool {
	if f.Type != payment.BooksWereCorrected {
		return false
	}
	a.limits.step(f.PSP, f.Amount, f.At)
	of := a.corrections[id.ID(f.Reason)]
	if of == nil {
		of = &corrected{psp: f.PSP}
		a.corrections[id.ID(f.Reason)] = of
	}
	of.sum, of.last = of.sum+f.Amount, f.Amount
	if of.psp != f.PSP {
		of.psp = ""
	}
	return true
}

// checkCases holds corrections beside their cases. The case is written after the fact,
// so of the last correction it may not tell yet.
func (a *audit) checkCases() error {
	cases := stream[store.ReconCase]{page: func(after store.ReconCase) ([]store.ReconCase, error) {
		return a.archive.CasePage(a.ctx, after.ID, pageSize)
	}}
	err := cases.all(func(c *store.ReconCase) {
		a.report.look(Corrected, 1)
		facts := a.corrections[c.ID]
		delete(a.corrections, c.ID)
		switch {
		case facts == nil && c.Fixed != 0:
			a.broken(Corrected, string(c.ID), "it has %d tyiyn in suspense, and no fact put it there", c.Fixed)
		case facts == nil:
		case facts.psp != c.Owner:
			a.broken(Corrected, string(c.ID), "it is of %s, its corrections of another PSP", c.Owner)
		case c.Fixed != facts.sum && c.Fixed != facts.sum-facts.last:
			a.broken(Corrected, string(c.ID), "it has %d tyiyn in suspense, its corrections come to %d", c.Fixed, facts.sum)
		case !c.ClosedAt.IsZero() && facts.sum != 0:
			a.broken(Corrected, string(c.ID), "it is closed, and %d tyiyn are still in suspense", facts.sum)
		}
	})
	for name, left := range a.corrections {
		a.broken(Corrected, string(name), "%d tyiyn were moved into suspense for a case that is not there", left.sum)
	}
	return err
}
