package engine

import (
	"tolom/fault"
	"tolom/flaw"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/settlement"
	"tolom/store"
)

// Command is one thing to do. The engine knows nothing more of it: what it
// claims, what it must see, and what it decides. Its methods are called by one
// lane; Decide may be called more than once and must be pure.
type Command interface {
	// Bucket is the shard of the request it is about; it picks the lane.
	Bucket() uint16
	// Class is how soon it goes when there is more to do than can be done.
	Class() Class
	// Claims are the names to be taken with it.
	Claims() []store.Claim
	// Need is what it must see. A Need without a request locks nothing.
	Need() store.Need
	// Decide judges the command.
	Decide(Sight) Outcome
}

// Sight is what a command sees when it decides, as of the moment its rows were locked.
type Sight struct {
	View  store.View
	State *payment.State // of the request it needs; nil when there is none
	Taken []store.Claim  // those of its own claims that were taken before
}

// TakenIn finds an earlier claim of the scope among the taken ones.
func (s Sight) TakenIn(scope string) (store.Claim, bool) {
	for _, c := range s.Taken {
		if c.Scope == scope {
			return c, true
		}
	}
	return store.Claim{}, false
}

// Outcome is what a command comes to: rows to write and what to tell the caller.
// A refused command may still carry changes (what the clock has ended); its
// claims are given back, but for those it keeps.
type Outcome struct {
	NewRequest *payment.Request
	Request    *payment.Request
	Payments   []payment.Payment
	Refunds    []payment.Refund
	NewPayouts []settlement.Payout
	Payouts    []settlement.Payout
	Paid       money.Amount // a step of a static request's running total
	Lines      []Line
	Counters   []ledger.Delta // steps of memo accounts, which no entry moves
	Guards     []Guard        // the first that does not hold is the refusal
	Result     any
	Refusal    *fault.Error
	Keep       []store.Claim // claims to keep in spite of the refusal, with their outcome
	GiveBack   bool          // the claims are given back although nothing was refused
}

// Line is a fact and what it moves.
type Line struct {
	Fact     payment.Fact
	Transfer ledger.Transfer
}

// Guard is the floor that a command's own steps down of an account must respect.
type Guard struct {
	Account ledger.Account
	Floor   money.Amount
	Takes   bool         // the floor must be respected also when the command's steps in all lead up
	Refusal *fault.Error // what the command is refused with below the floor
}

// claimsBack says whether the names that the command took are free again.
func (o Outcome) claimsBack() bool {
	return o.Refusal != nil && !flaw.Has(flaw.ClaimsKept) || o.GiveBack
}
