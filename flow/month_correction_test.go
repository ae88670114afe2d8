package flow_test

import (
	"tolom/flow"
	"tolom/id"
	"tolom/money"
	"tolom/proposal"
	"tolom/recon"
	"tolom/store"
	"tolom/world"
)

// corrections has differences with the books of PSPs, one case each, booked into suspense and out of it again.
type corrections struct {
	*town
	recon  *flow.Reconciler
	eyes   *flow.Proposals
	clerk  proposal.Person
	cases  map[id.ID]id.ID // by PSP
	booked map[id.ID]money.Amount
}

func newCorrections(w *town) *corrections {
	c := &corrections{town: w, recon: flow.NewReconciler(w.platform, w.store), eyes: flow.NewProposals(w.platform, false), cases: map[id.ID]id.ID{}, booked: map[id.ID]money.Amount{}}
	c.recon.Register(c.eyes)
	c.clerk = proposal.Person{ID: world.NewID(w.world, id.Operator, 0), Name: "clerk"}
	return c
}

// mostCorrected is the difference of each case.
const mostCorrected = 5000

// books moves so much more into suspense, or all that is there out of it when there is no room for more. It gives what
// it has booked: above zero the PSP owes more.
func (c *corrections) books(amount int64, psp id.ID) int64 {
	c.t.Helper()
	change := money.Amount(1 + amount)
	if c.booked[psp]+change > mostCorrected {
		change = -c.booked[psp]
	}
	_, err := c.recon.ProposeFix(c.ctx, c.eyes, c.clerk, string(c.caseOf(psp)), change, "found in their book")
	c.must(err)
	c.booked[psp] += change
	return int64(change)
}

// caseOf is the case of a PSP: by its own book it owes more than by ours.
func (c *corrections) caseOf(psp id.ID) id.ID {
	c.t.Helper()
	if c.cases[psp] == "" {
		now := c.world.Clock.Now()
		x := store.ReconCase{ID: world.NewID(c.world, id.Case, psp.Bucket()), Owner: psp, Kind: recon.Payment, Name: "own-" + string(psp), Class: recon.Mismatched,
			Reason: recon.AmountDiffers, Action: recon.CorrectLine, Status: store.CaseOpen, Shift: mostCorrected, CreatedAt: now, UpdatedAt: now}
		c.must(c.store.SaveCases(c.ctx, []store.CaseChange{{Case: x, Note: store.CaseNote{At: now, Side: "platform", Kind: "opened", Status: store.CaseOpen}}}))
		c.cases[psp] = x.ID
	}
	return c.cases[psp]
}
