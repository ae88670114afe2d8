package sandbox_test

import (
	"context"
	"testing"
	"time"

	"tolom/sandbox"
	"tolom/wire"
)

// wait lets the bank work for a time.
func (r *real) wait(d time.Duration) {
	r.t.Helper()
	until := r.clock.Now().Add(d)
	for r.clock.Now().Before(until) {
		did, err := r.bank.Step(context.Background())
		r.must(err)
		if did == 0 {
			r.clock.Advance(5 * time.Second)
		}
	}
}

// TestALostReplyIsACaseThatHeals: the bank cannot reach the platform after its execute;
// its daily comparison finds what it does not know, and the next one that it knows it by then.
func TestALostReplyIsACaseThatHeals(t *testing.T) { bothWays(t, lostReplyHeals) }

func lostReplyHeals(r *real) {
	ctx := context.Background()
	for range 3 { // of which the bank knows everything
		r.buy(10_00)
	}
	for _, call := range []string{"execute", "state"} {
		r.must(r.faults.Add(sandbox.Fault{Trouble: sandbox.LoseReply, Call: call, Times: 1000}))
	}
	p := r.buy(25_00)
	if p.Stage != sandbox.Executing {
		r.t.Fatalf("the purchase is %s", p.Stage)
	}
	r.wait(11 * time.Minute)
	found := r.bank.LastCompared()
	if found.Same != 3 || found.Expected != 1 || found.Mismatched != 0 {
		r.t.Fatalf("the comparison finds %+v", found)
	}
	cases, err := r.psp().Cases(ctx, "open", "", 10)
	r.must(err)
	if len(cases.Data) != 1 || cases.Data[0].Reason != "outcome_not_asked" || cases.Data[0].Name != p.ID || cases.Data[0].Theirs[0].Status != "in_process" {
		r.t.Fatalf("the cases are %+v", cases.Data)
	}
	_, err = r.psp().CommentCase(ctx, cases.Data[0].ID, "our line to you is down")
	r.must(err)
	r.faults.Clear()
	r.wait(12 * time.Minute)
	if found = r.bank.LastCompared(); found.Same != 4 || found.Expected+found.Mismatched != 0 || found.Healed != 1 {
		r.t.Errorf("the next comparison finds %+v", found)
	}
	healed, err := r.psp().Case(ctx, cases.Data[0].ID)
	r.must(err)
	if healed.Status != "closed" || len(healed.History) != 3 {
		r.t.Errorf("the case is %s with %d lines of history", healed.Status, len(healed.History))
	}
	r.agree()
}

// TestTroubleOfTheComparisonItselfIsNoCase: calls of it are lost and sent twice.
func TestTroubleOfTheComparisonItselfIsNoCase(t *testing.T) {
	r := newReal(t)
	r.buy(10_00)
	for _, trouble := range []sandbox.Trouble{sandbox.LoseReply, sandbox.Twice, sandbox.LoseCall} {
		r.must(r.faults.Add(sandbox.Fault{Trouble: trouble, Call: "reconcile"}))
		r.wait(11 * time.Minute)
	}
	r.wait(11 * time.Minute)
	if found := r.bank.LastCompared(); found.Same != 1 || found.Expected+found.Mismatched != 0 {
		t.Errorf("the comparison finds %+v", found)
	}
}

// buy has a payer pay a new request.
func (r *real) buy(amount int64) sandbox.Purchase {
	r.t.Helper()
	offer, err := r.bank.Scan(context.Background(), "payer-3", r.sell(wire.NewPaymentRequest{Amount: amount}).Link, 0)
	r.must(err)
	p, err := r.bank.Pay(context.Background(), offer.ID, 0)
	r.must(err)
	return p
}
