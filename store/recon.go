package store

import (
	"context"
	"time"

	"tolom/id"
	"tolom/money"
	"tolom/recon"
)

// Reconciling keeps comparisons of our books with others' and what came of them. It
// reads payments and never writes them.
type Reconciling interface {
	// Moved gives the lines of a PSP's book in our words: payments that succeeded and
	// refunds that were given in [from, to), in no order.
	Moved(ctx context.Context, psp id.ID, from, to time.Time) ([]recon.Line, error)
	// OpenRun writes a new run, or gives the one that the owner has under this name; made says which.
	OpenRun(ctx context.Context, r ReconRun) (run ReconRun, made bool, err error)
	// ReconRun gives a run; ErrNotFound.
	ReconRun(ctx context.Context, name id.ID) (ReconRun, error)
	// ReconRunNamed gives the run of an owner's name; ErrNotFound.
	ReconRunNamed(ctx context.Context, owner id.ID, name string) (ReconRun, error)
	// ReconRuns gives an owner's runs, newest first, older than before; all owners' for the empty one.
	ReconRuns(ctx context.Context, owner, before id.ID, limit int) ([]ReconRun, error)
	// SaveRun writes a run that still has the version with which it was read, and
	// changes of cases, all or nothing. ErrStale; ErrTaken when another case of one of
	// the names is open.
	SaveRun(ctx context.Context, r ReconRun, changes []CaseChange) error
	// SaveCases writes changes of cases, all or nothing. ErrStale, ErrTaken as SaveRun.
	SaveCases(ctx context.Context, changes []CaseChange) error
	// Case gives a case; ErrNotFound.
	Case(ctx context.Context, name id.ID) (ReconCase, error)
	// Cases gives the cases that fit, newest first.
	Cases(ctx context.Context, f CaseFilter) ([]ReconCase, error)
	// CaseNotes gives what happened to a case, in order.
	CaseNotes(ctx context.Context, name id.ID) ([]CaseNote, error)
	// DueCases gives open cases whose time is over at a moment, the longest first.
	DueCases(ctx context.Context, now time.Time, limit int) ([]ReconCase, error)
	BankStatements
}

// RunState is where a run stands.
type RunState string

// The states of a run.
const (
	RunAsking RunState = "asking" // the other side has to tell more
	RunDone   RunState = "done"
)

// ReconRun is one comparison with a PSP, or with the bank that a PSP belongs to.
type ReconRun struct {
	ID          id.ID
	Owner       id.ID  // the PSP
	Book        string // "payments" or "payouts"
	Name        string // the owner's own name for it, unique for ever
	Fingerprint string // digest of what began it
	Origin      string // "digests" or "file"
	Period      recon.Range
	State       RunState
	Search      recon.Search
	Same        int64
	Expected    int64
	Mismatched  int64
	Healed      int64 // cases that it closed
	CreatedAt   time.Time
	EndedAt     time.Time
	Version     int64
}

// CaseStatus is where a case stands.
type CaseStatus string

// The states of a case. Closed is final: the same difference later is another case.
const (
	CaseOpen      CaseStatus = "open"
	CaseExplained CaseStatus = "explained" // somebody wrote why it is so; nothing has changed yet
	CaseProposed  CaseStatus = "proposed"  // a correction waits for a second pair of eyes
	CaseFixed     CaseStatus = "fixed"     // a correction was booked; the other side's book may still show it
	CaseClosed    CaseStatus = "closed"
)

// ReconCase is a difference that both sides see until it is gone.
type ReconCase struct {
	ID     id.ID
	Owner  id.ID // the PSP
	Run    id.ID // the last that showed it
	Kind   recon.Kind
	Name   string // of the payment, refund or payout, as lines have it
	Class  recon.Class
	Reason recon.Reason
	Action recon.Action
	Status CaseStatus
	Ours   []recon.Line
	Theirs []recon.Line
	Now    []recon.Line // what we have now; none or one
	Period recon.Range  // of the run
	Shift  money.Amount // how much more the PSP owes by its book; see recon.Verdict
	Fixed  money.Amount // how much of it was booked into suspense and not yet out of it
	// Proposal is the correction that waits, or the last one that was decided.
	Proposal  id.ID
	DueAt     time.Time // when an expected one is looked at again; zero for others
	CreatedAt time.Time
	UpdatedAt time.Time
	ClosedAt  time.Time
	Version   int64
}

// CaseNote is a line of a case's history: a change, or a comment of somebody.
type CaseNote struct {
	Case   id.ID
	Number int64 // the version of the case after it
	At     time.Time
	Side   string // "psp", "operator" or "platform"
	By     id.ID  // who of the side; empty for the platform
	ByName string
	Kind   string // "opened", "comment", "judged", "explained", "proposed", "fixed", "resolved", "closed"
	Status CaseStatus
	Body   string
}

// CaseChange is a case as it becomes, with the note of the change. Version is the one
// that was read, 0 for a new case; the note's number follows from it.
type CaseChange struct {
	Case ReconCase
	Note CaseNote
}

// CaseFilter narrows a list of cases; zero fields do not.
type CaseFilter struct {
	Owner  id.ID
	Run    id.ID // the last that showed it
	Status CaseStatus
	Class  recon.Class
	Open   bool // not closed
	Before id.ID
	Limit  int
}
