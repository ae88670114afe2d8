package store

import (
	"context"
	"fmt"
	"time"

	"tolom/id"
	"tolom/money"
	"tolom/recon"
	"tolom/store/internal/db"
)

func noLines(l []recon.Line) bool { return len(l) == 0 }

var runTable = db.NewTable("recon_run",
	db.String("id", func(r *ReconRun) *string { return (*string)(&r.ID) }),
	db.Derived("bucket", func(r *ReconRun) int64 { return int64(r.ID.Bucket()) }),
	db.String("owner", func(r *ReconRun) *string { return (*string)(&r.Owner) }),
	db.String("book", func(r *ReconRun) *string { return &r.Book }),
	db.String("name", func(r *ReconRun) *string { return &r.Name }),
	db.String("fingerprint", func(r *ReconRun) *string { return &r.Fingerprint }),
	db.String("origin", func(r *ReconRun) *string { return &r.Origin }),
	db.Int64("from_minute", func(r *ReconRun) *int64 { return (*int64)(&r.Period.From) }),
	db.Int64("to_minute", func(r *ReconRun) *int64 { return (*int64)(&r.Period.To) }),
	db.String("state", func(r *ReconRun) *string { return (*string)(&r.State) }).Mutable(),
	db.JSON("search", func(r *ReconRun) *recon.Search { return &r.Search }, func(recon.Search) bool { return false }).Mutable(),
	db.Int64("same", func(r *ReconRun) *int64 { return &r.Same }).Mutable(),
	db.Int64("expected", func(r *ReconRun) *int64 { return &r.Expected }).Mutable(),
	db.Int64("mismatched", func(r *ReconRun) *int64 { return &r.Mismatched }).Mutable(),
	db.Int64("healed", func(r *ReconRun) *int64 { return &r.Healed }).Mutable(),
	db.Time("created_at", func(r *ReconRun) *time.Time { return &r.CreatedAt }),
	db.Time("ended_at", func(r *ReconRun) *time.Time { return &r.EndedAt }).Mutable(),
	db.Int64("version", func(r *ReconRun) *int64 { return &r.Version }),
)

var caseTable = db.NewTable("recon_case",
	db.String("id", func(c *ReconCase) *string { return (*string)(&c.ID) }),
	db.Derived("bucket", func(c *ReconCase) int64 { return int64(c.ID.Bucket()) }),
	db.String("owner", func(c *ReconCase) *string { return (*string)(&c.Owner) }),
	db.String("run", func(c *ReconCase) *string { return (*string)(&c.Run) }).Mutable(),
	db.String("kind", func(c *ReconCase) *string { return (*string)(&c.Kind) }),
	db.String("name", func(c *ReconCase) *string { return &c.Name }),
	db.String("class", func(c *ReconCase) *string { return (*string)(&c.Class) }).Mutable(),
	db.String("reason", func(c *ReconCase) *string { return (*string)(&c.Reason) }).Mutable(),
	db.String("action", func(c *ReconCase) *string { return (*string)(&c.Action) }).Mutable(),
	db.String("status", func(c *ReconCase) *string { return (*string)(&c.Status) }).Mutable(),
	db.JSON("ours", func(c *ReconCase) *[]recon.Line { return &c.Ours }, noLines).Mutable(),
	db.JSON("theirs", func(c *ReconCase) *[]recon.Line { return &c.Theirs }, noLines).Mutable(),
	db.JSON("now_has", func(c *ReconCase) *[]recon.Line { return &c.Now }, noLines).Mutable(),
	db.Int64("from_minute", func(c *ReconCase) *int64 { return (*int64)(&c.Period.From) }).Mutable(),
	db.Int64("to_minute", func(c *ReconCase) *int64 { return (*int64)(&c.Period.To) }).Mutable(),
	db.Int64("shift", func(c *ReconCase) *int64 { return (*int64)(&c.Shift) }).Mutable(),
	db.Int64("fixed", func(c *ReconCase) *int64 { return (*int64)(&c.Fixed) }).Mutable(),
	db.String("proposal", func(c *ReconCase) *string { return (*string)(&c.Proposal) }).Mutable(),
	db.Time("due_at", func(c *ReconCase) *time.Time { return &c.DueAt }).Mutable(),
	db.Time("created_at", func(c *ReconCase) *time.Time { return &c.CreatedAt }),
	db.Time("updated_at", func(c *ReconCase) *time.Time { return &c.UpdatedAt }).Mutable(),
	db.Time("closed_at", func(c *ReconCase) *time.Time { return &c.ClosedAt }).Mutable(),
	db.Int64("version", func(c *ReconCase) *int64 { return &c.Version }),
)

var noteTable = db.NewTable("recon_note",
	db.String("case_id", func(n *CaseNote) *string { return (*string)(&n.Case) }),
	db.Derived("bucket", func(n *CaseNote) int64 { return int64(n.Case.Bucket()) }),
	db.Int64("number", func(n *CaseNote) *int64 { return &n.Number }),
	db.Time("at", func(n *CaseNote) *time.Time { return &n.At }),
	db.String("side", func(n *CaseNote) *string { return &n.Side }),
	db.String("by_id", func(n *CaseNote) *string { return (*string)(&n.By) }),
	db.String("by_name", func(n *CaseNote) *string { return &n.ByName }),
	db.String("kind", func(n *CaseNote) *string { return &n.Kind }),
	db.String("status", func(n *CaseNote) *string { return (*string)(&n.Status) }),
	db.String("body", func(n *CaseNote) *string { return &n.Body }),
)

// Moved reads payments by their ids, as a payment ends within a minute or so after
// its creation, and refunds by their ends.
func (s *sqlStore) Moved(ctx context.Context, psp id.ID, from, to time.Time) (lines []recon.Line, err error) {
	err = s.d.Snapshot(ctx, func(q db.Querier) error {
		var c filter
		c.where("t.psp = $", string(psp)).where("t.status = $", int64(50))
		c.ended(id.Payment, from, to)
		tail, args := c.all("t.id")
		var name string
		var amount, ended int64
		each := func(kind recon.Kind) func(db.Scan) error {
			return func(scan db.Scan) error {
				err := scan(&name, &amount, &ended)
				lines = append(lines, moved(kind, name, amount, db.Moment(ended)))
				return err
			}
		}
		if err := q.Query(ctx, "SELECT t.psp_payment_id, t.amount, t.ended_at FROM payment AS t "+tail, each(recon.Payment), args...); err != nil {
			return err
		}
		return q.Query(ctx, "SELECT t.id, t.amount, t.ended_at FROM refund AS t WHERE t.psp = $1 AND t.ended_at > 0 AND t.ended_at >= $2 AND t.ended_at < $3"+
			" AND t.status = 'success' ORDER BY t.ended_at", each(recon.Refund), string(psp), db.Millis(from), db.Millis(to))
	})
	return lines, err
}

// OpenRun inserts a run, or reads the one of its name.
func (s *sqlStore) OpenRun(ctx context.Context, r ReconRun) (run ReconRun, made bool, err error) {
	r.Version = 1
	step, err := runTable.Insert([]ReconRun{r})
	if err != nil {
		return run, false, err
	}
	err = db.Do(ctx, s.d, func(tx db.Tx) error { return tx.Run(ctx, step) })
	if err == nil {
		return r, true, nil
	}
	run, missing := s.ReconRunNamed(ctx, r.Owner, r.Name)
	if missing != nil {
		return run, false, fmt.Errorf("store: open a run: %w", err)
	}
	return run, false, nil
}

// ReconRun gives a run.
func (s *sqlStore) ReconRun(ctx context.Context, name id.ID) (ReconRun, error) {
	return one(runTable.Find(ctx, s.d, "WHERE t.id = $1 AND t.bucket = $2", string(name), int64(name.Bucket())))
}

// ReconRunNamed gives the run of a name.
func (s *sqlStore) ReconRunNamed(ctx context.Context, owner id.ID, name string) (ReconRun, error) {
	return one(runTable.Find(ctx, s.d, "WHERE t.owner = $1 AND t.name = $2", string(owner), name))
}

// ReconRuns lists runs.
func (s *sqlStore) ReconRuns(ctx context.Context, owner, before id.ID, limit int) ([]ReconRun, error) {
	var c filter
	c.when("t.owner = $", string(owner)).when("t.id < $", string(before))
	if len(c.text) == 0 {
		c.where("t.id > $", "")
	}
	tail, args := c.tail("t.id DESC", limit)
	return runTable.Find(ctx, s.d, tail, args...)
}

// SaveRun writes a run and changes of cases.
func (s *sqlStore) SaveRun(ctx context.Context, r ReconRun, changes []CaseChange) error {
	step, err := runTable.Update([]ReconRun{r}, ErrStale)
	if err != nil {
		return err
	}
	return s.saveCases(ctx, changes, step)
}

// SaveCases writes changes of cases.
func (s *sqlStore) SaveCases(ctx context.Context, changes []CaseChange) error {
	return s.saveCases(ctx, changes)
}

// caseBatch is how many cases one statement writes.
const caseBatch = 200

func (s *sqlStore) saveCases(ctx context.Context, changes []CaseChange, steps ...db.Step) error {
	for _, part := range parts(changes, caseBatch) {
		more, err := caseSteps(part)
		if err != nil {
			return err
		}
		steps = append(steps, more...)
	}
	if len(steps) == 0 {
		return nil
	}
	if err := db.Do(ctx, s.d, func(tx db.Tx) error { return tx.Run(ctx, steps...) }); err != nil {
		return fmt.Errorf("store: save cases: %w", err)
	}
	return nil
}

func parts[T any](all []T, size int) (out [][]T) {
	for len(all) > size {
		out, all = append(out, all[:size]), all[size:]
	}
	return append(out, all)
}

// caseSteps writes closed ones before new ones, so that a name whose case is closed can have another.
func caseSteps(changes []CaseChange) (steps []db.Step, err error) {
	var fresh, changed []ReconCase
	notes := make([]CaseNote, len(changes))
	for i, c := range changes {
		notes[i] = noteOf(c)
		if c.Case.Version == 0 {
			c.Case.Version = 1
			fresh = append(fresh, c.Case)
		} else {
			changed = append(changed, c.Case)
		}
	}
	add := func(n int, step db.Step, wrong error) {
		if n > 0 {
			steps = append(steps, step)
		}
		if err == nil {
			err = wrong
		}
	}
	update, wrong := caseTable.Update(changed, ErrStale)
	add(len(changed), update, wrong)
	insert, wrong := caseTable.Insert(fresh)
	add(len(fresh), insert, wrong)
	note, wrong := noteTable.Insert(notes)
	add(len(notes), note, wrong)
	return steps, err
}

// noteOf gives the note of a change its place.
func noteOf(c CaseChange) CaseNote {
	n := c.Note
	n.Case, n.Number, n.Status = c.Case.ID, c.Case.Version+1, c.Case.Status
	return n
}

// Case gives a case.
func (s *sqlStore) Case(ctx context.Context, name id.ID) (ReconCase, error) {
	return one(caseTable.Find(ctx, s.d, "WHERE t.id = $1 AND t.bucket = $2", string(name), int64(name.Bucket())))
}

// Cases lists cases.
func (s *sqlStore) Cases(ctx context.Context, f CaseFilter) ([]ReconCase, error) {
	var c filter
	c.when("t.owner = $", string(f.Owner)).when("t.id < $", string(f.Before)).when("t.run = $", string(f.Run)).when("t.status = $", string(f.Status)).when("t.class = $", string(f.Class))
	if f.Open {
		c.where("t.closed_at = $", int64(0))
	}
	if f.Owner == "" && f.Before == "" {
		c.where("t.id > $", "")
	}
	tail, args := c.tail("t.id DESC", f.Limit)
	return caseTable.Find(ctx, s.d, tail, args...)
}

// CaseNotes gives what happened to a case.
func (s *sqlStore) CaseNotes(ctx context.Context, name id.ID) ([]CaseNote, error) {
	return noteTable.Find(ctx, s.d, "WHERE t.case_id = $1 AND t.bucket = $2 ORDER BY t.number", string(name), int64(name.Bucket()))
}

// DueCases gives open cases whose time is over.
func (s *sqlStore) DueCases(ctx context.Context, now time.Time, limit int) ([]ReconCase, error) {
	return caseTable.Find(ctx, s.d, "WHERE t.closed_at = 0 AND t.due_at > 0 AND t.due_at <= $1 ORDER BY t.due_at LIMIT $2", db.Millis(now), int64(limit))
}

// moved is a line of a book in our words.
func moved(kind recon.Kind, name string, amount int64, at time.Time) recon.Line {
	return recon.Line{Minute: recon.MinuteOf(at), Kind: kind, ID: name, Amount: money.Amount(amount), Status: recon.Success}
}

// CasePage gives cases by id.
func (a sqlArchive) CasePage(ctx context.Context, after id.ID, limit int) ([]ReconCase, error) {
	return caseTable.Find(ctx, a.q, pageByID, string(after), int64(limit))
}
