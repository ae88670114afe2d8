package store

import (
	"context"
	"fmt"
	"slices"

	"tolom/id"
	"tolom/payment"
	"tolom/proposal"
)

// proposals is what a Memory keeps of proposals.
type proposals struct {
	rows   map[id.ID]proposal.Proposal
	order  []id.ID
	events map[id.ID][]proposal.Event
}

func newProposals() proposals {
	return proposals{rows: map[id.ID]proposal.Proposal{}, events: map[id.ID][]proposal.Event{}}
}

// MoveProposal runs a mover while nobody else reads or writes.
func (m *Memory) MoveProposal(ctx context.Context, do ProposalMover) error {
	return m.write(ctx, func(t *tables) error { return m.move(ctx, t, do, func() error { return nil }) })
}

// MoveProposalWithLimits does the same when no transaction is open, and sets limits.
func (m *Memory) MoveProposalWithLimits(ctx context.Context, l payment.Limits, do ProposalMover) error {
	lift, err := m.fence(ctx)
	if err != nil {
		return err
	}
	defer lift()
	if err := m.alone(ctx); err != nil {
		return err
	}
	return m.write(ctx, func(t *tables) error {
		return m.move(ctx, t, do, func() error { return m.setLimits(t, l) })
	})
}

// move lets a mover decide over a Memory that is inside of this one, and undoes its writes when it fails.
func (m *Memory) move(ctx context.Context, t *tables, do ProposalMover, also func() error) error {
	return m.within(t, func(within *Memory) error {
		p, e, err := do(ctx, within)
		if err != nil {
			return err
		}
		if err := t.proposals.put(p, e); err != nil {
			return err
		}
		return also()
	})
}

// put writes a proposal that is new or has the version with which it was read, and its event.
func (s *proposals) put(p proposal.Proposal, e proposal.Event) error {
	old, known := s.rows[p.ID]
	switch {
	case p.Version == 0 && known:
		return fmt.Errorf("%w: %s", ErrTaken, p.ID)
	case p.Version != old.Version:
		return ErrStale
	case !known:
		at, _ := slices.BinarySearch(s.order, p.ID)
		s.order = slices.Insert(s.order, at, p.ID)
	}
	p = copyProposal(p)
	p.Version++
	e.At = whole(e.At)
	s.rows[p.ID], s.events[p.ID] = p, append(slices.Clip(s.events[p.ID]), e)
	return nil
}

// Proposal gives a proposal.
func (m *Memory) Proposal(ctx context.Context, name id.ID) (proposal.Proposal, error) {
	return read(ctx, m, func(t *tables) (proposal.Proposal, error) {
		p, err := row(t.proposals.rows, name)
		return copyProposal(p), err
	})
}

// ListProposals gives those that fit the filter.
func (m *Memory) ListProposals(ctx context.Context, f ProposalFilter) ([]proposal.Proposal, error) {
	return read(ctx, m, func(t *tables) (out []proposal.Proposal, err error) {
		order := slices.Clone(t.proposals.order)
		if !f.Oldest {
			slices.Reverse(order)
		}
		for _, name := range order {
			p := t.proposals.rows[name]
			fits := (f.Status == "" || p.Status == f.Status) && (f.Target == "" || p.Target == f.Target) && (f.Oldest || f.Before == "" || name < f.Before)
			if fits && len(out) < f.Limit {
				out = append(out, copyProposal(p))
			}
		}
		return out, nil
	})
}

// ProposalEvents gives what happened to a proposal.
func (m *Memory) ProposalEvents(ctx context.Context, name id.ID) ([]proposal.Event, error) {
	return read(ctx, m, func(t *tables) ([]proposal.Event, error) { return slices.Clone(t.proposals.events[name]), nil })
}

func copyProposal(p proposal.Proposal) proposal.Proposal {
	p.Summary = slices.Clone(p.Summary)
	p.ProposedAt, p.ExpiresAt, p.DecidedAt, p.EndedAt = whole(p.ProposedAt), whole(p.ExpiresAt), whole(p.DecidedAt), whole(p.EndedAt)
	return p
}
