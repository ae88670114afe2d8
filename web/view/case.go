package view

import "time"

// Cases lists differences between our books and those of PSPs.
type Cases struct {
	Frame
	Tabs []Tab
	Rows []ProposalRow
	Next string
}

// CaseDetail is one difference, with what both sides have and what happened. The
// addresses of forms are "" for what may not be done.
type CaseDetail struct {
	Frame
	Back                 string
	What, Whom           string // the reason in words; whose it is
	Tone                 Tone
	Status               string
	Hint                 string // what is proposed
	Details              []Field
	Sides                []CaseLine
	Comment, Explain     string
	Close, Fix           string
	Amount               string // proposed for the correction
	FixOut               bool   // the correction takes money out of suspense
	Typed, Error, Waiter string // Waiter is the address of the proposal that waits
	Events               []ProposalEvent
}

// CaseLine is a line of one side's book.
type CaseLine struct {
	Side, Amount, Status string
	At                   time.Time
}

// Deposits lists the statements of a merchant's bank, and takes another.
type Deposits struct {
	Frame
	Upload string
	Rows   []ProposalRow
	Next   string
	Error  string
	Most   string // how large a file may be
}

// Deposit is one statement: each credit with its payout, and payouts without a credit.
type Deposit struct {
	Frame
	Back    string
	Title   string
	Details []Field
	Credits []DepositRow
	Missing []DepositRow
	More    bool // there are more credits than are shown
}

// DepositRow is a credit or a payout.
type DepositRow struct {
	Link, What, About string
	Amount            string
	Tone              Tone
	Word              string
}

// DepositParts is what one payout is made of.
type DepositParts struct {
	Frame
	Back    string
	Title   string
	Details []Field
	Rows    []DepositRow
	Next    string
}
