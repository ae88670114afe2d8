package flow

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"tolom/engine"
	"tolom/fault"
	"tolom/id"
	"tolom/money"
	"tolom/payment"
	"tolom/proposal"
	"tolom/recon"
	"tolom/store"
)

// FixAction is the action of four eyes that moves a difference between a PSP's clearing
// account and suspense, or takes it out of suspense again.
const FixAction = "reconciliation.fix"

// The scopes of the names of corrections. By the first, whose key is the proposal, each is booked once. By the second, whose
// key is the case and how many corrections it had, two that were judged by the same state of a case are not both booked.
const (
	FixScope     = "reconciliation"
	FixTurnScope = "reconciliation_turn"
)

// FixBody is what a correction moves, in tyiyn: above zero the PSP owes more after it.
type FixBody struct {
	Amount int64 `json:"amount"`
}

// Register makes the correction known to four eyes. It is called once, when the program starts.
func (r *Reconciler) Register(s *Proposals) {
	Register(s, Kind[FixBody]{
		Name: FixAction,
		Plan: func(ctx context.Context, _ *Registry, target id.ID, body *FixBody) ([]proposal.Line, error) {
			c, err := r.fixable(ctx, target, money.Amount(body.Amount))
			if err != nil {
				return nil, err
			}
			return []proposal.Line{
				newLine("psp", string(c.Owner)), newLine(string(c.Kind), c.Name),
				amountLine("suspense", c.Fixed, c.Fixed+money.Amount(body.Amount)),
			}, nil
		},
		Apply: func(ctx context.Context, p proposal.Proposal, body FixBody) (string, error) {
			return string(p.Target), r.fix(ctx, p, money.Amount(body.Amount))
		},
	})
}

// fixable gives the case of a correction that may be booked: what is in suspense after
// it lies between nothing and the whole difference.
func (r *Reconciler) fixable(ctx context.Context, target id.ID, amount money.Amount) (store.ReconCase, error) {
	c, err := r.caseFor(ctx, CaseSide{}, string(target))
	if err != nil {
		return c, err
	}
	after, low, high := c.Fixed+amount, min(c.Shift, 0), max(c.Shift, 0)
	switch {
	case !c.ClosedAt.IsZero():
		return c, fault.New(fault.CaseNotOpen).Because("the case is closed")
	case amount == 0 || amount > money.Max || amount < -money.Max || after < low || after > high:
		return c, fault.New(fault.AmountInvalid).On("amount").Because("suspense may hold between nothing and the whole difference of the case, its shift, after the correction")
	}
	return c, nil
}

// ProposeFix asks for a correction of a case. It is done once a second person approves it, or at once where four eyes are off.
func (r *Reconciler) ProposeFix(ctx context.Context, s *Proposals, by proposal.Person, name string, amount money.Amount, reason string) (proposal.Proposal, error) {
	c, err := r.caseFor(ctx, CaseSide{}, name)
	if err != nil {
		return proposal.Proposal{}, err
	}
	if c.Status == store.CaseProposed {
		if waiting, _, err := s.Proposal(ctx, c.Proposal); err != nil || !waiting.Status.Final() {
			return waiting, fault.New(fault.CaseNotOpen).Because("a correction of this case waits already: " + string(c.Proposal))
		}
	}
	p, err := s.Ask(ctx, Ask{By: by, Action: FixAction, Target: c.ID, Body: FixBody{int64(amount)}, Reason: reason})
	if err != nil || p.Status != proposal.Proposed {
		return p, err
	}
	// Should the program end here, the proposal waits all the same and only the case does not say so yet.
	_, err = r.note(ctx, c.ID, store.CaseNote{Side: "operator", By: by.ID, ByName: by.Name, Kind: "proposed", Body: string(p.ID) + " " + reason}, func(c *store.ReconCase) {
		c.Status, c.Proposal = store.CaseProposed, p.ID
	})
	return p, err
}

// fix books a correction and notes it in its case. Done twice, it changes nothing. It is judged once more, by the case as it
// is now: the second person may have looked at another, and another correction may have been booked since.
func (r *Reconciler) fix(ctx context.Context, p proposal.Proposal, amount money.Amount) error {
	c, notes, err := r.Case(ctx, CaseSide{}, string(p.Target))
	if err != nil {
		return err
	}
	switch _, err := r.platform.read.Claim(ctx, store.Name{Scope: FixScope, Key: string(p.ID)}); {
	case errors.Is(err, store.ErrNotFound):
		if _, err := r.fixable(ctx, c.ID, amount); err != nil {
			return err
		}
		if _, err := r.platform.engine.Do(ctx, r.correction(c, p.ID, corrections(notes), amount)); err != nil {
			return err
		}
	case err != nil:
		return missing(err)
	}
	return r.noteFix(ctx, p, c.ID, amount)
}

// noteFix writes a correction that was booked into its case. A case that was closed meanwhile is open again: its money is in
// suspense and has to come out.
func (r *Reconciler) noteFix(ctx context.Context, p proposal.Proposal, of id.ID, amount money.Amount) error {
	note := store.CaseNote{Side: "operator", By: p.DecidedBy.ID, ByName: p.DecidedBy.Name, Kind: "fixed", Body: string(p.ID)}
	_, err := r.note(ctx, of, note, func(c *store.ReconCase) {
		c.Fixed += amount
		c.Proposal, c.Status, c.ClosedAt = p.ID, store.CaseFixed, time.Time{}
		if c.Fixed == 0 {
			c.Status = store.CaseExplained
		}
		if c.Fixed == 0 && c.Class == recon.Agreed {
			c.Status, c.ClosedAt = store.CaseClosed, r.platform.world.Clock.Now()
		}
	})
	return err
}

// corrections counts those that the history of a case tells of.
func corrections(notes []store.CaseNote) (n int) {
	for _, x := range notes {
		if x.Kind == "fixed" {
			n++
		}
	}
	return n
}

// correction is the fact and its entry, the turn-th of the case.
// What the PSP owes more counts in its position like a payment until it is settled; no cap
// refuses it, since it says what is owed already.
func (r *Reconciler) correction(c store.ReconCase, p id.ID, turn int, amount money.Amount) engine.Command {
	claims := []store.Claim{claim(FixScope, string(p), "", c.ID), claim(FixTurnScope, string(c.ID)+":"+strconv.Itoa(turn), "", c.ID)}
	return &posting{bucket: c.Owner.Bucket(), claims: claims, need: store.Need{PSP: c.Owner}, taken: otherFix, decide: func(s engine.Sight) engine.Outcome {
		return engine.Outcome{
			Lines: lines([]payment.Fact{{
				Type: payment.BooksWereCorrected, At: s.View.Now, PSP: c.Owner, Amount: amount, Reason: payment.Reason(c.ID),
			}}),
			Counters: stepPositions(s, c.Owner, -amount),
		}
	}}
}

// otherFix refuses a correction whose turn another has taken; one that was booked itself is no refusal.
func otherFix(s engine.Sight) *fault.Error {
	if _, again := s.TakenIn(FixScope); again {
		return nil
	}
	return fault.New(fault.CaseNotOpen).Because("another correction of this case was booked meanwhile")
}

// note changes a case and writes down why, unless the same is written already.
func (r *Reconciler) note(ctx context.Context, name id.ID, n store.CaseNote, change func(*store.ReconCase)) (store.ReconCase, error) {
	for range reconTries {
		c, notes, err := r.Case(ctx, CaseSide{}, string(name))
		if err != nil {
			return c, err
		}
		if slices.ContainsFunc(notes, func(x store.CaseNote) bool { return x.Kind == n.Kind && x.Body == n.Body }) {
			return c, nil
		}
		n.At = r.platform.world.Clock.Now()
		c.UpdatedAt = n.At
		change(&c)
		err = r.keep.SaveCases(ctx, []store.CaseChange{{Case: c, Note: n}})
		switch {
		case err == nil:
			return c, nil
		case !movedOn(err):
			return c, missing(err)
		}
	}
	return store.ReconCase{}, busy()
}

// Undecided brings cases back whose correction was rejected, withdrawn, expired or failed. It says how many.
func (r *Reconciler) Undecided(ctx context.Context, s *Proposals, most int) (did int, err error) {
	rows, err := r.keep.Cases(ctx, store.CaseFilter{Status: store.CaseProposed, Open: true, Limit: most})
	if err != nil {
		return 0, missing(err)
	}
	for _, c := range rows {
		p, _, err := s.Proposal(ctx, c.Proposal)
		if err != nil {
			return did, err
		}
		if !p.Status.Final() || p.Status == proposal.Done {
			continue
		}
		body := strings.TrimSpace(string(p.ID) + " " + string(p.Status) + " " + p.Outcome)
		if _, err := r.note(ctx, c.ID, store.CaseNote{Side: "platform", Kind: "judged", Body: body}, func(c *store.ReconCase) {
			if c.Status = store.CaseOpen; c.Fixed != 0 {
				c.Status = store.CaseFixed
			}
		}); err != nil {
			return did, err
		}
		did++
	}
	return did, nil
}
