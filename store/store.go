// Package store is the only room that speaks SQL. It keeps the platform's data
// in SQLite, in PostgreSQL, or in memory for simulation; one conformance suite
// holds the three to the same behaviour.
//
// Powers are split by handle: a Reader cannot write, a Ledger writes money and
// only through the engine, a Desk keeps reference data, a Post numbers and
// delivers what is told, a Trail keeps hashes of what was told, an Auditor reads everything. A report that is given a
// Reader cannot move money.
package store

import (
	"context"
	"errors"
	"time"

	"tolom/id"
	"tolom/ledger"
	"tolom/money"
	"tolom/payment"
	"tolom/settlement"
)

// Store is everything one database can do. Only cmd holds it whole.
type Store interface {
	Reader
	Ledger
	Desk
	Post
	Trail
	Deeds
	Days
	Files
	Auditor
	Secrets
	Eraser
	Reconciling
	Moves
	Reports
	// Ping says whether the database answers and can be written to.
	Ping(ctx context.Context) error
	Close() error
}

// The errors of a store. Others are permanent: the same call fails again.
var (
	// ErrNotFound says that there is no such row.
	ErrNotFound = errors.New("store: not found")
	// ErrTaken says that a unique name is another's.
	ErrTaken = errors.New("store: the name is taken")
	// ErrRetry says that the transaction was rolled back for a passing reason
	// (serialisation, deadlock, busy, a lost connection before commit) and may run again.
	ErrRetry = errors.New("store: rolled back, try again")
	// ErrUnknown says that a commit was sent and its outcome is not known; Settle finds it out.
	ErrUnknown = errors.New("store: the outcome of the commit is unknown")
	// ErrStale says that a row changed under a compare-and-swap although its
	// request was locked. It is an assertion: it never happens unless a rule of this room is broken.
	ErrStale = errors.New("store: a row changed under its lock")
)

// GuardError says that guarded accounts would pass their floor. Nothing of the
// transaction may be kept; the caller rolls back and runs again with these locked.
type GuardError struct{ Accounts []ledger.Account }

// Error names the accounts.
func (e *GuardError) Error() string {
	s := "store: below its floor:"
	for _, a := range e.Accounts {
		s += " " + a.Code
	}
	return s
}

// Ledger is the write path of money. Only the engine holds it.
type Ledger interface {
	// Begin opens a transaction, READ COMMITTED where the database knows levels.
	// ErrRetry when no connection can be had.
	Begin(ctx context.Context) (Tx, error)
	// Settle decides the outcome of a batch whose Commit gave ErrUnknown, on a
	// fresh connection: it inserts the batch as a tombstone, which waits for the
	// old transaction and then conflicts (true: it was committed) or wins (false:
	// it never can be). An error means that the database does not answer yet.
	Settle(ctx context.Context, batch Batch) (committed bool, err error)
	// SetLimits gives an owner its limits, for every transaction from now on, on
	// all nodes: it waits until those that are open have ended, and others wait for
	// it. A counter that was not kept before starts from what is in the books. May
	// be called again after any error.
	SetLimits(ctx context.Context, l payment.Limits) error
}

// Batch names one commit. Its id is claimed first and makes the outcome findable.
type Batch struct {
	ID     id.ID
	Bucket uint16
}

// Claim is a name that may be taken once. Bucket is id.BucketOf(Scope, Key).
type Claim struct {
	Bucket      uint16
	Scope, Key  string
	Fingerprint string // digest of the body that came with the name
	Object      id.ID  // what the name was taken for; empty in a tombstone
	Outcome     string // "" for a success, the fault code of a kept refusal, Tombstone
	CreatedAt   time.Time
}

// Tombstone is the outcome of a claim that can never become an object.
const Tombstone = "tombstone"

// Name is a claim's name alone.
type Name struct{ Scope, Key string }

// Need is what one command must see, locked, before it decides.
type Need struct {
	Request  id.ID // locked; every other row is covered by this lock
	Payment  id.ID // loaded when not empty
	Refund   id.ID // loaded with its payment when not empty
	Live     bool  // load all created payments of the request
	Rivals   bool  // the same if the request is dynamic: those that an execute would beat
	PayerKey string
	PSP      id.ID  // its limits are loaded; with PayerKey also the payer's created payments of the request
	Merchant id.ID  // of the request, where the caller knows it: its limits are then found sooner
	Payout   id.ID  // locked and loaded
	File     string // the message of a made file, which is locked and loaded: until the commit nobody else writes it
}

// Tx is one transaction of the engine, used in this order: Claim, Load, Save, Commit.
// After an error only Rollback may follow. A Tx is used by one goroutine.
type Tx interface {
	// Claim inserts the batch id, then the claims in order of (bucket, scope, key)
	// where the name is free. It returns those that were taken before, as stored;
	// it waits for another transaction that is taking one of them.
	Claim(ctx context.Context, batch Batch, claims []Claim) (taken []Claim, err error)
	// Load locks the named requests and then the named balances, each in key
	// order, loads what the needs ask for, and reads the database's clock once
	// the rows are locked. Requests that do not exist are absent from the view.
	Load(ctx context.Context, needs []Need, lock []ledger.Account) (View, error)
	// Save writes the changes. *GuardError when a floor would be passed.
	Save(ctx context.Context, c Changes) error
	// Commit makes it durable. ErrUnknown when the answer was lost; ErrRetry when
	// it is certain that nothing was written. It must not be cancelled midway:
	// implementations ignore the cancellation of ctx.
	Commit(ctx context.Context) error
	// Rollback undoes everything; harmless after Commit.
	Rollback()
}

// View is what Load saw, under its locks.
type View struct {
	Now      time.Time // the database's clock, UTC, whole milliseconds
	States   map[id.ID]payment.State
	Payouts  map[id.ID]settlement.Payout     // that needs name
	Files    map[string]File                 // that needs name, by their messages
	Balances map[ledger.Account]money.Amount // of the accounts that were locked
	// Caps are the limits of the merchants of the states, and of the PSPs of the
	// needs and of the payments in the states. They cannot change before the commit.
	Caps payment.Caps
}

// Changes are all rows of one commit.
type Changes struct {
	Batch       Batch
	Now         time.Time
	NewRequests []payment.Request
	Requests    []payment.Request // Version is the one loaded; it is stored plus one
	NewPayments []payment.Payment
	Payments    []payment.Payment
	NewRefunds  []payment.Refund
	Refunds     []payment.Refund
	NewPayouts  []settlement.Payout
	Payouts     []settlement.Payout
	Totals      []Total
	Facts       []payment.Fact
	Entries     []Entry
	Deltas      []Delta
	Dropped     []Name // claims taken in this batch by commands that were refused
	Outcomes    []Claim
}

// Total is a step of a static request's running count and sum.
type Total struct {
	Request id.ID
	Slice   int
	Amount  money.Amount
	Count   int64
}

// Entry is a ledger entry as a row: the Leg-th entry of a fact's transfer.
type Entry struct {
	Fact id.ID
	Leg  int
	At   time.Time
	ledger.Entry
}

// Delta is the change of one slice of a balance. A guarded one has its floor:
// the balance after it must be ≥ Floor. Unguarded ones are never refused.
type Delta struct {
	Account ledger.Account
	Slice   int // 0 for guarded accounts
	Amount  money.Amount
	Guarded bool
	Floor   money.Amount
}

// Slices is how many rows a striped balance is spread over.
const Slices = 16
