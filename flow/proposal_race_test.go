package flow_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"tolom/access"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/money"
	"tolom/proposal"
	"tolom/store"
	"tolom/world"
)

// raceOfProposals runs a race on every store a few times, each over a fresh proposal that sets the overdraft to amount.
func raceOfProposals(t *testing.T, test func(e *eyes, p proposal.Proposal, amount money.Amount)) {
	for _, open := range everywhere {
		p := open(t)
		w, clock := world.Simulated(time.Now(), 9) // PostgreSQL's own clock is not asked: nothing here depends on it.
		if p.clock == nil {
			p.world, p.clock = w, clock
		}
		t.Run(p.name, func(t *testing.T) {
			e := newEyes(t, p, true)
			for run := range runs {
				amount := money.Amount(1000 + run)
				test(e, e.overdraft(amount), amount)
			}
		})
	}
}

// decided is what one of several callers was told.
type decided struct {
	proposal.Proposal
	err error
}

func (d decided) String() string { return fmt.Sprint(d.Status, " ", d.err) }

// TestTwoApproveAtOnce, on two nodes: it is carried out once, and whoever comes second is told that it is decided.
func TestTwoApproveAtOnce(t *testing.T) {
	raceOfProposals(t, func(e *eyes, p proposal.Proposal, amount money.Amount) {
		got := together(6, func(i int) decided {
			by := []proposal.Person{bolot, third}[i%2]
			p, err := e.nodes[i%len(e.nodes)].Approve(e.ctx, by, p.ID, p.Digest())
			return decided{p, err}
		})
		e.is(p, proposal.Done, "proposed approved done")
		now, err := e.store.Proposal(e.ctx, p.ID)
		e.must(err)
		for i, d := range got {
			winner := []proposal.Person{bolot, third}[i%2] == now.DecidedBy
			if winner != (d.err == nil) || !winner && !fault.Has(d.err, fault.ProposalEnded) {
				e.t.Errorf("%s decided; caller %d was told %s", now.DecidedBy.Name, i, d)
			}
		}
		if e.shopNow().RefundOverdraft != amount {
			e.t.Errorf("the overdraft is %d, want %d", e.shopNow().RefundOverdraft, amount)
		}
	})
}

// carriedOut is a store in which a proposal is carried out by somebody else right after it was first read.
type carriedOut struct {
	store.Store
	do func()
}

func (c *carriedOut) Proposal(ctx context.Context, name id.ID) (proposal.Proposal, error) {
	p, err := c.Store.Proposal(ctx, name)
	if do := c.do; do != nil {
		c.do = nil
		do()
	}
	return p, err
}

// TestApprovedWhileItIsCarriedOut: the same person's approval that comes a second time, over another node, looks at a target
// that the first one has just changed. It is told that it is done; somebody else is told that it is decided.
func TestApprovedWhileItIsCarriedOut(t *testing.T) {
	everyPlace(t, func(t *testing.T, p place) {
		e := newEyes(t, p, true)
		for i, by := range []proposal.Person{bolot, third} {
			asked := e.overdraft(money.Amount(700 + i))
			slow := *e.kit
			slow.store = &carriedOut{Store: p.store, do: func() {
				_, err := e.Approve(e.ctx, bolot, asked.ID, asked.Digest())
				e.must(err)
			}}
			r := flow.NewRegistry(slow.store, access.New(slow.store, p.world.Clock), p.world)
			late := flow.NewProposals(flow.New(slow.store, e.engines[0], r, p.world, flow.Config{Provider: provider}), true)
			got, err := late.Approve(e.ctx, by, asked.ID, asked.Digest())
			if by == bolot && (err != nil || got.Status != proposal.Done) || by != bolot && !fault.Has(err, fault.ProposalEnded) {
				t.Errorf("%s was told %s, %v", by.Name, got.Status, err)
			}
			e.is(asked, proposal.Done, "proposed approved done")
		}
	})
}

// TestApprovedWithdrawnRejectedAtOnce: one of the three wins, and the deed follows the decision that is written down.
func TestApprovedWithdrawnRejectedAtOnce(t *testing.T) {
	raceOfProposals(t, func(e *eyes, p proposal.Proposal, amount money.Amount) {
		before := e.shopNow().RefundOverdraft
		got := together(6, func(i int) decided {
			s, err := e.nodes[i/3%len(e.nodes)], error(nil)
			var out proposal.Proposal
			switch i % 3 {
			case 0:
				out, err = s.Approve(e.ctx, bolot, p.ID, p.Digest())
			case 1:
				out, err = s.Withdraw(e.ctx, anna, p.ID, "a slip")
			case 2:
				out, err = s.Reject(e.ctx, third, p.ID, "too much")
			}
			return decided{out, err}
		})
		e.followed(p, before, amount, got)
	})
}

// TestApprovedInTheLastMoment, while the clock strikes and the pass comes by.
func TestApprovedInTheLastMoment(t *testing.T) {
	raceOfProposals(t, func(e *eyes, p proposal.Proposal, amount money.Amount) {
		before := e.shopNow().RefundOverdraft
		e.clock.Advance(p.ExpiresAt.Sub(e.clock.Now()) - time.Millisecond)
		got := together(5, func(i int) decided {
			s := e.nodes[i%len(e.nodes)]
			switch i {
			case 0:
				e.clock.Advance(time.Millisecond)
				return decided{}
			case 1, 2:
				_, err := s.Continue(e.ctx, 10)
				return decided{err: err}
			}
			out, err := s.Approve(e.ctx, bolot, p.ID, p.Digest())
			return decided{out, err}
		})
		_, err := e.Continue(e.ctx, 10)
		e.must(err)
		e.followed(p, before, amount, got)
	})
}

// followed holds what was done to what was decided.
func (e *eyes) followed(p proposal.Proposal, before, amount money.Amount, got []decided) {
	e.t.Helper()
	now, err := e.store.Proposal(e.ctx, p.ID)
	e.must(err)
	want := map[proposal.Status]struct {
		history string
		amount  money.Amount
	}{
		proposal.Done: {"proposed approved done", amount}, proposal.Withdrawn: {"proposed withdrawn", before},
		proposal.Rejected: {"proposed rejected", before}, proposal.Expired: {"proposed expired", before},
	}[now.Status]
	if history := e.history(p); history != want.history || e.shopNow().RefundOverdraft != want.amount {
		e.t.Errorf("it is %s, %q, the overdraft %d, was %d; callers were told %v", now.Status, history, e.shopNow().RefundOverdraft, before, got)
	}
	for _, d := range got {
		if d.err != nil && !fault.Has(d.err, fault.ProposalEnded) || d.err == nil && d.ID != "" && d.Status.Final() && d.Status != now.Status {
			e.t.Errorf("it is %s, and somebody was told %s", now.Status, d)
		}
	}
}

// TestThreatSelfApproval: the proposer does not approve on another node, in another session or under another name, as
// it is the person that counts.
func TestThreatSelfApproval(t *testing.T) {
	e := newEyes(t, memory(t), true)
	p := e.overdraft(10_000)
	other := flow.NewProposals(e.platform, true) // Another node.
	for _, by := range []proposal.Person{anna, {ID: anna.ID, Name: "Somebody else"}, {ID: "", Name: "Nobody"}, {}} {
		for _, s := range []*flow.Proposals{e.Proposals, other} {
			_, err := s.Approve(e.ctx, by, p.ID, p.Digest())
			e.wants(err, fault.ProposalOwn)
			_, err = s.Reject(e.ctx, by, p.ID, "")
			e.wants(err, fault.ProposalOwn)
		}
	}
	_, err := e.Withdraw(e.ctx, bolot, p.ID, "")
	e.wants(err, fault.ProposalOwn)
	e.is(p, proposal.Proposed, "proposed")
	if e.shopNow().RefundOverdraft != 0 {
		t.Error("it was done")
	}
}

// TestThreatApprovalReplayed: an approval that is sent again, by its sender or by somebody who has seen it, does
// nothing more, not even after the value was changed back.
func TestThreatApprovalReplayed(t *testing.T) {
	e := newEyes(t, memory(t), true)
	p := e.overdraft(500)
	_, err := e.Approve(e.ctx, bolot, p.ID, p.Digest())
	e.must(err)
	back := e.overdraft(0)
	_, err = e.Approve(e.ctx, bolot, back.ID, back.Digest())
	e.must(err)
	again, err := e.Approve(e.ctx, bolot, p.ID, p.Digest())
	e.must(err)
	_, err = e.Approve(e.ctx, third, p.ID, p.Digest())
	e.wants(err, fault.ProposalEnded)
	fresh := e.overdraft(500)
	_, err = e.Approve(e.ctx, bolot, fresh.ID, p.Digest()) // The same wish, another proposal.
	e.wants(err, fault.ProposalChanged)
	if _, err := e.Continue(e.ctx, 10); err != nil || again.Status != proposal.Done || e.shopNow().RefundOverdraft != 0 {
		t.Errorf("the overdraft is %d, %+v, %v", e.shopNow().RefundOverdraft, again, err)
	}
}

// TestThreatProposalChanged: whoever can write the database changes what is proposed after the approver has read it, or
// after the approval. Neither is carried out.
func TestThreatProposalChanged(t *testing.T) {
	for _, late := range []bool{false, true} {
		e := newEyes(t, memory(t), true)
		p := e.overdraft(500)
		read := p.Digest()
		if late {
			approved, _, err := proposal.Decide(p, proposal.Approve{By: bolot, Digest: read}, e.clock.Now())
			e.must(err)
			p = approved
		}
		forged := p
		forged.Body = `{"refund_overdraft":900000}`
		e.forge(forged)
		_, err := e.Approve(e.ctx, bolot, p.ID, read)
		if late {
			e.must(err)
			_, err = e.Continue(e.ctx, 10)
			e.must(err)
		} else {
			e.wants(err, fault.ProposalChanged)
		}
		now, err := e.store.Proposal(e.ctx, p.ID)
		e.must(err)
		if e.shopNow().RefundOverdraft != 0 || late && now.Status != proposal.Failed {
			t.Errorf("late %v: the overdraft is %d, the proposal %+v", late, e.shopNow().RefundOverdraft, now)
		}
	}
}

// forge writes a proposal as somebody would who has the database in hand. No code of ours changes these columns, so the
// row is written anew under another store's eyes.
func (e *eyes) forge(p proposal.Proposal) {
	e.t.Helper()
	e.must(e.store.MoveProposal(e.ctx, func(context.Context, store.Desk) (proposal.Proposal, proposal.Event, error) {
		return p, proposal.Event{Proposal: p.ID, Number: p.Version + 1, Kind: string(p.Status), At: e.world.Clock.Now()}, nil
	}))
}
