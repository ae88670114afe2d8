package store

import (
	"context"
	"slices"
	"time"

	"tolom/id"
	"tolom/payment"
	"tolom/recon"
)

// reconciled is what a Memory keeps of comparisons and bank statements.
type reconciled struct {
	runs  map[id.ID]ReconRun
	cases map[id.ID]ReconCase
	order []id.ID // of cases
	notes map[id.ID][]CaseNote

	statements map[id.ID]BankStatement
	credits    map[id.ID][]BankCredit
	brought    map[id.ID]payoutCredit // by payout
}

func newReconciled() reconciled {
	return reconciled{
		runs: map[id.ID]ReconRun{}, cases: map[id.ID]ReconCase{}, notes: map[id.ID][]CaseNote{},
		statements: map[id.ID]BankStatement{}, credits: map[id.ID][]BankCredit{}, brought: map[id.ID]payoutCredit{},
	}
}

// Moved reads the payments and refunds of a PSP.
func (m *Memory) Moved(ctx context.Context, psp id.ID, from, to time.Time) ([]recon.Line, error) {
	return read(ctx, m, func(t *tables) (lines []recon.Line, err error) {
		for _, name := range t.paymentsOf[psp] {
			if p := t.payments[name]; p.Status == payment.Succeeded && within(p.EndedAt, from, to) {
				lines = append(lines, moved(recon.Payment, p.PSPPaymentID, int64(p.Amount), p.EndedAt))
			}
		}
		for _, name := range t.refundsOf[psp] {
			if r := t.refunds[name]; r.Status == payment.RefundSucceeded && within(r.EndedAt, from, to) {
				lines = append(lines, moved(recon.Refund, string(r.ID), int64(r.Amount), r.EndedAt))
			}
		}
		return lines, nil
	})
}

// OpenRun keeps a run, or gives the one of its name.
func (m *Memory) OpenRun(ctx context.Context, r ReconRun) (run ReconRun, made bool, err error) {
	err = m.write(ctx, func(t *tables) error {
		for _, other := range t.recon.runs {
			if other.Owner == r.Owner && other.Name == r.Name {
				run = copyRun(other)
				return nil
			}
		}
		r.Version = 1
		run, made = copyRun(r), true
		t.recon.runs[r.ID] = copyRun(r)
		return nil
	})
	return run, made, err
}

// ReconRun gives a run.
func (m *Memory) ReconRun(ctx context.Context, name id.ID) (ReconRun, error) {
	return read(ctx, m, func(t *tables) (ReconRun, error) {
		r, err := row(t.recon.runs, name)
		return copyRun(r), err
	})
}

// ReconRunNamed gives the run of a name.
func (m *Memory) ReconRunNamed(ctx context.Context, owner id.ID, name string) (ReconRun, error) {
	return read(ctx, m, func(t *tables) (ReconRun, error) {
		for _, r := range t.recon.runs {
			if r.Owner == owner && r.Name == name {
				return copyRun(r), nil
			}
		}
		return ReconRun{}, ErrNotFound
	})
}

// ReconRuns lists runs.
func (m *Memory) ReconRuns(ctx context.Context, owner, before id.ID, limit int) ([]ReconRun, error) {
	return read(ctx, m, func(t *tables) (out []ReconRun, err error) {
		for _, r := range t.recon.runs {
			if (owner == "" || r.Owner == owner) && (before == "" || r.ID < before) {
				out = append(out, copyRun(r))
			}
		}
		slices.SortFunc(out, func(a, b ReconRun) int { return compareIDs(b.ID, a.ID) })
		return out[:min(len(out), limit)], nil
	})
}

func compareIDs(a, b id.ID) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// SaveRun writes a run and changes of cases.
func (m *Memory) SaveRun(ctx context.Context, r ReconRun, changes []CaseChange) error {
	return m.write(ctx, func(t *tables) error {
		if t.recon.runs[r.ID].Version != r.Version {
			return ErrStale
		}
		if err := t.recon.save(changes); err != nil {
			return err
		}
		r.Version++
		t.recon.runs[r.ID] = copyRun(r)
		return nil
	})
}

// SaveCases writes changes of cases.
func (m *Memory) SaveCases(ctx context.Context, changes []CaseChange) error {
	return m.write(ctx, func(t *tables) error { return t.recon.save(changes) })
}

// save writes all changes or none.
func (s *reconciled) save(changes []CaseChange) error {
	open := map[string]id.ID{}
	key := func(c ReconCase) string { return string(c.Owner) + " " + string(c.Kind) + " " + c.Name }
	for _, c := range s.cases {
		if c.ClosedAt.IsZero() {
			open[key(c)] = c.ID
		}
	}
	for _, c := range changes {
		if s.cases[c.Case.ID].Version != c.Case.Version {
			return ErrStale
		}
		if c.Case.Version > 0 && !c.Case.ClosedAt.IsZero() && open[key(c.Case)] == c.Case.ID {
			delete(open, key(c.Case))
		}
	}
	for _, c := range changes {
		if holder := open[key(c.Case)]; c.Case.ClosedAt.IsZero() && holder != "" && holder != c.Case.ID {
			return ErrTaken
		}
		if c.Case.ClosedAt.IsZero() {
			open[key(c.Case)] = c.Case.ID
		}
	}
	for _, c := range changes {
		note, kept := noteOf(c), copyCase(c.Case)
		if kept.Version++; kept.Version == 1 {
			at, _ := slices.BinarySearch(s.order, kept.ID)
			s.order = slices.Insert(s.order, at, kept.ID)
		}
		note.At = whole(note.At)
		s.cases[kept.ID], s.notes[kept.ID] = kept, append(slices.Clip(s.notes[kept.ID]), note)
	}
	return nil
}

// Case gives a case.
func (m *Memory) Case(ctx context.Context, name id.ID) (ReconCase, error) {
	return read(ctx, m, func(t *tables) (ReconCase, error) {
		c, err := row(t.recon.cases, name)
		return copyCase(c), err
	})
}

// Cases lists cases.
func (m *Memory) Cases(ctx context.Context, f CaseFilter) ([]ReconCase, error) {
	return read(ctx, m, func(t *tables) (out []ReconCase, err error) {
		for _, name := range slices.Backward(t.recon.order) {
			c := t.recon.cases[name]
			fits := (f.Owner == "" || c.Owner == f.Owner) && (f.Before == "" || name < f.Before) && (f.Run == "" || c.Run == f.Run) && (f.Status == "" || c.Status == f.Status) &&
				(f.Class == "" || c.Class == f.Class) && (!f.Open || c.ClosedAt.IsZero())
			if fits && len(out) < f.Limit {
				out = append(out, copyCase(c))
			}
		}
		return out, nil
	})
}

// CaseNotes gives what happened to a case.
func (m *Memory) CaseNotes(ctx context.Context, name id.ID) ([]CaseNote, error) {
	return read(ctx, m, func(t *tables) ([]CaseNote, error) { return slices.Clone(t.recon.notes[name]), nil })
}

// DueCases gives open cases whose time is over.
func (m *Memory) DueCases(ctx context.Context, now time.Time, limit int) ([]ReconCase, error) {
	return read(ctx, m, func(t *tables) (out []ReconCase, err error) {
		for _, name := range t.recon.order {
			if c := t.recon.cases[name]; c.ClosedAt.IsZero() && !c.DueAt.IsZero() && !c.DueAt.After(now) {
				out = append(out, copyCase(c))
			}
		}
		slices.SortStableFunc(out, func(a, b ReconCase) int { return a.DueAt.Compare(b.DueAt) })
		return out[:min(len(out), limit)], nil
	})
}

func copyRun(r ReconRun) ReconRun {
	r.CreatedAt, r.EndedAt = whole(r.CreatedAt), whole(r.EndedAt)
	s := &r.Search
	s.Digests, s.Lines, s.Ours, s.Theirs = list(s.Digests), list(s.Lines), list(s.Ours), list(s.Theirs)
	return r
}

func copyCase(c ReconCase) ReconCase {
	c.Ours, c.Theirs, c.Now = list(c.Ours), list(c.Theirs), list(c.Now)
	c.DueAt, c.CreatedAt, c.UpdatedAt, c.ClosedAt = whole(c.DueAt), whole(c.CreatedAt), whole(c.UpdatedAt), whole(c.ClosedAt)
	return c
}

// CasePage gives cases by id.
func (a *memoryArchive) CasePage(_ context.Context, after id.ID, limit int) ([]ReconCase, error) {
	return page(a.cases, limit, func(c ReconCase) int { return compareIDs(c.ID, after) }), nil
}
