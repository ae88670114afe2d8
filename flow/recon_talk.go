package flow

import (
	"context"
	"errors"
	"strings"
	"time"

	"tolom/access"
	"tolom/fault"
	"tolom/id"
	"tolom/proposal"
	"tolom/recon"
	"tolom/store"
)

// movedOn says that somebody else has changed a case meanwhile.
func movedOn(err error) bool {
	return errors.Is(err, store.ErrStale) || errors.Is(err, store.ErrTaken) || errors.Is(err, store.ErrRetry) || errors.Is(err, store.ErrUnknown)
}

// maxComment is how long a comment may be, in letters.
const maxComment = 2000

// CaseSide is who speaks of a case: a PSP, or somebody of the operator.
type CaseSide struct {
	PSP    id.ID           // empty: the operator
	Person proposal.Person // of the operator
}

// Case gives a case with its history to a side that it concerns. Refused: not_found.
func (r *Reconciler) Case(ctx context.Context, side CaseSide, name string) (store.ReconCase, []store.CaseNote, error) {
	c, err := r.caseFor(ctx, side, name)
	if err != nil {
		return c, nil, err
	}
	notes, err := r.keep.CaseNotes(ctx, c.ID)
	return c, notes, missing(err)
}

func (r *Reconciler) caseFor(ctx context.Context, side CaseSide, name string) (store.ReconCase, error) {
	i, err := id.Parse(id.Case, name)
	if err != nil {
		return store.ReconCase{}, fault.New(fault.NotFound)
	}
	c, err := r.keep.Case(ctx, i)
	if err == nil && side.PSP != "" && c.Owner != side.PSP {
		return store.ReconCase{}, fault.New(fault.NotFound)
	}
	return c, missing(err)
}

// Cases lists cases, newest first, and says whether there are more.
func (r *Reconciler) Cases(ctx context.Context, side CaseSide, f store.CaseFilter) ([]store.ReconCase, bool, error) {
	if side.PSP != "" {
		f.Owner = side.PSP
	}
	limit := f.Limit
	f.Limit++
	rows, err := r.keep.Cases(ctx, f)
	if err != nil {
		return nil, false, missing(err)
	}
	rows, more := page(rows, limit)
	return rows, more, nil
}

// Comment adds what a side says to a case. The same words of the same side again, after
// nothing else happened, change nothing. Refused: not_found, invalid_request.
func (r *Reconciler) Comment(ctx context.Context, side CaseSide, name, text string) (store.ReconCase, []store.CaseNote, error) {
	return r.say(ctx, side, name, text, "comment", func(*store.ReconCase) *fault.Error { return nil })
}

// Explain notes why a case is so; it stays until a comparison no longer shows it. The operator alone does.
func (r *Reconciler) Explain(ctx context.Context, by proposal.Person, name, text string) (store.ReconCase, []store.CaseNote, error) {
	return r.say(ctx, CaseSide{Person: by}, name, text, "explained", func(c *store.ReconCase) *fault.Error {
		if c.Status != store.CaseOpen && c.Status != store.CaseExplained {
			return fault.New(fault.CaseNotOpen).Because("the case is " + string(c.Status))
		}
		c.Status = store.CaseExplained
		return nil
	})
}

// CloseCase closes a case by hand, which moves no money. Refused: case_not_open when it is closed, or when a
// correction waits or is still in suspense.
func (r *Reconciler) CloseCase(ctx context.Context, by proposal.Person, name, text string) (store.ReconCase, []store.CaseNote, error) {
	return r.say(ctx, CaseSide{Person: by}, name, text, "closed", func(c *store.ReconCase) *fault.Error {
		if !c.ClosedAt.IsZero() || c.Status == store.CaseProposed || c.Fixed != 0 {
			return fault.New(fault.CaseNotOpen).Because("it is closed, or a correction of it waits or is still in suspense")
		}
		c.Status, c.ClosedAt, c.DueAt = store.CaseClosed, r.platform.world.Clock.Now(), time.Time{}
		return nil
	})
}

// say adds a note with what it changes of the case.
func (r *Reconciler) say(ctx context.Context, side CaseSide, name, text, kind string, change func(*store.ReconCase) *fault.Error) (store.ReconCase, []store.CaseNote, error) {
	text = strings.TrimSpace(text)
	if err := first(short("comment", text, maxComment), needed("comment", text)); err != nil {
		return store.ReconCase{}, nil, err
	}
	for range reconTries {
		c, notes, err := r.Case(ctx, side, name)
		if err != nil {
			return c, nil, err
		}
		note, err := r.speaker(ctx, side)
		if err != nil {
			return c, nil, err
		}
		note.At, note.Kind, note.Body = r.platform.world.Clock.Now(), kind, text
		if last := notes[len(notes)-1]; last.Side == note.Side && last.By == note.By && last.Kind == kind && last.Body == text {
			return c, notes, nil
		}
		if refusal := change(&c); refusal != nil {
			return c, nil, refusal
		}
		c.UpdatedAt = note.At
		err = r.keep.SaveCases(ctx, []store.CaseChange{{Case: c, Note: note}})
		switch {
		case err == nil:
			return r.Case(ctx, side, name)
		case !movedOn(err):
			return c, nil, missing(err)
		}
	}
	return store.ReconCase{}, nil, busy()
}

func needed(param, text string) error {
	if text == "" {
		return fault.New(fault.InvalidRequest).On(param).Because(param + " has something to say")
	}
	return nil
}

// speaker is a note with who writes it.
func (r *Reconciler) speaker(ctx context.Context, side CaseSide) (store.CaseNote, error) {
	if side.PSP == "" {
		return store.CaseNote{Side: "operator", By: side.Person.ID, ByName: side.Person.Name}, nil
	}
	p, err := r.platform.registry.PSP(ctx, side.PSP)
	return store.CaseNote{Side: "psp", By: side.PSP, ByName: p.Name}, err
}

// OfPSP is the side of a PSP.
func OfPSP(who access.PSP) CaseSide { return CaseSide{PSP: who.ID} }

// Classes are the words by which cases are filtered.
var Classes = []recon.Class{recon.Expected, recon.Mismatched, recon.Agreed}
