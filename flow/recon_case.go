package flow

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tolom/id"
	"tolom/recon"
	"tolom/store"
)

// caseKey is what a case is about. Of one there is at most one open case of a PSP.
type caseKey struct {
	kind recon.Kind
	name string
}

// casePage is how many open cases are read at once.
const casePage = 500

// openCases gives all open cases of a PSP.
func (r *Reconciler) openCases(ctx context.Context, psp id.ID) (map[caseKey]store.ReconCase, error) {
	found := map[caseKey]store.ReconCase{}
	f := store.CaseFilter{Owner: psp, Open: true, Limit: casePage}
	for {
		rows, err := r.keep.Cases(ctx, f)
		if err != nil {
			return nil, missing(err)
		}
		for _, c := range rows {
			found[caseKey{c.Kind, c.Name}] = c
			f.Before = c.ID
		}
		if len(rows) < casePage {
			return found, nil
		}
	}
}

// finish judges what a search has left over, and says what becomes of cases: new
// ones, those that it shows again, and those that it no longer shows.
func (r *Reconciler) finish(ctx context.Context, run *store.ReconRun) (changes []store.CaseChange, err error) {
	open, err := r.openCases(ctx, run.Owner)
	if err != nil {
		return nil, err
	}
	now := r.platform.world.Clock.Now()
	shown := map[caseKey]bool{}
	run.Expected, run.Mismatched, run.Healed = 0, 0, 0
	for _, p := range run.Search.Pairs() {
		c, differs, err := r.caseOf(ctx, run, p, now)
		if err != nil {
			return nil, err
		}
		if !differs {
			continue
		}
		key := caseKey{p.Kind, p.ID}
		shown[key] = true
		if c.Class == recon.Expected {
			run.Expected++
		} else {
			run.Mismatched++
		}
		changes = append(changes, r.shownAgain(open, key, c, now))
	}
	for key, c := range open {
		if !shown[key] && compared(run, c) {
			changes = append(changes, gone(c, now, "the comparison "+run.Name+" no longer shows it"))
			run.Healed++
		}
	}
	slices.SortFunc(changes, func(a, b store.CaseChange) int { return strings.Compare(string(a.Case.ID), string(b.Case.ID)) })
	run.State, run.EndedAt = store.RunDone, now
	return changes, nil
}

// caseOf is a case made of a pair; differs is false when there is nothing to it.
func (r *Reconciler) caseOf(ctx context.Context, run *store.ReconRun, p recon.Pair, now time.Time) (c store.ReconCase, differs bool, err error) {
	have, err := r.now(ctx, run.Owner, p.Kind, p.ID)
	if err != nil {
		return c, false, err
	}
	c = store.ReconCase{Owner: run.Owner, Run: run.ID, Kind: p.Kind, Name: p.ID, Status: store.CaseOpen, Ours: p.Ours, Theirs: p.Theirs, Now: have,
		Period: run.Period, CreatedAt: now, UpdatedAt: now}
	judge(&c, now)
	return c, c.Class != recon.Agreed, nil
}

// judge writes into a case what its lines mean at a moment.
func judge(c *store.ReconCase, now time.Time) {
	v := recon.Judge(pairOf(*c), now)
	c.Class, c.Reason, c.Action, c.DueAt, c.Shift = v.Class, v.Reason, v.Action, v.Due, v.Shift
}

func pairOf(c store.ReconCase) recon.Pair {
	p := recon.Pair{Kind: c.Kind, ID: c.Name, Ours: c.Ours, Theirs: c.Theirs, Period: c.Period}
	if len(c.Now) > 0 {
		p.Now = &c.Now[0]
	}
	return p
}

// shownAgain is the change of an open case that a run shows, or a new case.
func (r *Reconciler) shownAgain(open map[caseKey]store.ReconCase, key caseKey, c store.ReconCase, now time.Time) store.CaseChange {
	note := store.CaseNote{At: now, Side: "platform", Kind: "opened", Body: meaning(c)}
	if old, known := open[key]; known {
		c.ID, c.Version, c.Status, c.Fixed, c.Proposal, c.CreatedAt = old.ID, old.Version, old.Status, old.Fixed, old.Proposal, old.CreatedAt
		note.Kind = "judged"
	} else {
		c.ID = r.platform.newID(id.Case, c.Owner.Bucket())
	}
	return store.CaseChange{Case: c, Note: note}
}

// meaning says in one line what a case is.
func meaning(c store.ReconCase) string {
	text := fmt.Sprintf("%s: %s, %s", c.Class, c.Reason, c.Action)
	if !c.DueAt.IsZero() {
		text += ", until " + c.DueAt.UTC().Format(time.RFC3339)
	}
	return text
}

// compared says that a run has compared all minutes in which a case has lines, in the book that the case is of.
func compared(run *store.ReconRun, c store.ReconCase) bool {
	payments := c.Kind == recon.Payment || c.Kind == recon.Refund
	if payments != (run.Book == PaymentsBook) {
		return false
	}
	for _, l := range slices.Concat(c.Ours, c.Theirs) {
		if !run.Period.Has(l.Minute) {
			return false
		}
	}
	return true
}

// gone is the change of a case whose difference is no more. Money that a correction
// has put into suspense keeps it open: it has to come out again.
func gone(c store.ReconCase, now time.Time, why string) store.CaseChange {
	c.Class, c.DueAt, c.UpdatedAt = recon.Agreed, time.Time{}, now
	kind := "closed"
	if c.Fixed != 0 {
		kind, why = "judged", why+"; its correction is still in suspense and has to be taken out"
	} else {
		c.Status, c.ClosedAt = store.CaseClosed, now
	}
	return store.CaseChange{Case: c, Note: store.CaseNote{At: now, Side: "platform", Kind: kind, Body: why}}
}

// Due looks again at cases that were expected to be over by now, at most so many: what
// both sides have by now is closed, the rest is mismatched. It says how many it moved.
func (r *Reconciler) Due(ctx context.Context, most int) (did int, err error) {
	now := r.platform.world.Clock.Now()
	rows, err := r.keep.DueCases(ctx, now, most)
	if err != nil {
		return 0, missing(err)
	}
	for _, c := range rows {
		if c.Now, err = r.now(ctx, c.Owner, c.Kind, c.Name); err != nil {
			return did, err
		}
		judge(&c, now)
		c.UpdatedAt = now
		change := store.CaseChange{Case: c, Note: store.CaseNote{At: now, Side: "platform", Kind: "judged", Body: meaning(c)}}
		if c.Class == recon.Agreed {
			change = gone(c, now, "both sides have the same by now")
		}
		err := r.keep.SaveCases(ctx, []store.CaseChange{change})
		switch {
		case movedOn(err):
			continue // another node, or a run, was faster
		case err != nil:
			return did, missing(err)
		}
		did++
	}
	return did, nil
}
