package view

import "tolom/money"

// Days lists business days, and shows the one that is going on.
type Days struct {
	Frame
	Going, Ends string // date of the day that is going on, and when it ends; "" while nothing has happened
	End         string // address of the form that ends it before its time; "" when the person may not
	Typed       string // the reason that a refused form gave
	Error       string
	Rows        []ProposalRow
	Next        string // address of older ones
	Calendar    string // address of the calendar of banking days
}

// DayDetail is one business day: what it comes to for each participant, its files and its payouts.
type DayDetail struct {
	Frame
	Back, Date string
	Tone       Tone
	Status     string
	Details    []Field
	Positions  []PositionRow
	Sum        string // of all positions, in words; "" while there are none
	SumTone    Tone
	Answer     string // address of the form for the central bank's answer; "" when none is waited for, or the person may not
	Submit     string // address of the form that submits a refused day again; "" otherwise
	Message    string // the file that is answered
	Typed      string
	Error      string
	Files      []DepositRow
	Payouts    []DepositRow
	Next       string // address of the following payouts
}

// PositionRow is what a day comes to for one participant.
type PositionRow struct {
	Name, About string
	Parts       []Field
	Net         string
}

// Payouts lists what a merchant was paid out.
type Payouts struct {
	Frame
	Title, Hint string
	Note        string // what keeps money from being paid out
	None        string // what is said of an empty list
	Later       string // address of what follows in a list that has no newest
	Rows        []DepositRow
	Next        string // address of older ones
}

// PayoutDetail is one payout and how it comes about.
type PayoutDetail struct {
	Frame
	Back, BackName string
	Title          string
	Amount         money.Amount
	Tone           Tone
	Status         string
	Parts          []Field // the last is what they come to
	Details        []Field
	Payments       string // address of the payments that it holds; "" where they are not shown
	Answer         string // address of the form for the bank's answer; "" when none is waited for, or the person may not
	Typed, Error   string
}
