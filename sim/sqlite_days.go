package sim

import (
	"context"
	"time"

	"tolom/payment"
	"tolom/settlement"
	"tolom/store"
)

// What follows are the writes of business days, files, comparisons and proposals, each alone as SQLite has them.

// SetLimits gives an owner its limits.
func (s *sqlite) SetLimits(ctx context.Context, l payment.Limits) error {
	return s.write(func() error { return s.limited(l, s.Store.SetLimits(ctx, l)) })
}

// MoveProposal decides on a proposal.
func (s *sqlite) MoveProposal(ctx context.Context, do store.ProposalMover) error {
	return s.write(func() error { return s.inside(func() error { return s.Store.MoveProposal(ctx, do) }) })
}

// MoveProposalWithLimits does so and sets limits.
func (s *sqlite) MoveProposalWithLimits(ctx context.Context, l payment.Limits, do store.ProposalMover) error {
	return s.write(func() error {
		return s.limited(l, s.inside(func() error { return s.Store.MoveProposalWithLimits(ctx, l, do) }))
	})
}

// limited tells the witness of limits that were set.
func (s *sqlite) limited(l payment.Limits, err error) error {
	if err == nil {
		s.w.witness.caps.set(l)
	}
	return err
}

// inside does something that calls back while the transaction is open, so that nobody may park in it.
func (s *sqlite) inside(do func() error) (err error) {
	s.w.quietly(func() { err = do() })
	return err
}

// Fold counts facts.
func (s *sqlite) Fold(ctx context.Context, from store.Folding, to, late int64, totals []settlement.Total) error {
	return s.write(func() error { return s.Store.Fold(ctx, from, to, late, totals) })
}

// EndEarly has the day that goes on end now.
func (s *sqlite) EndEarly(ctx context.Context, from store.Folding) error {
	return s.write(func() error { return s.Store.EndEarly(ctx, from) })
}

// Cut ends a day.
func (s *sqlite) Cut(ctx context.Context, from store.Folding, d settlement.Day, patience time.Duration) (day settlement.Day, err error) {
	err = s.write(func() error { day, err = s.Store.Cut(ctx, from, d, patience); return err })
	return day, err
}

// PutDay writes a day.
func (s *sqlite) PutDay(ctx context.Context, d settlement.Day, rows store.DayRows) error {
	return s.write(func() error { return s.Store.PutDay(ctx, d, rows) })
}

// AddFile writes a file.
func (s *sqlite) AddFile(ctx context.Context, f store.File) (kept store.File, made bool, err error) {
	err = s.write(func() error { kept, made, err = s.Store.AddFile(ctx, f); return err })
	return kept, made, err
}

// PutFile changes a file.
func (s *sqlite) PutFile(ctx context.Context, f store.File) error {
	return s.write(func() error { return s.Store.PutFile(ctx, f) })
}

// OpenRun begins a comparison.
func (s *sqlite) OpenRun(ctx context.Context, r store.ReconRun) (run store.ReconRun, made bool, err error) {
	err = s.write(func() error { run, made, err = s.Store.OpenRun(ctx, r); return err })
	return run, made, err
}

// SaveRun writes a comparison.
func (s *sqlite) SaveRun(ctx context.Context, r store.ReconRun, changes []store.CaseChange) error {
	return s.write(func() error { return s.Store.SaveRun(ctx, r, changes) })
}

// SaveCases writes cases.
func (s *sqlite) SaveCases(ctx context.Context, changes []store.CaseChange) error {
	return s.write(func() error { return s.Store.SaveCases(ctx, changes) })
}
