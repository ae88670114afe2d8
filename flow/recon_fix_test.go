package flow_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"tolom/flow"
	"tolom/id"
	"tolom/ledger"
	"tolom/proposal"
	"tolom/recon"
	"tolom/store"
)

// interrupted is a store in which something happens right after the history of a case was read for the first time.
type interrupted struct {
	flow.ReconStore
	then *func()
}

func (s interrupted) CaseNotes(ctx context.Context, c id.ID) ([]store.CaseNote, error) {
	notes, err := s.ReconStore.CaseNotes(ctx, c)
	if then := *s.then; then != nil {
		*s.then = nil
		then()
	}
	return notes, err
}

// disputed is a town of one case of 70 tyiyn, with two corrections of it that wait to be approved.
type disputed struct {
	*counting
	then   func() // happens in the middle of the next correction
	of     store.ReconCase
	fixes  [2]proposal.Proposal
	period recon.Range
	paid   recon.Line
	chief  proposal.Person
}

func newDisputed(t *testing.T, p place) *disputed {
	d := &disputed{}
	k := newKit(t, p, false)
	d.counting = &counting{kit: k, recon: flow.NewReconciler(k.platform, interrupted{k.store, &d.then}), eyes: flow.NewProposals(k.platform, true)}
	d.recon.Register(d.eyes)
	d.paid = d.pay("blue", 500)
	d.period = recon.Range{From: d.paid.Minute, To: d.paid.Minute + 1}
	d.clock.Advance(3 * time.Hour)
	d.compare("blue", "one", d.period, d.paid, recon.Line{Minute: d.paid.Minute, Kind: recon.Payment, ID: "made-up", Amount: 70, Status: recon.Success})
	d.of, d.chief = d.case1("blue"), proposal.Person{ID: d.platformID(id.Operator), Name: "chief"}
	for i := range d.fixes {
		by := proposal.Person{ID: d.platformID(id.Operator), Name: fmt.Sprint("clerk ", i)}
		var err error
		d.fixes[i], err = d.eyes.Ask(d.ctx, flow.Ask{By: by, Action: flow.FixAction, Target: d.of.ID, Body: flow.FixBody{Amount: 70}})
		d.must(err)
	}
	return d
}

func (d *disputed) approve(p proposal.Proposal) proposal.Status {
	d.t.Helper()
	p, err := d.eyes.Approve(d.ctx, d.chief, p.ID, p.Digest())
	d.must(err)
	return p.Status
}

// TestTwoCorrectionsOfOneCaseApprovedAtOnce move the difference once: the second is approved while the first is booked.
func TestTwoCorrectionsOfOneCaseApprovedAtOnce(t *testing.T) {
	for _, where := range timed {
		d := newDisputed(t, where(t))
		var second proposal.Status
		d.then = func() { second = d.approve(d.fixes[1]) }
		first := d.approve(d.fixes[0])
		if first != proposal.Failed || second != proposal.Done {
			t.Errorf("the corrections are %s and %s", first, second)
		}
		if got, c := d.balance(ledger.Platform(ledger.Suspense)), d.case1("blue"); got != 70 || c.Fixed != 70 || c.Status != store.CaseFixed {
			t.Errorf("in suspense are %d tyiyn, the case says %d and is %s", got, c.Fixed, c.Status)
		}
		d.sound()
	}
}

// TestACorrectionOfACaseThatClosesMeanwhile leaves no money in suspense that no open case tells of.
func TestACorrectionOfACaseThatClosesMeanwhile(t *testing.T) {
	for _, where := range timed {
		d := newDisputed(t, where(t))
		d.then = func() {
			if run := d.compare("blue", "two", d.period, d.paid); run.Healed != 1 {
				t.Errorf("the second comparison heals %d cases", run.Healed)
			}
		}
		d.approve(d.fixes[0])
		c := d.case1("blue")
		if got := d.balance(ledger.Platform(ledger.Suspense)); got != c.Fixed || got != 0 && !c.ClosedAt.IsZero() {
			t.Errorf("in suspense are %d tyiyn, the case says %d and is %s", got, c.Fixed, c.Status)
		}
		d.sound()
	}
}
