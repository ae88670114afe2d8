package store

import (
	"context"
	"fmt"
	"time"

	"tolom/id"
	"tolom/payment"
	"tolom/proposal"
)

// propose writes more proposals than would be read whole.
func (w *town) propose() {
	ctx := w.t.Context()
	w.signIn(ctx)
	for n := range 20 * townSize {
		status := []proposal.Status{proposal.Proposed, proposal.Done, proposal.Done, proposal.Done, proposal.Rejected}[n%5]
		p, e := proposal.New(proposal.Proposal{ID: w.newID(id.Proposal, 0), Action: "a.b", Target: w.merchants[n%townSize]}, w.clock.Now(), status)
		must(w.t, w.s.MoveProposal(ctx, func(context.Context, Desk) (proposal.Proposal, proposal.Event, error) { return p, e, nil }))
	}
}

// signIn fills what lets tills in.
func (w *town) signIn(ctx context.Context) {
	for n := range 20 * townSize {
		m, at := w.merchants[n%townSize], w.clock.Now().Add(time.Duration(n)*time.Minute)
		p := Pairing{ID: w.newID(id.Pairing, m.Bucket()), Merchant: m, Hash: fmt.Sprint("pairing", n), ExpiresAt: at}
		s := TillSession{ID: w.newID(id.TillSession, m.Bucket()), Merchant: m, Hash: fmt.Sprint("session", n), ExpiresAt: at}
		must(w.t, w.s.Pairings().Put(ctx, p))
		must(w.t, w.s.TillSessions().Put(ctx, s))
		must(w.t, w.s.NoteUses(ctx, []Use{{ID: s.ID, At: at}}))
	}
}

// askProposals asks for proposals in every way.
func (w *town) askProposals(ctx context.Context, m id.ID) {
	for _, f := range []ProposalFilter{{}, {Status: proposal.Proposed}, {Target: m}, {Status: proposal.Proposed, Oldest: true}, {Before: w.newID(id.Proposal, 0)}} {
		f.Limit = 20
		ask(w, func() (any, error) { return w.s.ListProposals(ctx, f) })
	}
	ask(w, func() (any, error) { return w.s.ForgetTills(ctx, w.clock.Now(), 20) })
	rows, err := w.s.ListProposals(ctx, ProposalFilter{Status: proposal.Proposed, Limit: 2})
	must(w.t, err)
	ask(w, func() (any, error) { return w.s.Proposal(ctx, rows[0].ID) })
	ask(w, func() (any, error) { return w.s.ProposalEvents(ctx, rows[0].ID) })
	for i, p := range rows {
		p, e, err := proposal.Decide(p, proposal.Reject{By: proposal.Person{ID: m}}, w.clock.Now())
		must(w.t, err)
		mover := func(context.Context, Desk) (proposal.Proposal, proposal.Event, error) { return p, e, nil }
		if i == 0 {
			must(w.t, w.s.MoveProposal(ctx, mover))
			continue
		}
		must(w.t, w.s.MoveProposalWithLimits(ctx, payment.Limits{Owner: m, Most: 1}, mover))
	}
}
