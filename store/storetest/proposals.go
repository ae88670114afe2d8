package storetest

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"tolom/id"
	"tolom/money"
	"tolom/payment"
	"tolom/proposal"
	"tolom/store"
)

var proposals = chapter{name: "Proposals", sentences: []sentence{
	{"A proposal comes back as it was moved, with its events in order", proposalMoves},
	{"A proposal that was moved meanwhile is not moved again", proposalStale},
	{"What a mover writes is committed with the proposal", proposalWrites},
	{"What a mover writes is undone when it fails, or when the proposal was moved meanwhile", proposalUndone},
	{"A mover sees what it has written", proposalReads},
	{"Limits are set in the commit that says so, or not at all", proposalLimits},
	{"Of many movers at once one after another is let in", proposalTurns},
	{"Proposals are listed by status and target, the newest or the oldest first", proposalLists},
	{"A move of a proposal that changes reference data is seen by its revision", proposalRevision},
}}

func (k *kit) proposal(target id.ID) (proposal.Proposal, proposal.Event) {
	return proposal.New(proposal.Proposal{ID: k.newID(id.Proposal, 0), Action: "thing.do", Target: target, Body: `{"a":"Ң"}`, Reason: "О'Банк",
		Summary:    []proposal.Line{{Name: "daily", Before: "1", After: "2", As: proposal.Amount}},
		ProposedBy: proposal.Person{ID: k.newID(id.Operator, 0), Name: "Operator A"}}, epoch, proposal.Proposed)
}

// moves is a mover that has decided already.
func moves(p proposal.Proposal, e proposal.Event) store.ProposalMover {
	return func(context.Context, store.Desk) (proposal.Proposal, proposal.Event, error) { return p, e, nil }
}

// proposed writes a new proposal and gives it as it is stored.
func (k *kit) proposed(target id.ID) (proposal.Proposal, proposal.Event) {
	p, e := k.proposal(target)
	k.must(k.MoveProposal(k.ctx, moves(p, e)))
	p.Version = 1
	return p, e
}

func (k *kit) approved(p proposal.Proposal) (proposal.Proposal, proposal.Event) {
	p, e, err := proposal.Decide(p, proposal.Approve{By: proposal.Person{ID: k.newID(id.Operator, 0), Name: "Operator B"}, Digest: p.Digest()}, epoch.Add(time.Hour))
	k.must(err)
	return p, e
}

func proposalMoves(k *kit) {
	target := k.newID(id.Merchant, 3)
	fresh, _ := k.proposal(target)
	ask(k.Proposal(k.ctx, fresh.ID)).missing(k)
	equal(k, len(ask(k.ProposalEvents(k.ctx, fresh.ID)).get(k)), 0)
	p, first := k.proposed(target)
	equal(k, ask(k.Proposal(k.ctx, p.ID)).get(k), p)
	p, second := k.approved(p)
	k.must(k.MoveProposal(k.ctx, moves(p, second)))
	p.Version = 2
	equal(k, ask(k.Proposal(k.ctx, p.ID)).get(k), p)
	p, third, err := proposal.Decide(p, proposal.Finish{Outcome: "key_1"}, epoch.Add(2*time.Hour))
	k.must(err)
	k.must(k.MoveProposal(k.ctx, moves(p, third)))
	p.Version = 3
	equal(k, ask(k.Proposal(k.ctx, p.ID)).get(k), p)
	equal(k, ask(k.ProposalEvents(k.ctx, p.ID)).get(k), []proposal.Event{first, second, third})
}

func proposalStale(k *kit) {
	p, e := k.proposed("")
	approved, event := k.approved(p)
	k.must(k.MoveProposal(k.ctx, moves(approved, event)))
	if err := k.MoveProposal(k.ctx, moves(approved, event)); !errors.Is(err, store.ErrStale) {
		k.t.Fatalf("a second move of version 1: %v", err)
	}
	p.Version = 0
	if err := k.MoveProposal(k.ctx, moves(p, e)); err == nil {
		k.t.Fatal("a proposal was made twice")
	}
	equal(k, len(ask(k.ProposalEvents(k.ctx, p.ID)).get(k)), 2)
}

// shop is a merchant to write with a proposal.
func (k *kit) shopRecord(name string) store.Merchant {
	return store.Merchant{ID: k.newID(id.Merchant, 5), Participant: k.newID(id.Participant, 5), Name: name, CreatedAt: epoch}
}

func proposalWrites(k *kit) {
	m := k.shopRecord("Shop")
	p, e := k.proposal(m.ID)
	k.must(k.MoveProposal(k.ctx, func(ctx context.Context, d store.Desk) (proposal.Proposal, proposal.Event, error) {
		return p, e, d.Merchants().Put(ctx, m)
	}))
	equal(k, ask(k.Merchants().Get(k.ctx, m.ID)).get(k), m)
	ask(k.Proposal(k.ctx, p.ID)).get(k)
}

func proposalUndone(k *kit) {
	m := k.shopRecord("Before")
	k.must(k.Merchants().Put(k.ctx, m))
	old, _ := k.proposed(m.ID)
	moved, event := k.approved(old)
	k.must(k.MoveProposal(k.ctx, moves(moved, event)))
	changed, fresh := m, k.shopRecord("New")
	changed.Name = "After"
	broken := errors.New("broken")
	for _, fails := range []error{broken, store.ErrStale} {
		err := k.MoveProposal(k.ctx, func(ctx context.Context, d store.Desk) (proposal.Proposal, proposal.Event, error) {
			k.must(d.Merchants().Put(ctx, changed))
			k.must(d.Merchants().Put(ctx, fresh))
			if fails == broken {
				return proposal.Proposal{}, proposal.Event{}, broken
			}
			return moved, event, nil // Its version is the one before the last.
		})
		if !errors.Is(err, fails) {
			k.t.Fatalf("got %v, want %v", err, fails)
		}
		equal(k, ask(k.Merchants().Get(k.ctx, m.ID)).get(k), m)
		ask(k.Merchants().Get(k.ctx, fresh.ID)).missing(k)
		equal(k, len(ask(k.Merchants().List(k.ctx, fresh.Participant, "", 9)).get(k)), 0)
	}
}

func proposalReads(k *kit) {
	m := k.shopRecord("Shop")
	p, e := k.proposal(m.ID)
	k.must(k.MoveProposal(k.ctx, func(ctx context.Context, d store.Desk) (proposal.Proposal, proposal.Event, error) {
		k.must(d.Merchants().Put(ctx, m))
		equal(k, ask(d.Merchants().Get(ctx, m.ID)).get(k), m)
		equal(k, ask(d.Merchants().List(ctx, m.Participant, "", 9)).get(k), []store.Merchant{m})
		ask(d.Proposal(ctx, p.ID)).missing(k)
		return p, e, nil
	}))
}

func proposalLimits(k *kit) {
	owner := k.newID(id.PSP, 6)
	p, _ := k.proposed(owner)
	l := payment.Limits{Owner: owner, Daily: 500, NetDebit: 100}
	moved, event := k.approved(p)
	broken := errors.New("broken")
	err := k.MoveProposalWithLimits(k.ctx, l, func(context.Context, store.Desk) (proposal.Proposal, proposal.Event, error) {
		return moved, event, broken
	})
	if !errors.Is(err, broken) {
		k.t.Fatalf("got %v", err)
	}
	equal(k, ask(k.Limits(k.ctx, owner)).get(k).Daily, money.Amount(0))
	k.must(k.MoveProposalWithLimits(k.ctx, l, moves(moved, event)))
	equal(k, ask(k.Limits(k.ctx, owner)).get(k).Daily, l.Daily)
	if err := k.MoveProposalWithLimits(k.ctx, payment.Limits{Owner: owner, Daily: 9}, moves(moved, event)); !errors.Is(err, store.ErrStale) {
		k.t.Fatalf("limits of an old version: %v", err)
	}
	equal(k, ask(k.Limits(k.ctx, owner)).get(k).Daily, l.Daily)
	equal(k, ask(k.Proposal(k.ctx, p.ID)).get(k).Status, proposal.Approved)
}

// proposalTurns has eight movers add one to the same number, each reading it through its desk.
func proposalTurns(k *kit) {
	m := k.shopRecord("Counter")
	k.must(k.Merchants().Put(k.ctx, m))
	var failed atomic.Int64
	var group sync.WaitGroup
	for range 8 {
		p, e := k.proposal(m.ID)
		group.Go(func() {
			err := k.MoveProposal(k.ctx, func(ctx context.Context, d store.Desk) (proposal.Proposal, proposal.Event, error) {
				now, err := d.Merchants().Get(ctx, m.ID)
				if err != nil {
					return p, e, err
				}
				now.RefundOverdraft++
				return p, e, d.Merchants().Put(ctx, now)
			})
			if err != nil {
				failed.Add(1)
			}
		})
	}
	group.Wait()
	equal(k, failed.Load(), int64(0))
	equal(k, ask(k.Merchants().Get(k.ctx, m.ID)).get(k).RefundOverdraft, money.Amount(8))
}

func proposalLists(k *kit) {
	target := k.newID(id.Merchant, 7)
	a, _ := k.proposed(target)
	b, _ := k.proposed(target)
	c, _ := k.proposed(k.newID(id.Merchant, 7))
	b, event := k.approved(b)
	k.must(k.MoveProposal(k.ctx, moves(b, event)))
	b.Version = 2
	for _, x := range []struct {
		f    store.ProposalFilter
		want []proposal.Proposal
	}{
		{store.ProposalFilter{Target: target}, []proposal.Proposal{b, a}},
		{store.ProposalFilter{Target: target, Oldest: true}, []proposal.Proposal{a, b}},
		{store.ProposalFilter{Target: target, Before: b.ID}, []proposal.Proposal{a}},
		{store.ProposalFilter{Target: target, Status: proposal.Approved}, []proposal.Proposal{b}},
		{store.ProposalFilter{Target: target, Status: proposal.Done}, nil},
	} {
		x.f.Limit = 9
		equal(k, ask(k.ListProposals(k.ctx, x.f)).get(k), x.want)
	}
	equal(k, ask(k.ListProposals(k.ctx, store.ProposalFilter{Limit: 2})).get(k), []proposal.Proposal{c, b})
}

func proposalRevision(k *kit) {
	before := ask(k.Revision(k.ctx)).get(k)
	m := k.shopRecord("Shop")
	p, e := k.proposal(m.ID)
	k.must(k.MoveProposal(k.ctx, func(ctx context.Context, d store.Desk) (proposal.Proposal, proposal.Event, error) {
		return p, e, d.Merchants().Put(ctx, m)
	}))
	if after := ask(k.Revision(k.ctx)).get(k); after <= before {
		k.t.Fatalf("the revision is %d after %d", after, before)
	}
}
