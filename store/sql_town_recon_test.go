package store

import (
	"context"
	"fmt"

	"tolom/id"
	"tolom/recon"
)

// reconcile fills the tables of comparisons and bank statements.
func (w *town) reconcile() {
	ctx, now := w.t.Context(), w.clock.Now()
	for n, m := range w.merchants {
		psp := w.psps[m]
		var changes []CaseChange
		for range townSize / 5 {
			r := ReconRun{ID: w.newID(id.Recon, psp.Bucket()), Owner: psp, Name: fmt.Sprint("run", w.n), CreatedAt: now}
			_, _, err := w.s.OpenRun(ctx, r)
			must(w.t, err)
			c := ReconCase{ID: w.newID(id.Case, psp.Bucket()), Owner: psp, Run: r.ID, Kind: recon.Payment, Name: r.Name, Status: CaseClosed, ClosedAt: now, CreatedAt: now}
			if n == 1 {
				c.DueAt = now
			}
			changes = append(changes, CaseChange{Case: c})
			s := BankStatement{ID: w.newID(id.BankFile, m.Bucket()), Merchant: m, Digest: r.Name}
			match := recon.Match{Key: r.Name, Payout: w.newID(id.Payout, m.Bucket()), Way: recon.ByReference}
			_, _, err = w.s.AddStatement(ctx, s, []BankCredit{{Statement: s.ID, Number: 1, Match: match}})
			must(w.t, err)
		}
		must(w.t, w.s.SaveCases(ctx, changes))
	}
}

func (w *town) askRecon(ctx context.Context, m id.ID) {
	s, now := w.s, w.clock.Now()
	ask(w, func() (any, error) { return s.Moved(ctx, w.psp, now.Add(-skew), now) })
	runs, err := s.ReconRuns(ctx, w.psp, "", 3)
	must(w.t, err)
	ask(w, func() (any, error) { return s.ReconRuns(ctx, w.psp, runs[0].ID, 3) })
	ask(w, func() (any, error) { return s.ReconRuns(ctx, "", "", 3) })
	ask(w, func() (any, error) { return s.ReconRun(ctx, runs[0].ID) })
	_, _, err = s.OpenRun(ctx, runs[0])
	must(w.t, err)
	cases, err := s.Cases(ctx, CaseFilter{Owner: w.psp, Limit: 2})
	must(w.t, err)
	ask(w, func() (any, error) {
		return s.Cases(ctx, CaseFilter{Owner: w.psp, Run: runs[0].ID, Before: cases[0].ID, Status: CaseOpen, Class: recon.Expected, Open: true, Limit: 2})
	})
	ask(w, func() (any, error) { return s.Cases(ctx, CaseFilter{Open: true, Limit: 2}) })
	ask(w, func() (any, error) { return s.Case(ctx, cases[0].ID) })
	ask(w, func() (any, error) { return s.CaseNotes(ctx, cases[0].ID) })
	ask(w, func() (any, error) { return s.DueCases(ctx, now, 2) })
	must(w.t, s.SaveRun(ctx, runs[1], []CaseChange{{Case: cases[1]}}))
	statements, err := s.BankStatementsOf(ctx, m, "", 3)
	must(w.t, err)
	ask(w, func() (any, error) { return s.BankStatementsOf(ctx, m, statements[0].ID, 3) })
	ask(w, func() (any, error) { return s.BankStatement(ctx, statements[0].ID) })
	ask(w, func() (any, error) { return s.BankCredits(ctx, statements[0].ID) })
	_, _, err = s.AddStatement(ctx, statements[0], nil)
	must(w.t, err)
	ask(w, func() (any, error) { return s.CreditsOf(ctx, m, []id.ID{w.newID(id.Payout, m.Bucket())}) })
	ask(w, func() (any, error) { return s.PayoutsByKey(ctx, m, []string{statements[0].Digest}) })
}
