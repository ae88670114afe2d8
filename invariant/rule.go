package invariant

// Rule is one thing that must always hold.
type Rule string

// The rules that an audit checks, in the words in which a broken one is reported.
const (
	Rows      Rule = "a row is possible in itself"
	Counts    Rule = "a request counts the payments that succeeded, a dynamic one at most one"
	Told      Rule = "what happened is told by exactly one fact, in the same words"
	Waits     Rule = "a payment is kept as waiting exactly while it is created"
	Refunded  Rule = "a payment's refunds add up to what it says of them"
	Books     Rule = "a fact moves exactly what its kind moves"
	Balances  Rule = "a balance is the fold of the entries"
	Conserved Rule = "all balances together are zero"
	Numbering Rule = "positions and sequences have no gaps, and every fact of a numbered batch has one place"
	Names     Rule = "a payment, an order and a refund hold their names"
	Taken     Rule = "a name that is taken belongs to what it was taken for"
	Owners    Rule = "everything about a payment belongs to its merchant and its PSP"
	Amounts   Rule = "a payment is of the amount that its request asks for"
	Times     Rule = "nothing is paid after its time, and nothing expires before it"
	Lives     Rule = "nothing waits for a request that has ended, and a payer has one payment that waits"
	Positions Rule = "positions, counted from the payments, are those of the ledger and sum to zero"
	Counted   Rule = "a limit counts exactly the payments that count for it"
	Capped    Rule = "no position and no day passes its cap"
	Priced    Rule = "a payment costs what the tariff that held at its creation says"
	Days      Rule = "each numbered fact is in one business day, and a day counts all of its own"
	Nets      Rule = "the positions of a closed day are what its facts come to, and sum to zero"
	PaidOut   Rule = "a payout is what was owed at the cut-off less what was held; nothing is paid twice or forgotten"
	Settled   Rule = "what is settled has left the accounts once, and weighs in no limit"
	Corrected Rule = "suspense holds of each case what its corrections put there, and nothing of a closed one"
	Offers    Rule = "an endpoint was offered each event up to its cursor once"
)

// The rules that a Witness and CompareBooks check: they speak of what is outside
// of the database.
const (
	Kept       Rule = "what an actor was told is kept, and an end is told once and for all"
	Asked      Rule = "nothing is done that nobody asked for"
	OnTime     Rule = "no time that was told lies ahead of the database's clock"
	SameAnswer Rule = "the same idempotency key gets the same answer"
	Tenants    Rule = "nobody is told of what belongs to another"
	Ended      Rule = "at rest every payment has ended"
	Arrived    Rule = "at rest every event has reached every endpoint that listens"
	BothSides  Rule = "success is debited at the PSP and nothing else is; what was canceled is released"
)

// Audited lists the rules that an audit of a database checks.
var Audited = []Rule{
	Rows, Amounts, Priced, Times, Lives, Counts, Owners, Waits, Refunded, Told, Books, Balances, Conserved, Positions, Counted, Capped,
	Numbering, Days, Nets, PaidOut, Settled, Corrected, Offers, Names, Taken,
}

// Witnessed lists the rules that need to know what was asked for and told, or the books of the PSPs.
var Witnessed = []Rule{Kept, Asked, OnTime, SameAnswer, Tenants, Ended, Arrived, BothSides}
