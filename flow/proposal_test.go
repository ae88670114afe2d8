package flow_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tolom/access"
	"tolom/fault"
	"tolom/flow"
	"tolom/id"
	"tolom/money"
	"tolom/payment"
	"tolom/proposal"
	"tolom/store"
	"tolom/tariff"
)

var (
	anna  = proposal.Person{ID: id.New(id.Operator, opening, 0, id.Random{1}), Name: "Operator A"}
	bolot = proposal.Person{ID: id.New(id.Operator, opening, 0, id.Random{2}), Name: "Operator B"}
	third = proposal.Person{ID: id.New(id.Operator, opening, 0, id.Random{3}), Name: "Operator C"}
)

// eyes is a kit with four eyes on, on each of its nodes.
type eyes struct {
	*kit
	nodes []*flow.Proposals
	*flow.Proposals
	shop id.ID
}

func newEyes(t *testing.T, p place, fourEyes bool) *eyes {
	e := &eyes{kit: newKit(t, p, false)}
	for _, node := range e.platforms {
		e.nodes = append(e.nodes, flow.NewProposals(node, fourEyes))
	}
	e.Proposals, e.shop = e.nodes[0], e.shops["shop"].ID
	return e
}

// ask proposes something as operator A.
func (e *eyes) ask(action string, target id.ID, body any) proposal.Proposal {
	e.t.Helper()
	p, err := e.Ask(e.ctx, flow.Ask{By: anna, Action: action, Target: target, Body: body, Reason: "as agreed"})
	e.must(err)
	return p
}

// overdraft proposes another overdraft of the shop.
func (e *eyes) overdraft(amount money.Amount) proposal.Proposal {
	e.t.Helper()
	return e.ask(flow.ActSetOverdraft, e.shop, flow.OverdraftBody{RefundOverdraft: amount})
}

func (e *eyes) shopNow() store.Merchant {
	e.t.Helper()
	m, err := e.store.Merchants().Get(e.ctx, e.shop)
	e.must(err)
	return m
}

// history gives the kinds of the events of a proposal.
func (e *eyes) history(p proposal.Proposal) string {
	e.t.Helper()
	events, err := e.store.ProposalEvents(e.ctx, p.ID)
	e.must(err)
	var kinds []string
	for i, x := range events {
		kinds = append(kinds, x.Kind)
		if x.Number != int64(i+1) || x.Digest != p.Digest() {
			e.t.Errorf("event %d is %+v", i, x)
		}
	}
	return strings.Join(kinds, " ")
}

func (e *eyes) is(p proposal.Proposal, status proposal.Status, history string) {
	e.t.Helper()
	now, err := e.store.Proposal(e.ctx, p.ID)
	e.must(err)
	if got := e.history(p); now.Status != status || got != history {
		e.t.Errorf("it is %s (%s), %q; want %s, %q", now.Status, now.Outcome, got, status, history)
	}
}

func everyPlace(t *testing.T, test func(t *testing.T, p place)) {
	for _, open := range everywhere {
		p := open(t)
		t.Run(p.name, func(t *testing.T) { test(t, p) })
	}
}

// TestOneProposesAnotherApproves follows each kind of action from the wish to the deed, on every store.
func TestOneProposesAnotherApproves(t *testing.T) {
	everyPlace(t, func(t *testing.T, place place) {
		e := newEyes(t, place, true)
		psp := e.psps["blue"].ID
		before := e.shopNow()
		for _, c := range []struct {
			action string
			target id.ID
			body   any
			done   func() bool
		}{
			{flow.ActSetOverdraft, e.shop, flow.OverdraftBody{RefundOverdraft: 700}, func() bool { return e.shopNow().RefundOverdraft == 700 }},
			{flow.ActSetBankAccount, e.shop, flow.BankAccountBody{BankAccount: "124"}, func() bool { return e.shopNow().BankAccount == "124" }},
			{flow.ActSuspendMerchant, e.shop, flow.NoBody{}, func() bool { return e.shopNow().Suspended }},
			{flow.ActResumeMerchant, e.shop, flow.NoBody{}, func() bool { return !e.shopNow().Suspended }},
			{flow.ActSetTariff, e.shop, tariff.Version{Tariff: tariff.Tariff{Rate: 90}}, func() bool {
				m, err := e.registry.Priced(e.ctx, e.shopNow())
				return err == nil && m.Tariff.Rate == 90
			}},
			{flow.ActSetLimits, psp, flow.LimitsBody{Daily: 5000, NetDebit: 100}, func() bool {
				l, err := e.store.Limits(e.ctx, psp)
				return err == nil && l.Daily == 5000 && l.NetDebit == 100
			}},
			{flow.ActSuspendPSP, psp, flow.NoBody{}, func() bool { p, err := e.store.PSPs().Get(e.ctx, psp); return err == nil && p.Suspended }},
			{flow.ActResumePSP, psp, flow.NoBody{}, func() bool { p, err := e.store.PSPs().Get(e.ctx, psp); return err == nil && !p.Suspended }},
		} {
			p := e.ask(c.action, c.target, c.body)
			if p.Status != proposal.Proposed || c.done() && p.Summary[0].Before != p.Summary[0].After {
				t.Errorf("%s was done before it was approved: %+v", c.action, p)
			}
			p, err := e.nodes[len(e.nodes)-1].Approve(e.ctx, bolot, p.ID, p.Digest())
			e.must(err)
			e.is(p, proposal.Done, "proposed approved done")
			if !c.done() {
				t.Errorf("%s is done and nothing has changed: %+v", c.action, p)
			}
		}
		if after := e.shopNow(); after.Name != before.Name || after.MCC != before.MCC {
			t.Errorf("the shop became %+v", after)
		}
	})
}

// TestASecretIsShownToTheProposerAndWorksFromTheApprovalOn.
func TestASecretIsShownToTheProposerAndWorksFromTheApprovalOn(t *testing.T) {
	e := newEyes(t, memory(t), true)
	gate := access.New(e.store, e.world.Clock)
	p, secret, err := e.AskKey(e.ctx, anna, store.Key{Owner: e.shop, Name: "web", Scopes: "request read"}, "")
	e.must(err)
	if strings.Contains(p.Body, secret) {
		t.Error("the secret is written down")
	}
	_, err = gate.Merchant(e.ctx, secret)
	e.wants(err, fault.Unauthorized)
	p, err = e.Approve(e.ctx, bolot, p.ID, p.Digest())
	e.must(err)
	who, err := gate.Merchant(e.ctx, secret)
	e.must(err)
	if who.ID != e.shop || string(who.Key) != p.Outcome {
		t.Errorf("the key is %+v, the outcome %s", who, p.Outcome)
	}
	rolled, next, err := e.AskRoll(e.ctx, anna, who.Key, time.Hour, "")
	e.must(err)
	gate.Forget()
	_, err = gate.Merchant(e.ctx, next)
	e.wants(err, fault.Unauthorized)
	rolled, err = e.Approve(e.ctx, bolot, rolled.ID, rolled.Digest())
	e.must(err)
	if both, err := gate.Merchant(e.ctx, next); err != nil || string(both.Key) != rolled.Outcome {
		t.Errorf("the successor: %+v, %v", both, err)
	}
	revoked, err := e.Ask(e.ctx, flow.Ask{By: anna, Action: flow.ActRevokeKey, Target: who.Key, Body: flow.NoBody{}})
	e.must(err)
	e.is(revoked, proposal.Done, "done")
	gate.Forget()
	_, err = gate.Merchant(e.ctx, secret)
	e.wants(err, fault.Unauthorized)
}

// wants holds an error to a code.
func (e *eyes) wants(err error, code fault.Code) {
	e.t.Helper()
	if !fault.Has(err, code) {
		e.t.Errorf("got %v, want %s", err, code)
	}
}

// TestWhatHasChangedMeanwhileIsStale: the approver is told, and nothing is overwritten.
func TestWhatHasChangedMeanwhileIsStale(t *testing.T) {
	everyPlace(t, func(t *testing.T, place place) {
		e := newEyes(t, place, true)
		first, second := e.overdraft(100), e.overdraft(200)
		_, err := e.Approve(e.ctx, bolot, second.ID, second.Digest())
		e.must(err)
		_, err = e.Approve(e.ctx, bolot, first.ID, first.Digest())
		e.wants(err, fault.ProposalStale)
		e.is(first, proposal.Failed, "proposed failed")
		if got := e.shopNow().RefundOverdraft; got != 200 {
			t.Errorf("the overdraft is %d", got)
		}
		suspended := e.ask(flow.ActSuspendMerchant, e.shop, flow.NoBody{})
		_, err = e.Approve(e.ctx, bolot, suspended.ID, suspended.Digest())
		e.must(err) // Another field of the same record is no reason.
		if now := e.shopNow(); !now.Suspended || now.RefundOverdraft != 200 {
			t.Errorf("the shop is %+v", now)
		}
	})
}

// TestANodeDiesBetweenApprovalAndDeed, as when its process ends: whoever comes by next carries it out, once.
func TestANodeDiesBetweenApprovalAndDeed(t *testing.T) {
	everyPlace(t, func(t *testing.T, place place) {
		e := newEyes(t, place, true)
		p := e.overdraft(300)
		approved, event, err := proposal.Decide(p, proposal.Approve{By: bolot, Digest: p.Digest()}, e.world.Clock.Now())
		e.must(err)
		e.must(e.store.MoveProposal(e.ctx, func(context.Context, store.Desk) (proposal.Proposal, proposal.Event, error) {
			return approved, event, nil
		}))
		e.is(p, proposal.Approved, "proposed approved")
		if e.shopNow().RefundOverdraft == 300 {
			t.Fatal("it was done by nobody")
		}
		ended := together(2*len(e.nodes), func(i int) int {
			n, err := e.nodes[i%len(e.nodes)].Continue(e.ctx, 10)
			if err != nil {
				t.Error(err)
			}
			return n
		})
		e.is(p, proposal.Done, "proposed approved done")
		if e.shopNow().RefundOverdraft != 300 || slices.Max(ended) != 1 {
			t.Errorf("the overdraft is %d, the passes ended %v", e.shopNow().RefundOverdraft, ended)
		}
		again, err := e.Approve(e.ctx, bolot, p.ID, p.Digest())
		e.must(err) // Its approver asks again, as nobody answered.
		if again.Status != proposal.Done {
			t.Errorf("again %+v", again)
		}
	})
}

// flaky is an action that leaves the database: it fails as often as it is told, and counts what it did by name.
type flaky struct {
	fail error
	did  map[id.ID]int
}

type flakyBody struct {
	Amount int64 `json:"amount"`
}

func (f *flaky) kind() flow.Kind[flakyBody] {
	return flow.Kind[flakyBody]{Name: "test.flaky",
		Plan: func(_ context.Context, _ *flow.Registry, _ id.ID, b *flakyBody) ([]proposal.Line, error) {
			if b.Amount < 0 {
				return nil, fault.New(fault.AmountInvalid).On("amount")
			}
			return []proposal.Line{{Name: "amount", After: "x"}}, nil
		},
		Apply: func(_ context.Context, p proposal.Proposal, _ flakyBody) (string, error) {
			if f.did[p.ID]++; f.fail != nil {
				return "", f.fail
			}
			return "made", nil
		}}
}

// TestWhatCannotBeDoneNowIsDoneLater, and what can never be done has failed.
func TestWhatCannotBeDoneNowIsDoneLater(t *testing.T) {
	e := newEyes(t, memory(t), true)
	f := &flaky{did: map[id.ID]int{}}
	flow.Register(e.Proposals, f.kind())
	_, err := e.Ask(e.ctx, flow.Ask{By: anna, Action: "test.flaky", Body: flakyBody{-1}})
	e.wants(err, fault.AmountInvalid)
	later, never := e.ask("test.flaky", "", flakyBody{1}), e.ask("test.flaky", "", flakyBody{2})
	for _, passing := range []error{errors.New("the network is down"), fault.New(fault.OutOfService), fault.New(fault.InternalError)} {
		f.fail = passing
		p, err := e.Approve(e.ctx, bolot, later.ID, later.Digest())
		e.must(err)
		if p.Status != proposal.Approved {
			t.Errorf("after %v it is %s", passing, p.Status)
		}
	}
	f.fail = fault.New(fault.AlreadyPaid).Because("it was paid")
	p, err := e.Approve(e.ctx, bolot, never.ID, never.Digest())
	e.must(err)
	if p.Status != proposal.Failed || !strings.Contains(p.Outcome, "it was paid") {
		t.Errorf("what can never be done is %s: %s", p.Status, p.Outcome)
	}
	f.fail = nil
	if n, err := e.Continue(e.ctx, 10); n != 1 || err != nil {
		t.Errorf("the pass ended %d, %v", n, err)
	}
	e.is(later, proposal.Done, "proposed approved done")
	if f.did[later.ID] != 4 || f.did[never.ID] != 1 {
		t.Errorf("it was tried %v times", f.did)
	}
}

// TestWithoutFourEyesItIsDoneAtOnceAndWrittenDown, and a refusal leaves nothing behind.
func TestWithoutFourEyesItIsDoneAtOnceAndWrittenDown(t *testing.T) {
	everyPlace(t, func(t *testing.T, place place) {
		e := newEyes(t, place, false)
		p := e.overdraft(400)
		e.is(p, proposal.Done, "done")
		if e.shopNow().RefundOverdraft != 400 || !p.AtOnce || p.ProposedBy != anna {
			t.Errorf("the shop is %+v after %+v", e.shopNow(), p)
		}
		l := e.ask(flow.ActSetLimits, e.shop, flow.LimitsBody{Daily: 9000})
		e.is(l, proposal.Done, "done")
		if got, err := e.registry.Limits(e.ctx, e.shop); err != nil || got.Daily != 9000 {
			t.Errorf("the limits are %+v, %v", got, err)
		}
		_, err := e.Ask(e.ctx, flow.Ask{By: anna, Action: flow.ActSetOverdraft, Target: e.shop, Body: flow.OverdraftBody{RefundOverdraft: -1}})
		e.wants(err, fault.AmountInvalid)
		_, err = e.Ask(e.ctx, flow.Ask{By: anna, Action: "no.such", Target: e.shop})
		e.wants(err, fault.InvalidRequest)
		all, _, err := e.List(e.ctx, store.ProposalFilter{Target: e.shop, Limit: 9})
		e.must(err)
		if len(all) != 2 {
			t.Errorf("%d are written down", len(all))
		}
	})
}

// TestNobodyDecidesInTime: reads and the pass end what has waited three days.
func TestNobodyDecidesInTime(t *testing.T) {
	e := newEyes(t, memory(t), true)
	read, passed, young := e.overdraft(1), e.overdraft(2), proposal.Proposal{}
	e.clock.Advance(proposal.Life - time.Minute)
	young = e.overdraft(3)
	e.clock.Advance(time.Minute)
	p, events, err := e.Proposal(e.ctx, read.ID)
	e.must(err)
	if p.Status != proposal.Expired || len(events) != 2 {
		t.Errorf("read after its time it is %s with %d events", p.Status, len(events))
	}
	_, err = e.Approve(e.ctx, bolot, passed.ID, passed.Digest())
	e.wants(err, fault.ProposalEnded)
	e.is(passed, proposal.Expired, "proposed expired")
	more := e.overdraft(4)
	e.clock.Advance(proposal.Life)
	if n, err := e.Continue(e.ctx, 10); n != 2 || err != nil {
		t.Errorf("the pass ended %d, %v", n, err)
	}
	e.is(more, proposal.Expired, "proposed expired")
	e.is(young, proposal.Expired, "proposed expired")
	if e.shopNow().RefundOverdraft != 0 {
		t.Error("something was done")
	}
}

// TestALimitThatIsApprovedHoldsAtOnce for the next payment, on the node that approved it.
func TestALimitThatIsApprovedHoldsAtOnce(t *testing.T) {
	e := newEyes(t, memory(t), true)
	_, err := e.registry.Limits(e.ctx, e.shop)
	e.must(err)
	p := e.ask(flow.ActSetLimits, e.shop, flow.LimitsBody{Most: 50})
	_, err = e.Approve(e.ctx, bolot, p.ID, p.Digest())
	e.must(err)
	if l, err := e.registry.Limits(e.ctx, e.shop); err != nil || (l.Most != 50) || (l == payment.Limits{}) {
		t.Errorf("the limits are %+v, %v", l, err)
	}
}
