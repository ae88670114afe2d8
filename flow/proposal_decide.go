package flow

import (
	"context"
	"errors"
	"fmt"

	"tolom/fault"
	"tolom/id"
	"tolom/proposal"
	"tolom/store"
)

// Proposal gives a proposal and what happened to it. One whose time is over is ended before it is shown. Refused: not_found.
func (s *Proposals) Proposal(ctx context.Context, name id.ID) (proposal.Proposal, []proposal.Event, error) {
	p, err := s.fresh(ctx, name)
	if err != nil {
		return p, nil, err
	}
	events, err := s.registry.desk.ProposalEvents(ctx, name)
	return p, events, missing(err)
}

// fresh reads a proposal, and ends it when its time is over.
func (s *Proposals) fresh(ctx context.Context, name id.ID) (proposal.Proposal, error) {
	p, err := s.registry.desk.Proposal(ctx, name)
	if err != nil {
		return p, missing(err)
	}
	if p.Status != proposal.Proposed || s.world.Clock.Now().Before(p.ExpiresAt) {
		return p, nil
	}
	late, err := s.decide(ctx, name, proposal.Expire{})
	if fault.Has(err, fault.ProposalEnded) {
		late, err = s.registry.desk.Proposal(ctx, name)
		err = missing(err)
	}
	return late, err
}

// List gives the proposals that fit a filter, the newest first, and whether there are more.
func (s *Proposals) List(ctx context.Context, f store.ProposalFilter) (list []proposal.Proposal, more bool, err error) {
	limit := f.Limit
	f.Limit++
	if list, err = s.registry.desk.ListProposals(ctx, f); err != nil {
		return nil, false, missing(err)
	}
	list, more = page(list, limit)
	for i, p := range list {
		if list[i], err = s.fresh(ctx, p.ID); err != nil {
			return nil, false, err
		}
	}
	return list, more, nil
}

// Approve has a proposal carried out. digest is of what the approver has read. The proposal comes back Done, or Failed
// with the reason in its Outcome, or Approved when it could not be carried out now; then Continue does it. Refused:
// not_found, proposal_ended, proposal_own, proposal_changed, and proposal_stale when its target is no longer as it was,
// which ends it.
func (s *Proposals) Approve(ctx context.Context, by proposal.Person, name id.ID, digest string) (proposal.Proposal, error) {
	if err := s.stillFits(ctx, by, name, digest); err != nil {
		return proposal.Proposal{}, err
	}
	p, err := s.decide(ctx, name, proposal.Approve{By: by, Digest: digest})
	if err != nil || p.Status != proposal.Approved {
		return p, err
	}
	return s.carryOut(ctx, p)
}

// stillFits ends a proposal whose target is no longer as it was. It is the approver's last look; whatever changes
// after it is met by carryOut.
func (s *Proposals) stillFits(ctx context.Context, by proposal.Person, name id.ID, digest string) error {
	p, err := s.registry.desk.Proposal(ctx, name)
	if err != nil {
		return missing(err)
	}
	act, known := s.actions[p.Action]
	if next, _, err := proposal.Decide(p, proposal.Approve{By: by, Digest: digest}, s.world.Clock.Now()); err != nil || next.Status != proposal.Approved || p.Status == proposal.Approved || !known {
		return nil // Whatever it is, decide says it.
	}
	_, now, err := act.plan(ctx, s.registry, p.Target, p.Body)
	if err == nil && !proposal.SameBefore(p.Summary, now) {
		err = stale(p.Summary, now)
	}
	var refusal *fault.Error
	if err == nil || !errors.As(err, &refusal) || refusal.Retryable() {
		return err
	}
	_, err = s.decide(ctx, name, proposal.Fail{Outcome: said(refusal)})
	switch {
	case fault.Has(err, fault.ProposalEnded):
		return nil // Somebody else's approval was carried out since it was read: that is what has changed, and decide says the rest.
	case err != nil:
		return err
	}
	return refusal
}

// said writes down a refusal without what is only for the log.
func said(f *fault.Error) string {
	if f.Detail == "" {
		return string(f.Code)
	}
	return string(f.Code) + ": " + f.Detail
}

// Reject ends a proposal of somebody else. Refused: not_found, proposal_ended, proposal_own, invalid_request.
func (s *Proposals) Reject(ctx context.Context, by proposal.Person, name id.ID, reason string) (proposal.Proposal, error) {
	if err := short("reason", reason, mostReason); err != nil {
		return proposal.Proposal{}, err
	}
	return s.decide(ctx, name, proposal.Reject{By: by, Reason: reason})
}

// Withdraw takes one's own proposal back. Refused: not_found, proposal_ended, proposal_own, invalid_request.
func (s *Proposals) Withdraw(ctx context.Context, by proposal.Person, name id.ID, reason string) (proposal.Proposal, error) {
	if err := short("reason", reason, mostReason); err != nil {
		return proposal.Proposal{}, err
	}
	return s.decide(ctx, name, proposal.Withdraw{By: by, Reason: reason})
}

// errUnmoved ends a move that has nothing to write.
var errUnmoved = errors.New("flow: nothing to write")

// decide makes a decision alone among all, on what the proposal is at that moment. Of an expired one it writes the end
// and refuses.
func (s *Proposals) decide(ctx context.Context, name id.ID, c proposal.Command) (out proposal.Proposal, err error) {
	var refusal error
	err = s.registry.desk.MoveProposal(ctx, func(ctx context.Context, d store.Desk) (proposal.Proposal, proposal.Event, error) {
		p, err := d.Proposal(ctx, name)
		if err != nil {
			return p, proposal.Event{}, err
		}
		var e proposal.Event
		out, e, refusal = proposal.Decide(p, c, s.world.Clock.Now())
		if e.Kind == "" {
			return out, e, errUnmoved
		}
		return out, e, nil
	})
	switch {
	case errors.Is(err, errUnmoved):
		return out, refusal
	case err != nil:
		return out, moved(err)
	}
	out.Version++
	return out, refusal
}

// carryOut does what was approved. What fails for good ends the proposal as failed, which is no error; what may go
// better later leaves it approved, which is none either.
func (s *Proposals) carryOut(ctx context.Context, p proposal.Proposal) (proposal.Proposal, error) {
	done, err := s.tryOut(ctx, p)
	if err == nil {
		return done, nil
	}
	var refusal *fault.Error
	if errors.As(err, &refusal) && !refusal.Retryable() && refusal.Kind() != fault.Internal && refusal.Code != fault.ProposalEnded {
		return s.decide(ctx, p.ID, proposal.Fail{Outcome: said(refusal)})
	}
	// Somebody else may have done it; if not, the pass of four eyes comes by.
	now, look := s.registry.desk.Proposal(ctx, p.ID)
	if look != nil {
		return p, nil
	}
	return now, nil
}

// tryOut carries a proposal out and notes that it is done.
func (s *Proposals) tryOut(ctx context.Context, p proposal.Proposal) (proposal.Proposal, error) {
	act, known := s.actions[p.Action]
	switch {
	case !known:
		return p, fault.Wrap(fault.OutOfService, fmt.Errorf("flow: this program knows no action %s", p.Action))
	case p.Sealed != p.Digest():
		return p, fault.New(fault.ProposalChanged).Because("it is not what was approved")
	case act.apply != nil:
		outcome, err := act.apply(ctx, p)
		if err != nil {
			return p, err
		}
		return s.decide(ctx, p.ID, proposal.Finish{Outcome: outcome})
	}
	return s.commit(ctx, act, p, func(ctx context.Context, r *Registry) (proposal.Proposal, proposal.Event, error) {
		now, err := r.desk.Proposal(ctx, p.ID)
		if err != nil {
			return now, proposal.Event{}, err
		}
		if now.Status != proposal.Approved || now.Sealed != now.Digest() {
			return now, proposal.Event{}, fault.New(fault.ProposalEnded)
		}
		outcome, err := s.perform(ctx, act, r, now)
		if err != nil {
			return now, proposal.Event{}, err
		}
		return proposal.Decide(now, proposal.Finish{Outcome: outcome}, s.world.Clock.Now())
	})
}

// Continue brings some of what waits further: what was approved and not carried out, as when a node died in between,
// is carried out; what nobody has decided in time expires. It says how many it has ended.
func (s *Proposals) Continue(ctx context.Context, most int) (ended int, err error) {
	approved, err := s.registry.desk.ListProposals(ctx, store.ProposalFilter{Status: proposal.Approved, Oldest: true, Limit: most})
	if err != nil {
		return 0, missing(err)
	}
	var failures []error
	for _, p := range approved {
		p, err := s.carryOut(ctx, p)
		if p.Status.Final() {
			ended++
		}
		failures = append(failures, err)
	}
	waiting, err := s.registry.desk.ListProposals(ctx, store.ProposalFilter{Status: proposal.Proposed, Oldest: true, Limit: most})
	failures = append(failures, missing(err))
	for _, p := range waiting {
		if s.world.Clock.Now().Before(p.ExpiresAt) {
			break // Those that follow are younger.
		}
		p, err := s.fresh(ctx, p.ID)
		if p.Status.Final() {
			ended++
		}
		failures = append(failures, err)
	}
	return ended, errors.Join(failures...)
}
