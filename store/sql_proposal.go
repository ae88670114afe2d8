package store

import (
	"context"
	"fmt"
	"time"

	"tolom/id"
	"tolom/payment"
	"tolom/proposal"
	"tolom/store/internal/db"
)

var proposalTable = db.NewTable("proposal",
	db.String("id", func(p *proposal.Proposal) *string { return (*string)(&p.ID) }),
	db.Derived("bucket", func(p *proposal.Proposal) int64 { return int64(p.ID.Bucket()) }),
	db.String("action", func(p *proposal.Proposal) *string { return &p.Action }),
	db.String("target", func(p *proposal.Proposal) *string { return (*string)(&p.Target) }),
	db.String("body", func(p *proposal.Proposal) *string { return &p.Body }),
	db.JSON("summary", func(p *proposal.Proposal) *[]proposal.Line { return &p.Summary }, func(l []proposal.Line) bool { return len(l) == 0 }),
	db.String("reason", func(p *proposal.Proposal) *string { return &p.Reason }),
	db.String("proposed_by", func(p *proposal.Proposal) *string { return (*string)(&p.ProposedBy.ID) }),
	db.String("proposed_by_name", func(p *proposal.Proposal) *string { return &p.ProposedBy.Name }),
	db.Time("proposed_at", func(p *proposal.Proposal) *time.Time { return &p.ProposedAt }),
	db.Time("expires_at", func(p *proposal.Proposal) *time.Time { return &p.ExpiresAt }),
	db.Bool("at_once", func(p *proposal.Proposal) *bool { return &p.AtOnce }),
	db.String("status", func(p *proposal.Proposal) *string { return (*string)(&p.Status) }).Mutable(),
	db.String("decided_by", func(p *proposal.Proposal) *string { return (*string)(&p.DecidedBy.ID) }).Mutable(),
	db.String("decided_by_name", func(p *proposal.Proposal) *string { return &p.DecidedBy.Name }).Mutable(),
	db.Time("decided_at", func(p *proposal.Proposal) *time.Time { return &p.DecidedAt }).Mutable(),
	db.String("sealed", func(p *proposal.Proposal) *string { return &p.Sealed }).Mutable(),
	db.String("outcome", func(p *proposal.Proposal) *string { return &p.Outcome }).Mutable(),
	db.Time("ended_at", func(p *proposal.Proposal) *time.Time { return &p.EndedAt }).Mutable(),
	db.Int64("version", func(p *proposal.Proposal) *int64 { return &p.Version }),
)

var proposalEventTable = db.NewTable("proposal_event",
	db.String("proposal", func(e *proposal.Event) *string { return (*string)(&e.Proposal) }),
	db.Derived("bucket", func(e *proposal.Event) int64 { return int64(e.Proposal.Bucket()) }),
	db.Int64("number", func(e *proposal.Event) *int64 { return &e.Number }),
	db.Time("at", func(e *proposal.Event) *time.Time { return &e.At }),
	db.String("kind", func(e *proposal.Event) *string { return &e.Kind }),
	db.String("by_id", func(e *proposal.Event) *string { return (*string)(&e.By.ID) }),
	db.String("by_name", func(e *proposal.Event) *string { return &e.By.Name }),
	db.String("note", func(e *proposal.Event) *string { return &e.Note }),
	db.String("digest", func(e *proposal.Event) *string { return &e.Digest }),
)

// turn locks the one row that all movers of proposals lock first. SQLite has one writer anyway.
const turn = "UPDATE proposal_turn SET turns = turns + 1 WHERE bucket = 0"

// takeTurn waits until no other proposal is being moved.
func takeTurn(ctx context.Context, tx db.Tx) error {
	n, err := tx.Exec(ctx, turn)
	if err == nil && n != 1 {
		err = fmt.Errorf("proposal_turn has %d rows, one is wanted", n)
	}
	return err
}

// MoveProposal runs a mover in a transaction of which its desk is a part.
func (s *sqlStore) MoveProposal(ctx context.Context, do ProposalMover) error {
	return db.Do(ctx, s.d, func(tx db.Tx) error {
		if err := takeTurn(ctx, tx); err != nil {
			return fmt.Errorf("store: move a proposal: %w", err)
		}
		return s.move(ctx, tx, do)
	})
}

// MoveProposalWithLimits does the same in the transaction that sets limits.
func (s *sqlStore) MoveProposalWithLimits(ctx context.Context, l payment.Limits, do ProposalMover) error {
	return s.setLimits(ctx, l, func(tx db.Tx) error { return takeTurn(ctx, tx) }, func(tx db.Tx) error { return s.move(ctx, tx, do) })
}

// move lets a mover decide and writes what it gives. Errors of the mover come back as they are.
func (s *sqlStore) move(ctx context.Context, tx db.Tx, do ProposalMover) error {
	p, e, err := do(ctx, &sqlStore{db.Join(s.d, tx)})
	if err != nil {
		return err
	}
	write, err := proposalTable.Update([]proposal.Proposal{p}, ErrStale)
	if p.Version == 0 {
		p.Version = 1
		write, err = proposalTable.Insert([]proposal.Proposal{p})
	}
	if err != nil {
		return err
	}
	note, err := proposalEventTable.Insert([]proposal.Event{e})
	if err != nil {
		return err
	}
	if err := tx.Run(ctx, write, note); err != nil {
		return fmt.Errorf("store: move the proposal %s: %w", p.ID, err)
	}
	return nil
}

// Proposal gives a proposal.
func (s *sqlStore) Proposal(ctx context.Context, name id.ID) (proposal.Proposal, error) {
	return one(proposalTable.Find(ctx, s.d, "WHERE t.id = $1 AND t.bucket = $2", string(name), int64(name.Bucket())))
}

// ListProposals gives those that fit the filter.
func (s *sqlStore) ListProposals(ctx context.Context, f ProposalFilter) ([]proposal.Proposal, error) {
	var c filter
	c.when("t.status = $", string(f.Status)).when("t.target = $", string(f.Target))
	order := "t.id DESC"
	if f.Oldest {
		order = "t.id"
	} else {
		c.when("t.id < $", string(f.Before))
	}
	if len(c.text) == 0 {
		c.where("t.id > $", "")
	}
	tail, args := c.tail(order, f.Limit)
	return proposalTable.Find(ctx, s.d, tail, args...)
}

// ProposalEvents gives what happened to a proposal.
func (s *sqlStore) ProposalEvents(ctx context.Context, name id.ID) ([]proposal.Event, error) {
	return proposalEventTable.Find(ctx, s.d, "WHERE t.proposal = $1 AND t.bucket = $2 ORDER BY t.number", string(name), int64(name.Bucket()))
}
