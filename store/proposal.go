package store

import (
	"context"

	"tolom/id"
	"tolom/payment"
	"tolom/proposal"
)

// Proposals keeps what was proposed, decided and carried out, and carries out what is written into the desk.
type Proposals interface {
	// MoveProposal runs do alone among all movers of proposals, on all nodes, and writes the proposal and the event
	// that it gives together with what it wrote to the shelves of its desk: all or nothing. A proposal of version 0 is
	// new; another one must still have the version with which it was read, ErrStale otherwise. do may run again after
	// ErrRetry of its caller; what it reads through its desk nobody else changes by a proposal meanwhile.
	MoveProposal(ctx context.Context, do ProposalMover) error
	// MoveProposalWithLimits also gives an owner its limits, in the same commit. do sees no writes of limits.
	MoveProposalWithLimits(ctx context.Context, l payment.Limits, do ProposalMover) error
	// Proposal gives a proposal; ErrNotFound.
	Proposal(ctx context.Context, name id.ID) (proposal.Proposal, error)
	// ListProposals gives those that fit the filter, the newest first.
	ListProposals(ctx context.Context, f ProposalFilter) ([]proposal.Proposal, error)
	// ProposalEvents gives what happened to a proposal, in order.
	ProposalEvents(ctx context.Context, name id.ID) ([]proposal.Event, error)
}

// ProposalMover decides, over a desk that is part of the commit, what is to be written.
type ProposalMover func(ctx context.Context, d Desk) (proposal.Proposal, proposal.Event, error)

// ProposalFilter narrows a list of proposals; zero fields do not.
type ProposalFilter struct {
	Status proposal.Status
	Target id.ID
	Before id.ID // older than this one
	// Oldest gives the oldest first, and Before is of no use.
	Oldest bool
	Limit  int
}
