package flow

import (
	"tolom/books"
	"tolom/engine"
	"tolom/fault"
	"tolom/flaw"
	"tolom/id"
	"tolom/ledger"
	"tolom/payment"
	"tolom/store"
)

// command carries a decision of the payment room to the engine.
type command struct {
	need   store.Need
	class  engine.Class
	claims []store.Claim
	act    payment.Command
	guard  *engine.Guard
	// keep is the scope of the claim that remembers a refusal which will not
	// change, so that the same key gets the same answer; "" for none.
	keep string
	// pick takes from the state after the decision what the caller is told; it
	// is asked after a refusal too.
	pick func(payment.State) any
}

// taken is the result of a command whose names another had taken before.
type taken struct{ claims []store.Claim }

func (t taken) in(scope string) (store.Claim, bool) {
	return engine.Sight{Taken: t.claims}.TakenIn(scope)
}

func (c *command) Bucket() uint16        { return c.need.Request.Bucket() }
func (c *command) Class() engine.Class   { return c.class }
func (c *command) Claims() []store.Claim { return c.claims }
func (c *command) Need() store.Need      { return c.need }

func (c *command) Decide(s engine.Sight) engine.Outcome {
	if len(s.Taken) > 0 {
		return engine.Outcome{Result: taken{s.Taken}, GiveBack: true, Keep: c.answered(s.Taken)}
	}
	if s.State == nil {
		return engine.Outcome{Refusal: fault.New(fault.NotFound)}
	}
	d := payment.Decide(*s.State, within(c.act, s.View.Caps), s.View.Now)
	out := engine.Outcome{
		Request: d.Request, Payments: d.Payments, Refunds: d.Refunds, Paid: d.Paid,
		Lines: lines(d.Facts), Refusal: d.Refusal,
	}
	if c.guard != nil {
		out.Guards = append(out.Guards, *c.guard)
	}
	count(&out, books.Counters(s.View.Caps, s.State.Payments, d.Payments))
	if c.pick != nil {
		out.Result = c.pick(after(*s.State, d))
	}
	out.Keep = kept(c.claims, c.keep, d.Refusal)
	return out
}

// answered gives the claim on a new key that was answered with what another name stands for: the key then stands for
// it too, so that the same key with another body is refused.
func (c *command) answered(by []store.Claim) []store.Claim {
	if _, known := (taken{by}).in(c.keep); c.keep == "" || known {
		return nil
	}
	for _, own := range c.claims {
		if own.Scope == c.keep {
			own.Object = by[0].Object
			return []store.Claim{own}
		}
	}
	return nil
}

// within gives a create the limits on one payment that hold at its commit.
func within(act payment.Command, caps payment.Caps) payment.Command {
	create, ok := act.(payment.Create)
	if !ok {
		return act
	}
	create.Within = caps.Range(create.Payment.Merchant, create.Payment.PSP)
	return create
}

// count puts the steps of counters into an outcome. What is used stands below
// zero in its account, so a cap is a floor. What only frees a limit is always
// welcome; what takes something must fit, also when it frees more at once, as a
// payment does that comes when others of its request are overdue.
func count(out *engine.Outcome, steps []books.Count) {
	for _, x := range steps {
		out.Counters = append(out.Counters, ledger.Delta{Account: x.Account, Amount: -x.Used})
		if flaw.Has(flaw.CapPassed) {
			x.Cap += x.Used - 1
		}
		if x.Takes && !flaw.Has(flaw.LimitUnguarded) {
			out.Guards = append(out.Guards, engine.Guard{Account: x.Account, Floor: -x.Cap, Takes: true, Refusal: fault.New(x.Refusal)})
		}
	}
}

// lines puts each fact beside what it moves.
func lines(facts []payment.Fact) []engine.Line {
	out := make([]engine.Line, len(facts))
	for i, f := range facts {
		out[i] = engine.Line{Fact: f, Transfer: books.Transfer(f)}
	}
	return out
}

// after gives the state as the decision leaves it, its changed rows first.
func after(s payment.State, d payment.Decision) payment.State {
	out := payment.State{Request: s.Request}
	if d.Request != nil {
		out.Request = *d.Request
	}
	out.Payments = append(append(out.Payments, d.Payments...), s.Payments...)
	out.Refunds = append(append(out.Refunds, d.Refunds...), s.Refunds...)
	return out
}

// pickPayment finds a payment in the state after a decision.
func pickPayment(want id.ID) func(payment.State) any {
	return func(s payment.State) any {
		for _, p := range s.Payments {
			if p.ID == want {
				return p
			}
		}
		return payment.Payment{}
	}
}

func pickRefund(want id.ID) func(payment.State) any {
	return func(s payment.State) any {
		for _, r := range s.Refunds {
			if r.ID == want {
				return r
			}
		}
		return payment.Refund{}
	}
}

func pickRequest(s payment.State) any { return s.Request }

// claim makes a claim on a name.
func claim(scope, key, fingerprint string, object id.ID) store.Claim {
	return store.Claim{Bucket: id.BucketOf(scope, key), Scope: scope, Key: key, Fingerprint: fingerprint, Object: object}
}
